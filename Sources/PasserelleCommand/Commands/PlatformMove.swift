import ArgumentParser
import LTI
import Passerelle
import Postgres
import Wire

/// `passerelle platform move`: follows a Moodle to its new URL.
struct PlatformMove: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "move",
      abstract: "Follow a Moodle to a new URL; its people and their progress stay.",
      discussion: """
        Run it when the site's address (wwwroot) has changed:
          passerelle platform move https://old.example.org https://new.example.org/moodle
        The issuer and every address below it are rewritten in one transaction, those of grades under way too.
        """)
  }

  @Argument(help: "The platform's issuer until now.")
  var oldIssuer: String
  @Argument(help: "The site's new address.")
  var newURL: String
  @Flag(help: "Say what would change, and change nothing.")
  var check = false

  func run() throws {
    try Console.run {
      let workplace = try Workplace()
      let new = try Self.site(newURL, isInsecureAllowed: workplace.environment.settings.allowsInsecureHTTP)
      let platforms = try Platforms.list(in: workplace.database)
      let old = Self.withoutSlashes(oldIssuer)
      guard
        let platform = platforms.first(where: { $0.issuer == oldIssuer })
          ?? platforms.first(where: { $0.issuer == old })
      else {
        throw CommandFailure(
          "there is no platform of issuer \(oldIssuer); known: \(platforms.map(\.issuer).joined(separator: ", "))")
      }
      guard !platforms.contains(where: { $0.issuer == new }) else {
        throw CommandFailure(
          "there is a platform of issuer \(new) already; its people cannot be told from \(platform.name)'s")
      }
      let moved = try Platforms.move(platform, to: new, isKept: !check, in: workplace.database)
      print("\(check ? "would move" : "moved"): \(platform.name), \(platform.issuer) → \(new)")
      print(
        "  people \(platform.people), registrations \(moved.registrations), activities \(moved.activities), "
          + "learners' activities with grade addresses \(moved.enrolments)")
      if moved.elsewhere > 0 {
        print("  \(moved.elsewhere) registrations have addresses elsewhere, which stay: passerelle platform show")
      }
    }
  }

  /// The new issuer: an address without query, fragment and trailing slash, as Moodle's wwwroot is.
  private static func site(_ text: String, isInsecureAllowed: Bool) throws -> String {
    guard let url = WebURL(withoutSlashes(text)), url.query == nil, url.fragment == nil else {
      throw CommandFailure("\(text) is not an http or https URL of a site")
    }
    guard url.scheme == .https || isInsecureAllowed else {
      throw CommandFailure("\(text) is http; use https, or set PASSERELLE_ALLOW_INSECURE_HTTP=1 for a demo")
    }
    guard Issuer(url.description) != nil else { throw CommandFailure("\(text) is too long") }
    return url.description
  }

  private static func withoutSlashes(_ text: String) -> String {
    var rest = Substring(text)
    while rest.last == "/" { rest.removeLast() }
    return String(rest)
  }
}

extension Platforms {
  /// What a move changed.
  struct Moved: RowDecodable {
    let registrations: Int
    let activities: Int
    let enrolments: Int
    /// Registrations with an address that is not below the old issuer and stays.
    let elsewhere: Int

    init(row: Row) throws(PostgresError) {
      registrations = try row.get("registrations")
      activities = try row.get("activities")
      enrolments = try row.get("enrolments")
      elsewhere = try row.get("elsewhere")
    }
  }

  /// Gives a platform a new issuer, in one transaction; with `isKept` false it is taken back at the end.
  static func move(_ platform: Listed, to issuer: String, isKept: Bool, in database: Database) throws(PostgresError)
    -> Moved
  {
    let connection = try database.connection()
    try connection.script("begin")
    do throws(PostgresError) {
      let moved: Moved = try database.one(
        """
        select registrations, activities, enrolments, elsewhere
        from passerelle.move_platform(\(platform.id), \(platform.issuer), \(issuer))
        """)
      try connection.script(isKept ? "commit" : "rollback")
      return moved
    } catch {
      // Closing the session rolls back, whatever state it is in.
      connection.close()
      throw error
    }
  }
}
