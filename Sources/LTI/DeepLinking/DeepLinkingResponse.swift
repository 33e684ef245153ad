import JOSE
import Wire

/// Why links cannot be returned to a platform.
package enum DeepLinkingRefusal: Error, Equatable, Sendable, CustomStringConvertible, Coded {
  /// The platform takes no links to tools here (`accept_types`).
  case typeNotAccepted
  /// The platform takes one item only (`accept_multiple`).
  case tooManyItems

  package enum Code: String, StableCode {
    case typeNotAccepted = "deep_linking_type_not_accepted"
    case tooManyItems = "deep_linking_too_many_items"
  }

  package var stableCode: any StableCode {
    switch self {
    case .typeNotAccepted: Code.typeNotAccepted
    case .tooManyItems: Code.tooManyItems
    }
  }

  /// The same as `code`.
  package var description: String { code }
}

/// What the tool returns for a deep linking request (LTI Deep Linking 2.0 §4.5): the links chosen, none when cancelled.
package struct DeepLinkingResponse: Equatable, Sendable {
  /// The platform, for which the response is.
  package let issuer: Issuer
  /// The tool's name at that platform, in whose name the response is.
  package let clientID: ClientID
  /// The deployment through which the request came.
  package let deploymentID: DeploymentID
  /// What the request asked for.
  package let settings: DeepLinkingSettings
  /// The links; empty when the teacher cancelled.
  package let items: [ResourceLinkItem]

  /// Seconds by which `iat` is set back: a platform whose clock is behind would refuse one in its future.
  package static var backdating: Int64 { 5 }
  /// Seconds from now to `exp`; the browser posts the response at once.
  package static var lifetime: Int64 { 300 }

  /// Takes the links.
  ///
  /// - Throws: `DeepLinkingRefusal` when the request does not take these; an empty list it always takes.
  package init(
    issuer: Issuer, clientID: ClientID, deploymentID: DeploymentID, settings: DeepLinkingSettings,
    items: [ResourceLinkItem]
  ) throws(DeepLinkingRefusal) {
    guard items.isEmpty || settings.acceptsResourceLinks else { throw .typeNotAccepted }
    guard items.count <= 1 || settings.acceptMultiple else { throw .tooManyItems }
    self.issuer = issuer
    self.clientID = clientID
    self.deploymentID = deploymentID
    self.settings = settings
    self.items = items
  }

  /// The response as a signed token, which the browser posts to `settings.returnURL` as the form field `JWT`.
  ///
  /// - Parameter randomBytes: makes the nonce.
  /// - Throws: `JOSEError.openSSL` when it cannot be signed.
  package func signed(
    with key: RSAPrivateKey, keyID: String, now: Instant, randomBytes: (Int) -> [UInt8] = JOSE.randomBytes
  ) throws(JOSEError) -> String {
    try JWT.sign(claims(now: now, nonce: Base64URL.encode(randomBytes(16))), with: key, keyID: keyID)
  }

  private func claims(now: Instant, nonce: String) -> JSONObject {
    let isLineItemWanted = settings.acceptLineItem != false
    var claims: JSONObject = [
      "iss": .string(clientID.value),
      "aud": .string(issuer.value),
      "iat": .number(Double(now.seconds - Self.backdating)),
      "exp": .number(Double(now.seconds + Self.lifetime)),
      "nonce": .string(nonce),
      Claim.deploymentID: .string(deploymentID.value),
      Claim.messageType: "LtiDeepLinkingResponse",
      Claim.version: "1.3.0",
      Claim.contentItems: .array(items.map { .object($0.json(withLineItem: isLineItemWanted)) }),
    ]
    claims[Claim.deepLinkingData] = settings.data.map { .string($0) }
    return claims
  }
}
