import DemoMoodle
import Foundation
import Testing
import Wire

/// A browser in which somebody reads the dashboard; the frame of the page is entered.
struct DashboardReader {
  /// The heading of what is shown: the table's or a learner's.
  static let heading = "div:not([hidden]) > .head h1"

  let browser: WebDriver

  /// Opens the activity as a teacher does, in Moodle's frame, and waits for the table.
  init(_ room: Classroom, _ browser: WebDriver, user: Int = 8) throws {
    self.browser = browser
    try browser.open(room.course(user: user))
    // WebKit's driver scrolls within the frame it is in, not the page around it.
    try browser.run("document.querySelector('iframe').scrollIntoView()")
    try browser.enterFrame("iframe")
    try waitForTable()
  }

  /// A browser that shows the page already.
  init(entered browser: WebDriver) { self.browser = browser }

  /// Waits until the table has rows.
  func waitForTable() throws { try browser.wait(for: "Éloïse Lefèvre", in: "table.roster tbody") }

  /// The names in the rows that are shown, from the top.
  func names() throws -> [String] {
    let names = try browser.run(
      "return [...document.querySelectorAll('.roster tbody tr:not([hidden]) > th')].map((th) => th.firstChild.textContent)"
    )
    return (names.arrayValue ?? []).compactMap(\.stringValue)
  }

  /// The numbers above the table, by the class of each.
  func tile(_ name: String) throws -> String { try browser.text(".tiles .\(name) dd") }

  /// The text of a cell in somebody's row, as those hear it who do not see it: the marks' words, too.
  func cell(_ cell: String, of person: String) throws -> String {
    let row = "[...document.querySelectorAll('.roster tbody tr')].find((tr) => tr.textContent.includes(arguments[0]))"
    let text = try browser.run(
      "return \(row)?.querySelector(arguments[1])?.textContent ?? null", [.string(person), .string(cell)])
    return try #require(text.stringValue, "\(person): \(cell)")
  }

  /// What was last said to those who listen.
  func spoken() throws -> String? {
    try browser.run("return document.querySelector('[role=status]').textContent").stringValue
  }

  /// Opens the page of somebody in the table.
  func open(_ person: String) throws {
    try browser.run(
      "[...document.querySelectorAll('.roster a')].find((a) => a.textContent === arguments[0]).click()",
      [.string(person)])
    // WebKit's driver finds no text in what it takes for covered; the page itself tells what it renders.
    try browser.wait(until: "“\(person)” is the heading") {
      try browser.run("return document.querySelector(arguments[0])?.innerText", [.string(Self.heading)])
        == .string(person)
    }
  }
}

extension Classroom {
  /// What a class looks like in the middle of a module: Éloïse has done two grains, Zoë has looked at the activity,
  /// François's grade was refused, Noël has finished; Anaïs and many others never came.
  func work() throws {
    _ = try visit(user: 4)
    let francois = try visit(user: 5)
    world.moodle.platform.injectNext(.status(403), at: .score)
    #expect(try francois.complete("bienvenue").json.at("grade.status") == "failed")
    let eloise = try visit(user: 3)
    try eloise.complete("bienvenue", score: 0.5)
    #expect(try eloise.complete("moodle").json.at("grade.status") == "delivered")
    let noel = try visit(user: 7)
    for grain in Self.grains { try noel.complete(grain) }
    #expect(try noel.progress().json.at("completed") == 4)
  }
}
