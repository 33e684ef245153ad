import DemoMoodle
import Foundation
import Testing
import Wire

/// A mini-site whose pages a test writes, on an origin of its own, with a browser before it and a ``Front`` before the
/// program. In the pages `LIBRARY` stands for the address of `passerelle.js`.
struct Studio {
  let room: Classroom
  let front: Front
  let site: PlatformStub
  let browser: WebDriver
  let engine: WebDriver.Engine

  /// The address of `passerelle.js`.
  let library: String

  var world: World { room.world }

  /// A whole page with two grains, the script in its head as the guide has it.
  static let page = head + body
  static let head = "<!doctype html><html lang=en><meta charset=utf-8><script src=\"LIBRARY\"></script>"
  static let body = """
    <b data-passerelle-learner></b><p id=progress data-passerelle-progress></p><p id=message data-passerelle-message></p>
    <ul><li id=first data-passerelle-grain=bienvenue>1<li id=second data-passerelle-grain=moodle>2</ul>
    <button id=one data-passerelle-grain=bienvenue>One</button><button id=two data-passerelle-grain=moodle>Two</button>
    """
  static let beside = "[data-passerelle-own=span]"
  static let foot = "[data-passerelle-own=div]"

  static func run(
    _ pages: [String: String] = ["/": page], activities: [Activity] = [Activity(name: "Découverte")],
    arguments: [String] = [], preferences: JSONObject = [:], fields: [(String, String)] = [],
    engine: WebDriver.Engine = .chromium, _ body: (Studio) throws -> Void
  ) throws {
    try Classroom.run(.crossHTTP, activities: activities) { room in
      let front = Front(room.world.tool)
      let server = try Server.start(front)
      defer { server.stop(grace: 0) }
      let base = server.url + "/passerelle"
      try room.world.tool.set("PASSERELLE_BASE_URL", base)
      room.world.moodle.platform.tool = .passerelle(at: base)
      for user in [3, 4, 8] { room.world.moodle.platform.changePerson(user) { $0.language = "en" } }
      let library = base + "/passerelle.js"
      try PlatformStub.run({ request, _ in
        guard let page = pages[request.path] else { return nil }
        var answer = MoodleResponse.html(page.replacing("LIBRARY", with: library))
        for (name, value) in fields { _ = answer.fields.set(name, value) }
        return answer
      }) { site in
        try room.world.tool.set("PASSERELLE_MINISITE_URL", site.url + "/")
        let browser =
          try engine == .chromium
          ? room.browser(arguments: arguments, preferences: preferences) : engine.browser()
        defer { browser.quit() }
        try body(
          Studio(room: room, front: front, site: site, browser: browser, engine: engine, library: library))
      }
    }
  }

  /// Opens an activity as somebody, in the tab. WebKit brings no cookie back over http, so that the launch happens without
  /// it, and it gets the address at which that ends.
  func launch(user: Int = 3, cmid: Int = 2) throws {
    guard engine == .webKit else {
      return try browser.open("\(room.moodle)/mod/lti/launch.php?id=\(cmid)&user=\(user)")
    }
    // With another fragment alone, a page would not be loaded.
    try browser.open("about:blank")
    try browser.open(landing(user: user, cmid: cmid))
  }

  /// The same, until the page has said whom it greets.
  func enter(user: Int = 3, cmid: Int = 2, as name: String = "Éloïse Lefèvre") throws {
    try launch(user: user, cmid: cmid)
    try browser.wait(for: name, in: "b")
  }

  /// Leaves the page, which tries on its way out to send what waits, while whatever stands in front of the server answers.
  func leaveInVain() throws {
    let before = front.reports.count
    try browser.open(site.url + "/nothing")
    try browser.wait(until: "the page has tried once more") { front.reports.count > before }
  }

  /// The address at which a launch without the browser ends: for browsers that bring no cookie back over http.
  func landing(user: Int = 3, cmid: Int = 2) throws -> String {
    let trace = try room.launch(user: user, cmid: cmid)
    return try #require(trace.location, "\(trace.final.map { $0.text } ?? "")").description
  }

  /// Whether the browser's console says something; of WebKit's, its driver tells nothing.
  func expectConsole(_ words: String, isThere: Bool = true, sourceLocation: SourceLocation = #_sourceLocation) throws {
    guard engine == .chromium else { return }
    let console = try browser.console()
    #expect(console.contains(words) == isThere, "\(words): \(console)", sourceLocation: sourceLocation)
  }

  /// Waits for the count of grains.
  func wait(for words: String) throws { try browser.wait(for: words, in: "#progress") }

  /// What the server keeps of the learner: each grain, its status and its score.
  func grains() throws -> [String] {
    try world.database.values(
      """
      select g.slug || ' ' || p.status || ' ' || coalesce(p.score::text, '-')
      from public.progress p join public.grains g on g.id = p.grain order by 1
      """)
  }

  /// Waits for that.
  func expectGrains(_ rows: [String]) throws {
    try browser.wait(until: "\(rows)") { try grains() == rows }
  }

  /// Waits so long that what should not be recorded would have been.
  static func pause() { Thread.sleep(forTimeInterval: 1) }

  /// What the browser keeps beyond the tab.
  func kept() throws -> String { try #require(browser.run("return JSON.stringify({ ...localStorage })").stringValue) }

  /// Tells the page that the network is back, as browsers do.
  func comeBack() throws { try browser.run("dispatchEvent(new Event('online'))") }
}
