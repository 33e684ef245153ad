import CGI
import Glibc
import Testing
import Wire

@Suite("Requests (RFC 3875 §4)")
struct RequestTests {
  @Test("method, path and query come from their variables, and an empty path is the root")
  func basics() {
    let given = request([
      "REQUEST_METHOD": "POST", "PATH_INFO": "/lti/launch", "QUERY_STRING": "a=1", "REMOTE_ADDR": "192.0.2.7",
    ])
    #expect(given.method == "POST")
    #expect(given.path == "/lti/launch")
    #expect(given.query == "a=1")
    #expect(given.remoteAddress == "192.0.2.7")
    #expect(!given.isHead)
    let bare = request(["REQUEST_METHOD": "HEAD", "PATH_INFO": ""])
    #expect(bare.path == "/")
    #expect(bare.query.isEmpty)
    #expect(bare.remoteAddress == nil)
    #expect(bare.isHead)
    #expect(request().method.isEmpty)
  }

  @Test("a header is the variable of its name, whatever its case")
  func headers() {
    let given = request([
      "HTTP_X_FOO": "1", "CONTENT_TYPE": "text/plain", "CONTENT_LENGTH": "3", "HTTP_CONTENT_TYPE": "smuggled",
    ])
    #expect(given.header("X-Foo") == "1")
    #expect(given.header("x-foo") == "1")
    #expect(given.header("X_FOO") == "1")
    #expect(given.header("content-type") == "text/plain")
    #expect(given.header("Content-Length") == "3")
    #expect(given.header("X-Fo") == nil)
    #expect(given.header("") == nil)
  }

  static let types: [(String?, String?)] = [
    (nil, nil), ("", nil), (";", nil), ("application/json", "application/json"),
    ("Application/JSON; charset=UTF-8", "application/json"), ("text/html ;x", "text/html"),
    (" application/x-www-form-urlencoded", "application/x-www-form-urlencoded"),
    ("application/json, text/html", "application/json,text/html"),
  ]

  @Test("the content type is the media type, lower-cased, without parameters", arguments: types)
  func contentType(field: String?, type: String?) {
    #expect(Request(environment: { $0 == "CONTENT_TYPE" ? field : nil }).contentType == type)
  }

  @Test("the query is a form, refused when its encoding is broken")
  func queryForm() throws {
    let form = try request(["QUERY_STRING": "iss=https%3A%2F%2Fh&n=%C3%A9+1"]).queryForm()
    #expect(try form.value("iss") == "https://h")
    #expect(try form.value("n") == "é 1")
    for broken in ["a=%zz", "a=%E9", "a=é", "a=\u{FFFD}", "a=%00"] {
      #expect(throws: FormError.invalidEncoding) { try request(["QUERY_STRING": broken]).queryForm() }
    }
    #expect(throws: FormError.tooManyFields) { try request(["QUERY_STRING": "a&b"]).queryForm(maxFields: 1) }
  }

  static let cookies: [(String, String?)] = [
    ("state=abc", "abc"), ("a=1; state=abc", "abc"), ("a=1;state=abc;b=2", "abc"),
    ("state=first; state=second", "first"),
    ("state=a=b==", "a=b=="), ("state=", ""), (" state = abc ", "abc"), ("state=\"abc\"", "\"abc\""),
    ("State=abc", nil),
    ("xstate=abc", nil), ("statex=abc", nil), ("state", nil), ("", nil), (";;;", nil), ("=abc", nil),
    ("a=\"; state=abc\"", "abc\""), ("state=é", "é"),
  ]

  @Test("a cookie is the first of exactly that name, verbatim", arguments: cookies)
  func cookie(field: String, value: String?) {
    #expect(request(["HTTP_COOKIE": field]).cookie("state") == value)
  }

  @Test("without a Cookie field there is no cookie")
  func noCookie() {
    #expect(request().cookie("state") == nil)
  }

  static let authorizations: [(String, String?)] = [
    ("Bearer abc", "abc"), ("bearer abc", "abc"), ("BEARER   abc", "abc"), ("Bearer A-z0._~+/9==", "A-z0._~+/9=="),
    ("Bearer", nil), ("Bearer ", nil), ("Bearerabc", nil), ("Bearer\tabc", nil), ("Bearer a b", nil),
    ("Bearer a,b", nil), ("Bearer abc, Bearer def", nil), ("Bearer ==", nil), ("Bearer a=b", nil), ("Bearer é", nil),
    ("Bearer \"abc\"", nil), ("Bearer abc ", nil), ("Basic abc", nil), ("", nil), (" Bearer abc", nil),
    ("Bearer abc\u{FFFD}", nil),
  ]

  @Test("a bearer token is one token68 after the scheme, else there is none", arguments: authorizations)
  func bearerToken(field: String, token: String?) {
    #expect(request(["HTTP_AUTHORIZATION": field]).bearerToken == token)
  }

  @Test("the language follows Accept-Language and is French without one")
  func language() {
    #expect(request().language == .french)
    #expect(request(["HTTP_ACCEPT_LANGUAGE": "en-GB,en;q=0.9"]).language == .english)
    #expect(request(["HTTP_ACCEPT_LANGUAGE": "fr-CA,en;q=0.9"]).language == .french)
  }

  static let accepts: [(String?, Bool)] = [
    (nil, false), ("", false), ("*/*", false), ("application/json", true), ("application/problem+json", true),
    ("Application/JSON", true), ("application/json, */*", true), ("application/json, text/plain, */*", true),
    ("text/html", false), ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false),
    ("text/html, application/json", false), ("text/html;q=0.5, application/json", true),
    ("text/html, application/json;q=0.9", false), ("application/json;q=0.1, text/html;q=0", true),
    ("application/json;q=0", false), ("application/json;q=0.5, */*", false), ("application/*", true),
    ("text/*, application/json;q=0.5", false), ("application/json;q=2", false), ("image/png", false),
    ("application/json; charset=utf-8", true), ("application/jsonp", false),
  ]

  @Test("JSON is preferred only by who asks for it", arguments: accepts)
  func prefersJSON(field: String?, prefers: Bool) {
    #expect(Request(environment: { $0 == "HTTP_ACCEPT" ? field : nil }).prefersJSON == prefers)
  }

  @Test("the process's own environment is read by name")
  func processEnvironment() {
    setenv("PASSERELLE_TEST_ACCENTS", "Éloïse", 1)
    setenv("PASSERELLE_TEST_LATIN1", "\u{0}", 1)
    defer {
      unsetenv("PASSERELLE_TEST_ACCENTS")
      unsetenv("PASSERELLE_TEST_LATIN1")
    }
    #expect(Request.processEnvironment("PASSERELLE_TEST_ACCENTS") == "Éloïse")
    #expect(Request.processEnvironment("PASSERELLE_TEST_ABSENT") == nil)
    let latin1: [CChar] = [CChar(bitPattern: 0xE9), CChar(bitPattern: 0x31), 0]
    setenv("PASSERELLE_TEST_LATIN1", latin1, 1)
    #expect(Request.processEnvironment("PASSERELLE_TEST_LATIN1") == "\u{FFFD}1")
  }
}
