import Store
import Wire

/// Reads a catalogue from CSV or JSON: written by hand, by a spreadsheet, or by Directus's own export of `modules` and `grains`.
enum CatalogueFile {
  /// Whole files, in any order; the first thing wrong is named with its file, row and column.
  static func read(_ paths: [String]) throws -> Catalogue {
    var catalogue = Catalogue()
    for path in paths {
      let bytes = try Console.contents(of: path)
      try refuseWorkbook(bytes, path)
      let rows = path.lowercased().hasSuffix(".csv") ? try csv(bytes, path) : try json(bytes, path)
      guard !rows.isEmpty else {
        throw CommandFailure(Words(fr: "\(path) ne contient aucune ligne", en: "\(path) holds no rows"))
      }
      for row in rows { try take(row, into: &catalogue) }
    }
    catalogue.resolveModules()
    try catalogue.requireDistinct()
    return catalogue
  }

  /// A workbook is no table of text: Excel's and LibreOffice's are zip archives, and older ones of Excel compound files.
  private static func refuseWorkbook(_ bytes: [UInt8], _ path: String) throws {
    let name = path.lowercased()
    let isWorkbook =
      bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) || bytes.starts(with: [0xD0, 0xCF, 0x11, 0xE0])
      || [".xlsx", ".xls", ".xlsm", ".ods"].contains { name.hasSuffix($0) }
    guard isWorkbook else { return }
    throw CommandFailure(
      Words(
        fr: "\(path) est un classeur. Dans le tableur, choisissez Fichier › Enregistrer sous (File › "
          + "Save As), type « CSV UTF-8 (délimité par des virgules) », un fichier par feuille, et donnez "
          + "ces fichiers",
        en: "\(path) is a workbook. In the spreadsheet choose File › Save As (Fichier › Enregistrer sous), type "
          + "“CSV UTF-8 (Comma delimited)”, for each sheet a file, and give those files"))
  }

  // MARK: - Rows

  private static func csv(_ bytes: [UInt8], _ path: String) throws -> [CatalogueRow] {
    guard let text = FileContents.text(bytes) else {
      throw CommandFailure(
        Words(
          fr: "\(path) n’est pas en UTF-8 ; faites enregistrer le tableur en « CSV UTF-8 »",
          en: "\(path) is not UTF-8; let the spreadsheet save it as “CSV UTF-8”"))
    }
    let table: CSVTable
    do { table = try CSVTable(text) } catch let failure as CommandFailure {
      throw CommandFailure(Words { "\(path), \(failure.words[$0])" })
    }
    return try table.rows.enumerated().map { index, row in
      let cells = zip(table.columns, row.cells).filter { !$1.isEmpty }
      return try CatalogueRow(
        JSONObject(cells.map { ($0, .string($1)) }),
        place: Words(
          fr: "\(path), ligne \(row.line) (rangée \(index + 1))", en: "\(path), line \(row.line) (row \(index + 1))"))
    }
  }

  private static func json(_ file: [UInt8], _ path: String) throws -> [CatalogueRow] {
    // Some programs begin UTF-8 with a byte order mark, in JSON too.
    let bytes = file.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(file.dropFirst(3)) : file
    let value: JSONValue
    do { value = try JSONValue(parsing: bytes) } catch {
      let words = words(error, bytes)
      throw CommandFailure(
        Words(fr: "\(path) n’est pas du JSON : \(words.french)", en: "\(path) is not JSON: \(words.english)"))
    }
    let lists = [value, value["modules"], value["grains"], value["data"]].compactMap { $0?.arrayValue }
    guard !lists.isEmpty else {
      throw CommandFailure(
        Words(
          fr: "\(path) ne contient pas de tableau de modules ou de grains",
          en: "\(path) holds no array of modules or grains"))
    }
    return try lists.joined().enumerated().map { index, entry in
      guard let object = entry.objectValue else {
        throw CommandFailure(
          Words(fr: "\(path) contient autre chose que des objets", en: "\(path) holds something other than objects"))
      }
      return try CatalogueRow(object, place: Words(fr: "\(path), rangée \(index + 1)", en: "\(path), row \(index + 1)"))
    }
  }

  private static func words(_ error: JSONError, _ bytes: [UInt8]) -> Words {
    switch error {
    case .syntax(let offset), .numberOutOfRange(let offset):
      let before = bytes.prefix(offset)
      let newline = UInt8(ascii: "\n")
      let line = before.count { $0 == newline } + 1
      let column = offset - (before.lastIndex(of: newline).map { $0 + 1 } ?? 0) + 1
      return Words(fr: "ligne \(line), colonne \(column)", en: "line \(line), column \(column)")
    default: return .same(error.code)
    }
  }

  // MARK: - Modules and grains

  private static func take(_ row: CatalogueRow, into catalogue: inout Catalogue) throws {
    guard let module = try row.module() else {
      try takeModule(row, into: &catalogue)
      return
    }
    for name in ["url", "grading", "scope"] where try row.text(name) != nil {
      throw row.failure(
        name,
        Words(
          fr: "est celui d’un module, et cette ligne est un grain du module « \(module) »",
          en: "is a module's, and this row is a grain of module “\(module)”"))
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
      throw row.failure(
        "weight",
        Words(
          fr: "est celui d’un grain, et cette ligne ne nomme aucun « module »",
          en: "is a grain's, and this row names no “module”"))
    }
    var module = try row.naming { slug, title, status, position in
      try Catalogue.Module(
        slug: slug, title: title, url: try row.text("url"), grading: try row.word("grading", as: Grading.self),
        scope: try row.word("scope", as: Scope.self),
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
          throw row.failure(
            "grains", Words(fr: "contient autre chose que des objets", en: "holds something other than objects"))
        }
        continue
      }
      grain["module"] = .string(module.entry.slug.value)
      // A nested list has an order of its own.
      if grain["position"] == nil, grain["sort"] == nil { grain["position"] = .number(Double(index + 1)) }
      try take(
        CatalogueRow(
          grain,
          place: Words(
            fr: "\(row.place.french), grain \(index + 1) du module \(module.entry.slug)",
            en: "\(row.place.english), grain \(index + 1) of module \(module.entry.slug)")), into: &catalogue)
    }
  }
}
