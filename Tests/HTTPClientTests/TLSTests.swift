import COpenSSL
import Foundation
import Synchronization
import Testing
import Wire

@testable import HTTPClient

/// The secure channel: whom it trusts, and how it fails.
@Suite struct TLSTests {
  private let certificates: TestCertificates

  init() throws {
    certificates = try TestCertificates.shared()
  }

  private static let empty = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

  private var client: HTTPClient { loopbackClient(caDirectory: certificates.directory) }

  private func failureWithCertificate(_ path: String, host: String = "localhost") throws -> TransportFailure? {
    let reached = Mutex(false)
    let server = try TestServer(certificate: path) { peer in
      if !(try peer.receive()).isEmpty { reached.withLock { $0 = true } }
      try peer.send(Self.empty)
    }
    let failure = failure(of: HTTPRequest(url: try url(.https, host: host, port: server.port)), client: client)
    if let failure {
      #expect(!failure.mayHaveBeenProcessed)
      #expect(reached.withLock { $0 } == false)
    }
    return failure
  }

  @Test("A server that the trust store vouches for is called, by name and by address, and told the name")
  func trusted() throws {
    let names = Mutex<[String?]>([])
    let path = try certificates.issue(alternativeNames: "DNS:localhost,IP:127.0.0.1")
    let server = try TestServer(certificate: path) { peer in
      try peer.receiveRequest()
      names.withLock { $0.append(peer.serverName) }
      #expect(peer.version == "TLSv1.3")
      try peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
    }
    // A literal is no server name (RFC 6066 §3).
    for host in ["localhost", "127.0.0.1"] {
      let response = try client.send(
        HTTPRequest(url: try url(.https, host: host, port: server.port)), timeout: 10_000)
      #expect(String(decoding: response.body, as: UTF8.self) == "hello")
    }
    #expect(names.withLock { $0 } == ["localhost", nil])
  }

  /// A handshake with a server that is expected under a name which no name service need know.
  private func stream(to server: TestServer, as host: String, until deadline: Deadline) throws -> TLSStream {
    let address = SocketAddress(try #require(IPAddress("127.0.0.1")), port: server.port)
    let socket = try Socket.connect(to: [address], until: deadline)
    let context = TLSContext(caDirectory: certificates.directory)
    return try TLSStream(context: context, socket: socket, host: host, until: deadline)
  }

  @Test("A wildcard stands for a whole label, the first one")
  func wildcards() throws {
    for (pattern, matches) in [
      ("*.example.test", true), ("mood*.example.test", false), ("*e.example.test", false), ("*.test", false),
      ("moodle.*.test", false), ("*", false),
    ] {
      let path = try certificates.issue(alternativeNames: "DNS:\(pattern)")
      let server = try TestServer(certificate: path) { try $0.waitForClient() }
      let failure: TransportFailure?
      do throws(any Error) {
        _ = try stream(to: server, as: "moodle.example.test", until: Deadline(milliseconds: 10_000))
        failure = nil
      } catch {
        failure = error as? TransportFailure
        #expect(failure != nil)
      }
      #expect(failure == (matches ? nil : .tls(.hostNameMismatch)), "\(pattern)")
    }
  }

  @Test("The dot at the end of a fully qualified name is part neither of the server name nor of the certificate's")
  func rootDot() throws {
    let name = Mutex<String?>(nil)
    let path = try certificates.issue(alternativeNames: "DNS:localhost")
    let server = try TestServer(certificate: path) { peer in
      name.withLock { $0 = peer.serverName }
      try peer.answer(Self.empty)
    }
    let deadline = Deadline(milliseconds: 10_000)
    let stream = try stream(to: server, as: "localhost.", until: deadline)
    #expect(!stream.hasSent)
    #expect(try client.exchange(Array("\r\n\r\n".utf8), method: "GET", over: stream, until: deadline).status == 200)
    #expect(stream.hasSent)
    #expect(name.withLock { $0 } == "localhost")
  }

  @Test("One client serves several exchanges at once")
  func shared() throws {
    let path = try certificates.issue(alternativeNames: "DNS:localhost")
    let server = try TestServer(certificate: path) { try $0.answer(Self.empty) }
    let client = client
    let request = HTTPRequest(url: try url(.https, host: "localhost", port: server.port))
    let succeeded = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      if (try? client.send(request, timeout: 20_000))?.status == 200 { succeeded.withLock { $0 += 1 } }
    }
    #expect(succeeded.withLock { $0 } == 8)
  }

