import ArgumentParser
import Passerelle

/// `passerelle`: everything an administrator does, one subcommand each.
@main
struct PasserelleCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "passerelle",
      abstract: "Joins Moodle, a Directus database and a static mini-site.",
      discussion: """
        Settings come from the environment (PASSERELLE_…) and from the KEY=VALUE file that PASSERELLE_CONFIG names, or \
        /etc/passerelle/passerelle.env when that is not set. Exit status: 0 done, 1 refused or failed with the reason on \
        standard error, 64 wrong usage.
        """,
      version: Version.current,
      subcommands: [
        Migrate.self, Doctor.self, PlatformCommand.self, ModuleCommand.self, GrainCommand.self, KeyCommand.self,
        GradeCommand.self, LearnerCommand.self, SessionCommand.self, DirectusCommand.self, Sweep.self,
      ])
  }
}
