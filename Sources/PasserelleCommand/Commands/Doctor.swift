import ArgumentParser
import Passerelle
import Store
import Wire

/// `passerelle doctor`: looks at everything a launch and a grade depend on, and says in words what is wrong and how to
/// mend it.
struct Doctor: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      abstract: "Check settings, database, key, Directus, web server and platforms; say what to mend.",
      discussion: "Exit status 0 when nothing is wrong (warnings allowed), 1 otherwise.")
  }

  @OptionGroup var listing: ListingOptions
  @OptionGroup var access: DirectusAccess

  @Option(help: "The database role as which Directus connects; without it, the owner of its tables.")
  var directusRole: String?

  func run() throws {
    try Console.run {
      var report = Report()
      if let environment = SettingsChecks.run(&report) {
        if let (database, owner) = DatabaseChecks.run(&report, environment, Database(open: environment.connect)) {
          if let owner { try DirectusChecks.run(&report, environment, owner, role: directusRole, access: access) }
          WebServerChecks.run(&report, environment, database)
          PlatformChecks.run(&report, environment, database)
        }
      }
      if listing.json {
        listing.print(report.findings.map(\.json), columns: [])
      } else {
        for finding in report.findings { print(finding.text) }
      }
      let wrong = report.findings.count { $0.state == .wrong }
      if wrong > 0 { throw CommandFailure("\(wrong) \(wrong == 1 ? "thing needs" : "things need") mending, see above") }
    }
  }
}
