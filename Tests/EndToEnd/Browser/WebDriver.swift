import Foundation
import Wire

/// A browser that nobody sees, steered through W3C WebDriver: what a learner sees and clicks, for the end-to-end tests.
///
/// Each value has a driver and a browser profile of its own. Calls block. Elements are named by CSS selectors, looked
/// up at each call in the frame that is entered.
final class WebDriver {
  private var driver: (any BrowserDriver)?
  /// The browser's process, where its driver says so (Chromium's does).
  private(set) var processID: Int32?

  /// The key under which W3C WebDriver §11 passes an element.
  static let elementKey = "element-6066-11e4-a52e-4f735466cecf"

  /// Starts a driver and a headless Chromium.
  ///
  /// - Parameters:
  ///   - arguments: Further command-line switches of Chromium.
  ///   - preferences: Of the browser profile, as Chromium's file `Preferences` names them.
  ///   - width: Of the window, in CSS pixels.
  ///   - height: Of the window, in CSS pixels.
  convenience init(
    arguments: [String] = [], preferences: JSONObject = [:], width: Int = 1200, height: Int = 900
  ) throws(WebDriverError) {
    // Chromium's sandbox refuses to run as root; containers have a small /dev/shm.
    let sandbox = geteuid() == 0 ? ["--no-sandbox"] : []
    let switches =
      ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=\(width),\(height)"] + sandbox
      + arguments
    try self.init(
      .chromium,
      capabilities: [
        "browserName": "chrome",
        "goog:chromeOptions": [
          "args": .array(switches.map(JSONValue.string)), "prefs": .object(preferences),
        ],
        "goog:loggingPrefs": ["browser": "ALL"],
      ])
  }

  /// A WebKit as Safari users have it: with tracking prevention.
  ///
  /// - Parameter acceptsAnyCertificate: Whether certificates are left unjudged; WebKit cannot be told which one to trust.
  static func webKit(acceptsAnyCertificate: Bool = false) throws(WebDriverError) -> WebDriver {
    let browser = try WebDriver(
      .webKit,
      capabilities: [
        "browserName": "MiniBrowser", "acceptInsecureCerts": .bool(acceptsAnyCertificate),
        "webkitgtk:browserOptions": ["args": ["--automation", "--enable-itp=true"]],
      ])
    _ = try browser.command("POST", "/window/rect", ["width": 1200, "height": 900])
    return browser
  }

  /// A Firefox as people have it: with tracking protection, which gives another site's frame cookies of its own.
  ///
  /// - Parameter acceptsAnyCertificate: Whether certificates are left unjudged.
  static func firefox(acceptsAnyCertificate: Bool = false) throws(WebDriverError) -> WebDriver {
    let browser = try WebDriver(
      .firefox, capabilities: ["acceptInsecureCerts": .bool(acceptsAnyCertificate)])
    _ = try browser.command("POST", "/window/rect", ["width": 1200, "height": 900])
    return browser
  }

  private init(_ engine: Engine, capabilities: JSONValue) throws(WebDriverError) {
    // WebKit's driver and its browser meet at a port that the driver picks without looking whether it is taken.
    var attemptsLeft = 3
    while driver == nil {
      attemptsLeft -= 1
      do throws(WebDriverError) {
        let started: any BrowserDriver =
          switch engine {
          case .chromium: try HTTPDriver(.chromium)
          case .webKit: try HTTPDriver(.webKit)
          case .firefox: try Marionette()
          }
        driver = started
        let answer = try started.begin(capabilities)
        processID = answer["goog:processID"]?.doubleValue.map { Int32($0) }
      } catch {
        driver?.stop()
        driver = nil
        guard attemptsLeft > 0 else { throw error }
      }
    }
  }

  deinit { quit() }

  /// Closes the browser and ends the driver. Nothing else may be asked afterwards.
  func quit() {
    driver?.stop()
    driver = nil
  }

  /// Loads a page and waits for its `load` event. The frame entered is left.
  func open(_ url: String) throws(WebDriverError) {
    _ = try command("POST", "/url", ["url": .string(url)])
  }

  /// Loads the page anew. The frame entered is left.
  func reload() throws(WebDriverError) {
    _ = try command("POST", "/refresh", [:])
  }

  /// The URL in the address bar.
  func url() throws(WebDriverError) -> String {
    try string(command("GET", "/url"), of: "Get Current URL")
  }

  /// How many elements match the selector.
  func count(_ selector: String) throws(WebDriverError) -> Int {
    let found = try command("POST", "/elements", ["using": "css selector", "value": .string(selector)])
    guard let elements = found.arrayValue else { throw .malformed(command: "Find Elements") }
    return elements.count
  }

  /// The text of the first match as a person sees it: nothing of what is hidden.
  func text(_ selector: String) throws(WebDriverError) -> String {
    let answer = try withFirst(selector) { id throws(WebDriverError) in try command("GET", "/element/\(id)/text") }
    return try string(answer, of: "Get Element Text")
  }

  /// Scrolls the first match into view and clicks its middle; refused when something else lies on top of it.
  func click(_ selector: String) throws(WebDriverError) {
    _ = try withFirst(selector) { id throws(WebDriverError) in try command("POST", "/element/\(id)/click", [:]) }
  }

  /// Clicks the first match a moment later, where that takes the frame that was entered away: a driver may wait for ever for the end
  /// of a click in a frame that is no more.
  func clickAway(_ selector: String) throws(WebDriverError) {
    try run("const [name] = arguments; setTimeout(() => document.querySelector(name).click())", [.string(selector)])
  }

  /// Types into the first match.
  func type(_ text: String, into selector: String) throws(WebDriverError) {
    _ = try withFirst(selector) { id throws(WebDriverError) in
      try command("POST", "/element/\(id)/value", ["text": .string(text)])
    }
  }

