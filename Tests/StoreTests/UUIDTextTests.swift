import Store
import Testing

@Suite struct UUIDTextTests {
  @Test("Only what PostgreSQL reads as a UUID of the usual form passes")
  func forms() {
    let id = "0f9e8d7c-6b5a-4f3e-9d2c-1b0a99887766"
    #expect(UUIDText(id)?.value == id)
    #expect(UUIDText(id.uppercased()) != nil)
    // Digits of other scripts are digits to Unicode, not to PostgreSQL.
    for text in ["", "12", String(id.dropLast()), id + "0", "g" + id.dropFirst(), "\u{FF10}" + id.dropFirst()] {
      #expect(UUIDText(text) == nil, "\(text)")
    }
  }
}
