import JOSE
import Wire

/// Signatures of OAuth 1.0 (RFC 5849 §3.4) with a consumer's secret alone: LTI 1.1 has no token, so no token secret.
public enum OAuth1 {
  /// How a request is signed (RFC 5849 §3.4.2). Moodle signs launches with either; its outcome service takes SHA-1 only.
  public enum SignatureMethod: String, Equatable, Sendable, CaseIterable {
    /// RFC 5849 §3.4.2; SHA-1 is not known to be weak inside an HMAC.
    case hmacSHA1 = "HMAC-SHA1"
    /// The same with SHA-256, an extension that LTI 1.1.1 platforms share.
    case hmacSHA256 = "HMAC-SHA256"
  }

  /// The signature base string (RFC 5849 §3.4.1).
  ///
  /// - Parameters:
  ///   - method: the HTTP method, in capitals.
  ///   - url: where the request goes; its query's items take part, its fragment does not.
  ///   - parameters: those of the form body and of OAuth itself, decoded, repeated and empty ones included.
  ///     `oauth_signature` is left out here (RFC 5849 §3.4.1.3.1).
  public static func signatureBaseString(
    method: String, url: WebURL, parameters: [(name: String, value: String)]
  ) -> String {
    var pairs: [(name: [UInt8], value: [UInt8])] = []
    for item in url.queryItems + parameters where !sameBytes(item.name, "oauth_signature") {
      pairs.append((encodedBytes(item.name), encodedBytes(item.value)))
    }
    // Sorted by the encoded bytes, by the value where names agree (RFC 5849 §3.4.1.3.2).
    pairs.sort { left, right in
      left.name == right.name
        ? left.value.lexicographicallyPrecedes(right.value) : left.name.lexicographicallyPrecedes(right.name)
    }
    var normalized: [UInt8] = []
    for (index, pair) in pairs.enumerated() {
      if index > 0 { normalized.append(UInt8(ascii: "&")) }
      normalized += pair.name
      normalized.append(UInt8(ascii: "="))
      normalized += pair.value
    }
    // Scheme and host in lower case, the scheme's own port left out, no query (RFC 5849 §3.4.1.2).
    let address = url.origin.description + url.path
    return [method, address, String(decoding: normalized, as: UTF8.self)].map(percentEncoded).joined(separator: "&")
  }

  /// The signature of a base string, in base64 as `oauth_signature` carries it (RFC 5849 §3.4.2).
  public static func signature(of baseString: String, method: SignatureMethod, secret: String) -> String {
    let key = encodedBytes(secret) + [UInt8(ascii: "&")]
    switch method {
    case .hmacSHA1: return Base64.encode(HMAC.sha1(key: key, Array(baseString.utf8)))
    case .hmacSHA256: return Base64.encode(HMAC.sha256(key: key, Array(baseString.utf8)))
    }
  }

  /// Percent-encoding as OAuth wants it (RFC 5849 §3.6): all but letters, digits and `-._~`, in capitals, as UTF-8.
  public static func percentEncoded(_ text: String) -> String {
    String(decoding: encodedBytes(text), as: UTF8.self)
  }

  private static func encodedBytes(_ text: String) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        output.append(byte)
      default:
        output.append(UInt8(ascii: "%"))
        output.append(digit(byte >> 4))
        output.append(digit(byte & 15))
      }
    }
    return output
  }

  private static func digit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") + nibble - 10
  }
}
