import ArgumentParser
import Passerelle
import Wire

/// `passerelle doctor`: looks at everything a launch and a grade depend on, and says in words what is wrong and how to
/// mend it.
struct Doctor: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      abstract: "Check settings, database, key, Directus, web server and platforms; say what to mend.",
      discussion: "Exit status 0 when nothing is wrong (warnings allowed), 1 otherwise.")
  }

  @OptionGroup var listing: ListingOptions
  @OptionGroup var access: DirectusAccess

  @Option(help: "The database role as which Directus connects; without it, the owner of its tables.")
  var directusRole: String?

  func run() throws {
    try Console.run {
      var report = Report()
      if let environment = SettingsChecks.run(&report) {
        let database = Database(open: environment.connect)
        if DatabaseChecks.run(&report, environment, database) {
          try DirectusChecks.run(&report, environment, database, role: directusRole, access: access)
          WebServerChecks.run(&report, environment, database)
          PlatformChecks.run(&report, environment, database)
        }
      }
      if listing.json {
        listing.print(report.findings.map(\.json), columns: [])
      } else {
        for finding in report.findings { print(finding.text) }
      }
      let wrong = report.findings.count { $0.state == .wrong }
      if wrong > 0 { throw CommandFailure("\(wrong) \(wrong == 1 ? "thing needs" : "things need") mending, see above") }
    }
  }
}

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

  private mutating func add(_ state: Finding.State, _ subject: String, _ words: String, _ mend: String?) {
    findings.append(Finding(state: state, subject: subject, words: words, mend: mend))
  }
}
