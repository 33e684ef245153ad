extension Instant {
  /// RFC 3339 §5.6 in UTC and whole seconds, the fraction cut off: `2026-11-23T01:17:21Z`.
  ///
  /// Moments outside the years 0000 to 9999 show the nearest end of that range.
  package var rfc3339: String {
    let time = CivilTime(secondsSince1970: seconds)
    var text = DigitWriter()
    text.write(time.year, digits: 4)
    text.write("-")
    text.write(time.month, digits: 2)
    text.write("-")
    text.write(time.day, digits: 2)
    text.write("T")
    text.writeClock(time)
    text.write("Z")
    return text.string
  }

  /// IMF-fixdate (RFC 9110 §5.6.7): `Mon, 23 Nov 2026 01:17:21 GMT`.
  package var httpDate: String {
    let time = CivilTime(secondsSince1970: seconds)
    var text = DigitWriter()
    text.write(Self.weekdays[time.weekday])
    text.write(", ")
    text.write(time.day, digits: 2)
    text.write(" ")
    text.write(Self.months[time.month - 1])
    text.write(" ")
    text.write(time.year, digits: 4)
    text.write(" ")
    text.writeClock(time)
    text.write(" GMT")
    return text.string
  }

  /// Reads a `date-time` of RFC 3339 §5.6, with any offset, `T` and `Z` in either case, and a fraction of which nine
  /// digits count. A leap second becomes the second after it. nil for anything else.
  package init?(rfc3339 text: String) {
    var reader = TextReader(text)
    guard let year = reader.number(digits: 4), reader.skip("-"),
      let month = reader.number(digits: 2), reader.skip("-"),
      let day = reader.number(digits: 2), reader.skip("T") || reader.skip("t"),
      let hour = reader.number(digits: 2), reader.skip(":"),
      let minute = reader.number(digits: 2), reader.skip(":"),
      let second = reader.number(digits: 2),
      let time = CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    else { return nil }
    var nanoseconds: Int32 = 0
    if reader.skip(".") {
      guard let fraction = reader.fraction() else { return nil }
      nanoseconds = fraction
    }
    guard let offset = reader.offset(), reader.isAtEnd else { return nil }
    let utc = time.secondsSince1970 - Int64(offset)
    // RFC 3339 §5.7: a leap second is the last second of a UTC day, wherever the writer's clock stands.
    guard second < 60 || utc % 86_400 == 0 else { return nil }
    self.init(seconds: utc, nanoseconds: nanoseconds)
  }

  /// Reads an IMF-fixdate (RFC 9110 §5.6.7), the only form a current server may send. The day's name must be one,
  /// but is not checked against the date, which says the same. nil for anything else.
  package init?(httpDate text: String) {
    var reader = TextReader(text)
    guard reader.oneOf(Self.weekdays) != nil, reader.skip(","), reader.skip(" "),
      let day = reader.number(digits: 2), reader.skip(" "),
      let month = reader.oneOf(Self.months), reader.skip(" "),
      let year = reader.number(digits: 4), reader.skip(" "),
      let hour = reader.number(digits: 2), reader.skip(":"),
      let minute = reader.number(digits: 2), reader.skip(":"),
      let second = reader.number(digits: 2), reader.skip(" "),
      reader.skip("G"), reader.skip("M"), reader.skip("T"), reader.isAtEnd,
      let time = CivilTime(year: year, month: month + 1, day: day, hour: hour, minute: minute, second: second),
      second < 60 || time.secondsSince1970 % 86_400 == 0
    else { return nil }
    self.init(seconds: time.secondsSince1970)
  }

  private static let weekdays: [StaticString] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months: [StaticString] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
}

/// Writes ASCII into one buffer.
private struct DigitWriter {
  private var bytes: [UInt8] = []

  init() {
    bytes.reserveCapacity(32)
  }

  var string: String { String(decoding: bytes, as: UTF8.self) }

  mutating func write(_ text: StaticString) {
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }

  mutating func write(_ number: Int, digits: Int) {
    var divisor = 1
    for _ in 1..<digits { divisor *= 10 }
    while divisor > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
      divisor /= 10
    }
  }

  mutating func writeClock(_ time: CivilTime) {
    write(time.hour, digits: 2)
    write(":")
    write(time.minute, digits: 2)
    write(":")
    write(time.second, digits: 2)
  }
}

/// Reads ASCII from left to right.
private struct TextReader {
  private let bytes: [UInt8]
  private var index = 0

  init(_ text: String) {
    bytes = Array(text.utf8)
  }

  var isAtEnd: Bool { index == bytes.count }

  private func digit() -> Int32? {
    guard index < bytes.count, case let value = bytes[index] &- UInt8(ascii: "0"), value < 10 else { return nil }
    return Int32(value)
  }

  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  mutating func number(digits: Int) -> Int? {
    var number = 0
    for _ in 0..<digits {
      guard let digit = digit() else { return nil }
      number = number * 10 + Int(digit)
      index += 1
    }
    return number
  }

  /// One digit or more after the point, in nanoseconds; digits after the ninth are read and dropped.
  mutating func fraction() -> Int32? {
    var nanoseconds: Int32 = 0
    var unit: Int32 = 100_000_000
    guard digit() != nil else { return nil }
    while let digit = digit() {
      nanoseconds += digit * unit
      unit /= 10
      index += 1
    }
    return nanoseconds
  }

  /// `Z` or `±hh:mm`, in seconds east of UTC.
  mutating func offset() -> Int? {
    if skip("Z") || skip("z") { return 0 }
    let isWest = skip("-")
    guard isWest || skip("+"), let hours = number(digits: 2), hours < 24, skip(":"),
      let minutes = number(digits: 2), minutes < 60
    else { return nil }
    return (isWest ? -1 : 1) * (hours * 3600 + minutes * 60)
  }

  mutating func oneOf(_ words: [StaticString]) -> Int? {
    for (position, word) in words.enumerated() where bytes.count - index >= word.utf8CodeUnitCount {
      let matches = word.withUTF8Buffer { $0.elementsEqual(bytes[index..<index + word.utf8CodeUnitCount]) }
      if matches {
        index += word.utf8CodeUnitCount
        return position
      }
    }
    return nil
  }
}
