import DemoMoodle
import TestSupport
import Testing
import Wire

/// Which session a page of a site has: by its path, from another tab, refreshed.
@Suite("Sessions on a site", .serialized, .needsBrowser) struct SiteSessionTests {
  /// Two modules on one site, whose grains have the same names.
  private static func twoModules(
    _ pages: [String: String], engine: WebDriver.Engine, _ body: (Studio) throws -> Void
  ) throws {
    let activities = [
      Activity(name: "A", custom: [("module", "decouverte")]),
      Activity(cmid: 3, instance: 2, name: "B", custom: [("module", "botanique")]),
    ]
    try Studio.run(pages, activities: activities, engine: engine) { studio in
      try studio.world.database.execute(
        """
        insert into public.modules (slug, title, url, status)
          values ('botanique', 'Botanique', \(studio.site.url + "/b/"), 'active');
        """)
      try studio.world.database.execute(
        "update public.modules set url = \(studio.site.url + "/a/") where slug = 'decouverte'")
      try studio.world.database.execute(
        """
        insert into public.grains (module, slug, title, sort, status)
        select b.id, g.slug, g.title, g.sort, 'active' from public.grains g join public.modules a on a.id = g.module
        join public.modules b on b.slug = 'botanique' where a.slug = 'decouverte'
        """)
      try body(studio)
    }
  }

  /// How many grains are completed in the one module, and in the other.
  private static func completed(_ studio: Studio) throws -> [Int] {
    try ["decouverte", "botanique"].map { module in
      try studio.world.database.count(
        """
        select from public.progress p join public.grains g on g.id = p.grain join public.modules m on m.id = g.module
        where m.slug = \(module) and p.status = 'completed'
        """)
    }
  }

  @Test(
    "Two modules on one site never mix: a page has the session whose landing page is nearest above it",
    arguments: WebDriver.Engine.installed)
  func paths(engine: WebDriver.Engine) throws {
    let pages = ["/a/", "/a/two.html", "/b/", "/b/deep/er.html", "/elsewhere.html"]
    try Self.twoModules(Dictionary(uniqueKeysWithValues: pages.map { ($0, Studio.page) }), engine: engine) { studio in
      try studio.enter()
      try studio.enter(cmid: 3)
      try studio.browser.open(studio.site.url + "/a/two.html")
      try studio.wait(for: "0 of 4 grains")
      try studio.browser.click("#one")
      try studio.wait(for: "1 of 4 grains — grade sent")
      #expect(try Self.completed(studio) == [1, 0])
      try studio.browser.open(studio.site.url + "/b/deep/er.html")
      try studio.browser.click("#two")
      try studio.wait(for: "1 of 4 grains — grade sent")
      #expect(try Self.completed(studio) == [1, 1])
      // A page that is under neither is nobody's.
      try studio.browser.open(studio.site.url + "/elsewhere.html")
      try studio.browser.click("#two")
      try studio.browser.wait(for: "open the activity in Moodle", in: "#message")
      #expect(try Self.completed(studio) == [1, 1])
    }
  }

  @Test(
    "data-passerelle-module insists: the module's session wherever the page lies, and no other",
    arguments: WebDriver.Engine.installed)
  func insists(engine: WebDriver.Engine) throws {
    let insisting = Studio.page.replacing("<html lang=en>", with: "<html lang=en data-passerelle-module=decouverte>")
    let script = Studio.page.replacing("<script ", with: "<script data-passerelle-module=decouverte ")
    try Self.twoModules(["/a/": Studio.page, "/b/": insisting, "/c/": script], engine: engine) { studio in
      try studio.launch(cmid: 3)
      try studio.browser.wait(for: "This page is another activity’s. Open it in Moodle.", in: "#message")
      try studio.expectConsole("wrong_module")
      try studio.browser.click("#one")
      try studio.browser.wait(for: "another activity", in: "#one + span")
      #expect(studio.front.reports == [])
      try studio.enter()
      for path in ["/c/", "/b/"] {
        try studio.browser.open(studio.site.url + path)
        try studio.browser.wait(for: "Éloïse", in: "b")
      }
      try studio.browser.click("#one")
      try studio.wait(for: "1 of 4 grains — grade sent")
      #expect(try Self.completed(studio) == [1, 0])
    }
  }

