/// A score of the Basic Outcomes service: from 0 to 1 (LTI 1.1 §6.1.1).
package struct ResultScore: Equatable, Sendable {
  /// From 0 to 1.
  package let value: Double

  /// Takes a score; nil when it is not a number from 0 to 1.
  package init?(_ value: Double) {
    guard value >= 0, value <= 1 else { return nil }
    self.value = value
  }

  /// Reads a decimal number as the service writes it, with a dot, blanks around it ignored.
  init?(parsing text: String) {
    let digits = trimmed(text[...])
    let isDecimal = digits.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"),
        UInt8(ascii: "e"), UInt8(ascii: "E"):
        true
      default: false
      }
    }
    guard isDecimal, let value = Double(digits) else { return nil }
    self.init(value)
  }

  /// The score as it is sent: a dot, no exponent, up to twelve decimals without trailing zeros. Moodle multiplies it by
  /// the activity's maximum and keeps five.
  var text: String {
    let unit: Int64 = 1_000_000_000_000
    let scaled = Int64((value * Double(unit)).rounded())
    guard scaled < unit else { return "1" }
    guard scaled > 0 else { return "0" }
    var decimals = String(scaled + unit).dropFirst()
    while decimals.last == "0" { decimals.removeLast() }
    return "0." + decimals
  }
}
