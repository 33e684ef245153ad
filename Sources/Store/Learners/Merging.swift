import Postgres

/// Two records of one person, or of one site (`merging.sql`).
package enum Merging {
  /// What became one.
  package struct Merged: RowDecodable {
    package enum Outcome: String {
      case merged, same, unknown
      /// A grade of theirs is on its way just now.
      case busy
    }
    package let outcome: Outcome
    /// How many rows of each became the other learner's.
    package let identities: Int
    package let enrolments: Int
    package let progress: Int
    /// Whether the learner's own row is gone: one of an institution's own collection stays.
    package let isRemoved: Bool

    package init(row: Row) throws(PostgresError) {
      guard let known = Outcome(rawValue: try row.get("outcome")) else {
        throw PostgresError(.decoding, "column outcome has a word that is not known")
      }
      outcome = known
      identities = try row.get("identities", as: Int?.self) ?? 0
      enrolments = try row.get("enrolments", as: Int?.self) ?? 0
      progress = try row.get("progress", as: Int?.self) ?? 0
      isRemoved = try row.get("removed", as: Bool?.self) ?? false
    }
  }

  /// Gives everything of one learner to another, in one transaction; with `isKept` false it is taken back at the end.
  package static func merge(
    _ learner: UUIDText, into other: UUIDText, isKept: Bool, on connection: Connection
  ) throws(PostgresError) -> Merged {
    guard !isKept else {
      return try connection.transaction { () throws(PostgresError) in
        try merge(learner, into: other, on: connection)
      }
    }
    try connection.script("begin isolation level read committed")
    do throws(PostgresError) {
      let merged = try merge(learner, into: other, on: connection)
      try connection.script("rollback")
      return merged
    } catch {
      // Whoever waits for the people tries again in this session.
      do throws(PostgresError) { try connection.script("rollback") } catch { connection.close() }
      throw error
    }
  }

  private static func merge(_ learner: UUIDText, into other: UUIDText, on connection: Connection) throws(PostgresError)
    -> Merged
  {
    let rows = try connection.query(
      """
      select outcome, identities, enrolments, progress, removed
      from passerelle.merge_learners(\(learner.value)::uuid, \(other.value)::uuid)
      """)
    guard let row = rows.first else { throw PostgresError(.decoding, "passerelle.merge_learners answered nothing") }
    return try Merged(row: row)
  }

  /// What became another platform's.
  package struct MergedPlatform: RowDecodable {
    package let people: Int
    /// Of these, how many were two records.
    package let joined: Int
    package let activities: Int

    package init(row: Row) throws(PostgresError) {
      people = try row.get("people")
      joined = try row.get("joined")
      activities = try row.get("activities")
    }
  }

  /// Gives everything of one platform to another, in one statement; fails with SQLSTATE 55P03 while a grade of theirs is on its way.
  package static func merge(platform: String, into other: String, in database: Database) throws(PostgresError)
    -> MergedPlatform
  {
    try database.one(
      "select people, joined, activities from passerelle.platform_merge(\(platform)::uuid, \(other)::uuid)")
  }
}