  @Test("A certificate signed by itself is not trusted")
  func selfSigned() throws {
    let path = try certificates.issue(alternativeNames: "DNS:localhost", selfSigned: true)
    #expect(try failureWithCertificate(path) == .tls(.issuerUnknown))
  }

  @Test("An authority that is not in the trust store is not trusted")
  func unknownAuthority() throws {
    let path = try certificates.issue(alternativeNames: "DNS:localhost")
    let server = try TestServer(certificate: path) { try $0.answer(Self.empty) }
    let client = loopbackClient(caDirectory: NSTemporaryDirectory())
    let request = HTTPRequest(url: try url(.https, host: "localhost", port: server.port))
    #expect(failure(of: request, client: client) == .tls(.issuerUnknown))
  }

  @Test("A trust store that cannot be read is named as the reason")
  func missingTrustStore() throws {
    let client = loopbackClient(caDirectory: certificates.directory + "/missing")
    let request = HTTPRequest(url: try url(.https, host: "localhost", port: try unusedPort()))
    #expect(failure(of: request, client: client) == .tls(.trustStoreUnreadable))
  }

  @Test("A certificate outside its time is refused")
  func validity() throws {
    let expired = try certificates.issue(alternativeNames: "DNS:localhost", validity: -7200...(-3600))
    #expect(try failureWithCertificate(expired) == .tls(.certificateExpired))
    let future = try certificates.issue(alternativeNames: "DNS:localhost", validity: 3600...7200)
    #expect(try failureWithCertificate(future) == .tls(.certificateNotYetValid))
  }

  @Test("A certificate for another name, or with a name in the common name only, is refused")
  func otherName() throws {
    let other = try certificates.issue(alternativeNames: "DNS:moodle.example,DNS:*.localhost,DNS:local*")
    #expect(try failureWithCertificate(other) == .tls(.hostNameMismatch))
    let commonName = try certificates.issue(commonName: "localhost", alternativeNames: nil)
    #expect(try failureWithCertificate(commonName) == .tls(.hostNameMismatch))
  }

  @Test("An address is compared with the certificate's addresses, not with its names")
  func otherAddress() throws {
    let path = try certificates.issue(commonName: "127.0.0.1", alternativeNames: "DNS:127.0.0.1,IP:127.0.0.2")
    #expect(try failureWithCertificate(path, host: "127.0.0.1") == .tls(.hostNameMismatch))
  }

  @Test("TLS 1.2 is spoken, TLS 1.1 is not")
  func versions() throws {
    let path = try certificates.issue(alternativeNames: "DNS:localhost")
    for (version, expected) in [
      (TLS1_2_VERSION, nil), (TLS1_1_VERSION, TransportFailure.tls(.protocolError("tlsv1 alert protocol version"))),
    ] {
      let server = try TestServer(certificate: path) { context in
        SSL_CTX_set_security_level(context, 0)
        _ = COpenSSL_SSL_CTX_set_min_proto_version(context, TLS1_VERSION)
        _ = COpenSSL_SSL_CTX_set_max_proto_version(context, version)
      } behaviour: {
        try $0.answer(Self.empty)
      }
      let request = HTTPRequest(url: try url(.https, host: "localhost", port: server.port))
      #expect(failure(of: request, client: client) == expected)
    }
  }

  @Test("A server that insists on TLS 1.1 in its hello is refused")
  func oldHello() throws {
    let server = try TestServer { (peer: any Peer) in
      _ = try peer.receive()
      // ServerHello (RFC 4346 §7.4.1.3): version 3.2, a random, no session, TLS_RSA_WITH_AES_128_CBC_SHA.
      let hello = [UInt8]([3, 2]) + [UInt8](repeating: 7, count: 32) + [0, 0, 0x2F, 0]
      let message = [2, 0, 0, UInt8(hello.count)] + hello
      try peer.send([22, 3, 2, 0, UInt8(message.count)] + message)
      try peer.waitForClient()
    }
    let request = HTTPRequest(url: try url(.https, host: "localhost", port: server.port))
    #expect(failure(of: request, client: client) == .tls(.protocolError("unsupported protocol")))
  }

  @Test(
    "Octets that are not TLS are refused",
    arguments: [
      "HTTP/1.1 400 Bad Request\r\n\r\n", "220 mail.example ESMTP\r\n", String(repeating: "\u{7F}", count: 64),
    ])
  func garbage(_ text: String) throws {
    let server = try TestServer { (peer: any Peer) in
      _ = try peer.receive()
      try peer.send(text)
      try peer.waitForClient()
    }
    let request = HTTPRequest(url: try url(.https, host: "localhost", port: server.port))
    #expect(failure(of: request, client: client) == .tls(.protocolError("wrong version number")))
  }

