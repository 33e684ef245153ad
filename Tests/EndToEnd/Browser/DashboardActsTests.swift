import DemoMoodle
import TestSupport
import Testing
import Wire

/// What a teacher does from the dashboard, whom it is for, and how groups and people without a name look there.
@Suite("Acts on the dashboard", .serialized, .needsBrowser) struct DashboardActsTests {
  private func dashboard(
    user: Int = 8, setUp: (Classroom) throws -> Void = { _ in }, _ body: (Classroom, DashboardReader) throws -> Void
  ) throws {
    try Classroom.run(.crossHTTP) { room in
      try setUp(room)
      try room.work()
      room.world.moodle.platform.changePerson(8) { $0.language = "en" }
      let browser = try WebDriver()
      defer { browser.quit() }
      try browser.open(room.moodle + "/mod/lti/launch.php?id=2&user=\(user)")
      let page = DashboardReader(entered: browser)
      try page.waitForTable()
      try body(room, page)
    }
  }

  /// How many grains somebody has completed.
  private func completed(_ room: Classroom, _ subject: String) throws -> Int {
    try room.world.database.count(
      """
      select from public.progress p join passerelle.identities i on i.learner = p.learner
      where i.subject = \(subject) and p.status = 'completed'
      """)
  }

  @Test("Start over is for those on screen, is asked with their count, and says what came of it")
  func restart() throws {
    try dashboard { room, page in
      let browser = page.browser
      try browser.type("lefevre", into: "input[type=search]")
      #expect(try page.names() == ["Éloïse Lefèvre"])
      try browser.click("button.restart")
      try browser.wait(for: "Let 1 learner begin the activity anew?", in: "dialog")
      #expect(try browser.text("dialog p").hasSuffix("Only the people on screen are concerned."))
      // Escape is no.
      try browser.type("\u{E00C}", into: "dialog button[value='']")
      try browser.wait(until: "no dialog") { try browser.count("dialog") == 0 }
      #expect(try completed(room, "3") == 2)
      try browser.click("button.restart")
      try browser.click("dialog button[value=keep]")
      try browser.wait(for: "Begun anew: 1.", in: "[role=alert]")
      #expect(try completed(room, "3") == 0 && completed(room, "7") == 4)
      // Without a choice it is for everybody who came.
      try browser.run("document.querySelector('input[type=search]').select()")
      try browser.type("\u{E003}", into: "input[type=search]")
      try browser.click("button.restart")
      try browser.wait(for: "Let 4 learners begin the activity anew?", in: "dialog")
      #expect(try !browser.text("dialog p").contains("on screen"))
    }
  }

  @Test(
    "A grade that is not in Moodle is sent again from its learner's page; failed and waiting ones from the table, too")
  func resend() throws {
    try dashboard { room, page in
      let browser = page.browser
      try browser.click("button.resend")
      try browser.wait(for: "Waiting or not delivered: 1 of 3.", in: "dialog")
      #expect(try browser.text("dialog button[value=lost]") == "Send those that are missing (1)")
      #expect(try browser.text("dialog button[value=all]") == "Send all again (3)")
      try browser.click("dialog button[value='']")
      // Éloïse's is in Moodle: nothing to send.
      try page.open("Éloïse Lefèvre")
      #expect(try browser.count("button.resendOne") == 0)
      try browser.run("history.back()")
      try page.waitForTable()
      try page.open("François D'Hérouville")
      try browser.click("button.resendOne")
      try browser.wait(for: "Send the grade of François D'Hérouville to Moodle again?", in: "dialog")
      try browser.click("dialog button[value=one]")
      try browser.wait(for: "1 grade will leave within the minute.", in: "[role=alert]")
      #expect(try room.world.sync(now: false).status == 0)
      #expect(room.world.gradebook(user: 5) == 25)
    }
  }

  @Test("A grade that a teacher replaced in Moodle is shown as replaced, to teachers and to the learner")
  func overridden() throws {
    try dashboard { room, page in
      let browser = page.browser
      try room.world.database.execute(
        """
        update public.grades g set moodle_score = 77, moodle_read_at = now() from passerelle.identities i
        where i.learner = g.learner and i.subject = '3'
        """)
      try browser.click("button.refresh")
      try browser.wait(for: "Moodle: 77 out of 100, overridden by the teacher.", in: ".roster tbody")
      room.world.moodle.platform.changePerson(3) { $0.language = "fr" }
      try browser.open("\(room.world.tool.base)/me#passerelle=\(try room.world.code(of: room.launch(user: 3)))")
      try browser.wait(for: "Moodle : 77 sur 100, remplacée par l’enseignant.", in: ".overview")
    }
  }

