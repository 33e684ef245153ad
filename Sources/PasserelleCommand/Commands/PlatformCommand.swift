import ArgumentParser
import LTI
import Passerelle
import Wire

/// `passerelle platform`: the Moodle sites that may launch.
struct PlatformCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "platform", abstract: "Register and look after Moodle sites.",
    subcommands: [Add.self, List.self, Show.self, Enable.self, Disable.self])

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Register a Moodle, another tool of it, or another deployment.",
      discussion: """
        For a Moodle, the site's address and the client and deployment ids that Moodle shows are enough:
          passerelle platform add --name "Moodle du lycée" --issuer https://moodle.example.org \\
            --client-id aBcDeFgHiJkLmNo --deployment-id 1
        """)

    @Option(help: "A name for people.")
    var name: String
    @Option(help: "The platform's issuer; for Moodle the site's address.")
    var issuer: String
    @Option(name: .customLong("client-id"), help: "The client id that the platform shows.")
    var clientID: String
    @Option(name: .customLong("deployment-id"), help: "The deployment id that the platform shows.")
    var deploymentID: String
    @Flag(help: "A Moodle: its other addresses follow from the issuer (the default when no address is given).")
    var moodle = false
    @Option(name: .customLong("auth-url"), help: "The platform's OIDC authorization endpoint.")
    var authURL: String?
    @Option(name: .customLong("token-url"), help: "The platform's token endpoint.")
    var tokenURL: String?
    @Option(name: .customLong("jwks-url"), help: "The platform's key set.")
    var jwksURL: String?

    func validate() throws {
      let given = [authURL, tokenURL, jwksURL].compactMap(\.self).count
      guard given == 0 || given == 3 else {
        throw ValidationError("--auth-url, --token-url and --jwks-url go together.")
      }
      guard given == 0 || !moodle else {
        throw ValidationError("--moodle derives the addresses; leave --auth-url, --token-url and --jwks-url out.")
      }
    }

    func run() throws {
      try Console.run {
        let workplace = try Workplace()
        let registration = try registration(isInsecureAllowed: workplace.environment.settings.allowsInsecureHTTP)
        let added = try Platforms.add(registration, in: workplace.database)
        print(
          "\(added.platformIsNew ? "registered" : "known platform"): \(name), client \(clientID) "
            + "(\(added.registrationIsNew ? "new" : "known")), deployment \(deploymentID) "
            + "(\(added.deploymentIsNew ? "new" : "known"))")
        print(Platforms.addresses(of: workplace.environment.settings))
      }
    }

    private func registration(isInsecureAllowed: Bool) throws -> Platforms.Registration {
      guard let client = ClientID(clientID) else {
        throw CommandFailure("--client-id cannot be used: it is empty or too long")
      }
      guard let deployment = DeploymentID(deploymentID) else {
        throw CommandFailure("--deployment-id cannot be used: it is empty or too long")
      }
      func address(_ text: String, _ option: String) throws -> WebURL {
        guard let url = WebURL(text) else { throw CommandFailure("\(option) is not an http or https URL") }
        guard url.scheme == .https || isInsecureAllowed else {
          throw CommandFailure("\(option) is http; use https, or set PASSERELLE_ALLOW_INSECURE_HTTP=1 for a demo")
        }
        return url
      }
      if let authURL, let tokenURL, let jwksURL {
        guard let issuer = Issuer(issuer) else {
          throw CommandFailure("--issuer cannot be used: it is empty or too long")
        }
        return Platforms.Registration(
          name: name, issuer: issuer, clientID: client, deploymentID: deployment,
          authURL: try address(authURL, "--auth-url"), tokenURL: try address(tokenURL, "--token-url"),
          jwksURL: try address(jwksURL, "--jwks-url"))
      }
      var site = try address(issuer, "--issuer")
      // Moodle's issuer is its wwwroot, which has no trailing slash; people copy addresses with one.
      while site.description.hasSuffix("/"), let shorter = WebURL(String(site.description.dropLast())) {
        site = shorter
      }
      guard let issuer = Issuer(site.description) else { throw CommandFailure("--issuer is too long") }
      return Platforms.Registration(
        name: name, issuer: issuer, clientID: client, deploymentID: deployment,
        authURL: site.insertingPath("/mod/lti/auth.php"), tokenURL: site.insertingPath("/mod/lti/token.php"),
        jwksURL: site.insertingPath("/mod/lti/certs.php"))
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the platforms.")

    @OptionGroup var listing: ListingOptions

    func run() throws {
      try Console.run {
        let rows = try Platforms.list(in: try Workplace().database)
        listing.print(rows.map(\.json), columns: ["name", "issuer", "enabled", "clients", "deployments", "people"])
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show one platform, and the addresses to paste into it.")

    @Argument(help: "The platform's name, issuer or id.")
    var platform: String
    @OptionGroup var listing: ListingOptions

    func run() throws {
      try Console.run {
        let workplace = try Workplace()
        let found = try Platforms.find(platform, in: workplace.database)
        let registrations = try Platforms.registrations(of: found.id, in: workplace.database)
        let addresses = Platforms.addresses(of: workplace.environment.settings)
        if listing.json {
          var object = found.json
          object["registrations"] = .array(registrations.map { .object($0.json) })
          object["tool"] = .object(addresses.json)
          print(JSONValue.object(object).encoded)
          return
        }
        print(
          "\(found.name)\(found.enabled ? "" : " (disabled)")\n  issuer        \(found.issuer)\n  id            \(found.id)"
        )
        for registration in registrations { print(registration) }
        print(addresses)
      }
    }
  }

  struct Enable: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Let a platform launch again.")

    @Argument(help: "The platform's name, issuer or id.")
    var platform: String

    func run() throws { try setEnabled(true, platform) }
  }

  struct Disable: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Refuse a platform's launches and keep its grades waiting.")

    @Argument(help: "The platform's name, issuer or id.")
    var platform: String

    func run() throws { try setEnabled(false, platform) }
  }

  private static func setEnabled(_ enabled: Bool, _ name: String) throws {
    try Console.run {
      let database = try Workplace().database
      let found = try Platforms.find(name, in: database)
      try Platforms.setEnabled(enabled, found.id, in: database)
      print("\(enabled ? "enabled" : "disabled"): \(found.name)")
    }
  }
}
