import COpenSSL
import Foundation
import Testing
import Wire

@testable import HTTPClient

/// Connections that fail, and the deadline that holds whatever the other side does.
@Suite struct ConnectionTests {
  private func address(port: Int) throws -> SocketAddress {
    SocketAddress(try #require(IPAddress("127.0.0.1")), port: port)
  }

  @Test("A port on which nothing listens refuses the connection")
  func refused() throws {
    let failure = failure(of: HTTPRequest(url: try url(port: try unusedPort())))
    #expect(failure == .connectFailed(errno: ECONNREFUSED))
    #expect(failure?.mayHaveBeenProcessed == false)
  }

  @Test("A name that no name service can know is not resolved")
  func unknownName() throws {
    // A label of 64 octets cannot be asked for (RFC 1035 §2.3.4), so no network is needed for the answer.
    let host = String(repeating: "a", count: 64) + ".test"
    #expect(failure(of: HTTPRequest(url: try url(host: host, port: 80))) == .nameNotResolved)
  }

  @Test("A name service that does not answer is left behind at the deadline")
  func slowResolution() throws {
    let resolution = Resolution.start(host: "slow.test", port: 80) { _, _ in
      Thread.sleep(forTimeInterval: 10)
      return []
    }
    let time = elapsed { #expect(resolution.wait(until: Deadline(milliseconds: 200)) == nil) }
    #expect(time >= .milliseconds(200) && time < .seconds(5))
  }

  @Test("A connection that nobody accepts or refuses ends at the deadline")
  func blackhole() throws {
    let hole = try Blackhole()
    let request = HTTPRequest(url: try url(port: hole.port))
    let time = elapsed { #expect(failure(of: request, timeout: 300) == .timedOut(.connect)) }
    #expect(time >= .milliseconds(300) && time < .seconds(5))
    #expect(!TransportFailure.timedOut(.connect).mayHaveBeenProcessed)
  }

  @Test("An address that swallows connections leaves time for the next one")
  func nextAddress() throws {
    let hole = try Blackhole()
    let server = try TestServer { try $0.waitForClient() }
    let addresses = [
      try address(port: try unusedPort()), try address(port: hole.port), try address(port: server.port),
    ]
    let time = try elapsed { _ = try Socket.connect(to: addresses, until: Deadline(milliseconds: 3000)) }
    // The refusal costs nothing; the hole has half of what is left.
    #expect(time >= .milliseconds(1400))
  }

  @Test("No time at all is a deadline that has passed", arguments: [0, -1, Int.min])
  func noTime(_ milliseconds: Int) throws {
    let server = try TestServer { try $0.answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") }
    let failure = failure(of: HTTPRequest(url: try url(port: server.port)), timeout: milliseconds)
    #expect(failure == .timedOut(.connect))
  }

  @Test("What has arrived is not read once the deadline has passed, in clear or for TLS")
  func arrivedTooLate() throws {
    let server = try TestServer { peer in
      try peer.send("something to read")
      try peer.waitForClient()
    }
    let deadline = Deadline(milliseconds: 10_000)
    let socket = try Socket.connect(to: [try address(port: server.port)], until: deadline)
    #expect(socket.wait(for: .reading, until: deadline))
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4, alignment: 1)
    defer { buffer.deallocate() }
    let passed = Deadline(milliseconds: 0)
    let stream = PlainStream(socket: socket)
    #expect(throws: StreamFailure.timedOut) { try stream.read(into: buffer, until: passed) }

    let transport = SocketBIO(socket: socket, deadline: passed)
    let bio = try #require(transport.makeBIO())
    defer { BIO_free(bio) }
    #expect(BIO_read(bio, buffer.baseAddress, 4) == -1)
    #expect(transport.timedOut && BIO_test_flags(bio, BIO_FLAGS_SHOULD_RETRY) == 0)
    #expect(BIO_write(bio, "late", 4) == -1)
    #expect(transport.bytesSent == 0)
    transport.deadline = deadline
    #expect(BIO_read(bio, buffer.baseAddress, 4) == 4)
    #expect(Array(buffer) == Array("some".utf8))
  }

  @Test("A response that drips in is abandoned at the deadline, wherever it drips")
  func slowDrip() throws {
    for start in [
      "", "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;",
    ] {
      let server = try TestServer { peer in
        try peer.answer(start)
        for octet in "HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 10_000) {
          try peer.send(String(octet))
          Thread.sleep(forTimeInterval: 0.02)
        }
      }
      let request = HTTPRequest(url: try url(port: server.port))
      let time = elapsed {
        let failure = failure(of: request, timeout: 300)
        // Before the status line, the drip is one; after it, it is part of what came before.
        #expect(failure == .timedOut(.receive), "after \(start.debugDescription)")
        #expect(failure?.mayHaveBeenProcessed == true)
      }
      #expect(time >= .milliseconds(300) && time < .seconds(5))
    }
  }

  @Test("A server that does not read is abandoned at the deadline")
  func unreadRequest() throws {
    let server = try TestServer { _ in Thread.sleep(forTimeInterval: 10) }
    let body = [UInt8](repeating: 0, count: 32 << 20)
    let request = HTTPRequest(method: "POST", url: try url(port: server.port), body: body)
    let time = elapsed { #expect(failure(of: request, timeout: 500) == .timedOut(.send)) }
    #expect(time >= .milliseconds(500) && time < .seconds(5))
    #expect(TransportFailure.timedOut(.send).mayHaveBeenProcessed)
  }

  @Test(
    "What never ends is cut at its limit, long before the deadline",
    arguments: [
      ("", "HTTP/1.1 100 Continue\r\n\r\n"), ("HTTP/1.1 200 ", "endless reason "),
      ("HTTP/1.1 200 OK\r\n", "X-Endless: field\r\n"), ("HTTP/1.1 200 OK\r\nX: ", "endless value "),
      ("HTTP/1.1 200 OK\r\n\r\n", "endless body "),
      (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "400\r\n" + String(repeating: "x", count: 1024) + "\r\n"
      ),
      ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", "endless extension "),
      ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X-Endless: trailer\r\n"),
    ])
  func endless(_ start: String, _ repeated: String) throws {
    let server = try TestServer { peer in
      try peer.answer(start)
      let block = Array(String(repeating: repeated, count: 64).utf8)
      while true { try peer.send(block) }
    }
    #expect(failure(of: HTTPRequest(url: try url(port: server.port)), timeout: 60_000) == .tooLarge)
  }

  @Test("A connection reset after the request was read may have been processed")
  func resetAfterRequest() throws {
    let server = try TestServer { peer in
      try peer.receiveRequest()
      peer.resetOnClose()
    }
    let failure = failure(of: HTTPRequest(url: try url(port: server.port)))
    #expect(failure == .closedEarly(afterSending: true))
    #expect(failure?.mayHaveBeenProcessed == true)
  }

  @Test("A server that hangs up in the middle of the request raises no SIGPIPE")
  func resetDuringRequest() throws {
    // It is raised when the reset finds the server's direction already closed.
    let server = try TestServer { peer in
      _ = try peer.receive()
      shutdown(peer.descriptor, Int32(SHUT_WR))
      Thread.sleep(forTimeInterval: 0.1)
      peer.resetOnClose()
    }
    let body = [UInt8](repeating: 0, count: 32 << 20)
    let request = HTTPRequest(method: "POST", url: try url(port: server.port), body: body)
    var failed: TransportFailure?
    let isRaised = raisesBrokenPipe { failed = failure(of: request) }
    #expect(!isRaised && failed == .closedEarly(afterSending: true))
  }

  @Test("A write that raises SIGPIPE is noticed by these tests")
  func brokenPipe() {
    var ends: [Int32] = [-1, -1]
    #expect(pipe(&ends) == 0)
    close(ends[0])
    var written = 0
    let isRaised = raisesBrokenPipe { written = write(ends[1], "x", 1) }
    #expect(isRaised && written == -1)
    close(ends[1])
  }

  @Test("A refusal sent before the request was read to its end is still received")
  func earlyRefusal() throws {
    let server = try TestServer { peer in
      _ = try peer.receive()
      try peer.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno")
    }
    let body = [UInt8](repeating: 0, count: 32 << 20)
    let request = HTTPRequest(method: "POST", url: try url(port: server.port), body: body)
    #expect(try loopbackClient().send(request, timeout: 10_000).status == 413)
  }

  @Test("A connection that fails before it takes the first octet has not carried the request")
  func nothingSent() {
    let client = loopbackClient()
    func failure(_ stream: ScriptedStream) -> TransportFailure? {
      do throws(TransportFailure) {
        _ = try client.exchange([1], method: "POST", over: stream, until: Deadline(milliseconds: 1000))
        return nil
      } catch {
        return error
      }
    }
    #expect(failure(ScriptedStream(sends: false, writeFailure: .broken)) == .closedEarly(afterSending: false))
    #expect(failure(ScriptedStream(sends: false, writeFailure: .timedOut)) == .timedOut(.connect))
    #expect(failure(ScriptedStream(sends: true, writeFailure: .timedOut)) == .timedOut(.send))
    #expect(
      failure(ScriptedStream(sends: true, writeFailure: .broken, endFailure: .broken))
        == .closedEarly(afterSending: true))
    #expect(!TransportFailure.closedEarly(afterSending: false).mayHaveBeenProcessed)
  }
}

/// A port whose queue of connections is full, so that the kernel drops what else asks to connect.
private final class Blackhole {
  let port: Int
  private let listener: Int32
  private var waiting: [Int32] = []

  init() throws {
    (listener, port) = try TestServer.listen(backlog: 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    for _ in 0..<8 {
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
      waiting.append(descriptor)
      withUnsafePointer(to: &address) { pointer in
        _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    }
  }

  deinit {
    for descriptor in waiting + [listener] { close(descriptor) }
  }
}
