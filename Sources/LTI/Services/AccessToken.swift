import Wire

/// An access token of a platform's services (RFC 6749 §5.1). Its description does not show it.
package struct AccessToken: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
  /// The token itself: a secret, never for a log.
  package let value: String
  /// Seconds the platform says it lives, from the moment it was answered; 0 to a day.
  package let expiresIn: Int
  /// The scopes granted, which may be fewer than asked for.
  package let scopes: [String]

  /// The life assumed when the platform says nothing: an hour, which the 1EdTech Security Framework §4.1 recommends
  /// and Moodle gives. A token that dies earlier shows as a 401, after which a new one is asked for.
  package static var assumedLifetime: Int { 3600 }

  /// Takes a token; nil when it could not stand in an `Authorization` field. The life is bounded to a day.
  package init?(value: String, expiresIn: Int, scopes: [String]) {
    guard Self.isToken(value) else { return nil }
    self.value = value
    self.expiresIn = min(max(expiresIn, 0), 86_400)
    self.scopes = scopes
  }

  /// RFC 6750 §2.1 `b64token` widened to any visible ASCII, which is what platforms issue.
  static func isToken(_ value: String) -> Bool {
    !value.isEmpty && value.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }

  /// Life and scopes, not the token.
  package var description: String { "AccessToken(expiresIn: \(expiresIn), scopes: \(scopes.count))" }

  /// Shows as little as `description`.
  package var customMirror: Mirror { Mirror(self, children: []) }

  /// Reads the token endpoint's answer; nil when it is not a bearer token's.
  init?(_ members: JSONObject, requestedScopes: [String]) {
    guard let value = members["access_token"]?.stringValue else { return nil }
    if let type = members["token_type"] {
      guard let name = type.stringValue, name.asciiLowercased == "bearer" else { return nil }
    }
    guard let lifetime = Self.lifetime(members["expires_in"]) else { return nil }
    let scopes = members.words("scope") ?? requestedScopes
    guard !scopes.contains(where: { $0.holdsNUL }) else { return nil }
    self.init(value: value, expiresIn: lifetime, scopes: scopes)
  }

  private static func lifetime(_ member: JSONValue?) -> Int? {
    switch member {
    case nil, .null: assumedLifetime
    case .number(let seconds) where seconds >= 0: Int(min(seconds, 86_400))
    case .string(let text): Int(text).flatMap { $0 >= 0 ? $0 : nil }
    default: nil
    }
  }
}
