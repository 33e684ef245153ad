import DemoMoodle
import TestSupport
import Testing
import Wire

/// The API for one SCO, case by case: what the SCORM 1.2 Run-Time Environment (section 3) and the SCORM 2004 4th Edition
/// Run-Time Environment (sections 3.1 and 4.2) say, written anew from the steps of ADL's test plan.
@Suite("SCORM's API for one SCO", .serialized, .needsBrowser) struct ScormConformanceTests {
  /// A call, what it answers and the error's code after it.
  struct Case: CustomTestStringConvertible {
    let call: [String]
    let answer: String
    let error: Int
    init(_ call: String..., answer: String, _ error: Int = 0) {
      self.call = call
      self.answer = answer
      self.error = error
    }
    var testDescription: String { call.joined(separator: " ") }
  }

  /// Makes the calls in order in a page of a launched learner.
  private func check(_ version: String, _ engine: WebDriver.Engine, _ cases: [Case]) throws {
    let body =
      "<iframe id=frame data-passerelle-grain=bienvenue data-passerelle-scorm=\(version) data-src=\"/content.html\"></iframe>"
    let pages = ["/": Studio.head + Studio.body + body, "/content.html": "<!doctype html><button>x</button>"]
    try Studio.run(pages, engine: engine) { studio in
      try studio.enter()
      let prefix = version == "1.2" ? "LMS" : ""
      try studio.browser.wait(until: "the API is there") {
        let isThere = "const o = document.querySelector('#frame').contentWindow; return !!(o.API ?? o.API_1484_11)"
        return try studio.browser.run(isThere) == true
      }
      for each in cases {
        let got = try studio.browser.run(
          """
          const outer = document.querySelector("#frame").contentWindow;
          const api = outer.API ?? outer.API_1484_11;
          const [name, ...rest] = arguments[0];
          return [api[name](...rest), api[arguments[1] + "GetLastError"]()];
          """, [.array(each.call.map(JSONValue.string)), .string(prefix)])
        #expect(got == [.string(each.answer), .string(String(each.error))], "\(each.call): \(got)")
      }
    }
  }

