import LTI
import Testing
import Wire

@Suite("OAuth 1.0 signatures")
struct OAuth1Tests {
  @Test("the base string is that of RFC 5849 §3.4.1.1")
  func specificationExample() throws {
    let url = try #require(WebURL("http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b"))
    let baseString = OAuth1.signatureBaseString(
      method: "POST", url: url,
      parameters: [
        ("oauth_consumer_key", "9djdj82h48djs9d2"), ("oauth_token", "kkk9d7dh3k39sjv7"),
        ("oauth_signature_method", "HMAC-SHA1"), ("oauth_timestamp", "137131201"), ("oauth_nonce", "7d8f3e4a"),
        ("oauth_signature", "bYT5CMsGcbgUdFHObYMEfcx6bsw="), ("c2", ""), ("a3", "2 q"),
      ])
    #expect(
      baseString
        == "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
    )
  }

  /// Signatures computed with Python's `hmac` and `urllib.parse.quote` over the same parameters.
  static let vectors: [(OAuth1.SignatureMethod, String)] = [
    (.hmacSHA1, "IxvUVXVzB91Z4c4J12tqC09IqHQ="),
    (.hmacSHA256, "rUi+PRdLbSvLnE9w6XgEo+BVu5HpmgiEJHyRRUbK0iU="),
  ]

  @Test("repeated, empty and non-ASCII parameters are signed as another implementation signs them", arguments: vectors)
  func foreignVector(method: OAuth1.SignatureMethod, signature: String) throws {
    let url = try #require(
      WebURL(
        "https://LTI.example.org:8443/passerelle/lti/launch?lang=fr+FR&module=grains%20d%E2%80%99%C3%A9t%C3%A9&a=1"))
    let parameters = [
      ("z", "last"), ("a", "2"), ("a", "10"), ("a", ""), ("é", "à la carte"), ("empty", ""),
      ("custom_t", "a+b&c=d~e*f/g?%20"), ("nl", "x\r\ny"), ("emoji", "🙂"), ("a2", ""), ("A", "upper"),
      ("oauth_consumer_key", "cle11"), ("oauth_nonce", "n0nce"), ("oauth_timestamp", "1795397365"),
      ("oauth_version", "1.0"), ("oauth_signature_method", method.rawValue),
    ].map { (name: $0.0, value: $0.1) }
    let baseString = OAuth1.signatureBaseString(method: "POST", url: url, parameters: parameters.reversed())
    #expect(OAuth1.signature(of: baseString, method: method, secret: "s3cret-é&+11") == signature)
    #expect(OAuth1.signature(of: baseString, method: method, secret: "s3cret-é&+12") != signature)
  }

  @Test("a port other than the scheme's own is part of the base string, the fragment is not")
  func address() throws {
    let places = [
      ("http://127.0.0.1:8091/lti11", "http%3A%2F%2F127.0.0.1%3A8091%2Flti11"),
      ("https://a.example:443/x#y", "https%3A%2F%2Fa.example%2Fx"), ("https://A.example", "https%3A%2F%2Fa.example%2F"),
      ("http://a.example:443/X/", "http%3A%2F%2Fa.example%3A443%2FX%2F"),
    ]
    for (url, encoded) in places {
      let baseString = OAuth1.signatureBaseString(method: "POST", url: try #require(WebURL(url)), parameters: [])
      #expect(baseString == "POST&\(encoded)&")
    }
  }

  @Test("letters, digits and -._~ stand for themselves, every other byte is %XX in capitals")
  func encoding() {
    #expect(OAuth1.percentEncoded("AZaz09-._~") == "AZaz09-._~")
    #expect(OAuth1.percentEncoded("s3cret-é&+11 *'()!") == "s3cret-%C3%A9%26%2B11%20%2A%27%28%29%21")
    #expect(OAuth1.percentEncoded("\u{0}\u{7F}%/:=") == "%00%7F%25%2F%3A%3D")
  }

  static let credentials = ConsumerKey("cle11").map {
    OAuth1Credentials(consumerKey: $0, secret: SigningConsumer.secret)
  }

  /// The exchanges whose authorization is as honest as ours, whatever Moodle then says of the body.
  static let honest = [
    "readResult before any grade", "replaceResult 0.75", "replaceResult 0", "replaceResult 0.333333333",
    "deleteResult", "score 0,5 (comma)", "sourcedid garbage", "invalid XML", "unknown operation", "HMAC-SHA256",
    "resultData text extension", "AGS score OAuth1",
  ]

  @Test("a recorded outcome request, which Moodle judged, is signed by us with the same bytes", arguments: honest)
  func recordedAuthorization(label: String) throws {
    let exchange = try #require(try Recorded.exchanges("basic_outcomes_tests").first { $0.label == label })
    let recorded = try #require(exchange.requestFields["Authorization"])
    let timestamp = try #require(Int64(try known(Self.parameter("oauth_timestamp", of: recorded))))
    let authorization = OAuth1.authorization(
      url: exchange.url, body: Array(try #require(exchange.requestBody).utf8), credentials: try known(Self.credentials),
      signatureMethod: label == "HMAC-SHA256" ? .hmacSHA256 : .hmacSHA1, timestamp: Instant(seconds: timestamp),
      nonce: try known(Self.parameter("oauth_nonce", of: recorded)))
    #expect(Self.parameter("oauth_signature", of: authorization) == Self.parameter("oauth_signature", of: recorded))
    #expect(Self.parameter("oauth_body_hash", of: authorization) == Self.parameter("oauth_body_hash", of: recorded))
    #expect(authorization == recorded)
  }

  @Test("credentials do not show their secret")
  func silentCredentials() throws {
    let credentials = try known(Self.credentials)
    var dumped = ""
    dump(credentials, to: &dumped)
    for text in ["\(credentials)", String(reflecting: credentials), dumped] { #expect(!text.contains("s3cret")) }
    #expect("\(credentials)".contains("cle11"))
  }

  static func parameter(_ name: String, of authorization: String) -> String? {
    let start = "\(name)=\""
    guard let range = authorization.firstRange(of: start) else { return nil }
    return String(authorization[range.upperBound...].prefix { $0 != "\"" })
  }
}
