import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// Packages of SCORM 1.2 and 2004 that are unzipped on the mini-site.
@Suite("SCORM packages on a page", .serialized, .needsBrowser) struct ScormTests {
  // MARK: - What real tools call

  /// Makes a trace's calls in a fresh page of a fresh launch; the learner touches the content where they did.
  private func visit(_ studio: Studio, _ trace: ContentTrace) throws {
    let browser = studio.browser
    try studio.enter()
    try browser.playPackage()
    for (index, half) in trace.halves.enumerated() {
      if index > 0 {
        try browser.enterFrame("#frame")
        try browser.enterFrame("iframe")
        try browser.click("#inside")
        try browser.leaveFrames()
      }
      let wrong = try browser.run(ContentTrace.replay, [half])
      #expect(wrong == [], "\(wrong)")
      // While the learner reads, what was said at the opening is looked at.
      Thread.sleep(forTimeInterval: 0.3)
    }
    // The page is left, and so is the package.
    try browser.click("#away")
    try browser.wait(for: "there", in: "#there")
  }

  @Test(
    "The calls of nine authoring tools are answered as recorded, their score and status are the grain's, and the second visit resumes",
    arguments: ScormTool.all, WebDriver.Engine.installed)
  func tools(_ tool: ScormTool, engine: WebDriver.Engine) throws {
    let first = try ContentTrace(tool.first)
    let version = first.version
    try Studio.run(ScormSite.pages(ScormSite.manifest(version, item: tool.item)), engine: engine) { studio in
      for (index, trace) in [first, try tool.second.map(ContentTrace.init)].compactMap(\.self).enumerated() {
        // iSpring's second visit was recorded after another first one than ours.
        if tool.name == "iSpring to the end" {
          try studio.enter()
          let kept = try #require(
            trace.json.arrayValue?.first { $0["args"]?.arrayValue?.first == "cmi.suspend_data" }?["answer"]?.stringValue
          )
          let state: JSONValue = ["scorm": "1.2", "time": 0, "cmi": ["suspend_data": .string(kept)]]
          let page = try studio.room.visit(user: 3)
          #expect(try page.keep(state.encoded, for: "bienvenue").status == 204)
        }
        try visit(studio, trace)
        try studio.expectFirstGrain(tool.progress[index])
        try studio.browser.wait(until: "the state is kept") { try studio.packageState().contains(tool.kept) }
        #expect(try studio.packageState().utf8.count < 64 << 10)
      }
    }
  }

  // MARK: - Settled

  @Test(
    "The opening `failed` 0 of a content that nobody has touched earns nothing, nor does it at the next visit",
    arguments: WebDriver.Engine.installed)
  func openingFailed(engine: WebDriver.Engine) throws {
    let opening = [
      ["LMSInitialize", ""], ["LMSSetValue", "cmi.suspend_data", "x"], ["LMSSetValue", "cmi.core.score.raw", "0"],
      ["LMSSetValue", "cmi.core.lesson_status", "failed"], ["LMSCommit", ""], ["LMSFinish", ""],
    ]
    try Studio.run(ScormSite.pages(ScormSite.manifest("1.2")), engine: engine) { studio in
      for _ in 1...2 {
        try studio.enter()
        try studio.browser.playPackage()
        #expect(try studio.browser.callPackage(opening).allSatisfy { $0 == "true 0" })
        try studio.browser.click("#away")
        try studio.browser.wait(for: "there", in: "#there")
        try studio.expectFirstGrain("started -")
      }
      #expect(try studio.packageState().contains("failed"))
    }
  }

  @Test(
    "A score alone is kept and completes nothing; completed takes it, scaled, or raw within min and max, clamped",
    arguments: WebDriver.Engine.installed)
  func scores(engine: WebDriver.Engine) throws {
    try Studio.run(ScormSite.pages(ScormSite.manifest("2004")), engine: engine) { studio in
      try studio.enter()
      try studio.browser.playPackage()
      func set(_ name: String, _ value: String) throws {
        #expect(try studio.browser.callPackage([["SetValue", "cmi.\(name)", value]]) == ["true 0"], "\(name)")
      }
      _ = try studio.browser.callPackage([["Initialize", ""]])
      try set("score.min", "10")
      try set("score.max", "20")
      try set("score.raw", "13")
      _ = try studio.browser.callPackage([["Commit", ""]])
      try studio.browser.wait(until: "the score is kept") { try studio.packageState().contains("13") }
      #expect(try studio.firstGrain() == "started -")
      try set("completion_status", "completed")
      try studio.expectFirstGrain("completed 0.3")
      try set("score.scaled", "0.5")
      try studio.expectFirstGrain("completed 0.5")
      try set("score.raw", "-40")
      try set("score.scaled", "1")
      try studio.expectFirstGrain("completed 1")
      // The database has it before the answer that sends it.
      try studio.browser.wait(until: "it is in the gradebook") { studio.world.gradebook() == 25 }
    }
  }

  @Test(
    "Done without a score counts when the package commits or is left, because a score may still follow",
    arguments: WebDriver.Engine.installed)
  func late(engine: WebDriver.Engine) throws {
    try Studio.run(ScormSite.pages(ScormSite.manifest("2004")), engine: engine) { studio in
      try studio.enter()
      try studio.browser.playPackage()
      _ = try studio.browser.callPackage([["Initialize", ""], ["SetValue", "cmi.completion_status", "completed"]])
      try studio.browser.wait(until: "it is kept") { try studio.packageState().contains("completed") }
      #expect(try studio.firstGrain() == "started -")
      _ = try studio.browser.callPackage([["SetValue", "cmi.score.scaled", "0.25"]])
      try studio.expectFirstGrain("completed 0.25")
    }
  }

  // MARK: - Which API

  @Test(
    "Only the API of the manifest's version is offered, which is looked for upwards; without one both, with a word",
    arguments: WebDriver.Engine.installed)
  func versions(engine: WebDriver.Engine) throws {
    for (manifest, attribute, apis) in [
      (ScormSite.manifest("1.2"), "", "API"), (ScormSite.manifest("2004"), "", "API_1484_11"),
      (nil, "", "API API_1484_11"),
      (ScormSite.manifest("1.2"), "2004", "API_1484_11"), (nil, "1.2", "API"),
      ("<html>no such page</html>", "", "API API_1484_11"),
    ] as [(String?, String, String)] {
      let body = ScormSite.frame.replacing("data-passerelle-scorm", with: "data-passerelle-scorm=\"\(attribute)\"")
      try Studio.run(ScormSite.pages(manifest, body: body), engine: engine) { studio in
        try studio.enter()
        try studio.browser.playPackage()
        let offered = try studio.browser.run(
          """
          const outer = document.querySelector("#frame").contentWindow;
          return ["API", "API_1484_11"].filter((name) => outer[name] && !window[name]).join(" ");
          """)
        #expect(offered == .string(apis), "\(manifest ?? "none") \(attribute)")
        try studio.expectConsole("both APIs of SCORM are offered", isThere: apis.count > 12)
      }
    }
  }

  @Test("Two packages on one page have two APIs, and each earns its own grain", arguments: WebDriver.Engine.installed)
  func two(engine: WebDriver.Engine) throws {
    let body =
      ScormSite.frame
      + "<iframe id=other data-passerelle-grain=moodle data-passerelle-scorm=2004 data-src=\"/package/content/index.html\"></iframe>"
    try Studio.run(ScormSite.pages(ScormSite.manifest("1.2"), body: body), engine: engine) { studio in
      try studio.enter()
      try studio.browser.playPackage()
      try studio.browser.playPackage("#other")
      let first = [
        ["LMSInitialize", ""], ["LMSSetValue", "cmi.core.score.raw", "80"],
        ["LMSSetValue", "cmi.core.lesson_status", "passed"], ["LMSFinish", ""],
      ]
      #expect(try studio.browser.callPackage(first) == Array(repeating: "true 0", count: 4))
      try studio.wait(for: "1 of 4 grains")
      let second = [["Initialize", ""], ["GetValue", "cmi.completion_status"], ["SetValue", "cmi.location", "3"]]
      #expect(try studio.browser.callPackage(second, frame: "#other") == ["true 0", "unknown 0", "true 0"])
      try studio.expectFirstGrain("completed 0.8")
      try studio.browser.wait(until: "both are kept") {
        try studio.world.database.count("select from passerelle.states") == 2
      }
    }
  }

  @Test(
    "Objectives, mastery score and launch data of the manifest are there from the beginning",
    arguments: WebDriver.Engine.installed)
  func preset(engine: WebDriver.Engine) throws {
    let item = """
      <adlcp:masteryscore>70</adlcp:masteryscore><adlcp:datafromlms>a=1</adlcp:datafromlms>
      <imsss:sequencing><imsss:objectives>
        <imsss:primaryObjective objectiveID="P" satisfiedByMeasure="true"><imsss:minNormalizedMeasure>0.7</imsss:minNormalizedMeasure>
        </imsss:primaryObjective><imsss:objective objectiveID="Q"/></imsss:objectives></imsss:sequencing>
      """
    try Studio.run(ScormSite.pages(ScormSite.manifest("1.2", item: item)), engine: engine) { studio in
      try studio.enter()
      try studio.browser.playPackage()
      let asked = [
        ["LMSInitialize", ""], ["LMSGetValue", "cmi.student_data.mastery_score"], ["LMSGetValue", "cmi.launch_data"],
      ]
      #expect(try studio.browser.callPackage(asked) == ["true 0", "70 0", "a=1 0"])
    }
    try Studio.run(ScormSite.pages(ScormSite.manifest("2004", item: item)), engine: engine) { studio in
      try studio.enter()
      try studio.browser.playPackage()
      let asked = [
        ["Initialize", ""], ["GetValue", "cmi.objectives._count"], ["GetValue", "cmi.objectives.1.id"],
        ["GetValue", "cmi.scaled_passing_score"], ["GetValue", "cmi.success_status"],
        ["SetValue", "cmi.score.scaled", "0.6"], ["GetValue", "cmi.success_status"],
        ["SetValue", "cmi.score.scaled", "0.7"], ["GetValue", "cmi.success_status"],
      ]
      #expect(
        try studio.browser.callPackage(asked) == [
          "true 0", "2 0", "Q 0", "0.7 0", "unknown 0", "true 0", "failed 0", "true 0", "passed 0",
        ])
    }
  }
}
