import Postgres
import Store
import Wire

extension Words {
  /// Statements to run, a line each, below the arrow.
  static func statements(_ statements: [String]) -> Words { same(statements.joined(separator: "\n            ")) }
}

/// What the doctor has found so far.
struct Report {
  /// One thing looked at.
  struct Finding {
    enum State: String {
      case fine = "ok"
      case doubtful = "warning"
      case wrong = "wrong"
      /// Nobody looked.
      case unseen = "unseen"
    }
    let state: State
    let subject: Words
    let words: Words
    /// What to do about it.
    let mend: Words?

    /// A line for a person, and a further one with what to do.
    func text(_ language: Language) -> String {
      "\(mark[language]) \(subject[language])\(language == .french ? " :" : ":") \(words[language])"
        + (mend.map { "\n          → \($0[language])" } ?? "")
    }

    private var mark: Words {
      switch state {
      case .fine: Words(fr: "ok       ", en: "ok      ")
      case .doubtful: Words(fr: "attention", en: "warning ")
      case .wrong: Words(fr: "ERREUR   ", en: "WRONG   ")
      case .unseen: Words(fr: "?        ", en: "?       ")
      }
    }

    /// For programs, in English whatever the locale.
    var json: JSONObject {
      [
        "state": .string(state.rawValue), "subject": .string(subject.english), "words": .string(words.english),
        "mend": mend.map { .string($0.english) } ?? .null,
      ]
    }
  }

  private(set) var findings: [Finding] = []

  mutating func fine(_ subject: Words, _ words: Words) { add(.fine, subject, words, nil) }
  mutating func doubtful(_ subject: Words, _ words: Words, mend: Words) { add(.doubtful, subject, words, mend) }
  mutating func wrong(_ subject: Words, _ words: Words, mend: Words) { add(.wrong, subject, words, mend) }
  /// Nothing is known to be wrong, because this was not looked at; how it would be.
  mutating func unseen(_ subject: Words, _ words: Words, mend: Words) { add(.unseen, subject, words, mend) }

  /// What the database said no to, in the words of the one table of its troubles.
  /// - Parameter mend: What to do about it, where that is not what the table says.
  mutating func wrong(_ subject: Words, _ error: PostgresError, mend: Words? = nil) {
    wrong(
      subject,
      Words { "\(DatabaseTrouble(error).diagnosis[$0])\($0 == .french ? " :" : ":") \(DatabaseAdvice.words(error))" },
      mend: mend ?? DatabaseAdvice.mend(error))
  }

  /// Prints what was found, for people or as JSON; throws when something is wrong.
  func finish(_ listing: ListingOptions) throws(CommandFailure) {
    if listing.json {
      listing.print(findings.map(\.json), columns: [])
    } else {
      for finding in findings { print(finding.text(Console.language)) }
    }
    let wrong = findings.count { $0.state == .wrong }
    guard wrong > 0 else { return }
    throw CommandFailure(
      Words(
        fr: "\(wrong) \(wrong == 1 ? "point est" : "points sont") à corriger, voir ci-dessus",
        en: "\(wrong) \(wrong == 1 ? "thing needs" : "things need") mending, see above"))
  }

  private mutating func add(_ state: Finding.State, _ subject: Words, _ words: Words, _ mend: Words?) {
    findings.append(Finding(state: state, subject: subject, words: words, mend: mend))
  }
}
