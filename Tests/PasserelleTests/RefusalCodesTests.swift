import Foundation
import TestSupport
import Testing

@testable import Passerelle

/// The codes that the program can answer, and those that the documentation explains.
@Suite struct RefusalCodesTests {
  @Test("Every list of codes in the sources is among those that are documented")
  func sources() throws {
    var names: [String] = []
    for file in try Self.files(under: "Sources", named: { $0.hasSuffix(".swift") }) {
      let text = try String(contentsOf: file, encoding: .utf8)
      names += text.matches(of: /enum (\w+): String, StableCode \{/).map { String($0.1) }
    }
    #expect(names.count == RefusalCodes.sources.count, "\(names)")
  }

  @Test("Every refusal's code is in the list")
  func samples() throws {
    for refusal in try RefusalTests.samples() { #expect(RefusalCodes.all.contains(refusal.code), "\(refusal.code)") }
  }

  @Test("Every code has a row in one table of the documentation headed “code”, and no other has")
  func documented() throws {
    let explained = Dictionary(grouping: try Self.rows(), by: { $0.code }).mapValues { $0.count }
    #expect(RefusalCodes.all.count > 100)
    #expect(RefusalCodes.all.subtracting(explained.keys).sorted() == [], "not explained")
    #expect(Set(explained.keys).subtracting(RefusalCodes.all).sorted() == [], "nothing answers these")
    #expect(explained.filter { $0.value > 1 }.keys.sorted() == [], "explained more than once")
  }

  @Test("Where a table has a column “status”, it says the one that is answered")
  func statuses() throws {
    let statuses = try Self.rows().filter { $0.status != nil }
    #expect(statuses.count > 10)
    for refusal in try RefusalTests.samples() {
      for row in statuses where row.code == refusal.code {
        #expect(row.status?.contains("\(refusal.status)") == true, "\(refusal.code)")
      }
    }
  }

  /// The English documents.
  private static func documents() throws -> [URL] {
    let isReadme = { (name: String) in name.hasPrefix("README") && name.hasSuffix(".md") }
    let inSources = try files(under: "Sources") { $0 == "README.md" || $0.hasSuffix(".md") && !isReadme($0) }
    let all = try inSources + files(under: "apache-conf", named: isReadme)
    return [Stack.root.appendingPathComponent("README.md")] + all.filter { !$0.path.hasSuffix(".fr.md") }
  }

  private static func files(under folder: String, named isWanted: (String) -> Bool) throws -> [URL] {
    let found = FileManager.default.enumerator(
      at: Stack.root.appendingPathComponent(folder), includingPropertiesForKeys: nil)
    return try #require(found).compactMap { $0 as? URL }.filter { isWanted($0.lastPathComponent) }
  }

  /// The rows of all tables whose first column is headed “code”, one for each code in that column.
  private static func rows() throws -> [(code: String, status: String?)] {
    var rows: [(code: String, status: String?)] = []
    for document in try documents() {
      var header: [String]?
      for line in try String(contentsOf: document, encoding: .utf8).components(separatedBy: "\n") {
        guard line.hasPrefix("|") else {
          header = nil
          continue
        }
        let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        guard let titles = header else {
          header = cells
          continue
        }
        guard titles.first == "code", cells.count > 1 else { continue }
        let status = titles[1] == "status" ? cells[1] : nil
        for match in cells[0].matches(of: /`([^`]+)`/) { rows.append((code: String(match.1), status: status)) }
      }
    }
    return rows
  }
}