  /// Does something with the first match. A page that draws itself anew between the two has another one: it is looked for
  /// again, a few times.
  private func withFirst(
    _ selector: String, _ act: (String) throws(WebDriverError) -> JSONValue
  ) throws(WebDriverError) -> JSONValue {
    for _ in 1...4 {
      do throws(WebDriverError) { return try act(try find(selector)) } catch {
        guard case .refused("stale element reference", _) = error else { throw error }
      }
    }
    return try act(try find(selector))
  }

  /// Opens an empty tab and goes there. The frame entered is left.
  ///
  /// - Returns: The tab's handle.
  func openTab() throws(WebDriverError) -> String {
    let opened = try command("POST", "/window/new", ["type": "tab"])
    let handle = try string(opened["handle"], of: "New Window")
    try enterTab(handle)
    return handle
  }

  /// The tabs and windows, in no order that means anything.
  func tabs() throws(WebDriverError) -> [String] {
    guard let handles = try command("GET", "/window/handles").arrayValue else {
      throw .malformed(command: "Get Window Handles")
    }
    return handles.compactMap(\.stringValue)
  }

  /// Goes to a tab. The frame entered is left.
  func enterTab(_ handle: String) throws(WebDriverError) {
    _ = try command("POST", "/window", ["handle": .string(handle)])
  }

  /// Closes the tab and goes to another.
  func closeTab(enter other: String) throws(WebDriverError) {
    _ = try command("DELETE", "/window")
    try enterTab(other)
  }

  /// Cuts the tab off the network, or connects it again. Chromium only.
  func setOffline(_ isOffline: Bool) throws(WebDriverError) {
    _ = try command("POST", "/goog/cdp/execute", ["cmd": "Network.enable", "params": [:]])
    _ = try command(
      "POST", "/goog/cdp/execute",
      [
        "cmd": "Network.emulateNetworkConditions",
        "params": ["offline": .bool(isOffline), "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1],
      ])
  }

  /// What pages wrote to the console since it was last asked. Chromium only.
  func console() throws(WebDriverError) -> String {
    let lines = try command("POST", "/se/log", ["type": "browser"]).arrayValue ?? []
    return lines.compactMap { $0["message"]?.stringValue }.joined(separator: "\n")
  }

  /// Goes into the frame that matches; what follows is looked up there.
  func enterFrame(_ selector: String) throws(WebDriverError) {
    let id = try find(selector)
    _ = try command("POST", "/frame", ["id": .object([Self.elementKey: .string(id)])])
  }

  /// Back to the page that holds the frames.
  func leaveFrames() throws(WebDriverError) {
    _ = try command("POST", "/frame", ["id": .null])
  }

  /// Runs the body of a function in the frame entered; `arguments[0]` … are its arguments.
  ///
  /// - Returns: What it returns; a promise is waited for.
  @discardableResult
  func run(_ script: String, _ arguments: [JSONValue] = []) throws(WebDriverError) -> JSONValue {
    try command("POST", "/execute/sync", ["script": .string(script), "args": .array(arguments)])
  }

  /// Looks again and again until the first match contains the words.
  ///
  /// - Returns: Its whole text.
  /// - Throws: `waitedInVain`, with what was there at last.
  @discardableResult
  func wait(for words: String, in selector: String) throws -> String {
    var found = ""
    try wait("“\(words)” in \(selector)") {
      found = try text(selector)
      return found.contains(words) ? nil : found
    }
    return found
  }

  /// Looks again and again until it is so. A refusal counts as not yet: a driver refuses in several ways while one page
  /// gives way to the next.
  ///
  /// - Throws: `waitedInVain` after a minute, with the last refusal.
  func wait(until what: String, _ condition: () throws -> Bool) throws {
    try wait(what) { try condition() ? nil : "it is not so" }
  }

  /// - Parameter look: Says what is there instead of what is waited for; nil when that has come about.
  private func wait(_ what: String, _ look: () throws -> String?) throws {
    let deadline = Date(timeIntervalSinceNow: 60)
    var found = ""
    repeat {
      do {
        guard let instead = try look() else { return }
        found = instead
      } catch WebDriverError.refused(let code, let message) {
        found = "\(code): \(message)"
      }
      Thread.sleep(forTimeInterval: 0.05)
    } while Date() < deadline
    if let folder = Stack.optional("PASSERELLE_TEST_SCREENSHOTS") {
      try? screenshot(to: "\(folder)/in-vain-\(UUID().uuidString.prefix(8)).png")
    }
    throw WebDriverError.waitedInVain(wanted: what, found: found)
  }

  /// Writes what the window shows to a PNG file.
  func screenshot(to path: String) throws(WebDriverError) {
    let encoded = try string(command("GET", "/screenshot"), of: "Take Screenshot")
    guard let png = Base64.decode(encoded) else { throw .malformed(command: "Take Screenshot") }
    guard FileManager.default.createFile(atPath: path, contents: Data(png)) else { throw .unwritable(path: path) }
  }

  private func find(_ selector: String) throws(WebDriverError) -> String {
    let found = try command("POST", "/element", ["using": "css selector", "value": .string(selector)])
    return try string(found[Self.elementKey], of: "Find Element")
  }

  private func string(_ value: JSONValue?, of command: String) throws(WebDriverError) -> String {
    guard let text = value?.stringValue else { throw .malformed(command: command) }
    return text
  }

  /// One command (W3C WebDriver §6.3): the answer's `value`.
  func command(
    _ method: String, _ path: String, _ parameters: JSONValue? = nil
  ) throws(WebDriverError) -> JSONValue {
    guard let driver else { throw .malformed(command: "\(method) \(path)") }
    return try driver.command(method, path, parameters)
  }
}
