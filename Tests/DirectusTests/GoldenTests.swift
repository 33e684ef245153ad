import Directus
import DirectusTestSupport
import Foundation
import TestSupport
import Testing

/// The metadata against files that people have reviewed: Golden/directus-10.txt, -11, -12.
///
/// After a change that is meant, `WRITE_GOLDEN=1 Tests/run --filter GoldenTests` writes them anew; the review is then
/// that of their difference.
@Suite(.needsPostgres) struct GoldenTests {
  @Test("What is installed is what was reviewed", arguments: SystemTablesTests.shapes)
  func golden(_ shape: SystemTables.Shape) throws {
    let database = try ScratchDirectus(shape)
    _ = try MetadataInstaller(
      try #require(try SystemTables.find(on: database.connection)), learners: nil, on: database.connection
    ).install(on: database.connection)
    let found = try Dump.all(database)
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "Golden/directus-\(shape.rawValue).txt")
    if ProcessInfo.processInfo.environment["WRITE_GOLDEN"] == "1" {
      try found.write(to: file, atomically: true, encoding: .utf8)
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    let difference = found.split(separator: "\n").difference(from: expected.split(separator: "\n"))
    #expect(found == expected, "\(difference)")
  }
}
