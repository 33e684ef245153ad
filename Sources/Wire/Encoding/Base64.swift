/// Base64 with the URL-safe alphabet and without padding (RFC 4648 §5, as RFC 7515 §2 uses it).
///
/// Decoding is strict: no padding, no white space, no other alphabet, and unused bits are zero (RFC 4648 §3.5), so
/// every byte string has exactly one spelling.
public enum Base64URL {
  /// The text for these bytes.
  public static func encode(_ bytes: some Collection<UInt8>) -> String {
    Base64Codec.urlSafe.encode(bytes)
  }

  /// The bytes, or nil when the text is not the one spelling of any.
  public static func decode(_ text: some StringProtocol) -> [UInt8]? {
    decode(text.utf8)
  }

  /// The bytes, or nil when the ASCII text is not the one spelling of any.
  public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    Base64Codec.urlSafe.decode(text)
  }
}

/// Base64 with the standard alphabet and padding (RFC 4648 §4), as strict as `Base64URL`.
public enum Base64 {
  /// The text for these bytes, padded with `=`.
  public static func encode(_ bytes: some Collection<UInt8>) -> String {
    Base64Codec.standard.encode(bytes)
  }

  /// The bytes, or nil when the text is not the one spelling of any.
  public static func decode(_ text: some StringProtocol) -> [UInt8]? {
    decode(text.utf8)
  }

  /// The bytes, or nil when the ASCII text is not the one spelling of any.
  public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    Base64Codec.standard.decode(text)
  }
}

/// What the two alphabets share.
private struct Base64Codec {
  static let urlSafe = Base64Codec(
    characters62And63: (UInt8(ascii: "-"), UInt8(ascii: "_")), isPadded: false)
  static let standard = Base64Codec(
    characters62And63: (UInt8(ascii: "+"), UInt8(ascii: "/")), isPadded: true)

  let characters62And63: (UInt8, UInt8)
  let isPadded: Bool

  func encode(_ bytes: some Collection<UInt8>) -> String {
    bytes.withContiguousStorageIfAvailable { encode($0) }
      ?? Array(bytes).withUnsafeBufferPointer { encode($0) }
  }

  func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    text.withContiguousStorageIfAvailable { decode($0) }
      ?? Array(text).withUnsafeBufferPointer { decode($0) }
  }

  private func encode(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    String(unsafeUninitializedCapacity: (bytes.count + 2) / 3 * 4) { output in
      var written = 0
      var bits: UInt32 = 0
      var bitCount: UInt32 = 0
      for byte in bytes {
        bits = bits << 8 | UInt32(byte)
        bitCount += 8
        while bitCount >= 6 {
          bitCount -= 6
          output[written] = character(UInt8(truncatingIfNeeded: bits >> bitCount) & 63)
          written += 1
        }
      }
      if bitCount > 0 {
        output[written] = character(UInt8(truncatingIfNeeded: bits << (6 - bitCount)) & 63)
        written += 1
      }
      while isPadded, written % 4 != 0 {
        output[written] = UInt8(ascii: "=")
        written += 1
      }
      return written
    }
  }

  private func decode(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    var length = text.count
    if isPadded {
      guard length % 4 == 0 else { return nil }
      for _ in 0..<2 where length > 0 && text[length - 1] == UInt8(ascii: "=") { length -= 1 }
    }
    guard length % 4 != 1 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(length * 3 / 4)
    var bits: UInt32 = 0
    var bitCount: UInt32 = 0
    for index in 0..<length {
      guard let value = value(text[index]) else { return nil }
      bits = bits << 6 | UInt32(value)
      bitCount += 6
      if bitCount >= 8 {
        bitCount -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
      }
    }
    guard bits & ((1 << bitCount) - 1) == 0 else { return nil }
    return bytes
  }

  private func character(_ value: UInt8) -> UInt8 {
    switch value {
    case 0..<26: UInt8(ascii: "A") + value
    case 26..<52: UInt8(ascii: "a") + value - 26
    case 52..<62: UInt8(ascii: "0") + value - 52
    case 62: characters62And63.0
    default: characters62And63.1
    }
  }

  private func value(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
    case characters62And63.0: 62
    case characters62And63.1: 63
    default: nil
    }
  }
}
