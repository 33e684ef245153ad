import Wire

/// A platform's OpenID configuration (LTI Dynamic Registration 1.0 §3.4): who it is and where its doors are.
///
/// Whoever opens the registration page chooses its URL, so everything in it must agree with where it came from.
package struct PlatformConfiguration: Equatable, Sendable {
  /// `issuer`.
  package let issuer: Issuer
  /// `authorization_endpoint`: where logins go.
  package let authorizationEndpoint: WebURL
  /// `token_endpoint`: where access tokens come from.
  package let tokenEndpoint: WebURL
  /// `jwks_uri`: the platform's key set.
  package let keySetURL: WebURL
  /// `registration_endpoint`: where the tool registers.
  package let registrationEndpoint: WebURL
  /// The one origin of all of these.
  package let origin: Origin
  /// `scopes_supported`; nil when the platform does not say.
  package let scopes: [String]?
  /// The types of `messages_supported`; nil when the platform does not say.
  package let messageTypes: [String]?
  /// `product_family_code`, `moodle` for Moodle, when sent.
  package let productFamilyCode: String?
  /// The product's version, when sent.
  package let version: String?

  /// Fetches and reads a configuration. Redirects are not followed: what answers must be what was named.
  ///
  /// Whether the address may be called at all is for `send` to judge, after the name is resolved.
  ///
  /// - Throws: `RegistrationFailure`.
  package static func fetch(
    _ url: WebURL, allowsInsecureHTTP: Bool, send: HTTPSend
  ) throws(RegistrationFailure) -> PlatformConfiguration {
    try checkScheme(url, "openid_configuration", allowsInsecureHTTP)
    let request = HTTPRequest(url: url, fields: HTTPFields([("Accept", "application/json")]))
    let response: HTTPResponse
    do { response = try send(request) } catch { throw .transport(error) }
    guard response.status == 200 else { throw .configurationRefused(status: response.status) }
    return try PlatformConfiguration(parsing: response.body, from: url, allowsInsecureHTTP: allowsInsecureHTTP)
  }

  /// Reads the configuration that a URL gave.
  ///
  /// - Throws: `RegistrationFailure.configurationMalformed`, `.issuerMismatch`, `.configurationIncomplete`, `.insecure`,
  ///   `.originMismatch` or `.unsupported`, the latter four with the name of the member.
  package init(parsing bytes: [UInt8], from url: WebURL, allowsInsecureHTTP: Bool) throws(RegistrationFailure) {
    guard let document = (try? JSONValue(parsing: bytes))?.objectValue else { throw .configurationMalformed }
    func endpoint(_ name: String) throws(RegistrationFailure) -> WebURL {
      guard let endpoint = document.url(name), endpoint.fragment == nil else { throw .configurationIncomplete(name) }
      try Self.checkScheme(endpoint, name, allowsInsecureHTTP)
      guard endpoint.origin == url.origin else { throw .originMismatch(name) }
      return endpoint
    }
    let issuerURL = try endpoint("issuer")
    // OpenID Connect Discovery §3: no query and no fragment.
    guard issuerURL.query == nil, let issuer = Issuer(issuerURL.description) else {
      throw .configurationIncomplete("issuer")
    }
    guard Self.lies(url, under: issuerURL) else { throw .issuerMismatch }
    self.issuer = issuer
    origin = url.origin
    authorizationEndpoint = try endpoint("authorization_endpoint")
    tokenEndpoint = try endpoint("token_endpoint")
    keySetURL = try endpoint("jwks_uri")
    registrationEndpoint = try endpoint("registration_endpoint")
    for (name, needed) in Self.needs {
      guard document[name] == nil || document.texts(name)?.contains(needed) == true else {
        throw .unsupported(name)
      }
    }
    scopes = document.texts("scopes_supported")
    let platform = document["https://purl.imsglobal.org/spec/lti-platform-configuration"]?.objectValue
    let messages = platform?["messages_supported"]?.arrayValue
    messageTypes = messages?.compactMap { $0["type"]?.stringValue }
    guard messageTypes?.contains(MessageType.resourceLink.rawValue) != false else {
      throw .unsupported("messages_supported")
    }
    productFamilyCode = platform?.text("product_family_code")
    version = platform?.text("version")
  }

  /// Whether a URL's path is below the issuer's: two sites of one host are two issuers, and neither speaks for the other (OpenID
  /// Connect Discovery §4). A path that a server may read as another one lies under none.
  private static func lies(_ url: WebURL, under issuer: WebURL) -> Bool {
    let path = url.path.lowercased()
    let isPlain = ["%2e", "%2f", "%5c"].allSatisfy { path.firstRange(of: $0) == nil }
    let segments = path.split(separator: "/", omittingEmptySubsequences: false)
    var base = issuer.path
    while base.hasSuffix("/") { base.removeLast() }
    return isPlain && !segments.contains(".") && !segments.contains("..") && url.path.hasPrefix(base + "/")
  }

  /// What a configuration must offer where it says what it offers (1EdTech Security Framework §5.1, §4.1).
  private static var needs: [(String, String)] {
    [
      ("token_endpoint_auth_methods_supported", "private_key_jwt"),
      ("token_endpoint_auth_signing_alg_values_supported", "RS256"), ("response_types_supported", "id_token"),
      ("id_token_signing_alg_values_supported", "RS256"),
    ]
  }

  private static func checkScheme(
    _ url: WebURL, _ name: String, _ allowsInsecureHTTP: Bool
  ) throws(RegistrationFailure) {
    guard url.scheme == .https || allowsInsecureHTTP else { throw .insecure(name) }
  }
}
