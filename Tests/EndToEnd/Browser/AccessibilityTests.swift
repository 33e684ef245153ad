import DemoMoodle
import TestSupport
import Testing
import Wire

/// Pages of ours under the rules of WCAG that a program can judge, at several sizes, in both languages and both schemes.
@Suite("Accessibility of pages", .serialized, .needsBrowser) struct AccessibilityTests {
  /// A screen, and the language and the colours of its owner.
  struct Screen: Sendable, CustomTestStringConvertible {
    let width: Int
    let height: Int
    let language: String
    let isDark: Bool
    var testDescription: String { "\(width) by \(height) in \(language)\(isDark ? ", dark" : "")" }
    var arguments: [String] { isDark ? ["--blink-settings=preferredColorScheme=0"] : [] }
  }

  private static let screens = [
    Screen(width: 1280, height: 900, language: "fr", isDark: false),
    Screen(width: 830, height: 560, language: "en", isDark: true),
    Screen(width: 390, height: 844, language: "fr", isDark: true),
    // 400 per cent on a screen of 1,280 pixels.
    Screen(width: 320, height: 640, language: "en", isDark: false),
  ]

  private func look(_ browser: WebDriver, _ name: String, _ screen: Screen) throws {
    try Classroom.keepScreenshot(browser, "page-\(name)-\(screen.width)-\(screen.language)")
    try PageAudit.expectNone(in: browser, "\(name), \(screen)")
  }

  @Test("The dashboard, a learner on it and its questions have no fault", arguments: screens)
  func dashboard(screen: Screen) throws {
    try Classroom.run(.crossHTTP) { room in
      try room.work()
      room.world.moodle.platform.changePerson(8) { $0.language = screen.language }
      let browser = try room.browser(arguments: screen.arguments)
      defer { browser.quit() }
      try browser.resize(width: screen.width, height: screen.height)
      try browser.open(room.moodle + "/mod/lti/launch.php?id=2&user=8")
      let page = DashboardReader(entered: browser)
      try page.waitForTable()
      try browser.run("document.querySelector('details.pictures').open = true")
      try eventually { try browser.count(".picture svg") == 2 }
      try look(browser, "dashboard", screen)
      try browser.run("document.querySelector('button.resend').click()")
      try browser.wait(until: "it asks") { try browser.count("dialog[open]") == 1 }
      try look(browser, "dashboard-asks", screen)
      try browser.click("dialog button[value='']")
      try page.open("François D'Hérouville")
      try browser.wait(for: "Accueil", in: "table.grains tbody")
      try look(browser, "dashboard-learner", screen)
      // Wider text is not cut off, and nothing lies beside the window.
      try PageAudit.spaceText(in: browser)
      try PageAudit.expectNone(in: browser, "spaced, \(screen)")
    }
  }

  @Test("A learner's own page with its certificate, and a refusal, have no fault", arguments: screens)
  func learner(screen: Screen) throws {
    try Classroom.run(.crossHTTP) { room in
      room.world.moodle.platform.changePerson(3) { $0.language = screen.language }
      let learner = try room.visit(user: 3)
      for grain in Classroom.grains { try learner.complete(grain) }
      let browser = try room.browser(arguments: screen.arguments + ["--lang=\(screen.language)"])
      defer { browser.quit() }
      try browser.resize(width: screen.width, height: screen.height)
      try browser.open("\(room.world.tool.base)/me#passerelle=\(try room.world.code(of: room.launch(user: 3)))")
      try browser.wait(for: "Éloïse Lefèvre", in: ".attestation")
      try look(browser, "me", screen)
      try browser.open("\(room.world.tool.base)/lti/login?iss=https://elsewhere.example&login_hint=3&target_link_uri=x")
      try browser.wait(for: "platform_unknown", in: "main")
      try look(browser, "refusal", screen)
    }
  }

  @Test("The choice of content has no fault", arguments: screens)
  func choice(screen: Screen) throws {
    try World.run(.event) { world in
      world.moodle.platform.changePerson(8) { $0.language = screen.language }
      let browser = try WebDriver(arguments: screen.arguments)
      defer { browser.quit() }
      try browser.resize(width: screen.width, height: screen.height)
      let deepLink = try Attempt(world)
      let answer = try deepLink.present(try deepLink.token(user: 8, World.settings()))
      try browser.open("\(world.tool.base)/deep-link#passerelle=\(try world.deepLinkCode(answer))")
      try browser.wait(for: "À la découverte", in: "form")
      try browser.click("summary")
      try look(browser, "deep-link", screen)
    }
  }

  @Test("In forced colours every state and every picture is still told from the others")
  func forcedColours() throws {
    try Classroom.run(.crossHTTP) { room in
      try room.work()
      let browser = try room.browser()
      defer { browser.quit() }
      try browser.prefer([("forced-colors", "active")])
      try browser.open(room.moodle + "/mod/lti/launch.php?id=2&user=8")
      try DashboardReader(entered: browser).waitForTable()
      #expect(try browser.run("return matchMedia('(forced-colors: active)').matches") == true)
      try browser.run("document.querySelector('details.pictures').open = true")
      try eventually { try browser.count(".picture svg") == 2 }
      try Classroom.keepScreenshot(browser, "dashboard-forced-colours")
      let colours = try browser.run(
        """
        const of = (selector, name) => getComputedStyle(document.querySelector(selector))[name];
        return [of(".mark.completed", "backgroundColor") !== of(".mark.none", "backgroundColor"),
          of(".columns rect", "fill") === of("h1", "color"), of(".line polyline", "stroke") === of("h1", "color"),
          of("thead .share", "borderTopStyle") === "solid"];
        """)
      #expect(colours == [true, true, true, true])
    }
  }

  @Test("The audit finds each fault that is planted")
  func planted() throws {
    let faults = [
      ("<button></button>", "no name: button"), ("<a href=x></a>", "no name: link"), ("<input>", "no name: textbox"),
      ("<img src=x>", "no alternative"), ("<p style='color:#999;background:#fff'>grey</p>", "contrast 2.85"),
      ("<h3>deep</h3>", "heading level"), ("<i id=a></i><i id=a></i>", "id twice"),
      ("<table><tr><td>x</table>", "no heading"), ("<p style='width:3000px'>wide</p>", "wider than its window"),
      ("<div aria-hidden=true><button>x</button></div>", "focus where nothing is told"),
      ("<div style='overflow:auto;height:20px'><p style='height:90px'>x</p></div>", "scrolls without the keyboard"),
      ("<p style='overflow:hidden;height:5px'>cut</p>", "cut off"),
      ("<button style='padding:0;border:0;font-size:8px'>x</button>", "target"),
    ]
    let sound = "<!doctype html><html lang=en><title>x</title><main><h1>x</h1><p>Text</p>"
    var pages = ["/": sound]
    for (index, fault) in faults.enumerated() { pages["/\(index)"] = sound + fault.0 }
    let served = pages
    try PlatformStub.run({ request, _ in served[request.path].map { .html($0) } }) { site in
      let browser = try WebDriver()
      defer { browser.quit() }
      try browser.open(site.url + "/")
      try PageAudit.expectNone(in: browser)
      for (index, fault) in faults.enumerated() {
        try browser.open("\(site.url)/\(index)")
        let found = try PageAudit.findings(in: browser)
        #expect(found.contains { $0.hasPrefix(fault.1) }, "\(fault.0): \(found)")
      }
    }
  }
}
