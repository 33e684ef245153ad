extension XMLReader {
  /// `QName`: letters of other scripts are taken by their bytes, without looking them up in the tables of §2.3.
  mutating func qualifiedName() throws(XMLError) -> QualifiedName {
    let first = try unqualifiedName()
    guard skip(":") else { return QualifiedName(text: first, prefix: nil, local: first) }
    let second = try unqualifiedName()
    return QualifiedName(text: first + ":" + second, prefix: first, local: second)
  }

  private mutating func unqualifiedName() throws(XMLError) -> String {
    let start = index
    while index < bytes.count, Self.isName(bytes[index], isFirst: index == start) { index += 1 }
    guard index > start else { throw .syntax(offset: start) }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private static func isName(_ byte: UInt8, isFirst: Bool) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), 0x80...: true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."): !isFirst
    default: false
    }
  }

  /// `Eq AttValue` (§2.3, §3.3.3).
  mutating func attributeValue() throws(XMLError) -> String {
    _ = skipBlanks()
    guard skip("=") else { throw .syntax(offset: index) }
    _ = skipBlanks()
    guard index < bytes.count, case let quote = bytes[index], quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'")
    else { throw .syntax(offset: index) }
    index += 1
    var value: [UInt8] = []
    while index < bytes.count, bytes[index] != quote {
      switch bytes[index] {
      case UInt8(ascii: "<"): throw .syntax(offset: index)
      case UInt8(ascii: "&"): try reference(into: &value)
      case 0x0D where looksAt("\r\n"):
        value.append(0x20)
        index += 2
      case 0x09, 0x0A, 0x0D:
        value.append(0x20)
        index += 1
      case let byte:
        value.append(byte)
        index += 1
      }
    }
    guard index < bytes.count else { throw .syntax(offset: index) }
    index += 1
    return String(decoding: value, as: UTF8.self)
  }

  /// `CharData` and references (§2.4, §4.1), up to the next `<`, which must come.
  mutating func characterData(into text: inout [UInt8]) throws(XMLError) {
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "<"): return
      case UInt8(ascii: "&"): try reference(into: &text)
      case UInt8(ascii: "]") where looksAt("]]>"): throw .syntax(offset: index)
      default: appendNormalized(to: &text)
      }
    }
    throw .syntax(offset: index)
  }

  /// The rest of a `CDSect` (§2.7).
  mutating func characterDataSection(into text: inout [UInt8]) throws(XMLError) {
    while index < bytes.count {
      if skip("]]>") { return }
      appendNormalized(to: &text)
    }
    throw .syntax(offset: index)
  }

  /// One byte; carriage returns become line feeds (§2.11).
  private mutating func appendNormalized(to text: inout [UInt8]) {
    if bytes[index] == 0x0D {
      if !looksAt("\r\n") { text.append(0x0A) }
    } else {
      text.append(bytes[index])
    }
    index += 1
  }

  /// `Reference` (§4.1).
  private mutating func reference(into text: inout [UInt8]) throws(XMLError) {
    let start = index
    if skip("&#") {
      let radix: UInt32 = skip("x") ? 16 : 10
      var value: UInt32 = 0
      let digits = index
      while index < bytes.count, let digit = Hex.value(of: bytes[index]), digit < radix, value <= 0x10FFFF {
        value = value * radix + UInt32(digit)
        index += 1
      }
      guard index > digits, skip(";"), let scalar = Unicode.Scalar(value), XML.isCharacter(scalar) else {
        throw .syntax(offset: start)
      }
      text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      return
    }
    for (name, byte) in Self.entities where skip(name) {
      text.append(byte)
      return
    }
    index += 1
    _ = try unqualifiedName()
    guard skip(";") else { throw .syntax(offset: start) }
    throw .entityUndeclared(offset: start)
  }

  /// §4.6.
  private static var entities: [(StaticString, UInt8)] {
    [
      ("&amp;", UInt8(ascii: "&")), ("&lt;", UInt8(ascii: "<")), ("&gt;", UInt8(ascii: ">")),
      ("&quot;", UInt8(ascii: "\"")), ("&apos;", UInt8(ascii: "'")),
    ]
  }

  /// `Comment` (§2.5).
  mutating func comment() throws(XMLError) {
    index += 4
    while index < bytes.count, !looksAt("--") { index += 1 }
    guard skip("-->") else { throw .syntax(offset: index) }
  }

  /// `PI` (§2.6).
  mutating func processingInstruction() throws(XMLError) {
    let start = index
    index += 2
    let target = try unqualifiedName()
    guard target.asciiLowercased != "xml", isBlank(at: index) || looksAt("?>") else { throw .syntax(offset: start) }
    while index < bytes.count, !looksAt("?>") { index += 1 }
    guard skip("?>") else { throw .syntax(offset: index) }
  }

  func looksAt(_ text: StaticString) -> Bool {
    guard bytes.count - index >= text.utf8CodeUnitCount else { return false }
    return text.withUTF8Buffer { $0.elementsEqual(bytes[index..<index + text.utf8CodeUnitCount]) }
  }

  mutating func skip(_ text: StaticString) -> Bool {
    guard looksAt(text) else { return false }
    index += text.utf8CodeUnitCount
    return true
  }

  mutating func skip(_ prefix: [UInt8]) -> Bool {
    guard bytes[index...].starts(with: prefix) else { return false }
    index += prefix.count
    return true
  }

  func isBlank(at index: Int) -> Bool {
    index < bytes.count && [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index])
  }

  /// Skips white space and says whether there was any.
  mutating func skipBlanks() -> Bool {
    let start = index
    while isBlank(at: index) { index += 1 }
    return index > start
  }
}
