import Foundation

/// Numbers as PHP reads and writes them.
enum PHPNumber {
  /// `is_numeric` and then the number: decimal digits with a sign, a point and an exponent, white space around them.
  static func value(_ text: String) -> Double? {
    let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard trimmed.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }), let value = Double(trimmed),
      value.isFinite
    else { return nil }
    return value
  }

  /// A float as text: 14 significant digits (PHP's setting `precision`).
  static func text(_ value: Double) -> String { String(format: "%.14G", value) }
}
