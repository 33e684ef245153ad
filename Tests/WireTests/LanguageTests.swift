import Testing
import Wire

@Suite("Languages (RFC 9110 §12.5.4)")
struct LanguageTests {
  static let fields: [(String?, Language)] = [
    (nil, .french),
    ("", .french),
    ("fr", .french),
    ("en", .english),
    ("EN-us", .english),
    ("fr-CA", .french),
    ("fr-CA,fr;q=0.9,en;q=0.8", .french),
    ("en-US,en;q=0.9,fr;q=0.8", .english),
    ("en;q=0.8, fr;q=0.9", .french),
    ("en, fr", .english),
    ("fr, en", .french),
    ("en;q=0.5, fr;q=0.5", .english),
    ("de", .french),
    ("de, en;q=0.1", .english),
    ("*", .french),
    ("de;q=0.9, *;q=0.5", .french),
    ("en;q=0.3, *;q=0.5", .french),
    ("en;q=0.5, *;q=0.3", .english),
    ("fr;q=0", .english),
    ("fr;q=0, *", .english),
    ("fr;q=0, en;q=0", .french),
    ("en;q=0", .french),
    ("en;q=abc, fr;q=0.1", .french),
    ("en;q=2", .french),
    ("en;q=0.0001", .french),
    ("en ; q=0.9 , fr ; q=0.1", .english),
    ("english, fr;q=0.1", .french),
    (",,;q=1,\u{0},é", .french),
  ]

  @Test("the preferred language is the one with the higher weight, then the first, then French", arguments: fields)
  func preferred(field: String?, language: Language) {
    #expect(Language(acceptLanguage: field) == language)
  }

  @Test("a tag is read by its first part")
  func tags() {
    #expect(Language(tag: "fr") == .french)
    #expect(Language(tag: "FR-ca") == .french)
    #expect(Language(tag: "fr_ca") == .french)
    #expect(Language(tag: "en-GB") == .english)
    #expect(Language(tag: "") == nil)
    #expect(Language(tag: "fra") == nil)
    #expect(Language(tag: "de") == nil)
  }

  @Test("weights are qvalues of three decimals, other parameters are ignored")
  func weights() {
    let list = WeightedList("a;q=1.000, b;q=0.125;x=y, C;x=1, d;q=1.001, e;q=.5, f;q=, g;q=0., h;q=0.1234, i;q=05")
    #expect(list.items.map(\.name) == ["a", "b", "c", "g"])
    #expect(list.items.map(\.weight) == [1000, 125, 1000, 0])
  }

  @Test("Moodle's locales choose French, any other English, none leaves the choice open")
  func locales() {
    for locale in ["fr", "fr_CA", "fr-FR", "FR", "fr_wp"] { #expect(Language(locale: locale) == .french, "\(locale)") }
    for locale in ["en", "en_us", "de", "es_mx"] { #expect(Language(locale: locale) == .english, "\(locale)") }
    #expect(Language(locale: nil) == nil)
    #expect(Language(locale: "") == nil)
  }

  @Test("a process speaks the language of its locale for messages, English where that is neither of the two")
  func process() {
    func language(_ variables: (String, String)...) -> Language {
      Language(ofProcess: { name in variables.first { $0.0 == name }?.1 })
    }
    for locale in ["fr", "fr_FR", "fr_FR.UTF-8", "fr_CA@euro", "fr.UTF-8", "fr_BE.ISO-8859-15@euro"] {
      #expect(language(("LANG", locale)) == .french, "\(locale)")
    }
    for locale in ["C", "POSIX", "C.UTF-8", "en_GB.UTF-8", "de_DE.UTF-8", "frr_DE", ""] {
      #expect(language(("LANG", locale)) == .english, "\(locale)")
    }
    #expect(language() == .english)
    #expect(language(("LC_MESSAGES", "fr_FR.UTF-8"), ("LANG", "en_GB.UTF-8")) == .french)
    #expect(language(("LC_ALL", "C"), ("LC_MESSAGES", "fr_FR.UTF-8"), ("LANG", "fr_FR.UTF-8")) == .english)
    #expect(language(("LC_ALL", ""), ("LANG", "fr_FR.UTF-8")) == .french)
  }
}
