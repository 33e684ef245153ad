import DemoMoodle
import Foundation
import Testing
import Wire

/// A course at a Moodle of its own, whose activity shows the mini-site of `apache-conf/minisite`; to be opened in a
/// browser.
struct Classroom {
  /// How Moodle and the tool stand to each other, to a browser.
  enum Sites: String, CaseIterable, Sendable, CustomTestStringConvertible {
    /// As in the demo: both on 127.0.0.1, over http.
    case same
    /// `http://localhost` and `http://127.0.0.1`.
    case crossHTTP
    /// `http://127.0.0.1` and `https://localhost`, its certificate signed by a throwaway authority.
    case crossHTTPS

    var testDescription: String {
      switch self {
      case .same: "one site, http"
      case .crossHTTP: "two sites, http"
      case .crossHTTPS: "two sites, https"
      }
    }

    var transport: Transport { self == .crossHTTPS ? .tls : .event }
    /// The name under which people know Moodle.
    var moodleHost: String { self == .crossHTTP ? "localhost" : "127.0.0.1" }
  }

  static let grains = ["bienvenue", "moodle", "directus", "passerelle"]

  let world: World
  /// Moodle's address and issuer.
  let moodle: String
  private let sites: Sites
  private let accessLog: String
  private let logStart: Int

  /// Sets a classroom up, registered as an administrator would.
  static func run<Value>(
    _ sites: Sites, activities: [Activity] = [Activity(name: "Découverte")], _ body: (Classroom) throws -> Value
  ) throws -> Value {
    try World.run(sites.transport, activities: activities, registered: false) { world in
      let apache = try #require(world.tool.apache)
      try world.tool.set("PASSERELLE_MINISITE_URL", try apache.minisiteURL)
      let log = try apache.accessLog
      return try body(
        Classroom(world, sites, log: log, logStart: try Data(contentsOf: URL(fileURLWithPath: log)).count))
    }
  }

  private init(_ world: World, _ sites: Sites, log: String, logStart: Int) throws {
    self.world = world
    self.sites = sites
    accessLog = log
    self.logStart = logStart
    let port = try #require(WebURL(world.moodle.url)).port
    moodle = "http://\(sites.moodleHost):\(port)"
    world.moodle.platform.moveTo(wwwroot: moodle)
    for (index, grain) in Self.grains.enumerated() {
      try world.database.execute("update public.grains set slug = \(grain) where sort = \(index + 1)")
    }
    try register()
  }

  /// `passerelle platform add` for the world's Moodle at its address.
  private func register() throws {
    let tool = world.moodle.platform.tool
    let added = try world.command(
      "platform", "add", "--name", "Moodle", "--issuer", moodle, "--client-id", tool.clientID, "--deployment-id",
      String(tool.typeID))
    try #require(added.status == 0, "\(added.errorText)")
  }

  /// The course page of somebody.
  func course(user: Int = 3, cmid: Int = 2) -> String {
    "\(moodle)/course/view.php?id=2&cm=\(cmid)&user=\(user)&lang=en"
  }

  /// A browser that trusts the tool's certificate, and no other that it would not trust anyway.
  func browser(arguments: [String] = [], preferences: JSONObject = [:]) throws -> WebDriver {
    var arguments = arguments
    if sites == .crossHTTPS { arguments.append("--ignore-certificate-errors-spki-list=\(try Self.keyDigest.get())") }
    return try WebDriver(arguments: arguments, preferences: preferences)
  }

  /// The SHA-256 digest of the public key in the test server's certificate, in base64.
  private static let keyDigest = Result {
    let directory = try Stack.value("PASSERELLE_TEST_CA_DIR")
    let run = try ShellCommand([
      "bash", "-o", "pipefail", "-c",
      "openssl x509 -in \"$1/../server.pem\" -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64",
      "digest", directory,
    ])
    try #require(run.status == 0, "\(run.output)")
    return run.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// A launch without a browser.
  func launch(user: Int, cmid: Int = 2) throws -> LaunchTrace {
    let tool = world.tool
    var client = LaunchClient(platform: moodle) { (request) throws(TransportFailure) in try tool.send(request) }
    return try client.launch(user: user, cmid: cmid)
  }

  /// The session of somebody who opened the activity, without a browser.
  func visit(user: Int) throws -> MiniSite { try MiniSite(world, code: try world.code(of: try launch(user: user))) }

  /// The statuses with which the tool answered to launches: 200 is the page that asks storage for the proof. Waits for
  /// `count` of them, because Apache writes a line only when the program's process is gone, maybe after the next request's.
  func launches(count: Int) throws -> [Int] {
    let deadline = Date(timeIntervalSinceNow: 60)
    while true {
      let log = try Data(contentsOf: URL(fileURLWithPath: accessLog)).dropFirst(logStart)
      let statuses = String(decoding: log, as: UTF8.self).split(separator: "\n").compactMap { line in
        line.firstMatch(of: /"POST \/passerelle\/lti\/launch [^"]*" (\d+)/).flatMap { Int($0.1) }
      }
      if statuses.count >= count || deadline < Date() { return statuses }
      Thread.sleep(forTimeInterval: 0.05)
    }
  }

  /// Completes the first grain as a learner does who reads the page in the frame entered.
  func completeFirstGrain(in browser: WebDriver, name: String = "Éloïse Lefèvre") throws {
    try browser.wait(for: name, in: "#learner")
    try browser.click("button[data-passerelle-grain=bienvenue]")
    try browser.wait(for: "1 of 4 grains — grade sent", in: "#progress-words")
    try browser.wait(for: "25", in: "#grade")
  }

  /// In each of the page's frames with these titles completes another grain.
  func completeOneGrainEach(_ titles: [String], in browser: WebDriver) throws {
    for (title, grain) in zip(titles, Self.grains) {
      try browser.enterFrame("iframe[title=\(title)]")
      try browser.wait(for: "Éloïse", in: "#learner")
      try browser.click("button[data-passerelle-grain=\(grain)]")
      try browser.wait(for: "grade sent", in: "#progress-words")
      try browser.leaveFrames()
    }
  }

  /// Waits for so many tabs to open beside those that were there before.
  static func newTabs(of browser: WebDriver, before: [String], count: Int) throws -> [String] {
    let deadline = Date(timeIntervalSinceNow: 60)
    var opened: [String] = []
    repeat {
      opened = try browser.tabs().filter { !before.contains($0) }
      if opened.count == count { return opened }
      Thread.sleep(forTimeInterval: 0.05)
    } while Date() < deadline
    Issue.record("\(opened.count) tabs were opened, not \(count)")
    return opened
  }

  /// Goes to the one tab that opens.
  static func enterNewTab(of browser: WebDriver, before: [String]) throws {
    try browser.enterTab(try #require(newTabs(of: browser, before: before, count: 1).first))
  }

  /// Keeps what the window shows, in the folder that `PASSERELLE_TEST_SCREENSHOTS` names.
  static func keepScreenshot(_ browser: WebDriver, _ name: String) throws {
    guard let folder = Stack.optional("PASSERELLE_TEST_SCREENSHOTS") else { return }
    try browser.screenshot(to: "\(folder)/\(name).png")
  }
}
