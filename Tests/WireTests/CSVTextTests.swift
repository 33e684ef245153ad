import Testing
import Wire

@Suite struct CSVTextTests {
  @Test("Fields are quoted where RFC 4180 asks for it, and nowhere else")
  func quoting() {
    #expect(CSVText.encode([["a", "b c", "é"], ["", "'", ";"]]) == "a,b c,é\r\n,',;\r\n")
    #expect(
      CSVText.encode([["a,b", "a\"b", "a\nb", "a\rb", "a\r\nb"]])
        == "\"a,b\",\"a\"\"b\",\"a\nb\",\"a\rb\",\"a\r\nb\"\r\n")
    #expect(CSVText.encode([["\""]]) == "\"\"\"\"\r\n")
    #expect(CSVText.encode([]) == "")
  }

  @Test(
    "What a spreadsheet would run gets an apostrophe",
    arguments: ["=1+1", "+33", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\r\n=1"])
  func formulas(text: String) {
    #expect(CSVText.harmless(text) == "'" + text)
  }

  @Test("Anything else stays as it is", arguments: ["", "Zoë", "a=b", "'=1", "1-2", "é@b", "Ω+"])
  func plain(text: String) {
    #expect(CSVText.harmless(text) == text)
  }
}