  @Test("My groups come first, everybody is one choice away, and a group has the name that a teacher gives it")
  func groups() throws {
    try dashboard(setUp: { room in
      let platform = room.world.moodle.platform
      platform.tool.customParameters.append("groups=$Moodle.Person.userGroupIds")
      for (user, groups) in [(3, [7]), (4, [7]), (7, [8]), (8, [7])] {
        platform.changePerson(user) { $0.groups = groups }
      }
    }) { room, page in
      let browser = page.browser
      #expect(try page.names() == ["Éloïse Lefèvre", "Zoë Müller-Garçon"])
      #expect(try browser.text("select.group option:checked") == "My groups")
      #expect(try page.tile("learners") == "2")
      #expect(try page.cell(".groups", of: "Éloïse") == "Group 7")
      try browser.type("Group 7", into: "select.group")
      try browser.click("button.naming")
      try browser.type("Section A", into: "dialog [name=name]")
      try browser.click("dialog button.apply")
      try browser.wait(until: "the group has its name") { try page.cell(".groups", of: "Éloïse") == "Section A" }
      try browser.type("Everybody", into: "select.group")
      #expect(try page.names().contains("Noël Àçîñ"))
      #expect(try browser.run("return location.search") == "?group=all")
      try browser.run("location.reload()")
      try page.waitForTable()
      #expect(try page.names().contains("Noël Àçîñ"))
    }
  }

  @Test("Whoever has neither name nor address has a short label, the same in the table, on their page and in its title")
  func nameless() throws {
    try dashboard { room, page in
      let browser = page.browser
      try room.world.database.execute(
        """
        update public.learners l set name = null, given_name = null, family_name = null, email = null
        from passerelle.identities i where i.learner = l.id and i.subject = '3'
        """)
      try browser.click("button.refresh")
      try browser.wait(until: "the name is gone") { try page.names().contains("Learner 3") }
      #expect(try !page.names().contains(""))
      try page.open("Learner 3")
      try browser.wait(until: "the title names them") {
        try browser.run("return document.title").stringValue?.hasPrefix("Learner 3 – ") == true
      }
      try Classroom.keepScreenshot(browser, "dashboard-nameless")
    }
  }

  @Test("When the session has ended the page says so once, with the way back to the course, also after a reload")
  func wayBack() throws {
    try dashboard { room, page in
      let browser = page.browser
      try room.world.database.execute("update passerelle.sessions set expires_at = now()")
      try browser.click("button.refresh")
      let words = try browser.wait(for: "Go back to Moodle and open the activity again.", in: "[role=alert]")
      #expect(words.ranges(of: "open the activity again").count == 1, "\(words)")
      let link = "return document.querySelector('main a[target=_top]').href"
      #expect(try browser.run(link).stringValue?.hasPrefix(room.moodle) == true)
      try browser.run("location.reload()")
      try browser.wait(for: "open the activity again", in: "[role=alert]")
      #expect(try browser.count("p") == 2)
      #expect(try browser.run(link).stringValue?.hasPrefix(room.moodle) == true)
    }
  }

  @Test("In a frame the page tells its platform how high it would like to be")
  func height() throws {
    try Classroom.run(.crossHTTP) { room in
      try room.work()
      let browser = try WebDriver()
      defer { browser.quit() }
      _ = try DashboardReader(room, browser)
      try browser.leaveFrames()
      try browser.run("window.heard = []; addEventListener('message', ({ data }) => heard.push(data))")
      try browser.enterFrame("iframe")
      try browser.click("button.refresh")
      try browser.leaveFrames()
      try browser.wait(until: "it was told") { try browser.run("return heard.length > 0") == true }
      let told = try browser.run("return JSON.parse(heard[0])")
      #expect(told["subject"] == "lti.frameResize")
      #expect(try (600...1400).contains(#require(told["height"]?.doubleValue)), "\(told)")
    }
  }

  @Test("A learner's address opens with the grade as a share where its maximum is a guess")
  func share() throws {
    try dashboard { room, page in
      let browser = page.browser
      try room.world.database.execute("update passerelle.activities set line_item_maximum = null")
      try page.open("Éloïse Lefèvre")
      try browser.run("location.reload()")
      try browser.wait(for: "50%", in: "table.grains")
      #expect(try browser.text(".overview .grade b") == "38%")
    }
  }
}
