import Directus
import Postgres

/// May Directus's database role edit the collections, and nothing else of Passerelle's?
enum DirectusRoleChecks {
  private static let subject = "Directus"

  static func run(_ report: inout Report, _ role: String?, _ connection: Connection) throws(DirectusProblem) {
    let grants = try Grants.check(role: role, on: connection)
    switch grants.standing {
    case .superuser:
      report.doubtful(
        subject, "its database role \(grants.role) is a superuser: it can read the tool's keys and change everything",
        mend: "give Directus a database role of its own that is none")
    case .owner:
      report.doubtful(
        subject,
        "its database role \(grants.role) owns Passerelle's tables, too: it can read the tool's keys and change everything",
        mend: "give Directus, or Passerelle, a database role of its own (apache-conf/README.md)")
    case .web:
      report.doubtful(
        subject, "its database role \(grants.role) is also the web server's: it can read the tool's keys",
        mend: "give the web server a database role of its own: passerelle migrate --web-role ROLE")
    case .plain: break
    }
    if !grants.memberships.isEmpty {
      report.doubtful(
        subject,
        "its database role \(grants.role) is a member of a role of Passerelle's: it can read the tool's keys; as their owner run:",
        mend: lines(grants.missing + grants.memberships))
    } else if !grants.missing.isEmpty {
      report.wrong(
        subject, "its database role \(grants.role) may not read and write all collections; as their owner run:",
        mend: lines(grants.missing))
    } else if grants.standing == .plain {
      report.fine(subject, "its database role \(grants.role) may read and write the collections")
    }
    if !grants.excessive.isEmpty {
      report.doubtful(
        subject,
        "its database role \(grants.role) gets into schema passerelle, where it has no business; as its owner run:",
        mend: lines(grants.excessive))
    }
  }

  private static func lines(_ statements: [String]) -> String { statements.joined(separator: "\n            ") }
}
