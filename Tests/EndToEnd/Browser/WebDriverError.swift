import Wire

/// Why the browser did not do what a test asked.
enum WebDriverError: Error, Equatable {
  /// A program is not on the PATH. Debian has them in the packages chromium and chromium-driver; webkit2gtk-driver, xvfb,
  /// xauth and dbus-daemon.
  case notInstalled(String)
  /// The driver ended, or said no port within its time.
  case notStarted
  /// The driver refused a command: the error code of W3C WebDriver §6.6 ("no such element", …) and its message.
  case refused(code: String, message: String)
  /// The driver did not answer.
  case transport(TransportFailure)
  /// The driver's answer is not what W3C WebDriver says it is.
  case malformed(command: String)
  /// What the test waits for did not come about; `found` is what was there instead.
  case waitedInVain(wanted: String, found: String)
  /// A screenshot could not be written.
  case unwritable(path: String)
}
