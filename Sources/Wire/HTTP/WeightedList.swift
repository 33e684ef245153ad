/// A list of names with weights, as `Accept` and `Accept-Language` carry it (RFC 9110 §12.4.2).
package struct WeightedList: Sendable {
  /// The names in the field's order, lower-cased, with their weights in thousandths (0 means "not acceptable").
  package let items: [(name: String, weight: Int)]

  /// Reads a field value. An element whose weight is not a `qvalue` is left out; other parameters are ignored.
  package init(_ field: String) {
    let bytes = field.utf8.map(\.asciiLowercased)
    var items: [(name: String, weight: Int)] = []
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: ",")) ?? bytes.count
      if let item = Self.element(bytes[start..<end]) { items.append(item) }
      start = end + 1
    }
    self.items = items
  }

  private static func element(_ element: ArraySlice<UInt8>) -> (name: String, weight: Int)? {
    var end = element.firstIndex(of: UInt8(ascii: ";")) ?? element.endIndex
    let name = trimmed(element[..<end])
    guard !name.isEmpty else { return nil }
    var weight = 1000
    while end < element.endIndex {
      let start = end + 1
      end = element[start...].firstIndex(of: UInt8(ascii: ";")) ?? element.endIndex
      let parameter = trimmed(element[start..<end])
      guard parameter.starts(with: "q=".utf8) else { continue }
      guard let value = thousandths(parameter.dropFirst(2)) else { return nil }
      weight = value
    }
    return (String(decoding: name, as: UTF8.self), weight)
  }

  private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == 0x09 }
    var text = text
    while let first = text.first, isBlank(first) { text = text.dropFirst() }
    while let last = text.last, isBlank(last) { text = text.dropLast() }
    return text
  }

  /// `0`, `1`, up to three decimals, never above 1.
  private static func thousandths(_ text: ArraySlice<UInt8>) -> Int? {
    guard let first = text.first, first == UInt8(ascii: "0") || first == UInt8(ascii: "1"), text.count <= 5,
      text.count < 2 || text[text.startIndex + 1] == UInt8(ascii: ".")
    else { return nil }
    var value = first == UInt8(ascii: "1") ? 1000 : 0
    var unit = 100
    for digit in text.dropFirst(2) {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      value += Int(digit - UInt8(ascii: "0")) * unit
      unit /= 10
    }
    return value <= 1000 ? value : nil
  }
}
