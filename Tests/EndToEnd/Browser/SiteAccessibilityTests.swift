import DemoMoodle
import TestSupport
import Testing
import Wire

/// What the library adds to pages, and the pages of the authors' guide, under axe.
@Suite("Accessibility of mini-sites", .serialized, .needsBrowser) struct SiteAccessibilityTests {
  private static let examples = [
    "plain", "pages", "pages-2", "app", "quiz", "media", "scorm", "h5p", "preview", "a/index", "b/index",
  ]

  @Test("The guide's pages and the demonstration's are clean: without Moodle, and in a preview, done and not")
  func examples() throws {
    try Classroom.run(.same) { room in
      let site = try #require(room.world.tool.apache).minisiteURL
      let browser = try room.browser()
      defer { browser.quit() }
      for path in Self.examples.map({ "examples/\($0).html" }) + ["index.html"] {
        try browser.open(site + path)
        try browser.wait(until: "\(path) says where its work counts") {
          try browser.run("return document.body.textContent.includes('Moodle')") == true
        }
        try Axe.expectNone(in: browser, "\(path) without Moodle")
        try browser.open(site + path + "?passerelle=preview")
        try browser.wait(until: "\(path) is a preview") { try browser.count(Studio.foot) == 1 }
        try Axe.expectNone(in: browser, "\(path) in a preview")
        try browser.run("document.querySelector('[data-passerelle-grain]:is(button, a)')?.click()")
        try browser.wait(until: "nothing is on its way") { try browser.count("[aria-busy]") == 0 }
        try Axe.expectNone(in: browser, "\(path), something done")
      }
    }
  }

  @Test("What the library says and marks is clean: work that waits, a session that ended, a score that cannot be read")
  func library() throws {
    let page = """
      <!doctype html><html lang=en><meta charset=utf-8><title>Page</title><script src="LIBRARY"></script><main><h1>Page</h1>
      <b data-passerelle-learner></b><p id=progress data-passerelle-progress></p>
      <progress data-passerelle-progress aria-label=Progress></progress>
      <button id=one data-passerelle-grain=bienvenue>One</button><button id=two data-passerelle-grain=moodle
        data-passerelle-score=many>Two</button><p><a id=three href="#" data-passerelle-grain=directus>Three</a></main>
      """
    try Studio.run(["/": page]) { studio in
      let browser = studio.browser
      try studio.enter()
      try studio.wait(for: "0 of 4 grains")
      try Axe.expectNone(in: browser)
      try browser.click("#three")
      try studio.wait(for: "1 of 4 grains — grade sent")
      try browser.click("#two")
      try browser.wait(for: "nothing is recorded", in: Studio.beside)
      try Axe.expectNone(in: browser)
      studio.front.answerReports(status: 502)
      try browser.click("#one")
      try browser.wait(for: "Your work is kept", in: Studio.beside)
      try Axe.expectNone(in: browser)
      try studio.world.database.execute("update passerelle.sessions set expires_at = now()")
      try browser.reload()
      try browser.wait(for: "Session ended", in: Studio.foot)
      try Axe.expectNone(in: browser)
    }
  }

  @Test("axe finds a fault that is planted")
  func planted() throws {
    let page = "<!doctype html><html><title>Page</title><button></button><p style='color: #ccc'>pale"
    try PlatformStub.run({ _, _ in .html(page) }) { site in
      let browser = try WebDriver()
      defer { browser.quit() }
      try browser.open(site.url + "/")
      let rules = try Axe.violations(in: browser).map { $0.prefix { $0 != ":" } }
      #expect(Set(rules) == ["button-name", "color-contrast", "html-has-lang"])
    }
  }
}
