import Testing
import Wire

/// A workbook as strict readers take it.
@Suite struct WorkbookTests {
  @Test("The checksum is that of ISO 3309")
  func checksum() {
    #expect(CRC32.checksum(Array("123456789".utf8)) == 0xCBF4_3926)
    #expect(CRC32.checksum([]) == 0)
  }

  @Test("Texts are texts, numbers are numbers, and nothing is a formula")
  func cells() throws {
    var book = Workbook(name: "À la <découverte>", widths: Array(repeating: 10, count: 28), frozenColumns: 2)
    book.append(headings: (1...28).map { "H\($0)" })
    book.append([
      .text("=1+1 & <b>\u{1}"), .number("12.5"), .share("0.85"), .date("46355.5"), .empty, .text(""),
      .text("\u{FF1D}1"),
    ])
    let files = try ZipReader(book.finished()).files
    #expect(
      files.keys.sorted() == [
        "[Content_Types].xml", "_rels/.rels", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/workbook.xml",
        "xl/worksheets/sheet1.xml",
      ])
    let sheet = try #require(files["xl/worksheets/sheet1.xml"])
    #expect(sheet.contains("<c r=\"AB1\" s=\"1\" t=\"inlineStr\"><is><t xml:space=\"preserve\">H28</t></is></c>"))
    #expect(
      sheet.contains("<c r=\"A2\" s=\"0\" t=\"inlineStr\"><is><t xml:space=\"preserve\">'=1+1 &amp; &lt;b&gt;</t>"))
    #expect(
      sheet.contains(
        "<c r=\"B2\"><v>12.5</v></c><c r=\"C2\" s=\"2\"><v>0.85</v></c><c r=\"D2\" s=\"3\"><v>46355.5</v></c><c r=\"G2\""
      ))
    #expect(!sheet.contains("<f>"))
    #expect(try #require(files["xl/workbook.xml"]).contains("name=\"À la &amp;lt;") == false)
    for (name, text) in files {
      #expect(throws: Never.self, "\(name)") { try XML.Element(parsing: Array(text.utf8)) }
    }
  }

  @Test("A date of a spreadsheet is written as the French write it")
  func dates() {
    #expect(SpreadsheetDate.french("46355.8125") == "29/11/2026 19:30")
    #expect(SpreadsheetDate.french("25569") == "01/01/1970 00:00")
    #expect(SpreadsheetDate.french("x") == "x")
  }
}

/// Reads archives of stored entries, and refuses whatever is not as the directory says.
struct ZipReader {
  private(set) var files: [String: String] = [:]

  init(_ bytes: [UInt8]) throws {
    func number(_ offset: Int, _ count: Int) -> Int {
      (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }
    let end = bytes.count - 22
    try #require(end > 0 && number(end, 4) == 0x0605_4B50)
    var place = number(end + 16, 4)
    try #require(place + number(end + 12, 4) == end)
    for _ in 0..<number(end + 10, 2) {
      try #require(number(place, 4) == 0x0201_4B50 && number(place + 10, 2) == 0)
      let (crc, size, offset) = (number(place + 16, 4), number(place + 24, 4), number(place + 42, 4))
      try #require(number(place + 20, 4) == size && number(offset, 4) == 0x0403_4B50)
      let length = number(place + 28, 2)
      try #require(number(offset + 14, 4) == crc && number(offset + 18, 4) == size && number(offset + 26, 2) == length)
      let name = bytes[offset + 30..<offset + 30 + length]
      try #require(Array(name) == Array(bytes[place + 46..<place + 46 + length]))
      let content = Array(bytes[offset + 30 + length..<offset + 30 + length + size])
      try #require(Int(CRC32.checksum(content)) == crc)
      files[String(decoding: name, as: UTF8.self)] = String(decoding: content, as: UTF8.self)
      place += 46 + length
    }
  }
}
