import HTTPClient
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
  /// The only origins to which a module's URL may lead; nil permits all.
  package let minisiteOrigins: [Origin]?
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
  /// Hosts on private addresses that may be called, over https like all others.
  package let privateHosts: HostPatterns
  /// The proxy through which calls to platforms go.
  package let proxy: OutgoingProxy?
  /// Hosts that are called without it.
  package let directHosts: HostPatterns
  /// What who reads the counts must bring; nil opens them to this machine alone.
  package let metricsToken: MetricsToken?
  /// Trust store directory for calls to platforms.
  package let caDirectory: String
  /// The least severe level that is logged.
  package let logLevel: LogLevel
  /// Where the log goes; nil for standard error.
  package let logFile: String?
  /// Whose house people are in.
  package let house: House

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
      guard let url = WebURL(written: value) else { throw .malformed(.minisiteURL) }
      minisiteURL = url
    } else {
      minisiteURL = nil
    }
    allowedOrigins = try Self.origins(text(.allowedOrigins), .allowedOrigins) ?? []
    minisiteOrigins = try Self.origins(text(.minisiteOrigins), .minisiteOrigins)
    if let minisiteURL, minisiteOrigins?.contains(minisiteURL.origin) == false { throw .malformed(.minisiteOrigins) }
    func hosts(_ key: SettingsKey) throws(SettingsProblem) -> HostPatterns {
      guard let value = text(key) else { return HostPatterns() }
      guard let hosts = HostPatterns(value) else { throw .malformed(key) }
      return hosts
    }
    privateHosts = try hosts(.allowPrivateHosts)
    directHosts = try hosts(.noProxy)
    if let value = text(.httpsProxy) {
      guard let proxy = OutgoingProxy(value) else { throw .malformed(.httpsProxy) }
      self.proxy = proxy
    } else {
      proxy = nil
    }
    if let value = text(.metricsToken) {
      guard let token = MetricsToken(value) else { throw .malformed(.metricsToken) }
      metricsToken = token
    } else {
      metricsToken = nil
    }
    gradeTimeout = try number(.gradeTimeout, in: 1...120, default: 8) * 1000
    platformConcurrency = try number(.platformConcurrency, in: 1...1000, default: 16)
    sessionHours = try number(.sessionHours, in: 1...720, default: 8)
    clockLeeway = try number(.clockLeeway, in: 0...600, default: 60)
    caDirectory = text(.caDir) ?? "/etc/ssl/certs"
    logFile = text(.logFile)
    if let logFile, !logFile.utf8.starts(with: "/".utf8) { throw .malformed(.logFile) }
    if let value = text(.logLevel) {
      guard let level = LogLevel(name: value) else { throw .malformed(.logLevel) }
      logLevel = level
    } else {
      logLevel = .info
    }
    var house = House()
    house.institution = text(.institution)
    func address(_ key: SettingsKey) throws(SettingsProblem) -> WebURL? {
      guard let value = text(key) else { return nil }
      guard let url = WebURL(written: value) else { throw .malformed(key) }
      return url
    }
    house.logo = try address(.logoURL)
    house.declaration = try address(.accessibilityURL)
    if let value = text(.colour) {
      guard let colour = House.Colour(value) else { throw .malformed(.colour) }
      house.colour = colour
    }
    if let value = text(.accessibilityLevel) {
      guard let level = House.Accessibility(rawValue: value) else { throw .malformed(.accessibilityLevel) }
      house.accessibility = level
    }
    self.house = house
  }

  /// Origins separated by commas; nil where the setting is absent.
  private static func origins(_ list: String?, _ key: SettingsKey) throws(SettingsProblem) -> [Origin]? {
    guard let list else { return nil }
    var origins: [Origin] = []
    for part in list.split(separator: ",") {
      let trimmed = part.drop { $0 == " " }
      guard let end = trimmed.lastIndex(where: { $0 != " " }), let origin = Origin(written: String(trimmed[...end]))
      else {
        throw .malformed(key)
      }
      origins.append(origin)
    }
    return origins
  }

  /// 32 or more random bytes, written in hexadecimal or base64.
  private static func secret(_ value: String) -> [UInt8]? {
    if let bytes = Hex.decode(value), bytes.count >= 32 { return bytes }
    if let bytes = Base64.decode(value) ?? Base64URL.decode(value), bytes.count >= 32 { return bytes }
    return nil
  }
}
