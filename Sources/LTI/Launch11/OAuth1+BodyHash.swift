import JOSE
import Wire

/// A consumer's key and secret, as both sides of an LTI 1.1 registration hold them. Its description shows the key only.
package struct OAuth1Credentials: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
  /// `oauth_consumer_key`: the name of the pair.
  package let consumerKey: ConsumerKey
  /// The shared secret: never for a log.
  package let secret: String

  /// A pair.
  package init(consumerKey: ConsumerKey, secret: String) {
    self.consumerKey = consumerKey
    self.secret = secret
  }

  /// The key, made harmless.
  package var description: String { "OAuth1Credentials(consumerKey: \(loggable(consumerKey.value)))" }

  /// Shows as little as `description`.
  package var customMirror: Mirror { Mirror(self, children: []) }
}

extension OAuth1 {
  /// The `Authorization` field's value for a request whose body is not a form (RFC 5849 §3.5.1, and "OAuth Request Body
  /// Hash" 1.0 §4, which LTI 1.1 §4.3 requires).
  ///
  /// Moodle refuses a `timestamp` more than 300 seconds old, and every method but HMAC-SHA1.
  ///
  /// - Parameters:
  ///   - nonce: a text that is never used again with this timestamp; letters and digits.
  package static func authorization(
    method: String = "POST", url: WebURL, body: [UInt8], credentials: OAuth1Credentials,
    signatureMethod: SignatureMethod = .hmacSHA1, timestamp: Instant, nonce: String
  ) -> String {
    var parameters = [
      (name: "oauth_consumer_key", value: credentials.consumerKey.value),
      (name: "oauth_nonce", value: nonce),
      (name: "oauth_timestamp", value: String(timestamp.seconds)),
      (name: "oauth_signature_method", value: signatureMethod.rawValue),
      (name: "oauth_version", value: "1.0"),
      (name: "oauth_body_hash", value: bodyHash(body, signatureMethod)),
    ]
    let baseString = signatureBaseString(method: method, url: url, parameters: parameters)
    let signature = signature(of: baseString, method: signatureMethod, secret: credentials.secret)
    parameters.append((name: "oauth_signature", value: signature))
    return "OAuth "
      + parameters.map { "\(percentEncoded($0.name))=\"\(percentEncoded($0.value))\"" }.joined(separator: ", ")
  }

  /// `oauth_body_hash`: the body's digest, by the hash of the signature method, in base64.
  package static func bodyHash(_ body: [UInt8], _ method: SignatureMethod) -> String {
    switch method {
    case .hmacSHA1: Base64.encode(SHA1.hash(body))
    case .hmacSHA256: Base64.encode(SHA256.hash(body))
    }
  }
}
