import Foundation
import Testing
import Wire

/// Every sentence for a person stands once, in both languages side by side, wherever it is said: on pages, at the console, by scripts.
@Suite struct CatalogueTests {
  private static let project: URL = {
    var place = URL(fileURLWithPath: #filePath)
    for _ in 1...3 { place.deleteLastPathComponent() }
    return place
  }()

  private static func files(_ folder: String, _ suffixes: String...) throws -> [(name: String, text: String)] {
    let root = project.appendingPathComponent(folder)
    let found = try #require(FileManager.default.enumerator(atPath: root.path))
    return try found.compactMap { $0 as? String }.filter { name in suffixes.contains { name.hasSuffix($0) } }.sorted()
      .map {
        ("\(folder)/\($0)", try String(contentsOf: root.appendingPathComponent($0), encoding: .utf8))
      }
  }

  /// The two texts of every `Words(fr: …, en: …)`, as they stand in the source.
  private static func sentences(_ text: String) -> [(french: String, english: String)] {
    let scanner = SourceScanner(text)
    return scanner.places(of: "Words(").compactMap { place in
      let parts = scanner.parts(openingAt: place + "Words(".count - 1)
      guard parts.count == 2, parts[0].hasPrefix("fr:"), parts[1].hasPrefix("en:") else { return nil }
      return (
        String(parts[0].dropFirst(3).drop(while: \.isWhitespace)),
        String(parts[1].dropFirst(3).drop(while: \.isWhitespace))
      )
    }
  }

  /// The values that a text shows: the names in what it interpolates, without the words of either language, and without the one rule of
  /// secure connections, which has a French sentence of its own.
  private static func values(_ text: String) -> Set<String> {
    Set(
      SourceScanner.interpolated(text).flatMap { each -> [String] in
        // A choice between singular and plural is the language's own affair.
        let code = each.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
          .filter { $0.offset.isMultiple(of: 2) }.map(\.element).joined(separator: " ")
        return code.split { !$0.isLetter && $0 != "_" }.map(String.init)
          .filter { !["french", "english", "isEmpty", "rule"].contains($0) }
      })
  }

  @Test("No sentence lacks a language, none is the same in both, and both show the same values")
  func swift() throws {
    var count = 0
    for file in try Self.files("Sources", ".swift") where !file.name.contains("DemoMoodle") {
      for (french, english) in Self.sentences(file.text) {
        // What is put together of parts has its texts in the parts.
        guard french.contains("\""), english.contains("\"") else { continue }
        count += 1
        // A single word may be the same: grain, module, options.
        #expect(french != english || english.wholeMatch(of: /"[^ ]*"/) != nil, "\(file.name): \(english)")
        #expect(french != "\"\"" && english != "\"\"", "\(file.name): \(english)")
        #expect(Self.values(french) == Self.values(english), "\(file.name): \(french) · \(english)")
      }
    }
    #expect(count > 900, "the scanner finds the sentences")
  }

  @Test("French has its own apostrophes, and its blanks before a colon")
  func typography() throws {
    for file in try Self.files("Sources", ".swift") where !file.name.contains("DemoMoodle") {
      for (french, _) in Self.sentences(file.text) {
        // Not what is interpolated, and not what is typed: a command or SQL has apostrophes of its own.
        var text = french
        for part in SourceScanner.interpolated(french) {
          text = text.replacingOccurrences(of: "\\(\(part))", with: "…")
        }
        #expect(text.firstMatch(of: /\p{L}'\p{L}/) == nil, "\(file.name): \(text)")
        #expect(text.firstMatch(of: /[a-zé]: [a-zé]/) == nil, "\(file.name): \(text)")
      }
    }
  }

  @Test("The command says nothing that is not in the catalogue")
  func console() throws {
    let calls = [
      "CommandFailure(", "ValidationError(", "Console.say(", "Console.note(", "Log.raw(", "print(", "help: ",
      "abstract: ",
      "discussion: ", "mend: ", "ProgressBar(",
    ]
    for file in try Self.files("Sources/PasserelleCommand", ".swift") {
      let scanner = SourceScanner(file.text)
      for call in calls {
        for place in scanner.places(of: call) {
          let rest = String(scanner.text[(place + call.count)...].drop(while: \.isWhitespace).prefix(60))
          // Two words of letters, after a call that tells people something.
          let isSentence = rest.first == "\"" && rest.firstMatch(of: /^"[^"\\]*[a-z]{2,} [a-z]{2,}/) != nil
          #expect(!isSentence || rest.hasPrefix("\"-- "), "\(file.name): \(call)\(rest)")
        }
      }
    }
  }

  @Test("The pages' words are pairs: French, then English")
  func pages() throws {
    var count = 0
    for folder in ["Sources/Passerelle/Resources", "Sources/Passerelle/Library"] {
      for file in try Self.files(folder, ".js") where file.text.contains("words") && !file.text.hasPrefix("/*!") {
        let scanner = SourceScanner(file.text)
        for opening in ["const words = {", "Object.assign(words, {"] {
          for place in scanner.places(of: opening) {
            for entry in scanner.parts(openingAt: place + opening.count - 1) {
              guard let colon = entry.firstIndex(of: ":") else { continue }
              let value = SourceScanner(String(entry[entry.index(after: colon)...].drop(while: \.isWhitespace)))
              let pair = value.parts(openingAt: 0)
              count += 1
              #expect(pair.count == 2 && pair.allSatisfy { $0 != "\"\"" }, "\(file.name): \(entry)")
            }
          }
        }
      }
    }
    #expect(count > 100, "the scanner finds the words")
  }

  @Test("Scripts tell everything in both languages")
  func scripts() throws {
    for folder in ["cgi-bin", "apache-conf"] {
      for file in try Self.files(folder, "build", "install", "uninstall", "setup", "deb", "demo", ".sh") {
        for line in file.text.split(separator: "\n") {
          let told = line.firstMatch(of: /(^|[ ({])(say|fail|stack_say|stack_fail|echo) "[^"]*[a-z]{2,} [a-z]{2,}/)
          #expect(told == nil, "\(file.name): \(line)")
        }
      }
    }
  }
}
