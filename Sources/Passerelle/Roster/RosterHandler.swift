import CGI
import Postgres
import Store
import Wire

/// `/api/roster`: a teacher sees who is in the activity, how far they are, and whether Moodle has their grades. The
/// course's members are read from the platform first, when what is known of them is older than five minutes.
enum RosterHandler {
  private enum Format: String {
    case json, csv
  }

  static func read(_ exchange: Exchange) throws(Refusal) -> Response {
    let token = try exchange.sessionToken()
    let query: Form
    do { query = try exchange.request.queryForm() } catch { throw .form(error) }
    let format = try format(query, exchange)
    let learner = try value("learner", of: query).map { UUIDText($0) ?? .nobody }

    var answer = try exchange.database { (database) throws(PostgresError) in
      try Rosters.read(token: token, learner: learner?.value, withMembersAsKnown: false, in: database)
    }
    try exchange.admit(answer.outcome, locale: answer.locale)
    if let source = answer.source {
      try readMembers(source, mayAsk: answer.mayAsk, exchange)
      answer = try exchange.database { (database) throws(PostgresError) in
        try Rosters.read(token: token, learner: learner?.value, withMembersAsKnown: true, in: database)
      }
      // The session may have ended meanwhile.
      try exchange.admit(answer.outcome, locale: answer.locale)
    }
    guard let roster = RosterDocument(answer, in: exchange.language) else {
      throw .internalError("the database answered a roster that cannot be read")
    }
    switch format {
    case .json: return .json(.object(roster.json))
    case .csv: return table(roster, exchange)
    }
  }

  private static func table(_ roster: RosterDocument, _ exchange: Exchange) -> Response {
    var response = Response(status: 200, body: Array(roster.csv.utf8))
    // RFC 4180, section 3.
    response.fields.set("Content-Type", "text/csv; charset=utf-8; header=present")
    let day = exchange.environment.now().rfc3339.prefix { $0 != "T" }
    response.fields.set("Content-Disposition", "attachment; filename=\"\(roster.module)-\(day).csv\"")
    return response
  }

  private static func readMembers(_ json: String, mayAsk: Bool, _ exchange: Exchange) throws(Refusal) {
    guard let source = (try? JSONValue(parsing: json)).flatMap(MembershipSource.init) else {
      exchange.environment.log(.warning, "memberships not read: their address or the platform's cannot be used")
      return
    }
    guard mayAsk else {
      exchange.environment.log(.info, "memberships not read platform=\(source.host): it failed a moment ago")
      return
    }
    let environment = exchange.environment
    try exchange.database { (database) throws(PostgresError) in
      try MembershipReader(environment: environment, database: database).read(source)
    }
  }

  private static func format(_ query: Form, _ exchange: Exchange) throws(Refusal) -> Format {
    guard let asked = try value("format", of: query) else { return exchange.request.prefersCSV ? .csv : .json }
    guard let format = Format(rawValue: asked) else { throw .invalidBody("\"format\" is neither json nor csv") }
    return format
  }

  private static func value(_ name: String, of query: Form) throws(Refusal) -> String? {
    do { return try query.value(name) } catch { throw .form(error) }
  }
}
