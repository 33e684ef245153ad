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
      guard let url = WebURL(written: text) else {
        throw CommandFailure(
          Words(fr: "\(option) n’est pas une URL http ou https", en: "\(option) is not an http or https URL"))
      }
      guard url.scheme == .https || isInsecureAllowed else {
        throw CommandFailure(
          Words(
            fr: "\(option) est en http ; prenez https, ou PASSERELLE_ALLOW_INSECURE_HTTP=1 pour une "
              + "démonstration", en: "\(option) is http; use https, or set PASSERELLE_ALLOW_INSECURE_HTTP=1 for a demo")
        )
      }
      return url
    }
    func identifier(_ text: String) throws -> Issuer {
      guard let issuer = Issuer(text) else {
        throw CommandFailure(
          Words(
            fr: "--issuer est inutilisable : il est vide ou trop long",
            en: "--issuer cannot be used: it is empty or too long"))
      }
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
    guard var site = WebURL(written: options.issuer) else {
      guard isKnownAsWritten, !options.moodle else {
        throw CommandFailure(
          Words(fr: "--issuer n’est pas une URL http ou https", en: "--issuer is not an http or https URL"))
      }
      issuer = try identifier(options.issuer)
      addresses = nil
      return
    }
    site = try address(options.issuer, "--issuer")
    // OpenID Connect Core §2, `iss`.
    guard isKnownAsWritten || (site.query == nil && site.fragment == nil) else {
      throw CommandFailure(
        Words(
          fr: "--issuer a une requête ou un fragment, ce qu’un émetteur n’a pas : donnez l’adresse seule "
            + "du site",
          en: "--issuer has a query or a fragment, which an issuer has not: give the site's address alone"))
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

  /// What is odd about an issuer: the platform says another one, most likely, and every launch would be refused.
  var warnings: [Words] {
    guard let url = WebURL(issuer.value) else { return [] }
    var warnings: [Words] = []
    let start = url.scheme.rawValue + "://" + url.host
    if !issuer.value.hasPrefix(start.lowercased()) {
      warnings.append(
        Words(
          fr: "son schéma ou son hôte a des majuscules, que l’adresse propre de Moodle n’a pas",
          en: "it has capitals in its scheme or host, which Moodle's own address has not"))
    }
    let port = ":\(url.scheme.defaultPort)"
    if url.authority.hasSuffix(port) {
      warnings.append(
        Words(
          fr: "il nomme le port \(port.dropFirst()), qui va sans dire",
          en: "it names the port \(port.dropFirst()), which goes without saying"))
    }
    if url.path.contains("/mod/lti/") {
      warnings.append(
        Words(
          fr: "c’est l’adresse d’une page du site, et non celle du site",
          en: "it is the address of a page below the site, not the site's own"))
    }
    return warnings.map {
      Words(
        fr:
          "l’émetteur \(issuer) n’est peut-être pas le nom que la plateforme se donne : \($0.french). Les ouvertures lui sont "
          + "comparées lettre par lettre",
        en:
          "the issuer \(issuer) may not be what the platform calls itself: \($0.english). Launches are compared with it "
          + "letter by letter")
    }
  }

  /// The registration of a client and one of its deployments.
  ///
  /// - Throws: `CommandFailure` for ids that cannot be used, and where the platform's addresses do not follow from its
  ///   issuer.
  func registration(name: String?, clientID: String, deploymentID: String, of known: Platforms.Known?) throws
    -> Registration
  {
    guard let client = ClientID(clientID) else {
      throw CommandFailure(
        Words(
          fr: "--client-id est inutilisable : il est vide ou trop long",
          en: "--client-id cannot be used: it is empty or too long"))
    }
    guard let deployment = DeploymentID(deploymentID) else {
      throw CommandFailure(
        Words(
          fr: "--deployment-id est inutilisable : il est vide ou trop long",
          en: "--deployment-id cannot be used: it is empty or too long"))
    }
    guard let addresses = addresses ?? known?.addresses else {
      throw CommandFailure(
        Words(
          fr: "cet émetteur n’est pas l’adresse d’un Moodle : donnez --auth-url, --token-url et --jwks-url",
          en: "this issuer is no Moodle's address: give --auth-url, --token-url and --jwks-url"))
    }
    return Registration(
      name: name.map(Registration.Name.given) ?? .known, issuer: issuer, clientID: client, deploymentID: deployment,
      addresses: addresses)
  }
}
