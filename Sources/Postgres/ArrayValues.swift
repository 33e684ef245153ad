// Swift allows one conformance of Array, so the element says which array it is: UInt8 makes a bytea, String a text[].

/// An element whose array PostgreSQL knows.
package protocol PostgresElement {
  /// What an error calls an array of these.
  static var postgresArrayName: String { get }
  /// The elements of a cell, or nil when the cell is no such array.
  static func decodeArray(_ cell: Cell) -> [Self]?
  /// The array as it travels to the server.
  static func parameter(of array: [Self]) -> Parameter
}

extension Array: PostgresValue where Element: PostgresElement {
  /// "bytea" or "text[]".
  package static var postgresName: String { Element.postgresArrayName }
  /// The elements of a cell.
  package static func decode(_ cell: Cell) -> [Element]? { Element.decodeArray(cell) }
  /// The array as it travels to the server.
  package var parameter: Parameter { Element.parameter(of: self) }
}

extension UInt8: PostgresElement {
  /// "bytea".
  package static var postgresArrayName: String { "bytea" }

  /// The bytes of a `bytea` in its hexadecimal text form (PostgreSQL documentation, section 8.4.1).
  package static func decodeArray(_ cell: Cell) -> [UInt8]? {
    guard cell.type == TypeOID.bytea, let text = cell.bytes, text.count >= 2, text.count % 2 == 0,
      text[0] == UInt8(ascii: "\\"), text[1] == UInt8(ascii: "x")
    else { return nil }
    var isHexadecimal = true
    let bytes = [UInt8](unsafeUninitializedCapacity: text.count / 2 - 1) { buffer, count in
      for index in 0..<(text.count / 2 - 1) {
        guard let high = nibble(text[2 * index + 2]), let low = nibble(text[2 * index + 3]) else {
          isHexadecimal = false
          break
        }
        buffer.initializeElement(at: index, to: high << 4 | low)
        count = index + 1
      }
    }
    return isHexadecimal ? bytes : nil
  }

  /// The bytes themselves, sent in binary.
  package static func parameter(of array: [UInt8]) -> Parameter { .bytea(array) }

  private static func nibble(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}

extension String: PostgresElement {
  /// "text[]".
  package static var postgresArrayName: String { "text[]" }

  /// The elements of a one-dimensional array of text, varchar, char, name or uuid. An array that holds a NULL, or more
  /// than one dimension, is not a `[String]`.
  package static func decodeArray(_ cell: Cell) -> [String]? {
    guard TypeOID.textArrays.contains(cell.type), let text = cell.bytes else { return nil }
    var reader = ArrayLiteralReader(text: text)
    return reader.elements()
  }

  /// An array literal with every element quoted (PostgreSQL documentation, section 8.15.6).
  package static func parameter(of array: [String]) -> Parameter {
    var literal = [UInt8(ascii: "{")]
    for element in array {
      if literal.count > 1 { literal.append(UInt8(ascii: ",")) }
      literal.append(UInt8(ascii: "\""))
      for byte in element.utf8 {
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { literal.append(UInt8(ascii: "\\")) }
        literal.append(byte)
      }
      literal.append(UInt8(ascii: "\""))
    }
    literal.append(UInt8(ascii: "}"))
    return .text(String(decoding: literal, as: UTF8.self))
  }
}

/// Reads what PostgreSQL's `array_out` writes.
private struct ArrayLiteralReader {
  let text: UnsafeBufferPointer<UInt8>
  var position = 0

  init(text: UnsafeBufferPointer<UInt8>) { self.text = text }

  mutating func elements() -> [String]? {
    guard text.count >= 2, text[0] == UInt8(ascii: "{"), text[text.count - 1] == UInt8(ascii: "}") else { return nil }
    if text.count == 2 { return [] }
    var elements: [String] = []
    position = 1
    while true {
      guard let element = element() else { return nil }
      elements.append(element)
      guard position < text.count else { return nil }
      let separator = text[position]
      position += 1
      if separator == UInt8(ascii: "}") { return position == text.count ? elements : nil }
      guard separator == UInt8(ascii: ",") else { return nil }
    }
  }

  private mutating func element() -> String? {
    guard position < text.count else { return nil }
    return text[position] == UInt8(ascii: "\"") ? quoted() : unquoted()
  }

  private mutating func quoted() -> String? {
    var bytes: [UInt8] = []
    position += 1
    while position < text.count {
      var byte = text[position]
      position += 1
      if byte == UInt8(ascii: "\"") { return String(decoding: bytes, as: UTF8.self) }
      if byte == UInt8(ascii: "\\") {
        guard position < text.count else { return nil }
        byte = text[position]
        position += 1
      }
      bytes.append(byte)
    }
    return nil
  }

  private mutating func unquoted() -> String? {
    let start = position
    while position < text.count, text[position] != UInt8(ascii: ","), text[position] != UInt8(ascii: "}") {
      if text[position] == UInt8(ascii: "{") { return nil }
      position += 1
    }
    let word = text[start..<position]
    // array_out quotes the string "NULL", in any case, so an unquoted one is a NULL.
    if word.isEmpty || word.elementsEqual("NULL".utf8) { return nil }
    return String(decoding: word, as: UTF8.self)
  }
}
