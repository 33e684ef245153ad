import JOSE
import TestSupport
import Testing
import Wire

/// RFC 7515 appendix A.2.
enum AppendixA2 {
  static let token =
    "eyJhbGciOiJSUzI1NiJ9."
    + "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    + "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CU"
    + "Ar7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_d"
    + "O--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig"
    + "cN_IoypGlUPQGe77Rw"
  static let key: JSONObject = [
    "kty": "RSA", "e": "AQAB",
    "n": .string(
      "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ"
        + "S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2"
        + "R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD"
        + "TW9gb54h4FRWyuXpoQ"),
  ]
}

@Suite("A JSON Web Signature")
struct JWSTests {
  @Test("of RFC 7515 appendix A.2 verifies, and its claims are those of the RFC")
  func appendixA2() throws {
    let jws = try JWS(compact: AppendixA2.token)
    try jws.verify(with: JWK(AppendixA2.key))
    #expect(jws.keyID == nil)
    #expect(try jws.claims() == ["iss": "joe", "exp": 1_300_819_380, "http://example.com/is_root": true])
  }

  @Test(
    "of another algorithm is refused before any key is looked at",
    arguments: ["none", "None", "NONE", "HS256", "HS384", "HS512", "RS384", "RS512", "PS256", "ES256", "rs256", ""])
  func otherAlgorithms(algorithm: String) {
    let header = #"{"alg":"\#(algorithm)","kid":"x"}"#
    #expect(throws: JOSEError.algorithmUnsupported(algorithm)) { try JWS(compact: token(header: header)) }
  }

