import Wire

/// A text that Directus translates wherever a field's options, note or message say `$t:key`.
struct Phrase: Equatable, Sendable {
  let key: String
  let words: Words

  /// How a field refers to it.
  var reference: JSONValue { .string("$t:" + key) }

  /// What Directus looks up, one row for each locale.
  var rows: [MetadataRow] {
    Language.directusLocales.map { locale, language in
      MetadataRow(
        .translations, key: "\(key) \(locale)",
        ["language": .string(locale), "key": .string(key), "value": .string(words[language])])
    }
  }
}

extension CollectionDescription.Bookmark {
  /// Its name, which Directus looks up in the reader's language.
  func phrase(in collection: String) -> Phrase { Phrase(key: "passerelle_\(collection)_bookmark_\(id)", words: name) }
}

extension FieldDescription {
  /// A dot would send Directus looking into nested messages.
  private func key(_ collection: String, _ end: String) -> String {
    "passerelle_\(collection)_\(name)_\(end.map { $0 == "-" ? "_" : String($0) }.joined())"
  }

  func notePhrase(in collection: String) -> Phrase? {
    note.map { Phrase(key: key(collection, "note"), words: $0) }
  }

  func rulePhrase(in collection: String) -> Phrase? {
    rule.map { Phrase(key: key(collection, "rule"), words: $0.message) }
  }

  func choicePhrases(in collection: String) -> [(choice: Choice, phrase: Phrase)] {
    choices.map { ($0, Phrase(key: key(collection, $0.value), words: $0.words)) }
  }

  /// Everything of the field that Directus translates by key.
  func phrases(in collection: String) -> [Phrase] {
    [notePhrase(in: collection), rulePhrase(in: collection)].compactMap { $0 }
      + choicePhrases(in: collection).map(\.phrase)
  }
}
