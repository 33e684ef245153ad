import JOSE
import Testing
import Wire

@Suite("A JSON Web Key")
struct JWKTests {
  /// RFC 7638 §3.1.
  static let example: JSONObject = [
    "kty": "RSA",
    "n": .string(
      "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3"
        + "oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdA"
        + "ZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-"
        + "kEgU8awapJzKnqDKgw"),
    "e": "AQAB", "alg": "RS256", "kid": "2011-04-29",
  ]

  @Test("has the thumbprint that RFC 7638 §3.1 computes")
  func thumbprint() throws {
    let key = try JWK(Self.example)
    #expect(JWK.thumbprint(of: key.publicKey) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
    #expect(key.kid == "2011-04-29")
  }

  @Test("that is ours is published for RS256 signatures under its thumbprint, with public members only")
  func published() throws {
    let key = try generatedKey.get()
    let jwk = key.publicJWK
    #expect(jwk.json.keys == ["kty", "use", "alg", "kid", "e", "n"])
    #expect(jwk.json["use"] == "sig")
    #expect(jwk.json["alg"] == "RS256")
    #expect(jwk.json["e"] == "AQAB")
    #expect(jwk.kid == JWK.thumbprint(of: key.publicKey))
    #expect(jwk.kid?.utf8.count == 43)
    #expect(jwk.rsa?.modulus.count == 256)
    #expect(try JWKSet(parsing: Array(JWKSet(keys: [jwk]).encoded.utf8)).keys == [jwk])
  }

  @Test("with leading zeros in its numbers is the same key")
  func leadingZeros() throws {
    let key = try JWK(Self.example).publicKey
    #expect(try RSAPublicKey(modulus: [0, 0] + key.modulus, exponent: [0] + key.exponent) == key)
  }

  @Test("without alg, use and kid, as D2L publishes, is taken")
  func bare() throws {
    let key = try JWK(changed(["alg": nil, "kid": nil]))
    #expect(key.alg == nil)
    #expect(key.kid == nil)
    #expect(key.use == nil)
  }

  @Test("that cannot verify RS256 is refused with the reason")
  func problems() throws {
    let modulus = try JWK(Self.example).publicKey.modulus
    var even = modulus
    even[255] &= 0xFE
    let cases: [([String: JSONValue?], KeyProblem)] = [
      (["kty": "EC"], .notRSA), (["kty": "oct"], .notRSA), (["kty": nil], .malformed), (["kty": 7], .malformed),
      (["use": "enc"], .notForSignatures), (["use": 1], .malformed), (["key_ops": ["sign"]], .notForSignatures),
      (["key_ops": "verify"], .malformed), (["alg": "RS512"], .algorithmNotRS256),
      (["alg": "HS256"], .algorithmNotRS256),
      (["alg": nil, "kid": 5], .malformed), (["n": nil], .malformed), (["e": nil], .malformed),
      (["n": "not base64url!"], .malformed), (["e": "AQAB="], .malformed), (["n": ""], .modulusTooShort),
      (["n": number(Array(modulus.dropFirst()))], .modulusTooShort),
      (["n": number([0x7F] + modulus.dropFirst())], .modulusTooShort), (["n": number(even)], .modulusEven),
      (["n": number([UInt8](repeating: 0xFF, count: 1025))], .modulusTooLong),
      (["e": number([1])], .exponentUnusable), (["e": number([])], .exponentUnusable),
      (["e": number([0, 0])], .exponentUnusable), (["e": number([1, 0, 0])], .exponentUnusable),
      (["e": number([UInt8](repeating: 1, count: 9))], .exponentUnusable),
    ]
    for (changes, problem) in cases {
      #expect(throws: problem, "\(changes.keys)") { try JWK(changed(changes)) }
    }
    #expect(try JWK(changed(["e": number([3])])).publicKey.exponent == [3])
    #expect(try JWK(changed(["key_ops": ["verify"]])).kid == "2011-04-29")
  }

  private func changed(_ changes: [String: JSONValue?]) -> JSONObject {
    var key = Self.example
    for (name, value) in changes { key[name] = value }
    return key
  }

  private func number(_ bytes: [UInt8]) -> JSONValue { .string(Base64URL.encode(bytes)) }
}

@Suite("A JSON Web Key Set")
struct JWKSetTests {
  @Test("recorded from Moodle has one key, found by its kid")
  func recorded() throws {
    let body = try #require(RecordedMoodle.document("platform_documents.json").arrayValue?.first?["response"]?["body"])
    let set = try JWKSet(parsing: Array(#require(body.stringValue).utf8))
    #expect(set.keys.map(\.kid) == ["6f723b1e740913ec9939"])
    #expect(set.ignored.isEmpty)
    #expect(set.key(id: "6f723b1e740913ec9939")?.use == "sig")
    #expect(set.key(id: "") == nil)
  }

  @Test("keeps the usable keys and tells why it passed over the others")
  func mixed() throws {
    var weak = JWKTests.example
    weak["n"] = "AQAB"
    weak["kid"] = "weak"
    let set: JSONObject = [
      "keys": [
        ["kty": "EC", "kid": "curve", "crv": "P-256"], 7, .object(weak), .object(JWKTests.example), ["kid": "no type"],
      ]
    ]
    let read = try JWKSet(parsing: JSONValue.object(set).encodedBytes)
    #expect(read.keys.map(\.kid) == ["2011-04-29"])
    #expect(read.ignored.map(\.kid) == ["curve", nil, "weak", "no type"])
    #expect(read.ignored.map(\.problem) == [.notRSA, .malformed, .modulusTooShort, .malformed])
  }

  @Test("that is no set is refused")
  func refused() {
    for text in ["", "null", "[]", "{}", #"{"keys":{}}"#, #"{"keys":null}"#, "<html>404</html>", #"{"keys":[]"#] {
      #expect(throws: JOSEError.malformed, "\(text)") { try JWKSet(parsing: Array(text.utf8)) }
    }
    #expect(throws: JOSEError.duplicateKey("keys")) { try JWKSet(parsing: Array(#"{"keys":[],"keys":[]}"#.utf8)) }
    #expect(throws: JOSEError.duplicateKey("n")) {
      try JWKSet(parsing: Array(#"{"keys":[{"kty":"RSA","n":"a","n":"b"}]}"#.utf8))
    }
    #expect(throws: JOSEError.tooLarge) { try JWKSet(parsing: [UInt8](repeating: 0x20, count: 1 << 18 + 1)) }
  }

  @Test("that is empty is a set without keys")
  func empty() throws {
    #expect(try JWKSet(parsing: Array(#"{"keys":[]}"#.utf8)).keys.isEmpty)
    #expect(JWKSet(keys: []).encoded == #"{"keys":[]}"#)
  }
}
