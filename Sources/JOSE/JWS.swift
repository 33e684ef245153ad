import Wire

/// A JSON Web Signature in compact form (RFC 7515 §3.1), RS256 only. Its content is not to be believed before `verify`.
package struct JWS: Sendable {
  /// The JOSE header (RFC 7515 §4).
  package let header: JSONObject
  /// The header's `alg` (RFC 7515 §4.1.1), always `RS256`: anything else is refused while parsing.
  package let algorithm: String
  /// The header's `kid` (RFC 7515 §4.1.4).
  package let keyID: String?
  /// The payload, decoded.
  package let payload: [UInt8]

  private let signature: [UInt8]
  private let compact: [UInt8]
  private let signingInputLength: Int

  /// Takes a token apart; no key is looked at.
  ///
  /// Throws `.tooLarge` beyond `maximumLength` bytes, then in the order of RFC 7515 §5.2: `.malformed`,
  /// `.duplicateKey` (header), `.algorithmUnsupported`, `.criticalHeaderUnsupported`.
  package init(compact text: String, maximumLength: Int = 65536) throws(JOSEError) {
    guard text.utf8.count <= maximumLength else { throw .tooLarge }
    let compact = Array(text.utf8)
    let dot = UInt8(ascii: ".")
    guard let first = compact.firstIndex(of: dot), let second = compact[(first + 1)...].firstIndex(of: dot),
      !compact[(second + 1)...].contains(dot), let headerBytes = Base64URL.decode(compact[..<first])
    else { throw .malformed }
    let header = try jsonObject(headerBytes)
    guard let algorithm = header["alg"]?.stringValue else { throw .malformed }
    guard algorithm == "RS256" else { throw .algorithmUnsupported(printable(algorithm)) }
    guard header["crit"] == nil else { throw .criticalHeaderUnsupported }
    let keyID = header["kid"]
    guard keyID == nil || keyID?.stringValue != nil else { throw .malformed }
    guard let payload = Base64URL.decode(compact[(first + 1)..<second]),
      let signature = Base64URL.decode(compact[(second + 1)...])
    else { throw .malformed }
    self.header = header
    self.algorithm = algorithm
    self.keyID = keyID?.stringValue
    self.payload = payload
    self.signature = signature
    self.compact = compact
    signingInputLength = second
  }

  /// Checks the signature over header and payload as they were sent (RFC 7515 §5.2, step 8).
  ///
  /// Throws `.signatureInvalid`.
  package func verify(with key: JWK) throws(JOSEError) {
    try key.publicKey.verifyRS256(compact[..<signingInputLength], signature: signature)
  }

  /// The payload as the claims of a JWT (RFC 7519 §4). Verify first.
  ///
  /// Throws `.duplicateKey`, and `.malformed` when the payload is not a JSON object.
  package func claims() throws(JOSEError) -> JSONObject {
    try jsonObject(payload)
  }
}

extension JWS: CustomStringConvertible, CustomReflectable {
  /// Says which key the token names; never the token, which is a credential.
  package var description: String { "JWS(kid: \(printable(keyID ?? "none")))" }

  /// Shows as little as `description`.
  package var customMirror: Mirror { Mirror(self, children: []) }
}
