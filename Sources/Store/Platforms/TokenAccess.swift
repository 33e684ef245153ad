import LTI
import Wire

/// How a platform gives access tokens for the services of an LTI 1.3 registration.
package struct TokenAccess {
  /// The registration's id.
  package let registration: String
  /// The tool at the platform.
  package let clientID: ClientID
  /// Where tokens are asked for.
  package let tokenURL: WebURL
  /// What is asked for.
  package let scope: String
  /// The cached access token, sealed.
  package let sealedToken: [UInt8]?

  /// Nil where the database names no registration: the site is registered for LTI 1.1 alone.
  init?(_ json: JSONValue) {
    guard let registration = json[.registration]?.stringValue,
      let clientID = json[.clientId]?.stringValue.flatMap({ ClientID($0) }),
      let tokenURL = json[.tokenUrl]?.stringValue.flatMap({ WebURL($0) }), let scope = json[.scope]?.stringValue
    else { return nil }
    self.registration = registration
    self.clientID = clientID
    self.tokenURL = tokenURL
    self.scope = scope
    sealedToken = json[.token]?.stringValue.flatMap { Hex.decode($0) }
  }
}
