import CGI
import Postgres
import Testing
import Wire

@testable import Passerelle

/// From a request to an answer, without a web server or a database.
@Suite struct ApplicationTests {
  @Test("Every route has one handler, HEAD goes where GET goes, and other methods learn what is allowed")
  func routes() throws {
    let paths = Set(Route.all.map(\.path))
    #expect(Set(Route.all.map { $0.method + $0.path }).count == Route.all.count)
    for path in paths {
      let methods = Route.all.filter { $0.path == path }.map(\.method)
      for method in methods { _ = try Route.handler(for: exchange(method, path).request) }
      if methods.contains("GET") { _ = try Route.handler(for: exchange("HEAD", path).request) }
      let refused = try exchange("BREW", path)
      do {
        _ = try Route.handler(for: refused.request)
        Issue.record("BREW \(path) is answered")
      } catch .methodNotAllowed(let allowed) {
        #expect(Set(methods).isSubset(of: allowed))
        #expect(allowed.contains("HEAD") == methods.contains("GET"))
        #expect(allowed.contains("OPTIONS") == path.hasPrefix("/api/"))
        #expect(Set(allowed).count == allowed.count)
      } catch {
        Issue.record("BREW \(path): \(error.code)")
      }
    }
    for path in ["/", "/api", "/api/", "/lti/jwks/", "/LTI/JWKS", "//lti/jwks"] {
      let unknown = try exchange("GET", path)
      do {
        _ = try Route.handler(for: unknown.request)
        Issue.record("\(path) is answered")
      } catch { #expect(error.code == "not_found") }
    }
  }

  @Test("Every answer forbids sniffing, keeping and referring, unless it says otherwise")
  func fields() throws {
    for (method, path) in [("GET", "/nothing"), ("GET", "/health"), ("POST", "/api/session"), ("GET", "/lti/login")] {
      let answer = Application.answer(try exchange(method, path))
      #expect(answer.fields.values("X-Content-Type-Options") == ["nosniff"])
      #expect(answer.fields.values("Cache-Control") == ["no-store"])
      #expect(answer.fields.values("Referrer-Policy") == ["no-referrer"])
    }
    let script = Application.answer(try exchange("GET", "/passerelle.js"))
    #expect(script.fields.values("Cache-Control") == ["public, max-age=300"])
  }

  @Test("The API always answers refusals as problems, pages only when they are asked for JSON")
  func problems() throws {
    func type(_ path: String, accept: String?) throws -> String? {
      Application.answer(try exchange("GET", path, fields: accept.map { ["Accept": $0] } ?? [:])).fields["Content-Type"]
    }
    for accept in [nil, "text/html", "*/*", "application/json"] {
      #expect(try type("/api/nothing", accept: accept) == "application/problem+json")
    }
    for accept in [
      "application/json", "application/problem+json", "application/json, */*;q=0.5",
      "text/html;q=0.4, application/json",
    ] {
      #expect(try type("/nothing", accept: accept) == "application/problem+json", "\(accept)")
    }
    for accept in [nil, "", "*/*", "text/html,application/xhtml+xml,*/*;q=0.8", "text/html, application/json;q=0.9"] {
      #expect(try type("/nothing", accept: accept)?.hasPrefix("text/html") == true, "\(accept ?? "nil")")
    }
  }

  @Test(
    "The settings' origins are granted without the database, another is looked up there and refused when it is away")
  func origins() throws {
    var asked = 0
    func granted(_ origin: String) throws -> String? {
      let exchange = try exchange(
        "OPTIONS", "/api/progress", fields: ["Origin": origin],
        settings: ["PASSERELLE_ALLOWED_ORIGINS": "https://other.example"]
      ) { () throws(PostgresError) in
        asked += 1
        throw PostgresError(.connection, "away")
      }
      let answer = Application.answer(exchange)
      #expect(answer.status == 204)
      #expect(answer.fields["Vary"] == "Origin")
      return answer.fields["Access-Control-Allow-Origin"]
    }
    for origin in ["https://lti.example.org", "https://www.example.org", "https://other.example"] {
      #expect(try granted(origin) == origin)
    }
    #expect(asked == 0)
    for origin in ["https://evil.example", "https://www.example.org.evil.example"] {
      #expect(try granted(origin) == nil)
    }
    #expect(asked == 2)
    for origin in ["null", "", "https://www.example.org/", "https://www.example.org https://evil.example"] {
      #expect(try granted(origin) == nil)
    }
    #expect(asked == 2)
  }

  /// A line's parts: its date, its request, and the rest.
  private func parts(_ line: String) throws -> (date: String, request: String, rest: String) {
    let match = try #require(
      try #/(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) (passerelle: [a-z]+:) ([0-9A-HJKMNP-TV-Z]{8}) (.*)/#.wholeMatch(in: line))
    return (String(match.1), String(match.3), "\(match.2) \(match.4)")
  }

  @Test(
    "A refusal is logged with its date, request, code and path, at its level, on one line; its answer names the request"
  )
  func logging() throws {
    let log = LogBook()
    let answer = Application.answer(try exchange("GET", "/nothing\r\nEvil: 1", log: log))
    #expect(log.lines.count == 1)
    let line = try parts(log.lines[0])
    #expect(line.rest == "passerelle: info: not_found GET /nothing\\x0D\\x0AEvil: 1 ")
    #expect(try abs(#require(Instant(rfc3339: line.date)).secondsSince(.now())) < 5)
    #expect(answer.text.contains("<code>not_found</code>") && answer.text.contains("<code>\(line.request)</code>"))
    log.lines = []
    let problem = Application.answer(
      try exchange(
        "GET", "/api/progress", fields: ["Authorization": "Bearer " + String(repeating: "A", count: 43)], log: log))
    #expect(log.lines.count == 1)
    let second = try parts(log.lines[0])
    #expect(second.rest.hasPrefix("passerelle: error: database_unavailable GET /api/progress "))
    #expect(second.request != line.request && problem.text.contains("\"request\":\"\(second.request)\""))
    #expect(!log.lines[0].contains("AAAA"))
  }

  @Test(
    "What would end a line, move a cursor or turn the reading direction is escaped, and accents are kept",
    arguments: [
      ("a\u{85}b", "a\\u0085b"), ("\u{9B}31m", "\\u009B31m"), ("a\u{2028}b\u{2029}", "a\\u2028b\\u2029"),
      ("\u{1B}[2J\u{7F}\0\t", "\\x1B[2J\\x7F\\x00\\x09"), ("\u{202E}fdp", "\\u202Efdp"), ("\u{FEFF}x", "\\uFEFFx"),
      ("été – « œuvre » ’ 日本", "été – « œuvre » ’ 日本"),
    ])
  func escaping(_ text: String, _ line: String) {
    #expect(LogText.escaped(text) == line)
  }

  @Test("Below the level that is set nothing is written")
  func levels() throws {
    let book = LogBook()
    let log = Log(level: .warning) { book.lines.append($0) }
    log(.error, "a")
    log(.warning, "b")
    log(.info, "c")
    log(.debug, "d")
    #expect(try book.lines.map { try parts($0).rest } == ["passerelle: error: a", "passerelle: warning: b"])
    #expect(try Set(book.lines.map { try parts($0).request }) == [log.request.text])
  }
}
