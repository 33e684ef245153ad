import Postgres
import Store
import Wire

/// What the doctor has found so far.
struct Report {
  /// One thing looked at.
  struct Finding {
    enum State: String {
      case fine = "ok"
      case doubtful = "warning"
      case wrong = "wrong"
    }
    let state: State
    let subject: String
    let words: String
    /// What to do about it.
    let mend: String?

    var text: String {
      let mark =
        switch state {
        case .fine: "ok      "
        case .doubtful: "warning "
        case .wrong: "WRONG   "
        }
      return "\(mark) \(subject): \(words)" + (mend.map { "\n          → \($0)" } ?? "")
    }

    var json: JSONObject {
      [
        "state": .string(state.rawValue), "subject": .string(subject), "words": .string(words),
        "mend": mend.map(JSONValue.string) ?? .null,
      ]
    }
  }

  private(set) var findings: [Finding] = []

  mutating func fine(_ subject: String, _ words: String) { add(.fine, subject, words, nil) }
  mutating func doubtful(_ subject: String, _ words: String, mend: String) { add(.doubtful, subject, words, mend) }
  mutating func wrong(_ subject: String, _ words: String, mend: String) { add(.wrong, subject, words, mend) }

  /// What the database said no to, in the words of the one table of its troubles.
  mutating func wrong(_ subject: String, _ error: PostgresError) {
    let trouble = DatabaseTrouble(error)
    wrong(subject, "\(trouble.diagnosis): \(error.debugDetail)", mend: trouble.mend)
  }

  private mutating func add(_ state: Finding.State, _ subject: String, _ words: String, _ mend: String?) {
    findings.append(Finding(state: state, subject: subject, words: words, mend: mend))
  }
}
