import LTI
import Store
import Wire

/// The site that the options of `platform add` name, checked.
struct PlatformSite {
  /// As it is stored: one that is known is kept as it was written then.
  let issuer: Issuer
  private let addresses: Registration.Addresses?

  /// - Throws: `CommandFailure` for an issuer or an address that cannot be meant.
  init(_ options: PlatformAdd, known: [String], isInsecureAllowed: Bool) throws {
    func address(_ text: String, _ option: String) throws -> WebURL {
      guard let url = WebURL(text) else { throw CommandFailure("\(option) is not an http or https URL") }
      guard url.scheme == .https || isInsecureAllowed else {
        throw CommandFailure("\(option) is http; use https, or set PASSERELLE_ALLOW_INSECURE_HTTP=1 for a demo")
      }
      return url
    }
    func identifier(_ text: String) throws -> Issuer {
      guard let issuer = Issuer(text) else { throw CommandFailure("--issuer cannot be used: it is empty or too long") }
      return issuer
    }
    if let authURL = options.authURL, let tokenURL = options.tokenURL, let jwksURL = options.jwksURL {
      issuer = try identifier(options.issuer)
      addresses = .init(
        authURL: try address(authURL, "--auth-url"), tokenURL: try address(tokenURL, "--token-url"),
        jwksURL: try address(jwksURL, "--jwks-url"), replaceThoseKnown: true)
      return
    }
    // Another platform than Moodle may have an issuer that is no address, or ends with a slash.
    let isKnownAsWritten = known.contains(options.issuer)
    guard var site = WebURL(options.issuer) else {
      guard isKnownAsWritten, !options.moodle else {
        throw CommandFailure("--issuer is not an http or https URL")
      }
      issuer = try identifier(options.issuer)
      addresses = nil
      return
    }
    site = try address(options.issuer, "--issuer")
    // OpenID Connect Core §2, `iss`.
    guard isKnownAsWritten || (site.query == nil && site.fragment == nil) else {
      throw CommandFailure("--issuer has a query or a fragment, which an issuer has not: give the site's address alone")
    }
    // Moodle's issuer is its wwwroot, which has no trailing slash; people copy addresses with one.
    while site.description.hasSuffix("/"), let shorter = WebURL(String(site.description.dropLast())) {
      site = shorter
    }
    issuer = try identifier(isKnownAsWritten ? options.issuer : site.description)
    addresses = .init(
      authURL: site.insertingPath("/mod/lti/auth.php"), tokenURL: site.insertingPath("/mod/lti/token.php"),
      jwksURL: site.insertingPath("/mod/lti/certs.php"), replaceThoseKnown: options.moodle)
  }

  /// The registration of a client and one of its deployments.
  ///
  /// - Throws: `CommandFailure` for ids that cannot be used, and where the platform's addresses do not follow from its
  ///   issuer.
  func registration(name: String?, clientID: String, deploymentID: String, of known: Platforms.Known?) throws
    -> Registration
  {
    guard let client = ClientID(clientID) else {
      throw CommandFailure("--client-id cannot be used: it is empty or too long")
    }
    guard let deployment = DeploymentID(deploymentID) else {
      throw CommandFailure("--deployment-id cannot be used: it is empty or too long")
    }
    guard let addresses = addresses ?? known?.addresses else {
      throw CommandFailure("this issuer is no Moodle's address: give --auth-url, --token-url and --jwks-url")
    }
    return Registration(
      name: name.map(Registration.Name.given) ?? .known, issuer: issuer, clientID: client, deploymentID: deployment,
      addresses: addresses)
  }
}
