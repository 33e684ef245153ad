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

    /// Those that are here: Chromium, without which tests of browsers are skipped, and the others if they are installed.
    static let installed: [Engine] =
      [.chromium] + (Stack.program("WebKitWebDriver") == nil ? [] : [.webKit])
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
