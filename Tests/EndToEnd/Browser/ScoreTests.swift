import TestSupport
import Testing
import Wire

/// Scores in pages: what is a score counts as it stands, and what is none counts nothing.
@Suite("Scores in a browser", .serialized, .needsBrowser) struct ScoreTests {
  private static func buttons(_ scores: [String]) -> String {
    Studio.head
      + scores.enumerated().map {
        "<button id=s\($0) data-passerelle-grain=bienvenue data-passerelle-score=\"\($1)\">OK</button>"
      }.joined() + "<b data-passerelle-learner></b>"
  }

  @Test("data-passerelle-score reads 0.8, 0,8, 80%, 80 % and 4/5 alike", arguments: WebDriver.Engine.installed)
  func readable(engine: WebDriver.Engine) throws {
    let scores = ["0.8", "0,8", "80%", "80 %", "4/5", "80\u{202F}%", " 4 / 5 ", ".8"]
    try Studio.run(["/": Self.buttons(scores)], engine: engine) { studio in
      try studio.enter()
      for index in scores.indices {
        try studio.browser.click("#s\(index)")
        try studio.browser.wait(until: "\(index + 1) reports came") { studio.front.grains.count == index + 1 }
        try studio.browser.wait(until: "the button is free") { try studio.browser.count("[aria-busy]") == 0 }
      }
      #expect(studio.front.grains.map { $0["score"] } == scores.map { _ in 0.8 })
      #expect(studio.world.gradebook() == 20)
    }
  }

  @Test(
    "A score that cannot be read completes nothing, and says so to the learner and in the console",
    arguments: WebDriver.Engine.installed)
  func unreadable(engine: WebDriver.Engine) throws {
    let scores = ["", "abc", "5/4", "0/0", "4/0", "120%", "-1", "NaN", "0,8,1", "1e-1", "80 % %"]
    try Studio.run(["/": Self.buttons(scores)], engine: engine) { studio in
      try studio.enter()
      for (index, score) in scores.enumerated() {
        try studio.browser.click("#s\(index)")
        try studio.browser.wait(for: "nothing is recorded: tell your teacher", in: "#s\(index) + span")
        try studio.expectConsole("score \\\"\(score)\\\" of \\\"bienvenue\\\"")
      }
      #expect(studio.front.reports == [])
      #expect(try !studio.kept().contains("unsent"))
    }
  }

  @Test(
    "complete() with anything but a finite number from 0 to 1 is a TypeError, before anything is recorded or sent",
    arguments: WebDriver.Engine.installed)
  func complete(engine: WebDriver.Engine) throws {
    try Studio.run(engine: engine) { studio in
      try studio.enter()
      let names = try studio.browser.run(
        """
        return Passerelle.connect().then((session) => [NaN, Infinity, 0 / 0, null, "0.5", "", 1.01, -0.01, true, {}, [1]]
          .map((score) => { try { session.complete("bienvenue", score); return "taken"; } catch (error) { return error.name; } }))
        """)
      #expect(names == .array(Array(repeating: "TypeError", count: 11)))
      #expect(try !studio.kept().contains("unsent"))
      let counts = try studio.browser.run(
        """
        return Passerelle.connect().then(async (session) =>
          [(await session.complete("bienvenue", 0)).completed, (await session.complete("moodle")).completed])
        """)
      #expect(counts == [1, 2])
      #expect(
        studio.front.grains == [
          ["grain": "bienvenue", "status": "completed", "score": 0], ["grain": "moodle", "status": "completed"],
        ])
    }
  }

  @Test(
    "What the server cannot use is told to the learner in one language, and to who writes the page in another member",
    arguments: WebDriver.Engine.installed)
  func words(engine: WebDriver.Engine) throws {
    try Studio.run(engine: engine) { studio in
      studio.world.moodle.platform.changePerson(3) { $0.language = "fr" }
      try studio.enter()
      let words = try studio.browser.run(
        """
        return Passerelle.connect().then(({ request }) => request("POST", "progress",
          { grain: "bienvenue", status: "completed", score: "0.5" }))
          .catch(({ code, message, reason }) => [code, message, reason])
        """)
      #expect(
        words == [
          "invalid_body", "Ce qui a été envoyé n’est pas utilisable.",
          "\"score\" is missing or has a value that cannot be used",
        ])
    }
  }
}
