/// A list of names with weights, as `Accept` and `Accept-Language` carry it (RFC 9110 §12.4.2).
public struct WeightedList: Sendable {
  /// The names in the field's order, lower-cased, with their weights in thousandths (0 means "not acceptable").
  public let items: [(name: String, weight: Int)]

  /// Reads a field value. An element whose weight is not a `qvalue` is left out; other parameters are ignored.
  public init(_ field: String) {
    items = field.utf8.split(separator: UInt8(ascii: ",")).compactMap { element in
      let parts = element.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map(Self.trimmed)
      guard let name = parts.first, !name.isEmpty else { return nil }
      var weight = 1000
      for parameter in parts.dropFirst() where parameter.hasPrefix("q=") {
        guard let value = Self.thousandths(parameter.dropFirst(2)) else { return nil }
        weight = value
      }
      return (name, weight)
    }
  }

  private static func trimmed(_ part: Substring.UTF8View) -> String {
    let isBlank: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == 0x09 }
    let start = part.drop(while: isBlank)
    let length = start.count - start.reversed().prefix(while: isBlank).count
    return String(decoding: start.prefix(length).map(\.asciiLowercased), as: UTF8.self)
  }

  /// `0`, `1`, up to three decimals, never above 1.
  private static func thousandths(_ text: Substring) -> Int? {
    let digits = Array(text.utf8)
    guard let first = digits.first, first == UInt8(ascii: "0") || first == UInt8(ascii: "1"), digits.count <= 5,
      digits.count < 2 || digits[1] == UInt8(ascii: ".")
    else { return nil }
    var value = first == UInt8(ascii: "1") ? 1000 : 0
    var unit = 100
    for digit in digits.dropFirst(2) {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      value += Int(digit - UInt8(ascii: "0")) * unit
      unit /= 10
    }
    return value <= 1000 ? value : nil
  }
}
