/// A date and a time of day of the proleptic Gregorian calendar, UTC.
struct CivilTime {
  var year: Int
  var month: Int
  var day: Int
  var hour: Int
  var minute: Int
  var second: Int

  private static let secondsPerDay: Int64 = 86_400
  /// The first and last second of the years 0000 and 9999, the only ones four digits can write.
  static let writable: ClosedRange<Int64> = -62_167_219_200...253_402_300_799

  /// nil when a field is out of its range; second 60 is accepted at 23:59 only, as a leap second (RFC 3339 §5.7).
  init?(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
    guard (0...9999).contains(year), (1...12).contains(month),
      day >= 1, day <= Self.days(inMonth: month, of: year),
      (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
    else { return nil }
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
  }

  /// The calendar's view of these seconds since 1970; seconds outside the years 0000 to 9999 show the nearest end.
  init(secondsSince1970 seconds: Int64) {
    let seconds = min(max(seconds, Self.writable.lowerBound), Self.writable.upperBound)
    var days = seconds / Self.secondsPerDay
    var rest = seconds % Self.secondsPerDay
    if rest < 0 {
      rest += Self.secondsPerDay
      days -= 1
    }
    // Years are counted from March, in cycles of 400, so that the leap day ends a year: Hinnant, "chrono-Compatible
    // Low-Level Date Algorithms", civil_from_days. All years here are ≥ -1, so one added cycle keeps it positive.
    let shifted = Int(days) + 719_468 + 146_097
    let cycle = shifted / 146_097
    let dayOfCycle = shifted % 146_097
    let yearOfCycle = (dayOfCycle - dayOfCycle / 1_460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
    let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfCycle + (cycle - 1) * 400 + (month <= 2 ? 1 : 0)
    hour = Int(rest) / 3600
    minute = Int(rest) / 60 % 60
    second = Int(rest) % 60
  }

  /// Days since 1970-01-01 (`days_from_civil`, same source).
  var daysSince1970: Int64 {
    let shiftedYear = (month <= 2 ? year - 1 : year) + 400
    let yearOfCycle = shiftedYear % 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfCycle = yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
    return Int64((shiftedYear / 400 - 1) * 146_097 + dayOfCycle - 719_468)
  }

  var secondsSince1970: Int64 {
    daysSince1970 * Self.secondsPerDay + Int64(hour * 3600 + minute * 60 + second)
  }

  /// 0 is Sunday.
  var weekday: Int {
    Int(((daysSince1970 + 4) % 7 + 7) % 7)
  }

  private static func days(inMonth month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
