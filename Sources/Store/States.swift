import Postgres

/// What pages keep for learners: one JSON value for each learner and grain.
package enum States {
  /// What `passerelle.state_read` and `passerelle.state_write` answer.
  package struct Answer: RowDecodable {
    package let outcome: String
    package let locale: String?
    /// The JSON as the page wrote it.
    package let value: String?
    /// Its entity tag, without quotes.
    package let tag: String?

    package init(row: Row) throws(PostgresError) {
      outcome = try row.get("outcome")
      locale = try row.get("locale")
      value = try row.get("value")
      tag = try row.get("tag")
    }
  }

  /// What a session's learner keeps for a grain; `token` is a digest.
  package static func read(token: [UInt8], grain: Slug, in database: Database) throws(PostgresError) -> Answer {
    try database.one("select outcome, locale, value, tag from passerelle.state_read(\(token), \(grain.value))")
  }

  /// Keeps a JSON text: over whatever there is, or only over one of the tags `matches` (parted by spaces, `*` for any), or
  /// only where there is none; nothing of a run, where the page names one, that was ended since its session began.
  package static func write(
    _ value: String, token: [UInt8], grain: Slug, matches: String?, isNew: Bool, run: Int?, in database: Database
  ) throws(PostgresError) -> Answer {
    try database.oneAgain(
      """
      select outcome, locale, value, tag
      from passerelle.state_write(\(token), \(grain.value), \(value)::json, \(matches), \(isNew), \(run))
      """)
  }
}
