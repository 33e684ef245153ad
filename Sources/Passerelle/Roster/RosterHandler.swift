import CGI
import Postgres
import Store
import Wire

/// `/api/roster`: a teacher sees who is in the activity, how far they are, and whether Moodle has their grades. The
/// course's members are read from the platform first, when what is known of them is older than five minutes.
enum RosterHandler {
  private enum Format: String {
    case json, csv, xlsx
  }

  static func read(_ exchange: Exchange) throws(Refusal) -> Response {
    let token = try exchange.sessionToken()
    let query: Form
    do { query = try exchange.request.queryForm() } catch { throw .form(error) }
    let format = try format(query, exchange)
    let isFrench = try isFrench(format, query)
    let form = try form(format, isFrench: isFrench, query)
    let filter = try RosterFilter(query)
    let zone = try value("zone", of: query) ?? "UTC"
    let learner = try value("learner", of: query).map { UUIDText($0) ?? .nobody }
    // One learner, a table, or who is asked for is always told anew.
    let tag = format == .json && learner == nil && filter.json == nil ? RosterTag(form, exchange) : nil
    let known = tag?.known(exchange.request.header("If-None-Match"))

    func reading(withMembersAsKnown isAsKnown: Bool) throws(Refusal) -> Rosters.Reading {
      let reading = try exchange.database { (database) throws(PostgresError) in
        try Rosters.read(
          token: token, learner: learner?.value, withMembersAsKnown: isAsKnown, form: form, known: known,
          filter: filter.json, zone: zone, in: database)
      }
      guard reading.head.outcome != "zone_unknown" else {
        reading.drop()
        throw .invalidBody("\"zone\" is no time zone")
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
    if form == .table { return try table(text, roster, zone, isFrench: isFrench, exchange) }
    let document = RosterDocument(reading: roster, form: form, language: exchange.language) {
      [unowned exchange] error in
      exchange.environment.log(.error, "roster cut in the middle: \(error)")
      exchange.failure = Refusal(error)
    }
    exchange.stream = try exchange.database { (_) throws(PostgresError) in try document.stream(text) }
    switch format {
    case .json: response.fields.set("Content-Type", "application/json")
    case .csv, .xlsx: describe("text/csv; charset=utf-8; header=present", "csv", roster, exchange, in: &response)
    }
    return response
  }

  /// A table for people. It is whole before anything of it is sent, because a file says at its front what is in it.
  private static func table(
    _ head: String, _ roster: Rosters.Reading, _ zone: String, isFrench: Bool, _ exchange: Exchange
  ) throws(Refusal) -> Response {
    // A French spreadsheet is French whatever the teacher's language.
    guard let table = RosterTable(head: head, zone: zone, language: isFrench ? .french : exchange.language) else {
      roster.drop()
      throw .internalError("the database answered a roster that cannot be read")
    }
    let bytes = try exchange.database { (_) throws(PostgresError) -> [UInt8] in
      func next() throws(PostgresError) -> String? { try roster.next()?.text }
      return isFrench ? try table.frenchText(next) : try table.workbook(next)
    }
    var response = Response(status: 200)
    response.body = bytes
    if isFrench {
      describe("text/csv; charset=utf-8; header=present", "csv", roster, exchange, in: &response)
    } else {
      describe(workbookType, "xlsx", roster, exchange, in: &response)
    }
    return response
  }

  private static var workbookType: String { "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" }

  /// RFC 4180, section 3.
  private static func describe(
    _ type: String, _ suffix: String, _ roster: Rosters.Reading, _ exchange: Exchange, in response: inout Response
  ) {
    response.fields.set("Content-Type", type)
    let day = exchange.environment.now().rfc3339.prefix { $0 != "T" }
    response.fields.set(
      "Content-Disposition", "attachment; filename=\"\(roster.head.module ?? "")-\(day).\(suffix)\"")
  }

  private static func form(_ format: Format, isFrench: Bool, _ query: Form) throws(Refusal) -> Rosters.Form {
    let cells = try value("cells", of: query)
    guard cells == nil || cells == "compact" || cells == "page" else {
      throw .invalidBody("\"cells\" is neither compact nor page")
    }
    switch format {
    case .json: return cells == nil ? .full : cells == "page" ? .page : .compact
    case .csv: return isFrench ? .table : .csv
    case .xlsx: return .table
    }
  }

  /// Whether the values are for a French spreadsheet.
  private static func isFrench(_ format: Format, _ query: Form) throws(Refusal) -> Bool {
    guard let reader = try value("for", of: query) else { return false }
    guard reader == "fr", format == .csv else { throw .invalidBody("\"for\" is not fr, or goes with csv alone") }
    return true
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
    guard let format = Format(rawValue: asked) else { throw .invalidBody("\"format\" is none of json, csv and xlsx") }
    return format
  }

  private static func value(_ name: String, of query: Form) throws(Refusal) -> String? {
    do { return try query.value(name) } catch { throw .form(error) }
  }
}
