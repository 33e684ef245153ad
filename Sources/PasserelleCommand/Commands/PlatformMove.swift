import ArgumentParser
import LTI
import Passerelle
import Store
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
