import Glibc

/// Strict UTF-8 (RFC 3629) at little cost: `String(validating:as:)` is generic over encodings and asks the runtime for
/// their metadata on every call, a third of the price of parsing a token's claims.
enum UTF8Text {
  /// The text, or nil when the bytes are not well-formed UTF-8.
  static func string(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    var text = String(decoding: bytes, as: UTF8.self)
    // Decoding puts U+FFFD for what is broken, so the text has the same bytes exactly when nothing was.
    return text.withUTF8 { decoded in
      guard decoded.count == bytes.count else { return false }
      guard let left = decoded.baseAddress, let right = bytes.baseAddress else { return true }
      return memcmp(left, right, bytes.count) == 0
    } ? text : nil
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Where the byte stands first, or nil (`memchr`).
  func offset(of byte: UInt8) -> Int? {
    guard let start = baseAddress, let found = memchr(start, Int32(byte), count) else { return nil }
    return UnsafeRawPointer(start).distance(to: found)
  }
}

extension String {
  /// Whether the text holds a NUL, which PostgreSQL's `text` cannot. `utf8.contains(0)` calls a function for each byte, and took a
  /// tenth of a launch's instructions.
  package var holdsNUL: Bool {
    utf8.withContiguousStorageIfAvailable { $0.offset(of: 0) != nil } ?? utf8.contains(0)
  }
}
