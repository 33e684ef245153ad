/// The languages that people are spoken to in.
package enum Language: String, CaseIterable, Sendable {
  /// French, the default.
  case french = "fr"
  /// English.
  case english = "en"

  /// The language of a tag such as `fr`, `fr-CA` (RFC 5646) or Moodle's `fr_ca`; nil when it is neither.
  package init?(tag: String) {
    let primary = tag.utf8.prefix { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }
    self.init(rawValue: String(decoding: primary, as: UTF8.self).asciiLowercased)
  }

  /// The language of a process's locale for messages (POSIX.1-2017, XBD 8.2): the first of these variables that is not empty says
  /// it. English where it is neither of the two, and for `C` and `POSIX`.
  package init(ofProcess variable: (String) -> String?) {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap(variable).first { !$0.isEmpty } ?? ""
    // language[_territory][.codeset][@modifier]
    self = Language(tag: String(locale.prefix { $0 != "." && $0 != "@" })) ?? .english
  }

  /// The better of the two for an `Accept-Language` field (RFC 9110 §12.5.4): the higher weight, at equal weights the
  /// one named first, French when neither is named.
  package init(acceptLanguage field: String?) {
    var french: (weight: Int, place: Int)?
    var english: (weight: Int, place: Int)?
    var wildcard: Int?
    for (place, range) in WeightedList(field ?? "").items.enumerated() {
      if range.name == "*" {
        wildcard = range.weight
        continue
      }
      switch Language(tag: range.name) {
      case .french: if range.weight > french?.weight ?? -1 { french = (range.weight, place) }
      case .english: if range.weight > english?.weight ?? -1 { english = (range.weight, place) }
      case nil: continue
      }
    }
    // A language that is not named has the weight of `*`. Without one it ranks below what is wanted (1…1000) and
    // above what is refused (0).
    let unnamed = (weight: wildcard.map { $0 * 2 } ?? 1, place: Int.max)
    let first = french.map { (weight: $0.weight * 2, place: $0.place) } ?? unnamed
    let second = english.map { (weight: $0.weight * 2, place: $0.place) } ?? unnamed
    if first.weight == second.weight {
      self = second.weight > 1 && second.place < first.place ? .english : .french
    } else {
      self = first.weight > second.weight ? .french : .english
    }
  }
}
