import DemoMoodle
import TestSupport
import Testing
import Wire

/// A learner's own page, reached from the mini-site.
@Suite("A learner's own page", .serialized, .needsBrowser) struct MePageTests {
  /// The mini-site in a window, with one grain completed.
  private func minisite(
    language: String = "en", _ body: (Classroom, WebDriver) throws -> Void
  ) throws {
    try Classroom.run(.crossHTTP) { room in
      room.world.moodle.platform.changePerson(3) { $0.language = language }
      let browser = try room.browser()
      defer { browser.quit() }
      try browser.open(room.moodle + "/mod/lti/launch.php?id=2&user=3")
      try browser.wait(for: "Éloïse Lefèvre", in: "#learner")
      try browser.click("button[data-passerelle-grain=bienvenue]")
      try browser.wait(for: "25", in: "#grade")
      try body(room, browser)
    }
  }

  @Test("A link in the mini-site opens it in a new tab: every grain, the grade, and the ways on and back")
  func link() throws {
    try minisite { room, browser in
      let before = try browser.tabs()
      try browser.click("a[data-passerelle-me]")
      try Classroom.enterNewTab(of: browser, before: before)
      try browser.wait(for: "1 of 4 grains", in: ".overview")
      #expect(try browser.url() == "\(room.world.tool.base)/me")
      #expect(try browser.run("return window.opener") == .null)
      #expect(try browser.text("h1") == "À la découverte")
      #expect(try browser.text(".head").contains("Éloïse Lefèvre"))
      #expect(try browser.text(".overview .grade").contains("Sent to Moodle"))
      #expect(try browser.text("table.grains tbody tr:nth-child(1)").contains("Completed"))
      #expect(try browser.count("table.grains tbody tr") == 4)
      #expect(try browser.count("table.grains time") == 1)
      try Classroom.keepScreenshot(browser, "me")

      try room.visit(user: 3).complete("moodle", score: 0.5)
      try browser.click("button.refresh")
      try browser.wait(for: "2 of 4 grains", in: ".overview")
      try browser.wait(for: "50%", in: "table.grains tbody tr:nth-child(2)")
      try browser.run("location.reload()")
      try browser.wait(for: "2 of 4 grains", in: ".overview")

      let back = try browser.run("return document.querySelector('.tools a').href").stringValue
      #expect(back?.hasPrefix(room.moodle) == true, "\(back ?? "")")
      #expect(try browser.text(".tools a") == "Back to Moodle")
      try browser.click("button.goOn")
      try browser.wait(for: "Éloïse Lefèvre", in: "#learner")
      try browser.wait(for: "2 of 4 grains", in: "#progress-words")
      #expect(try browser.run("return location.hash") == "")
    }
  }

  @Test("session.me() does the same by script, and in French for those who read French")
  func script() throws {
    try minisite(language: "fr_ca") { _, browser in
      let before = try browser.tabs()
      try browser.run("Passerelle.connect().then((session) => session.me())")
      try Classroom.enterNewTab(of: browser, before: before)
      try browser.wait(for: "1 grain sur 4", in: ".overview")
      #expect(try browser.run("return document.documentElement.lang") == "fr")
      #expect(try browser.text(".overview .grade").contains("Envoyée à Moodle"))
      #expect(try browser.run("return document.title") == "Ma progression – Passerelle")
      try Classroom.keepScreenshot(browser, "me-french")
    }
  }

  @Test("A grade that waits says so in words, and the session's end says what to do")
  func waiting() throws {
    try minisite { room, browser in
      let before = try browser.tabs()
      try browser.click("a[data-passerelle-me]")
      try Classroom.enterNewTab(of: browser, before: before)
      try browser.wait(for: "1 of 4 grains", in: ".overview")
      room.world.moodle.platform.injectNext(.status(503), at: .score)
      try room.visit(user: 3).complete("moodle")
      try browser.click("button.refresh")
      try browser.wait(for: "Waiting", in: ".overview .grade")
      #expect(try browser.text(".overview .reason").contains("will be sent"))
      try room.world.database.execute("update passerelle.sessions set expires_at = now()")
      try browser.click("button.refresh")
      try browser.wait(for: "open the activity again", in: "[role=alert]")
      // What was shown stays.
      #expect(try browser.text(".overview").contains("2 of 4 grains"))
    }
  }

  @Test("A teacher who is launched as a learner is told that nothing is recorded, and becomes one with a button")
  func becomesLearner() throws {
    try Classroom.run(.crossHTTP) { room in
      _ = try room.visit(user: 8)
      room.world.moodle.platform.changePerson(8) {
        $0.role = .student
        $0.language = "en"
      }
      let code = try room.world.code(of: try room.launch(user: 8))
      let browser = try room.browser()
      defer { browser.quit() }
      try browser.open("\(room.world.tool.base)/me#passerelle=\(code)")
      let words = "You teach this activity: nothing that you do in it is recorded."
      try browser.wait(for: words, in: "body")
      try browser.click("button.asLearner")
      try browser.wait(until: "the words are gone") { try !browser.text("body").contains(words) }
      #expect(try room.world.database.count("select from passerelle.enrolments where instructor") == 0)
      try browser.run("location.reload()")
      try browser.wait(for: "0 of 4 grains", in: ".overview")
      #expect(try !browser.text("body").contains(words))
      let page = try room.visit(user: 8)
      #expect(page.opened["preview"] == false)
      #expect(try page.complete("bienvenue").json.at("grade.status") == "delivered")
      try browser.click("button.refresh")
      try browser.wait(for: "1 of 4 grains", in: ".overview")
    }
  }

  @Test("When no session can be had, the tab that was opened is closed again and the mini-site says why")
  func refused() throws {
    try minisite { room, browser in
      let before = try browser.tabs()
      try room.world.database.execute("update passerelle.sessions set expires_at = now()")
      try browser.click("a[data-passerelle-me]")
      try browser.wait(for: "Go back to Moodle", in: "[data-passerelle-message]")
      #expect(try browser.tabs() == before)
    }
  }
}
