import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// The roster's files in a spreadsheet program that others wrote: every number is a number there, and every date a date.
@Suite("Files in LibreOffice", .serialized, .needsStack, .needsSpreadsheet) struct SpreadsheetTests {
  /// A cell as the program took it.
  private struct Cell: Equatable {
    let type: String
    let text: String
  }

  /// The rows of a file, as LibreOffice writes them down after it opened the file.
  private func open(_ bytes: [UInt8], _ name: String, filter: String?) throws -> [[Cell]] {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sheet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent(name)
    try Data(bytes).write(to: file)
    let run = try ShellCommand(
      ["soffice", "--headless", "-env:UserInstallation=file://\(folder.path)/profile"]
        + (filter.map { ["--infilter=\($0)"] } ?? [])
        + ["--convert-to", "fods", "--outdir", folder.path, file.path])
    let made = folder.appendingPathComponent(file.deletingPathExtension().lastPathComponent + ".fods")
    try #require(FileManager.default.fileExists(atPath: made.path), "\(run.output)")
    let document = try XML.Element(parsing: [UInt8](try Data(contentsOf: made)), maxBytes: 64 << 20)
    let table = try #require(Self.child("table", of: Self.child("spreadsheet", of: Self.child("body", of: document))))
    return table.children.filter { $0.name == "table-row" }.map { row in
      row.children.filter { $0.name == "table-cell" }.flatMap { cell -> [Cell] in
        // LibreOffice says the type twice, in two namespaces.
        func attribute(_ name: String) -> String? { cell.attributes.first { $0.name == name }?.value }
        let text = attribute("date-value") ?? attribute("value") ?? Self.child("p", of: cell)?.text ?? ""
        let count = Int(attribute("number-columns-repeated") ?? "") ?? 1
        return Array(repeating: Cell(type: attribute("value-type") ?? "", text: text), count: min(count, 100))
      }
    }
  }

  private static func child(_ name: String, of element: XML.Element?) -> XML.Element? {
    element?.children.first { $0.name == name }
  }

  /// A teacher's file about Éloïse, who has half of one grain, and a formula for a name.
  private func file(_ query: String) throws -> [UInt8] {
    try World.run(.inProcess) { world in
      try world.session(user: 3).complete("accueil", score: 0.5)
      try world.database.execute(
        """
        update public.learners l set given_name = '=1+1' from passerelle.identities i
        where i.learner = l.id and i.subject = '3'
        """)
      try world.database.execute("update public.progress set completed_at = '2026-07-01T22:30:00Z'")
      let answer = try Teacher(world).answer(query)
      #expect(answer.status == 200, "\(answer.text.prefix(300))")
      return answer.body
    }
  }

  private func check(_ rows: [[Cell]], headings: [String]) throws {
    #expect(rows.first?.prefix(3).map(\.text) == headings)
    let row = try #require(rows.first { $0.first?.text == "Lefèvre" })
    #expect(row[1] == Cell(type: "string", text: "'=1+1") || row[1] == Cell(type: "string", text: "=1+1"))
    for (column, value) in [(6, "1"), (7, "4"), (8, "0.125"), (10, "12.5"), (11, "100"), (14, "0.5")] {
      #expect(
        ["float", "percentage"].contains(row[column].type) && row[column].text == value, "\(column): \(row[column])")
    }
    for column in [13, 15] {
      #expect(row[column].type == "date" && row[column].text.hasPrefix("2026-07-02T00:30"), "\(column): \(row[column])")
    }
    #expect(row[12].type == "date")
  }

  @Test("The workbook opens with numbers, shares and dates as such, a name that looks like a formula as text")
  func workbook() throws {
    let rows = try open(file("?format=xlsx&zone=Europe/Paris"), "roster.xlsx", filter: nil)
    try check(rows, headings: ["Family name", "Given name", "E-mail address"])
  }

  @Test("So do the values for French spreadsheets, read as French")
  func french() throws {
    // Semicolons, quotes, UTF-8, from the first line, French, quoted fields as text, special numbers found.
    let filter = "Text - txt - csv (StarCalc):59,34,76,1,,1036,true,true"
    let rows = try open(file("?format=csv&for=fr&zone=Europe/Paris"), "roster.csv", filter: filter)
    try check(rows, headings: ["Nom", "Prénom", "Adresse électronique"])
  }
}
