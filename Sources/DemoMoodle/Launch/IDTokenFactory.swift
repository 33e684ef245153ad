import JOSE
import Wire

/// Signs id_tokens with a platform's own key: what Moodle would send, or anything a hostile test needs.
package struct IDTokenFactory: Sendable {
  private let platform: Platform

  /// A factory that signs with this platform's key.
  package init(_ platform: Platform) { self.platform = platform }

  /// The claims of an ordinary launch, a starting point for changes.
  /// - Parameters:
  ///   - user: whose launch; an unknown id gives the first person's claims with that `sub`.
  ///   - cmid: which activity; an unknown one gives the first.
  ///   - nonce: the nonce.
  ///   - changes: members to set, or to remove where the value is nil.
  package func claims(
    user: Int = 3, cmid: Int = 2, nonce: String, changes: [(String, JSONValue?)] = []
  ) -> JSONObject {
    let (people, activities) = platform.state.withLock { ($0.people, $0.activities) }
    let person =
      people.first { $0.id == user } ?? Person(id: user, username: "u\(user)", givenName: "U", familyName: "N")
    let activity = activities.first { $0.cmid == cmid } ?? activities.first ?? Activity()
    var claims = platform.launchClaims(person: person, activity: activity, nonce: nonce)
    for (name, value) in changes { claims[name] = value }
    return claims
  }

  /// A token over these claims.
  /// - Parameters:
  ///   - claims: the payload.
  ///   - header: members of the header to set, or to remove where the value is nil.
  ///   - key: another key than the platform's, for a wrong signature.
  /// - Throws: `JOSEError` when OpenSSL cannot sign.
  package func token(
    _ claims: JSONObject, header changes: [(String, JSONValue?)] = [], key: RSAPrivateKey? = nil
  ) throws(JOSEError) -> String {
    try token(payload: PHPJSON.encode(.object(claims), escapingSlashes: false), header: changes, key: key)
  }

  /// A token over any payload text, valid JSON or not (duplicate keys, `{"name":"badltilaunch"}`…).
  /// - Throws: `JOSEError` when OpenSSL cannot sign.
  package func token(
    payload: String, header changes: [(String, JSONValue?)] = [], key: RSAPrivateKey? = nil
  ) throws(JOSEError) -> String {
    var header: JSONObject = ["typ": "JWT", "alg": "RS256", "kid": .string(platform.keyID)]
    for (name, value) in changes { header[name] = value }
    let input =
      Base64URL.encode(Array(JSONValue.object(header).encoded.utf8)) + "." + Base64URL.encode(Array(payload.utf8))
    return try input + "." + Base64URL.encode((key ?? platform.key).signRS256(Array(input.utf8)))
  }
}
