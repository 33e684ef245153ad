import Wire

/// `Retry-After` (RFC 9110 §10.2.3): seconds, or a date.
package enum RetryAfter {
  /// No platform is waited for longer than a day at a time.
  static var maximum: Int { 86_400 }

  /// Seconds to wait, 0 to a day; nil when the field is missing or neither form.
  ///
  /// A date is compared with the answer's own `Date` where it has one, so that the two clocks need not agree.
  package static func seconds(_ fields: HTTPFields, now: Instant) -> Int? {
    guard let value = fields["Retry-After"] else { return nil }
    if !value.isEmpty, value.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
      return min(Int(value) ?? maximum, maximum)
    }
    guard let date = Instant(httpDate: value) else { return nil }
    let reference = fields["Date"].flatMap { Instant(httpDate: $0) } ?? now
    let (difference, overflow) = date.seconds.subtractingReportingOverflow(reference.seconds)
    guard !overflow else { return nil }
    return Int(min(max(difference, 0), Int64(maximum)))
  }
}
