import CGI
import Testing
import Wire

@Suite("Responses (RFC 3875 §6)")
struct ResponseTests {
  private func text(_ response: Response, includeBody: Bool = true) -> String {
    String(decoding: response.serialized(includeBody: includeBody), as: UTF8.self)
  }

  @Test("status first, fields in order, length, an empty line, the body")
  func whole() throws {
    var response = Response.json(["a": "é"], status: 201)
    response.fields.append("Cache-Control", "no-store")
    response.set(try #require(SetCookie(name: "a", value: "1")))
    response.set(try #require(SetCookie(name: "b", value: "2")))
    #expect(
      text(response) == """
        Status: 201 Created\r
        Content-Type: application/json\r
        Cache-Control: no-store\r
        Set-Cookie: a=1; Path=/; Secure; HttpOnly; SameSite=Lax\r
        Set-Cookie: b=2; Path=/; Secure; HttpOnly; SameSite=Lax\r
        Content-Length: 10\r
        \r
        {"a":"é"}
        """)
  }

  @Test("HEAD has the same fields, the body's length among them, and no body")
  func head() {
    let response = Response.html("<p>é</p>")
    #expect(
      text(response, includeBody: false) == """
        Status: 200 OK\r
        Content-Type: text/html; charset=utf-8\r
        Content-Length: 9\r
        \r

        """)
    #expect(text(response) == text(response, includeBody: false) + "<p>é</p>")
  }

  @Test("204 and 304 have neither length nor body", arguments: [204, 304])
  func withoutBody(status: Int) {
    let response = Response(status: status, body: Array("x".utf8))
    #expect(text(response).hasSuffix("\r\n\r\n"))
    #expect(!text(response).contains("Content-Length"))
  }

  @Test("a redirection names its place and has an empty body")
  func redirection() throws {
    let url = try #require(WebURL("https://site.example/a?b#passerelle=c"))
    #expect(
      text(.redirect(to: url))
        == "Status: 303 See Other\r\nLocation: https://site.example/a?b#passerelle=c\r\nContent-Length: 0\r\n\r\n")
    #expect(text(.redirect(302, to: url)).hasPrefix("Status: 302 Found\r\n"))
  }

  @Test("the length and the status are the answer's own, whatever its fields say")
  func ownFields() {
    let fields = HTTPFields([("Status", "200 OK"), ("content-length", "999"), ("X", "1")])
    let response = Response(status: 404, fields: fields, body: [0x61])
    #expect(text(response) == "Status: 404 Not Found\r\nX: 1\r\nContent-Length: 1\r\n\r\na")
  }

  @Test("a value cannot split the answer")
  func splitting() {
    var response = Response.empty()
    let wasAdded = response.fields.append("Location", "https://h/\r\nSet-Cookie: a=b")
    #expect(!wasAdded)
    #expect(text(response) == "Status: 204 No Content\r\n\r\n")
  }

  static let phrases: [(Int, String)] = [
    (200, "200 OK"), (204, "204 No Content"), (302, "302 Found"), (303, "303 See Other"), (400, "400 Bad Request"),
    (401, "401 Unauthorized"), (403, "403 Forbidden"), (404, "404 Not Found"), (405, "405 Method Not Allowed"),
    (409, "409 Conflict"), (413, "413 Content Too Large"), (415, "415 Unsupported Media Type"),
    (422, "422 Unprocessable Content"), (429, "429 Too Many Requests"), (500, "500 Internal Server Error"),
    (503, "503 Service Unavailable"), (299, "299 Success"), (418, "418 Client Error"), (599, "599 Server Error"),
    (0, "500 Internal Server Error"), (100, "500 Internal Server Error"), (600, "500 Internal Server Error"),
    (-1, "500 Internal Server Error"),
  ]

  @Test("every status has a phrase, and no status is out of range", arguments: phrases)
  func phrase(status: Int, line: String) {
    #expect(text(Response(status: status)).hasPrefix("Status: \(line)\r\n"))
  }

  @Test("the helpers set their types")
  func helpers() {
    #expect(
      Response.json(.null, status: 400, contentType: "application/problem+json").fields["content-type"]
        == "application/problem+json")
    #expect(Response.text("a\n").fields["content-type"] == "text/plain; charset=utf-8")
    #expect(Response.empty(202) == Response(status: 202))
  }
}
