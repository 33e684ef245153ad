/// An instant as spreadsheets count, days since 30 December 1899.
package enum SpreadsheetDate {
  /// `29/11/2026 19:33`, from such a number in digits; the digits where they are none.
  package static func french(_ number: String) -> String {
    guard let days = Double(number), (0..<2_958_466).contains(days) else { return number }
    let time = CivilTime(secondsSince1970: Int64((days - 25_569) * 86_400 + 0.5))
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(two(time.day))/\(two(time.month))/\(time.year) \(two(time.hour)):\(two(time.minute))"
  }
}
