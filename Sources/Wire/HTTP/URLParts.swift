import Glibc

/// Where the parts of a URL stand, found in one pass (RFC 3986 §3).
struct URLParts {
  let scheme: WebURL.Scheme
  let authority: Range<Int>
  let host: Range<Int>
  let port: Int?
  let pathEnd: Int
  let queryEnd: Int

  init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard bytes.allSatisfy(URLBytes.isAllowed), let scheme = Self.scheme(bytes) else { return nil }
    self.scheme = scheme
    let start = scheme.rawValue.utf8.count + 3
    func first(from index: Int, _ stops: (UInt8) -> Bool) -> Int {
      bytes[index...].firstIndex(where: stops) ?? bytes.count
    }
    let authorityEnd = first(from: start) {
      $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#")
    }
    authority = start..<authorityEnd
    queryEnd = first(from: authorityEnd) { $0 == UInt8(ascii: "#") }
    pathEnd = min(first(from: authorityEnd) { $0 == UInt8(ascii: "?") }, queryEnd)

    var portStart = authorityEnd
    if start < authorityEnd, bytes[start] == UInt8(ascii: "[") {
      guard let close = bytes[authority].firstIndex(of: UInt8(ascii: "]")),
        Self.isIPv6(bytes[start + 1..<close])
      else { return nil }
      host = start + 1..<close
      portStart = close + 1
    } else {
      portStart = bytes[authority].firstIndex(of: UInt8(ascii: ":")) ?? authorityEnd
      host = start..<portStart
      guard !host.isEmpty, bytes[host].allSatisfy(URLBytes.isHost) else { return nil }
    }
    if portStart == authorityEnd {
      port = nil
    } else {
      guard bytes[portStart] == UInt8(ascii: ":"), let port = Self.port(bytes[portStart + 1..<authorityEnd]) else {
        return nil
      }
      self.port = port
    }
  }

  private static func scheme(_ bytes: UnsafeBufferPointer<UInt8>) -> WebURL.Scheme? {
    for scheme in [WebURL.Scheme.https, .http] {
      let prefix = scheme.rawValue + "://"
      if bytes.prefix(prefix.utf8.count).lazy.map(\.asciiLowercased).elementsEqual(prefix.utf8) { return scheme }
    }
    return nil
  }

  private static func port(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
    guard (1...5).contains(digits.count) else { return nil }
    var port = 0
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      port = port * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return (1...65535).contains(port) ? port : nil
  }

  private static func isIPv6(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    IPv6Text.canonical(String(decoding: text, as: UTF8.self)) != nil
  }
}

/// IPv6 addresses as text.
enum IPv6Text {
  /// The address in the form of RFC 5952, or nil when the text is not one; a zone is not accepted (RFC 9110 §4.2).
  static func canonical(_ text: String) -> String? {
    var address = in6_addr()
    guard inet_pton(AF_INET6, text, &address) == 1 else { return nil }
    var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    guard inet_ntop(AF_INET6, &address, &buffer, socklen_t(buffer.count)) != nil else { return nil }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// Which bytes may stand where in a URL (RFC 3986 §2 and §3).
enum URLBytes {
  /// Anywhere: printable ASCII without the characters that RFC 3986 leaves out and that browsers rewrite.
  static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"), UInt8(ascii: "^"),
      UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"):
      false
    default: byte > 0x20 && byte < 0x7F
    }
  }

  /// In a registered name or an IPv4 address; no percent-encoding and no sub-delimiters, which DNS has no use for.
  static func isHost(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
  }

  /// `pchar` or a slash, without percent-encoding.
  static func isPath(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "!"),
      UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"),
      UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "="),
      UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "/"):
      true
    default: isAlphanumeric(byte)
    }
  }

  /// `pchar`, a slash or a question mark, without percent-encoding.
  static func isFragment(_ byte: UInt8) -> Bool {
    isPath(byte) || byte == UInt8(ascii: "?")
  }

  /// The bytes as text, those that the place does not allow percent-encoded.
  static func encoded(_ bytes: ArraySlice<UInt8>, where isAllowed: (UInt8) -> Bool) -> String {
    var output: [UInt8] = []
    for byte in bytes {
      if isAllowed(byte) { output.append(byte) } else { PercentEncoding.append(byte, to: &output) }
    }
    return String(decoding: output, as: UTF8.self)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}
