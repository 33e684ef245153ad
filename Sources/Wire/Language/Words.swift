/// A sentence for a person, in both languages.
package struct Words: Equatable, Sendable {
  /// In French.
  package let french: String
  /// In English.
  package let english: String

  /// Both at once, so that neither can be forgotten.
  package init(fr french: String, en english: String) {
    self.french = french
    self.english = english
  }

  /// What is the same in every language: a name, a command to type, a statement of SQL.
  package static func same(_ text: String) -> Words { Words(fr: text, en: text) }

  /// A sentence whose parts are sentences themselves.
  package init(_ text: (Language) -> String) { self.init(fr: text(.french), en: text(.english)) }

  /// The sentence in one language.
  package subscript(language: Language) -> String {
    switch language {
    case .french: Self.unbroken(french)
    case .english: english
    }
  }

  /// The text with the blanks inside guillemets as no-break spaces, so that none stands alone at a line's end.
  private static func unbroken(_ text: String) -> String {
    guard text.utf8.contains(0xC2) else { return text }
    let bytes = Array(text.utf8)
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count + 8)
    for index in bytes.indices {
      let isBlank = bytes[index] == 0x20
      // « is C2 AB, » C2 BB, the no-break space C2 A0.
      let opens = isBlank && index >= 2 && bytes[index - 2] == 0xC2 && bytes[index - 1] == 0xAB
      let closes = isBlank && index + 2 < bytes.count && bytes[index + 1] == 0xC2 && bytes[index + 2] == 0xBB
      if opens || closes { output += [0xC2, 0xA0] } else { output.append(bytes[index]) }
    }
    return String(decoding: output, as: UTF8.self)
  }
}

extension Language {
  /// The language for a platform's locale: French for `fr`, `fr_CA` and the like, English for any other, which more
  /// people read than French; nil when no locale is known.
  package init?(locale: String?) {
    guard let locale, !locale.isEmpty else { return nil }
    self = Language(tag: locale) ?? .english
  }
}
