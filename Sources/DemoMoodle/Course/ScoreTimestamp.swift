import Wire

/// The timestamp of a score, read as Moodle reads it (`validate_iso8601_date`, then PHP's `strtotime`).
enum ScoreTimestamp {
  /// Seconds since 1970, or nil for what Moodle refuses. Fractions are cut off; without a zone it is UTC.
  ///
  /// Calendar dates only: Moodle's pattern also lets week and ordinal dates through, which nobody sends.
  static func seconds(_ text: String) -> Int64? {
    var scanner = Scanner(bytes: Array(text.utf8))
    guard let year = scanner.digits(4) else { return nil }
    let extended = scanner.skip("-")
    guard let month = scanner.digits(2), (1...12).contains(month), scanner.skip("-") == extended,
      let day = scanner.digits(2), (1...31).contains(day)
    else { return nil }
    let date = "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))"
    guard let midnight = Instant(rfc3339: date + "T00:00:00Z")?.seconds else { return nil }
    if scanner.atEnd { return midnight }
    guard scanner.skip("T") || scanner.skip(" ") else { return nil }
    guard let hour = scanner.digits(2), hour < 24 else { return nil }
    let colons = scanner.skip(":")
    guard let minute = scanner.digits(2), minute < 60 else { return nil }
    var second = 0
    if scanner.skip(":") || (!colons && scanner.nextIsDigit) {
      guard let value = scanner.digits(2), value < 60 else { return nil }
      second = value
      if scanner.skip(".") || scanner.skip(",") { guard scanner.skipDigits() else { return nil } }
    }
    guard let offset = scanner.zone(), scanner.atEnd else { return nil }
    return midnight + Int64(hour * 3600 + minute * 60 + second - offset)
  }

  private static func pad(_ number: Int, _ digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  private struct Scanner {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var atEnd: Bool { position == bytes.count }
    var nextIsDigit: Bool { position < bytes.count && (48...57).contains(bytes[position]) }

    mutating func digits(_ count: Int) -> Int? {
      var value = 0
      for _ in 0..<count {
        guard nextIsDigit else { return nil }
        value = value * 10 + Int(bytes[position] - 48)
        position += 1
      }
      return value
    }

    mutating func skipDigits() -> Bool {
      guard nextIsDigit else { return false }
      while nextIsDigit { position += 1 }
      return true
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
      guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
      position += 1
      return true
    }

    /// Seconds east of Greenwich: `Z`, `+02:00`, `+0200`, `+02`, or nothing for UTC.
    mutating func zone() -> Int? {
      if atEnd || skip("Z") || skip("z") { return 0 }
      let sign: Int
      if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
      guard let hours = digits(2), hours < 24 else { return nil }
      _ = skip(":")
      guard nextIsDigit else { return sign * hours * 3600 }
      guard let minutes = digits(2), minutes < 60 else { return nil }
      return sign * (hours * 3600 + minutes * 60)
    }
  }
}
