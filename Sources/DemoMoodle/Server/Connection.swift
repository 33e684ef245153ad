import Glibc
import Wire

/// An answer and the way it goes out.
package struct Delivery: Sendable {
  /// The answer; nil hangs up without one.
  package var response: MoodleResponse?
  /// When set, the answer trickles out one byte at a time, with this many milliseconds between two.
  package var dripMilliseconds: Int?
  /// The entry of the request log that this delivery completes.
  var logEntry: Int?

  /// The answer at once and whole.
  package init(_ response: MoodleResponse?) { self.response = response }
}

/// One accepted connection: reads one request, sends one answer, closes (RFC 9112).
struct Connection {
  let descriptor: Int32

  /// Larger than any score; enough for a launch form.
  private static let maximumBody = 8 << 20
  private static let maximumHead = 128 << 10
  /// POLLRDHUP, which Glibc's module hides behind _GNU_SOURCE.
  private static let peerHungUp: Int16 = 0x2000

  enum Reading {
    case request(MoodleRequest)
    case refused(MoodleResponse)
    case gone
  }

  init(descriptor: Int32) {
    self.descriptor = descriptor
    var patience = timeval(tv_sec: 30, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
    var on: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
  }

  func readRequest() -> Reading {
    var buffer: [UInt8] = []
    let end: Int
    while true {
      if let found = Self.endOfHead(buffer) {
        end = found
        break
      }
      guard buffer.count < Self.maximumHead else { return .refused(Self.refusal(400)) }
      guard receive(into: &buffer) else { return .gone }
    }
    let lines = String(decoding: buffer[..<end], as: UTF8.self).split(
      separator: "\r\n", omittingEmptySubsequences: false)
    let requestLine = lines[0].split(separator: " ", omittingEmptySubsequences: false)
    guard requestLine.count == 3, requestLine[1].first == "/", requestLine[2].hasPrefix("HTTP/1.") else {
      return .refused(Self.refusal(400))
    }
    var fields = HTTPFields()
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { return .refused(Self.refusal(400)) }
      let value = line[line.index(after: colon)...]
        .drop { $0 == " " || $0 == "\t" }
      _ = fields.append(String(line[..<colon]), String(value))
    }
    var rest = Array(buffer[(end + 4)...])
    if fields["Expect"]?.lowercased() == "100-continue" { write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) }
    let body: [UInt8]
    if fields["Transfer-Encoding"]?.lowercased() == "chunked" {
      guard let decoded = readChunks(&rest) else { return .refused(Self.refusal(400)) }
      body = decoded
    } else if let field = fields["Content-Length"] {
      guard let length = Int(field), length >= 0 else { return .refused(Self.refusal(400)) }
      guard length <= Self.maximumBody else { return .refused(Self.refusal(413)) }
      while rest.count < length { guard receive(into: &rest) else { return .gone } }
      body = Array(rest[..<length])
    } else {
      body = []
    }
    return .request(
      MoodleRequest(method: String(requestLine[0]), target: String(requestLine[1]), fields: fields, body: body))
  }

  /// - Parameter finishing: called once, just before the last bytes go or the connection is cut.
  func send(_ delivery: Delivery, headOnly: Bool, now: Instant, finishing: () -> Void) {
    guard let response = delivery.response else { return finishing() }
    var head = "HTTP/1.1 \(response.status) \(response.reasonPhrase)\r\n"
    // What an answer itself says of the date stands, for those whose clock nobody can read.
    if response.fields["Date"] == nil { head += "Date: \(now.httpDate)\r\n" }
    head += "Server: demo-moodle\r\n"
    for field in response.fields.all { head += "\(field.name): \(field.value)\r\n" }
    if response.status != 204 { head += "Content-Length: \(response.body.count)\r\n" }
    head += "Connection: close\r\n\r\n"
    let bytes = Array(head.utf8) + (headOnly ? [] : response.body)
    var first = 0
    if let pause = delivery.dripMilliseconds {
      while first < bytes.count - 1, wait(milliseconds: pause) {
        write([bytes[first]])
        first += 1
      }
    }
    finishing()
    if delivery.dripMilliseconds == nil || first == bytes.count - 1 { write(Array(bytes[first...])) }
  }

  /// Lets time pass while watching the peer.
  /// - Returns: false as soon as the peer is gone.
  func wait(milliseconds: Int) -> Bool {
    var watched = pollfd(fd: descriptor, events: Self.peerHungUp, revents: 0)
    // A closed peer shows as POLLRDHUP or POLLHUP; with nobody gone, poll just lasts.
    return poll(&watched, 1, Int32(clamping: milliseconds)) == 0
  }

  /// Closes after what the peer still sends has been read, so that the answer is not lost to a reset.
  func hangUp() {
    shutdown(descriptor, Int32(SHUT_WR))
    var patience = timeval(tv_sec: 0, tv_usec: 200_000)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var rest = [UInt8](repeating: 0, count: 4096)
    var reads = 0
    while reads < 64, recv(descriptor, &rest, rest.count, 0) > 0 { reads += 1 }
    close(descriptor)
  }

  private static func refusal(_ status: Int) -> MoodleResponse { MoodleResponse(status: status, contentType: nil) }

  private static func endOfHead(_ bytes: [UInt8]) -> Int? {
    guard bytes.count >= 4 else { return nil }
    for i in 0...(bytes.count - 4)
    where bytes[i] == 13 && bytes[i + 1] == 10 && bytes[i + 2] == 13 && bytes[i + 3] == 10 { return i }
    return nil
  }

  /// RFC 9112 §7.1; trailers are dropped.
  private func readChunks(_ rest: inout [UInt8]) -> [UInt8]? {
    var body: [UInt8] = []
    while true {
      guard let line = readLine(&rest), let size = Int(line.prefix { $0 != ";" }, radix: 16), size >= 0,
        body.count + size <= Self.maximumBody
      else { return nil }
      if size == 0 {
        while let trailer = readLine(&rest) { if trailer.isEmpty { return body } }
        return nil
      }
      while rest.count < size + 2 { guard receive(into: &rest) else { return nil } }
      body += rest[..<size]
      rest.removeFirst(size + 2)
    }
  }

  private func readLine(_ rest: inout [UInt8]) -> String? {
    while true {
      if let newline = rest.firstIndex(of: 10) {
        let line = String(decoding: rest[..<newline], as: UTF8.self)
        rest.removeFirst(newline + 1)
        return String(line.prefix { $0 != "\r" && $0 != "\r\n" })
      }
      guard rest.count < 8192, receive(into: &rest) else { return nil }
    }
  }

  private func receive(into buffer: inout [UInt8]) -> Bool {
    var chunk = [UInt8](repeating: 0, count: 16384)
    var count = recv(descriptor, &chunk, chunk.count, 0)
    while count < 0 && errno == EINTR { count = recv(descriptor, &chunk, chunk.count, 0) }
    guard count > 0 else { return false }
    buffer += chunk[..<count]
    return true
  }

  private func write(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      sent += count
    }
  }
}
