import Synchronization
import Testing
import Wire

@testable import HTTPClient

/// What reaches the server.
@Suite struct RequestTests {
  private func encoded(_ request: HTTPRequest, userAgent: String = "test") throws(TransportFailure) -> String {
    String(decoding: try RequestEncoder.encode(request, userAgent: userAgent), as: UTF8.self)
  }

  @Test("A score is one POST with the fields given and those that the connection needs")
  func score() throws {
    let target = try #require(WebURL("https://moodle.example/mod/lti/services.php/2/scores?type_id=1#ignored"))
    let request = HTTPRequest(
      method: "POST", url: target,
      fields: HTTPFields([("Authorization", "Bearer abc"), ("Content-Type", "application/vnd.ims.lis.v1.score+json")]),
      body: Array("{\"comment\":\"é\"}".utf8))
    #expect(
      try encoded(request)
        == "POST /mod/lti/services.php/2/scores?type_id=1 HTTP/1.1\r\nHost: moodle.example\r\nUser-Agent: test\r\n"
        + "Accept-Encoding: identity\r\nAuthorization: Bearer abc\r\n"
        + "Content-Type: application/vnd.ims.lis.v1.score+json\r\nContent-Length: 16\r\nConnection: close\r\n\r\n"
        + "{\"comment\":\"é\"}")
  }

  @Test("A request without Accept sends none, and one with Accept sends that one as it is")
  func accept() throws {
    let target = try #require(WebURL("https://moodle.example/"))
    #expect(!(try encoded(HTTPRequest(url: target)).lowercased().contains("accept:")))
    let media = "application/vnd.ims.lis.v2.lineitemcontainer+json"
    let request = HTTPRequest(url: target, fields: HTTPFields([("Accept", media)]))
    #expect(try encoded(request).contains("\r\nAccept: \(media)\r\n"))
  }

  @Test(
    "Host names the port unless it is the scheme's own",
    arguments: [
      ("https://a.example/", "a.example"), ("https://a.example:443/", "a.example"),
      ("https://a.example:8443/", "a.example:8443"), ("http://a.example:80/", "a.example"),
      ("http://a.example:443/", "a.example:443"), ("https://[2001:db8::1]/", "[2001:db8::1]"),
      ("https://[2001:db8::1]:444/", "[2001:db8::1]:444"),
    ])
  func host(_ address: String, _ expected: String) throws {
    let request = HTTPRequest(url: try #require(WebURL(address)))
    #expect(try encoded(request).contains("\r\nHost: \(expected)\r\n"))
  }

  @Test(
    "An empty body has a Content-Length where the method gives bodies a meaning, and none elsewhere",
    arguments: [("POST", true), ("PUT", true), ("PATCH", true), ("GET", false), ("HEAD", false), ("DELETE", false)])
  func emptyBody(_ method: String, _ hasLength: Bool) throws {
    let text = try encoded(HTTPRequest(method: method, url: try #require(WebURL("https://a.example/"))))
    #expect(text.contains("\r\nContent-Length: 0\r\n") == hasLength)
  }

  @Test("A request cannot bring the fields that frame a message")
  func framing() throws {
    let fields = HTTPFields([
      ("host", "evil.example"), ("CONTENT-LENGTH", "0"), ("Transfer-Encoding", "chunked"), ("Connection", "keep-alive"),
      ("Upgrade", "h2c"), ("TE", "trailers"), ("User-Agent", "mine"),
    ])
    let request = HTTPRequest(
      method: "PUT", url: try #require(WebURL("https://a.example/")), fields: fields, body: Array("hello".utf8))
    #expect(
      try encoded(request)
        == "PUT / HTTP/1.1\r\nHost: a.example\r\nAccept-Encoding: identity\r\nUser-Agent: mine\r\n"
        + "Content-Length: 5\r\nConnection: close\r\n\r\nhello")
  }

  @Test("CR, LF and NUL have no way into a request", arguments: ["\r\n", "\n", "\r", "\u{0}"])
  func splitting(_ injected: String) throws {
    let target = try #require(WebURL("https://a.example/"))
    var fields = HTTPFields()
    let taken = [fields.append("X", "a\(injected)Y: b"), fields.append("X\(injected)Y", "b")]
    #expect(taken == [false, false])
    #expect(WebURL("https://a.example/\(injected)x") == nil)
    let request = HTTPRequest(
      method: "GET / HTTP/1.1\(injected)X: y", url: target, fields: HTTPFields([("X", "a\(injected)Y: b")]))
    #expect(throws: TransportFailure.requestUnusable("method")) { try encoded(request) }
    #expect(throws: TransportFailure.requestUnusable("User-Agent")) {
      try encoded(HTTPRequest(url: target), userAgent: "a\(injected)Y: b")
    }
    #expect(
      try encoded(HTTPRequest(url: target, fields: request.fields))
        == "GET / HTTP/1.1\r\nHost: a.example\r\nUser-Agent: test\r\nAccept-Encoding: identity\r\n"
        + "Connection: close\r\n\r\n")
  }

  @Test("No request asks for a tunnel, and none is sent that cannot be")
  func unusable() throws {
    let server = try TestServer { try $0.answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") }
    for method in ["CONNECT", "", "GET /", "GÉT"] {
      let request = HTTPRequest(method: method, url: try url(port: server.port))
      #expect(failure(of: request) == .requestUnusable("method"))
    }
    #expect(server.connections == 0)
    #expect(!TransportFailure.requestUnusable("method").mayHaveBeenProcessed)
  }

  @Test("The server receives the octets that were written, and its redirect is handed back, not followed")
  func redirect() throws {
    let received = Mutex("")
    let server = try TestServer { peer in
      let text = try peer.receiveRequest()
      received.withLock { $0 = text }
      try peer.send("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")
    }
    let request = HTTPRequest(method: "POST", url: try url(port: server.port, path: "/a?b"), body: Array("x=y".utf8))
    let response = try loopbackClient().send(request, timeout: 10_000)
    #expect(response.status == 302)
    #expect(response.fields["Location"] == "/elsewhere")
    #expect(server.connections == 1)
    #expect(try received.withLock { $0 } == encoded(request))
  }
}
