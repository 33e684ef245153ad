import Wire

/// The tool's answer to a login initiation: the browser is sent to the platform's authorization endpoint.
///
/// OpenID Connect Core §3.2.2.1 with the values that the 1EdTech Security Framework §5.1.1.2 fixes.
/// Moodle refuses any other `scope`, `response_type`, `response_mode` or `prompt`.
package struct AuthenticationRequest: Equatable, Sendable {
  /// The platform's authorization endpoint; a query string that it already has is kept.
  package var authURL: WebURL
  /// The tool's name at that platform.
  package var clientID: ClientID
  /// Where the id_token is to be posted; compared exactly by the platform with the registered ones.
  package var redirectURI: WebURL
  /// The `login_hint` of the initiation, unaltered.
  package var loginHint: String
  /// The `lti_message_hint` of the initiation, unaltered, when there was one.
  package var messageHint: String?
  /// An opaque value that comes back beside the id_token. Moodle strips tags from it: use `[A-Za-z0-9_-]` only.
  package var state: String
  /// An opaque value that comes back inside the id_token. Moodle strips tags from it: use `[A-Za-z0-9_-]` only.
  package var nonce: String

  /// Gathers the values of one request; none is checked, all are percent-encoded by `url`.
  package init(
    authURL: WebURL, clientID: ClientID, redirectURI: WebURL, loginHint: String, messageHint: String?, state: String,
    nonce: String
  ) {
    self.authURL = authURL
    self.clientID = clientID
    self.redirectURI = redirectURI
    self.loginHint = loginHint
    self.messageHint = messageHint
    self.state = state
    self.nonce = nonce
  }

  /// The URL to redirect the browser to.
  package var url: WebURL {
    var items = [
      ("scope", "openid"),
      ("response_type", "id_token"),
      ("response_mode", "form_post"),
      ("prompt", "none"),
      ("client_id", clientID.value),
      ("redirect_uri", redirectURI.description),
      ("login_hint", loginHint),
    ]
    if let messageHint { items.append(("lti_message_hint", messageHint)) }
    items.append(("state", state))
    items.append(("nonce", nonce))
    return authURL.addingQueryItems(items)
  }
}
