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
      abstract: "Register a Moodle, another tool of it, another deployment, or its LTI 1.1 key.",
      discussion: """
        For a Moodle, the site's address and the client and deployment ids that Moodle shows are enough:
          passerelle platform add --name "Moodle du lycée" --issuer https://moodle.example.org \\
            --client-id aBcDeFgHiJkLmNo --deployment-id 1
        Activities of LTI 1.1 need a consumer key; without a file a secret is made and printed once:
          passerelle platform add --name "Moodle du lycée" --issuer https://moodle.example.org --lti11-key lycee
        A platform that is known keeps its name and its addresses, unless others are given:
          passerelle platform add --issuer https://moodle.example.org --client-id aBcDeFgHiJkLmNo --deployment-id 2
        """)
  }

  @Option(help: "A name for people; needed for a platform that is not known yet, and renames one that is.")
  var name: String?
  @Option(help: "The platform's issuer; for Moodle the site's address.")
  var issuer: String
  @Option(name: .customLong("client-id"), help: "The client id that the platform shows (LTI 1.3).")
  var clientID: String?
  @Option(name: .customLong("deployment-id"), help: "The deployment id that the platform shows (LTI 1.3).")
  var deploymentID: String?
  @Flag(
    help:
      "A Moodle: its other addresses follow from the issuer (the default when no address is given; for a client that is known, only if this is)."
  )
  var moodle = false
  @Option(name: .customLong("auth-url"), help: "The platform's OIDC authorization endpoint.")
  var authURL: String?
  @Option(name: .customLong("token-url"), help: "The platform's token endpoint.")
  var tokenURL: String?
  @Option(name: .customLong("jwks-url"), help: "The platform's key set.")
  var jwksURL: String?
  @Option(name: .customLong("lti11-key"), help: "The consumer key of LTI 1.1 activities.")
  var lti11Key: String?
  @Option(
    name: .customLong("lti11-secret-file"), help: "A UTF-8 file with its secret; one newline at the end is dropped.")
  var lti11SecretFile: String?

  func validate() throws {
    guard name?.contains(where: { !$0.isWhitespace }) ?? true else { throw ValidationError("--name is empty.") }
    guard (clientID == nil) == (deploymentID == nil) else {
      throw ValidationError("--client-id and --deployment-id go together.")
    }
    guard clientID != nil || lti11Key != nil else {
      throw ValidationError("Give --client-id and --deployment-id (LTI 1.3), or --lti11-key (LTI 1.1), or all of them.")
    }
    guard lti11Key != nil || lti11SecretFile == nil else {
      throw ValidationError("--lti11-secret-file belongs to --lti11-key.")
    }
    let given = [authURL, tokenURL, jwksURL].compactMap(\.self).count
    guard given == 0 || given == 3 else {
      throw ValidationError("--auth-url, --token-url and --jwks-url go together.")
    }
    guard given == 0 || (!moodle && clientID != nil) else {
      throw ValidationError("--auth-url, --token-url and --jwks-url are for LTI 1.3 and replace --moodle.")
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
          "--name is needed: there is no platform of issuer \(site.issuer) yet; known: "
            + (known.isEmpty ? "none" : known.map(\.issuer).joined(separator: ", ")))
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
        print(
          "\(added.platformIsNew ? "registered" : "known platform"): \(added.name), client \(registration.clientID) "
            + "(\(added.registrationIsNew ? "new" : "known")), deployment \(deployment) "
            + "(\(added.deploymentIsNew ? "new" : "known"))")
      }
      if let consumer { try add(consumer, of: site.issuer, workplace) }
      if registration != nil { print(ToolAddresses(of: settings)) }
      if let consumer {
        print(
          LTI11Addresses(
            of: settings, key: consumer.key,
            secretWords: consumer.isNew ? "the one above · celui ci-dessus" : "the one in the file · celui du fichier"))
      }
    }
  }

  private func add(_ consumer: Consumer, of issuer: Issuer, _ workplace: Workplace) throws {
    let sealed = try workplace.environment.settings.sealer.seal(consumer.secret, as: .consumerSecret)
    let added = try Consumers.add(
      consumer.key, sealed: sealed, name: name, issuer: issuer, in: workplace.database)
    // Given to another platform since it was checked.
    guard let added else { throw Self.isOthers(consumer) }
    print(
      "\(added.platformIsNew ? "registered" : "known platform"): \(added.name), consumer key \(consumer.key) "
        + "(\(added.keyIsNew ? "new" : "known; its former secret is replaced"))")
    print("LTI 1.1: consumer key \(consumer.key)")
    if consumer.isNew { print("LTI 1.1: shared secret \(consumer.secret)  (shown this once)") }
  }

  private static func isOthers(_ consumer: Consumer) -> CommandFailure {
    CommandFailure("the consumer key “\(consumer.key)” belongs to another platform")
  }

  /// The LTI 1.1 credentials that the options name.
  private struct Consumer {
    let key: String
    let secret: String
    /// The secret was made here, and nobody knows it yet.
    let isNew: Bool

    init(key: String, secretFile: String?) throws {
      guard ClientID(key) != nil else { throw CommandFailure("--lti11-key cannot be used: it is empty or too long") }
      self.key = key
      guard let secretFile else {
        secret = Base64URL.encode(randomBytes(24))
        isNew = true
        return
      }
      let bytes = try Console.contents(of: secretFile)
      guard var text = FileContents.text(bytes) else { throw CommandFailure("\(secretFile) is not UTF-8") }
      if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
      guard !text.isEmpty else { throw CommandFailure("\(secretFile) is empty") }
      secret = text
      isNew = false
    }
  }
}
