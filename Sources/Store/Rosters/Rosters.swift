import LTI
import Postgres

/// What teachers see of an activity.
package enum Rosters {
  /// What `passerelle.roster` answers.
  package struct Answer: RowDecodable {
    package let outcome: String
    package let locale: String?
    /// Where to read the course's members first; nil when the rest is answered.
    package let source: String?
    /// Whether that platform may be asked just now.
    package let mayAsk: Bool
    /// When the members were read, RFC 3339; nil when they never were.
    package let readAt: String?
    package let roster: String?
    /// One learner's grains, when one learner was asked for.
    package let details: String?

    package init(row: Row) throws(PostgresError) {
      outcome = try row.get("outcome")
      locale = try row.get("locale")
      source = try row.get("source")
      mayAsk = try row.get("may_ask", as: Bool?.self) ?? false
      readAt = try row.get("read_at")
      roster = try row.get("roster")
      details = try row.get("details")
    }
  }

  /// The roster of a session's activity; `token` is a digest, `learner` narrows it to one. Unless the members are taken
  /// as they are known, they have to be fresh, or the answer is their source alone.
  package static func read(
    token: [UInt8], learner: String?, withMembersAsKnown isAsKnown: Bool, in database: Database
  ) throws(PostgresError) -> Answer {
    try database.one(
      """
      select outcome, locale, source, may_ask, read_at, roster, details
      from passerelle.roster(\(token), \(learner)::uuid, \(isAsKnown))
      """)
  }

  /// The learner whom a platform calls `subject`, when they came to this activity as a learner.
  package static func learner(
    _ subject: Subject, platform: String, deployment: String, resourceLink: String, in database: Database
  ) throws(PostgresError) -> String? {
    let learners: [String] = try database.values(
      """
      select e.learner::text
      from passerelle.identities i
      join passerelle.enrolments e on e.learner = i.learner and not e.instructor
      join passerelle.activities a on a.id = e.activity
      where i.platform = \(platform) and i.subject = \(subject.value)
        and a.deployment = \(deployment) and a.resource_link_id = \(resourceLink)
      """)
    return learners.first
  }
}
