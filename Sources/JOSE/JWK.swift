import Wire

/// A JSON Web Key (RFC 7517 §4) that can verify RS256: an RSA public key and what its publisher says about it.
///
/// Private members (`d`, `p`, …) are never read, so they cannot come out again.
package struct JWK: Sendable, Equatable {
  /// The key type (RFC 7517 §4.1), always `RSA`.
  package var kty: String { "RSA" }
  /// The key ID (RFC 7517 §4.5).
  package let kid: String?
  /// The algorithm (RFC 7517 §4.4): `RS256`, or nil when the publisher names none, as D2L does.
  package let alg: String?
  /// The use (RFC 7517 §4.2): `sig`, or nil when the publisher names none.
  package let use: String?
  /// The key itself.
  package let publicKey: RSAPublicKey

  /// The numbers of the key, big-endian (RFC 7518 §6.3.1).
  package var rsa: (modulus: [UInt8], exponent: [UInt8])? { (publicKey.modulus, publicKey.exponent) }

  /// A key to publish, meant for RS256 signatures. Without a `kid` it is named by its thumbprint.
  package init(_ publicKey: RSAPublicKey, kid: String? = nil) {
    self.publicKey = publicKey
    self.kid = kid ?? Self.thumbprint(of: publicKey)
    alg = "RS256"
    use = "sig"
  }

  /// A key as published; unknown members are ignored (RFC 7517 §4).
  package init(_ json: JSONObject) throws(KeyProblem) {
    guard let kty = json["kty"]?.stringValue else { throw .malformed }
    guard kty == "RSA" else { throw .notRSA }
    use = try Self.text(json["use"])
    guard use == nil || use == "sig" else { throw .notForSignatures }
    if let operations = json["key_ops"] {
      guard let operations = operations.arrayValue else { throw .malformed }
      guard operations.contains(.string("verify")) else { throw .notForSignatures }
    }
    alg = try Self.text(json["alg"])
    guard alg == nil || alg == "RS256" else { throw .algorithmNotRS256 }
    kid = try Self.text(json["kid"])
    guard let n = json["n"]?.stringValue.flatMap({ Base64URL.decode($0.utf8) }),
      let e = json["e"]?.stringValue.flatMap({ Base64URL.decode($0.utf8) })
    else { throw .malformed }
    publicKey = try RSAPublicKey(modulus: n, exponent: e)
  }

  /// The key as a JSON object, public members only.
  package var json: JSONObject {
    var object: JSONObject = ["kty": .string(kty)]
    object["use"] = use.map(JSONValue.string)
    object["alg"] = alg.map(JSONValue.string)
    object["kid"] = kid.map(JSONValue.string)
    object["e"] = .string(Base64URL.encode(publicKey.exponent))
    object["n"] = .string(Base64URL.encode(publicKey.modulus))
    return object
  }

  /// The JWK SHA-256 thumbprint (RFC 7638 §3), base64url: the same for the same key, whoever publishes it.
  package static func thumbprint(of key: RSAPublicKey) -> String {
    let required: JSONObject = [
      "e": .string(Base64URL.encode(key.exponent)), "kty": "RSA", "n": .string(Base64URL.encode(key.modulus)),
    ]
    return Base64URL.encode(SHA256.hash(JSONValue.object(required).encodedBytes))
  }

  /// An optional member that must be a string when it is there.
  private static func text(_ value: JSONValue?) throws(KeyProblem) -> String? {
    guard let value else { return nil }
    guard let text = value.stringValue else { throw .malformed }
    return text
  }
}
