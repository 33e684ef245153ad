import Foundation
import TestSupport
import Testing
import Wire

/// What `passerelle doctor` said in any test of a run, in the file that `PASSERELLE_TEST_DOCTOR` names: one text in each line. Whether
/// every sentence was provoked can be asked only when all tests have ended.
enum DoctorLedger {
  /// Whether somebody wants to know.
  static var isKept: Bool { Stack.optional("PASSERELLE_TEST_DOCTOR") != nil }

  /// Keeps what a run of it, or of `passerelle check`, said, where somebody wants to know.
  static func note(_ arguments: [String], _ run: ProgramRun) {
    guard arguments.contains(where: { $0.contains("doctor") || $0 == "check" }),
      let path = Stack.optional("PASSERELLE_TEST_DOCTOR")
    else { return }
    var texts = [run.text, run.errorText]
    for finding in (try? JSONValue(parsing: run.output))?.arrayValue ?? [] {
      texts += ["subject", "words", "mend"].compactMap { finding[$0]?.stringValue }
    }
    let lines = texts.filter { !$0.isEmpty }.map { flat($0) + "\n" }.joined()
    // One write, so that two processes never mix theirs.
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    _ = Array(lines.utf8).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
  }

  /// Without line breaks and repeated blanks.
  static func flat(_ text: String) -> String { text.split { " \n".contains($0) }.joined(separator: " ") }
}

extension Trait where Self == ConditionTrait {
  /// A machine where Passerelle was not set up: where it was, `doctor` reads those settings unless others are named.
  static var needsBareMachine: Self {
    .enabled(if: access("/etc/passerelle/passerelle.env", F_OK) != 0, "this machine has settings of its own")
  }
}

/// A text of a source file, as `Words(fr: …, en: …)` spells it and prints it: what stands between its interpolations.
struct SourceSentence {
  let language: String
  let pieces: [String]

  /// All of a file that are spelled as literals, joined by `+` or not.
  static func all(in source: String) -> [SourceSentence] {
    var found: [SourceSentence] = []
    for match in source.matches(of: /\b(fr|en):\s*/) {
      var scanner = LiteralScanner(source[match.range.upperBound...])
      let language: Language = match.1 == "fr" ? .french : .english
      let pieces = scanner.pieces().map { DoctorLedger.flat(Words.same($0)[language]) }.filter { !$0.isEmpty }
      if !pieces.isEmpty { found.append(SourceSentence(language: String(match.1), pieces: pieces)) }
    }
    return found
  }

  /// Whether a text holds the pieces, in their order.
  func isSaid(in text: String) -> Bool {
    var rest = text[...]
    for piece in pieces {
      guard let place = rest.range(of: piece) else { return false }
      rest = rest[place.upperBound...]
    }
    return true
  }

  var words: String { "\(language): \(pieces.joined(separator: " … "))" }
}

/// Reads string literals of Swift that have no more than one line each.
private struct LiteralScanner {
  private var rest: Substring

  init(_ rest: Substring) { self.rest = rest }

  /// The parts between interpolations of the literal that begins here, and of those that `+` joins to it; none where none begins.
  mutating func pieces() -> [String] {
    var pieces: [String] = []
    while rest.first == "\"", !rest.hasPrefix("\"\"\"") {
      let more = literal()
      // What `+` joins is one text.
      if let last = pieces.popLast() { pieces += [last + more[0]] + more.dropFirst() } else { pieces = more }
      rest = rest.drop { $0.isWhitespace }
      guard rest.first == "+" else { break }
      rest = rest.dropFirst().drop { $0.isWhitespace }
    }
    return pieces
  }

  private mutating func literal() -> [String] {
    var pieces = [""]
    rest.removeFirst()
    while let character = rest.popFirst(), character != "\"" {
      guard character == "\\" else {
        pieces[pieces.count - 1].append(character)
        continue
      }
      switch rest.popFirst() {
      case "(":
        skipInterpolation()
        pieces.append("")
      case "n": pieces[pieces.count - 1].append("\n")
      case let escaped?: pieces[pieces.count - 1].append(escaped)
      case nil: break
      }
    }
    return pieces
  }

  private mutating func skipInterpolation() {
    var depth = 1
    while depth > 0, let character = rest.first {
      if character == "\"" {
        _ = literal()
        continue
      }
      rest.removeFirst()
      if character == "(" { depth += 1 } else if character == ")" { depth -= 1 }
    }
  }
}
