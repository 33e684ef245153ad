import Glibc
import JOSE
import Wire

/// Signatures of OAuth 1.0 (RFC 5849 §3.4) with a consumer's secret alone: LTI 1.1 has no token, so no token secret.
package enum OAuth1 {
  /// How a request is signed (RFC 5849 §3.4.2). Moodle signs launches with either; its outcome service takes SHA-1 only.
  package enum SignatureMethod: String, Equatable, Sendable, CaseIterable {
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
  package static func signatureBaseString(
    method: String, url: WebURL, parameters: [(name: String, value: String)]
  ) -> String {
    var items = url.queryItems + parameters
    items.removeAll { sameBytes($0.name, "oauth_signature") }
    // One buffer of `name NUL value`, encoded: no encoded byte is as small as NUL, so that comparing the entries whole
    // sorts them by the name, and by the value where names agree (RFC 5849 §3.4.1.3.2).
    var entries: [Range<Int>] = []
    entries.reserveCapacity(items.count)
    let capacity = items.reduce(0) { $0 + 3 * ($1.name.utf8.count + $1.value.utf8.count) + 1 }
    let encoded = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      for item in items {
        let start = count
        encode(item.name, into: buffer, &count)
        buffer[count] = 0
        count += 1
        encode(item.value, into: buffer, &count)
        entries.append(start..<count)
      }
    }
    // Scheme and host in lower case, the scheme's own port left out, no query (RFC 5849 §3.4.1.2).
    let beginning = "\(percentEncoded(method))&\(percentEncoded(url.origin.description + url.path))&"
    return beginning
      + encoded.withUnsafeBufferPointer { encoded in
        entries.sort { precedes(encoded, $0, $1) }
        return normalized(encoded, entries)
      }
  }

  /// The sorted entries joined as `name=value&…` (RFC 5849 §3.4.1.3.2), and the whole encoded once more: of what the
  /// first encoding leaves only `%` changes, and so do the `=` and `&` between.
  private static func normalized(_ encoded: UnsafeBufferPointer<UInt8>, _ entries: [Range<Int>]) -> String {
    String(unsafeUninitializedCapacity: 3 * (encoded.count + entries.count)) { output in
      var count = 0
      func put(_ byte: UInt8) {
        output[count] = byte
        count += 1
      }
      func putEscape(_ high: Unicode.Scalar, _ low: Unicode.Scalar) {
        put(UInt8(ascii: "%"))
        put(UInt8(ascii: high))
        put(UInt8(ascii: low))
      }
      for (index, entry) in entries.enumerated() {
        if index > 0 { putEscape("2", "6") }
        for byte in encoded[entry] {
          switch byte {
          case 0: putEscape("3", "D")
          case UInt8(ascii: "%"): putEscape("2", "5")
          default: put(byte)
          }
        }
      }
      return count
    }
  }

  /// Byte order of two entries; of two that begin alike the shorter comes first.
  private static func precedes(
    _ bytes: UnsafeBufferPointer<UInt8>, _ left: Range<Int>, _ right: Range<Int>
  ) -> Bool {
    guard let start = bytes.baseAddress else { return false }
    let order = memcmp(start + left.lowerBound, start + right.lowerBound, min(left.count, right.count))
    return order == 0 ? left.count < right.count : order < 0
  }

  /// The signature of a base string, in base64 as `oauth_signature` carries it (RFC 5849 §3.4.2).
  package static func signature(of baseString: String, method: SignatureMethod, secret: String) -> String {
    let key = encodedBytes(secret) + [UInt8(ascii: "&")]
    switch method {
    case .hmacSHA1: return Base64.encode(HMAC.sha1(key: key, Array(baseString.utf8)))
    case .hmacSHA256: return Base64.encode(HMAC.sha256(key: key, Array(baseString.utf8)))
    }
  }

  /// Percent-encoding as OAuth wants it (RFC 5849 §3.6): all but letters, digits and `-._~`, in capitals, as UTF-8.
  package static func percentEncoded(_ text: String) -> String {
    String(decoding: encodedBytes(text), as: UTF8.self)
  }

  private static func encodedBytes(_ text: String) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 3 * text.utf8.count) { encode(text, into: $0, &$1) }
  }

  /// Writes the encoded text at `count`, where the buffer has room for three bytes for each of the text's.
  private static func encode(_ text: String, into output: UnsafeMutableBufferPointer<UInt8>, _ count: inout Int) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        output[count] = byte
        count += 1
      default:
        output[count] = UInt8(ascii: "%")
        output[count + 1] = digit(byte >> 4)
        output[count + 2] = digit(byte & 15)
        count += 3
      }
    }
  }

  private static func digit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") + nibble - 10
  }
}
