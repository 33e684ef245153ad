/// Which of some texts another one was most likely meant to be.
enum NearestText {
  /// The one with the fewest letters to change, capitals and small letters being the same; nil when there is none.
  static func of(_ text: String, among candidates: [String]) -> String? {
    let letters = Array(text.lowercased().utf8)
    return candidates.map { ($0, distance(letters, Array($0.lowercased().utf8))) }.min { $0.1 < $1.1 }?.0
  }

  /// How many bytes must be put in, taken out or replaced (Levenshtein).
  static func distance(_ from: [UInt8], _ to: [UInt8]) -> Int {
    var row = Array(0...to.count)
    for (index, byte) in from.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in 0..<to.count {
        let above = row[column + 1]
        row[column + 1] = min(above + 1, row[column] + 1, diagonal + (byte == to[column] ? 0 : 1))
        diagonal = above
      }
    }
    return row[to.count]
  }
}
