import Foundation
import TestSupport
import Testing

/// Where statements stand: who looks for one looks in one module.
@Suite struct StatementPlaceTests {
  @Test(
    "Neither the application nor the command has a statement of its own: they ask the store, Directus's module or the adoption",
    arguments: ["Passerelle", "PasserelleCommand"])
  func none(module: String) throws {
    let folder = Stack.root.appending(path: "Sources/\(module)")
    let files = try #require(FileManager.default.enumerator(atPath: folder.path))
    var count = 0
    for case let path as String in files where path.hasSuffix(".swift") {
      count += 1
      let text = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
      #expect(Self.statements(in: text) == [], "\(module)/\(path)")
    }
    #expect(count > 30)
  }

  @Test("A statement is found, on one line and on several, and words for people are none")
  func planted() {
    let text = #"""
      try connection.script("begin isolation level read committed")
      let words = Words(fr: "mise à jour", en: "update the program; select nothing, begin anew")
      try database.value(
        """
        select 1
        """)
      """#
    #expect(Self.statements(in: text) == ["begin isolation level read committed", "select 1"])
  }

  /// The literals of a source that are SQL.
  private static func statements(in text: String) -> [String] {
    text.matches(of: /"""((?s).*?)"""|"([^"\n]*)"/).map { match in
      String(match.1 ?? match.2 ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }.filter { literal in
      literal.prefixMatch(of: /(?:select|insert into|delete from|update \S+ set|with \w+ as|rollback)\b/) != nil
        || literal.wholeMatch(of: /(?:begin|commit)(?: isolation .*)?/) != nil
    }
  }
}
