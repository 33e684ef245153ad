import Foundation
import Synchronization
import Testing
import Wire

@testable import HTTPClient

/// Calls through an outgoing proxy.
@Suite struct ProxyTests {
  private let certificates: TestCertificates

  init() throws { certificates = try TestCertificates.shared() }

  /// A proxy that notes what it is asked and then passes bytes to a port of this machine, whatever the name.
  private final class Proxy: Sendable {
    let server: TestServer
    var port: Int { server.port }

    init(to port: Int, answer: String = "HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n") throws {
      let box = Box()
      server = try TestServer { peer in
        let head = try peer.receiveRequest()
        box.heads.withLock { $0.append(head) }
        try peer.send(answer)
        guard answer.contains(" 200 ") else { return }
        let address = SocketAddress(IPAddress.v4(0x7F00_0001), port: port)
        let far = try Socket.connect(to: [address], until: Deadline(milliseconds: 5000))
        nonisolated(unsafe) let back = PlainStream(socket: far)
        let descriptor = peer.descriptor
        Thread {
          var buffer = [UInt8](repeating: 0, count: 65536)
          while true {
            let count =
              (try? buffer.withUnsafeMutableBytes { bytes in
                try back.read(into: bytes, until: Deadline(milliseconds: 10_000))
              }) ?? 0
            guard count > 0 else { break }
            var sent = 0
            while sent < count {
              let written = buffer[sent..<count].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
              }
              guard written > 0 else { break }
              sent += written
            }
          }
          shutdown(descriptor, Int32(SHUT_RDWR))
        }.start()
        while true {
          let bytes = try peer.receive()
          if bytes.isEmpty { break }
          try back.write(bytes, until: Deadline(milliseconds: 5000))
        }
      }
      self.box = box
    }

