import Wire

/// Dates as PHP formats them, in UTC.
enum PHPDate {
  /// `date('c')`, which results carry: `2026-11-23T01:17:21+00:00`.
  static func c(_ seconds: Int64) -> String { Instant(seconds: seconds).rfc3339.dropLast() + "+00:00" }

  /// `DateTime::ISO8601`, which token errors carry: `2026-11-23T01:17:21+0000`.
  static func iso8601(_ seconds: Int64) -> String { Instant(seconds: seconds).rfc3339.dropLast() + "+0000" }
}
