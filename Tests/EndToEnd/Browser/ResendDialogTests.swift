import DemoMoodle
import TestSupport
import Testing
import Wire

/// Grades that Moodle has no more, on the dashboard in Moodle's frame.
@Suite("Sending grades again from the dashboard", .serialized, .needsBrowser) struct ResendDialogTests {
  @Test("After a reset the dashboard says so; it asks, with counts, before it sends them again")
  func resend() throws {
    try Classroom.run(.crossHTTP) { room in
      try room.work()
      let world = room.world
      world.moodle.platform.resetCourse()
      #expect(try world.command("grade", "verify").status == 0)
      let browser = try room.browser(
        preferences: ["profile.block_third_party_cookies": true, "profile.cookie_controls_mode": 1])
      defer { browser.quit() }
      let page = try DashboardReader(room, browser)
      let lost = try #require(Int(try page.tile("emptied")))
      #expect(lost > 0)
      #expect(try page.cell(".grade", of: "Éloïse").contains("Emptied in Moodle"))
      let asks = "Moodle no longer has \(lost) of"
      try browser.click("button.resend")
      try browser.wait(for: asks, in: "dialog")
      try browser.click("dialog button[value='']")
      try browser.wait(until: "no dialog") { try browser.count("dialog") == 0 }
      #expect(try world.database.count("select from public.grades where status = 'emptied'") == lost)
      try browser.click("button.resend")
      try browser.wait(for: asks, in: "dialog")
      try browser.click("dialog button[value=lost]")
      try browser.wait(for: "will leave within the minute", in: "[role=alert]")
      #expect(try world.database.count("select from public.grades where status = 'emptied'") == 0)
      _ = try world.sync(now: false)
      #expect(world.gradebook() == 37.5)
    }
  }
}
