import ArgumentParser
import LTI
import Passerelle
import Store
import Wire

/// `passerelle platform`: the Moodle sites that may launch.
struct PlatformCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "platform",
      abstract: Words(fr: "Enregistre des sites Moodle et s’en occupe.", en: "Register and look after Moodle sites."),
      subcommands: [
        PlatformAdd.self, List.self, Show.self, Enable.self, Disable.self, PlatformInvite.self, PlatformMove.self,
        PlatformMerge.self,
        PlatformRemove.self,
      ])
  }

  struct List: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(abstract: Words(fr: "Liste les plateformes.", en: "List the platforms."))
    }

    @OptionGroup var listing: ListingOptions

    func run() throws {
      try Console.run {
        let rows = try Platforms.list(in: try Workplace().database)
        listing.print(rows.map(\.json), columns: ["name", "issuer", "enabled", "clients", "deployments", "people"])
      }
    }
  }

  struct Show: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: Words(
          fr: "Affiche une plateforme, et les adresses à y coller.",
          en: "Show one platform, and the addresses to paste into it."))
    }

    @Argument(
      help: .init(
        Words(fr: "Le nom, l’émetteur ou l’identifiant de la plateforme.", en: "The platform's name, issuer or id.")))
    var platform: String
    @OptionGroup var listing: ListingOptions

    func run() throws {
      try Console.run {
        let workplace = try Workplace()
        let found = try workplace.platform(platform)
        let registrations = try Platforms.registrations(of: found.id, in: workplace.database)
        let addresses = ToolAddresses(of: workplace.environment.settings)
        if listing.json {
          var object = found.json
          object["registrations"] = .array(registrations.map { .object($0.json) })
          object["tool"] = .object(addresses.json)
          print(JSONValue.object(object).encoded)
          return
        }
        Console.say(
          Words(
            fr: "\(found.name)\(found.enabled ? "" : " (désactivée)")\n  émetteur      \(found.issuer)\n"
              + "  identifiant   \(found.id)",
            en: "\(found.name)\(found.enabled ? "" : " (disabled)")\n  issuer        \(found.issuer)\n"
              + "  id            \(found.id)"))
        for registration in registrations { Console.say(Self.lines(registration)) }
        for key in found.lti11Keys { Console.say(Words(fr: "  clef LTI 1.1  \(key)", en: "  LTI 1.1 key   \(key)")) }
        if !registrations.isEmpty || found.lti11Keys.isEmpty { print(addresses) }
        for key in found.lti11Keys {
          print(
            LTI11Addresses(
              of: workplace.environment.settings, key: key,
              secretWords: Words(fr: "montré à sa création", en: "shown when it was made")))
        }
      }
    }

    private static func lines(_ registration: Platforms.Known) -> Words {
      let deployments = registration.deployments.joined(separator: ", ")
      return Words(
        fr: """
            client        \(registration.clientID)
            déploiements  \(deployments)
            URL d’accès   \(registration.authURL)
            URL de jeton  \(registration.tokenURL)
            URL de clefs  \(registration.jwksURL)
          """,
        en: """
            client        \(registration.clientID)
            deployments   \(deployments)
            auth URL      \(registration.authURL)
            token URL     \(registration.tokenURL)
            JWKS URL      \(registration.jwksURL)
          """)
    }
  }

  struct Enable: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: Words(
          fr: "Permet de nouveau les ouvertures depuis une plateforme.", en: "Let a platform launch again."))
    }

    @Argument(
      help: .init(
        Words(fr: "Le nom, l’émetteur ou l’identifiant de la plateforme.", en: "The platform's name, issuer or id.")))
    var platform: String

    func run() throws {
      try Console.run {
        let workplace = try Workplace()
        let found = try workplace.platform(platform)
        try Platforms.setEnabled(true, found.id, in: workplace.database)
        Console.say(Words(fr: "activée : \(found.name)", en: "enabled: \(found.name)"))
      }
    }
  }

  struct Disable: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: Words(
          fr: "Refuse les ouvertures depuis une plateforme, termine les sessions de ses personnes et garde "
            + "ses notes en attente.",
          en: "Refuse a platform's launches, end its people's sessions and keep its grades waiting."),
        discussion: Words(
          fr: """
            Les sessions ouvertes se terminent aussitôt, et ce que font les apprenants est refusé jusqu’à ce qu’ils \
            rouvrent l’activité. Réactiver la plateforme ne rend pas les sessions.
            """,
          en: """
            Open sessions end at once, and what learners do is refused until they open the activity again. Enabling the \
            platform again does not bring the sessions back.
            """))
    }

    @Argument(
      help: .init(
        Words(fr: "Le nom, l’émetteur ou l’identifiant de la plateforme.", en: "The platform's name, issuer or id.")))
    var platform: String
    @Flag(
      help: .init(
        Words(
          fr: "Laisse les sessions ouvertes durer jusqu’à leur propre fin.",
          en: "Let the sessions that are open go on until they end by themselves.")))
    var keepSessions = false

    func run() throws {
      try Console.run {
        let workplace = try Workplace()
        let found = try workplace.platform(platform)
        try Platforms.setEnabled(false, found.id, in: workplace.database)
        Console.say(Words(fr: "désactivée : \(found.name)", en: "disabled: \(found.name)"))
        guard !keepSessions else { return }
        // After launches are refused, so that none is missed.
        Console.say(try Sessions.revoke(platform: found.id, in: workplace.database).words)
      }
    }
  }
}

extension Workplace {
  /// The one platform of that name, issuer or id; fails in words where there is none, or more than one.
  func platform(_ text: String) throws -> Platforms.Listed {
    let all = try Platforms.list(in: database)
    let matches = all.filter { $0.id == text || $0.issuer == text || $0.name == text }
    guard let found = matches.first else {
      throw CommandFailure(
        Words(
          fr: "il n’y a pas de plateforme « \(text) » ; connues : "
            + "\(all.map(\.name).joined(separator: ", "))",
          en: "there is no platform “\(text)”; known: \(all.map(\.name).joined(separator: ", "))"))
    }
    guard matches.count == 1 else {
      throw CommandFailure(
        Words(
          fr: "plusieurs plateformes se nomment « \(text) » ; donnez plutôt l’émetteur",
          en: "several platforms are named “\(text)”; give the issuer instead"))
    }
    return found
  }
}
