/// A workbook of one sheet as spreadsheet programs read it (ECMA-376, Office Open XML, part 1, section 18): a row of headings that
/// stays in sight, texts, numbers and dates that are what they say.
package struct Workbook {
  /// What stands in a cell. Numbers are written as they come: digits with a point.
  package enum Cell: Equatable, Sendable {
    case empty
    /// Made harmless as ``CSVText/harmless(_:)`` says: a workbook is often saved as something else.
    case text(String)
    case number(String)
    /// A part of 1, shown as a percentage.
    case share(String)
    /// Days since 30 December 1899, shown as a date and a time in the reader's own way.
    case date(String)
  }

  private let name: String
  private let widths: [Int]
  private let frozenColumns: Int
  private var rows: [UInt8] = []
  private var count = 0
  private let letters: [[UInt8]]

  /// An empty sheet whose columns are so many characters wide; the first `frozenColumns` stay in sight.
  package init(name: String, widths: [Int], frozenColumns: Int) {
    self.name = name
    self.widths = widths
    self.frozenColumns = frozenColumns
    letters = widths.indices.map { Array(Self.letters($0).utf8) }
  }

  /// Adds the row of headings.
  package mutating func append(headings: [String]) { append(headings.map(Cell.text), style: 1) }

  /// Adds a row.
  package mutating func append(_ cells: [Cell]) { append(cells, style: 0) }

  private mutating func append(_ cells: [Cell], style: Int) {
    count += 1
    let row = Array(String(count).utf8)
    rows += "<row r=\"".utf8 + row + "\">".utf8
    for (letter, cell) in zip(letters, cells) {
      let place = "<c r=\"".utf8 + letter + row
      switch cell {
      case .empty: continue
      case .text(let text):
        guard !text.isEmpty else { continue }
        rows += place + "\" s=\"\(style)\" t=\"inlineStr\"><is><t xml:space=\"preserve\">".utf8
        rows += (Self.escaped(CSVText.harmless(text)) + "</t></is></c>").utf8
      case .number(let number): rows += place + "\"><v>".utf8 + number.utf8 + "</v></c>".utf8
      case .share(let number): rows += place + "\" s=\"2\"><v>".utf8 + number.utf8 + "</v></c>".utf8
      case .date(let number): rows += place + "\" s=\"3\"><v>".utf8 + number.utf8 + "</v></c>".utf8
      }
    }
    rows += "</row>".utf8
  }

  /// The file.
  package func finished() -> [UInt8] {
    var archive = ZipArchive()
    archive.add("[Content_Types].xml", Array((Self.declaration + Self.contentTypes).utf8))
    archive.add(
      "_rels/.rels",
      Array((Self.declaration + Self.relationship(to: "xl/workbook.xml", kind: "officeDocument")).utf8))
    archive.add("xl/workbook.xml", Array((Self.declaration + workbook).utf8))
    archive.add("xl/_rels/workbook.xml.rels", Array((Self.declaration + Self.parts).utf8))
    archive.add("xl/styles.xml", Array((Self.declaration + Self.styles).utf8))
    archive.add("xl/worksheets/sheet1.xml", Array((Self.declaration + opening).utf8) + rows + Array(closing.utf8))
    return archive.finished()
  }

  /// A, B … Z, AA …
  static func letters(_ column: Int) -> String {
    let letter = String(UnicodeScalar(UInt8(ascii: "A") + UInt8(column % 26)))
    return column < 26 ? letter : letters(column / 26 - 1) + letter
  }

  private static func escaped(_ text: String) -> String { XML.text(text) ?? XML.text(carried(text)) ?? "" }

  /// A text without what XML cannot carry.
  private static func carried(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.filter(XML.isCharacter)))
  }

  // MARK: - The parts around the rows

  private static let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
  private static let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
  private static let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

  private static let contentTypes = """
    <Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">\
    <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
    <Default Extension="xml" ContentType="application/xml"/>\
    <Override PartName="/xl/workbook.xml" \
    ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>\
    <Override PartName="/xl/styles.xml" \
    ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>\
    <Override PartName="/xl/worksheets/sheet1.xml" \
    ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>
    """

  private static func relationship(to target: String, kind: String) -> String {
    """
    <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">\
    <Relationship Id="r1" Type="\(office)/\(kind)" Target="\(target)"/></Relationships>
    """
  }

  private static let parts = """
    <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">\
    <Relationship Id="r1" Type="\(office)/worksheet" Target="worksheets/sheet1.xml"/>\
    <Relationship Id="r2" Type="\(office)/styles" Target="styles.xml"/></Relationships>
    """

  /// Plain, heading, percentage (built-in format 9), date and time as the reader's region writes them (built-in format 22).
  private static let styles = """
    <styleSheet xmlns="\(main)"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>\
    <font><b/><sz val="11"/><name val="Calibri"/></font></fonts>\
    <fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>\
    <borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
    <cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
    <cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
    <xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" applyAlignment="1">\
    <alignment vertical="top" wrapText="1"/></xf>\
    <xf numFmtId="9" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
    <xf numFmtId="22" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>\
    <cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>
    """

  private var workbook: String {
    """
    <workbook xmlns="\(Self.main)" xmlns:r="\(Self.office)"><sheets>\
    <sheet name="\(HTML.attribute(Self.carried(name)))" sheetId="1" r:id="r1"/></sheets></workbook>
    """
  }

  private var opening: String {
    let corner = "\(Self.letters(frozenColumns))2"
    let columns = widths.enumerated().map {
      "<col min=\"\($0 + 1)\" max=\"\($0 + 1)\" width=\"\($1)\" customWidth=\"1\"/>"
    }
    return """
      <worksheet xmlns="\(Self.main)"><sheetViews><sheetView workbookViewId="0">\
      <pane xSplit="\(frozenColumns)" ySplit="1" topLeftCell="\(corner)" activePane="bottomRight" state="frozen"/>\
      </sheetView></sheetViews><cols>\(columns.joined())</cols><sheetData>
      """
  }

  private var closing: String {
    let last = "\(Self.letters(max(widths.count, 1) - 1))\(max(count, 1))"
    return "</sheetData><autoFilter ref=\"A1:\(last)\"/></worksheet>"
  }
}
