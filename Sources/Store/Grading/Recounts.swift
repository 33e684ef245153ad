import Postgres

/// Modules whose grades the timer computes again, because an edit of their catalogue concerned too many learners to do it at once.
package enum Recounts {
  /// What is left of them.
  package struct Left: RowDecodable {
    /// How many modules.
    package let modules: Int
    /// How many learners there were in them when that was asked for.
    package let learners: Int
    /// How many of those are done.
    package let done: Int
    /// Seconds since the oldest was asked for; 0 without one.
    package let seconds: Int

    package init(row: Row) throws(PostgresError) {
      modules = try row.get("modules")
      learners = try row.get("learners")
      done = try row.get("done")
      seconds = try row.get("seconds")
    }

    /// How many learners are still to be done: 0 at least, because others may have come meanwhile.
    package var waiting: Int { max(0, learners - done) }
  }

  /// What is left to be computed: a row for each module, so that this is cheap at any number of learners.
  package static func left(in database: Database) throws(PostgresError) -> Left {
    try database.one(
      """
      select count(*) as modules, coalesce(sum(r.learners), 0) as learners, coalesce(sum(r.done), 0) as done,
             greatest(coalesce(extract(epoch from now() - min(r.asked_at)), 0), 0)::bigint as seconds
      from passerelle.recounts r
      """)
  }

  /// Computes the next learners, `limit` at most; answers how many, nil when nothing is left.
  ///
  /// - Throws: SQLSTATE 55P03 when somebody works on one of them: nothing was done, and it is to be asked again.
  package static func step(limit: Int, in database: Database) throws(PostgresError) -> Int? {
    try database.value("select computed from passerelle.recount(\(limit))", as: Int?.self)
  }
}
