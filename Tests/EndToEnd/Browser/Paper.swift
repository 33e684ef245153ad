import Foundation
import TestSupport
import Testing

/// A PDF as somebody reads it: its sheets, and the words on them where they stand.
struct Paper {
  /// The words of each page, laid out with spaces as they stand.
  let pages: [String]
  /// The size of the first page, in points.
  let size: (width: Double, height: Double)

  /// Reads a PDF, and keeps it with the screenshots where these are kept.
  init(_ pdf: [UInt8], keptAs name: String) throws {
    let folder = Stack.optional("PASSERELLE_TEST_SCREENSHOTS") ?? NSTemporaryDirectory()
    let file = URL(fileURLWithPath: folder).appendingPathComponent("\(name)-\(UUID().uuidString.prefix(8)).pdf")
    try Data(pdf).write(to: file)
    if Stack.optional("PASSERELLE_TEST_SCREENSHOTS") == nil {
      defer { try? FileManager.default.removeItem(at: file) }
      (pages, size) = try Self.read(file.path)
    } else {
      (pages, size) = try Self.read(file.path)
    }
  }

  private static func read(_ path: String) throws -> ([String], (Double, Double)) {
    let text = try ShellCommand(["pdftotext", "-layout", path, "-"])
    try #require(text.status == 0, "\(text.output)")
    let facts = try ShellCommand(["pdfinfo", path])
    let size = try #require(facts.output.firstMatch(of: /Page size: +([\d.]+) x ([\d.]+)/))
    let pages = text.output.split(separator: "\u{0C}").map(String.init)
    return (
      pages.filter { !$0.allSatisfy(\.isWhitespace) }, (try #require(Double(size.1)), try #require(Double(size.2)))
    )
  }
}
