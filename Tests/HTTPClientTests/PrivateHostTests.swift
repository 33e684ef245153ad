import Testing
import Wire

@testable import HTTPClient

/// Hosts on private addresses that a setting names.
@Suite struct PrivateHostTests {
  private let certificates: TestCertificates

  init() throws { certificates = try TestCertificates.shared() }

  private func failure(host: String, permitting list: String, insecure: Bool = false) throws -> TransportFailure? {
    let path = try certificates.issue(alternativeNames: "DNS:localhost,IP:127.0.0.1")
    let server = try TestServer(certificate: path) { try $0.answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") }
    var policy = HTTPClient.Policy(caDirectory: certificates.directory)
    policy.privateHosts = try #require(HostPatterns(list))
    let url = try url(insecure ? .http : .https, host: host, port: server.port)
    let failure = HTTPClientTests.failure(of: HTTPRequest(url: url), client: HTTPClient(policy: policy))
    if failure != nil { #expect(server.connections == 0) }
    return failure
  }

  @Test(
    "A host that is named, or whose address lies in a network that is, is called over https",
    arguments: [("localhost", "localhost"), ("localhost", "127.0.0.0/8 ::1"), ("127.0.0.1", "127.0.0.1")])
  func permitted(_ host: String, _ list: String) throws {
    #expect(try failure(host: host, permitting: list) == nil)
  }

  @Test(
    "Any other private address stays forbidden",
    arguments: [
      ("localhost", "moodle.example"), ("127.0.0.1", "localhost"), ("localhost", "10.0.0.0/8"), ("localhost", ""),
    ])
  func forbidden(_ host: String, _ list: String) throws {
    #expect(try failure(host: host, permitting: list) == .addressForbidden)
  }

  @Test("Plain http stays forbidden, whatever the list")
  func plain() throws {
    #expect(
      try failure(host: "localhost", permitting: "localhost", insecure: true) == .insecure("the URL is not https"))
  }
}
