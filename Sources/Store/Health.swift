import Postgres

/// Whether the database does its work.
package enum Health {
  /// Writes one row for good, in its place, and looks for room on the disk; what is wrong is thrown. Some milliseconds.
  ///
  /// - Parameter seconds: what was written less than so long ago is taken for an answer.
  package static func beat(within seconds: Int = 0, in database: Database) throws(PostgresError) {
    try database.execute("select passerelle.heartbeat(make_interval(secs => \(seconds)))")
  }

  /// The isolation level at which a statement alone runs, in PostgreSQL's words: "read committed" unless somebody set another.
  package static func defaultLevel(in database: Database) throws(PostgresError) -> String {
    try database.value("select current_setting('default_transaction_isolation')")
  }
}
