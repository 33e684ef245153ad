/// Why a form cannot be used. No case carries a value, only names of fields.
package enum FormError: Error, Equatable, Sendable, Coded {
  /// A percent sign without two hexadecimal digits, bytes that are not UTF-8, or a NUL.
  case invalidEncoding
  /// More fields than asked for.
  case tooManyFields
  /// A field that may come once came several times.
  case duplicate(String)

  package enum Code: String, StableCode {
    case invalidEncoding = "form_invalid_encoding"
    case tooManyFields = "form_too_many_fields"
    case duplicate = "form_duplicate_field"
  }

  package var stableCode: any StableCode {
    switch self {
    case .invalidEncoding: Code.invalidEncoding
    case .tooManyFields: Code.tooManyFields
    case .duplicate: Code.duplicate
    }
  }
}

/// `application/x-www-form-urlencoded` (WHATWG URL §5): form bodies and query strings.
package enum FormURLEncoded {
  /// The serialized items, `+` for a space, everything but letters, digits and `*-._` percent-encoded as UTF-8.
  package static func encode(_ items: [(String, String)]) -> String {
    var output: [UInt8] = []
    for (index, item) in items.enumerated() {
      if index > 0 { output.append(UInt8(ascii: "&")) }
      encode(item.0, into: &output)
      output.append(UInt8(ascii: "="))
      encode(item.1, into: &output)
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// Parses a body or a query, strictly: what a browser would never send is refused, not repaired.
  ///
  /// - Parameter maxFields: how many fields there may be; empty ones between two `&` do not count.
  package static func decode(_ bytes: [UInt8], maxFields: Int = 200) throws(FormError) -> Form {
    // A result, because in Swift 6.0 this method of the standard library does not pass on which error its closure throws.
    try bytes.withUnsafeBufferPointer { bytes in
      Result { () throws(FormError) in try form(bytes, maxFields: maxFields) }
    }.get()
  }

  private static func form(_ bytes: UnsafeBufferPointer<UInt8>, maxFields: Int) throws(FormError) -> Form {
    var items: [(name: String, value: String)] = []
    var rest = bytes
    while !rest.isEmpty {
      let end = rest.offset(of: UInt8(ascii: "&")) ?? rest.count
      let field = UnsafeBufferPointer(rebasing: rest[..<end])
      rest = UnsafeBufferPointer(rebasing: rest[end...].dropFirst())
      if field.isEmpty { continue }
      guard items.count < maxFields else { throw .tooManyFields }
      let equals = field.offset(of: UInt8(ascii: "=")) ?? field.count
      let name = try strictText(UnsafeBufferPointer(rebasing: field[..<equals]))
      let value = try strictText(UnsafeBufferPointer(rebasing: field[equals...].dropFirst()))
      items.append((name, value))
    }
    return Form(items: items)
  }

  /// The items of a query as the WHATWG parser reads them: never an error, broken sequences kept or replaced.
  static func lenientItems(_ query: some StringProtocol) -> [(name: String, value: String)] {
    Array(query.utf8).split(separator: UInt8(ascii: "&")).map { field in
      let equals = field.firstIndex(of: UInt8(ascii: "=")) ?? field.endIndex
      return (lenientText(field[..<equals]), lenientText(field[equals...].dropFirst()))
    }
  }

  private static func lenientText(_ encoded: ArraySlice<UInt8>) -> String {
    encoded.withUnsafeBufferPointer { String(decoding: percentDecoded($0).bytes, as: UTF8.self) }
  }

  private static func encode(_ text: String, into output: inout [UInt8]) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "*"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"):
        output.append(byte)
      case UInt8(ascii: " "): output.append(UInt8(ascii: "+"))
      default: PercentEncoding.append(byte, to: &output)
      }
    }
  }

  private static func strictText(_ encoded: UnsafeBufferPointer<UInt8>) throws(FormError) -> String {
    guard encoded.offset(of: 0) == nil else { throw .invalidEncoding }
    if encoded.offset(of: UInt8(ascii: "%")) == nil, encoded.offset(of: UInt8(ascii: "+")) == nil {
      // A token of 4 KB has nothing to decode.
      guard let text = UTF8Text.string(encoded) else { throw .invalidEncoding }
      return text
    }
    let (decoded, isWellFormed) = percentDecoded(encoded)
    guard isWellFormed, !decoded.contains(0), let text = decoded.withUnsafeBufferPointer(UTF8Text.string) else {
      throw .invalidEncoding
    }
    return text
  }

  private static func percentDecoded(
    _ encoded: UnsafeBufferPointer<UInt8>
  ) -> (bytes: [UInt8], isWellFormed: Bool) {
    var isWellFormed = true
    let bytes = [UInt8](unsafeUninitializedCapacity: encoded.count) { output, count in
      var index = 0
      while index < encoded.count {
        var byte = encoded[index]
        index += 1
        if byte == UInt8(ascii: "+") {
          byte = UInt8(ascii: " ")
        } else if byte == UInt8(ascii: "%") {
          if index + 1 < encoded.count, let high = Hex.value(of: encoded[index]),
            let low = Hex.value(of: encoded[index + 1])
          {
            byte = high << 4 | low
            index += 2
          } else {
            isWellFormed = false
          }
        }
        output[count] = byte
        count += 1
      }
    }
    return (bytes, isWellFormed)
  }
}

/// Percent-encoding (RFC 3986 §2.1).
enum PercentEncoding {
  /// Appends `%XX`, upper case as RFC 3986 §2.1 prefers.
  static func append(_ byte: UInt8, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "%"))
    output.append(digit(byte >> 4))
    output.append(digit(byte & 15))
  }

  private static func digit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") + nibble - 10
  }
}
