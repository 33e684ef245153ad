import Foundation
import SwiftCSV
import Wire

/// Reads a catalogue from CSV or JSON, as written by hand or exported by Directus.
enum CatalogueFile {
  /// The whole file; the first thing wrong with it is named with its row.
  static func read(_ path: String) throws -> Catalogue {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CommandFailure("the file \(path) cannot be read")
    }
    var catalogue = Catalogue()
    let rows = path.lowercased().hasSuffix(".csv") ? try csv(data, path) : try json(data, path)
    for (index, row) in rows.enumerated() {
      try take(row, at: "\(path), row \(index + 1)", into: &catalogue)
    }
    guard !rows.isEmpty else { throw CommandFailure("\(path) holds no rows") }
    return catalogue
  }

  private static func csv(_ data: Data, _ path: String) throws -> [JSONObject] {
    guard var text = String(data: data, encoding: .utf8) else { throw CommandFailure("\(path) is not UTF-8") }
    // Spreadsheets begin their UTF-8 with a byte order mark.
    if text.hasPrefix("\u{FEFF}") { text.removeFirst() }
    let table: CSV<Named>
    do { table = try CSV<Named>(string: text) } catch { throw CommandFailure("\(path) is not CSV: \(error)") }
    return table.rows.map { row in
      JSONObject(row.sorted { $0.key < $1.key }.map { ($0.key, $0.value.isEmpty ? .null : .string($0.value)) })
    }
  }

  private static func json(_ data: Data, _ path: String) throws -> [JSONObject] {
    let value: JSONValue
    do { value = try JSONValue(parsing: Array(data)) } catch { throw CommandFailure("\(path) is not JSON: \(error)") }
    let list = value.arrayValue ?? value["modules"]?.arrayValue ?? value["data"]?.arrayValue
    guard let list else { throw CommandFailure("\(path) holds no array of modules or grains") }
    return try list.map { entry in
      guard let object = entry.objectValue else { throw CommandFailure("\(path) holds something other than objects") }
      return object
    }
  }

  private static func take(_ row: JSONObject, at place: String, into catalogue: inout Catalogue) throws {
    do {
      guard let slug = text(row["slug"]) else { throw CommandFailure("“slug” is missing") }
      let title = text(row["title"]) ?? slug
      let status = try status(row["status"])
      let position = try integer(row["position"] ?? row["sort"])
      if let module = text(row["module"]) ?? text(row["module.slug"]) ?? text(row["module"]?["slug"]) {
        catalogue.grains.append(
          try Catalogue.Grain(
            module: module, slug: slug, title: title, weight: try number(row["weight"]), status: status,
            position: position))
        return
      }
      catalogue.modules.append(
        try Catalogue.Module(
          slug: slug, title: title, url: text(row["url"]), grading: try grading(row["grading"]), status: status,
          position: position))
      for (index, entry) in (row["grains"]?.arrayValue ?? []).enumerated() {
        // A nested list has an order of its own.
        guard var grain = entry.objectValue else { throw CommandFailure("“grains” holds something other than objects") }
        grain["module"] = .string(slug)
        if grain["position"] == nil, grain["sort"] == nil { grain["position"] = .number(Double(index + 1)) }
        try take(grain, at: "grain \(index + 1) of module \(slug)", into: &catalogue)
      }
    } catch let failure as CommandFailure {
      throw CommandFailure("\(place): \(failure.reason)")
    }
  }

  private static func text(_ value: JSONValue?) -> String? {
    guard case .string(let text)? = value, !text.isEmpty else { return nil }
    return text
  }

  private static func number(_ value: JSONValue?) throws -> Double? {
    switch value {
    case nil, .null: return nil
    case .number(let number): return number
    case .string(let text):
      guard let number = Double(text) else { throw CommandFailure("“\(text)” is not a number") }
      return number
    default: throw CommandFailure("a number is expected")
    }
  }

  private static func integer(_ value: JSONValue?) throws -> Int? {
    guard let number = try number(value) else { return nil }
    guard let integer = Int(exactly: number) else {
      throw CommandFailure("the position \(number) is not a whole number")
    }
    return integer
  }

  private static func status(_ value: JSONValue?) throws -> Catalogue.Status? {
    guard let word = text(value) else { return nil }
    guard let status = Catalogue.Status(rawValue: word) else {
      throw CommandFailure("the status “\(word)” is not known")
    }
    return status
  }

  private static func grading(_ value: JSONValue?) throws -> Grading? {
    guard let word = text(value) else { return nil }
    guard let grading = Grading(rawValue: word) else {
      throw CommandFailure("the grading “\(word)” is not known; use proportion or all-or-nothing")
    }
    return grading
  }
}
