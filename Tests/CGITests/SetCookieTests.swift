import CGI
import Testing

@Suite("Cookies to keep (RFC 6265, RFC 6265bis, CHIPS)")
struct SetCookieTests {
  @Test("the launch's cookie, as a browser in a frame will keep it")
  func partitioned() throws {
    let cookie = try #require(
      SetCookie(
        name: "__Host-passerelle-state", value: "A-z_09", maxAge: 600, secure: true, httpOnly: true, sameSite: .none,
        partitioned: true))
    #expect(
      cookie.headerValue
        == "__Host-passerelle-state=A-z_09; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=None; Partitioned")
  }

  @Test("plain cookies for plain http, session cookies, deletion")
  func others() throws {
    let plain = try #require(
      SetCookie(name: "s", value: "", path: "/cgi-bin/x", maxAge: 0, secure: false, httpOnly: false, sameSite: .strict))
    #expect(plain.headerValue == "s=; Path=/cgi-bin/x; Max-Age=0; SameSite=Strict")
    #expect(SetCookie(name: "s", value: "v", path: nil)?.headerValue == "s=v; Secure; HttpOnly; SameSite=Lax")
    #expect(
      SetCookie(name: "s", value: "v", secure: false, sameSite: .unstated)?.headerValue == "s=v; Path=/; HttpOnly")
  }

  @Test("a prefix that the cookie does not honour is refused, in any case")
  func prefixes() {
    #expect(SetCookie(name: "__Host-a", value: "1") != nil)
    #expect(SetCookie(name: "__Host-a", value: "1", path: "/x") == nil)
    #expect(SetCookie(name: "__Host-a", value: "1", path: nil) == nil)
    #expect(SetCookie(name: "__Host-a", value: "1", secure: false) == nil)
    #expect(SetCookie(name: "__hOsT-a", value: "1", path: "/x") == nil)
    #expect(SetCookie(name: "__Secure-a", value: "1", path: "/x") != nil)
    #expect(SetCookie(name: "__Secure-a", value: "1", secure: false) == nil)
    #expect(SetCookie(name: "__SECURE-a", value: "1", secure: false) == nil)
  }

  @Test("SameSite=None and Partitioned need Secure")
  func needSecure() {
    #expect(SetCookie(name: "a", value: "1", secure: false, sameSite: .none) == nil)
    #expect(SetCookie(name: "a", value: "1", secure: false, sameSite: .lax, partitioned: true) == nil)
    #expect(SetCookie(name: "a", value: "1", secure: false, sameSite: .lax) != nil)
  }

  @Test("names that are not tokens are refused", arguments: ["", "a b", "a=b", "a;", "a\r\nb", "é", "a,b", "a\0"])
  func names(name: String) {
    #expect(SetCookie(name: name, value: "1") == nil)
  }

  @Test(
    "values outside cookie-octet are refused",
    arguments: ["a b", "a;b", "a,b", "\"a\"", "a\\b", "é", "a\r\n", "a\0", "\u{7f}"])
  func values(value: String) {
    #expect(SetCookie(name: "a", value: value) == nil)
  }

  @Test(
    "paths that would end the attribute or begin elsewhere are refused", arguments: ["", "x", "/a;b", "/\r\n", "/é"])
  func paths(path: String) {
    #expect(SetCookie(name: "a", value: "1", path: path) == nil)
  }

  @Test("what browsers drop for its size is refused")
  func sizes() {
    #expect(SetCookie(name: "ab", value: String(repeating: "x", count: 4094)) != nil)
    #expect(SetCookie(name: "ab", value: String(repeating: "x", count: 4095)) == nil)
    #expect(SetCookie(name: "a", value: "1", path: "/" + String(repeating: "x", count: 1023)) != nil)
    #expect(SetCookie(name: "a", value: "1", path: "/" + String(repeating: "x", count: 1024)) == nil)
  }
}
