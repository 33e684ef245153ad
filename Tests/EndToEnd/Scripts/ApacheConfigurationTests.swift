import Foundation
import TestSupport
import Testing

/// What the shipped Apache configuration itself answers for, under both ways of running CGI.
@Suite(.needsStack) struct ApacheConfigurationTests {
  enum Server: String, CaseIterable, Sendable {
    case event = "EVENT"
    case prefork = "PREFORK"

    /// The script's base URL under this Apache.
    var url: String { get throws { try Stack.value("PASSERELLE_TEST_APACHE_\(rawValue)_URL") } }

    /// The mini-site beside it.
    var minisite: String { get throws { try Stack.value("PASSERELLE_TEST_MINISITE_\(rawValue)_URL") } }
  }

  /// A file of so many zero bytes, removed at the end.
  final class Zeros {
    let path: String
    init(_ count: Int) throws {
      path = FileManager.default.temporaryDirectory.appendingPathComponent("zeros-\(UUID().uuidString)").path
      try Data(count: count).write(to: URL(fileURLWithPath: path))
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  @Test(
    "A body over 1 MiB is refused by Apache with the API's own code, chunked or not", arguments: Server.allCases,
    [["-H", "Expect:"], ["-H", "Expect:", "-H", "Transfer-Encoding: chunked"], []])
  func largeBody(_ server: Server, _ arguments: [String]) throws {
    let body = try Zeros(10_000_000)
    let answer = try #require(
      try ShellCommand.curl(arguments + ["--data-binary", "@\(body.path)", "\(server.url)/api/progress"]))
    #expect(answer.status == 413)
    #expect(answer.values("Content-Type") == ["application/problem+json"])
    #expect(answer.body.contains("\"code\":\"body_too_large\""))
  }

  @Test("A path with %2F is a 404", arguments: Server.allCases)
  func encodedSlash(_ server: Server) throws {
    let answer = try #require(try ShellCommand.curl(["\(server.url)/lti%2Fjwks"]))
    #expect(answer.status == 404)
  }

  @Test("TRACE is refused", arguments: Server.allCases)
  func trace(_ server: Server) throws {
    let answer = try #require(try ShellCommand.curl(["-X", "TRACE", "\(server.url)/health"]))
    #expect(answer.status == 405)
  }

  @Test("Every answer forbids sniffing once, and none shuts Moodle's frame out", arguments: Server.allCases)
  func headers(_ server: Server) throws {
    for url in [try server.url + "/passerelle.js", try server.url + "/nowhere", try server.minisite] {
      let answer = try #require(try ShellCommand.curl([url]))
      #expect(answer.values("X-Content-Type-Options") == ["nosniff"], "\(url)")
      #expect(answer.values("Referrer-Policy").count == 1, "\(url)")
      #expect(answer.values("X-Frame-Options").isEmpty, "\(url)")
    }
  }

  @Test("The mini-site is served and names the script's full URL", arguments: Server.allCases)
  func minisite(_ server: Server) throws {
    let answer = try #require(try ShellCommand.curl([try server.minisite]))
    #expect(answer.status == 200)
    #expect(answer.body.contains("src=\"\(try server.url)/passerelle.js\""))
  }

  @Test("The access log keeps no query string", arguments: Server.allCases)
  func accessLog(_ server: Server) throws {
    let directory = try Stack.value("STACK_DIR")
    let mark = UUID().uuidString
    _ = try ShellCommand.curl(["\(server.url)/health/\(mark)?login_hint=secret-\(mark)"])
    // Apache writes the line after the answer.
    let log = "\(directory)/apache-\(server.rawValue.lowercased())/access.log"
    var text = ""
    for _ in 0..<100 where !text.contains("/health/\(mark)") {
      Thread.sleep(forTimeInterval: 0.02)
      text = String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
    }
    #expect(text.contains("/health/\(mark)"))
    #expect(!text.contains("secret-\(mark)"))
  }

  @Test("Over TLS, answers carry HSTS, and plain http is sent to https")
  func tls() throws {
    let url = try Stack.value("PASSERELLE_TEST_APACHE_TLS_URL")
    let authorities = try Stack.value("PASSERELLE_TEST_CA_DIR")
    let answer = try #require(try ShellCommand.curl(["--capath", authorities, "\(url)/nowhere"]))
    #expect(answer.values("Strict-Transport-Security") == ["max-age=31536000"])
    let plain = try Stack.value("PASSERELLE_TEST_APACHE_TLS_PLAIN_URL")
    let redirect = try #require(try ShellCommand.curl(["\(plain)/lti/jwks?x=1"]))
    #expect(redirect.status == 301)
    #expect(redirect.values("Location") == ["https://localhost/passerelle/lti/jwks?x=1"])
  }
}
