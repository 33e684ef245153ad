/// Reads one number of RFC 8259 §6 and gives the nearest binary64.
struct JSONNumberScanner {
  private let input: UnsafeBufferPointer<UInt8>
  /// Where the number ends, once scanned.
  private(set) var offset: Int

  init(input: UnsafeBufferPointer<UInt8>, offset: Int) {
    self.input = input
    self.offset = offset
  }

  private var byte: UInt8 { offset < input.count ? input[offset] : 0 }

  mutating func scan() throws(JSONError) -> Double {
    let start = offset
    let isNegative = byte == UInt8(ascii: "-")
    if isNegative { offset += 1 }

    var significand = Significand()
    let leadingZero = byte == UInt8(ascii: "0")
    let integerDigits = digits(into: &significand)
    guard integerDigits > 0 else { throw .syntax(offset: offset) }
    guard !leadingZero || integerDigits == 1 else { throw .syntax(offset: start) }

    var exponent = 0
    if byte == UInt8(ascii: ".") {
      offset += 1
      let fractionDigits = digits(into: &significand)
      guard fractionDigits > 0 else { throw .syntax(offset: offset) }
      exponent = -fractionDigits
    }
    if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
      exponent += try writtenExponent()
    }

    if let exact = significand.exactly(timesTenTo: exponent) { return isNegative ? -exact : exact }
    // Too many digits for the exact route: the standard library rounds correctly and is slower.
    let text = String(decoding: UnsafeBufferPointer(rebasing: input[start..<offset]), as: UTF8.self)
    guard let value = Double(text), value.isFinite else { throw .numberOutOfRange(offset: start) }
    return value
  }

  private mutating func digits(into significand: inout Significand) -> Int {
    let start = offset
    while offset < input.count, case let digit = input[offset] &- UInt8(ascii: "0"), digit < 10 {
      significand.append(digit)
      offset += 1
    }
    return offset - start
  }

  private mutating func writtenExponent() throws(JSONError) -> Int {
    offset += 1
    let isNegative = byte == UInt8(ascii: "-")
    if isNegative || byte == UInt8(ascii: "+") { offset += 1 }
    var written = Significand()
    guard digits(into: &written) > 0 else { throw .syntax(offset: offset) }
    let magnitude = written.isExact ? Int(min(written.value, 1_000_000)) : 1_000_000
    return isNegative ? -magnitude : magnitude
  }
}

/// Decimal digits gathered while they fit.
private struct Significand {
  private(set) var value: UInt64 = 0
  private(set) var isExact = true

  mutating func append(_ digit: UInt8) {
    guard isExact, value < 1 << 59 else {
      isExact = false
      return
    }
    value = value * 10 + UInt64(digit)
  }

  /// The product when both factors are exact in binary64, so that one operation rounds once (Clinger, 1990), else nil.
  func exactly(timesTenTo exponent: Int) -> Double? {
    guard isExact, value <= 1 << 53, (-22...22).contains(exponent) else { return nil }
    var power = 1.0
    for _ in 0..<abs(exponent) { power *= 10 }
    return exponent < 0 ? Double(value) / power : Double(value) * power
  }
}
