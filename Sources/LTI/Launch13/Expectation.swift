import JOSE
import Wire

/// What a launch must agree with to be accepted: who may send it, to whom, when, and in answer to which login.
package struct Expectation {
  /// The platform's public key that the token's `kid` names.
  package var key: JWK
  /// The platform's issuer.
  package var issuer: Issuer
  /// The tool's name at that platform.
  package var clientID: ClientID
  /// The time at which the token is judged.
  package var now: Instant
  /// Seconds by which the platform's clock may differ from ours.
  package var leeway: Int64
  /// Seconds after `iat` from which a token is refused whatever its `exp` says.
  package var maximumAge: Int64
  /// Says whether the token's nonce is the one that this login was started with.
  package var nonceMatches: (String) -> Bool
  /// Says whether the platform's deployment is registered.
  package var deploymentIsKnown: (DeploymentID) -> Bool

  /// Gathers the expectation. `leeway` and `maximumAge` are in seconds; the maximum age is an hour unless said otherwise.
  package init(
    key: JWK, issuer: Issuer, clientID: ClientID, now: Instant, leeway: Int64, maximumAge: Int64 = 3600,
    nonceMatches: @escaping (String) -> Bool, deploymentIsKnown: @escaping (DeploymentID) -> Bool
  ) {
    self.key = key
    self.issuer = issuer
    self.clientID = clientID
    self.now = now
    self.leeway = leeway
    self.maximumAge = maximumAge
    self.nonceMatches = nonceMatches
    self.deploymentIsKnown = deploymentIsKnown
  }
}
