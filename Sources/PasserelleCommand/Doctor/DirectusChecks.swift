import Adoption
import Directus
import Passerelle
import Postgres
import Store

/// Does Directus know the collections, may its database role edit them and nothing more, and does it show rows as they
/// are?
enum DirectusChecks {
  private static let subject = "Directus"

  static func run(
    _ report: inout Report, _ environment: Environment, _ database: Database, role: String?, access: DirectusAccess
  ) throws {
    let connection = try database.connection()
    do throws(DirectusProblem) {
      guard let tables = try SystemTables.find(on: connection) else {
        let elsewhere = try SystemTables.schemas(on: connection)
        if elsewhere.isEmpty {
          report.fine(subject, "none in this database")
        } else {
          report.doubtful(
            subject, DirectusProblem.absent(elsewhere: elsewhere).description,
            mend: "let Directus work in schema public (its setting DB_SEARCH_PATH)")
        }
        return
      }
      try checkMetadata(&report, tables, connection)
    } catch {
      report.wrong(subject, "\(error)", mend: "mend that, or ignore Directus: passerelle migrate --no-directus")
    }
    // Where this program may not read Directus's tables, its role's rights on the collections matter all the same.
    do throws(DirectusProblem) { try DirectusRoleChecks.run(&report, role, connection) } catch {
      report.wrong(subject, "\(error)", mend: "check --directus-role")
    }
    try checkCache(&report, environment, access, connection)
  }

  private static func checkMetadata(
    _ report: inout Report, _ tables: SystemTables, _ connection: Connection
  ) throws(DirectusProblem) {
    let installer = try DirectusWork.installer(tables, on: connection)
    let missing = try installer.missing(on: connection)
    if missing.isEmpty {
      report.fine(subject, "version \(tables.shape.rawValue) knows the collections")
    } else {
      report.doubtful(
        subject,
        "version \(tables.shape.rawValue) is not told everything about the collections; missing: "
          + "\(MetadataKeys(missing))",
        mend: "run: passerelle migrate")
    }
  }

  /// The settings of a running Directus are in its environment; only it can tell of them.
  private static func checkCache(
    _ report: inout Report, _ environment: Environment, _ access: DirectusAccess, _ connection: Connection
  ) throws {
    guard let server = try access.server(environment.settings) else {
      report.fine(
        subject, "its data cache (CACHE_ENABLED) is not seen from here; --directus-url and --directus-token-file ask it"
      )
      return
    }
    do {
      switch try server.dataCache() {
      case .off: report.fine(subject, "has no data cache: it shows rows as they are")
      case .on:
        let collections = try Adopted.collectionsInUse(on: connection).joined(separator: ",")
        report.doubtful(
          subject,
          "has a data cache (CACHE_ENABLED): it may show rows as they were up to CACHE_TTL ago, because nothing "
            + "tells it of rows that are written by SQL",
          mend:
            "set CACHE_ENABLED=false, or CACHE_AUTO_PURGE_IGNORE_LIST=directus_activity,directus_presets,\(collections)"
        )
      }
    } catch {
      report.wrong(subject, "\(error)", mend: "check --directus-url and --directus-token-file")
    }
  }
}
