import JOSE

/// What is sealed in the database. The purpose belongs to the seal: one secret cannot be put in place of another.
package enum SealedSecret: String, Sendable {
  /// The tool's private keys.
  case toolKey = "tool key"
  /// The shared secrets of LTI 1.1.
  case consumerSecret = "consumer secret"
  /// Platforms' access tokens.
  case accessToken = "access token"
}

extension Sealer {
  /// Seals a secret for the database.
  package func seal(_ secret: [UInt8], as kind: SealedSecret) throws(JOSEError) -> [UInt8] {
    try seal(secret, purpose: kind.rawValue)
  }

  /// Seals a text.
  package func seal(_ text: String, as kind: SealedSecret) throws(JOSEError) -> [UInt8] {
    try seal(Array(text.utf8), as: kind)
  }

  /// A sealed text; nil when it was sealed with another `PASSERELLE_SECRET`.
  package func text(of sealed: [UInt8], as kind: SealedSecret) -> String? {
    (try? open(sealed, purpose: kind.rawValue)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// A sealed private key; nil when it was sealed with another `PASSERELLE_SECRET`.
  package func toolKey(of sealed: [UInt8]) -> RSAPrivateKey? {
    guard let der = try? open(sealed, purpose: SealedSecret.toolKey.rawValue) else { return nil }
    return try? RSAPrivateKey(der: der)
  }
}
