import TestSupport
import Testing
import Wire

/// axe-core, the accessibility rules of Deque Systems: Chromium has them in the Lighthouse of its developer tools, so that
/// nothing has to be installed or copied for them.
enum Axe {
  private static let lighthouse = "devtools://devtools/bundled/third_party/lighthouse/lighthouse-dt-bundle.js"

  /// The script, as Chromium holds it: a template literal of Lighthouse's.
  private static let source = Result {
    let browser = try WebDriver()
    defer { browser.quit() }
    try browser.open(lighthouse)
    let literal = try browser.run(
      #"return /`\/\*! axe v(?:[^`\\]|\\[^])*`/.exec(document.body.textContent)?.[0] ?? null"#)
    // What the literal stands for, on a page that forbids no evaluation.
    try browser.open("about:blank")
    return try #require(try browser.run("return (0, eval)(arguments[0])", [literal]).stringValue)
  }

  /// What axe finds wrong with the page by the rules of WCAG 2.2 AA: each rule and the element's beginning.
  static func violations(in browser: WebDriver) throws -> [String] {
    try browser.run(source.get())
    let found = try browser.run(
      """
      const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
      return axe.run(document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] }).then(({ violations }) =>
        violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html.slice(0, 160))));
      """)
    return try #require(found.arrayValue).compactMap(\.stringValue)
  }

  /// A page with a violation fails the test, which then says which.
  static func expectNone(
    in browser: WebDriver, _ page: String = "", sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let found = try violations(in: browser)
    #expect(found == [], "\(page) \(found)", sourceLocation: sourceLocation)
  }
}
