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
    let form = try form(format, query)
    let learner = try value("learner", of: query).map { UUIDText($0) ?? .nobody }
    // One learner, or a table, is always told anew.
    let tag = format == .json && learner == nil ? RosterTag(form, exchange) : nil
    let known = tag?.known(exchange.request.header("If-None-Match"))

    func reading(withMembersAsKnown isAsKnown: Bool) throws(Refusal) -> Rosters.Reading {
      let reading = try exchange.database { (database) throws(PostgresError) in
        try Rosters.read(
          token: token, learner: learner?.value, withMembersAsKnown: isAsKnown, form: form, known: known, in: database)
      }
      do { try exchange.admit(reading.head.outcome, locale: reading.head.locale) } catch {
        reading.drop()
        throw error
      }
      return reading
    }
    var roster = try reading(withMembersAsKnown: false)
    if let source = roster.head.source {
      roster.drop()
      try readMembers(source, mayAsk: roster.head.mayAsk, exchange)
      // The session may have ended meanwhile.
      roster = try reading(withMembersAsKnown: true)
    }
    var response = Response(status: roster.head.isUnchanged ? 304 : 200)
    if let tag, let version = roster.head.version { response.fields.set("ETag", tag.value(version)) }
    if roster.head.isUnchanged {
      roster.drop()
      // The tag by which the client knows what it has.
      if let tag, let known { response.fields.set("ETag", tag.value(known)) }
      return response
    }
    guard let text = roster.head.text else {
      roster.drop()
      throw .internalError("the database answered a roster that cannot be read")
    }
    let document = RosterDocument(reading: roster, form: form, language: exchange.language) {
      [unowned exchange] error in
      exchange.environment.log(.error, "roster cut in the middle: \(error)")
      exchange.failure = Refusal(error)
    }
    exchange.stream = try exchange.database { (_) throws(PostgresError) in try document.stream(text) }
    switch format {
    case .json: response.fields.set("Content-Type", "application/json")
    case .csv: describeTable(roster.head.module ?? "", exchange, in: &response)
    }
    return response
  }

  private static func describeTable(_ module: String, _ exchange: Exchange, in response: inout Response) {
    // RFC 4180, section 3.
    response.fields.set("Content-Type", "text/csv; charset=utf-8; header=present")
    let day = exchange.environment.now().rfc3339.prefix { $0 != "T" }
    response.fields.set("Content-Disposition", "attachment; filename=\"\(module)-\(day).csv\"")
  }

  private static func form(_ format: Format, _ query: Form) throws(Refusal) -> Rosters.Form {
    let cells = try value("cells", of: query)
    guard cells == nil || cells == "compact" else { throw .invalidBody("\"cells\" is not compact") }
    return format == .csv ? .csv : cells == nil ? .full : .compact
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
