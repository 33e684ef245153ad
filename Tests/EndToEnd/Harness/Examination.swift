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

    init(_ state: String, _ subject: String, _ words: String, mend: String = "") {
      (self.state, self.subject, self.words, self.mend) = (state, subject, words, mend)
    }

    fileprivate init(_ finding: JSONValue) {
      state = finding["state"]?.stringValue ?? ""
      subject = finding["subject"]?.stringValue ?? ""
      words = finding["words"]?.stringValue ?? ""
      mend = finding["mend"]?.stringValue ?? ""
    }
  }

  let run: ProgramRun
  let findings: [Finding]
  var status: Int32 { run.status }

  /// Runs it in both languages, and expects the same findings of both.
  /// - Parameters:
  ///   - words: the command and its options, without `--json`.
  ///   - again: brings about once more what only the first run could meet.
  ///   - start: starts the command with these words, and these variables beside others.
  init(
    _ words: [String] = ["doctor"], again: () throws -> Void = {}, sourceLocation: SourceLocation = #_sourceLocation,
    by start: (_ words: [String], _ variables: [(String, String)]) throws -> ProgramRun
  ) throws {
    run = try start(words + ["--json"], [Self.english])
    findings = try #require(JSONValue(parsing: run.output).arrayValue, "\(run.errorText)").map(Finding.init)
    try again()
    expect(try start(words, [Self.french]), sourceLocation)
  }

  /// The same with a world's settings.
  init(
    _ world: World, _ options: [String] = [], again: () throws -> Void = {},
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let environment = try world.administration
    try self.init(["doctor"] + options, again: again, sourceLocation: sourceLocation) {
      try ProgramRun.run(Stack.command, arguments: $0, environment: environment + $1)
    }
  }

  private static let english = ("LC_ALL", "C.UTF-8")
  /// What an environment of somebody who speaks French has.
  static let french = ("LC_ALL", "fr_FR.UTF-8")

  /// What was found of a subject.
  func findings(of subject: String) -> [Finding] { findings.filter { $0.subject == subject } }

  /// Expects of a run in French the same findings, each in French.
  private func expect(_ french: ProgramRun, _ sourceLocation: SourceLocation) {
    let said = Self.blocks(of: french.text)
    #expect(french.status == status, "\(french.text)", sourceLocation: sourceLocation)
    #expect(
      said.map(\.state) == findings.map(\.state), "\(french.text)\n\(run.text)", sourceLocation: sourceLocation)
    for (block, finding) in zip(said, findings) {
      #expect(!Self.holds(block.text, finding.words), "\(block.text)", sourceLocation: sourceLocation)
      #expect(!Self.holds(block.text, finding.mend), "\(block.text)", sourceLocation: sourceLocation)
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
