import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// Finished work is never lost in the browser.
@Suite("Work that waits in a browser", .serialized, .needsBrowser) struct QueueTests {
  @Test("Offline, a click, the tab closed, the activity opened in another tab: it is in the gradebook")
  func tabClosed() throws {
    try Studio.run { studio in
      let browser = studio.browser
      let first = try browser.tabs()[0]
      let second = try browser.openTab()
      try studio.enter()
      try browser.setOffline(true)
      try browser.click("#one")
      try browser.wait(for: "Your work is kept and will be sent by itself.", in: "#message")
      try studio.wait(for: "not sent yet")
      try browser.closeTab(enter: first)
      #expect(second != first && studio.world.gradebook() == nil)
      try studio.enter()
      try studio.wait(for: "1 of 4 grains — grade sent")
      #expect(studio.world.gradebook() == 25)
      #expect(try !studio.kept().contains("unsent"))
    }
  }

  @Test(
    "A session that has ended keeps the clicks, says what to do, and the next window sends them",
    arguments: WebDriver.Engine.installed)
  func sessionEnded(engine: WebDriver.Engine) throws {
    try Studio.run(engine: engine) { studio in
      let browser = studio.browser
      try studio.enter()
      try studio.world.database.execute("update passerelle.sessions set expires_at = now()")
      try browser.click("#one")
      let words = try browser.wait(for: "Your work is kept", in: "#message")
      #expect(words.hasPrefix("Session ended. Go back to Moodle and open the activity again."))
      try browser.wait(until: "the button is free") { try browser.count("[aria-busy]") == 0 }
      // Also what comes after, and after a reload.
      try browser.reload()
      try browser.wait(for: "Session ended", in: "#message")
      try browser.click("#two")
      try browser.wait(for: "Your work is kept", in: "#two + span")
      _ = try browser.openTab()
      try studio.enter()
      try studio.wait(for: "2 of 4 grains — grade sent")
      #expect(studio.world.gradebook() == 50)
    }
  }

  @Test(
    "Whatever stands in front of the server judges nothing: the work is kept, the tab closed, and another tab sends it",
    arguments: [200, 400, 401, 403, 404, 408, 413, 422, 429, 500, 502], WebDriver.Engine.installed)
  func front(status: Int, engine: WebDriver.Engine) throws {
    try Studio.run(engine: engine) { studio in
      let first = try studio.browser.tabs()[0]
      _ = try studio.browser.openTab()
      try studio.enter()
      studio.front.answerReports(status: status)
      try studio.browser.click("#one")
      try studio.browser.wait(for: "Your work is kept", in: "#message")
      #expect(try studio.kept().contains("bienvenue"))
      try studio.browser.closeTab(enter: first)
      studio.front.answerReports(nil)
      try studio.enter()
      try studio.wait(for: "1 of 4 grains — grade sent")
      #expect(try studio.browser.text("#message") == "")
      #expect(studio.world.gradebook() == 25)
    }
  }

  @Test(
    "The server's own 429 and 503 keep the work, too", arguments: [(429, "too_many"), (503, "database_unavailable")],
    WebDriver.Engine.installed)
  func busy(_ answer: (status: Int, code: String), engine: WebDriver.Engine) throws {
    try Studio.run(engine: engine) { studio in
      try studio.enter()
      studio.front.refuseReports(status: answer.status, code: answer.code)
      try studio.browser.click("#one")
      try studio.browser.wait(for: "Your work is kept", in: "#message")
      studio.front.answerReports(nil)
      try studio.comeBack()
      try studio.wait(for: "1 of 4 grains — grade sent")
    }
  }

  @Test(
    "A problem of the server's with 400, 403, 413 or 415 is a judgement: dropped, and told",
    arguments: [400, 403, 413, 415], WebDriver.Engine.installed)
  func judged(status: Int, engine: WebDriver.Engine) throws {
    try Studio.run(engine: engine) { studio in
      try studio.enter()
      studio.front.refuseReports(status: status, code: "forbidden")
      try studio.browser.click("#one")
      try studio.browser.wait(for: "Refused for good.", in: "#message")
      #expect(try !studio.kept().contains("unsent"))
      // What is well beside it is recorded.
      studio.front.answerReports(nil)
      try studio.browser.wait(until: "the button is free") { try studio.browser.count("[aria-busy]") == 0 }
      try studio.browser.click("#two")
      try studio.wait(for: "1 of 4 grains — grade sent")
    }
  }

