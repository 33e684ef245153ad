import Foundation
import Wire

/// HTTP as bytes, for requests that no client library would send and to see what a connection does afterwards.
final class RawHTTP {
  private let descriptor: Int32
  private var received: [UInt8] = []

  struct Failure: Error { let words: String }

  /// Connects to a host and port of the loopback interface.
  init(_ url: WebURL) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(clamping: url.port)).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw Failure(words: "connect: errno \(errno)") }
  }

  deinit { close(descriptor) }

  /// Sends bytes; a peer that has hung up is no failure.
  func write(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// Sends text, line ends as written.
  func write(_ text: String) { write(Array(text.utf8)) }

  /// Says that nothing more will be sent.
  func endWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// The next response, interim ones skipped; nil when the connection has ended.
  func response() throws -> HTTPResponse? {
    while true {
      guard let response = try one() else { return nil }
      if response.status >= 200 { return response }
    }
  }

  private func one() throws -> HTTPResponse? {
    let mark = Array("\r\n\r\n".utf8)
    var end: Int?
    while end == nil {
      end = (0..<max(0, received.count - 3)).first { received[$0..<($0 + 4)].elementsEqual(mark) }
      if end == nil, try !more() { return nil }
    }
    guard let end else { return nil }
    let lines = String(decoding: received[..<end], as: UTF8.self).components(separatedBy: "\r\n")
    received = Array(received[(end + 4)...])
    guard let status = lines[0].split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
      throw Failure(words: "no status line: \(lines[0])")
    }
    var response = HTTPResponse(status: status)
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { throw Failure(words: "no field: \(line)") }
      response.fields.append(
        String(line[..<colon]), line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
    }
    if status < 200 || status == 204 || status == 304 { return response }
    if response.fields["Transfer-Encoding"]?.lowercased() == "chunked" {
      response.body = try chunks()
    } else if let length = response.fields["Content-Length"].flatMap({ Int($0) }) {
      response.body = try take(length)
    } else {
      while try more() {}
      response.body = received
      received = []
    }
    return response
  }

  private func chunks() throws -> [UInt8] {
    var body: [UInt8] = []
    while true {
      while !received.contains(0x0A) { if try !more() { throw Failure(words: "cut within a chunk's size") } }
      let line = received.prefix { $0 != 0x0A }
      received = Array(received.dropFirst(line.count + 1))
      let digits = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
      guard let size = Int(digits, radix: 16) else { throw Failure(words: "no chunk size: \(digits)") }
      body += try take(size)
      _ = try take(2)
      if size == 0 { return body }
    }
  }

  private func take(_ count: Int) throws -> [UInt8] {
    while received.count < count {
      if try !more() { throw Failure(words: "the answer was cut: \(received.count) of \(count) bytes") }
    }
    defer { received = Array(received.dropFirst(count)) }
    return Array(received.prefix(count))
  }

  private func more() throws -> Bool {
    var chunk = [UInt8](repeating: 0, count: 65536)
    let count = recv(descriptor, &chunk, chunk.count, 0)
    if count < 0 { throw Failure(words: "recv: errno \(errno)") }
    received += chunk[..<count]
    return count > 0
  }
}