    private final class Box: Sendable {
      let heads = Mutex<[String]>([])
    }
    private let box: Box
    /// What it was asked, request after request.
    var asked: [String] { box.heads.withLock { $0 } }
  }

  private func client(_ proxy: String, direct: String = "", permitting: String = "", anyAddress: Bool = false) throws
    -> HTTPClient
  {
    var policy = HTTPClient.Policy(
      caDirectory: certificates.directory, allowsInsecureHTTP: true, allowsPrivateAddresses: anyAddress,
      userAgent: "test")
    policy.proxy = try #require(OutgoingProxy(proxy))
    policy.directHosts = try #require(HostPatterns(direct))
    policy.privateHosts = try #require(HostPatterns(permitting))
    return HTTPClient(policy: policy)
  }

  private func moodle(_ name: String = "moodle.example") throws -> TestServer {
    try TestServer(certificate: try certificates.issue(alternativeNames: "DNS:\(name)")) { peer in
      try peer.receiveRequest()
      #expect(peer.serverName == name)
      try peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
    }
  }

  @Test(
    "An https call goes through CONNECT with the credentials, which only the proxy sees, and the name is the proxy's to look up"
  )
  func tunnel() throws {
    let server = try moodle()
    let proxy = try Proxy(to: server.port)
    let client = try client("http://pupil:p%40ss%3Aw@127.0.0.1:\(proxy.port)")
    var request = HTTPRequest(url: try #require(WebURL("https://moodle.example/lti/token.php")))
    request.fields.set("Authorization", "Bearer x")
    let response = try client.send(request, timeout: 10_000)
    #expect(String(decoding: response.body, as: UTF8.self) == "hello")
    let credentials = Base64.encode(Array("pupil:p@ss:w".utf8))
    #expect(
      proxy.asked == [
        "CONNECT moodle.example:443 HTTP/1.1\r\nHost: moodle.example:443\r\nUser-Agent: test\r\n"
          + "Proxy-Authorization: Basic \(credentials)\r\n\r\n"
      ])
  }

  @Test(
    "What the proxy refuses is told apart, and nothing of the request has left",
    arguments: [
      (
        "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 3\r\n\r\nno!",
        TransportFailure.ProxyProblem.refused(status: 407)
      ),
      ("HTTP/1.1 403 Forbidden\r\n\r\n", .refused(status: 403)),
      ("HTTP/1.1 502 Bad Gateway\r\n\r\n", .refused(status: 502)),
      ("SSH-2.0-OpenSSH\r\n\r\n", .malformed), ("", .closedEarly),
      ("HTTP/1.1 200 OK\r\n\r\nhello before TLS", .malformed),
    ])
  func refused(_ answer: String, _ problem: TransportFailure.ProxyProblem) throws {
    let server = try moodle()
    let proxy = try Proxy(to: server.port, answer: answer)
    let request = HTTPRequest(url: try #require(WebURL("https://moodle.example/")))
    let failure = failure(of: request, client: try client("http://u:secret@127.0.0.1:\(proxy.port)"))
    #expect(failure == .proxy(problem))
    #expect(failure?.mayHaveBeenProcessed == false && failure?.code == "transport_proxy")
    #expect(failure?.description.contains("secret") == false)
  }

  @Test("A proxy that is not there, or has no address, is named as the reason")
  func away() throws {
    let request = HTTPRequest(url: try #require(WebURL("https://moodle.example/")))
    let port = try unusedPort()
    #expect(
      failure(of: request, client: try client("http://127.0.0.1:\(port)"))
        == .proxy(.connectFailed(errno: ECONNREFUSED)))
    #expect(failure(of: request, client: try client("http://proxy.invalid")) == .proxy(.nameNotResolved))
  }

  @Test("A proxy that says nothing costs no more than the deadline")
  func silent() throws {
    let server = try TestServer { try $0.waitForClient() }
    let request = HTTPRequest(url: try #require(WebURL("https://moodle.example/")))
    let client = try client("http://127.0.0.1:\(server.port)")
    let took = elapsed { #expect(failure(of: request, client: client, timeout: 300) == .timedOut(.connect)) }
    #expect(took < .seconds(3))
  }

  @Test("Hosts that are to be called directly are, and so is plain http")
  func direct() throws {
    let path = try certificates.issue(alternativeNames: "DNS:localhost")
    let secure = try TestServer(certificate: path) { try $0.answer("HTTP/1.1 204 No Content\r\n\r\n") }
    let plain = try TestServer { try $0.answer("HTTP/1.1 204 No Content\r\n\r\n") }
    let client = try client("http://127.0.0.1:\(try unusedPort())", direct: "localhost", anyAddress: true)
    for url in [try url(.https, host: "localhost", port: secure.port), try url(port: plain.port)] {
      #expect(try client.send(HTTPRequest(url: url), timeout: 10_000).status == 204)
    }
  }

  @Test(
    "The proxy is not asked for the way to a private address, nor to itself",
    arguments: [
      "127.0.0.1", "10.1.2.3", "[::1]", "localhost", "a.localhost", "localhost.", "127.1", "2130706433", "0x7f000001",
    ])
  func guarded(_ host: String) throws {
    let proxy = try Proxy(to: try unusedPort())
    guard let url = WebURL("https://\(host)/") else { return }
    let client = try client("http://127.0.0.1:\(proxy.port)")
    #expect(failure(of: HTTPRequest(url: url), client: client) == .addressForbidden)
    #expect(proxy.asked.isEmpty)
  }

  @Test("A private host that a setting names is asked for through the proxy")
  func permitted() throws {
    let server = try moodle("localhost")
    let proxy = try Proxy(to: server.port)
    let client = try client("http://127.0.0.1:\(proxy.port)", permitting: "localhost")
    let request = HTTPRequest(url: try #require(WebURL("https://localhost/")))
    #expect(try client.send(request, timeout: 10_000).status == 200)
  }

  @Test("The proxy's URL is read with and without port and credentials, and told without them")
  func reading() throws {
    let plain = try #require(OutgoingProxy("http://proxy.example"))
    #expect(plain.url.authority == "proxy.example:3128" && plain.authorization == nil)
    let full = try #require(OutgoingProxy("HTTP://us%3Fer:pa%2Fss@Proxy.example:8080/"))
    #expect(full.url.port == 8080 && full.authorization == "Basic " + Base64.encode(Array("us?er:pa/ss".utf8)))
    #expect("\(full)" == "http://Proxy.example:8080" && Mirror(reflecting: full).children.isEmpty)
    #expect(try #require(OutgoingProxy("http://[::1]")).url.authority == "[::1]:3128")
    for text in [
      "proxy.example:3128", "https://proxy.example", "http://", "http://proxy.example/path", "http://proxy.example?x",
      "http://:pass@proxy.example", "http://u%zz@proxy.example", "http://u%0A@proxy.example",
      "http://a%3Ab:c@proxy.example",
      "socks5://proxy.example", "http://proxy.example:0",
    ] { #expect(OutgoingProxy(text) == nil, "\(text)") }
  }
}
