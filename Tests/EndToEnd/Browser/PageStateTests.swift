import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// `session.state(grain)`: what a page keeps for a learner, in the browser and on the server.
@Suite("What a page keeps", .serialized, .needsBrowser) struct PageStateTests {
  private func set(_ studio: Studio, _ value: JSONValue) throws {
    try studio.browser.run(
      "return Passerelle.connect().then((session) => session.state('bienvenue').set(arguments[0]))", [value])
  }

  private func get(_ browser: WebDriver) throws -> JSONValue {
    try browser.run(
      """
      return Passerelle.connect().then((session) => session.state("bienvenue").get())
        .then((value) => JSON.parse(JSON.stringify({ value })), (error) => ({ error: error.code }));
      """)
  }

  /// What the server keeps.
  private func kept(_ studio: Studio) throws -> String {
    try studio.world.database.value("select coalesce((select value::text from passerelle.states), '')")
  }

  private func waitFor(_ text: String, _ studio: Studio) throws {
    try studio.browser.wait(until: "\(text) is kept") { try kept(studio) == text }
  }

  @Test(
    "What is set on one device is there on another; a burst is one request; nothing set is undefined",
    arguments: WebDriver.Engine.installed)
  func devices(engine: WebDriver.Engine) throws {
    try Studio.run(engine: engine) { studio in
      try studio.enter()
      #expect(try get(studio.browser) == [:])
      try studio.browser.run(
        """
        return Passerelle.connect().then((session) => {
          const state = session.state("bienvenue");
          return Promise.all(Array.from({ length: 50 }, (_, n) => state.set({ page: n })));
        })
        """)
      try waitFor("{\"page\":49}", studio)
      #expect(studio.front.calls.filter { $0.hasPrefix("PUT ") }.count == 1)
      #expect(try get(studio.browser) == ["value": ["page": 49]])
      let other = try studio.room.browser()
      defer { other.quit() }
      try other.open("\(studio.room.moodle)/mod/lti/launch.php?id=2&user=3")
      try other.wait(for: "Éloïse", in: "b")
      #expect(try get(other) == ["value": ["page": 49]])
      try other.open("\(studio.room.moodle)/mod/lti/launch.php?id=2&user=4")
      try other.wait(for: "Zoë", in: "b")
      #expect(try get(other) == [:])
      #expect(try !studio.kept().contains("page"))
    }
  }

  @Test("Offline it is kept in the browser, without a token, and the learner's next page sends it")
  func offline() throws {
    try Studio.run { studio in
      try studio.enter()
      #expect(try get(studio.browser) == [:])
      try studio.browser.setOffline(true)
      try set(studio, ["page": 7])
      #expect(try get(studio.browser) == ["value": ["page": 7]])
      #expect(try studio.kept().contains("page"))
      // Whatever a page that goes may still send is refused.
      try studio.world.database.execute("update passerelle.sessions set expires_at = now()")
      try studio.browser.open("about:blank")
      try studio.browser.setOffline(false)
      #expect(try kept(studio) == "")
      _ = try studio.browser.openTab()
      try studio.enter()
      try waitFor("{\"page\":7}", studio)
      try studio.browser.wait(until: "nothing waits") { try !studio.kept().contains(" state ") }
      #expect(try get(studio.browser) == ["value": ["page": 7]])
    }
  }

  @Test("What an earlier page could not send does not replace what another device has kept since")
  func newer() throws {
    try Studio.run { studio in
      try studio.enter()
      try set(studio, 1)
      try waitFor("1", studio)
      try studio.browser.setOffline(true)
      try set(studio, 2)
      try studio.browser.open("about:blank")
      try studio.browser.setOffline(false)
      #expect(try studio.room.visit(user: 3).keep("3", for: "bienvenue").status == 204)
      try studio.enter()
      #expect(try get(studio.browser) == ["value": 3])
      try studio.browser.wait(until: "nothing waits") { try !studio.kept().contains(" state ") }
      #expect(try kept(studio) == "3")
    }
  }

  @Test(
    "Of another run nothing is sent; more than 64 KiB and no JSON throw before anything is kept",
    arguments: WebDriver.Engine.installed)
  func refused(engine: WebDriver.Engine) throws {
    try Studio.run(engine: engine) { studio in
      try studio.enter()
      let names = try studio.browser.run(
        """
        return Passerelle.connect().then(async (session) => {
          const state = session.state("bienvenue");
          const bad = [undefined, () => 1, "x".repeat(65535), "é".repeat(33000)];
          return (await Promise.allSettled(bad.map((value) => state.set(value)))).map(({ reason }) => reason?.name);
        })
        """)
      #expect(names == ["TypeError", "TypeError", "RangeError", "RangeError"])
      #expect(try !studio.kept().contains(" state "))
    }
  }

  @Test(
    "In a preview it is in memory, and the server hears nothing; a teacher's is, too",
    arguments: WebDriver.Engine.installed)
  func preview(engine: WebDriver.Engine) throws {
    try Studio.run(engine: engine) { studio in
      try studio.browser.open(studio.site.url + "/?passerelle=preview")
      try studio.browser.wait(for: "First Last", in: "b")
      try set(studio, 5)
      #expect(try get(studio.browser) == ["value": 5])
      let code = try studio.world.code(of: studio.room.launch(user: 8))
      try studio.browser.open("\(studio.site.url)/#passerelle=\(code)")
      try studio.browser.wait(until: "the banner is there") { try studio.browser.count(Studio.foot) == 1 }
      try set(studio, 6)
      #expect(try get(studio.browser) == ["value": 6])
      #expect(try kept(studio) == "")
    }
  }
}
