import Wire

/// A CSV file (RFC 4180) with a heading: cells by column, and the lines they stand on.
///
/// Separators are commas, semicolons or tabs, whichever the heading has most of, or what a first line `sep=;` names, as Excel has
/// it; lines end in LF, CRLF or CR; a byte order mark
/// and empty lines are passed over.
struct CSVTable {
  /// One row under the heading.
  struct Row {
    /// Where its first character stands, from 1.
    let line: Int
    /// Its cells, as many as there are columns; what is missing at the end is empty.
    let cells: [String]
  }

  /// The heading, without the spaces around its names.
  let columns: [String]
  let rows: [Row]

  /// Throws a sentence that names the line and, where one is meant, the column.
  init(_ text: String) throws {
    var reader = Reader(text)
    guard let heading = try reader.row() else {
      columns = []
      rows = []
      return
    }
    let columns = heading.cells.map { $0.trimmed }
    self.columns = columns
    if let twice = columns.first(where: { name in columns.count { $0 == name } > 1 }) {
      throw CommandFailure(
        Words(
          fr: "ligne \(heading.line) : deux colonnes se nomment « \(twice) »",
          en: "line \(heading.line): two columns are called “\(twice)”"))
    }
    var rows: [Row] = []
    while let row = try reader.row() {
      guard row.cells.count <= columns.count else {
        throw CommandFailure(
          Words(
            fr: "ligne \(row.line) : \(row.cells.count) cellules sous un en-tête de \(columns.count) colonnes",
            en: "line \(row.line): \(row.cells.count) cells under a heading of \(columns.count) columns"))
      }
      let missing = Array(repeating: "", count: columns.count - row.cells.count)
      rows.append(Row(line: row.line, cells: row.cells + missing))
    }
    self.rows = rows
  }

  /// Reads one row after the other.
  private struct Reader {
    private let text: [Unicode.Scalar]
    private var position = 0
    private var line = 1
    private let separator: Unicode.Scalar

    init(_ text: String) {
      let scalars = Array(text.unicodeScalars)
      // Spreadsheets begin their UTF-8 with a byte order mark.
      self.text = scalars.first == "\u{FEFF}" ? Array(scalars.dropFirst()) : scalars
      let heading = self.text.prefix { $0 != "\n" && $0 != "\r" }
      if heading.count == 5, String(String.UnicodeScalarView(heading.prefix(4))).lowercased() == "sep=" {
        separator = self.text[4]
        let end = self.text[5...]
        position = 5 + (end.starts(with: ["\r", "\n"] as [Unicode.Scalar]) ? 2 : end.isEmpty ? 0 : 1)
        line = 2
        return
      }
      let counts = ([",", ";", "\t"] as [Unicode.Scalar]).map { separator in
        (separator, heading.count { $0 == separator })
      }
      // The first of those that occur equally often.
      self.separator = counts.reduce(counts[0]) { $1.1 > $0.1 ? $1 : $0 }.0
    }

    /// The next row that is not an empty line; nil at the end.
    mutating func row() throws -> Row? {
      while position < text.count {
        let start = line
        var cells: [String] = []
        var goesOn = true
        while goesOn { goesOn = try cell(into: &cells) }
        if cells.contains(where: { !$0.isEmpty }) { return Row(line: start, cells: cells) }
      }
      return nil
    }

    /// Reads a cell and what follows it; whether another follows in this row.
    private mutating func cell(into cells: inout [String]) throws -> Bool {
      var value = String.UnicodeScalarView()
      if position < text.count, text[position] == "\"" {
        let start = line
        position += 1
        while true {
          guard position < text.count else {
            throw CommandFailure(
              Words(
                fr: "ligne \(start) : un guillemet ouvre une cellule et aucun ne la ferme",
                en: "line \(start): a quotation mark opens a cell and none closes it"))
          }
          let scalar = text[position]
          position += 1
          if scalar == "\"" {
            guard position < text.count, text[position] == "\"" else { break }
            position += 1
          } else if scalar == "\n" {
            line += 1
          }
          value.append(scalar)
        }
        guard position == text.count || [separator, "\n", "\r"].contains(text[position]) else {
          throw CommandFailure(
            Words(
              fr: "ligne \(line) : du texte après le guillemet qui ferme une cellule",
              en: "line \(line): text after the quotation mark that closes a cell"))
        }
      } else {
        while position < text.count, ![separator, "\n", "\r"].contains(text[position]) {
          value.append(text[position])
          position += 1
        }
      }
      cells.append(String(value))
      guard position < text.count else { return false }
      let end = text[position]
      position += 1
      if end == separator { return true }
      if end == "\r", position < text.count, text[position] == "\n" { position += 1 }
      line += 1
      return false
    }
  }
}
