import DemoMoodle
import Foundation
import JOSE
import Wire

/// OAuth 1.0 as a tool does it, for tests only: it is checked against what a real Moodle and a real tool signed.
struct SignedRequest {
  var key = "cle11"
  var secret = "s3cret-é&+11"
  var method = "POST"
  /// What the request says of its method; the signature is HMAC-SHA1 whatever it says.
  var signatureMethod = "HMAC-SHA1"
  var url: String
  var timestamp = Instant.now().seconds

  static func escape(_ text: String) -> String {
    let unreserved = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
    return text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
  }

  /// The signature over these parameters and those of the URL's query.
  func signature(_ parameters: [(String, String)]) -> String {
    let parts = url.split(separator: "?", maxSplits: 1).map(String.init)
    let inQuery = URLComponents(string: url)?.queryItems?.map { ($0.name, $0.value ?? "") } ?? []
    let pairs = (parameters + inQuery).map { Self.escape($0.0) + "=" + Self.escape($0.1) }.sorted()
    let base = [method, parts[0], pairs.joined(separator: "&")].map(Self.escape).joined(separator: "&")
    return Data(HMAC.sha1(key: Array("\(Self.escape(secret))&".utf8), Array(base.utf8))).base64EncodedString()
  }

  /// The Authorization field over a body.
  func authorization(_ body: String) -> String {
    var parameters = [
      ("oauth_consumer_key", key), ("oauth_nonce", UUID().uuidString), ("oauth_timestamp", String(timestamp)),
      ("oauth_signature_method", signatureMethod), ("oauth_version", "1.0"),
      ("oauth_body_hash", Data(SHA1.hash(Array(body.utf8))).base64EncodedString()),
    ]
    parameters.append(("oauth_signature", signature(parameters)))
    return "OAuth " + parameters.map { "\($0.0)=\"\(Self.escape($0.1))\"" }.joined(separator: ", ")
  }

  /// A Basic Outcomes envelope.
  static func envelope(_ operation: String, sourcedID: String, score: String? = nil) -> String {
    let result =
      score.map { "<result><resultScore><language>en</language><textString>\($0)</textString></resultScore></result>" }
      ?? ""
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <imsx_POXEnvelopeRequest xmlns="http://www.imsglobal.org/services/ltiv1p1/xsd/imsoms_v1p0"><imsx_POXHeader>\
      <imsx_POXRequestHeaderInfo><imsx_version>V1.0</imsx_version><imsx_messageIdentifier>m&amp;1\
      </imsx_messageIdentifier></imsx_POXRequestHeaderInfo></imsx_POXHeader><imsx_POXBody><\(operation)Request>\
      <resultRecord><sourcedGUID><sourcedId>\(HTML.text(sourcedID))</sourcedId></sourcedGUID>\(result)</resultRecord>\
      </\(operation)Request></imsx_POXBody></imsx_POXEnvelopeRequest>
      """
  }
}
