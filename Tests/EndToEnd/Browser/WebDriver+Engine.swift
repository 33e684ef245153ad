import TestSupport

extension WebDriver {
  /// Whose browser.
  enum Engine: Sendable {
    /// Chromium, headless.
    case chromium
    /// WebKitGTK's MiniBrowser with tracking prevention, on a screen of its own.
    case webKit

    /// Those that are here: Chromium, without which tests of browsers are skipped, and WebKit if it is installed.
    static let installed: [Engine] = Stack.program("WebKitWebDriver") == nil ? [.chromium] : [.chromium, .webKit]
  }
}
