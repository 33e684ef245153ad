import JOSE
import Wire

/// The claim `lti1p1`, with which a platform that migrates says how it named things in LTI 1.1 (LTI 1.3 Migration Guide,
/// “LTI 1.1 Migration Claim”). Anybody at the platform's side who may launch could have written it: it counts only where
/// `isSigned` says that the holder of the LTI 1.1 secret did.
package struct MigrationClaim: Equatable, Sendable {
  /// `user_id`: the person in LTI 1.1; nil when the platform says that it did not change, by leaving it out.
  package let userID: Subject?
  /// `oauth_consumer_key`: whose secret the claim is signed with; nil when it is not signed.
  package let consumerKey: ConsumerKey?
  /// `oauth_consumer_key_sign`, decoded; nil when it is missing or no base64.
  private let signature: [UInt8]?
  private let deploymentID: DeploymentID
  /// What else of the message is signed: `iss`, `exp` and `nonce`, as texts.
  private let issuer: String
  private let expiry: String
  private let nonce: String

  /// Reads the claim of a token whose own signature, times and nonce were checked; nil when it has none.
  init?(_ claims: JSONObject, deploymentID: DeploymentID) {
    guard let claim = claims[Claim.lti1p1]?.objectValue, let exp = claims["exp"] else { return nil }
    userID = claim["user_id"]?.stringValue.flatMap(Subject.init)
    consumerKey = claim["oauth_consumer_key"]?.stringValue.flatMap(ConsumerKey.init)
    signature = claim["oauth_consumer_key_sign"]?.stringValue.flatMap { Base64.decode($0) }
    self.deploymentID = deploymentID
    issuer = claims["iss"]?.stringValue ?? ""
    // A whole number of seconds as every platform writes it, whatever the JSON's own form of it.
    expiry = exp.intValue.map(String.init) ?? exp.encoded
    nonce = claims["nonce"]?.stringValue ?? ""
  }

  /// Whether `oauth_consumer_key_sign` proves the consumer key: the base64 of an HMAC-SHA256 under the secret over key,
  /// deployment, issuer, client, expiry and nonce, joined by `&`. Compared in constant time.
  ///
  /// - Parameters:
  ///   - secret: the shared secret of `consumerKey`.
  ///   - clientID: the tool's name at the platform, which the token's audience was checked against.
  package func isSigned(with secret: String, clientID: ClientID) -> Bool {
    guard let signature, let consumerKey else { return false }
    let signed = [consumerKey.value, deploymentID.value, issuer, clientID.value, expiry, nonce].joined(separator: "&")
    return constantTimeEqual(signature, HMAC.sha256(key: Array(secret.utf8), Array(signed.utf8)))
  }
}