  @Test(
    "SCORM 1.2: the life of the API, keywords, reading and writing, types, counts",
    arguments: WebDriver.Engine.installed)
  func version12(engine: WebDriver.Engine) throws {
    try check(
      "1.2", engine,
      [
        // Before the beginning.
        Case("LMSGetValue", "cmi.core.lesson_status", answer: "", 301),
        Case("LMSSetValue", "cmi.core.lesson_status", "completed", answer: "false", 301),
        Case("LMSCommit", "", answer: "false", 301), Case("LMSFinish", "", answer: "false", 301),
        Case("LMSInitialize", "x", answer: "false", 201), Case("LMSInitialize", "", answer: "true"),
        Case("LMSInitialize", "", answer: "false", 101),
        // What is there from the beginning.
        Case("LMSGetValue", "cmi.core.lesson_status", answer: "not attempted"),
        Case("LMSGetValue", "cmi.core.entry", answer: "ab-initio"),
        Case("LMSGetValue", "cmi.core.credit", answer: "credit"),
        Case("LMSGetValue", "cmi.core.lesson_mode", answer: "normal"),
        Case("LMSGetValue", "cmi.core.student_name", answer: "Éloïse Lefèvre"),
        Case("LMSGetValue", "cmi.core.total_time", answer: "0000:00:00.00"),
        Case("LMSGetValue", "cmi.core.score.raw", answer: ""), Case("LMSGetValue", "cmi.suspend_data", answer: ""),
        Case("LMSGetValue", "cmi._version", answer: "3.4"),
        Case(
          "LMSGetValue", "cmi.core._children",
          answer:
            "student_id,student_name,lesson_location,credit,lesson_status,entry,score,total_time,lesson_mode,exit,session_time"
        ),
        Case("LMSGetValue", "cmi.core.score._children", answer: "raw,min,max"),
        Case("LMSGetValue", "cmi.objectives._children", answer: "id,score,status"),
        Case("LMSGetValue", "cmi.objectives._count", answer: "0"),
        // What may not be.
        Case("LMSGetValue", "cmi.core.lesson_status._children", answer: "", 202),
        Case("LMSGetValue", "cmi.core.score._count", answer: "", 401),
        Case("LMSGetValue", "cmi.core.lesson_status._count", answer: "", 203),
        Case("LMSGetValue", "cmi.objectives.0.id", answer: "", 201),
        Case("LMSGetValue", "cmi.core.exit", answer: "", 404), Case("LMSGetValue", "cmi.nothing", answer: "", 401),
        Case("LMSGetValue", "cmi.core.session_time", answer: "", 404),
        Case("LMSSetValue", "cmi.core.student_id", "x", answer: "false", 403),
        Case("LMSSetValue", "cmi.core.entry", "x", answer: "false", 403),
        Case("LMSSetValue", "cmi.launch_data", "x", answer: "false", 403),
        Case("LMSSetValue", "cmi.core._children", "x", answer: "false", 402),
        Case("LMSSetValue", "cmi.objectives._count", "x", answer: "false", 402),
        Case("LMSSetValue", "cmi.core.lesson_status", "done", answer: "false", 405),
        Case("LMSSetValue", "cmi.core.score.raw", "many", answer: "false", 405),
        Case("LMSSetValue", "cmi.core.session_time", "soon", answer: "false", 405),
        Case("LMSSetValue", "cmi.core.exit", "now", answer: "false", 405),
        Case("LMSSetValue", "cmi.objectives.3.id", "x", answer: "false", 201),
        // What is odd is borne.
        Case("LMSSetValue", "cmi.nothing", "x", answer: "true"), Case("LMSGetValue", "cmi.nothing", answer: "x"),
        Case("LMSSetValue", "cmi.suspend_data", String(repeating: "x", count: 9000), answer: "true"),
        Case("LMSGetValue", "cmi.suspend_data", answer: String(repeating: "x", count: 9000)),
        // What may be.
        Case("LMSSetValue", "cmi.core.lesson_status", "incomplete", answer: "true"),
        Case("LMSSetValue", "cmi.core.lesson_location", "7", answer: "true"),
        Case("LMSGetValue", "cmi.core.lesson_location", answer: "7"),
        Case("LMSSetValue", "cmi.core.score.raw", "", answer: "true"),
        Case("LMSSetValue", "cmi.core.score.raw", "85.5", answer: "true"),
        Case("LMSGetValue", "cmi.core.score.raw", answer: "85.5"),
        Case("LMSSetValue", "cmi.core.exit", "", answer: "true"),
        Case("LMSSetValue", "cmi.core.session_time", "00:00:02", answer: "true"),
        Case("LMSSetValue", "cmi.objectives.0.id", "o1", answer: "true"),
        Case("LMSSetValue", "cmi.objectives.0.score.raw", "1", answer: "true"),
        Case("LMSSetValue", "cmi.objectives.0.status", "passed", answer: "true"),
        Case("LMSGetValue", "cmi.objectives._count", answer: "1"),
        Case("LMSSetValue", "cmi.interactions.0.id", "q1", answer: "true"),
        Case("LMSSetValue", "cmi.interactions.0.student_response", "a", answer: "true"),
        Case("LMSSetValue", "cmi.interactions.0.objectives.0.id", "o1", answer: "true"),
        Case("LMSGetValue", "cmi.interactions.0.id", answer: "", 404),
        Case("LMSGetValue", "cmi.interactions._count", answer: "1"),
        Case("LMSSetValue", "cmi.student_preference.audio", "-1", answer: "true"),
        Case("LMSCommit", "", answer: "true"), Case("LMSCommit", "x", answer: "false", 201),
        Case("LMSGetErrorString", "403", answer: "Read only, or not initialized", 201),
        Case("LMSFinish", "", answer: "true"),
        // After the end.
        Case("LMSGetValue", "cmi.core.lesson_status", answer: "", 301),
        Case("LMSSetValue", "cmi.core.lesson_status", "completed", answer: "false", 301),
        Case("LMSFinish", "", answer: "false", 301),
      ])
  }

