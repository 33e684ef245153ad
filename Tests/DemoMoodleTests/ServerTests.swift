import DemoMoodle
import Glibc
import JOSE
import Testing
import Wire

/// Blocking pauses for tests that watch other threads.
enum Pause {
  static func milliseconds(_ count: UInt32) { usleep(count * 1000) }
}

@Suite("The server in front of the platform")
struct ServerTests {
  /// Sends bytes as they are and returns everything that comes back.
  private func raw(_ text: String, to server: Server, halves: [String]? = nil) throws -> String {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(server.port)).bigEndian
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(connected == 0)
    for part in halves ?? [text] {
      _ = part.withCString { send(descriptor, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
      if halves != nil { Pause.milliseconds(30) }
    }
    var answer: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    var count = recv(descriptor, &chunk, chunk.count, 0)
    while count > 0 {
      answer += chunk[..<count]
      count = recv(descriptor, &chunk, chunk.count, 0)
    }
    return String(decoding: answer, as: UTF8.self)
  }

  @Test("sends the status, its own reason phrase, a Date that parses, the length, and closes")
  func answerShape() throws {
    let stage = try Stage()
    defer { stage.stop() }
    let answer = try raw("GET /mod/lti/services.php/99/x HTTP/1.1\r\nHost: x\r\n\r\n", to: stage.server)
    #expect(answer.hasPrefix("HTTP/1.1 400 No handler found for /99/x  \r\n"))
    let plain = try stage.send("GET", "/demo/gradebook")
    let date = try #require(plain.fields["Date"].flatMap { Instant(httpDate: $0) })
    #expect(abs(date.secondsSince(Instant.now())) < 5)
    #expect(plain.fields["Content-Length"] == String(plain.body.count))
  }

  @Test("takes chunked bodies, split requests and Expect: 100-continue")
  func bodies() throws {
    let stage = try Stage()
    defer { stage.stop() }
    let body = #"{"clear":true}"#
    let chunked =
      "POST /demo/faults HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"cle\r\n9\r\nar\":true}\r\n0\r\n\r\n"
    #expect(try raw(chunked, to: stage.server).contains("200 OK"))
    let length = "POST /demo/faults HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n"
    #expect(
      try raw("", to: stage.server, halves: [length, "\r\n" + body.prefix(4), String(body.dropFirst(4))]).contains(
        "200 OK"))
    let expecting = try raw(length + "Expect: 100-continue\r\n\r\n" + body, to: stage.server)
    #expect(expecting.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"))
  }

  @Test("refuses what is no request, and answers HEAD without a body")
  func refusals() throws {
    let stage = try Stage()
    defer { stage.stop() }
    #expect(try raw("nonsense\r\n\r\n", to: stage.server).hasPrefix("HTTP/1.1 400 "))
    #expect(try raw("GET / HTTP/1.1\r\nno colon\r\n\r\n", to: stage.server).hasPrefix("HTTP/1.1 400 "))
    #expect(
      try raw("POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", to: stage.server).hasPrefix("HTTP/1.1 413 "))
    let head = try raw("HEAD /mod/lti/certs.php HTTP/1.1\r\nHost: x\r\n\r\n", to: stage.server)
    #expect(head.hasSuffix("\r\n\r\n"))
    #expect(!head.contains("Content-Length: 0"))
    #expect(try stage.send("GET", "/nowhere").status == 404)
    let wrongMethod = try stage.send("PUT", "/mod/lti/certs.php")
    #expect(wrongMethod.status == 405)
    #expect(wrongMethod.fields["Allow"] == "GET")
  }

  @Test("restarts on the same port with the same gradebook")
  func restart() throws {
    let stage = try Stage()
    defer { stage.stop() }
    let token = try stage.token()
    #expect(try stage.score(10, at: "2026-11-23T01:00:00Z", token: token).status == 200)
    stage.server.stop()
    #expect(throws: TransportFailure.connectFailed(errno: ECONNREFUSED)) { try stage.send("GET", "/demo/gradebook") }
    let again = try Server.start(stage.platform, port: stage.server.port)
    defer { again.stop(grace: 0) }
    #expect(again.url == stage.server.url)
    #expect(try stage.score(11, at: "2026-11-23T01:00:01Z", token: token).status == 200)
    #expect(stage.platform.grade(user: 3)?.grade == 11)
  }

  @Test("is reached by another name when that is its public address, which then is its issuer")
  func publicAddress() throws {
    let stage = try Stage()
    defer { stage.stop() }
    let server = try Server.start(stage.platform, publicAddress: .host("localhost"))
    defer { server.stop(grace: 0) }
    #expect(server.url == "http://localhost:\(server.port)")
    var client = LaunchClient(platform: server.url)
    let claims = try JSONValue(parsing: JWS(compact: #require(try client.launch(user: 3).idToken)).payload)
    #expect(claims["iss"]?.stringValue == server.url)
    // To a browser, that is another site than the tool's.
    #expect(stage.tool.url.hasPrefix("http://127.0.0.1:"))

    let forwarded = try Server.start(stage.platform, publicAddress: .url("https://moodle.test:8443"))
    defer { forwarded.stop(grace: 0) }
    #expect(forwarded.url == "https://moodle.test:8443")
    let page = try stage.send("GET", "http://127.0.0.1:\(forwarded.port)/login/index.php?user=3")
    #expect(page.fields["Set-Cookie"]?.hasSuffix("; path=/; secure; HttpOnly; SameSite=None") == true)
    for address in ["https://moodle.test/", "https://moodle.test/moodle", "moodle.test"] {
      #expect(throws: ServerError.publicAddressUnusable(address)) {
        try Server.start(stage.platform, publicAddress: .url(address))
      }
    }
  }

  @Test("a port in use and a host that is no address are named")
  func cannotListen() throws {
    let stage = try Stage()
    defer { stage.stop() }
    #expect(throws: ServerError.system(call: "bind 127.0.0.1:\(stage.server.port)", errno: EADDRINUSE)) {
      try Server.start(stage.platform, port: stage.server.port)
    }
    #expect(throws: ServerError.hostNotAnAddress("localhost")) { try Server.start(stage.platform, host: "localhost") }
  }
}
