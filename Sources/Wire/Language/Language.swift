/// The languages that people are spoken to in.
public enum Language: String, CaseIterable, Sendable {
  /// French, the default.
  case french = "fr"
  /// English.
  case english = "en"

  /// The language of a tag such as `fr`, `fr-CA` (RFC 5646) or Moodle's `fr_ca`; nil when it is neither.
  public init?(tag: some StringProtocol) {
    let primary = tag.utf8.prefix { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }
    self.init(rawValue: String(decoding: primary.map(\.asciiLowercased), as: UTF8.self))
  }

  /// The better of the two for an `Accept-Language` field (RFC 9110 §12.5.4): the higher weight, at equal weights the
  /// one named first, French when neither is named.
  public init(acceptLanguage field: String?) {
    var weights: [Language: Int] = [:]
    var wildcard: Int?
    var best = Language.french
    var bestWeight = 0
    for range in WeightedList(field ?? "").items {
      if range.name == "*" {
        wildcard = range.weight
        continue
      }
      guard let language = Language(tag: range.name) else { continue }
      weights[language] = max(weights[language] ?? 0, range.weight)
      if range.weight > bestWeight {
        best = language
        bestWeight = range.weight
      }
    }
    for language in Language.allCases where weights[language] == nil {
      // A language that is not named has the weight of `*`; without one it is still better than a refused one.
      let weight = wildcard ?? 0
      if weight > bestWeight || (bestWeight == 0 && weights[best] == 0) {
        best = language
        bestWeight = weight
      }
    }
    self = best
  }
}
