import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// The dashboard while time goes by: news, outages, reloads, the end of the session; and one learner's page.
@Suite("The dashboard in the course of time", .serialized, .needsBrowser) struct DashboardLifeTests {
  /// A class at work, and its dashboard in a browser.
  private func dashboard(_ body: (Classroom, DashboardReader) throws -> Void) throws {
    try Classroom.run(.crossHTTP) { room in
      try room.work()
      let browser = try room.browser()
      defer { browser.quit() }
      try body(room, try DashboardReader(room, browser))
    }
  }

  /// Lets the page's clock go on by so many seconds, and the page be looked at again.
  private func wait(_ seconds: Int, in browser: WebDriver) throws {
    try browser.run(
      """
      const now = Date.now;
      Date.now = () => now() + arguments[0] * 1000;
      document.dispatchEvent(new Event("visibilitychange"));
      """, [.number(Double(seconds))])
  }

  @Test("What learners do meanwhile appears by itself, and the focus stays where it is")
  func refresh() throws {
    try dashboard { room, page in
      let browser = page.browser
      try browser.run("[...document.querySelectorAll('.roster a')].find((a) => /Zoë/.test(a.textContent)).focus()")
      try room.visit(user: 4).complete("directus")
      // Not before a minute is over.
      try wait(30, in: browser)
      Thread.sleep(forTimeInterval: 1)
      #expect(try page.cell(".progress", of: "Zoë").contains("0 of 4 grains"))
      try wait(31, in: browser)
      try browser.wait(for: "1/4", in: "tr:has(a:focus) .progress")
      #expect(try page.cell(".progress", of: "Zoë").contains("1 of 4 grains"))
      #expect(try browser.run("return document.activeElement.textContent") == "Zoë Müller-Garçon")
      #expect(try page.tile("delivered") == "3")

      try room.visit(user: 6).complete("bienvenue")
      try browser.click("button.refresh")
      try browser.wait(for: "5", in: ".tiles .opened dd")
      #expect(try page.cell(".progress", of: "Anaïs").contains("1 of 4 grains"))
    }
  }

  @Test("While the server is away the page keeps what it shows and says so, and goes on when it is back")
  func outage() throws {
    try dashboard { room, page in
      let browser = page.browser
      let database = try #require(room.world.tool.settings.first { $0.0 == "PASSERELLE_DATABASE_URL" }?.1)
      try room.world.tool.set("PASSERELLE_DATABASE_URL", "host=127.0.0.1 port=1 dbname=none")
      try browser.click("button.refresh")
      try browser.wait(for: "What is shown is from", in: "[role=alert]")
      #expect(try page.names().count > 50)
      try Classroom.keepScreenshot(browser, "dashboard-outage")
      // The mini-site's tab is closed again.
      let before = try browser.tabs()
      try browser.click("button.minisite")
      Thread.sleep(forTimeInterval: 1)
      #expect(try browser.tabs() == before)
      try room.world.tool.set("PASSERELLE_DATABASE_URL", database)
      try browser.click("button.refresh")
      try browser.wait(until: "the words are gone") { try browser.text("[role=alert]").isEmpty }
      #expect(try page.spoken()?.hasPrefix("Up to date at") == true)
    }
  }

  @Test("A reload keeps the session; one that has ended says to open the activity again")
  func session() throws {
    try dashboard { room, page in
      let browser = page.browser
      try browser.run("location.reload()")
      try page.waitForTable()
      let opened = try room.world.database.count(
        "select from passerelle.sessions s join passerelle.enrolments e on e.id = s.enrolment where e.instructor")
      #expect(opened == 1)
      try room.world.database.execute("update passerelle.sessions set expires_at = now()")
      try browser.click("button.refresh")
      let words = try browser.wait(for: "open the activity again", in: "[role=alert]")
      #expect(words.contains("ended") || words.contains("over"), "\(words)")
      try browser.run("location.reload()")
      try browser.wait(for: "open the activity again", in: "[role=alert]")
      #expect(try browser.count("table") == 0)
    }
  }

  @Test("A name leads to one learner's grains with scores and dates, and Back to the table as it was")
  func learner() throws {
    try dashboard { room, page in
      let browser = page.browser
      try browser.type("in progress", into: "select.only")
      try page.open("Éloïse Lefèvre")
      let address = try browser.run("return location.search").stringValue ?? ""
      #expect(address.contains("only=underWay") && address.contains("learner="), "\(address)")
      try browser.wait(for: "50%", in: "table.grains tbody tr:nth-child(1)")
      #expect(try browser.run("return document.activeElement.localName") == "h1")
      #expect(try browser.text("table.grains tbody tr:nth-child(1)").contains("Completed"))
      #expect(try browser.text("table.grains tbody tr:nth-child(4)").contains("Not started"))
      #expect(try browser.count("table.grains time") == 2)
      #expect(try browser.text(".overview").contains("2 of 4 grains"))
      #expect(try browser.text(".overview .grade").contains("Sent to Moodle"))
      #expect(try browser.text("div:not([hidden]) > .head").contains("student1@example.org"))
      #expect(try browser.run("return document.querySelector('.roster').checkVisibility()") == false)
      try Classroom.keepScreenshot(browser, "dashboard-learner")

      try browser.run("history.back()")
      try browser.wait(for: "Éloïse Lefèvre", in: "table.roster")
      #expect(try page.names() == ["François D'Hérouville", "Éloïse Lefèvre", "Zoë Müller-Garçon"])
      #expect(try browser.run("return document.activeElement.textContent") == "Éloïse Lefèvre")
      #expect(try browser.run("return location.search") == "?only=underWay")

      // Forward, a reload, and the link instead of Back.
      try browser.run("history.forward()")
      try browser.wait(for: "50%", in: "table.grains")
      try browser.run("location.reload()")
      try browser.wait(for: "50%", in: "table.grains")
      #expect(try browser.text(DashboardReader.heading) == "Éloïse Lefèvre")
      try browser.click("a.back")
      try page.waitForTable()
    }
  }

  @Test("Moodle's submission review opens that learner's grains; somebody who never came has nothing to show")
  func review() throws {
    try Classroom.run(.crossHTTP) { room in
      try room.work()
      let browser = try room.browser()
      defer { browser.quit() }
      let review = room.moodle + "/mod/lti/launch.php?id=2&action=gradeReport&user="
      try browser.open(room.moodle + "/login/index.php?user=8")
      try browser.open(review + "3")
      try browser.wait(for: "Éloïse Lefèvre", in: DashboardReader.heading)
      try browser.wait(for: "50%", in: "table.grains")
      try browser.click("a.back")
      try browser.wait(for: "Noël", in: "table.roster")
      try browser.open(review + "6")
      try browser.wait(for: "has not opened the activity yet", in: "p.empty")
      #expect(try browser.text(DashboardReader.heading) == "Learner’s progress")
      #expect(try browser.run("return location.search") == "?learner=none")
      try Classroom.keepScreenshot(browser, "dashboard-nobody")
    }
  }

  @Test("A learner who takes the dashboard's address finds no dashboard")
  func forbidden() throws {
    try Classroom.run(.crossHTTP) { room in
      let tool = room.world.tool
      var client = LaunchClient(platform: room.moodle) { (request) throws(TransportFailure) in try tool.send(request) }
      let code = try room.world.code(of: try client.launch(user: 3))
      let browser = try room.browser()
      defer { browser.quit() }
      try browser.open("\(tool.base)/dashboard#passerelle=\(code)")
      try browser.wait(for: "This session does not allow that.", in: "[role=alert]")
      #expect(try browser.count("table") == 0)
    }
  }
}
