import Foundation
import JOSE
import Wire

/// OAuth 1.0 (RFC 5849) with HMAC-SHA1, the platform's own: it must not share its mistakes with the tool it tests.
enum OAuth1 {
  /// RFC 5849 §3.6: every byte of the UTF-8 text but the unreserved ones of RFC 3986.
  static func encode(_ text: String) -> String {
    var output = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
        output.unicodeScalars.append(Unicode.Scalar(byte))
      default: output += String(format: "%%%02X", Int(byte))
      }
    }
    return output
  }

  /// RFC 5849 §3.4.1: method, base string URI, and the parameters encoded, then sorted. The URL's query counts too.
  static func baseString(method: String, url: WebURL, parameters: [(String, String)]) -> String {
    let all = parameters + url.queryItems.map { ($0.name, $0.value) }
    let pairs = all.map { (Array(encode($0.0).utf8), Array(encode($0.1).utf8)) }
      .sorted { $0.0 == $1.0 ? $0.1.lexicographicallyPrecedes($1.1) : $0.0.lexicographicallyPrecedes($1.0) }
      .map { String(decoding: $0.0 + [UInt8(ascii: "=")] + $0.1, as: UTF8.self) }
    return [method, url.origin.description + url.path, pairs.joined(separator: "&")].map(encode).joined(separator: "&")
  }

  /// RFC 5849 §3.4.2 without a token secret.
  static func signature(method: String, url: WebURL, parameters: [(String, String)], secret: String) -> String {
    let base = baseString(method: method, url: url, parameters: parameters)
    return Base64.encode(HMAC.sha1(key: Array((encode(secret) + "&").utf8), Array(base.utf8)))
  }

  /// The parameters of an Authorization field of scheme OAuth (RFC 5849 §3.5.1), without the realm; nil for another
  /// scheme.
  static func parameters(ofAuthorization field: String) -> [(String, String)]? {
    guard field.hasPrefix("OAuth ") else { return nil }
    return field.dropFirst(6).split(separator: ",").compactMap { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { return nil }
      let name = parts[0].trimmingCharacters(in: .whitespaces)
      let value = parts[1].trimmingCharacters(in: .whitespaces).trimmingCharacters(in: ["\""])
      guard name.hasPrefix("oauth_") else { return nil }
      return (name.removingPercentEncoding ?? name, value.removingPercentEncoding ?? value)
    }
  }

  /// The body hash of the OAuth Request Body Hash extension.
  static func bodyHash(_ body: [UInt8]) -> String { Base64.encode(SHA1.hash(body)) }
}

extension Platform {
  /// How old a signed request may be, in seconds. One from the future is taken, whatever its time.
  static let signatureLife: Int64 = 300

  /// The LTI 1.1 tool that signed a request and its body; nil when nobody did.
  ///
  /// Observed on Moodle: the body hash is required, HMAC-SHA1 is the only method, a form's content type is refused, a
  /// nonce may come again.
  func oauthSigner(of request: MoodleRequest) -> Tool? {
    guard let parameters = request.fields["Authorization"].flatMap(OAuth1.parameters),
      let url = WebURL(wwwroot + request.target), request.mediaType != "application/x-www-form-urlencoded"
    else { return nil }
    func value(_ name: String) -> String? { parameters.first { $0.0 == name }?.1 }
    guard let key = value("oauth_consumer_key"), value("oauth_signature_method") == "HMAC-SHA1",
      value("oauth_version") ?? "1.0" == "1.0", value("oauth_nonce")?.isEmpty == false,
      let timestamp = value("oauth_timestamp").flatMap({ Int64($0) }),
      now().seconds - timestamp <= Self.signatureLife,
      value("oauth_body_hash") == OAuth1.bodyHash(request.body), let sent = value("oauth_signature")
    else { return nil }
    let signed = parameters.filter { $0.0 != "oauth_signature" }
    return tools.first { tool in
      guard let shared = tool.sharedSecret, shared.key == key else { return false }
      let expected = OAuth1.signature(method: request.method, url: url, parameters: signed, secret: shared.secret)
      return constantTimeEqual(Array(expected.utf8), Array(sent.utf8))
    }
  }

  /// Whether a request carries an OAuth 1.0 consumer key at all.
  static func hasConsumerKey(_ request: MoodleRequest) -> Bool {
    request.fields["Authorization"].flatMap(OAuth1.parameters)?.contains {
      $0.0 == "oauth_consumer_key" && !$0.1.isEmpty
    } ?? false
  }
}
