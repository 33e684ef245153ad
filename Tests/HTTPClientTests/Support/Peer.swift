import COpenSSL
import Foundation

/// The server's end of one connection.
protocol Peer: AnyObject {
  /// The socket beneath.
  var descriptor: Int32 { get }
  /// Sends everything, or fails because the client has gone.
  func send(_ bytes: [UInt8]) throws
  /// Some bytes; none at the end.
  func receive() throws -> [UInt8]
}

/// The client has gone.
struct ClientGone: Error {}

extension Peer {
  func send(_ text: String) throws {
    try send(Array(text.utf8))
  }

  /// Reads a whole request: head, and the body that its Content-Length announces.
  @discardableResult
  func receiveRequest() throws -> String {
    var bytes: [UInt8] = []
    while true {
      let text = String(decoding: bytes, as: UTF8.self)
      if let end = text.range(of: "\r\n\r\n") {
        let length = text[..<end.lowerBound].components(separatedBy: "\r\n")
          .first { $0.lowercased().hasPrefix("content-length:") }
          .flatMap { Int($0.dropFirst("content-length:".count).trimmingCharacters(in: .whitespaces)) }
        if text[end.upperBound...].utf8.count >= length ?? 0 { return text }
      }
      let more = try receive()
      if more.isEmpty { throw ClientGone() }
      bytes += more
    }
  }

  /// Reads the request, then sends that response.
  func answer(_ response: String) throws {
    try receiveRequest()
    try send(response)
  }

  /// Makes the coming close a reset (RST) instead of an orderly end.
  func resetOnClose() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }

  /// Waits until the client has closed, discarding what it sends.
  func waitForClient() throws {
    while !(try receive()).isEmpty {}
  }
}

/// A connection in clear.
final class PlainPeer: Peer {
  let descriptor: Int32

  init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { throw ClientGone() }
      sent += count
    }
  }

  func receive() throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = read(descriptor, &buffer, buffer.count)
    guard count >= 0 else { throw ClientGone() }
    return Array(buffer.prefix(count))
  }
}

/// A connection inside TLS, the handshake done.
final class TLSPeer: Peer {
  let descriptor: Int32
  private let ssl: OpaquePointer

  init(context: OpaquePointer, descriptor: Int32) throws {
    self.descriptor = descriptor
    ssl = try unwrap("SSL_new", SSL_new(context))
    SSL_set_fd(ssl, descriptor)
    guard SSL_accept(ssl) == 1 else {
      // Lets the client read the alert before the connection goes.
      shutdown(descriptor, Int32(SHUT_WR))
      var byte: UInt8 = 0
      while read(descriptor, &byte, 1) > 0 {}
      throw ClientGone()
    }
  }

  deinit {
    SSL_free(ssl)
  }

  func send(_ bytes: [UInt8]) throws {
    guard bytes.isEmpty || SSL_write(ssl, bytes, Int32(bytes.count)) == bytes.count else { throw ClientGone() }
  }

  func receive() throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 16384)
    let count = SSL_read(ssl, &buffer, Int32(buffer.count))
    return Array(buffer.prefix(max(Int(count), 0)))
  }

  /// Says close_notify, without which an end is a truncation.
  func closeNotify() {
    SSL_shutdown(ssl)
  }

  /// Sends a record without application data.
  func updateKeys() throws {
    guard SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1, SSL_do_handshake(ssl) == 1 else { throw ClientGone() }
  }

  /// The server name that the client asked for.
  var serverName: String? {
    SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) }
  }

  /// The protocol version agreed on.
  var version: String { String(cString: SSL_get_version(ssl)) }
}
