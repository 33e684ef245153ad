extension JSONValue {
  /// Parses one JSON text, strictly as RFC 8259 says: no byte order mark, no comments, no trailing commas, each name
  /// once per object, no lone surrogates, finite numbers.
  ///
  /// - Parameters:
  ///   - bytes: the whole text, UTF-8.
  ///   - maxDepth: how deep arrays and objects may nest; never more than 512, which the stack is sure to hold.
  ///   - maxBytes: how long the text may be.
  package init(parsing bytes: [UInt8], maxDepth: Int = 32, maxBytes: Int = 1 << 20) throws(JSONError) {
    guard bytes.count <= maxBytes else { throw .tooLarge }
    // A result, because in Swift 6.0 this method of the standard library does not pass on which error its closure throws.
    self = try bytes.withUnsafeBufferPointer { input in
      Result { () throws(JSONError) in
        var parser = JSONParser(input: input, maxDepth: min(maxDepth, 512))
        return try parser.document()
      }
    }.get()
  }

  /// Parses one JSON text held in a string; the same rules as for bytes.
  package init(parsing string: String, maxDepth: Int = 32, maxBytes: Int = 1 << 20) throws(JSONError) {
    try self.init(parsing: Array(string.utf8), maxDepth: maxDepth, maxBytes: maxBytes)
  }
}

/// One pass over the bytes, recursive descent, no look-ahead beyond one byte.
struct JSONParser {
  private let input: UnsafeBufferPointer<UInt8>
  private let maxDepth: Int
  private var offset = 0

  init(input: UnsafeBufferPointer<UInt8>, maxDepth: Int) {
    self.input = input
    self.maxDepth = maxDepth
  }

  mutating func document() throws(JSONError) -> JSONValue {
    skipWhitespace()
    let value = try value(depth: 0)
    skipWhitespace()
    guard offset == input.count else { throw .syntax(offset: offset) }
    return value
  }

  /// The byte at hand. The end reads as NUL, which no rule of the grammar accepts.
  private var byte: UInt8 { offset < input.count ? input[offset] : 0 }

  private mutating func skipWhitespace() {
    while offset < input.count {
      switch input[offset] {
      case 0x20, 0x0A, 0x0D, 0x09: offset += 1
      default: return
      }
    }
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    switch byte {
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
    case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    default: throw .syntax(offset: offset)
    }
  }

  private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
    for index in 0..<word.utf8CodeUnitCount {
      guard byte == word.utf8Start[index] else { throw .syntax(offset: offset) }
      offset += 1
    }
    return value
  }

  private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
    guard depth <= maxDepth else { throw .tooDeep }
    offset += 1
    skipWhitespace()
    var elements: [JSONValue] = []
    if byte == UInt8(ascii: "]") {
      offset += 1
      return elements
    }
    while true {
      skipWhitespace()
      elements.append(try value(depth: depth))
      skipWhitespace()
      if try endsContainer(UInt8(ascii: "]")) { return elements }
    }
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
    guard depth <= maxDepth else { throw .tooDeep }
    offset += 1
    skipWhitespace()
    var members: [(key: String, value: JSONValue)] = []
    if byte == UInt8(ascii: "}") {
      offset += 1
      return JSONObject()
    }
    var names = UniqueNames()
    while true {
      skipWhitespace()
      guard byte == UInt8(ascii: "\"") else { throw .syntax(offset: offset) }
      let name = try string()
      guard names.insert(name, after: members) else { throw .duplicateKey(name) }
      skipWhitespace()
      guard byte == UInt8(ascii: ":") else { throw .syntax(offset: offset) }
      offset += 1
      skipWhitespace()
      members.append((name, try value(depth: depth)))
      skipWhitespace()
      if try endsContainer(UInt8(ascii: "}")) { return JSONObject(distinct: members) }
    }
  }

  /// Steps over a comma (false) or the closing bracket (true).
  private mutating func endsContainer(_ bracket: UInt8) throws(JSONError) -> Bool {
    let found = byte
    guard found == bracket || found == UInt8(ascii: ",") else { throw .syntax(offset: offset) }
    offset += 1
    return found == bracket
  }

  private mutating func number() throws(JSONError) -> Double {
    var scanner = JSONNumberScanner(input: input, offset: offset)
    let value = try scanner.scan()
    offset = scanner.offset
    return value
  }

  private mutating func string() throws(JSONError) -> String {
    let start = offset + 1
    var index = start
    while index < input.count {
      let byte = input[index]
      if byte == UInt8(ascii: "\"") {
        offset = index + 1
        guard let text = UTF8Text.string(UnsafeBufferPointer(rebasing: input[start..<index])) else {
          throw .invalidUTF8
        }
        return text
      }
      if byte == UInt8(ascii: "\\") {
        offset = index
        return try escapedString(from: start)
      }
      guard byte >= 0x20 else { break }
      index += 1
    }
    throw .syntax(offset: index)
  }

  /// The rest of a string whose first escape has been met.
  private mutating func escapedString(from start: Int) throws(JSONError) -> String {
    var text = Array(input[start..<offset])
    while offset < input.count {
      let byte = input[offset]
      if byte == UInt8(ascii: "\"") {
        offset += 1
        guard let text = text.withUnsafeBufferPointer(UTF8Text.string) else { throw .invalidUTF8 }
        return text
      }
      if byte == UInt8(ascii: "\\") {
        try unescape(into: &text)
        continue
      }
      guard byte >= 0x20 else { break }
      text.append(byte)
      offset += 1
    }
    throw .syntax(offset: offset)
  }

  private mutating func unescape(into text: inout [UInt8]) throws(JSONError) {
    offset += 1
    let escaped = byte
    switch escaped {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escaped)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      offset += 1
      text.append(contentsOf: try escapedScalar().utf8)
      return
    default: throw .syntax(offset: offset)
    }
    offset += 1
  }

  /// A `\u` escape, or two that make a surrogate pair; the offset is at the first digit.
  private mutating func escapedScalar() throws(JSONError) -> Unicode.Scalar {
    let start = offset
    let unit = try hexadecimal4()
    guard (0xD800...0xDFFF).contains(unit) else {
      guard let scalar = Unicode.Scalar(unit) else { throw .syntax(offset: start) }
      return scalar
    }
    guard unit < 0xDC00, byte == UInt8(ascii: "\\") else { throw .syntax(offset: start) }
    offset += 1
    guard byte == UInt8(ascii: "u") else { throw .syntax(offset: start) }
    offset += 1
    let low = try hexadecimal4()
    guard (0xDC00...0xDFFF).contains(low),
      let scalar = Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
    else { throw .syntax(offset: start) }
    return scalar
  }

  private mutating func hexadecimal4() throws(JSONError) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Hex.value(of: byte) else { throw .syntax(offset: offset) }
      unit = unit << 4 | UInt32(digit)
      offset += 1
    }
    return unit
  }
}
