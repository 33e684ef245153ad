/// Base64 with the URL-safe alphabet and without padding (RFC 4648 §5, as RFC 7515 §2 uses it).
///
/// Decoding is strict: no padding, no white space, no other alphabet, and unused bits are zero (RFC 4648 §3.5), so
/// every byte string has exactly one spelling.
package enum Base64URL {
  /// The text for these bytes.
  package static func encode(_ bytes: some Collection<UInt8>) -> String {
    Base64Codec.urlSafe.encode(bytes)
  }

  /// The bytes, or nil when the text is not the one spelling of any.
  package static func decode(_ text: some StringProtocol) -> [UInt8]? {
    decode(String(text).utf8)
  }

  /// The bytes, or nil when the ASCII text is not the one spelling of any.
  package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    Array(text).withUnsafeBufferPointer { Base64Codec.urlSafe.decode($0) }
  }

  // The two forms in which tokens and keys come: the generic one asks the runtime for its types in every process.

  /// The bytes, or nil when the ASCII text is not the one spelling of any.
  package static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    text.withUnsafeBufferPointer { Base64Codec.urlSafe.decode($0) }
  }

  /// The bytes, or nil when the ASCII text is not the one spelling of any.
  package static func decode(_ text: String.UTF8View) -> [UInt8]? {
    var text = String(text)
    return text.withUTF8 { Base64Codec.urlSafe.decode($0) }
  }
}

/// Base64 with the standard alphabet and padding (RFC 4648 §4), as strict as `Base64URL`.
package enum Base64 {
  /// The text for these bytes, padded with `=`.
  package static func encode(_ bytes: some Collection<UInt8>) -> String {
    Base64Codec.standard.encode(bytes)
  }

  /// The bytes, or nil when the text is not the one spelling of any.
  package static func decode(_ text: some StringProtocol) -> [UInt8]? {
    var text = String(text)
    return text.withUTF8 { Base64Codec.standard.decode($0) }
  }
}

/// What the two alphabets share.
private struct Base64Codec {
  static let urlSafe = Base64Codec(
    alphabet: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", isPadded: false)
  static let standard = Base64Codec(
    alphabet: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", isPadded: true)

  let alphabet: StaticString
  let isPadded: Bool

  func encode(_ bytes: some Collection<UInt8>) -> String {
    bytes.withContiguousStorageIfAvailable { encode($0) }
      ?? Array(bytes).withUnsafeBufferPointer { encode($0) }
  }

  private func encode(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    let alphabet = alphabet.utf8Start
    return String(unsafeUninitializedCapacity: (bytes.count + 2) / 3 * 4) { output in
      func character(_ group: UInt32, _ shift: UInt32) -> UInt8 { alphabet[Int(group &>> shift & 63)] }
      let whole = bytes.count / 3 * 3
      var written = 0
      for index in stride(from: 0, to: whole, by: 3) {
        let group = UInt32(bytes[index]) &<< 16 | UInt32(bytes[index + 1]) &<< 8 | UInt32(bytes[index + 2])
        output[written] = character(group, 18)
        output[written + 1] = character(group, 12)
        output[written + 2] = character(group, 6)
        output[written + 3] = character(group, 0)
        written += 4
      }
      if whole < bytes.count {
        let isPair = whole + 2 == bytes.count
        let group = UInt32(bytes[whole]) &<< 16 | (isPair ? UInt32(bytes[whole + 1]) &<< 8 : 0)
        output[written] = character(group, 18)
        output[written + 1] = character(group, 12)
        if isPair { output[written + 2] = character(group, 6) }
        written += isPair ? 3 : 2
      }
      while isPadded, written % 4 != 0 {
        output[written] = UInt8(ascii: "=")
        written += 1
      }
      return written
    }
  }

  func decode(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    var length = text.count
    if isPadded {
      guard length % 4 == 0 else { return nil }
      for _ in 0..<2 where length > 0 && text[length - 1] == UInt8(ascii: "=") { length -= 1 }
    }
    guard length % 4 != 1 else { return nil }
    var isValid = true
    let bytes = [UInt8](unsafeUninitializedCapacity: length / 4 * 3 + 2) { output, count in
      valuesOfCharacters().withUnsafeBufferPointer { values in
        let whole = length & ~3
        // A character of no alphabet has bit 6, which stays here.
        var seen: UInt8 = 0
        for index in stride(from: 0, to: whole, by: 4) {
          let first = values[Int(text[index])]
          let second = values[Int(text[index + 1])]
          let third = values[Int(text[index + 2])]
          let fourth = values[Int(text[index + 3])]
          seen |= first | second | third | fourth
          output[count] = first &<< 2 | second &>> 4
          output[count + 1] = second &<< 4 | third &>> 2
          output[count + 2] = third &<< 6 | fourth
          count += 3
        }
        if whole < length {
          let first = values[Int(text[whole])]
          let second = values[Int(text[whole + 1])]
          let third = whole + 3 == length ? values[Int(text[whole + 2])] : 0
          seen |= first | second | third
          output[count] = first &<< 2 | second &>> 4
          output[count + 1] = second &<< 4 | third &>> 2
          count += whole + 3 == length ? 2 : 1
          // What the last character leaves unused must be zero (RFC 4648 §3.5).
          if whole + 3 == length ? third & 3 != 0 : second & 15 != 0 { isValid = false }
        }
        if seen >= 64 { isValid = false }
      }
    }
    return isValid ? bytes : nil
  }

  /// For every byte its six bits, or 64 when it is not of this alphabet.
  private func valuesOfCharacters() -> [UInt8] {
    var values = [UInt8](repeating: 64, count: 256)
    for value in 0..<64 { values[Int(alphabet.utf8Start[value])] = UInt8(value) }
    return values
  }
}
