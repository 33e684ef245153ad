import Store
import Wire

/// Reads a catalogue from CSV or JSON: written by hand, by a spreadsheet, or by Directus's own export of `modules` and `grains`.
enum CatalogueFile {
  /// Whole files, in any order; the first thing wrong is named with its file, row and column.
  static func read(_ paths: [String]) throws -> Catalogue {
    var catalogue = Catalogue()
    for path in paths {
      let bytes = try Console.contents(of: path)
      let rows = path.lowercased().hasSuffix(".csv") ? try csv(bytes, path) : try json(bytes, path)
      guard !rows.isEmpty else { throw CommandFailure("\(path) holds no rows") }
      for row in rows { try take(row, into: &catalogue) }
    }
    catalogue.resolveModules()
    try catalogue.requireDistinct()
    return catalogue
  }

  // MARK: - Rows

  private static func csv(_ bytes: [UInt8], _ path: String) throws -> [CatalogueRow] {
    guard let text = FileContents.text(bytes) else {
      throw CommandFailure("\(path) is not UTF-8; let the spreadsheet save it as “CSV UTF-8”")
    }
    let table: CSVTable
    do { table = try CSVTable(text) } catch let failure as CommandFailure {
      throw CommandFailure("\(path), \(failure.reason)")
    }
    return try table.rows.enumerated().map { index, row in
      let cells = zip(table.columns, row.cells).filter { !$1.isEmpty }
      return try CatalogueRow(
        JSONObject(cells.map { ($0, .string($1)) }), place: "\(path), line \(row.line) (row \(index + 1))")
    }
  }

  private static func json(_ file: [UInt8], _ path: String) throws -> [CatalogueRow] {
    // Some programs begin UTF-8 with a byte order mark, in JSON too.
    let bytes = file.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(file.dropFirst(3)) : file
    let value: JSONValue
    do { value = try JSONValue(parsing: bytes) } catch {
      throw CommandFailure("\(path) is not JSON: \(words(error, bytes))")
    }
    let lists = [value, value["modules"], value["grains"], value["data"]].compactMap { $0?.arrayValue }
    guard !lists.isEmpty else { throw CommandFailure("\(path) holds no array of modules or grains") }
    return try lists.joined().enumerated().map { index, entry in
      guard let object = entry.objectValue else { throw CommandFailure("\(path) holds something other than objects") }
      return try CatalogueRow(object, place: "\(path), row \(index + 1)")
    }
  }

  private static func words(_ error: JSONError, _ bytes: [UInt8]) -> String {
    switch error {
    case .syntax(let offset), .numberOutOfRange(let offset):
      let before = bytes.prefix(offset)
      let newline = UInt8(ascii: "\n")
      let line = before.count { $0 == newline } + 1
      let column = offset - (before.lastIndex(of: newline).map { $0 + 1 } ?? 0) + 1
      return "line \(line), column \(column)"
    default: return error.code
    }
  }

  // MARK: - Modules and grains

  private static func take(_ row: CatalogueRow, into catalogue: inout Catalogue) throws {
    guard let module = try row.module() else {
      try takeModule(row, into: &catalogue)
      return
    }
    for name in ["url", "grading"] where try row.text(name) != nil {
      throw row.failure(name, "is a module's, and this row is a grain of module “\(module)”")
    }
    var grain = try row.naming { slug, title, status, position in
      try Catalogue.Grain(
        module: module, slug: slug, title: title, weight: try row.number("weight"), status: status, position: position)
    }
    grain.entry.id = try row.text("id")?.lowercased()
    grain.place = row.place
    catalogue.grains.append(grain)
  }

  private static func takeModule(_ row: CatalogueRow, into catalogue: inout Catalogue) throws {
    if try row.number("weight") != nil {
      throw row.failure("weight", "is a grain's, and this row names no “module”")
    }
    var module = try row.naming { slug, title, status, position in
      try Catalogue.Module(
        slug: slug, title: title, url: try row.text("url"), grading: try row.word("grading", as: Grading.self),
        status: status, position: position)
    }
    module.entry.id = try row.text("id")?.lowercased()
    module.place = row.place
    catalogue.modules.append(module)
    let nested = row.members["grains"]?.arrayValue ?? []
    for (index, entry) in nested.enumerated() {
      // Directus exports the grains' ids here, unless it is told to export their fields.
      guard var grain = entry.objectValue else {
        guard entry.stringValue != nil || entry.intValue != nil else {
          throw row.failure("grains", "holds something other than objects")
        }
        continue
      }
      grain["module"] = .string(module.entry.slug.value)
      // A nested list has an order of its own.
      if grain["position"] == nil, grain["sort"] == nil { grain["position"] = .number(Double(index + 1)) }
      try take(
        CatalogueRow(grain, place: "\(row.place), grain \(index + 1) of module \(module.entry.slug)"), into: &catalogue)
    }
  }
}