  @Test(
    "A grain that is unknown is kept and told in the console, holds nobody up, and is sent when it has its name again",
    arguments: WebDriver.Engine.installed)
  func unknownGrain(engine: WebDriver.Engine) throws {
    try Studio.run(engine: engine) { studio in
      try studio.enter()

      try studio.world.database.execute("update public.grains set slug = 'autre' where slug = 'bienvenue'")
      try studio.browser.click("#one")
      try studio.browser.wait(for: "Your work is kept", in: "#message")
      try studio.expectConsole("unknown_grain")
      try studio.browser.wait(until: "the button is free") { try studio.browser.count("[aria-busy]") == 0 }
      try studio.browser.click("#two")
      try studio.wait(for: "1 of 4 grains")
      #expect(try studio.kept().contains("bienvenue"))
      try studio.world.database.execute("update public.grains set slug = 'bienvenue' where slug = 'autre'")
      try studio.browser.reload()
      try studio.wait(for: "2 of 4 grains — grade sent")
      #expect(try !studio.kept().contains("unsent"))
    }
  }

  @Test(
    "Another learner on the same machine neither sees nor sends it, and no token is in storage that outlives the tab",
    arguments: WebDriver.Engine.installed)
  func anotherLearner(engine: WebDriver.Engine) throws {
    try Studio.run(engine: engine) { studio in
      try studio.enter()
      studio.front.answerReports(status: 502)
      try studio.browser.click("#one")
      try studio.browser.wait(for: "Your work is kept", in: "#message")
      let token = try #require(
        studio.browser.run("return JSON.stringify({ ...sessionStorage }).match(/token\\W+([\\w-]{43})/)[1]").stringValue
      )
      #expect(try !studio.kept().contains(token))
      try studio.leaveInVain()
      studio.front.answerReports(nil)
      let before = studio.front.reports.count
      try studio.enter(user: 4, as: "Zoë")
      try studio.wait(for: "0 of 4 grains")
      try studio.comeBack()
      try studio.wait(for: "0 of 4 grains")
      #expect(studio.front.reports.count == before && studio.world.gradebook(user: 4) == nil)
      try studio.enter()
      try studio.wait(for: "1 of 4 grains — grade sent")
      #expect(studio.world.gradebook() == 25)
    }
  }

  @Test("The browser killed: at its next start the work is there, and is sent")
  func killed() throws {
    let profile = FileManager.default.temporaryDirectory.appendingPathComponent("profile-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: profile) }
    let arguments = ["--user-data-dir=\(profile)"]
    try Studio.run(arguments: arguments) { studio in
      try studio.enter()
      try studio.browser.setOffline(true)
      try studio.browser.click("#one")
      try studio.browser.wait(for: "Your work is kept", in: "#message")
      // Chromium writes storage to disk within five seconds.
      Thread.sleep(forTimeInterval: 7)
      #expect(kill(try #require(studio.browser.processID), SIGKILL) == 0)
      let again = try studio.room.browser(arguments: arguments)
      defer { again.quit() }
      try again.open("\(studio.room.moodle)/mod/lti/launch.php?id=2&user=3")
      try again.wait(for: "1 of 4 grains — grade sent", in: "#progress")
      #expect(studio.world.gradebook() == 25)
    }
  }

  @Test("Where the browser refuses storage the page keeps the work, and says not to close it")
  func storageRefused() throws {
    try Studio.run(preferences: ["profile.default_content_setting_values.cookies": 2]) { studio in
      try studio.browser.open(studio.landing())
      try studio.browser.wait(for: "Éloïse", in: "b")
      let storage = try studio.browser.run("try { return typeof localStorage } catch (error) { return error.name }")
      #expect(storage == "SecurityError")
      studio.front.answerReports(status: 503)
      try studio.browser.click("#one")
      try studio.browser.wait(for: "Do not close this page.", in: "#message")
      let asks = """
        const event = new Event("beforeunload", { cancelable: true });
        dispatchEvent(event);
        return event.defaultPrevented;
        """
      #expect(try studio.browser.run(asks) == true)
      studio.front.answerReports(nil)
      try studio.comeBack()
      try studio.wait(for: "1 of 4 grains")
      #expect(try studio.browser.text("#message") == "")
      #expect(try studio.browser.run(asks) == false)
    }
  }

  @Test("What is more than may outlive a page is sent in several bodies", arguments: WebDriver.Engine.installed)
  func split(engine: WebDriver.Engine) throws {
    try Studio.run(engine: engine) { studio in
      try studio.world.database.execute(
        """
        insert into public.grains (module, slug, title, sort, status)
        select m.id, 'g-' || repeat('x', 50) || n, 'G', 100 + n, 'active'
        from public.modules m, generate_series(1, 620) n where m.slug = 'decouverte'
        """)
      try studio.enter()
      studio.front.answerReports(status: 502)
      try studio.browser.run(
        """
        return Passerelle.connect().then((session) => Promise.allSettled(
          Array.from({ length: 620 }, (_, n) => session.complete("g-" + "x".repeat(50) + (n + 1)))))
        """)
      studio.front.answerReports(nil)
      try studio.comeBack()
      try studio.wait(for: "620 of 624 grains — grade sent")
      let bodies = studio.front.reports.map { $0.encoded.utf8.count }
      #expect(bodies.allSatisfy { $0 < 64 << 10 } && bodies.count >= 2, "\(bodies)")
    }
  }
}
