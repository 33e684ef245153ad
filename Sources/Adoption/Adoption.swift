import Postgres
import Schema

/// Collections of an institution's own that stand in for Passerelle's: putting a map in force, and taking it back.
package enum Adoption {
  /// What was done, or would be.
  package struct Report: Sendable {
    /// What is new in tables of theirs, and what goes out of sight, in words.
    package let words: [String]
    /// The statements, in order.
    package let statements: [String]
    /// How many rows each role has now: `learners: 12`.
    package let counts: [String]
    /// What works and may surprise.
    package let warnings: [String]
    /// Migrations that were applied on the way.
    package let migrations: [Migration]
  }

  /// Puts a map in force, in one transaction; a database that Passerelle does not know yet is migrated in it, too.
  ///
  /// - Parameters:
  ///   - text: the map.
  ///   - migrator: with the seams that are in force (`Adoption.seams`).
  ///   - witness: who is told in the same transaction.
  ///   - isRehearsal: everything is run and rolled back.
  /// - Throws: why not; then nothing has changed.
  package static func adopt(
    _ text: String, migrator: Migrator, on connection: Connection, witness: (any AdoptionWitness)? = nil,
    isRehearsal: Bool = false
  ) throws(AdoptionProblem) -> Report {
    let map: AdoptionMap
    do throws(MapProblems) { map = try AdoptionMap(parsing: text) } catch { throw .map(error) }
    return try transaction(on: connection, commits: !isRehearsal) { () throws(AdoptionProblem) in
      try Adopter(text: text, map: map, connection: connection, migrator: migrator, witness: witness).run()
    }
  }

  /// Takes a map out of force, in one transaction: the tables are as they were before, and the seams are those of the
  /// program that is installed.
  ///
  /// - Parameters:
  ///   - forgets: whether identities, enrolments and grades of people in tables of theirs are deleted, which Passerelle's
  ///     own tables do not know. Their progress stays where it is.
  ///   - migrator: as for `adopt`.
  ///   - witness: who is told in the same transaction.
  ///   - isRehearsal: everything is run and rolled back.
  /// - Throws: `.refused` when nothing is adopted, or when something would be forgotten and may not.
  package static func undo(
    forgets: Bool, migrator: Migrator, on connection: Connection, witness: (any AdoptionWitness)? = nil,
    isRehearsal: Bool = false
  ) throws(AdoptionProblem) -> Report {
    try transaction(on: connection, commits: !isRehearsal) { () throws(AdoptionProblem) in
      try Restoration(connection: connection, forgets: forgets, migrator: migrator, witness: witness).run()
    }
  }

  /// The roles that tables of an institution's own stand for.
  package static func adoptedRoles(on connection: Connection) throws(PostgresError) -> [SeamRole] {
    let rows = try connection.query("select json_object_keys(a.tables) as role from passerelle.adoption a")
    return try rows.map { row throws(PostgresError) in try row.get("role") }.compactMap(SeamRole.init(rawValue:))
  }

  /// Tables in schema public that have the names of Passerelle's own and are not; empty where Passerelle lives already.
  package static func collisions(on connection: Connection) throws(PostgresError) -> [String] {
    let rows = try connection.query(
      """
      select c.relname::text as name
      from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relname in ('learners', 'modules', 'grains', 'progress', 'grades')
        and to_regclass('passerelle.platforms') is null
      order by 1
      """)
    return try rows.map { row throws(PostgresError) in try row.get("name") }
  }

  private static func transaction<Value>(
    on connection: Connection, commits: Bool, _ body: () throws(AdoptionProblem) -> Value
  ) throws(AdoptionProblem) -> Value {
    do throws(PostgresError) {
      // Whoever waits for a lock makes everybody behind wait, too.
      try connection.script("begin isolation level read committed; set local lock_timeout = '15s'")
    } catch { throw .database(error) }
    do throws(AdoptionProblem) {
      let value = try body()
      do throws(PostgresError) { try connection.script(commits ? "commit" : "rollback") } catch {
        throw AdoptionProblem.database(error)
      }
      return value
    } catch {
      if connection.isOpen {
        do throws(PostgresError) { try connection.script("rollback") } catch { connection.close() }
      }
      throw error
    }
  }
}
