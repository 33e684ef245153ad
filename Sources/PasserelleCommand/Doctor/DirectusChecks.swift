import Adoption
import Directus
import Passerelle
import Postgres
import Store
import Wire

/// Does Directus know the collections, may its database role edit them and nothing more, and does it show rows as they
/// are?
enum DirectusChecks {
  private static let subject = Words.directus

  static func run(
    _ report: inout Report, _ environment: Environment, _ database: Database, role: String?, access: DirectusAccess
  ) throws {
    let connection = try database.connection()
    do throws(DirectusProblem) {
      guard let tables = try SystemTables.find(on: connection) else {
        let elsewhere = try SystemTables.schemas(on: connection)
        if elsewhere.isEmpty {
          report.fine(subject, Words(fr: "il n’y en a pas dans cette base", en: "none in this database"))
        } else {
          report.doubtful(
            subject, DirectusProblem.absent(elsewhere: elsewhere).words,
            mend: Words(
              fr: "faites travailler Directus dans le schéma public (son réglage DB_SEARCH_PATH)",
              en: "let Directus work in schema public (its setting DB_SEARCH_PATH)"))
        }
        return
      }
      try checkMetadata(&report, tables, connection)
      try checkRights(&report, connection)
    } catch {
      report.wrong(
        subject, error.words,
        mend: Words(
          fr: "corrigez cela, ou ignorez Directus : passerelle migrate --no-directus",
          en: "mend that, or ignore Directus: passerelle migrate --no-directus"))
    }
    // Where this program may not read Directus's tables, its role's rights on the collections matter all the same.
    do throws(DirectusProblem) { try DirectusRoleChecks.run(&report, role, connection) } catch {
      report.wrong(subject, error.words, mend: Words(fr: "vérifiez --directus-role", en: "check --directus-role"))
    }
    try checkServer(&report, environment, access, connection)
  }

  /// The list that `migrate` and `learner erase` print, too.
  private static func checkRights(_ report: inout Report, _ connection: Connection) throws(DirectusProblem) {
    let missing: [String]
    do throws(PostgresError) { missing = try DirectusRights.missing(on: connection) } catch { throw .database(error) }
    guard !missing.isEmpty else {
      return report.fine(
        subject,
        Words(
          fr: "le propriétaire de Passerelle a dans ses tables les droits nécessaires",
          en: "Passerelle's owner may do in its tables what it must"))
    }
    report.doubtful(
      subject,
      Words(
        fr: "le propriétaire de Passerelle n’a pas dans ses tables tous les droits dont migrate, learner "
          + "export et learner erase ont besoin ; leur propriétaire doit lancer :",
        en:
          "Passerelle's owner may not do all that migrate, learner export and learner erase do in its tables; as their owner run:"
      ),
      mend: .statements(missing))
  }

  private static func checkMetadata(
    _ report: inout Report, _ tables: SystemTables, _ connection: Connection
  ) throws(DirectusProblem) {
    let installer = try DirectusWork.installer(tables, on: connection)
    let missing = try installer.missing(on: connection)
    if missing.isEmpty {
      report.fine(
        subject,
        Words(
          fr: "la version \(tables.shape.rawValue) connaît les collections",
          en: "version \(tables.shape.rawValue) knows the collections"))
    } else {
      report.doubtful(
        subject,
        Words(
          fr: "la version \(tables.shape.rawValue) ne sait pas tout des collections ; il manque : "
            + "\(MetadataKeys(missing))",
          en: "version \(tables.shape.rawValue) is not told everything about the collections; missing: "
            + "\(MetadataKeys(missing))"),
        mend: Words(fr: "lancez : passerelle migrate", en: "run: passerelle migrate"))
    }
  }

  /// The settings of a running Directus are in its environment, its licence in its memory; only it can tell of them.
  private static func checkServer(
    _ report: inout Report, _ environment: Environment, _ access: DirectusAccess, _ connection: Connection
  ) throws {
    guard let server = try access.server(environment.settings) else {
      report.unseen(
        subject,
        Words(
          fr: "son cache de données (CACHE_ENABLED) et sa licence ne se voient pas depuis la base",
          en: "its data cache (CACHE_ENABLED) and its licence cannot be seen from the database"),
        mend: .same("passerelle doctor --directus-url URL --directus-token-file FILE"))
      return
    }
    do {
      try LicenceChecks.run(&report, server, connection)
      try checkCache(&report, try DataCacheProbe(server, on: connection).run(), connection)
    } catch let error as PostgresError {
      report.wrong(subject, error)
    } catch let problem as ServerProblem {
      report.wrong(
        subject, problem.words,
        mend: Words(
          fr: "vérifiez --directus-url et --directus-token-file", en: "check --directus-url and --directus-token-file"))
    }
  }

  private static func checkCache(
    _ report: inout Report, _ found: DataCacheProbe.Finding, _ connection: Connection
  ) throws {
    switch found {
    case .off:
      report.fine(
        subject,
        Words(
          fr: "n’a pas de cache de données : il montre les lignes telles qu’elles sont",
          en: "has no data cache: it shows rows as they are"))
    case .notLooked(let grants):
      report.unseen(
        subject,
        Words(
          fr: "son cache de données n’a pas été cherché : il y faudrait une ligne, un instant ; le "
            + "propriétaire de ses tables doit lancer :",
          en: "its data cache was not looked for, which needs a row for a moment; as the owner of its tables run:"),
        mend: .statements(grants))
    case .on:
      let collections = try Adopted.collectionsInUse(on: connection).joined(separator: ",")
      report.doubtful(
        subject,
        Words(
          fr: "a un cache de données (CACHE_ENABLED) : il peut montrer les lignes avec un retard allant "
            + "jusqu’à CACHE_TTL, car rien ne lui signale ce qui est écrit en SQL",
          en: "has a data cache (CACHE_ENABLED): it may show rows as they were up to CACHE_TTL ago, because nothing "
            + "tells it of rows that are written by SQL"),
        mend:
          Words(
            fr: "réglez CACHE_ENABLED=false, ou "
              + "CACHE_AUTO_PURGE_IGNORE_LIST=directus_activity,directus_presets,\(collections)",
            en:
              "set CACHE_ENABLED=false, or CACHE_AUTO_PURGE_IGNORE_LIST=directus_activity,directus_presets,\(collections)"
          )
      )
    }
  }
}
