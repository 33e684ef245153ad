import DemoMoodle
import TestSupport
import Testing
import Wire

/// What waits in a browser belongs to a run, to an activity where that counts, and to one sender at a time.
@Suite("Whose work waits in a browser", .serialized, .needsBrowser) struct QueueOwnerTests {
  /// Clicks while whatever stands in front of the server answers, so that the work waits.
  private func clickInVain(_ studio: Studio, _ button: String = "#one") throws {
    studio.front.answerReports(status: 502)
    try studio.browser.click(button)
    try studio.browser.wait(for: "Your work is kept", in: "#message")
  }

  @Test("Work of a run that was ended is dropped, and the learner is told", arguments: WebDriver.Engine.installed)
  func endedRun(engine: WebDriver.Engine) throws {
    try Studio.run(engine: engine) { studio in
      try studio.enter()
      try studio.browser.click("#two")
      try studio.wait(for: "1 of 4 grains — grade sent")
      try clickInVain(studio)
      let learner = try studio.room.visit(user: 3).learner
      let run = try studio.world.command("learner", "restart", learner, "--module", "decouverte")
      #expect(run.status == 0, "\(run.errorText)")
      try studio.leaveInVain()
      studio.front.answerReports(nil)
      let before = studio.front.reports.count
      try studio.enter()
      try studio.browser.wait(for: "The activity was restarted", in: "#message")
      #expect(try !studio.kept().contains("unsent"))
      #expect(studio.front.reports.count == before && studio.world.gradebook() == nil)
    }
  }

  @Test(
    "A page left open at a new beginning sends nothing of the former run into the next, and says to open it again",
    arguments: WebDriver.Engine.installed)
  func openPage(engine: WebDriver.Engine) throws {
    try Studio.run(engine: engine) { studio in
      try studio.enter()
      try studio.browser.click("#two")
      try studio.wait(for: "1 of 4 grains — grade sent")
      try clickInVain(studio)
      let learner = try studio.room.visit(user: 3).learner
      let run = try studio.world.command("learner", "restart", learner, "--module", "decouverte")
      #expect(run.status == 0, "\(run.errorText)")
      studio.front.answerReports(nil)
      try studio.comeBack()
      try studio.browser.wait(for: "Open it again in Moodle", in: "#message")
      #expect(try !studio.kept().contains("unsent"))
      // Nor does what is clicked there from now on count.
      try studio.browser.click("#two")
      try studio.browser.wait(for: "what is done here no longer counts", in: "#message")
      #expect(try studio.world.database.count("select from public.progress") == 0)
      #expect(studio.world.gradebook() == nil)
      try studio.enter()
      try studio.browser.click("#two")
      try studio.wait(for: "1 of 4 grains — grade sent")
      #expect(studio.world.gradebook() == 25)
    }
  }

  @Test(
    "Where each activity counts for itself, what waits for one is not sent to another",
    arguments: WebDriver.Engine.installed)
  func activities(engine: WebDriver.Engine) throws {
    let activities = [Activity(name: "A"), Activity(cmid: 3, instance: 2, name: "B")]
    try Studio.run(activities: activities, engine: engine) { studio in
      try studio.world.database.execute("update public.modules set scope = 'activity'")
      try studio.enter()
      try clickInVain(studio)
      try studio.leaveInVain()
      studio.front.answerReports(nil)
      let before = studio.front.reports.count
      try studio.enter(cmid: 3)
      try studio.wait(for: "0 of 4 grains")
      try studio.comeBack()
      try studio.wait(for: "0 of 4 grains")
      #expect(studio.front.reports.count == before)
      try studio.enter()
      try studio.wait(for: "1 of 4 grains — grade sent")
      #expect(studio.world.gradebook() == 25)
    }
  }

  @Test(
    "Two tabs that come back at once send one after the other, and nothing counts twice",
    arguments: WebDriver.Engine.installed)
  func oneSender(engine: WebDriver.Engine) throws {
    try Studio.run(["/": Studio.page, "/two.html": Studio.page], engine: engine) { studio in
      let browser = studio.browser
      try studio.enter()
      let first = try browser.tabs()[0]
      try clickInVain(studio)
      _ = try browser.openTab()
      try browser.open(studio.site.url + "/two.html")
      try browser.wait(for: "Éloïse", in: "b")
      try clickInVain(studio, "#two")
      studio.front.answerReports(nil)
      studio.front.delayReports(4)
      let before = studio.front.grains.count
      try studio.comeBack()
      try browser.enterTab(first)
      try studio.comeBack()
      try studio.wait(for: "2 of 4 grains — grade sent")
      // A tab may see late what another has taken out of storage: a report that comes twice counts once.
      let sent = studio.front.grains.count - before
      #expect((2...4).contains(sent) && studio.front.mostAtOnce == 1, "\(sent)")
      #expect(studio.world.gradebook() == 50)
    }
  }

  @Test("A page that goes sends what waits, and waits for nobody", arguments: WebDriver.Engine.installed)
  func leaving(engine: WebDriver.Engine) throws {
    try Studio.run(engine: engine) { studio in
      try studio.enter()
      try clickInVain(studio)
      studio.front.answerReports(nil)
      try studio.browser.open("about:blank")
      try studio.browser.wait(until: "it is in the gradebook") { studio.world.gradebook() == 25 }
    }
  }

  @Test(
    "A grain that stays unknown is kept for thirty days, and no longer", arguments: [(29, true), (31, false)],
    WebDriver.Engine.installed)
  func unknownForLong(_ wait: (days: Int, isKept: Bool), engine: WebDriver.Engine) throws {
    try Studio.run(engine: engine) { studio in
      try studio.enter()
      try clickInVain(studio)
      try studio.world.database.execute("update public.grains set slug = 'autre' where slug = 'bienvenue'")
      studio.front.answerReports(nil)
      // As if it had been done so many days ago.
      try studio.browser.run(
        """
        for (const [name, value] of Object.entries(localStorage).filter(([name]) => name.includes(" unsent "))) {
          const words = name.split(" ");
          words[words.length - 2] -= arguments[0] * 864e5;
          localStorage.removeItem(name);
          localStorage.setItem(words.join(" "), value);
        }
        """, [.number(Double(wait.days))])
      let before = studio.front.reports.count
      try studio.browser.reload()
      try studio.browser.wait(until: "it was tried") { studio.front.reports.count > before }
      try studio.wait(for: "0 of 4 grains")
      try studio.browser.wait(until: "it is \(wait.isKept ? "kept" : "dropped")") {
        try studio.kept().contains("bienvenue") == wait.isKept
      }
    }
  }
}
