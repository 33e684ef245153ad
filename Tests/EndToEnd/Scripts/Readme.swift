import Foundation
import TestSupport

/// A document of the project, cut into sections, fenced blocks and code spans, so that tests can hold it to its word.
struct Document: Sendable {
  /// A fenced block.
  struct Block: Equatable, Sendable {
    /// What follows the opening fence; empty without.
    let language: String
    /// Its lines, each with its line end.
    let content: String
  }

  /// A heading, without its marks.
  struct Heading: Equatable, Sendable {
    let level: Int
    let text: String
  }

  /// Where it is, below the project's root.
  let path: String
  /// The lines of prose and tables under a heading of level 2; what comes before the first one is under "".
  let prose: [String: [String]]
  /// The same, all of them in their order.
  let lines: [String]
  /// The fenced blocks, in order.
  let blocks: [Block]
  let headings: [Heading]
  /// How many lines the file has.
  let lineCount: Int

  init(_ path: String) throws {
    self.init(path, try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8))
  }

  init(_ path: String, _ text: String) {
    var prose: [String: [String]] = [:]
    var all: [String] = []
    var blocks: [Block] = []
    var headings: [Heading] = []
    var section = ""
    var open: (language: String, content: String)?
    let lines = text.components(separatedBy: "\n")
    for line in lines {
      if line.hasPrefix("```") {
        if let block = open {
          blocks.append(Block(language: block.language, content: block.content))
          open = nil
        } else {
          open = (String(line.dropFirst(3)), "")
        }
      } else if open != nil {
        open?.content += line + "\n"
      } else {
        if let heading = line.wholeMatch(of: /(#+) (.*)/) {
          headings.append(Heading(level: heading.1.count, text: String(heading.2)))
          if heading.1.count == 2 { section = String(heading.2) }
        }
        prose[section, default: []].append(line)
        all.append(line)
      }
    }
    self.path = path
    self.prose = prose
    self.lines = all
    self.blocks = blocks
    self.headings = headings
    self.lineCount = lines.last == "" ? lines.count - 1 : lines.count
  }

  // MARK: - All of them

  /// The project's root.
  static let root = Stack.root

  /// Every document of the project, built and fetched things left out.
  static func all() throws -> [Document] { try everything.get() }

  private static let everything = Result { try read() }

  private static func read() throws -> [Document] {
    let hidden: Set<String> = [".build", ".git", ".swiftpm"]
    let files = FileManager.default.enumerator(atPath: root.path)
    var documents: [Document] = []
    while let path = files?.nextObject() as? String {
      if hidden.contains(path) {
        files?.skipDescendants()
      } else if path.hasSuffix(".md") {
        documents.append(try Document(path))
      }
    }
    return documents
  }

  /// Whether there is such a file or folder below the project's root.
  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
  }

  /// The text of a file below the project's root.
  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  // MARK: - What stands in it

  /// The code spans of some lines.
  static func codeSpans(_ lines: [String]) -> [String] {
    lines.flatMap { line in line.matches(of: /`([^`]+)`/).map { String($0.1) } }
  }

  /// What its blocks and code spans hold.
  var code: [String] { blocks.map(\.content) + Self.codeSpans(lines) }

  /// The lines in which something is code: those of blocks with a language but for expected output, continuation lines
  /// joined, and those of prose.
  var linesWithCode: [String] {
    let shown = blocks.filter { !["", "text"].contains($0.language) }.map(\.content).joined()
    return shown.replacing("\\\n", with: " ").components(separatedBy: "\n") + lines
  }

  /// The targets of its links.
  var links: [String] {
    lines.flatMap { line in
      line.replacing(/`[^`]*`/, with: "").matches(of: /\]\(([^)]+)\)/).map { String($0.1) }
    }
  }

  /// Where a link leads, below the project's root, and the heading that it names there.
  func target(of link: String) -> (path: String, anchor: String?) {
    let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    let anchor = parts.count > 1 ? String(parts[1]) : nil
    guard !parts[0].isEmpty else { return (path, anchor) }
    let folder = URL(fileURLWithPath: "/" + path).deletingLastPathComponent()
    return (String(folder.appendingPathComponent(String(parts[0])).standardized.path.dropFirst()), anchor)
  }

  /// The cells of a section's table rows, the heading and the rule left out.
  func rows(of section: String) -> [[String]] { Self.rows(prose[section] ?? []) }

  /// The cells of all its table rows.
  var rows: [[String]] { Self.rows(lines) }

  private static func rows(_ lines: [String]) -> [[String]] {
    lines.indices.compactMap { index in
      let next = index + 1 < lines.count ? lines[index + 1] : ""
      guard lines[index].hasPrefix("|"), !lines[index].hasPrefix("|--"), !next.hasPrefix("|--") else { return nil }
      return lines[index].split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  /// The anchors of its headings.
  var anchors: [String] { headings.map { Self.anchor($0.text) } }

  /// The anchor that a heading gets.
  static func anchor(_ heading: String) -> String {
    let kept = heading.lowercased().filter { $0.isLetter || $0.isNumber || " -_".contains($0) }
    return kept.replacing(" ", with: "-")
  }
}
