import Adoption
import Passerelle
import Postgres
import Schema
import Store
import Wire

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
      let version = try web.connection().serverVersion / 10_000
      report.fine(.database, Words(fr: "PostgreSQL \(version) répond", en: "PostgreSQL \(version) answers"))
      database = web
      owner = RoleChecks.owner(&report, environment, web)
    } catch {
      guard RoleChecks.isRefusedToRoot(environment.settings.databaseURL, error),
        let known = RoleChecks.owner(&report, environment, web), let connection = try? known.connection()
      else {
        report.wrong(.database, error)
        CertificateChecks.run(&report, environment, nil)
        return nil
      }
      report.fine(
        .database,
        Words(
          fr: "PostgreSQL \(connection.serverVersion / 10_000) répond à son propriétaire",
          en: "PostgreSQL \(connection.serverVersion / 10_000) answers its owner"))
      report.doubtful(
        .database,
        Words(
          fr: "en tant que root, on ne peut pas essayer la connexion du serveur web : sur le socket, c’est "
            + "le noyau qui dit qui se connecte",
          en: "as root the web server's own connection cannot be tried: on the socket the kernel says who connects"),
        mend: Words(
          fr: "lancez aussi : runuser -u www-data -- passerelle doctor",
          en: "run as well: runuser -u www-data -- passerelle doctor"))
      database = known
      owner = known
    }
    CertificateChecks.run(&report, environment, try? database.connection())
    let migrator = Migrator(seams: Adoption.seams)
    do {
      let connection = try (owner ?? database).connection()
      let pending = try migrator.pending(on: connection)
      guard pending.isEmpty else {
        report.wrong(
          .schema,
          Words(
            fr: "il manque \(pending.count) \(pending.count == 1 ? "migration" : "migrations")",
            en: "\(pending.count) \(pending.count == 1 ? "migration is" : "migrations are") missing"),
          mend: Words(fr: "lancez : passerelle migrate", en: "run: passerelle migrate"))
        return nil
      }
      // Both comparisons make temporary objects, which a database that takes no writing refuses.
      if checkWriting(&report, database), owner != nil {
        let lost = try migrator.tableDifferences(on: connection)
        for difference in lost { report.wrong(.schema, difference.words, mend: difference.mend) }
        guard lost.isEmpty else { return nil }
        checkFunctions(&report, migrator, connection)
      }
    } catch MigrationError.database(let error) {
      report.wrong(.schema, error)
      return nil
    } catch {
      report.wrong(
        .schema, Words(of: error),
        mend: Words(
          fr: "installez le programme qui a créé cette base, ou un plus récent",
          en: "install the program that made this database, or a newer one"))
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
      if differences.isEmpty { report.fine(.schema, .same("version \(migrator.latest)")) }
      for difference in differences {
        report.wrong(
          .schema, difference.words, mend: Words(fr: "lancez : passerelle migrate", en: "run: passerelle migrate"))
      }
    } catch {
      // What is wrong with a map is said by line where adoption is looked at.
      if case .map = error { return }
      if case .database(let error) = error { return report.wrong(.schema, error) }
      report.wrong(
        .schema, error.words,
        mend: Words(
          fr: "vérifiez les droits du rôle de base de données du programme",
          en: "check the rights of the program's database role"))
    }
  }

  /// What `/health` does, and the level that every statement's transaction begins at.
  /// Whether the database takes what is written.
  private static func checkWriting(_ report: inout Report, _ database: Database) -> Bool {
    do {
      try Health.beat(in: database)
      report.fine(
        .writing,
        Words(
          fr: "la base accepte les écritures, et son disque a de la place",
          en: "the database takes it, and its disk has room"))
      let level = try Health.defaultLevel(in: database)
      guard level.hasPrefix("read ") else {
        report.doubtful(
          .writing,
          Words(
            fr: "les transactions commencent au niveau « \(level) » : Passerelle s’en accommode, au prix "
              + "d’un essai de plus à chaque fois ; une modification dans Directus peut être refusée parce "
              + "que quelqu’un d’autre a été plus rapide",
            en:
              "transactions begin at the level “\(level)”: Passerelle goes around it, with a further try each time; an edit "
              + "in Directus may be refused because somebody else was faster"),
          mend: DatabaseTrouble.conflict.mend)
        return true
      }
      return true
    } catch {
      report.wrong(.writing, error)
      return false
    }
  }

  private static func checkKey(_ report: inout Report, _ environment: Environment, _ database: Database) {
    do {
      guard let signing = try ToolKeys.signing(in: database) else {
        report.wrong(
          .toolKey, Words(fr: "il n’y en a pas", en: "there is none"),
          mend: Words(fr: "lancez : passerelle migrate", en: "run: passerelle migrate"))
        return
      }
      guard let key = signing.privateKey(environment.settings.sealer) else {
        report.wrong(
          .toolKey,
          Words(fr: "elle ne s’ouvre pas avec PASSERELLE_SECRET", en: "it does not open with PASSERELLE_SECRET"),
          mend: Words(
            fr: "remettez le secret avec lequel la clef a été créée ; une clef et son secret se sauvegardent "
              + "ensemble",
            en: "put back the secret with which the key was made; a key and its secret are backed up together"))
        return
      }
      guard key.publicJWK.kid == signing.kid else {
        report.wrong(
          .toolKey,
          Words(
            fr: "\(signing.kid) n’est pas la clef scellée sous ce nom",
            en: "\(signing.kid) is not the key that is sealed under it"),
          mend: Words(fr: "restaurez la base depuis une sauvegarde", en: "restore the database from a backup"))
        return
      }
      report.fine(.toolKey, .same(signing.kid))
    } catch {
      report.wrong(.toolKey, error)
    }
  }

  private static func checkGrades(_ report: inout Report, _ database: Database) {
    do throws(PostgresError) {
      let counts = try Grades.counts(in: database)
      if counts.failed > 0 {
        report.doubtful(
          .grades,
          Words(
            fr: "\(counts.failed) en échec, \(counts.pending) en attente",
            en: "\(counts.failed) failed, \(counts.pending) pending"),
          mend: Words(
            fr: "voir les raisons : passerelle grade list --status failed --json",
            en: "see the reasons with: passerelle grade list --status failed --json"))
      } else {
        report.fine(
          .grades,
          Words(fr: "\(counts.pending) en attente, aucune en échec", en: "\(counts.pending) pending, none failed"))
      }
      if counts.emptied > 0 {
        report.doubtful(
          .grades,
          Words(
            fr: "\(counts.emptied) avaient été transmises, et Moodle n’a plus rien : un cours a été "
              + "réinitialisé, ou une colonne supprimée",
            en:
              "\(counts.emptied) were delivered, and Moodle has nothing there any more: a course was reset, or a column deleted"
          ),
          mend:
            Words(
              fr: "voir : passerelle grade list --status emptied ; pour les renvoyer : passerelle grade retry "
                + "--status emptied",
              en:
                "see: passerelle grade list --status emptied; to send them again: passerelle grade retry --status emptied"
            ))
      }
      tell(&report, try Recounts.left(in: database))
      if try Grades.clockWasPutBack(in: database) {
        report.doubtful(
          .clock,
          Words(
            fr: "l’horloge de la base a été reculée : la base contient des instants plus lointains que "
              + "Passerelle n’en écrit jamais",
            en: "the database's clock was put back: it holds instants further ahead than Passerelle ever sets"),
          mend: Words(
            fr: "vérifiez que la machine de la base est à l’heure (timedatectl) ; les notes continuent "
              + "entre-temps",
            en: "see that the time of the database's machine is right (timedatectl); grades go on meanwhile"))
      }
    } catch {
      report.wrong(.grades, error)
    }
  }

  /// Grades that a big edit left to the timer. It does a hundred thousand learners in some minutes.
  private static func tell(_ report: inout Report, _ left: Recounts.Left) {
    guard left.modules > 0 else { return }
    let words =
      Words(
        fr: "les notes de \(left.modules) \(left.modules == 1 ? "module" : "modules") sont recalculées "
          + "depuis \(left.seconds / 60) min : \(left.done) apprenants sur \(left.learners) faits",
        en:
          "the grades of \(left.modules) \(left.modules == 1 ? "module are" : "modules are") being computed again since "
          + "\(left.seconds / 60) min: \(left.done) of \(left.learners) learners done")
    if left.seconds < 900 {
      report.fine(.recount, words)
    } else {
      report.doubtful(
        .recount, words,
        mend: Words(
          fr: "vérifiez que la minuterie tourne chaque minute, ou lancez : passerelle grade sync",
          en: "see that the timer runs each minute, or run: passerelle grade sync"))
    }
  }
}
