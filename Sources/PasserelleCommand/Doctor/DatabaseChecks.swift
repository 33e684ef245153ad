import Adoption
import Passerelle
import Postgres
import Schema
import Store

/// Does the database answer, is its schema the program's, does the tool's key open, do grades flow?
enum DatabaseChecks {
  /// The databases that the other checks ask: as the web server, or as the owner where this user cannot connect as that one;
  /// and as the owner, where this user can. Nil when nothing further can be asked.
  static func run(
    _ report: inout Report, _ environment: Environment, _ web: Database
  ) -> (database: Database, owner: Database?)? {
    let database: Database
    let owner: Database?
    do {
      report.fine("database", "PostgreSQL \(try web.connection().serverVersion / 10_000) answers")
      database = web
      owner = RoleChecks.owner(&report, environment, web)
    } catch {
      guard RoleChecks.isRefusedToRoot(environment.settings.databaseURL),
        let known = RoleChecks.owner(&report, environment, web), let connection = try? known.connection()
      else {
        report.wrong("database", error)
        CertificateChecks.run(&report, environment, nil)
        return nil
      }
      report.fine("database", "PostgreSQL \(connection.serverVersion / 10_000) answers its owner")
      report.doubtful(
        "database",
        "as root the web server's own connection cannot be tried: on the socket the kernel says who connects",
        mend: "run as well: runuser -u www-data -- passerelle doctor")
      database = known
      owner = known
    }
    CertificateChecks.run(&report, environment, try? database.connection())
    let migrator = Migrator(seams: Adoption.seams)
    do {
      let connection = try (owner ?? database).connection()
      let pending = try migrator.pending(on: connection)
      guard pending.isEmpty else {
        report.wrong("schema", "\(pending.count) migrations are missing", mend: "run: passerelle migrate")
        return nil
      }
      checkWriting(&report, database)
      if owner != nil { checkFunctions(&report, migrator, connection) }
    } catch MigrationError.database(let error) {
      report.wrong("schema", error)
      return nil
    } catch {
      report.wrong("schema", "\(error)", mend: "install the program that made this database, or a newer one")
      return nil
    }
    if let owner { RoleChecks.run(&report, owner: owner, web: database === owner ? nil : database) }
    checkKey(&report, environment, database)
    checkGrades(&report, database)
    if let owner { AdoptionChecks.run(&report, owner) }
    return (database, owner)
  }

  /// Functions, views and triggers as this program and the map in force make them, each difference by its name.
  private static func checkFunctions(_ report: inout Report, _ migrator: Migrator, _ connection: Connection) {
    do throws(MigrationError) {
      let differences = try migrator.differences(on: connection)
      if differences.isEmpty { report.fine("schema", "version \(migrator.latest)") }
      for difference in differences { report.wrong("schema", difference.words, mend: "run: passerelle migrate") }
    } catch {
      // What is wrong with a map is said by line where adoption is looked at.
      if case .map = error { return }
      if case .database(let error) = error { return report.wrong("schema", error) }
      report.wrong("schema", error.description, mend: "check the rights of the program's database role")
    }
  }

  /// What `/health` does, and the level that every statement's transaction begins at.
  private static func checkWriting(_ report: inout Report, _ database: Database) {
    do {
      try Health.beat(in: database)
      report.fine("writing", "the database takes it, and its disk has room")
      let level = try Health.defaultLevel(in: database)
      guard level.hasPrefix("read ") else {
        report.doubtful(
          "writing",
          "transactions begin at the level “\(level)”: Passerelle goes around it, with a further try each time; an edit "
            + "in Directus may be refused because somebody else was faster",
          mend: DatabaseTrouble.conflict.mend)
        return
      }
    } catch {
      report.wrong("writing", error)
    }
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
      report.wrong("tool key", error)
    }
  }

  private static func checkGrades(_ report: inout Report, _ database: Database) {
    do throws(PostgresError) {
      let counts = try Grades.counts(in: database)
      if counts.failed > 0 {
        report.doubtful(
          "grades", "\(counts.failed) failed, \(counts.pending) pending",
          mend: "see the reasons with: passerelle grade list --status failed --json")
      } else {
        report.fine("grades", "\(counts.pending) pending, none failed")
      }
      tell(&report, try Recounts.left(in: database))
      if try Grades.clockWasPutBack(in: database) {
        report.doubtful(
          "clock", "the database's clock was put back: it holds instants further ahead than Passerelle ever sets",
          mend: "see that the time of the database's machine is right (timedatectl); grades go on meanwhile")
      }
    } catch {
      report.wrong("grades", error)
    }
  }

  /// Grades that a big edit left to the timer. It does a hundred thousand learners in some minutes.
  private static func tell(_ report: inout Report, _ left: Recounts.Left) {
    guard left.modules > 0 else { return }
    let words =
      "the grades of \(left.modules) \(left.modules == 1 ? "module are" : "modules are") being computed again since "
      + "\(left.seconds / 60) min: \(left.done) of \(left.learners) learners done"
    if left.seconds < 900 {
      report.fine("recount", words)
    } else {
      report.doubtful("recount", words, mend: "see that the timer runs each minute, or run: passerelle grade sync")
    }
  }
}
