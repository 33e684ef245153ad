import Postgres
import Schema
import Wire

/// Collections of an institution's own that stand in for Passerelle's: putting a map in force, and taking it back.
package enum Adoption {
  /// What was done, or would be.
  package struct Report: Sendable {
    /// What is new in tables of theirs, and what goes out of sight, in words.
    package let words: [Words]
    /// The statements, in order.
    package let statements: [String]
    /// How many rows each role has now: `learners: 12`.
    package let counts: [String]
    /// What works and may surprise.
    package let warnings: [Words]
    /// Migrations that were applied on the way.
    package let migrations: [Migration]
    /// What is left to the owner of the tables.
    var ownersUndoing: OwnersUndoing?

    /// The same as a script for `psql`; nil where nothing is left.
    package var scriptForOwner: String? { ownersUndoing.flatMap { $0.isEmpty ? nil : $0.script } }
    /// The statements of that script.
    package var statementsForOwner: [String] { ownersUndoing?.statements ?? [] }
  }

  static let nothingAdopted = Words(fr: "aucune collection n’est adoptée", en: "no collections are adopted")

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
      try Adopter(
        text: text, map: map, connection: connection, migrator: migrator, witness: witness, isRehearsal: isRehearsal
      ).run()
    }
  }

  /// What only the owner of the tables may do for a map, and has not done yet. Changes nothing, and needs no right but to look.
  package static func ownersPart(_ text: String, on connection: Connection) throws(AdoptionProblem) -> OwnersPart {
    let map: AdoptionMap
    do throws(MapProblems) { map = try AdoptionMap(parsing: text) } catch { throw .map(error) }
    let isInForce = try Adopted.inForce(on: connection) != nil
    let survey = try asking { () throws(PostgresError) in try Survey.read(on: connection) }
    let plan: AdoptionPlan
    do throws(MapProblems) { plan = try Planner.plan(map, survey, isInForce: isInForce) } catch { throw .map(error) }
    try Probing(connection: connection).check(plan)
    return OwnersPart(plan, role: survey.role)
  }

  /// What only the owner of the tables may do once their collections are given back: take away what was added to them.
  package static func ownersUndoing(on connection: Connection) throws(AdoptionProblem) -> OwnersUndoing {
    guard let adopted = try Adopted.inForce(on: connection) else { throw .refused(nothingAdopted) }
    let survey = try asking { () throws(PostgresError) in try Survey.read(on: connection) }
    let plan = try plan(adopted, on: connection)
    return OwnersUndoing(plan, role: survey.role)
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
      var restoration = Restoration(connection: connection, forgets: forgets, migrator: migrator, witness: witness)
      return try restoration.run()
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
