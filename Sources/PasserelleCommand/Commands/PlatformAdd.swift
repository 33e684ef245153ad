import ArgumentParser
import JOSE
import LTI
import Passerelle
import Store
import Wire

/// `passerelle platform add`: registers a site for LTI 1.3, for LTI 1.1, or for both.
struct PlatformAdd: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "add",
      abstract: Words(
        fr: "Enregistre un Moodle, un autre outil ou un autre déploiement de celui-ci, ou sa clef LTI "
          + "1.1.", en: "Register a Moodle, another tool of it, another deployment, or its LTI 1.1 key."),
      discussion: Words(
        fr: """
          Pour un Moodle, l’adresse du site et les identifiants de client et de déploiement qu’affiche Moodle suffisent :
            passerelle platform add --name "Moodle du lycée" --issuer https://moodle.example.org \\
              --client-id aBcDeFgHiJkLmNo --deployment-id 1
          Les activités LTI 1.1 demandent une clef client ; sans fichier, un secret est créé et affiché une fois :
            passerelle platform add --name "Moodle du lycée" --issuer https://moodle.example.org --lti11-key lycee
          Une plateforme connue garde son nom et ses adresses, sauf si d’autres sont donnés :
            passerelle platform add --issuer https://moodle.example.org --client-id aBcDeFgHiJkLmNo --deployment-id 2
          """,
        en: """
          For a Moodle, the site's address and the client and deployment ids that Moodle shows are enough:
            passerelle platform add --name "Moodle du lycée" --issuer https://moodle.example.org \\
              --client-id aBcDeFgHiJkLmNo --deployment-id 1
          Activities of LTI 1.1 need a consumer key; without a file a secret is made and printed once:
            passerelle platform add --name "Moodle du lycée" --issuer https://moodle.example.org --lti11-key lycee
          A platform that is known keeps its name and its addresses, unless others are given:
            passerelle platform add --issuer https://moodle.example.org --client-id aBcDeFgHiJkLmNo --deployment-id 2
          """))
  }

  @Option(
    help: .init(
      Words(
        fr: "Un nom pour les personnes ; nécessaire pour une plateforme encore inconnue, et renomme une "
          + "connue.", en: "A name for people; needed for a platform that is not known yet, and renames one that is.")))
  var name: String?
  @Option(
    help: .init(
      Words(
        fr: "L’émetteur (issuer) de la plateforme ; pour Moodle, l’adresse du site.",
        en: "The platform's issuer; for Moodle the site's address.")))
  var issuer: String
  @Option(
    name: .customLong("client-id"),
    help: .init(
      Words(
        fr: "L’identifiant client qu’affiche la plateforme (LTI 1.3).",
        en: "The client id that the platform shows (LTI 1.3).")))
  var clientID: String?
  @Option(
    name: .customLong("deployment-id"),
    help: .init(
      Words(
        fr: "L’identifiant de déploiement qu’affiche la plateforme (LTI 1.3).",
        en: "The deployment id that the platform shows (LTI 1.3).")))
  var deploymentID: String?
  @Flag(
    help:
      .init(
        Words(
          fr: "Un Moodle : ses autres adresses découlent de l’émetteur (le cas par défaut si aucune "
            + "adresse n’est donnée ; pour un client connu, seulement avec cette option).",
          en:
            "A Moodle: its other addresses follow from the issuer (the default when no address is given; for a client that is known, only if this is)."
        ))
  )
  var moodle = false
  @Option(
    name: .customLong("auth-url"),
    help: .init(
      Words(fr: "Le point d’autorisation OIDC de la plateforme.", en: "The platform's OIDC authorization endpoint.")))
  var authURL: String?
  @Option(
    name: .customLong("token-url"),
    help: .init(Words(fr: "Le point de délivrance des jetons de la plateforme.", en: "The platform's token endpoint.")))
  var tokenURL: String?
  @Option(
    name: .customLong("jwks-url"),
    help: .init(Words(fr: "Le jeu de clefs de la plateforme.", en: "The platform's key set.")))
  var jwksURL: String?
  @Option(
    name: .customLong("lti11-key"),
    help: .init(Words(fr: "La clef client des activités LTI 1.1.", en: "The consumer key of LTI 1.1 activities.")))
  var lti11Key: String?
  @Option(
    name: .customLong("lti11-secret-file"),
    help: .init(
      Words(
        fr: "Un fichier UTF-8 avec son secret ; un retour à la ligne final est ignoré.",
        en: "A UTF-8 file with its secret; one newline at the end is dropped.")))
  var lti11SecretFile: String?

  @Flag(
    help: .init(
      Words(
        fr: "Même si une autre plateforme est enregistrée avec le même identifiant client.",
        en: "Also where another platform is registered under the same client id.")))
  var reallyAnother = false

  func validate() throws {
    guard name?.contains(where: { !$0.isWhitespace }) ?? true else {
      throw ValidationError(Words(fr: "--name est vide.", en: "--name is empty."))
    }
    guard (clientID == nil) == (deploymentID == nil) else {
      throw ValidationError(
        Words(fr: "--client-id et --deployment-id vont ensemble.", en: "--client-id and --deployment-id go together."))
    }
    guard clientID != nil || lti11Key != nil else {
      throw ValidationError(
        Words(
          fr: "Donnez --client-id et --deployment-id (LTI 1.3), ou --lti11-key (LTI 1.1), ou tous.",
          en: "Give --client-id and --deployment-id (LTI 1.3), or --lti11-key (LTI 1.1), or all of them."))
    }
    guard lti11Key != nil || lti11SecretFile == nil else {
      throw ValidationError(
        Words(fr: "--lti11-secret-file va avec --lti11-key.", en: "--lti11-secret-file belongs to --lti11-key."))
    }
    let given = [authURL, tokenURL, jwksURL].compactMap(\.self).count
    guard given == 0 || given == 3 else {
      throw ValidationError(
        Words(
          fr: "--auth-url, --token-url et --jwks-url vont ensemble.",
          en: "--auth-url, --token-url and --jwks-url go together."))
    }
    guard given == 0 || (!moodle && clientID != nil) else {
      throw ValidationError(
        Words(
          fr: "--auth-url, --token-url et --jwks-url servent à LTI 1.3 et remplacent --moodle.",
          en: "--auth-url, --token-url and --jwks-url are for LTI 1.3 and replace --moodle."))
    }
  }

  func run() throws {
    try Console.run {
      let workplace = try Workplace()
      let settings = workplace.environment.settings
      let known = try Platforms.list(in: workplace.database)
      let site = try PlatformSite(self, known: known.map(\.issuer), isInsecureAllowed: settings.allowsInsecureHTTP)
      if name == nil, !known.contains(where: { $0.issuer == site.issuer.value }) {
        throw CommandFailure(
          Words(
            fr: "il faut --name : il n’y a pas encore de plateforme d’émetteur \(site.issuer) ; connus : "
              + (known.isEmpty ? "aucun" : known.map(\.issuer).joined(separator: ", ")),
            en: "--name is needed: there is no platform of issuer \(site.issuer) yet; known: "
              + (known.isEmpty ? "none" : known.map(\.issuer).joined(separator: ", "))))
      }
      if let clientID, !reallyAnother,
        let other = try Relocation.ofClient(clientID, otherThan: site.issuer.value, in: workplace.database).first
      {
        throw CommandFailure(
          Words(
            fr: "l’identifiant client \(clientID) est celui de \(other.name), \(other.issuer). Si ce Moodle "
              + "a maintenant une autre adresse : passerelle platform move \(ShellWord.quoted(other.issuer)) "
              + "\(ShellWord.quoted(site.issuer.value)). Si c’est vraiment un autre site, ajoutez "
              + "--really-another",
            en:
              "the client id \(clientID) is that of \(other.name), \(other.issuer). If that Moodle has another address now: "
              + "passerelle platform move \(ShellWord.quoted(other.issuer)) \(ShellWord.quoted(site.issuer.value)). If it is "
              + "really another site, say --really-another"))
      }
      for warning in site.warnings {
        Console.note(Words(fr: "attention : \(warning.french)", en: "warning: \(warning.english)"))
      }
      // Everything is checked before anything is stored.
      let registration = try clientID.flatMap { client in
        let stored = try known.first { $0.issuer == site.issuer.value }
          .flatMap { try Platforms.registrations(of: $0.id, in: workplace.database).first { $0.clientID == client } }
        return try deploymentID.map {
          try site.registration(name: name, clientID: client, deploymentID: $0, of: stored)
        }
      }
      let consumer = try lti11Key.map { try Consumer(key: $0, secretFile: lti11SecretFile) }
      if let consumer, known.contains(where: { $0.lti11Keys.contains(consumer.key) && $0.issuer != site.issuer.value })
      {
        throw Self.isOthers(consumer)
      }
      if let registration, let deployment = registration.deploymentID {
        let added = try registration.add(in: workplace.database)
        Console.say(
          Words(
            fr: "\(added.platformIsNew ? "enregistrée" : "plateforme connue") : \(added.name), client "
              + "\(registration.clientID) (\(added.registrationIsNew ? "nouveau" : "connu")), déploiement \(deployment) "
              + "(\(added.deploymentIsNew ? "nouveau" : "connu"))",
            en:
              "\(added.platformIsNew ? "registered" : "known platform"): \(added.name), client \(registration.clientID) "
              + "(\(added.registrationIsNew ? "new" : "known")), deployment \(deployment) "
              + "(\(added.deploymentIsNew ? "new" : "known"))"))
      }
      if let consumer { try add(consumer, of: site.issuer, workplace) }
      if registration != nil { print(ToolAddresses(of: settings)) }
      if let consumer {
        print(
          LTI11Addresses(
            of: settings, key: consumer.key,
            secretWords: consumer.isNew
              ? Words(fr: "celui ci-dessus", en: "the one above")
              : Words(fr: "celui du fichier", en: "the one in the file")))
      }
    }
  }

  private func add(_ consumer: Consumer, of issuer: Issuer, _ workplace: Workplace) throws {
    let sealed = try workplace.environment.settings.sealer.seal(consumer.secret, as: .consumerSecret)
    let added = try Consumers.add(
      consumer.key, sealed: sealed, name: name, issuer: issuer, in: workplace.database)
    // Given to another platform since it was checked.
    guard let added else { throw Self.isOthers(consumer) }
    Console.say(
      Words(
        fr: "\(added.platformIsNew ? "enregistrée" : "plateforme connue") : \(added.name), clef client \(consumer.key) "
          + "(\(added.keyIsNew ? "nouvelle" : "connue ; son ancien secret est remplacé"))",
        en: "\(added.platformIsNew ? "registered" : "known platform"): \(added.name), consumer key \(consumer.key) "
          + "(\(added.keyIsNew ? "new" : "known; its former secret is replaced"))"))
    Console.say(Words(fr: "LTI 1.1 : clef client \(consumer.key)", en: "LTI 1.1: consumer key \(consumer.key)"))
    if consumer.isNew {
      Console.say(
        Words(
          fr: "LTI 1.1 : secret partagé \(consumer.secret)  (affiché cette seule fois)",
          en: "LTI 1.1: shared secret \(consumer.secret)  (shown this once)"))
    }
  }

  private static func isOthers(_ consumer: Consumer) -> CommandFailure {
    CommandFailure(
      Words(
        fr: "la clef client « \(consumer.key) » appartient à une autre plateforme",
        en: "the consumer key “\(consumer.key)” belongs to another platform"))
  }

  /// The LTI 1.1 credentials that the options name.
  private struct Consumer {
    let key: String
    let secret: String
    /// The secret was made here, and nobody knows it yet.
    let isNew: Bool

    init(key: String, secretFile: String?) throws {
      guard ClientID(key) != nil else {
        throw CommandFailure(
          Words(
            fr: "--lti11-key est inutilisable : elle est vide ou trop longue",
            en: "--lti11-key cannot be used: it is empty or too long"))
      }
      self.key = key
      guard let secretFile else {
        secret = Base64URL.encode(randomBytes(24))
        isNew = true
        return
      }
      let bytes = try Console.contents(of: secretFile)
      guard var text = FileContents.text(bytes) else {
        throw CommandFailure(Words(fr: "\(secretFile) n’est pas en UTF-8", en: "\(secretFile) is not UTF-8"))
      }
      if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
      guard !text.isEmpty else {
        throw CommandFailure(Words(fr: "\(secretFile) est vide", en: "\(secretFile) is empty"))
      }
      secret = text
      isNew = false
    }
  }
}
