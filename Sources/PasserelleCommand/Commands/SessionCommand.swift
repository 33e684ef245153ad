import ArgumentParser
import Store

/// `passerelle session`: what people have open.
struct SessionCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "session", abstract: "End the sessions that people have open.", subcommands: [Revoke.self])
  }

  struct Revoke: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: "End a learner's sessions, or those of a whole platform, at once.",
        discussion: """
          For incidents: a lost device, an address of a session that got into wrong hands. Whoever opens the activity in \
          Moodle again has a new session; to keep a platform out: passerelle platform disable.
          """)
    }

    @Option(help: "The learner's id, as Directus and learner list show it.")
    var learner: String?
    @Option(help: "The platform's issuer, name or id.")
    var platform: String?

    func validate() throws {
      guard (learner == nil) != (platform == nil) else {
        throw ValidationError("Say one of --learner ID and --platform URL.")
      }
    }

    func run() throws {
      try Console.run {
        let workplace = try Workplace()
        if let platform {
          print(try Sessions.revoke(platform: try workplace.platform(platform).id, in: workplace.database).words)
        } else if let learner {
          guard let id = UUIDText(learner), try Learners.exists(id, in: workplace.database) else {
            throw CommandFailure("there is no learner \(learner)")
          }
          print(try Sessions.revoke(learner: id, in: workplace.database).words)
        }
      }
    }
  }
}

extension Sessions.Ended {
  /// In words for an administrator.
  var words: String {
    "ended: \(sessions) \(sessions == 1 ? "session" : "sessions"), and \(codes) \(codes == 1 ? "code" : "codes") that would have "
      + "opened another"
  }
}
