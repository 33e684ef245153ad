import JOSE
import Wire

/// The program's settings, checked: `Settings.md` names each key with its meaning and default.
package struct Settings: Sendable {
  /// libpq URL or keyword string of the database.
  package let databaseURL: String
  /// Public URL of the script, without a trailing slash. Never guessed from headers.
  package let baseURL: WebURL
  /// Seals keys and access tokens in the database.
  package let sealer: Sealer
  /// Where a launch lands when its module names no URL.
  package let minisiteURL: WebURL?
  /// Origins that may call the API besides the script's own and the modules'.
  package let allowedOrigins: [Origin]
  /// Milliseconds a request may wait for the platform in all.
  package let gradeTimeout: Int
  /// Requests per platform that may wait for it at once.
  package let platformConcurrency: Int
  /// Hours a mini-site session lasts.
  package let sessionHours: Int
  /// Seconds tolerated on `iat` and `exp`.
  package let clockLeeway: Int
  /// Whether http platforms and private addresses are permitted (demo, tests).
  package let allowsInsecureHTTP: Bool
  /// Trust store directory for calls to platforms.
  package let caDirectory: String
  /// The least severe level that is logged.
  package let logLevel: LogLevel

  /// Reads and checks every setting. `lookup` answers the value of a key, or nil.
  package init(lookup: (String) -> String?) throws(SettingsProblem) {
    func text(_ key: SettingsKey) -> String? {
      guard let value = lookup(key.rawValue), !value.isEmpty else { return nil }
      return value
    }
    func required(_ key: SettingsKey) throws(SettingsProblem) -> String {
      guard let value = text(key) else { throw .missing(key) }
      return value
    }
    func number(_ key: SettingsKey, in range: ClosedRange<Int>, default standard: Int) throws(SettingsProblem) -> Int {
      guard let value = text(key) else { return standard }
      guard let number = Int(value), range.contains(number) else { throw .malformed(key) }
      return number
    }

    databaseURL = try required(.databaseURL)
    allowsInsecureHTTP =
      switch text(.allowInsecureHTTP) {
      case nil, "0": false
      case "1": true
      default: throw .malformed(.allowInsecureHTTP)
      }
    guard var base = WebURL(try required(.baseURL)), base.query == nil, base.fragment == nil else {
      throw .malformed(.baseURL)
    }
    while base.description.utf8.last == UInt8(ascii: "/"), let shorter = WebURL(String(base.description.dropLast())) {
      base = shorter
    }
    guard base.scheme == .https || allowsInsecureHTTP else { throw .insecure(.baseURL) }
    baseURL = base
    guard let secret = Self.secret(try required(.secret)), let sealer = Sealer(secret: secret) else {
      throw .malformed(.secret)
    }
    self.sealer = sealer
    if let value = text(.minisiteURL) {
      guard let url = WebURL(value) else { throw .malformed(.minisiteURL) }
      minisiteURL = url
    } else {
      minisiteURL = nil
    }
    var origins: [Origin] = []
    for part in (text(.allowedOrigins) ?? "").split(separator: ",") {
      let trimmed = part.drop { $0 == " " }
      guard let end = trimmed.lastIndex(where: { $0 != " " }), let origin = Origin(String(trimmed[...end])) else {
        throw .malformed(.allowedOrigins)
      }
      origins.append(origin)
    }
    allowedOrigins = origins
    gradeTimeout = try number(.gradeTimeout, in: 1...120, default: 8) * 1000
    platformConcurrency = try number(.platformConcurrency, in: 1...1000, default: 16)
    sessionHours = try number(.sessionHours, in: 1...720, default: 8)
    clockLeeway = try number(.clockLeeway, in: 0...600, default: 60)
    caDirectory = text(.caDir) ?? "/etc/ssl/certs"
    if let value = text(.logLevel) {
      guard let level = LogLevel(name: value) else { throw .malformed(.logLevel) }
      logLevel = level
    } else {
      logLevel = .info
    }
  }

  /// 32 or more random bytes, written in hexadecimal or base64.
  private static func secret(_ value: String) -> [UInt8]? {
    if let bytes = Hex.decode(value), bytes.count >= 32 { return bytes }
    if let bytes = Base64.decode(value) ?? Base64URL.decode(value), bytes.count >= 32 { return bytes }
    return nil
  }
}
