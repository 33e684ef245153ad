/// What a roster was read from: a key of what it depends on, and the transactions that the database had seen. Whoever brings
/// it back learns, without anybody being looked at, whether the roster still is what it was.
package struct RosterVersion: Sendable, Equatable {
  /// 32 hexadecimal digits.
  package let key: String
  /// A `pg_snapshot` (PostgreSQL documentation, section 9.27.9): `xmin:xmax:` and the transactions under way between them.
  package let snapshot: String

  /// More transactions under way than this make a tag too long for a header field.
  private static var mostUnderWay: Int { 20 }

  /// As the database gives them; nil when they are something else. With very many transactions under way all from the oldest
  /// on count as unseen, which may call something changed that is not, and never the contrary.
  init?(key: String, snapshot: String) {
    let parts = snapshot.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3 else { return nil }
    let underWay = parts[2].split(separator: ",")
    self.init(
      key: key,
      numbers: [parts[0], underWay.count > Self.mostUnderWay ? parts[0] : parts[1]]
        + (underWay.count > Self.mostUnderWay ? [] : underWay))
  }

  /// The text that ``text`` made; nil for anything that PostgreSQL would not take for a snapshot.
  package init?(text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    self.init(key: String(parts[0]), numbers: parts[1].split(separator: ".", omittingEmptySubsequences: false))
  }

  private init?(key: String, numbers: [Substring]) {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    let letters = UInt8(ascii: "a")...UInt8(ascii: "f")
    guard key.utf8.count == 32, key.utf8.allSatisfy({ digits.contains($0) || letters.contains($0) }),
      numbers.count >= 2, numbers.count <= 2 + Self.mostUnderWay
    else { return nil }
    var values: [Int64] = []
    for number in numbers {
      guard number.utf8.allSatisfy(digits.contains), let value = Int64(number), value > 0 else { return nil }
      values.append(value)
    }
    let (oldest, next, underWay) = (values[0], values[1], values.dropFirst(2))
    guard oldest <= next, underWay.allSatisfy({ oldest <= $0 && $0 < next }),
      zip(underWay, underWay.dropFirst()).allSatisfy({ $0 < $1 })
    else { return nil }
    self.key = key
    snapshot = "\(oldest):\(next):" + underWay.map(\.description).joined(separator: ",")
  }

  /// Both in characters that an entity tag may have (RFC 9110, section 8.8.3) and no list breaks apart.
  package var text: String {
    var numbers = snapshot.split { $0 == ":" || $0 == "," }.joined(separator: ".")
    numbers = "-" + numbers
    return key + numbers
  }
}
