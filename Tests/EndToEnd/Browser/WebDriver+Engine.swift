import TestSupport

extension WebDriver {
  /// Whose browser.
  enum Engine: Sendable {
    /// Chromium, headless.
    case chromium
    /// WebKitGTK's MiniBrowser with tracking prevention, on a screen of its own.
    case webKit
    /// Firefox with tracking protection, headless.
    case firefox

    /// Those in which what a page does is tried: Chromium, without which tests of browsers are skipped, and WebKit if it is installed.
    static let installed: [Engine] = Stack.program("WebKitWebDriver") == nil ? [.chromium] : [.chromium, .webKit]

    /// Those beside Chromium in which what rests on the browser alone is tried, as far as they are installed.
    static let others: [Engine] =
      (Stack.program("WebKitWebDriver") == nil ? [] : [.webKit])
      + (Stack.program("firefox-esr") == nil ? [] : [.firefox])

    /// A browser with nothing special about it.
    func browser() throws(WebDriverError) -> WebDriver {
      switch self {
      case .chromium: try WebDriver()
      case .webKit: try .webKit()
      case .firefox: try .firefox()
      }
    }
  }
}