  @Test("of algorithm none with no signature is refused for its algorithm")
  func unsigned() {
    let unsigned = token(header: #"{"alg":"none"}"#, signature: [])
    #expect(throws: JOSEError.algorithmUnsupported("none")) { try JWS(compact: unsigned) }
  }

  @Test("made with HMAC and the public key's PEM as the secret is refused (RFC 8725 §2.1)")
  func algorithmConfusion() throws {
    let pem = try RecordedMoodle.keySet().keys[0].publicKey.pem
    let header = #"{"typ":"JWT","alg":"HS256","kid":"6f723b1e740913ec9939"}"#
    let signingInput = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(#"{"sub":"2"}"#.utf8))
    let forged =
      signingInput + "." + Base64URL.encode(HMAC.sha256(key: Array(pem.utf8), Array(signingInput.utf8)))
    #expect(throws: JOSEError.algorithmUnsupported("HS256")) { try JWS(compact: forged) }
  }

  @Test("whose algorithm is said to be RS256 but is HMAC under the public key fails by its signature")
  func disguisedHMAC() throws {
    let key = try RecordedMoodle.keySet().keys[0]
    let header = #"{"alg":"RS256","kid":"6f723b1e740913ec9939"}"#
    let mac = HMAC.sha256(key: Array(key.publicKey.pem.utf8), Array("x".utf8))
    for signature in [mac, mac + [UInt8](repeating: 0, count: 224), [UInt8](repeating: 0, count: 256), []] {
      let jws = try JWS(compact: token(header: header, signature: signature))
      #expect(throws: JOSEError.signatureInvalid) { try jws.verify(with: key) }
    }
  }

  @Test(
    "that is not of the form is refused as malformed",
    arguments: [
      "", ".", "..", "a.b", "not a token", "....", AppendixA2.token + ".", AppendixA2.token + ".AAAA",
      "." + AppendixA2.token, " " + AppendixA2.token, AppendixA2.token + "\n", AppendixA2.token + "=",
      token(header: "{}"), token(header: #"{"alg":256}"#), token(header: #"{"alg":["RS256"]}"#),
      token(header: #"{"alg":"RS256","kid":7}"#), token(header: #"{"alg":"RS256","kid":null}"#),
      token(header: #"["RS256"]"#), token(header: #""RS256""#), token(header: #"{"alg":"RS256"} "#) + "é",
      token(header: #"{"alg":"RS256""#), token(header: #"{"alg":"RS256"}x"#),
    ])
  func malformed(text: String) {
    #expect(throws: JOSEError.malformed) { try JWS(compact: text) }
  }

  @Test("in another base64 alphabet, padded or with loose trailing bits is refused")
  func strictBase64() throws {
    let parts = AppendixA2.token.split(separator: ".").map(String.init)
    for bad in [
      parts[2].replacing("_", with: "/"), parts[2].replacing("-", with: "+"), parts[2] + "==",
      String(parts[2].dropLast()) + "x", String(parts[2].dropLast()),
    ] {
      #expect(throws: JOSEError.malformed) { try JWS(compact: "\(parts[0]).\(parts[1]).\(bad)") }
    }
  }

  @Test("that names a member twice is refused, in the header and in the payload, at any depth")
  func duplicates() throws {
    #expect(throws: JOSEError.duplicateKey("alg")) {
      try JWS(compact: token(header: #"{"alg":"RS256","alg":"none"}"#))
    }
    #expect(throws: JOSEError.duplicateKey("kid")) {
      try JWS(compact: token(header: #"{"kid":"a","alg":"RS256","k\u0069d":"b"}"#))
    }
    let header = #"{"alg":"RS256"}"#
    #expect(throws: JOSEError.duplicateKey("aud")) {
      try JWS(compact: token(header: header, claims: #"{"aud":"a","aud":"b"}"#)).claims()
    }
    #expect(throws: JOSEError.duplicateKey("id")) {
      try JWS(compact: token(header: header, claims: #"{"context":{"id":"1","id":"2"}}"#)).claims()
    }
  }

  @Test("whose payload is not a JSON object has no claims", arguments: ["[]", "3", "", "{", "\"x\""])
  func payloadNotAnObject(claims: String) throws {
    let jws = try JWS(compact: token(header: #"{"alg":"RS256"}"#, claims: claims))
    #expect(throws: JOSEError.malformed) { try jws.claims() }
  }

  @Test("that demands an extension is refused, whatever it is", arguments: [#"["b64"]"#, "[]", "null", #""x""#])
  func critical(value: String) {
    #expect(throws: JOSEError.criticalHeaderUnsupported) {
      try JWS(compact: token(header: #"{"alg":"RS256","b64":false,"crit":\#(value)}"#))
    }
  }

  @Test("of 65,536 bytes is read, of one more is refused unread")
  func size() throws {
    let frame = token(header: #"{"alg":"RS256"}"#, claims: "", signature: []).utf8.count
    let fits = [UInt8](repeating: 0x20, count: (65536 - frame) / 4 * 3)
    #expect(try JWS(compact: token(header: #"{"alg":"RS256"}"#, claims: "", signature: fits)).payload.isEmpty)
    #expect(throws: JOSEError.tooLarge) { try JWS(compact: String(repeating: "!", count: 65537)) }
    #expect(throws: JOSEError.malformed) { try JWS(compact: String(repeating: "!", count: 65536)) }
    #expect(throws: JOSEError.tooLarge) { try JWS(compact: AppendixA2.token, maximumLength: 100) }
  }

  @Test("refused for its algorithm shows at most 32 printable characters of the name")
  func algorithmNameIsCut() {
    let long = String(repeating: "x", count: 500)
    let error = caught(JOSEError.self) { try JWS(compact: token(header: #"{"alg":"\#(long)"}"#)) }
    #expect(error == .algorithmUnsupported(String(repeating: "x", count: 32)))
    let escaped = caught(JOSEError.self) { try JWS(compact: token(header: #"{"alg":"a\nb\u0000"}"#)) }
    #expect(escaped == .algorithmUnsupported("a?b?"))
    #expect(JOSEError.duplicateKey("a\nb").description == #"the member "a?b" is there twice"#)
  }
}
