import ArgumentParser
import LTI
import Passerelle
import Store
import Wire

/// `passerelle platform move`: follows a Moodle to its new URL.
struct PlatformMove: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "move",
      abstract: Words(
        fr: "Suit un Moodle vers une nouvelle URL ; ses personnes et leur progression restent.",
        en: "Follow a Moodle to a new URL; its people and their progress stay."),
      discussion: Words(
        fr: """
          À lancer quand l’adresse du site (wwwroot) a changé :
            passerelle platform move https://ancien.example.org https://nouveau.example.org/moodle
          L’émetteur et toutes les adresses sous lui sont réécrits en une transaction, avec celles des notes en cours ; ce qui a \
          échoué à cause de l’ancienne adresse est envoyé à la nouvelle. Un Moodle qui a déménagé garde ses clefs, et elles sont \
          demandées à la nouvelle adresse.
          """,
        en: """
          Run it when the site's address (wwwroot) has changed:
            passerelle platform move https://old.example.org https://new.example.org/moodle
          The issuer and every address below it are rewritten in one transaction, those of grades under way too; what failed \
          because of the old address is sent to the new one. A Moodle that moved keeps its keys, and the new address is asked \
          for them.
          """))
  }

  @Argument(
    help: .init(Words(fr: "L’émetteur de la plateforme jusqu’à présent.", en: "The platform's issuer until now.")))
  var oldIssuer: String
  @Argument(help: .init(Words(fr: "La nouvelle adresse du site.", en: "The site's new address.")))
  var newURL: String
  @Flag(
    help: .init(
      Words(fr: "Dit ce qui changerait, et ne change rien.", en: "Say what would change, and change nothing.")))
  var check = false
  @Flag(
    help: .init(
      Words(
        fr: "Même si la nouvelle adresse n’a aucune des clefs de la plateforme, ou ne peut être "
          + "interrogée.", en: "Also where the new address has none of the platform's keys, or cannot be asked.")))
  var differentKeys = false

  func run() throws {
    try Console.run {
      let workplace = try Workplace()
      let new = try Self.site(newURL, isInsecureAllowed: workplace.environment.settings.allowsInsecureHTTP)
      let platforms = try Platforms.list(in: workplace.database)
      let old = Self.withoutSlashes(WebURL(written: oldIssuer)?.description ?? oldIssuer)
      guard
        let platform = platforms.first(where: { $0.issuer == oldIssuer })
          ?? platforms.first(where: { $0.issuer == old })
      else {
        throw CommandFailure(
          Words(
            fr: "il n’y a pas de plateforme d’émetteur \(oldIssuer) ; connus : "
              + "\(platforms.map(\.issuer).joined(separator: ", "))",
            en: "there is no platform of issuer \(oldIssuer); known: \(platforms.map(\.issuer).joined(separator: ", "))"
          ))
      }
      guard !platforms.contains(where: { $0.issuer == new }) else {
        throw CommandFailure(
          Words(
            fr: "il y a déjà une plateforme d’émetteur \(new) ; ses personnes ne se distinguent pas de "
              + "celles de \(platform.name)",
            en: "there is a platform of issuer \(new) already; its people cannot be told from \(platform.name)'s"))
      }
      if !differentKeys { try workplace.requireKeys(of: platform, at: new) }
      let moved = try Platforms.move(platform, to: new, isKept: !check, in: workplace.database)
      Console.say(
        Words(
          fr: "\(check ? "à déplacer" : "déplacée") : \(platform.name), \(platform.issuer) → \(new)",
          en: "\(check ? "would move" : "moved"): \(platform.name), \(platform.issuer) → \(new)"))
      Console.say(
        Words(
          fr: "  personnes \(platform.people), enregistrements \(moved.registrations), activités "
            + "\(moved.activities), activités d’apprenants avec adresse de note \(moved.enrolments)",
          en: "  people \(platform.people), registrations \(moved.registrations), activities \(moved.activities), "
            + "learners' activities with grade addresses \(moved.enrolments)"))
      if moved.again > 0 {
        Console.say(
          Words(
            fr: "  notes qui avaient échoué et sont de nouveau en attente \(moved.again)",
            en: "  grades that had failed and are pending again \(moved.again)"))
      }
      if moved.elsewhere > 0 {
        Console.say(
          Words(
            fr: "  \(moved.elsewhere) enregistrements ont des adresses ailleurs, qui restent : passerelle "
              + "platform show",
            en: "  \(moved.elsewhere) registrations have addresses elsewhere, which stay: passerelle platform show"))
      }
    }
  }

  /// The new issuer: an address without query, fragment and trailing slash, as Moodle's wwwroot is.
  private static func site(_ text: String, isInsecureAllowed: Bool) throws -> String {
    guard let written = WebURL(written: text), let url = WebURL(withoutSlashes(written.description)),
      url.query == nil, url.fragment == nil
    else {
      throw CommandFailure(
        Words(
          fr: "\(text) n’est pas l’URL http ou https d’un site", en: "\(text) is not an http or https URL of a site"))
    }
    guard url.scheme == .https || isInsecureAllowed else {
      throw CommandFailure(
        Words(
          fr: "\(text) est en http ; prenez https, ou PASSERELLE_ALLOW_INSECURE_HTTP=1 pour une "
            + "démonstration", en: "\(text) is http; use https, or set PASSERELLE_ALLOW_INSECURE_HTTP=1 for a demo"))
    }
    guard Issuer(url.description) != nil else {
      throw CommandFailure(Words(fr: "\(text) est trop long", en: "\(text) is too long"))
    }
    return url.description
  }

  private static func withoutSlashes(_ text: String) -> String {
    var rest = Substring(text)
    while rest.last == "/" { rest.removeLast() }
    return String(rest)
  }
}

extension Workplace {
  /// Fails in words unless the key set under the new address holds a key that was read of the platform before. One of LTI 1.1
  /// alone has no keys to look at.
  func requireKeys(of platform: Platforms.Listed, at address: String) throws {
    let known = try Relocation.ofPlatform(platform.id, in: database)
    guard !known.isEmpty else { return }
    var reasons: [Words] = []
    for registration in known {
      switch MovedKeys.compare(registration, with: address, environment: environment, milliseconds: 10_000) {
      case .same: return
      case .different:
        reasons.append(
          Words(
            fr: "\(address) n’a aucune des clefs de \(platform.issuer)",
            en: "\(address) has none of the keys of \(platform.issuer)"))
      case .unknown(let reason): reasons.append(reason)
      }
    }
    throw CommandFailure(
      Words(
        fr: "les clefs ne montrent pas que \(address) est \(platform.name) : "
          + "\(reasons.map(\.french).joined(separator: " ; ")). Si vous en êtes sûr, ajoutez "
          + "--different-keys",
        en:
          "that \(address) is \(platform.name) cannot be seen by its keys: \(reasons.map(\.english).joined(separator: "; ")). If you are sure, say "
          + "--different-keys"))
  }
}
