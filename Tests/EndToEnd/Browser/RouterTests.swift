import TestSupport
import Testing
import Wire

/// Mini-sites that generators make: small pages that do what docsify, reveal.js, VitePress and Docusaurus do.
@Suite("Sites with routers", .serialized, .needsBrowser) struct RouterTests {
  /// What a hash router does with the fragment as soon as it runs.
  enum HashRouter: String, CaseIterable, Sendable {
    /// reveal.js: empties it.
    case empties = "history.replaceState(null, '', '#/')"
    /// docsify: takes it for a route, and asks the site's server for that.
    case asks = """
      if (!location.hash.startsWith("#/")) location.replace("#/" + location.hash.slice(1));
      fetch(location.hash.slice(1) + ".md");
      """
    /// A module whose address has a route: what comes after it is taken for a part of it.
    case keeps = "history.replaceState({ mine: 1 }, '', '#/cours/un&' + location.hash.slice(1))"
    /// A router that escapes what it does not know.
    case escapes = "history.replaceState(null, '', '#/' + encodeURIComponent(location.hash.slice(1)))"
  }

  @Test(
    "A hash router before or after the library leaves the session, and no code in the address",
    arguments: HashRouter.allCases, WebDriver.Engine.installed)
  func hash(router: HashRouter, engine: WebDriver.Engine) throws {
    let code = "<script>\(router.rawValue)</script>"
    let late = Studio.head.replacing("></script>", with: " defer></script>")
    try Studio.run(["/first/": Studio.head + code + Studio.body, "/last/": late + code + Studio.body], engine: engine) {
      studio in
      for (path, count) in [("/first/", "0"), ("/last/", "1")] {
        try studio.world.tool.set("PASSERELLE_MINISITE_URL", studio.site.url + path)
        try studio.enter()
        try studio.wait(for: "\(count) of 4 grains")
        try studio.browser.click(count == "0" ? "#one" : "#two")
        try studio.wait(for: "\(count == "0" ? 1 : 2) of 4 grains — grade sent")
        let address = try studio.browser.url()
        #expect(!address.contains(/passerelle=|passerelle%3D/), "\(address)")
        // Where the library is the first to run, the site's server never sees a code.
        if count == "0" { #expect(!studio.site.paths.contains { $0.contains("passerelle") }, "\(studio.site.paths)") }
        try studio.browser.reload()
        try studio.wait(for: "\(count == "0" ? 1 : 2) of 4 grains — grade sent")
      }
    }
  }

  @Test(
    "Routes that change without a load show status and progress on each page, and on Back",
    arguments: WebDriver.Engine.installed)
  func history(engine: WebDriver.Engine) throws {
    let page =
      Studio.head
        + """
        <div id=app></div><script>
        const draw = () => (app.innerHTML = `\(Studio.body)`);
        const go = (path) => { history.pushState({ router: 1 }, "", path); draw(); };
        addEventListener("popstate", draw);
        draw();
        </script>
        """
    try Studio.run(["/": page], engine: engine) { studio in
      let browser = studio.browser
      let status = { (id: String) in
        try browser.run("return document.getElementById(arguments[0]).dataset.passerelleStatus", [.string(id)])
      }
      try studio.enter()
      try browser.click("#one")
      try studio.wait(for: "1 of 4 grains — grade sent")
      try browser.run("go('/two')")
      try studio.wait(for: "1 of 4 grains — grade sent")
      #expect(try [status("first"), status("second")] == ["completed", "none"])
      try browser.wait(for: "Éloïse", in: "b")
      try browser.click("#two")
      try studio.wait(for: "2 of 4 grains — grade sent")
      try browser.run("history.back()")
      try browser.wait(until: "the route is back") { try browser.url() == studio.site.url + "/" }
      try studio.wait(for: "2 of 4 grains — grade sent")
      #expect(try status("second") == "completed")
    }
  }

  @Test("Nothing of the page is changed before a framework has taken it over", arguments: WebDriver.Engine.installed)
  func hydration(engine: WebDriver.Engine) throws {
    let page =
      Studio.head
        + """
        <div id=app>\(Studio.body)</div><script>
        const rendered = app.innerHTML;
        const hydrate = () => {
          window.mismatch = app.innerHTML !== rendered;
          app.innerHTML = rendered;
        };
        addEventListener("load", () => setTimeout(hydrate, 50));
        </script>
        """
    try Studio.run(["/": page], engine: engine) { studio in
      try studio.enter()
      try studio.wait(for: "0 of 4 grains")
      #expect(try studio.browser.run("return mismatch") == false)
    }
  }

  @Test(
    "A session that fails or is missing is said to the learner and in the console, also on a page without a place for it",
    arguments: WebDriver.Engine.installed)
  func said(engine: WebDriver.Engine) throws {
    let bare = Studio.head + "<button data-passerelle-grain=bienvenue>OK</button>"
    try Studio.run(["/": bare], engine: engine) { studio in
      try studio.browser.open(studio.site.url + "/")
      try studio.browser.wait(for: "For your work to count, open the activity in Moodle.", in: Studio.foot)
      try studio.expectConsole("no_session")
      try studio.browser.open(studio.site.url + "/?#passerelle=\(String(repeating: "x", count: 43))")
      try studio.browser.wait(for: "Go back to Moodle and open the activity again.", in: Studio.foot)
      try studio.expectConsole("invalid_code")
      #expect(try studio.browser.url() == studio.site.url + "/?")
    }
  }
}
