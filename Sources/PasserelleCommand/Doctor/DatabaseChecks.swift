import Passerelle
import Postgres
import Schema
import Store

/// Does the database answer, is its schema the program's, does the tool's key open, do grades flow?
enum DatabaseChecks {
  /// False when nothing further can be asked of the database.
  static func run(_ report: inout Report, _ environment: Environment, _ database: Database) -> Bool {
    let connection: Connection
    do {
      connection = try database.connection()
      report.fine("database", "PostgreSQL \(connection.serverVersion / 10_000) answers")
    } catch {
      report.wrong(
        "database", error.debugDetail,
        mend: "check PASSERELLE_DATABASE_URL, and that PostgreSQL and PgBouncer are running")
      return false
    }
    let migrator = Migrator(Schema.migrations)
    do {
      let pending = try migrator.pending(on: connection)
      guard pending.isEmpty else {
        report.wrong("schema", "\(pending.count) migrations are missing", mend: "run: passerelle migrate")
        return false
      }
      report.fine("schema", "version \(migrator.latest)")
    } catch {
      report.wrong("schema", "\(error)", mend: "install the program that made this database, or a newer one")
      return false
    }
    checkKey(&report, environment, database)
    checkGrades(&report, database)
    AdoptionChecks.run(&report, database)
    return true
  }

  private static func checkKey(_ report: inout Report, _ environment: Environment, _ database: Database) {
    do {
      guard let signing = try ToolKeys.signing(in: database) else {
        report.wrong("tool key", "there is none", mend: "run: passerelle migrate")
        return
      }
      guard let key = signing.privateKey(environment.settings.sealer) else {
        report.wrong(
          "tool key", "it does not open with PASSERELLE_SECRET",
          mend: "put back the secret with which the key was made; a key and its secret are backed up together")
        return
      }
      guard key.publicJWK.kid == signing.kid else {
        report.wrong(
          "tool key", "\(signing.kid) is not the key that is sealed under it",
          mend: "restore the database from a backup")
        return
      }
      report.fine("tool key", signing.kid)
    } catch {
      report.wrong("tool key", error.debugDetail, mend: "check the database")
    }
  }

  private static func checkGrades(_ report: inout Report, _ database: Database) {
    guard let counts = try? Grades.counts(in: database) else { return }
    if counts.failed > 0 {
      report.doubtful(
        "grades", "\(counts.failed) failed, \(counts.pending) pending",
        mend: "see the reasons with: passerelle grade list --status failed --json")
    } else {
      report.fine("grades", "\(counts.pending) pending, none failed")
    }
  }
}
