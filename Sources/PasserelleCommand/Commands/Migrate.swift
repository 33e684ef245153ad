import ArgumentParser
import Passerelle
import Postgres
import Schema

/// `passerelle migrate`: brings the database's schema up to date and makes the tool's key on the first run.
struct Migrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Bring the database up to date; make the tool's key on the first run.")

  @Flag(help: "Only say what is missing; exit status 1 when something is.")
  var check = false

  @Flag(name: .customLong("no-directus"), help: "Leave Directus's own tables alone.")
  var withoutDirectus = false

  func run() throws {
    try Console.run {
      let workplace = try Workplace()
      let connection = try workplace.database.connection()
      let migrator = Migrator(Schema.migrations)
      let pending = try migrator.pending(on: connection)
      if check {
        for migration in pending { print("missing: \(migration.number) \(migration.name)") }
        let hasKey = try pending.isEmpty && ToolKeys.signing(in: workplace.database) != nil
        if !hasKey { print("missing: the tool's key") }
        guard pending.isEmpty, hasKey else {
          throw CommandFailure("the database is not up to date; run: passerelle migrate")
        }
        print("up to date: \(migrator.latest)")
        return
      }
      try migrator.migrate(on: connection) { print("applied: \($0.number) \($0.name)") }
      if let kid = try makeFirstKey(workplace) { print("made the tool's key: \(kid)") }
      print("up to date: \(migrator.latest)")
    }
  }

  private func makeFirstKey(_ workplace: Workplace) throws -> String? {
    guard try ToolKeys.signing(in: workplace.database) == nil else { return nil }
    let key = try NewKey(sealer: workplace.environment.settings.sealer)
    let added = try ToolKeys.addFirst(
      kid: key.kid, publicJWK: key.publicJWK, sealed: key.sealed, in: workplace.database)
    return added ? key.kid : nil
  }
}
