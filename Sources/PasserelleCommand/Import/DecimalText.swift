import ArgumentParser

/// A number as people type it: with a point, or with the comma of French and most of Europe.
struct DecimalText: ExpressibleByArgument, CustomStringConvertible {
  /// The number; “nan” and “inf” are numbers, too, for whoever looks at its range.
  let value: Double

  init(_ value: Double) { self.value = value }

  init?(argument: String) {
    // One comma and no point: with both, nobody knows which separates thousands.
    let text = argument.contains(".") ? argument : argument.replacing(",", with: ".")
    guard let number = Double(text) else { return nil }
    value = number
  }

  var description: String { value == value.rounded() ? String(Int(exactly: value) ?? 0) : String(value) }

  var defaultValueDescription: String { description }
}
