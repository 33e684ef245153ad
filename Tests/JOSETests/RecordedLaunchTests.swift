import JOSE
import TestSupport
import Testing
import Wire

@Suite("Every launch recorded from a real Moodle")
struct RecordedLaunchTests {
  @Test("verifies with the key set Moodle published", arguments: RecordedMoodle.launches)
  func verifies(person: String) throws {
    let tokens = try RecordedMoodle.idTokens(person)
    try #require(!tokens.isEmpty)
    for token in tokens {
      let jws = try JWS(compact: token)
      let keyID = try #require(jws.keyID)
      for set in try [RecordedMoodle.keySet(person), RecordedMoodle.keySet()] {
        try jws.verify(with: #require(set.key(id: keyID)))
      }
      #expect(jws.algorithm == "RS256")
      #expect(jws.header["typ"]?.stringValue == "JWT")
      #expect(try jws.claims()["iss"] == "http://127.0.0.1:8090")
    }
  }

  @Test("fails with any one bit flipped in the payload or the signature", arguments: RecordedMoodle.launches)
  func flippedBits(person: String) throws {
    let token = try #require(RecordedMoodle.idTokens(person).first)
    let key = try #require(RecordedMoodle.keySet(person).keys.first)
    for part in 1...2 {
      for byte in stride(from: 0, to: 256, by: 5) {
        let jws = try JWS(compact: flippingOneBit(of: token, part: part, byte: byte, bit: UInt8(byte % 8)))
        #expect(throws: JOSEError.signatureInvalid) { try jws.verify(with: key) }
      }
    }
  }

  @Test("fails with any one bit flipped in the header: refused while parsing, or by the signature")
  func flippedHeader() throws {
    let token = try #require(RecordedMoodle.idTokens("student1").first)
    let key = try #require(RecordedMoodle.keySet().keys.first)
    var reasons: Set<String> = []
    for byte in 0..<67 {
      for bit in UInt8(0)..<8 {
        let flipped = try flippingOneBit(of: token, part: 0, byte: byte, bit: bit)
        let error = caught(JOSEError.self) { try JWS(compact: flipped).verify(with: key) }
        if let error { reasons.insert(error.code) }
      }
    }
    #expect(reasons == ["jose_malformed", "jose_algorithm_unsupported", "jose_signature_invalid"])
  }

  @Test("fails with a key of another platform")
  func anotherKey() throws {
    let token = try #require(RecordedMoodle.idTokens("student1").first)
    let other = try generatedKey.get().publicJWK
    #expect(throws: JOSEError.signatureInvalid) { try JWS(compact: token).verify(with: other) }
  }

  @Test("names its key: another kid is not in the set, and the kid cannot be changed")
  func wrongKeyID() throws {
    let token = try #require(RecordedMoodle.idTokens("student1").first)
    let set = try RecordedMoodle.keySet()
    #expect(set.key(id: "6f723b1e740913ec9930") == nil)
    let rest = token.drop { $0 != "." }
    let header = #"{"typ":"JWT","alg":"RS256","kid":"another"}"#
    let renamed = try JWS(compact: Base64URL.encode(Array(header.utf8)) + rest)
    #expect(renamed.keyID == "another")
    #expect(throws: JOSEError.signatureInvalid) { try renamed.verify(with: set.keys[0]) }
  }

  @Test("shows nothing of the token when printed")
  func redacted() throws {
    let token = try #require(RecordedMoodle.idTokens("student1").first)
    let jws = try JWS(compact: token)
    var dumped = ""
    dump(jws, to: &dumped)
    for text in ["\(jws)", String(reflecting: jws), dumped] {
      #expect(text.contains("6f723b1e740913ec9939"))
      #expect(text.utf8.count < 80)
    }
  }
}
