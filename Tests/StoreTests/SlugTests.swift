import Store
import Testing

@Suite struct SlugTests {
  @Test(
    "A slug is 1 to 100 unreserved characters, the first a letter or digit",
    arguments: ["a", "0", "Z9", "a-b_c.d~e", "accueil", "1.3", String(repeating: "x", count: 100)])
  func accepted(text: String) {
    #expect(Slug(text)?.value == text)
  }

  @Test(
    "Anything else is no slug",
    arguments: [
      "", "-a", ".", "..", "_a", "~", "a b", "a/b", "a%20", "é", "a\u{301}", "a\n", "a\0", "a?b", "a#b", "a&b", "a=b",
      "a\u{2028}", "Ａ", String(repeating: "x", count: 101),
    ])
  func refused(text: String) {
    #expect(Slug(text) == nil)
  }
}
