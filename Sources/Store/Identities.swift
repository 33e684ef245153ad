import LTI
import Postgres

/// Who people are to a platform.
package enum Identities {
  /// What `passerelle.known_as` answers.
  package struct Known: RowDecodable {
    package enum Outcome: String {
      case known, created, linked, joined, different
    }
    package let outcome: Outcome
    /// The learner of the present subject.
    package let learner: String
    /// The other learner, of `joined` and `different`.
    package let other: String?

    package init(row: Row) throws(PostgresError) {
      guard let outcome = Outcome(rawValue: try row.get("outcome")) else {
        throw PostgresError(.decoding, "column outcome has a word that is not known")
      }
      self.outcome = outcome
      learner = try row.get("learner")
      other = try row.get("other")
    }
  }

  /// Makes the message's subject and the one that the person had before lead to one learner.
  package static func join(_ message: LaunchMessage, formerly: Subject, platform: String, in database: Database)
    throws(PostgresError) -> Known
  {
    let person = message.person
    return try database.oneAgain(
      """
      select outcome, learner::text, other::text from passerelle.known_as(
        \(platform), \(message.subject.value), \(formerly.value), \(person.displayName), \(person.givenName),
        \(person.familyName), \(person.email), \(person.locale))
      """)
  }
}
