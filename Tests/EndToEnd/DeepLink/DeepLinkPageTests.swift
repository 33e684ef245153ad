import DemoMoodle
import Foundation
import JOSE
import TestSupport
import Testing
import Wire

/// The pages that people see in Moodle's frames: choosing content, and the end of a registration.
@Suite("Pages in Moodle's frames", .serialized, .needsStack) struct DeepLinkPageTests {
  /// A browser in which a teacher begins to choose content, with the tool's page in the frame entered.
  private func choosing(_ world: World) throws -> WebDriver {
    let browser = try WebDriver()
    try browser.open(world.moodle.url + "/course/modedit.php?add=lti&type=1&course=2&user=8")
    try browser.enterFrame("#contentitem")
    try browser.wait(for: "À la découverte", in: "form")
    return browser
  }

  private func keepScreenshot(_ browser: WebDriver, _ name: String) throws {
    guard let folder = Stack.optional("PASSERELLE_TEST_SCREENSHOTS") else { return }
    try browser.screenshot(to: "\(folder)/\(name).png")
  }

  @Test(
    "In Moodle's frame a teacher chooses a module with the keyboard alone, and finds it in the course", .needsBrowser)
  func keyboard() throws {
    try World.run(.event) { world in
      let browser = try choosing(world)
      defer { browser.quit() }
      try keepScreenshot(browser, "deep-link")
      // Space chooses the module; Tab goes on to its grains, which Enter unfolds, to the first of them, and so on.
      let focused = "return document.activeElement.textContent || document.activeElement.parentElement.textContent"
      try browser.type(" \u{E004}", into: "input[name=item]")
      #expect(try browser.run(focused) == "4 grains of this module")
      try browser.type("\u{E007}\u{E004}", into: "summary")
      #expect(try browser.run(focused) == " Accueil")
      try browser.type("\u{E004}", into: "li li:last-child input")
      #expect(try browser.run(focused) == "Add to the course")
      try browser.type("\u{E007}", into: "button[type=submit]")
      try browser.leaveFrames()
      try browser.wait(for: "À la découverte", in: "main")
      let made = try #require(world.moodle.platform.activities.last)
      #expect(made.name == "À la découverte")
      #expect(made.custom.map(\.value) == ["decouverte"])
    }
  }

