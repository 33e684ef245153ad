import DemoMoodle
import TestSupport
import Testing
import Wire

/// The activity as learners meet it: in Moodle's frame, in a window, in two tabs, with and without cookies.
@Suite("Activities in a browser", .serialized, .needsBrowser) struct FrameTests {
  /// A browser, the two sites it visits, and how the tool comes to know it again.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let sites: Classroom.Sites
    let browser: Browser
    /// How the launches were answered: at once with a cookie, or after the page that asks storage for the proof.
    let launches: [Int]
  }

  /// What a browser does about the cookies of a site in another site's frame.
  enum Browser: Sendable {
    case keepsThirdPartyCookies, blocksThirdPartyCookies

    var arguments: [String] { self == .keepsThirdPartyCookies ? [] : ["--test-third-party-cookie-phaseout"] }
    var preferences: JSONObject {
      let blocks = self == .blocksThirdPartyCookies
      return [
        "profile.block_third_party_cookies": .bool(blocks), "profile.cookie_controls_mode": .number(blocks ? 1 : 0),
      ]
    }
  }

  private static let cases = [
    Case(testDescription: "as in the demo", sites: .same, browser: .blocksThirdPartyCookies, launches: [303]),
    Case(
      testDescription: "two sites, http", sites: .crossHTTP, browser: .blocksThirdPartyCookies, launches: [200, 303]),
    Case(testDescription: "two sites, https", sites: .crossHTTPS, browser: .blocksThirdPartyCookies, launches: [303]),
    Case(
      testDescription: "two sites, https, third-party cookies kept", sites: .crossHTTPS,
      browser: .keepsThirdPartyCookies, launches: [303]),
  ]

  @Test(
    "In Moodle's frame a learner sees their name, completes a grain, and finds the grade beside it", arguments: cases)
  func frame(browsing: Case) throws {
    try Classroom.run(browsing.sites) { room in
      let browser = try room.browser(arguments: browsing.browser.arguments, preferences: browsing.browser.preferences)
      defer { browser.quit() }
      try browser.open(room.course())
      try browser.enterFrame("iframe")
      try room.completeFirstGrain(in: browser)
      // The browser does what its settings say; otherwise the case would prove nothing.
      let probe = try browser.run("document.cookie = 'p=1; SameSite=None; Secure; Path=/'; return document.cookie")
      let keepsCookies = browsing.sites == .same || browsing.browser == .keepsThirdPartyCookies
      #expect(probe.stringValue?.contains("p=1") == keepsCookies, "\(probe)")
      // The code is out of the address, and the proof out of storage.
      #expect(try browser.run("return location.hash") == "")
      try browser.leaveFrames()
      try browser.wait(for: "25 / 100", in: "#gradebook")
      try Classroom.keepScreenshot(browser, "frame-\(browsing.sites)-\(browsing.browser)")
      #expect(try room.launches(count: browsing.launches.count) == browsing.launches)
      #expect(room.world.gradebook() == 25)
    }
  }

  @Test(
    "A Moodle that sends its session's cookie SameSite=Lax posts the login again from its own site, in a frame and in a window",
    arguments: [Browser.blocksThirdPartyCookies, .keepsThirdPartyCookies])
  func lax(browsing: Browser) throws {
    try Classroom.run(.crossHTTPS) { room in
      room.world.moodle.platform.sendLaxCookies()
      let browser = try room.browser(arguments: browsing.arguments, preferences: browsing.preferences)
      defer { browser.quit() }
      try browser.open(room.course())
      try browser.enterFrame("iframe")
      try room.completeFirstGrain(in: browser)
      #expect(room.world.moodle.platform.reposts == 1)
      try browser.leaveFrames()
      try browser.open(room.moodle + "/mod/lti/launch.php?id=2")
      try browser.wait(for: "1 of 4 grains", in: "#progress-words")
      // A window of its own sends the cookie with the redirect, which is Moodle's own page to it.
      #expect(room.world.moodle.platform.reposts == 1)
      #expect(room.world.gradebook() == 25)
    }
  }

  @Test("With such a cookie content is chosen, too: what goes back to Moodle is posted again")
  func laxContent() throws {
    try Classroom.run(.crossHTTPS) { room in
      let platform = room.world.moodle.platform
      platform.sendLaxCookies()
      let browser = try room.browser(preferences: Browser.blocksThirdPartyCookies.preferences)
      defer { browser.quit() }
      try browser.open(room.moodle + "/course/modedit.php?add=lti&type=1&course=2&user=8")
      try browser.enterFrame("#contentitem")
      try browser.wait(for: "À la découverte", in: "form")
      try browser.click("input[name=item]")
      try browser.clickAway("button[type=submit]")
      try browser.leaveFrames()
      try browser.wait(for: "À la découverte", in: "main")
      let returned = room.world.moodle.requests.filter { $0.path.hasSuffix("/contentitem_return.php") }
      #expect(returned.map { $0.postValue("repost") } == [nil, "true"])
      // And once to sign in; the course's own page may be at it again.
      #expect(platform.reposts >= 2)
      #expect(platform.activities.last?.custom.map(\.value) == ["decouverte"])
    }
  }

  @Test("Inside a page of the course several activities open side by side, each with its own session and grade")
  func page() throws {
    let activities = [Activity(name: "Un"), Activity(cmid: 3, instance: 2, name: "Deux", points: 20)]
    try Classroom.run(.crossHTTPS, activities: activities) { room in
      room.world.moodle.platform.sendLaxCookies()
      room.world.moodle.platform.showInPage([2, 3])
      let browser = try room.browser(preferences: Browser.blocksThirdPartyCookies.preferences)
      defer { browser.quit() }
      try browser.open(room.course())
      #expect(try browser.text(".activities").contains("Activities inside a page of the course"))
      // The course shows its first activity in a frame, too.
      #expect(try room.launches(count: 1) == [303])
      try browser.open(room.world.moodle.platform.textPageURL + "&user=3&lang=en")
      try room.completeOneGrainEach(["Un", "Deux"], in: browser)
      try Classroom.keepScreenshot(browser, "inside-a-page")
      #expect(try room.launches(count: 3) == [303, 303, 303])
      #expect(try room.world.sync().status == 0)
      #expect(room.world.gradebook() == 50 && room.world.gradebook(activity: 2) == 10)
      #expect(try room.world.database.count("select from public.learners") == 1)
    }
  }

  @Test("In a new window the same", arguments: [Classroom.Sites.crossHTTP, .crossHTTPS])
  func window(sites: Classroom.Sites) throws {
    try Classroom.run(sites, activities: [Activity(name: "Découverte", container: .window)]) { room in
      let browser = try room.browser(preferences: Browser.blocksThirdPartyCookies.preferences)
      defer { browser.quit() }
      try browser.open(room.moodle + "/login/index.php?user=3")
      let before = try browser.tabs()
      // Moodle's page opens the window by itself.
      try browser.open(room.moodle + "/mod/lti/view.php?id=2")
      try Classroom.enterNewTab(of: browser, before: before)
      try room.completeFirstGrain(in: browser)
      #expect(try room.launches(count: 1) == [303])
      #expect(room.world.gradebook() == 25)
      try Classroom.keepScreenshot(browser, "window-\(sites)")
    }
  }

  @Test("Two tabs opened at once do not take each other's place", arguments: [Classroom.Sites.crossHTTP, .crossHTTPS])
  func tabs(sites: Classroom.Sites) throws {
    let activities = [Activity(name: "Un"), Activity(cmid: 3, instance: 2, name: "Deux", points: 20)]
    try Classroom.run(sites, activities: activities) { room in
      let browser = try room.browser(preferences: Browser.blocksThirdPartyCookies.preferences)
      defer { browser.quit() }
      try browser.open(room.moodle + "/login/index.php?user=3")
      let before = try browser.tabs()
      try browser.run(
        "for (const url of arguments) window.open(url)",
        [.string(room.course(cmid: 2)), .string(room.course(cmid: 3))])
      let opened = try Classroom.newTabs(of: browser, before: before, count: 2)
      var titles: Set<String> = []
      for (tab, grain) in zip(opened, Classroom.grains) {
        try browser.enterTab(tab)
        titles.insert(try browser.text("main h2"))
        try browser.enterFrame("iframe")
        try browser.wait(for: "Éloïse", in: "#learner")
        try browser.click("button[data-passerelle-grain=\(grain)]")
        try browser.wait(for: "grade sent", in: "#progress-words")
      }
      #expect(titles == ["Un", "Deux"])
      let pages = sites == .crossHTTP ? [200, 200] : []
      #expect(try room.launches(count: pages.count + 2).sorted() == pages + [303, 303])
      #expect(try room.world.sync().status == 0)
      #expect(room.world.gradebook() == 50 && room.world.gradebook(activity: 2) == 10)
    }
  }

  @Test("With every cookie of the tool refused the proof comes from storage")
  func noCookies() throws {
    try Classroom.run(.crossHTTP) { room in
      try room.refusingCookies { gateway in
        let browser = try room.browser()
        defer { browser.quit() }
        try browser.open(room.course())
        try browser.enterFrame("iframe")
        try room.completeFirstGrain(in: browser)
        #expect(gateway.statuses("/lti/launch") == [200, 303])
        #expect(gateway.refusedCookies >= 2)
      }
    }
  }

  @Test("Where the browser refuses storage, too, the frame says in words what to do")
  func noStorage() throws {
    try Classroom.run(.crossHTTP) { room in
      // Moodle cannot know who is there without a cookie, so the address says it.
      let page = "<iframe width=800 height=600 src=\"\(room.moodle)/mod/lti/launch.php?id=2&amp;user=3\"></iframe>"
      try PlatformStub.run({ _, _ in .html(page) }) { course in
        let port = try #require(WebURL(course.url)).port
        // Only pages of the registered site may show the tool in a frame.
        let browser = try room.browser(preferences: ["profile.default_content_setting_values.cookies": 2])
        defer { browser.quit() }
        try room.world.database.execute(
          "insert into passerelle.platforms (name, issuer) values ('Course', \("http://localhost:\(port)"))")
        try browser.open("http://localhost:\(port)/")
        try browser.enterFrame("iframe")
        let words = try browser.wait(for: "state_missing", in: "main")
        #expect(words.contains("new window") || words.contains("nouvelle fenêtre"), "\(words)")
        try Classroom.keepScreenshot(browser, "no-storage")
        #expect(try room.world.database.count("select from passerelle.codes") == 0)
      }
    }
  }
}
