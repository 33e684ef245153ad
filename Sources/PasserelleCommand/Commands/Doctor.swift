import ArgumentParser
import Passerelle
import Postgres
import Store
import Wire

/// `passerelle doctor`: looks at everything a launch and a grade depend on, and says in words what is wrong and how to
/// mend it.
struct Doctor: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      abstract: Words(
        fr: "Vérifie réglages, base, clef, Directus, serveur web et plateformes ; dit quoi corriger.",
        en: "Check settings, database, key, Directus, web server and platforms; say what to mend."),
      discussion: Words(
        fr: "Code de sortie 0 quand rien n’est faux (les avertissements sont permis), 1 sinon.",
        en: "Exit status 0 when nothing is wrong (warnings allowed), 1 otherwise."))
  }

  @OptionGroup var listing: ListingOptions
  @OptionGroup var access: DirectusAccess

  @Option(
    help: .init(
      Words(
        fr: "Le rôle de base de données avec lequel Directus se connecte ; sans lui, le propriétaire de "
          + "ses tables.", en: "The database role as which Directus connects; without it, the owner of its tables.")))
  var directusRole: String?

  func run() throws {
    try Console.run {
      var report = Report()
      if let environment = SettingsChecks.run(&report) {
        if let (database, owner) = DatabaseChecks.run(&report, environment, Database(open: environment.connect)) {
          if let owner { try DirectusChecks.run(&report, environment, owner, role: directusRole, access: access) }
          WebServerChecks.run(&report, environment, database)
          OriginChecks.run(&report, environment, database)
          do throws(PostgresError) {
            TimerChecks.run(&report, overdue: try Grades.overdue(in: database))
          } catch {
            report.wrong(.timers, error)
          }
          DiskChecks.run(&report, environment.settings)
          ModuleChecks.run(&report, environment, database)
          PlatformChecks.run(&report, environment, database)
        }
      }
      try report.finish(listing)
    }
  }
}
