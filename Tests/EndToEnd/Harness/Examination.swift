import TestSupport
import Testing
import Wire

/// What `passerelle doctor` finds, as programs read it; and what a person whose locale is French reads of the same.
struct Examination {
  /// What it says about one subject.
  struct Finding: Equatable {
    let state: String
    let subject: String
    let words: String
    let mend: String

    init(_ finding: JSONValue) {
      state = finding["state"]?.stringValue ?? ""
      subject = finding["subject"]?.stringValue ?? ""
      words = finding["words"]?.stringValue ?? ""
      mend = finding["mend"]?.stringValue ?? ""
    }
  }

  let run: ProgramRun
  let findings: [Finding]
  var status: Int32 { run.status }

  /// Runs it in both languages.
  /// - Parameter again: brings about once more what only the first run could meet.
  init(
    _ world: World, again: () throws -> Void = {}, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let environment = try world.administration
    run = try ProgramRun.run(Stack.command, arguments: ["doctor", "--json"], environment: environment)
    findings = try Self.findings(of: run)
    try again()
    try Self.expectFrench(of: run, environment: environment, sourceLocation: sourceLocation)
  }

  /// The findings of a run with `--json`.
  static func findings(of run: ProgramRun) throws -> [Finding] {
    try #require(JSONValue(parsing: run.output).arrayValue, "\(run.errorText)").map(Finding.init)
  }

  /// Runs the same once more as somebody whose locale is French, and expects the same findings, each in French.
  static func expectFrench(
    of english: ProgramRun, _ arguments: [String] = ["doctor"], environment: [(String, String)],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let french = try ProgramRun.run(Stack.command, arguments: arguments, environment: environment + [Self.french])
    try expect(french, toSayInFrench: english, sourceLocation: sourceLocation)
  }

  /// What an environment of somebody who speaks French has.
  static let french = ("LC_ALL", "fr_FR.UTF-8")

  /// Compares a run in French with one of the same in JSON.
  static func expect(
    _ french: ProgramRun, toSayInFrench english: ProgramRun, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let expected = try findings(of: english)
    let said = blocks(of: french.text)
    #expect(french.status == english.status, "\(french.text)", sourceLocation: sourceLocation)
    #expect(
      said.map(\.state) == expected.map(\.state), "\(french.text)\n\(english.text)", sourceLocation: sourceLocation)
    for (block, finding) in zip(said, expected) {
      #expect(!holds(block.text, finding.words), "\(block.text)", sourceLocation: sourceLocation)
      #expect(!holds(block.text, finding.mend), "\(block.text)", sourceLocation: sourceLocation)
    }
    if french.status != 0 {
      #expect(french.errorText.contains("à corriger, voir ci-dessus"), sourceLocation: sourceLocation)
    }
  }

  /// Whether a French text holds an English one that is a sentence: not a command, a name or a statement of SQL.
  private static func holds(_ text: String, _ english: String) -> Bool {
    let isTyped = ["a2", "systemctl ", "chown ", "passerelle ", "GRANT ", "REVOKE ", "ALTER "].contains {
      english.hasPrefix($0) || english.lowercased().hasPrefix($0.lowercased())
    }
    let isSentence = english.firstMatch(of: /[a-z]{2,} [a-z]{2,} [a-z]{2,}/) != nil
    return !isTyped && isSentence && text.contains(english)
  }

  /// The findings of a French text, each with the state that its first word stands for.
  private static func blocks(of text: String) -> [(state: String, text: String)] {
    let marks = [("ok      ", "ok"), ("attention", "warning"), ("ERREUR  ", "wrong"), ("?       ", "unseen")]
    var blocks: [(state: String, text: String)] = []
    for line in text.split(separator: "\n") {
      if let mark = marks.first(where: { line.hasPrefix($0.0 + " ") }) {
        blocks.append((mark.1, String(line)))
      } else if !blocks.isEmpty {
        blocks[blocks.count - 1].text += "\n" + line
      }
    }
    return blocks
  }
}
