import Adoption
import Glibc
import Passerelle
import Postgres
import Schema
import Store
import Wire

/// Do the connections of the owner and of the web server lead where they should, and may each do what it must and no more?
enum RoleChecks {
  /// The owner's database, as far as this user gets there; nil where it does not. `web` is the web server's, which answers.
  static func owner(_ report: inout Report, _ environment: Environment, _ web: Database) -> Database? {
    if let misplaced = OwnerConnection.misplaced {
      report.wrong(
        .owner, misplaced,
        mend: Words(
          fr: "déplacez la ligne : le serveur web ne doit pas connaître le mot de passe du propriétaire",
          en: "move the line: the web server must not know the owner's password"))
      return nil
    }
    let url = Words(fr: "vérifiez PASSERELLE_OWNER_DATABASE_URL", en: "check PASSERELLE_OWNER_DATABASE_URL")
    do {
      switch try OwnerConnection.find() {
      case .same: return try ConnectedRole.ownsTables(in: web) ? web : unknown(&report)
      case .closed(let path):
        report.doubtful(
          .owner,
          Words(
            fr: "seul root peut lire \(path) : les fonctions, l’adoption et Directus n’ont pas été examinés",
            en: "only root may read \(path): functions, adoption and Directus were not looked at"),
          mend: Words(fr: "lancez, en tant que root : passerelle doctor", en: "as root run: passerelle doctor"))
        return nil
      case .apart:
        checkFile(&report)
        let owner = try Workplace(as: .owner).database
        guard try ConnectedRole.ownsTables(in: owner) else {
          report.wrong(
            .owner,
            Words(
              fr: "le rôle de PASSERELLE_OWNER_DATABASE_URL ne possède pas les tables de Passerelle",
              en: "the role of PASSERELLE_OWNER_DATABASE_URL does not own Passerelle's tables"),
            mend: Words(
              fr: "nommez-y le rôle qui a lancé le premier passerelle migrate",
              en: "name the role there that ran the first passerelle migrate"))
          return nil
        }
        return owner
      }
    } catch let error as PostgresError {
      report.wrong(.owner, error, mend: url)
    } catch let error as CommandFailure {
      report.wrong(.owner, error.words, mend: url)
    } catch {
      report.wrong(
        .owner, Words(of: error),
        mend: Words(fr: "corrigez \(OwnerConnection.path)", en: "correct \(OwnerConnection.path)"))
    }
    return nil
  }

  /// Looks at the web server's role with the owner's eyes. `web` is nil where this user cannot connect as it.
  static func run(_ report: inout Report, owner: Database, web: Database?) {
    do {
      let connection = try owner.connection()
      let remembered = try Migrator.webRole(on: connection)
      if let web, web !== owner {
        let here = try ConnectedRole.read(in: web)
        let there = try ConnectedRole.read(in: owner)
        guard here.isBeside(there) else {
          report.wrong(
            .owner,
            Words(
              fr: "PASSERELLE_OWNER_DATABASE_URL mène à une autre base que PASSERELLE_DATABASE_URL",
              en: "PASSERELLE_OWNER_DATABASE_URL leads to another database than PASSERELLE_DATABASE_URL"),
            mend: Words(fr: "nommez la même base dans les deux", en: "let both name one database"))
          return
        }
        guard here.name == remembered || here.name == there.name else {
          report.wrong(
            .webRole,
            Words(
              fr: "le serveur web se connecte en tant que \(here.name), dont migrate n’a pas été informé",
              en: "the web server connects as \(here.name), which migrate was not told of"),
            mend: Words(
              fr: "lancez : passerelle migrate --web-role \(ShellWord.quoted(here.name))",
              en: "run: passerelle migrate --web-role \(ShellWord.quoted(here.name))"))
          return
        }
      }
      guard let remembered else {
        report.fine(
          .webRole,
          Words(
            fr: "aucun : un seul rôle possède les tables et sert le web, ce qui convient aux petites "
              + "installations", en: "none: one role owns the tables and serves the web, as small installations may"))
        return
      }
      try check(&report, remembered, connection)
    } catch let error as PostgresError {
      report.wrong(.webRole, error)
    } catch MigrationError.database(let error) {
      report.wrong(.webRole, error)
    } catch {
      report.wrong(
        .webRole, Words(of: error), mend: Words(fr: "lancez : passerelle migrate", en: "run: passerelle migrate"))
    }
  }

  private static func check(_ report: inout Report, _ role: String, _ connection: Connection) throws {
    if let problem = try Migrator.problem(ofWebRole: role, on: connection) {
      report.wrong(
        .webRole, problem, mend: Words(fr: "puis lancez : passerelle migrate", en: "then run: passerelle migrate"))
      return
    }
    let grants = try Migrator(seams: Adoption.seams).webGrants(on: connection)
    guard grants.isEmpty else {
      report.wrong(
        .webRole,
        Words(
          fr: "\(role) a d’autres droits que ceux qu’il faut à ses requêtes : "
            + "\(grants.joined(separator: "; "))",
          en: "\(role) has other rights than its statements need: \(grants.joined(separator: "; "))"),
        mend: Words(fr: "lancez : passerelle migrate", en: "run: passerelle migrate"))
      return
    }
    let excessive = try WebRole.excessive(role, on: connection)
    if excessive.isEmpty {
      report.fine(
        .webRole,
        Words(
          fr: "\(role) a les droits qu’il lui faut, et ne possède rien",
          en: "\(role) has the rights that it needs, and owns nothing"))
    } else {
      report.doubtful(
        .webRole,
        Words(
          fr: "\(role) a plus de droits qu’il ne lui en faut ; leur propriétaire doit lancer :",
          en: "\(role) may do more than it needs; as their owner run:"),
        mend: .statements(excessive))
    }
  }

  /// Whether a socket refused root only because root is not the web server's user. PostgreSQL says so with SQLSTATE 28000,
  /// PgBouncer with words of its own. A wrong password (28P01) is refused to the web server as well.
  static func isRefusedToRoot(_ url: String, _ error: PostgresError) -> Bool {
    let isAtSocket = url.firstRange(of: "host=/") != nil || url.lowercased().firstRange(of: "host=%2f") != nil
    let isRefused = error.sqlState == "28000" || DatabaseAdvice.isRefusedByPgBouncer(error)
    return geteuid() == 0 && isAtSocket && isRefused
  }

  private static func unknown(_ report: inout Report) -> Database? {
    report.doubtful(
      .owner,
      Words(
        fr: "le rôle du serveur web ne possède pas les tables, et rien ne dit comment joindre leur "
          + "propriétaire",
        en: "the web server's role does not own the tables, and nothing says how their owner is reached"),
      mend: Words(
        fr: "écrivez PASSERELLE_OWNER_DATABASE_URL dans \(OwnerConnection.path) (propriétaire root, mode "
          + "0600)", en: "write PASSERELLE_OWNER_DATABASE_URL into \(OwnerConnection.path) (owner root, mode 0600)"))
    return nil
  }

  private static func checkFile(_ report: inout Report) {
    var status = stat()
    guard stat(OwnerConnection.path, &status) == 0, status.st_mode & 0o077 != 0 else { return }
    report.wrong(
      .owner,
      Words(
        fr: "\(OwnerConnection.path) est lisible par d’autres que son propriétaire, et contient un mot "
          + "de passe", en: "\(OwnerConnection.path) can be read by others than its owner, and it holds a password"),
      mend: .same("chown root: \(OwnerConnection.path) && chmod 0600 \(OwnerConnection.path)"))
  }
}
