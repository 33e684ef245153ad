import Foundation
import Glibc
import Synchronization

/// What PostgreSQL and PgBouncer say to somebody whom they do not let in, without either: a server that answers every start-up
/// message with one error (PostgreSQL documentation, “Message Formats”).
final class RefusingPostgres: Sendable {
  let port: Int
  private let listener: Int32
  private let state = Mutex((isOver: false, isClosed: false))

  /// - Parameter folder: where its socket is; nil listens on 127.0.0.1.
  convenience init(sqlState: String, _ message: String, in folder: String? = nil) throws {
    try self.init(answer: Self.error(sqlState, message), in: folder)
  }

  /// One that lets everybody wait until they go.
  static func silent() throws -> RefusingPostgres { try RefusingPostgres(answer: nil, in: nil) }

  private init(answer: [UInt8]?, in folder: String?) throws {
    (listener, port) = try folder.map(Self.listen(in:)) ?? Self.listen()
    Thread.detachNewThread { [self] in
      while !state.withLock({ $0.isOver }) {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { break }
        if let answer { Self.refuse(client, answer) } else { Self.outwait(client) }
        close(client)
      }
      // Here and within the lock: once it is closed, another server of this process may have the same number.
      state.withLock {
        $0.isClosed = true
        close(listener)
      }
    }
  }

  func stop() {
    state.withLock {
      $0.isOver = true
      if !$0.isClosed { shutdown(listener, Int32(SHUT_RDWR)) }
    }
  }

  private static func listen() throws -> (Int32, port: Int) {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let listener = try listen(AF_INET, &address)
    return (listener, Int(UInt16(bigEndian: address.sin_port)))
  }

  private static func listen(in folder: String) throws -> (Int32, port: Int) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: "\(folder)/.s.PGSQL.5432".utf8) }
    return (try listen(AF_UNIX, &address), 5432)
  }

  /// A socket that listens at the address, which becomes the one that it has.
  private static func listen<Address>(_ family: Int32, _ address: inout Address) throws -> Int32 {
    let listener = socket(family, Int32(SOCK_STREAM.rawValue), 0)
    var length = socklen_t(MemoryLayout<Address>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && Glibc.listen(listener, 16) == 0 && getsockname(listener, $0, &length) == 0
      }
    }
    guard listener >= 0, isBound else { throw ProgramRun.Failure.system("listen", errno: errno) }
    return listener
  }

  /// Says no to encryption, and to whatever comes then.
  private static func refuse(_ client: Int32, _ answer: [UInt8]) {
    var packet = [UInt8](repeating: 0, count: 4096)
    for _ in 0..<3 {
      guard read(client, &packet, packet.count) >= 8 else { return }
      // SSLRequest and GSSENCRequest are the numbers 1234 with 5679 and 5680.
      guard packet[4] == 0x04, packet[5] == 0xD2, packet[6] == 0x16, packet[7] != 0x2E else { break }
      _ = write(client, "N", 1)
    }
    _ = answer.withUnsafeBytes { write(client, $0.baseAddress, $0.count) }
  }

  private static func outwait(_ client: Int32) {
    var packet = [UInt8](repeating: 0, count: 4096)
    while read(client, &packet, packet.count) > 0 {}
  }

  private static func error(_ sqlState: String, _ message: String) -> [UInt8] {
    var fields: [UInt8] = []
    for (kind, text) in [("S", "FATAL"), ("V", "FATAL"), ("C", sqlState), ("M", message)] {
      fields += Array(kind.utf8) + Array(text.utf8) + [0]
    }
    fields.append(0)
    let length = UInt32(fields.count + 4).bigEndian
    return [UInt8(ascii: "E")] + withUnsafeBytes(of: length) { Array($0) } + fields
  }
}
