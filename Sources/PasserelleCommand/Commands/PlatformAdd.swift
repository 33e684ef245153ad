import ArgumentParser
import Foundation
import JOSE
import LTI
import Passerelle
import Wire

/// `passerelle platform add`: registers a site for LTI 1.3, for LTI 1.1, or for both.
struct PlatformAdd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Register a Moodle, another tool of it, another deployment, or its LTI 1.1 key.",
    discussion: """
      For a Moodle, the site's address and the client and deployment ids that Moodle shows are enough:
        passerelle platform add --name "Moodle du lycée" --issuer https://moodle.example.org \\
          --client-id aBcDeFgHiJkLmNo --deployment-id 1
      Activities of LTI 1.1 need a consumer key; without a file a secret is made and printed once:
        passerelle platform add --name "Moodle du lycée" --issuer https://moodle.example.org --lti11-key lycee
      """)

  @Option(help: "A name for people.")
  var name: String
  @Option(help: "The platform's issuer; for Moodle the site's address.")
  var issuer: String
  @Option(name: .customLong("client-id"), help: "The client id that the platform shows (LTI 1.3).")
  var clientID: String?
  @Option(name: .customLong("deployment-id"), help: "The deployment id that the platform shows (LTI 1.3).")
  var deploymentID: String?
  @Flag(help: "A Moodle: its other addresses follow from the issuer (the default when no address is given).")
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
      let site = try Site(self, isInsecureAllowed: settings.allowsInsecureHTTP)
      // Everything is checked before anything is stored.
      let registration = try clientID.flatMap { client in
        try deploymentID.map { try site.registration(clientID: client, deploymentID: $0) }
      }
      let consumer = try lti11Key.map { try Consumer(key: $0, secretFile: lti11SecretFile) }
      if let registration {
        let added = try Platforms.add(registration, in: workplace.database)
        print(
          "\(added.platformIsNew ? "registered" : "known platform"): \(name), client \(registration.clientID) "
            + "(\(added.registrationIsNew ? "new" : "known")), deployment \(registration.deploymentID) "
            + "(\(added.deploymentIsNew ? "new" : "known"))")
      }
      if let consumer { try add(consumer, of: site, workplace) }
      print(Platforms.addresses(of: settings))
    }
  }

  private func add(_ consumer: Consumer, of site: Site, _ workplace: Workplace) throws {
    let sealed = try workplace.environment.settings.sealer.seal(
      Array(consumer.secret.utf8), purpose: ConsumerSecret.purpose)
    guard
      try Platforms.addConsumer(
        consumer.key, sealed: sealed, name: name, issuer: site.issuer, in: workplace.database)
    else {
      throw CommandFailure("the consumer key “\(consumer.key)” belongs to another platform")
    }
    print("LTI 1.1: consumer key \(consumer.key)")
    if consumer.isNew { print("LTI 1.1: shared secret \(consumer.secret)  (shown this once)") }
  }

  /// The site that the options name.
  private struct Site {
    let name: String
    let issuer: Issuer
    let authURL: WebURL
    let tokenURL: WebURL
    let jwksURL: WebURL

    init(_ options: PlatformAdd, isInsecureAllowed: Bool) throws {
      func address(_ text: String, _ option: String) throws -> WebURL {
        guard let url = WebURL(text) else { throw CommandFailure("\(option) is not an http or https URL") }
        guard url.scheme == .https || isInsecureAllowed else {
          throw CommandFailure("\(option) is http; use https, or set PASSERELLE_ALLOW_INSECURE_HTTP=1 for a demo")
        }
        return url
      }
      name = options.name
      if let authURL = options.authURL, let tokenURL = options.tokenURL, let jwksURL = options.jwksURL {
        guard let issuer = Issuer(options.issuer) else {
          throw CommandFailure("--issuer cannot be used: it is empty or too long")
        }
        self.issuer = issuer
        self.authURL = try address(authURL, "--auth-url")
        self.tokenURL = try address(tokenURL, "--token-url")
        self.jwksURL = try address(jwksURL, "--jwks-url")
        return
      }
      var site = try address(options.issuer, "--issuer")
      // Moodle's issuer is its wwwroot, which has no trailing slash; people copy addresses with one.
      while site.description.hasSuffix("/"), let shorter = WebURL(String(site.description.dropLast())) {
        site = shorter
      }
      guard let issuer = Issuer(site.description) else { throw CommandFailure("--issuer is too long") }
      self.issuer = issuer
      authURL = site.insertingPath("/mod/lti/auth.php")
      tokenURL = site.insertingPath("/mod/lti/token.php")
      jwksURL = site.insertingPath("/mod/lti/certs.php")
    }

    func registration(clientID: String, deploymentID: String) throws -> Platforms.Registration {
      guard let client = ClientID(clientID) else {
        throw CommandFailure("--client-id cannot be used: it is empty or too long")
      }
      guard let deployment = DeploymentID(deploymentID) else {
        throw CommandFailure("--deployment-id cannot be used: it is empty or too long")
      }
      return Platforms.Registration(
        name: name, issuer: issuer, clientID: client, deploymentID: deployment, authURL: authURL, tokenURL: tokenURL,
        jwksURL: jwksURL)
    }
  }

  /// The LTI 1.1 credentials that the options name.
  private struct Consumer {
    let key: String
    let secret: String
    let isNew: Bool

    init(key: String, secretFile: String?) throws {
      guard ClientID(key) != nil else { throw CommandFailure("--lti11-key cannot be used: it is empty or too long") }
      self.key = key
      guard let secretFile else {
        secret = Base64URL.encode(randomBytes(24))
        isNew = true
        return
      }
      guard let data = FileManager.default.contents(atPath: secretFile) else {
        throw CommandFailure("the file \(secretFile) cannot be read")
      }
      guard var text = String(data: data, encoding: .utf8) else { throw CommandFailure("\(secretFile) is not UTF-8") }
      if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
      guard !text.isEmpty else { throw CommandFailure("\(secretFile) is empty") }
      secret = text
      isNew = false
    }
  }
}
