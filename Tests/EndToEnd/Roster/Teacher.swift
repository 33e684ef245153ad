import DemoMoodle
import Testing
import Wire

/// What a teacher's page does with its session.
struct Teacher: Sendable {
  let page: MiniSite
  private var world: World { page.world }

  /// A launch of this user, a teacher, that ends in a session.
  init(_ world: World, user: Int = 8, cmid: Int = 2) throws {
    page = try world.session(user: user, cmid: cmid)
    #expect(page.opened["role"] == "instructor")
  }

  /// A session that is there already.
  init(_ page: MiniSite) { self.page = page }

  /// GET /api/roster.
  func answer(_ query: String = "", _ fields: [(String, String)] = []) throws -> HTTPResponse {
    try world.send("GET", "/api/roster" + query, fields: [("Authorization", "Bearer \(page.token)")] + fields)
  }

  /// The roster.
  func roster(_ query: String = "") throws -> Roster {
    let answer = try answer(query)
    #expect(answer.status == 200, "\(answer.text)")
    return Roster(json: try answer.json)
  }
}

/// An answer of GET /api/roster.
struct Roster {
  let json: JSONValue

  /// The learners, in order.
  var learners: [JSONValue] { json["learners"]?.arrayValue ?? [] }

  /// Their names, in order.
  var names: [String] { learners.map { $0["name"]?.stringValue ?? "–" } }

  /// The learner of that name.
  subscript(name: String) -> JSONValue? { learners.first { $0["name"]?.stringValue == name } }
}

extension MiniSite {
  /// The person's id.
  var learner: String { opened.at("learner.id")?.stringValue ?? "" }
}

extension Moodle {
  /// How often the members of the course were asked for.
  var membershipRequests: Int { count("/memberships") }
}

extension World {
  /// Makes what is known of members so many minutes older.
  func ageMembers(minutes: Int) throws {
    try database.execute(
      "update passerelle.membership_lists set read_at = read_at - make_interval(mins => \(minutes))")
  }
}
