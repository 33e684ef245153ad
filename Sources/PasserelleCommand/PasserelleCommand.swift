import ArgumentParser
import Passerelle
import Wire

/// `passerelle`: everything an administrator does, one subcommand each.
@main
struct PasserelleCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "passerelle",
      abstract: Words(
        fr: "Relie Moodle, une base Directus et un mini-site statique.",
        en: "Joins Moodle, a Directus database and a static mini-site."),
      discussion: Words(
        fr: """
          Les réglages viennent de l’environnement (PASSERELLE_…) et du fichier CLEF=VALEUR que nomme \
          PASSERELLE_CONFIG, ou de /etc/passerelle/passerelle.env si elle n’est pas définie. Code de sortie : 0 fait, \
          1 refusé ou échoué avec la raison sur la sortie d’erreur, 64 mauvais usage.
          """,
        en: """
          Settings come from the environment (PASSERELLE_…) and from the KEY=VALUE file that PASSERELLE_CONFIG names, or \
          /etc/passerelle/passerelle.env when that is not set. Exit status: 0 done, 1 refused or failed with the reason on \
          standard error, 64 wrong usage.
          """),
      version: Version.current,
      subcommands: [
        Migrate.self, Doctor.self, PlatformCommand.self, ModuleCommand.self, GrainCommand.self, KeyCommand.self,
        GradeCommand.self, ActivityCommand.self, LearnerCommand.self, PrivacyCommand.self, SessionCommand.self,
        DirectusCommand.self, PackageCommand.self, CheckCommand.self, ScriptCommand.self, Sweep.self,
        ManualCommand.self,
      ])
  }
}
