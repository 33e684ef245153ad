import ArgumentParser
import Store
import Wire

/// `passerelle session`: what people have open.
struct SessionCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "session",
      abstract: Words(fr: "Termine des sessions ouvertes.", en: "End the sessions that people have open."),
      subcommands: [Revoke.self])
  }

  struct Revoke: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: Words(
          fr: "Termine aussitôt les sessions d’un apprenant, ou celles de toute une plateforme.",
          en: "End a learner's sessions, or those of a whole platform, at once."),
        discussion: Words(
          fr: """
            Pour les incidents : un appareil perdu, l’adresse d’une session tombée en de mauvaises mains. Qui rouvre \
            l’activité dans Moodle a une nouvelle session ; pour écarter une plateforme : passerelle platform disable.
            """,
          en: """
            For incidents: a lost device, an address of a session that got into wrong hands. Whoever opens the activity in \
            Moodle again has a new session; to keep a platform out: passerelle platform disable.
            """))
    }

    @Option(
      help: .init(
        Words(
          fr: "L’identifiant de l’apprenant, tel que l’affichent Directus et learner list.",
          en: "The learner's id, as Directus and learner list show it.")))
    var learner: String?
    @Option(
      help: .init(
        Words(fr: "L’émetteur, le nom ou l’identifiant de la plateforme.", en: "The platform's issuer, name or id.")))
    var platform: String?

    func validate() throws {
      guard (learner == nil) != (platform == nil) else {
        throw ValidationError(
          Words(fr: "Dites l’un de --learner ID et --platform URL.", en: "Say one of --learner ID and --platform URL."))
      }
    }

    func run() throws {
      try Console.run {
        let workplace = try Workplace()
        if let platform {
          Console.say(try Sessions.revoke(platform: try workplace.platform(platform).id, in: workplace.database).words)
        } else if let learner {
          guard let id = UUIDText(learner), try Learners.exists(id, in: workplace.database) else {
            throw CommandFailure(Words(fr: "il n’y a pas d’apprenant \(learner)", en: "there is no learner \(learner)"))
          }
          Console.say(try Sessions.revoke(learner: id, in: workplace.database).words)
        }
      }
    }
  }
}

extension Sessions.Ended {
  /// In words for an administrator.
  var words: Words {
    Words(
      fr: "terminées : \(sessions) \(sessions == 1 ? "session" : "sessions"), et \(codes) "
        + "\(codes == 1 ? "code" : "codes") qui en auraient ouvert une autre",
      en:
        "ended: \(sessions) \(sessions == 1 ? "session" : "sessions"), and \(codes) \(codes == 1 ? "code" : "codes") that would have "
        + "opened another")
  }
}
