import Foundation
import TestSupport
import Testing
import Wire

/// H5P players and quizzes that earn a grain by an attribute.
@Suite("Content that earns a grain by an attribute", .serialized, .needsBrowser) struct ContentPartTests {
  // MARK: - H5P

  /// A player as its own scripts make it: with a dispatcher, and the content's id on its element.
  private static let h5p = """
    <div id=player data-passerelle-h5p data-passerelle-grain=bienvenue><div data-content-id=first></div></div>
    <div id=second data-passerelle-h5p data-passerelle-grain=moodle><div data-content-id=other></div></div>
    <script>
    const listeners = [];
    setTimeout(() => (window.H5P = { externalDispatcher: { on: (name, act) => listeners.push(act) } }), 200);
    window.play = (statements) => statements.forEach((statement) => listeners.forEach((act) => act({ data: { statement } })));
    </script>
    """

  private func play(_ studio: Studio, _ statements: [JSONValue]) throws {
    try studio.browser.wait(until: "the player is heard") {
      try studio.browser.run("return listeners.length") == 1
    }
    try studio.browser.run("play(arguments[0])", [.array(statements)])
  }

  @Test(
    "The statements of real H5P players: the root's score counts, a part's never, answered until it is completed",
    arguments: WebDriver.Engine.installed)
  func h5pTraces(engine: WebDriver.Engine) throws {
    for (name, score) in [
      ("h5p-questionset-1.20-standalone-3.8.2-five-questions", "0.4"),
      ("h5p-truefalse-1.6-standalone-3.8.2-wrong-retry-right", "1"),
    ] {
      let only = Self.h5p.components(separatedBy: "\n").filter { !$0.contains("id=second") }.joined(separator: "\n")
      try Studio.run(["/": Studio.head + Studio.body + only], engine: engine) { studio in
        try studio.enter()
        let statements = (try ContentTrace(name).json.arrayValue ?? []).filter { $0["call"] == "(event) xAPI" }
          .compactMap { $0["args"]?.arrayValue?.first }
        #expect(statements.count > 2)
        try play(studio, statements)
        try studio.expectGrains(["bienvenue completed \(score)"])
      }
    }
  }

  @Test(
    "Scores out of range are clamped, 0 of 0 and null are no score, and each container hears its own content",
    arguments: WebDriver.Engine.installed)
  func h5pScores(engine: WebDriver.Engine) throws {
    for (score, row) in [
      (["min": 0, "max": 4, "raw": 5, "scaled": 1.25], "1"), (["min": 0, "max": 4, "raw": -1, "scaled": -0.25], "0"),
      (["min": 0, "max": 0, "raw": 0], "-"), (["min": 0, "max": .null, "raw": .null], "-"),
      (["min": 0, "max": 4, "raw": 3], "0.75"),
    ] as [(JSONValue, String)] {
      try Studio.run(["/": Studio.head + Studio.body + Self.h5p], engine: engine) { studio in
        try studio.enter()
        try play(
          studio,
          [
            XAPI.statement("attempted"), XAPI.statement("answered", ["min": 0, "max": 1, "raw": 1], part: true),
            XAPI.statement("completed", score),
            // What is answered after the end is part of looking at the solution.
            XAPI.statement("answered", ["min": 0, "max": 1, "raw": 1]),
          ])
        try studio.expectGrains(["bienvenue completed \(row)"])
        try play(studio, [XAPI.statement("answered", ["min": 0, "max": 2, "raw": 1], content: "other")])
        try studio.expectGrains(["bienvenue completed \(row)", "moodle completed 0.5"])
      }
    }
  }

  // MARK: - Quizzes

  @Test(
    "A quiz scores itself at submit: choices, several choices, lists and written answers; an open question asks first",
    arguments: WebDriver.Engine.installed)
  func quiz(engine: WebDriver.Engine) throws {
    let page = """
      <form id=quiz data-passerelle-grain=bienvenue data-passerelle-quiz>
        <fieldset id=one><input type=radio name=a id=a1><input type=radio name=a id=a2 data-passerelle-right></fieldset>
        <fieldset id=two><input type=checkbox name=b id=b1 data-passerelle-right><input type=checkbox name=b id=b2
          data-passerelle-right><input type=checkbox name=b id=b3></fieldset>
        <select id=three><option value="">?<option id=c1>1<option id=c2 data-passerelle-right>2</select>
        <input id=four data-passerelle-right="Île-de-France|IDF"><input id=free>
        <button id=send>OK</button>
      </form>
      """
    try Studio.run(["/": Studio.head + Studio.body + page], engine: engine) { studio in
      let browser = studio.browser
      try studio.enter()
      Studio.pause()
      try browser.click("#send")
      try browser.wait(for: "Answer every question", in: "#quiz p")
      #expect(try studio.grains() == [])
      for id in ["#a2", "#b1", "#c2"] { try browser.click(id) }
      try browser.type(" idf ", into: "#four")
      try browser.click("#send")
      try browser.wait(for: "3 out of 4", in: "#quiz p")
      try studio.expectGrains(["bienvenue completed 0.75"])
      #expect(try browser.count("#two[data-passerelle-answer=wrong]") == 1)
      #expect(try browser.count("#one[data-passerelle-answer=right]") == 1)
      try browser.click("#b2")
      #expect(try browser.count("#two[data-passerelle-answer]") == 0)
      try browser.wait(until: "the button is free") { try browser.count("[aria-busy]") == 0 }
      try browser.click("#send")
      try browser.wait(for: "4 out of 4", in: "#quiz p")
      try studio.expectGrains(["bienvenue completed 1"])
    }
  }
}
