import DemoMoodle
import TestSupport
import Testing
import Wire

/// The same in WebKit with tracking prevention, as in Safari: no cookie of the tool comes back into Moodle's frame.
@Suite("Activities in WebKit", .serialized, .needsWebKit) struct WebKitTests {
  @Test(
    "In Moodle's frame the proof comes from storage, in a window the cookie serves",
    arguments: [Classroom.Sites.crossHTTP, .crossHTTPS])
  func activity(sites: Classroom.Sites) throws {
    try Classroom.run(sites) { room in
      // As Moodles patched since June 2026 send it.
      room.world.moodle.platform.sendLaxCookies()
      let browser = try WebDriver.webKit(acceptsAnyCertificate: sites == .crossHTTPS)
      defer { browser.quit() }
      try browser.open(room.course())
      // WebKit's driver scrolls within the frame it is in, not the page around it.
      try browser.run("document.querySelector('iframe').scrollIntoView()")
      try browser.enterFrame("iframe")
      try room.completeFirstGrain(in: browser)
      try browser.leaveFrames()
      try browser.wait(for: "25 / 100", in: "#gradebook")
      try Classroom.keepScreenshot(browser, "webkit-frame-\(sites)")
      #expect(try room.launches(count: 2) == [200, 303])

      // Over http a cookie cannot say SameSite=None, and one that says nothing is Lax to libsoup since 3.4: it does not
      // come back with what another site posts.
      guard sites == .crossHTTPS else { return }
      try browser.open(room.moodle + "/mod/lti/launch.php?id=2&user=3")
      try browser.wait(for: "1 of 4 grains — grade sent", in: "#progress-words")
      try browser.click("button[data-passerelle-grain=moodle]")
      try browser.wait(for: "2 of 4 grains — grade sent", in: "#progress-words")
      try Classroom.keepScreenshot(browser, "webkit-window-\(sites)")
      #expect(try room.launches(count: 3) == [200, 303, 303])
      #expect(room.world.gradebook() == 50)
    }
  }

  @Test("Over http the cookie serves in a window when Moodle and the tool are one site")
  func oneSite() throws {
    try Classroom.run(.same) { room in
      let browser = try WebDriver.webKit(acceptsAnyCertificate: false)
      defer { browser.quit() }
      try browser.open(room.moodle + "/mod/lti/launch.php?id=2&user=3")
      try room.completeFirstGrain(in: browser)
      try browser.click("button[data-passerelle-grain=moodle]")
      try browser.wait(for: "2 of 4 grains — grade sent", in: "#progress-words")
      #expect(try room.launches(count: 1) == [303])
      #expect(room.world.gradebook() == 50)
    }
  }
}
