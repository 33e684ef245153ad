import DemoMoodle
import TestSupport
import Testing
import Wire

/// What learners and teachers do, in Firefox with its tracking protection, at a Moodle as patched since June 2026.
@Suite("Activities in Firefox", .serialized, .needsFirefox) struct FirefoxTests {
  private func visit(
    _ sites: Classroom.Sites, activities: [Activity] = [Activity(name: "Découverte")],
    _ body: (Classroom, WebDriver) throws -> Void
  ) throws {
    try Classroom.run(sites, activities: activities) { room in
      room.world.moodle.platform.sendLaxCookies()
      let browser = try WebDriver.firefox(acceptsAnyCertificate: sites == .crossHTTPS)
      defer { browser.quit() }
      try body(room, browser)
    }
  }

  @Test(
    "In Moodle's frame the cookie comes back; across sites the login is posted again from Moodle's own site",
    arguments: [Classroom.Sites.crossHTTP, .crossHTTPS])
  func frame(sites: Classroom.Sites) throws {
    try visit(sites) { room, browser in
      try browser.open(room.course())
      try browser.enterFrame("iframe")
      try room.completeFirstGrain(in: browser)
      #expect(try browser.run("return location.hash") == "")
      if sites == .crossHTTPS { #expect(room.world.moodle.platform.reposts == 1) }
      try browser.leaveFrames()
      try browser.wait(for: "25 / 100", in: "#gradebook")
      try Classroom.keepScreenshot(browser, "firefox-frame-\(sites)")
      #expect(try room.launches(count: 1) == [303])
      #expect(room.world.gradebook() == 25)
    }
  }

  @Test("In a new window the same", arguments: [Classroom.Sites.crossHTTP, .crossHTTPS])
  func window(sites: Classroom.Sites) throws {
    try visit(sites, activities: [Activity(name: "Découverte", container: .window)]) { room, browser in
      try browser.open(room.moodle + "/login/index.php?user=3")
      try browser.open(room.moodle + "/mod/lti/launch.php?id=2")
      try room.completeFirstGrain(in: browser)
      #expect(try room.launches(count: 1) == [303])
      #expect(room.world.gradebook() == 25)
    }
  }

  @Test("Inside a page of the course several activities open side by side, each with its own session and grade")
  func page() throws {
    let activities = [Activity(name: "Un"), Activity(cmid: 3, instance: 2, name: "Deux", points: 20)]
    try visit(.crossHTTPS, activities: activities) { room, browser in
      room.world.moodle.platform.showInPage([2, 3])
      try browser.open(room.world.moodle.platform.textPageURL + "&user=3&lang=en")
      try room.completeOneGrainEach(["Un", "Deux"], in: browser)
      #expect(try room.launches(count: 2) == [303, 303])
      #expect(try room.world.sync().status == 0)
      #expect(room.world.gradebook() == 50 && room.world.gradebook(activity: 2) == 10)
    }
  }

  @Test("A teacher chooses content, and finds it in the course")
  func content() throws {
    try visit(.crossHTTPS) { room, browser in
      let platform = room.world.moodle.platform
      try browser.open(room.moodle + "/course/modedit.php?add=lti&type=1&course=2&user=8")
      try browser.enterFrame("#contentitem")
      try browser.wait(for: "À la découverte", in: "form")
      try browser.click("input[name=item]")
      try browser.clickAway("button[type=submit]")
      try browser.leaveFrames()
      try browser.wait(for: "À la découverte", in: "main")
      #expect(platform.activities.last?.custom.map(\.value) == ["decouverte"])
    }
  }
}
