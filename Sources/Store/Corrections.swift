import Postgres

/// What teachers correct on the dashboard.
package enum Corrections {
  /// What `passerelle.progress_correct` answers.
  package struct Answer: RowDecodable {
    package let outcome: String
    package let locale: String?
    /// The activity, for the log.
    package let activity: String?
    /// The learner's grades for the module by their ids, JSON.
    package let grades: String?
    package let deliveries: String?

    package init(row: Row) throws(PostgresError) {
      outcome = try row.get("outcome")
      locale = try row.get("locale")
      activity = try row.get("activity")
      grades = try row.get("grades")
      deliveries = try row.get("deliveries")
    }
  }

  /// Puts a status and a score in place of what a learner's grain has, and leases what is owed now; `token` is a digest.
  package static func make(
    token: [UInt8], learner: String, grain: String, status: String, score: Double?, reason: String, leaseSeconds: Int,
    in database: Database
  ) throws(PostgresError) -> Answer {
    try database.oneAgain(
      """
      select outcome, locale, activity::text, grades, deliveries
      from passerelle.progress_correct(
        \(token), \(learner)::uuid, \(grain), \(status), \(score)::float8::numeric, \(reason), \(leaseSeconds))
      """)
  }
}
