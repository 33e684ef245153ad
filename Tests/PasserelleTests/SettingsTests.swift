import JOSE
import Testing
import Wire

@testable import Passerelle

@Suite struct SettingsTests {
  @Test("Complete settings have the documented defaults")
  func defaults() throws {
    let settings = try settings()
    #expect(settings.baseURL.description == "https://lti.example.org/passerelle")
    #expect(settings.minisiteURL?.description == "https://www.example.org/grains/")
    #expect(settings.gradeTimeout == 8000 && settings.sessionHours == 8 && settings.clockLeeway == 60)
    #expect(settings.caDirectory == "/etc/ssl/certs" && settings.logLevel == .info)
    #expect(!settings.allowsInsecureHTTP && settings.allowedOrigins.isEmpty)
  }

  @Test("Every value that can be meant is taken as meant")
  func accepted() throws {
    #expect(try settings(["PASSERELLE_BASE_URL": "https://lti.example.org"]).baseURL.path == "/")
    for slashes in ["/", "//"] {
      #expect(
        try settings(["PASSERELLE_BASE_URL": "https://lti.example.org/passerelle" + slashes]).baseURL.description
          == "https://lti.example.org/passerelle")
    }
    #expect(
      try settings(["PASSERELLE_ALLOWED_ORIGINS": "https://a.example, http://B.example:8080 ,https://c.example:443"])
        .allowedOrigins.map(\.description) == ["https://a.example", "http://b.example:8080", "https://c.example"])
    #expect(try settings([:]).platformConcurrency == 16)
    #expect(try settings(["PASSERELLE_PLATFORM_CONCURRENCY": "1"]).platformConcurrency == 1)
    #expect(try settings(["PASSERELLE_GRADE_TIMEOUT": "1"]).gradeTimeout == 1000)
    #expect(try settings(["PASSERELLE_GRADE_TIMEOUT": "120"]).gradeTimeout == 120_000)
    #expect(try settings(["PASSERELLE_SESSION_HOURS": "720"]).sessionHours == 720)
    #expect(try settings(["PASSERELLE_CLOCK_LEEWAY": "0"]).clockLeeway == 0)
    #expect(try settings(["PASSERELLE_ALLOW_INSECURE_HTTP": "0"]).allowsInsecureHTTP == false)
    #expect(try settings(["PASSERELLE_MINISITE_URL": nil]).minisiteURL == nil)
    #expect(try settings(["PASSERELLE_MINISITE_URL": ""]).minisiteURL == nil)
    for (word, level) in [("error", LogLevel.error), ("warning", .warning), ("info", .info), ("debug", .debug)] {
      #expect(try settings(["PASSERELLE_LOG_LEVEL": word]).logLevel == level)
    }
    let network = try settings([
      "PASSERELLE_ALLOW_PRIVATE_HOSTS": "moodle.lan, 10.0.0.0/8", "PASSERELLE_HTTPS_PROXY": "http://u:p@proxy.lan",
      "PASSERELLE_NO_PROXY": ".lan",
    ])
    #expect(network.privateHosts.contains("moodle.lan") && network.callingPolicy.privateHosts == network.privateHosts)
    #expect(!network.callingPolicy.allowsPrivateAddresses && !network.callingPolicy.allowsInsecureHTTP)
    #expect(network.callingPolicy.proxy == network.proxy && network.proxy?.description == "http://proxy.lan:3128")
    #expect(network.callingPolicy.directHosts == network.directHosts)
    #expect(try settings().proxy == nil && settings().privateHosts.isEmpty && settings().minisiteOrigins == nil)
    #expect(
      try settings(["PASSERELLE_MINISITE_ORIGINS": "https://www.example.org,https://école.example"]).minisiteOrigins?
        .map(\.description) == ["https://www.example.org", "https://xn--cole-9oa.example"])
    #expect(
      try settings(["PASSERELLE_MINISITE_URL": "https://école.example/été/"]).minisiteURL?.description
        == "https://xn--cole-9oa.example/%C3%A9t%C3%A9/")
    let house = try settings([
      "PASSERELLE_LOGO_URL": "https://école.example/emblème.png",
      "PASSERELLE_ACCESSIBILITY_URL": "https://école.example/accessibilité",
    ]).house
    #expect(house.logo?.description == "https://xn--cole-9oa.example/embl%C3%A8me.png")
    #expect(house.declaration?.description == "https://xn--cole-9oa.example/accessibilit%C3%A9")
    let token = try #require(try settings(["PASSERELLE_METRICS_TOKEN": "0123456789abcdef=="]).metricsToken)
    #expect(token.isEqual(to: "0123456789abcdef==") && !token.isEqual(to: "0123456789abcdef"))
    #expect("\(token)" == "MetricsToken")
    let insecure = try settings([
      "PASSERELLE_BASE_URL": "http://127.0.0.1:8080/p", "PASSERELLE_ALLOW_INSECURE_HTTP": "1",
    ])
    #expect(insecure.allowsInsecureHTTP && insecure.baseURL.scheme == .http)
  }

  @Test("Each missing or unusable value is refused by its name, which its words repeat without the value")
  func refused() throws {
    let cases: [(SettingsKey, String?, SettingsProblem)] = [
      (.databaseURL, nil, .missing(.databaseURL)), (.databaseURL, "", .missing(.databaseURL)),
      (.baseURL, nil, .missing(.baseURL)), (.secret, nil, .missing(.secret)),
      (.baseURL, "lti.example.net", .malformed(.baseURL)), (.baseURL, "ftp://lti.example.net", .malformed(.baseURL)),
      (.baseURL, "https://lti.example.net/?a=1", .malformed(.baseURL)),
      (.baseURL, "https://lti.example.net/#a", .malformed(.baseURL)),
      (.baseURL, "https://u:p@lti.example.net/", .malformed(.baseURL)),
      (.baseURL, "http://lti.example.net/passerelle", .insecure(.baseURL)),
      (.secret, "wrong", .malformed(.secret)), (.secret, String(repeating: "a", count: 62), .malformed(.secret)),
      (.secret, String(repeating: "é", count: 64), .malformed(.secret)),
      (.minisiteURL, "/lessons/", .malformed(.minisiteURL)),
      (.minisiteURL, "javascript:alert(1)", .malformed(.minisiteURL)),
      (.allowedOrigins, "a.example.net", .malformed(.allowedOrigins)),
      (.allowedOrigins, "https://a.example.net/x", .malformed(.allowedOrigins)),
      (.allowedOrigins, "*", .malformed(.allowedOrigins)),
      (.allowPrivateHosts, "https://moodle.example.net", .malformed(.allowPrivateHosts)),
      (.allowPrivateHosts, "10.0.0.0/40", .malformed(.allowPrivateHosts)),
      (.httpsProxy, "proxy.example.net:3128", .malformed(.httpsProxy)),
      (.httpsProxy, "https://u:hunter2@proxy.example.net", .malformed(.httpsProxy)),
      (.noProxy, "a.example.net/x", .malformed(.noProxy)),
      (.minisiteOrigins, "https://other.example.net", .malformed(.minisiteOrigins)),
      (.minisiteOrigins, "https://www.example.org/x", .malformed(.minisiteOrigins)),
      (.metricsToken, "short", .malformed(.metricsToken)),
      (.metricsToken, "with blanks in it, long", .malformed(.metricsToken)),
      (.gradeTimeout, "0", .malformed(.gradeTimeout)), (.gradeTimeout, "121", .malformed(.gradeTimeout)),
      (.gradeTimeout, "8s", .malformed(.gradeTimeout)), (.gradeTimeout, "1.5", .malformed(.gradeTimeout)),
      (.sessionHours, "0", .malformed(.sessionHours)), (.sessionHours, "721", .malformed(.sessionHours)),
      (.clockLeeway, "-1", .malformed(.clockLeeway)), (.clockLeeway, "601", .malformed(.clockLeeway)),
      (.allowInsecureHTTP, "true", .malformed(.allowInsecureHTTP)),
      (.allowInsecureHTTP, "yes", .malformed(.allowInsecureHTTP)), (.logLevel, "loud", .malformed(.logLevel)),
      (.logLevel, "INFO", .malformed(.logLevel)),
    ]
    for (key, value, problem) in cases {
      #expect(throws: problem, "\(key) \(value ?? "nil")") { try settings([key.rawValue: value]) }
      #expect(problem.description.contains(key.rawValue) && problem.description.contains(key.example))
      if let value, value.utf8.count > 4 { #expect(!problem.description.contains(value), "\(key) \(value)") }
    }
  }

  @Test("A secret may be hexadecimal, base64 or base64url, and means the same bytes")
  func secrets() throws {
    let bytes = (0..<32).map { UInt8($0 * 7 % 256 | 0x80) }
    let sealed = try settings(["PASSERELLE_SECRET": Hex.encode(bytes)]).sealer.seal([1, 2, 3], purpose: "test")
    for text in [Hex.encode(bytes).uppercased(), Base64.encode(bytes), Base64URL.encode(bytes)] {
      #expect(try settings(["PASSERELLE_SECRET": text]).sealer.open(sealed, purpose: "test") == [1, 2, 3])
    }
    #expect(throws: (any Error).self) { try settings().sealer.open(sealed, purpose: "test") }
  }

  @Test("Settings printed whole, described or dumped, tell neither the secret nor the database's password")
  func redaction() throws {
    let secret = String(repeating: "0123456789abcdef", count: 4)
    let url = "postgresql://passerelle:geheim@db.example/passerelle"
    let settings = try settings(["PASSERELLE_SECRET": secret, "PASSERELLE_DATABASE_URL": url])
    let file = try SettingsFile(
      Array("PASSERELLE_SECRET=\(secret)\nPASSERELLE_DATABASE_URL=\(url)\n".utf8), path: "/settings")
    var shown: [String] = []
    for value in [settings, settings.sealer, file, Environment.live(settings), Optional(settings) as Any] as [Any] {
      shown += ["\(value)", String(describing: value), String(reflecting: value)]
      var dumped = ""
      dump(value, to: &dumped)
      shown.append(dumped)
    }
    // The key of HKDF is derived from the secret and opens as much.
    let derived = HMAC.sha256(
      key: Array("passerelle sealed value".utf8), try #require(Hex.decode(secret))
    ).prefix(6).map(String.init)
    for text in shown {
      #expect(!text.contains(secret) && !text.contains("geheim") && !text.contains("db.example"), "\(text)")
      let numbers = text.split { !$0.isNumber }.map(String.init)
      #expect(numbers.indices.allSatisfy { !numbers[$0...].starts(with: derived) }, "\(text)")
    }
    #expect("\(settings)".contains("https://lti.example.org/passerelle"))
    #expect("\(file)" == "SettingsFile(PASSERELLE_SECRET, PASSERELLE_DATABASE_URL)")
  }

  @Test("Every key has an example, and its own name")
  func examples() {
    #expect(Set(SettingsKey.allCases.map(\.rawValue)).count == SettingsKey.allCases.count)
    #expect(SettingsKey.allCases.allSatisfy { $0.rawValue.hasPrefix("PASSERELLE_") && !$0.example.isEmpty })
  }
}
