/// Why a form cannot be used. No case carries a value, only names of fields.
public enum FormError: Error, Equatable, Sendable {
  /// A percent sign without two hexadecimal digits, bytes that are not UTF-8, or a NUL.
  case invalidEncoding
  /// More fields than asked for.
  case tooManyFields
  /// A field that may come once came several times.
  case duplicate(String)

  /// A stable name for logs and answers.
  public var code: String {
    switch self {
    case .invalidEncoding: "form_invalid_encoding"
    case .tooManyFields: "form_too_many_fields"
    case .duplicate: "form_duplicate_field"
    }
  }
}

/// `application/x-www-form-urlencoded` (WHATWG URL §5): form bodies and query strings.
public enum FormURLEncoded {
  /// The serialized items, `+` for a space, everything but letters, digits and `*-._` percent-encoded as UTF-8.
  public static func encode(_ items: [(String, String)]) -> String {
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
  public static func decode(_ bytes: [UInt8], maxFields: Int = 200) throws(FormError) -> Form {
    var items: [(name: String, value: String)] = []
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "&")) ?? bytes.count
      let field = bytes[start..<end]
      start = end + 1
      if field.isEmpty { continue }
      guard items.count < maxFields else { throw .tooManyFields }
      let equals = field.firstIndex(of: UInt8(ascii: "=")) ?? field.endIndex
      guard let name = strictText(field[..<equals]), let value = strictText(field[equals...].dropFirst()) else {
        throw .invalidEncoding
      }
      items.append((name, value))
    }
    return Form(items: items)
  }

  /// The items of a query as the WHATWG parser reads them: never an error, broken sequences kept or replaced.
  static func lenientItems(_ query: some StringProtocol) -> [(name: String, value: String)] {
    query.utf8.split(separator: UInt8(ascii: "&")).map { field in
      let equals = field.firstIndex(of: UInt8(ascii: "=")) ?? field.endIndex
      return (
        String(decoding: percentDecoded(field[..<equals]).bytes, as: UTF8.self),
        String(decoding: percentDecoded(field[equals...].dropFirst()).bytes, as: UTF8.self)
      )
    }
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

  private static func strictText(_ encoded: ArraySlice<UInt8>) -> String? {
    let (bytes, isWellFormed) = percentDecoded(encoded)
    guard isWellFormed, !bytes.contains(0) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func percentDecoded(_ encoded: some Collection<UInt8>) -> (bytes: [UInt8], isWellFormed: Bool) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(encoded.count)
    var isWellFormed = true
    var rest = encoded[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "+") {
        bytes.append(UInt8(ascii: " "))
      } else if byte == UInt8(ascii: "%") {
        let digits = rest.prefix(2).compactMap(Hex.value(of:))
        if digits.count == 2 {
          bytes.append(digits[0] << 4 | digits[1])
          rest = rest.dropFirst(2)
        } else {
          bytes.append(byte)
          isWellFormed = false
        }
      } else {
        bytes.append(byte)
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
