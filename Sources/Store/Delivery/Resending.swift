import Postgres
import Wire

/// What a teacher sends again from the dashboard.
package enum Resending {
  /// What `passerelle.resend` answers.
  package struct Answer: RowDecodable {
    package let outcome: String
    package let locale: String?
    /// How many grades are pending again.
    package let done: Int?
    /// Who was left alone, and why: a JSON array of objects with `learner` and `code`.
    package let refused: String?
    /// How many grades of the activity have which status: a JSON object.
    package let grades: String?

    package init(row: Row) throws(PostgresError) {
      outcome = try row.get("outcome")
      locale = try row.get("locale")
      done = try row.get("done")
      refused = try row.get("refused")
      grades = try row.get("grades")
    }
  }

  /// Makes the grades of the session's activity pending again: those of these learners and statuses; nil is all.
  package static func resend(token: [UInt8], learners: [String]?, statuses: [String]?, in database: Database)
    throws(PostgresError) -> Answer
  {
    try database.oneAgain(
      """
      select outcome, locale, done, refused, grades from passerelle.resend(
        \(token), \(learners), \(statuses))
      """)
  }
}
