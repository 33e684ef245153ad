import Testing
import Wire

@testable import HTTPClient

/// Which addresses the client connects to.
@Suite struct AddressTests {
  @Test(
    "Internal, reserved and IPv4-carrying addresses are not global",
    arguments: [
      "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1",
      "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1",
      "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1",
      "239.255.255.250", "240.0.0.1", "255.255.255.255",
      "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::ffff:0:8.8.8.8",
      "64:ff9b::127.0.0.1", "64:ff9b::10.1.2.3", "64:ff9b:1::8.8.8.8", "100::1", "2001::1", "2001:db8::1",
      "2002:7f00:1::",
      "2002:808:808::", "3fff::1", "fc00::1", "fd12:3456:789a::1", "fe80::1", "febf::1", "fec0::1", "ff02::1",
      "4000::1",
    ])
  func internalAddresses(_ literal: String) throws {
    #expect(try #require(IPAddress(literal)).isGlobal == false)
  }

  @Test(
    "Addresses right beside the internal ranges are global",
    arguments: [
      "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
      "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0",
      "198.17.255.255", "198.20.0.0", "223.255.255.255", "8.8.8.8",
      "2000::1", "2001:1::1", "2001:4860:4860::8888", "2003::1", "2606:4700::1111", "2a01:e0a::1", "3ffe::1",
      "64:ff9b::8.8.8.8",
    ])
  func globalAddresses(_ literal: String) throws {
    #expect(try #require(IPAddress(literal)).isGlobal)
  }

  @Test(
    "What is no address literal is not taken for one",
    arguments: ["localhost", "", "127.1", "0x7f000001", "2130706433", "1.2.3.4.5", "[::1]", "::g"])
  func notLiterals(_ text: String) {
    #expect(IPAddress(text) == nil)
  }

  @Test(
    "However loopback is written, the production policy does not call it",
    arguments: [
      "127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]",
    ])
  func forbidden(_ host: String) throws {
    let server = try TestServer { try $0.answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") }
    // A host that WebURL does not take cannot be called either.
    guard let target = WebURL("http://\(host):\(server.port)/") else { return }
    let client = HTTPClient(policy: .init(allowsInsecureHTTP: true))
    #expect(failure(of: HTTPRequest(url: target), client: client) == .addressForbidden)
    #expect(server.connections == 0)
    #expect(!TransportFailure.addressForbidden.mayHaveBeenProcessed)
  }

  @Test("The same addresses are called when the policy allows it", arguments: ["127.0.0.1", "localhost", "127.1"])
  func allowed(_ host: String) throws {
    let server = try TestServer { try $0.answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") }
    let request = HTTPRequest(url: try url(host: host, port: server.port))
    #expect(try loopbackClient().send(request, timeout: 10_000).status == 200)
  }

  @Test("http is refused before anything is looked up, unless the policy allows it")
  func insecure() throws {
    let server = try TestServer { try $0.answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") }
    let client = HTTPClient(policy: .init(allowsPrivateAddresses: true))
    let request = HTTPRequest(url: try url(port: server.port))
    #expect(failure(of: request, client: client) == .insecure("the URL is not https"))
    #expect(server.connections == 0)
    #expect(!TransportFailure.insecure("").mayHaveBeenProcessed)
  }
}