  @Test(
    "SCORM 2004: the life of the API, keywords, reading and writing, types, ranges, order",
    arguments: WebDriver.Engine.installed)
  func version2004(engine: WebDriver.Engine) throws {
    try check(
      "2004", engine,
      [
        Case("GetValue", "cmi.mode", answer: "", 122), Case("SetValue", "cmi.location", "1", answer: "false", 132),
        Case("Commit", "", answer: "false", 142), Case("Terminate", "", answer: "false", 112),
        Case("Initialize", "x", answer: "false", 201), Case("Initialize", "", answer: "true"),
        Case("Initialize", "", answer: "false", 103),
        Case("GetValue", "cmi._version", answer: "1.0"), Case("GetValue", "cmi.mode", answer: "normal"),
        Case("GetValue", "cmi.credit", answer: "credit"), Case("GetValue", "cmi.entry", answer: "ab-initio"),
        Case("GetValue", "cmi.completion_status", answer: "unknown"),
        Case("GetValue", "cmi.success_status", answer: "unknown"),
        Case("GetValue", "cmi.learner_name", answer: "Éloïse Lefèvre"),
        Case("GetValue", "cmi.total_time", answer: "PT0H0M0.00S"),
        Case("GetValue", "cmi.score.raw", answer: "", 403), Case("GetValue", "cmi.progress_measure", answer: "", 403),
        Case("GetValue", "cmi.score._children", answer: "scaled,raw,min,max"),
        Case("GetValue", "cmi.comments_from_lms._count", answer: "0"),
        Case("GetValue", "adl.nav.request_valid.continue", answer: "unknown"),
        Case("GetValue", "cmi.location._children", answer: "", 301),
        Case("GetValue", "cmi.location._count", answer: "", 301),
        Case("GetValue", "cmi.exit", answer: "", 405), Case("GetValue", "cmi.session_time", answer: "", 405),
        Case("GetValue", "cmi.nothing", answer: "", 401), Case("GetValue", "cmi.objectives.0.id", answer: "", 301),
        Case("SetValue", "cmi.learner_id", "x", answer: "false", 404),
        Case("SetValue", "cmi.mode", "browse", answer: "false", 404),
        Case("SetValue", "cmi.score._children", "x", answer: "false", 404),
        Case("SetValue", "cmi.completion_status", "passed", answer: "false", 406),
        Case("SetValue", "cmi.success_status", "completed", answer: "false", 406),
        Case("SetValue", "cmi.exit", "later", answer: "false", 406),
        Case("SetValue", "cmi.session_time", "00:00:02", answer: "false", 406),
        Case("SetValue", "cmi.score.scaled", "1.5", answer: "false", 407),
        Case("SetValue", "cmi.score.scaled", "x", answer: "false", 406),
        Case("SetValue", "cmi.progress_measure", "-0.1", answer: "false", 407),
        Case("SetValue", "cmi.objectives.1.id", "o", answer: "false", 351),
        Case("SetValue", "cmi.objectives.0.success_status", "passed", answer: "false", 408),
        Case("SetValue", "cmi.interactions.0.type", "choice", answer: "false", 408),
        Case("SetValue", "cmi.nothing", "x", answer: "true"),
        Case("SetValue", "cmi.objectives.undefined.progress_measure", "0.5", answer: "true"),
        Case("SetValue", "cmi.location", String(repeating: "x", count: 2000), answer: "true"),
        Case("SetValue", "cmi.session_time", "PT1H5M2.5S", answer: "true"),
        Case("SetValue", "cmi.session_time", "P1DT2S", answer: "true"),
        Case("SetValue", "cmi.score.scaled", "-0.5", answer: "true"),
        Case("SetValue", "cmi.score.raw", "3", answer: "true"), Case("GetValue", "cmi.score.raw", answer: "3"),
        Case("SetValue", "cmi.objectives.0.id", "o", answer: "true"),
        Case("SetValue", "cmi.objectives.0.success_status", "passed", answer: "true"),
        Case("GetValue", "cmi.objectives._count", answer: "1"),
        Case("SetValue", "cmi.interactions.0.id", "q", answer: "true"),
        Case("SetValue", "cmi.interactions.0.type", "long-fill-in", answer: "true"),
        Case("SetValue", "cmi.interactions.0.learner_response", "{\"a\":1}", answer: "true"),
        Case("GetValue", "cmi.interactions.0.learner_response", answer: "{\"a\":1}"),
        Case("SetValue", "cmi.interactions.0.learner_response", "{\"a\":2}", answer: "true"),
        Case("SetValue", "cmi.interactions.0.correct_responses.0.pattern", "a", answer: "true"),
        Case("SetValue", "cmi.comments_from_learner.0.comment", "good", answer: "true"),
        Case("SetValue", "cmi.exit", "suspend", answer: "true"), Case("Commit", "", answer: "true"),
        Case("Terminate", "", answer: "true"), Case("GetValue", "cmi.mode", answer: "", 123),
        Case("SetValue", "cmi.location", "1", answer: "false", 133), Case("Commit", "", answer: "false", 143),
        Case("Terminate", "", answer: "false", 113), Case("Initialize", "", answer: "false", 104),
      ])
  }
}
