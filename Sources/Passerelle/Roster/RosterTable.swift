import Store
import Wire

/// The roster as a table for people: headings in the teacher's language, one row for each learner, scores and dates that
/// spreadsheets can reckon with. Written as a workbook, or as values that a French spreadsheet opens by a double click.
struct RosterTable {
  private enum Kind {
    case text, state, count, share, gradeState, points, date, score
  }

  private let columns: [(heading: String, kind: Kind)]
  private let language: Language
  private let name: String

  /// The columns for the grains that the roster's head names, a JSON object without its last brace; nil when that cannot be read.
  /// `zone` is that of the dates.
  init?(head: String, zone: String, language: Language) {
    guard let object = try? JSONValue(parsing: Array((head + "}").utf8), maxBytes: 16 << 20),
      let grains = object["grains"]?.arrayValue
    else { return nil }
    self.language = language
    name = TitleText.read(object["module"]?["title"]?.stringValue ?? "", in: language)
    var columns = Self.columns.map { (heading: $0.0[language], kind: $0.1) }
    for index in columns.indices where columns[index].kind == .date {
      columns[index].heading += zone == "UTC" ? " (UTC)" : ""
    }
    let finished = Words(fr: "terminé le", en: "completed on")[language]
    for grain in grains {
      let title = TitleText.read(grain["title"]?.stringValue ?? "", in: language)
      columns.append((title, .score))
      columns.append(("\(title) – \(finished)", .date))
    }
    self.columns = columns
  }

  private static let columns: [(Words, Kind)] = [
    (Words(fr: "Nom", en: "Family name"), .text), (Words(fr: "Prénom", en: "Given name"), .text),
    (Words(fr: "Adresse électronique", en: "E-mail address"), .text),
    (Words(fr: "Identifiant Moodle", en: "Moodle id"), .text), (Words(fr: "Groupes", en: "Groups"), .text),
    (Words(fr: "État", en: "Status"), .state), (Words(fr: "Grains terminés", en: "Grains completed"), .count),
    (Words(fr: "Grains du module", en: "Grains of the module"), .count), (Words(fr: "Résultat", en: "Result"), .share),
    (Words(fr: "Envoi de la note", en: "Delivery of the grade"), .gradeState),
    (Words(fr: "Note", en: "Grade"), .points),
    (Words(fr: "Note sur", en: "Grade out of"), .points),
    (Words(fr: "Dernière visite", en: "Last visit"), .date),
    (Words(fr: "Dernier progrès", en: "Last progress"), .date),
  ]

  private static let states: [String: Words] = [
    "absent": Words(fr: "Jamais ouvert", en: "Never opened"), "underWay": Words(fr: "En cours", en: "In progress"),
    "done": Words(fr: "Terminé", en: "Finished"),
  ]
  private static let started = Words(fr: "commencé", en: "started")

  /// The cells of a learner, from the fields that the database wrote between unit separators.
  private func cells(_ line: String) -> [Workbook.Cell] {
    let fields = line.utf8.split(separator: 0x1F, omittingEmptySubsequences: false).map { String(Substring($0)) }
    return columns.indices.map { index in
      guard index < fields.count, !fields[index].isEmpty else { return .empty }
      let field = fields[index]
      switch columns[index].kind {
      case .text: return .text(field)
      case .state: return .text(Self.states[field]?[language] ?? field)
      case .gradeState: return .text(GradeStatus(rawValue: field)?.wordsForTeachers[language] ?? field)
      case .count, .points: return .number(field)
      case .share: return .share(field)
      case .date: return .date(field)
      case .score: return field == "s" ? .text(Self.started[language]) : .share(field)
      }
    }
  }

  /// The workbook; `next` hands the learners' lines, nil after the last.
  func workbook<Failure: Error>(_ next: () throws(Failure) -> String?) throws(Failure) -> [UInt8] {
    let widths = columns.map { column in
      switch column.kind {
      case .text, .state, .gradeState: 22
      case .date: 17
      case .count, .share, .points, .score: 11
      }
    }
    var book = Workbook(name: Self.sheetName(name), widths: widths, frozenColumns: 2)
    book.append(headings: columns.map(\.heading))
    while let line = try next() { book.append(cells(line)) }
    return book.finished()
  }

  /// The values with semicolons and decimal commas, after a byte order mark.
  func frenchText<Failure: Error>(_ next: () throws(Failure) -> String?) throws(Failure) -> [UInt8] {
    var records = [columns.map { CSVText.harmless($0.heading) }]
    while let line = try next() {
      records.append(
        cells(line).map { cell in
          switch cell {
          case .empty: ""
          case .text(let text): CSVText.harmless(text)
          case .number(let number), .share(let number): String(number.map { $0 == "." ? "," : $0 })
          case .date(let number): SpreadsheetDate.french(number)
          }
        })
    }
    return Array("\u{FEFF}".utf8) + Array(CSVText.encode(records, separator: ";").utf8)
  }

  /// What spreadsheets take as a sheet's name: at most 31 characters, and none of these.
  private static func sheetName(_ title: String) -> String {
    let name = String(title.filter { !"[]:*?/\\'".contains($0) }.prefix(31))
    return name.isEmpty ? "Passerelle" : name
  }
}
