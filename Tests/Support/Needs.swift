import Testing

/// What tests need beside themselves. Where it is missing they are skipped, with the reason.
extension Trait where Self == ConditionTrait {
  /// PostgreSQL and PgBouncer.
  package static var needsPostgres: Self { .enabled(if: Stack.hasPostgres, "no PostgreSQL: \(Stack.advice)") }

  /// PostgreSQL, PgBouncer, the Apaches and both programs.
  package static var needsStack: Self { .enabled(if: Stack.isUp, "no servers: \(Stack.advice)") }

  /// The stack, and Chromium with its driver.
  package static var needsBrowser: Self { needs("chromedriver", package: "chromium-driver") }

  /// The stack, and WebKit with its driver on a screen of its own.
  package static var needsWebKit: Self { needs("WebKitWebDriver", package: "webkit2gtk-driver xvfb dbus-daemon") }

  /// The stack, and Firefox.
  package static var needsFirefox: Self { needs("firefox-esr", package: "firefox-esr") }

  /// The stack, and another engine than Chromium's.
  package static var needsOtherEngine: Self {
    .enabled(
      if: Stack.isUp && (Stack.program("WebKitWebDriver") != nil || Stack.program("firefox-esr") != nil),
      "no servers or no other browser: apt-get install webkit2gtk-driver xvfb dbus-daemon firefox-esr, and \(Stack.advice)"
    )
  }

  /// A reader of PDF beside it.
  package static var needsPaper: Self { needs("pdftotext", package: "poppler-utils") }

  /// The stack, and a spreadsheet program.
  package static var needsSpreadsheet: Self { needs("soffice", package: "libreoffice-calc-nogui") }

  private static func needs(_ program: String, package: String) -> Self {
    .enabled(
      if: Stack.isUp && Stack.program(program) != nil,
      "no servers or no \(program): apt-get install \(package), and \(Stack.advice)")
  }
}
