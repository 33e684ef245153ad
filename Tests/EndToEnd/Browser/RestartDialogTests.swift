import DemoMoodle
import TestSupport
import Testing
import Wire

/// Learners who begin the activity anew, on the dashboard in Moodle's frame.
@Suite("Starting over from the dashboard", .serialized, .needsBrowser) struct RestartDialogTests {
  private static let button = "div:not([hidden]) > .head button.restart"

  /// Presses the button, and answers what it asks.
  private func restart(_ browser: WebDriver, asks words: String, answer: String) throws {
    try browser.click(Self.button)
    try browser.wait(for: words, in: "dialog")
    try browser.click("dialog button[value='\(answer)']")
    try browser.wait(until: "no dialog") { try browser.count("dialog") == 0 }
  }

  @Test("A teacher lets one learner, then everybody, start over: it asks first, and says what becomes of the grades")
  func restarts() throws {
    try Classroom.run(.crossHTTP) { room in
      try room.work()
      let world = room.world
      let browser = try room.browser()
      defer { browser.quit() }
      let page = try DashboardReader(room, browser)
      try page.open("Éloïse Lefèvre")
      let one = "Let this person begin the activity anew?"
      try restart(browser, asks: one, answer: "")
      #expect(try world.gradebook() == 37.5 && world.database.count("select from passerelle.runs") == 0)
      try restart(browser, asks: one, answer: "withdraw")
      try browser.wait(for: "Begun anew: 1.", in: "[role=alert]")
      #expect(world.gradebook() == nil)
      try browser.wait(for: "0 of 4 grains", in: "div:not([hidden]) > .overview")
      try browser.run("history.back()")
      try browser.wait(until: "the table") { try browser.count("div:not([hidden]) > .head button.resend") == 1 }
      // Zoë, who has done nothing, is one of them.
      try restart(browser, asks: "Let 4 learners begin the activity anew?", answer: "keep")
      try browser.wait(for: "Begun anew: 4.", in: "[role=alert]")
      #expect(try world.database.count("select from public.progress") == 0)
      #expect(world.gradebook(user: 7) == 100)
      _ = try world.sync()
      #expect(world.gradebook(user: 7) == 100)
      try room.visit(user: 7).complete("bienvenue")
      #expect(world.gradebook(user: 7) == 25)
    }
  }
}
