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
    arguments: [String] = [], preferences: JSONObject = [:], engine: WebDriver.Engine = .chromium,
    _ body: (Studio) throws -> Void
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
        pages[request.path].map { .html($0.replacing("LIBRARY", with: library)) }
      }) { site in
        try room.world.tool.set("PASSERELLE_MINISITE_URL", site.url + "/")
        let browser =
          try engine == .webKit
          ? WebDriver.webKit() : room.browser(arguments: arguments, preferences: preferences)
        defer { browser.quit() }
        try body(Studio(room: room, front: front, site: site, browser: browser, library: library))
      }
    }
  }

  /// Opens an activity as somebody, in the tab.
  func launch(user: Int = 3, cmid: Int = 2) throws {
    try browser.open("\(room.moodle)/mod/lti/launch.php?id=\(cmid)&user=\(user)")
  }

  /// The same, until the page has said whom it greets.
  func enter(user: Int = 3, cmid: Int = 2, as name: String = "Éloïse Lefèvre") throws {
    try launch(user: user, cmid: cmid)
    try browser.wait(for: name, in: "b")
  }

  /// The address at which a launch without the browser ends: for browsers that bring no cookie back over http.
  func landing(_ path: String = "/", user: Int = 3) throws -> String {
    "\(site.url)\(path)#passerelle=\(try world.code(of: room.launch(user: user)))"
  }

  /// Waits for the count of grains.
  func wait(for words: String) throws { try browser.wait(for: words, in: "#progress") }

  /// What the browser keeps beyond the tab.
  func kept() throws -> String { try #require(browser.run("return JSON.stringify({ ...localStorage })").stringValue) }

  /// Tells the page that the network is back, as browsers do.
  func comeBack() throws { try browser.run("dispatchEvent(new Event('online'))") }
}