  @Test("Several grains become several activities, each with its module and grain", .needsBrowser)
  func several() throws {
    try World.run(.event) { world in
      let browser = try choosing(world)
      defer { browser.quit() }
      let before = world.moodle.platform.activities.count
      #expect(try browser.count("input[type=checkbox]") == 5)
      try browser.click("summary")
      try keepScreenshot(browser, "deep-link-grains")
      try browser.click("details li:nth-child(1) input")
      try browser.click("details li:nth-child(4) input")
      try browser.clickAway("button[type=submit]")
      try browser.leaveFrames()
      try browser.wait(for: "Bilan", in: "main")
      let made = world.moodle.platform.activities.dropFirst(before)
      #expect(made.map(\.name) == ["À la découverte – Accueil", "À la découverte – Bilan"])
      // Where it opens, and what it is about.
      #expect(
        made.map { $0.custom.map(\.value) } == ["accueil", "bilan"].map { ["decouverte", $0, $0] })
    }
  }

  @Test("Where each activity counts for itself, the choice says so beside the module", .needsBrowser)
  func scope() throws {
    try World.run(.event) { world in
      let browser = try choosing(world)
      defer { browser.quit() }
      #expect(try !browser.text("form").contains("each activity begins at nothing"))
      try world.database.execute("update public.modules set scope = 'activity'")
      let again = try choosing(world)
      defer { again.quit() }
      try again.wait(for: "À la découverte (each activity begins at nothing)", in: "form")
    }
  }

  @Test("Nothing chosen is said on the page; cancelling goes back to Moodle and makes nothing", .needsBrowser)
  func cancel() throws {
    try World.run(.event) { world in
      let browser = try choosing(world)
      defer { browser.quit() }
      let before = world.moodle.platform.activities.count
      try browser.click("button[type=submit]")
      try browser.wait(for: "at least one item", in: "[role=alert]")
      try browser.clickAway("button[type=button]")
      try browser.leaveFrames()
      try browser.wait(until: "the course is back") { try browser.url().contains("/course/view.php") }
      #expect(world.moodle.platform.activities.count == before)
    }
  }

  @Test(
    "The page speaks the language that Moodle told, survives a reload, and says when its session has ended",
    .needsBrowser)
  func languageAndReload() throws {
    try World.run(.event) { world in
      world.moodle.platform.changePerson(8) { $0.language = "en" }
      let browser = try choosing(world)
      defer { browser.quit() }
      #expect(try browser.run("return document.documentElement.lang") == "en")
      #expect(try browser.text("button[type=submit]") == "Add to the course")
      #expect(try browser.run("return location.hash") == "")
      try browser.run("location.reload()")
      try browser.wait(for: "À la découverte", in: "form")
      #expect(try world.database.value("select count(*) from passerelle.sessions") == Int64(1))
      try world.database.execute("update passerelle.sessions set expires_at = now()")
      try browser.click("input[name=item]")
      try browser.click("button[type=submit]")
      try browser.wait(for: "session has ended", in: "[role=alert]")
    }
  }

  @Test(
    "A page itself is the same for everybody: framed by platforms only, one script by its hash, one place to call",
    arguments: [
      ("/deep-link", "Choisir un contenu", "Choose content"), ("/dashboard", "Tableau de bord", "Dashboard"),
      ("/me", "Ma progression", "My progress"),
    ])
  func policy(path: String, french: String, english: String) throws {
    try World.run(.inProcess) { world in
      for (language, title) in [("fr", french), ("en", english)] {
        let page = try world.send("GET", path, fields: [("Accept-Language", language)])
        #expect(page.status == 200)
        #expect(page.text.contains("<h1>\(title)</h1>"))
        #expect(page.text.contains("data-api=\"\(world.tool.base)/api/\""))
        let policy = try #require(page.fields["Content-Security-Policy"])
        let script = try #require(page.text.firstMatch(of: /<script>((?s).*)<\/script>/)).1
        #expect(
          policy.contains(
            "; script-src 'sha256-\(Base64.encode(SHA256.hash(Array(script.utf8))))'; connect-src 'self';"))
        let style = try #require(page.text.firstMatch(of: /<style>((?s).*)<\/style>/)).1
        let digest = Base64.encode(SHA256.hash(Array(style.utf8)))
        #expect(policy.hasPrefix("default-src 'none'; style-src 'sha256-\(digest)';"))
        #expect(policy.hasSuffix("; frame-ancestors 'self' \(world.moodle.url)"))
      }
    }
  }

  @Test("Titles in several languages are read in the teacher's", .needsBrowser, arguments: ["fr", "en"])
  func titles(language: String) throws {
    try World.run(.event) { world in
      world.moodle.platform.changePerson(8) { $0.language = language }
      try world.database.execute(
        "update public.modules set title = '{mlang fr}Été{mlang}{mlang en}Summer{mlang} {mlang other}x{mlang}'")
      try world.database.execute(
        "update public.grains set title = '{mlang de}Anfang{mlang}{mlang other}Start{mlang}' where slug = 'accueil'")
      let attempt = try Attempt(world)
      let answer = try attempt.present(try attempt.token(user: 8, World.settings()))
      let browser = try WebDriver()
      defer { browser.quit() }
      try browser.open("\(world.tool.base)/deep-link#passerelle=\(try world.deepLinkCode(answer))")
      try browser.wait(for: language == "fr" ? "Été" : "Summer", in: "form")
      try browser.click("summary")
      #expect(try browser.text("details li:nth-child(1)") == "Start")
      #expect(try !browser.text("form").contains("mlang"))
    }
  }

  @Test(
    "In Moodle's frame the registration's page tells what to do, and stays until its button is pressed", .needsBrowser,
    arguments: [.chromium] + WebDriver.Engine.others)
  func registration(engine: WebDriver.Engine) throws {
    try World.run(.event, registered: false) { world in
      let browser = try engine.browser()
      defer { browser.quit() }
      let page = world.moodle.url + "/mod/lti/toolconfigure.php?user=2&lang=en&"
      try browser.open(page + FormURLEncoded.encode([("url", try world.invite().url)]))
      try browser.enterFrame("#registration")
      try browser.clickAway("a[href*='type=0']")
      // WebKit's browser names no language here.
      let isFrench = engine == .webKit
      try browser.wait(for: isFrench ? "Activer" : "choose “Activate”", in: "main")
      try browser.leaveFrames()
      try keepScreenshot(browser, "registration")
      // Whoever reads slowly reads all of it.
      Thread.sleep(forTimeInterval: 2)
      #expect(try browser.count("#registration") == 1)
      try browser.enterFrame("#registration")
      #expect(try browser.run("return /setTimeout|setInterval/.test(document.querySelector('script').text)") == false)
      try browser.clickAway("button")
      try browser.leaveFrames()
      try browser.wait(for: isFrench ? "En attente" : "Pending", in: "[data-type='2'] .state")
      #expect(try browser.count("#registration") == 0)
      try keepScreenshot(browser, "registered")
    }
  }
}
