import Wire

/// JSON Web Tokens (RFC 7519) that this program issues.
package enum JWT {
  /// The claims as a signed token in compact form: RS256, `typ` JWT, and the `kid` under which the key is published.
  ///
  /// Throws `.openSSL`.
  package static func sign(_ claims: JSONObject, with key: RSAPrivateKey, keyID: String) throws(JOSEError) -> String {
    let header: JSONObject = ["typ": "JWT", "alg": "RS256", "kid": .string(keyID)]
    let signingInput =
      Base64URL.encode(JSONValue.object(header).encodedBytes) + "."
      + Base64URL.encode(JSONValue.object(claims).encodedBytes)
    return try signingInput + "." + Base64URL.encode(key.signRS256(Array(signingInput.utf8)))
  }
}
