import Postgres

/// Learners' progress, through the database's functions.
package enum ProgressStore {
  /// What `passerelle.progress_read` and `passerelle.progress_write` answer.
  package struct Answer: RowDecodable {
    package let outcome: String
    package let unknownSlug: String?
    package let enrolment: String?
    package let locale: String?
    /// A JSON object without its last member, `grade`.
    package let progress: String?
    /// That member, a JSON object.
    package let grade: String?
    package let deliveries: String?

    package init(row: Row) throws(PostgresError) {
      outcome = try row.get("outcome")
      unknownSlug = try row.get("unknown_slug")
      enrolment = try row.get("enrolment")
      locale = try row.get("locale")
      progress = try row.get("progress")
      grade = try row.get("grade")
      deliveries = try row.get("deliveries")
    }
  }

  /// The progress of a session's learner; `token` is a digest.
  package static func read(token: [UInt8], in database: Database) throws(PostgresError) -> Answer {
    try database.one(
      """
      select outcome, null as unknown_slug, null as enrolment, locale, progress, grade, null as deliveries
      from passerelle.progress_read(\(token))
      """)
  }

  /// Records reports (a JSON array) and leases what is owed for `leaseSeconds`; nothing of a run, where the page names one, that was
  /// ended since its session began.
  package static func write(
    token: [UInt8], reports: String, run: Int?, leaseSeconds: Int, in database: Database
  ) throws(PostgresError) -> Answer {
    try database.oneAgain(
      """
      select outcome, unknown_slug, enrolment::text, locale, progress, grade, deliveries
      from passerelle.progress_write(\(token), \(reports), \(leaseSeconds), \(run))
      """)
  }
}
