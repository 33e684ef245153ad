import Foundation

/// The project's README, cut into sections, fenced blocks and code spans, so that tests can hold it to its word.
struct Readme {
  /// A fenced block.
  struct Block: Equatable {
    /// The heading of the section (level 2) it stands in.
    let section: String
    /// What follows the opening fence; empty without.
    let language: String
    /// Its lines, each with its line end.
    let content: String
  }

  /// The lines of prose and tables under a heading of level 2; what comes before the first one is under "".
  let prose: [String: [String]]
  /// The fenced blocks, in order.
  let blocks: [Block]
  /// Every heading, without its marks.
  let headings: [String]

  /// Reads the README of this checkout.
  init() throws {
    try self.init(String(contentsOf: Stack.root.appendingPathComponent("README.md"), encoding: .utf8))
  }

  init(_ text: String) {
    var prose: [String: [String]] = [:]
    var blocks: [Block] = []
    var headings: [String] = []
    var section = ""
    var open: (language: String, content: String)?
    for line in text.components(separatedBy: "\n") {
      if line.hasPrefix("```") {
        if let block = open {
          blocks.append(Block(section: section, language: block.language, content: block.content))
          open = nil
        } else {
          open = (String(line.dropFirst(3)), "")
        }
      } else if open != nil {
        open?.content += line + "\n"
      } else {
        if let heading = line.wholeMatch(of: /(#+) (.*)/) {
          headings.append(String(heading.2))
          if heading.1.count == 2 { section = String(heading.2) }
        }
        prose[section, default: []].append(line)
      }
    }
    self.prose = prose
    self.blocks = blocks
    self.headings = headings
  }

  /// Every line of prose.
  var lines: [String] { prose.values.flatMap(\.self) }

  /// The code spans of some lines.
  static func codeSpans(_ lines: [String]) -> [String] {
    lines.flatMap { line in line.matches(of: /`([^`]+)`/).map { String($0.1) } }
  }

  /// The lines in which something is code: those of blocks with a language but for expected output, continuation lines
  /// joined, and those of prose.
  var linesWithCode: [String] {
    let shown = blocks.filter { !["", "text"].contains($0.language) }.map(\.content).joined()
    return shown.replacing("\\\n", with: " ").components(separatedBy: "\n") + lines
  }

  /// The cells of a section's table rows, the heading and the rule left out.
  func rows(of section: String) -> [[String]] {
    let lines = prose[section] ?? []
    return lines.indices.compactMap { index in
      let next = index + 1 < lines.count ? lines[index + 1] : ""
      guard lines[index].hasPrefix("|"), !lines[index].hasPrefix("|--"), !next.hasPrefix("|--") else { return nil }
      return lines[index].split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  /// The anchor that a heading gets.
  static func anchor(_ heading: String) -> String {
    let kept = heading.lowercased().filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" }
    return kept.replacing(" ", with: "-")
  }
}