  @Test(
    "A connection that ends or is reset during the handshake has not carried the request", arguments: [false, true])
  func closedInHandshake(_ reset: Bool) throws {
    let server = try TestServer { (peer: any Peer) in
      _ = try peer.receive()
      if reset { peer.resetOnClose() }
    }
    let request = HTTPRequest(url: try url(.https, host: "localhost", port: server.port))
    #expect(failure(of: request, client: client) == .closedEarly(afterSending: false))
  }

  @Test("A handshake that does not come forward ends at the deadline")
  func silentHandshake() throws {
    let server = try TestServer { (peer: any Peer) in try peer.waitForClient() }
    let request = HTTPRequest(url: try url(.https, host: "localhost", port: server.port))
    let time = elapsed {
      #expect(failure(of: request, client: client, timeout: 300) == .timedOut(.handshake))
    }
    #expect(time >= .milliseconds(300) && time < .seconds(5))
    #expect(!TransportFailure.timedOut(.handshake).mayHaveBeenProcessed)
  }

  @Test("A body that drips in is abandoned at the deadline")
  func slowDrip() throws {
    let path = try certificates.issue(alternativeNames: "DNS:localhost")
    let server = try TestServer(certificate: path) { peer in
      try peer.answer("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
      while true {
        try peer.send("x")
        Thread.sleep(forTimeInterval: 0.02)
      }
    }
    let request = HTTPRequest(url: try url(.https, host: "localhost", port: server.port))
    let time = elapsed {
      #expect(failure(of: request, client: client, timeout: 500) == .timedOut(.receive))
    }
    #expect(time >= .milliseconds(500) && time < .seconds(5))
  }

  @Test("Records that carry no data keep the client no longer than the deadline")
  func emptyRecords() throws {
    let path = try certificates.issue(alternativeNames: "DNS:localhost")
    let server = try TestServer(certificate: path) { peer in
      try peer.receiveRequest()
      while true { try peer.updateKeys() }
    }
    let request = HTTPRequest(url: try url(.https, host: "localhost", port: server.port))
    let time = elapsed {
      #expect(failure(of: request, client: client, timeout: 500) == .timedOut(.receive))
    }
    #expect(time >= .milliseconds(500) && time < .seconds(5))
  }

  @Test("An end without close_notify is a truncation, unless the body's length says that it is whole")
  func truncation() throws {
    let path = try certificates.issue(alternativeNames: "DNS:localhost")
    for (response, closes, expected) in [
      ("HTTP/1.1 200 OK\r\n\r\nhello", true, nil),
      ("HTTP/1.1 200 OK\r\n\r\nhello", false, TransportFailure.closedEarly(afterSending: true)),
      ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false, nil),
      ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", false, nil),
      ("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", true, .closedEarly(afterSending: true)),
      ("", true, .closedEarly(afterSending: true)),
    ] {
      let server = try TestServer(certificate: path) { peer in
        try peer.answer(response)
        if closes { peer.closeNotify() }
      }
      let request = HTTPRequest(url: try url(.https, host: "localhost", port: server.port))
      #expect(failure(of: request, client: client) == expected, "\(response.debugDescription)")
    }
  }

  @Test("A server that hangs up in the middle of the request raises no SIGPIPE, and may have processed it")
  func resetDuringRequest() throws {
    // It is raised when the reset finds the server's direction already closed.
    let path = try certificates.issue(alternativeNames: "DNS:localhost")
    let server = try TestServer(certificate: path) { peer in
      _ = try peer.receive()
      shutdown(peer.descriptor, Int32(SHUT_WR))
      Thread.sleep(forTimeInterval: 0.1)
      peer.resetOnClose()
    }
    let body = [UInt8](repeating: 0, count: 32 << 20)
    let request = HTTPRequest(
      method: "POST", url: try url(.https, host: "localhost", port: server.port), body: body)
    var failed: TransportFailure?
    let isRaised = raisesBrokenPipe { failed = failure(of: request, client: client) }
    #expect(!isRaised && failed == .closedEarly(afterSending: true))
  }

  @Test("A refusal sent before the request was read to its end is still received")
  func earlyRefusal() throws {
    let path = try certificates.issue(alternativeNames: "DNS:localhost")
    let server = try TestServer(certificate: path) { peer in
      _ = try peer.receive()
      try peer.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno")
    }
    let body = [UInt8](repeating: 0, count: 32 << 20)
    let request = HTTPRequest(
      method: "POST", url: try url(.https, host: "localhost", port: server.port), body: body)
    #expect(try client.send(request, timeout: 10_000).status == 413)
  }
}