  @Test("A new tab has the session of an open one, what it does shows there, and another site's part has none")
  func newTab() throws {
    let pages = ["/m/": Studio.page, "/m/two.html": Studio.page, "/n/": Studio.page]
    try Studio.run(pages) { studio in
      let browser = studio.browser
      try studio.world.tool.set("PASSERELLE_MINISITE_URL", studio.site.url + "/m/")
      try studio.enter()
      let first = try browser.tabs()[0]
      let second = try browser.openTab()
      try browser.open(studio.site.url + "/m/two.html")
      try browser.wait(for: "Éloïse", in: "b")
      try browser.click("#one")
      try studio.wait(for: "1 of 4 grains — grade sent")
      // A tab that is duplicated begins with what the other one holds.
      try browser.run("open('/m/two.html')")
      let copy = try #require(try browser.tabs().first { $0 != first && $0 != second })
      try browser.enterTab(copy)
      try studio.wait(for: "1 of 4 grains — grade sent")
      try browser.closeTab(enter: second)
      // Its own from now on: also when the first is gone, and after a reload.
      try browser.enterTab(first)
      try studio.wait(for: "1 of 4 grains — grade sent")
      try browser.open(studio.site.url + "/n/")
      try browser.wait(for: "open the activity in Moodle", in: "#message")
      try browser.closeTab(enter: second)
      try browser.reload()
      try studio.wait(for: "1 of 4 grains — grade sent")
    }
  }

  @Test(
    "A session is lent only while its learner is the last who came there in this browser, a teacher's never",
    arguments: WebDriver.Engine.installed)
  func lending(engine: WebDriver.Engine) throws {
    try Studio.run(engine: engine) { studio in
      let browser = studio.browser
      try studio.enter()
      let first = try browser.tabs()[0]
      _ = try browser.openTab()
      try studio.enter(user: 4, as: "Zoë")
      try browser.closeTab(enter: first)
      _ = try browser.openTab()
      try browser.open(studio.site.url + "/")
      try browser.wait(for: "open the activity in Moodle", in: "#message")
      #expect(try browser.text("b") == "")
      // The first one's tab is still theirs.
      try browser.closeTab(enter: first)
      try browser.reload()
      try browser.wait(for: "Éloïse", in: "b")
      // A teacher, who comes from the dashboard.
      let code = try studio.world.code(of: studio.room.launch(user: 8))
      try browser.open("\(studio.site.url)/?#passerelle=\(code)")
      try browser.wait(for: "Preview: nothing is recorded.", in: Studio.foot)
      _ = try browser.openTab()
      try browser.open(studio.site.url + "/")
      try browser.wait(for: "open the activity in Moodle", in: "#message")
    }
  }

  @Test("Back shows the progress as it is now", arguments: WebDriver.Engine.installed)
  func back(engine: WebDriver.Engine) throws {
    try Studio.run(["/": Studio.page, "/two.html": Studio.page], engine: engine) { studio in
      let browser = studio.browser
      try studio.enter()
      try browser.open(studio.site.url + "/two.html")
      try browser.click("#two")
      try studio.wait(for: "1 of 4 grains — grade sent")
      try browser.run("history.back()")
      try browser.wait(until: "the first page is back") { try browser.url() == studio.site.url + "/" }
      try studio.wait(for: "1 of 4 grains — grade sent")
    }
  }

  @Test(
    "A tab that becomes visible again asks for the progress, and so does a page out of the back-forward cache",
    arguments: WebDriver.Engine.installed)
  func visible(engine: WebDriver.Engine) throws {
    try Studio.run(engine: engine) { studio in
      try studio.enter()
      let elsewhere = try studio.room.visit(user: 3)
      try elsewhere.complete("moodle")
      try studio.browser.run("document.dispatchEvent(new Event('visibilitychange'))")
      try studio.wait(for: "1 of 4 grains — grade sent")
      try elsewhere.complete("bienvenue")
      try studio.browser.run("dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))")
      try studio.wait(for: "2 of 4 grains — grade sent")
    }
  }

  @Test(
    "Elements that come later work, in the page and, after scan(), in a shadow root",
    arguments: WebDriver.Engine.installed)
  func later(engine: WebDriver.Engine) throws {
    let page =
      Studio.head
        + """
        <div id=app></div><div id=host></div><script>
        setTimeout(() => (app.innerHTML = `\(Studio.body)`), 700);
        host.attachShadow({ mode: "open" }).innerHTML = "<button data-passerelle-grain=directus>Three</button>";
        Passerelle.scan(host.shadowRoot);
        </script>
        """
    try Studio.run(["/": page], engine: engine) { studio in
      try studio.enter()
      try studio.browser.click("#one")
      try studio.wait(for: "1 of 4 grains — grade sent")
      try studio.browser.run("host.shadowRoot.querySelector('button').click()")
      try studio.wait(for: "2 of 4 grains — grade sent")
      #expect(
        try studio.browser.run("return host.shadowRoot.querySelector('button').dataset.passerelleStatus") == "completed"
      )
      try studio.browser.run(
        "first.remove(); app.insertAdjacentHTML('beforeend', '<i id=new data-passerelle-grain=bienvenue></i>')")
      try studio.browser.wait(until: "the new one has its status") {
        try studio.browser.run("return document.querySelector('#new').dataset.passerelleStatus") == "completed"
      }
    }
  }
}
