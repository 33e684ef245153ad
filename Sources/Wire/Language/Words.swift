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

  /// The sentence in one language.
  package subscript(language: Language) -> String {
    switch language {
    case .french: french
    case .english: english
    }
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
