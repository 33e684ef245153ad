import Foundation
import JOSE
import Wire

/// What a real Moodle 4.5 sent, from Tests/Fixtures/moodle-4.5.
enum RecordedMoodle {
  static let launches = ["admin", "manager1", "student1", "teacher1", "teacher2"]

  /// A recorded document.
  static func document(_ name: String) throws -> JSONValue {
    try JSONValue(parsing: bytes(name))
  }

  /// A file as it is.
  static func bytes(_ name: String) throws -> [UInt8] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/moodle-4.5/\(name)")
    return try Array(Data(contentsOf: file))
  }

  /// The id_tokens of a person's launch, as they were posted.
  static func idTokens(_ person: String) throws -> [String] {
    let tokens = try document("launch13_\(person).json")["id_tokens"]?.arrayValue ?? []
    return tokens.compactMap { $0["jwt"]?.stringValue }
  }

  /// The key set that was recorded with a person's launch.
  static func keySet(_ person: String) throws -> JWKSet {
    try keySet(in: document("launch13_\(person).json"))
  }

  /// The key set that was recorded with the credentials.
  static func keySet() throws -> JWKSet {
    try keySet(in: document("credentials.json"))
  }

  private static func keySet(in document: JSONValue) throws -> JWKSet {
    try JWKSet(parsing: (document["moodle_jwks"] ?? .null).encodedBytes)
  }
}

/// The text with one bit of one decoded byte of that part flipped, encoded again.
func flippingOneBit(of token: String, part: Int, byte: Int, bit: UInt8) throws -> String {
  var parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
  var bytes = Base64URL.decode(parts[part].utf8) ?? []
  bytes[byte % bytes.count] ^= 1 << bit
  parts[part] = Base64URL.encode(bytes)
  return parts.joined(separator: ".")
}

/// A token put together by hand: whatever header and claims, and this signature.
func token(header: String, claims: String = #"{"sub":"3"}"#, signature: [UInt8] = [1, 2, 3]) -> String {
  [Array(header.utf8), Array(claims.utf8), signature].map { Base64URL.encode($0) }.joined(separator: ".")
}

/// One generated key for all tests: making one takes a tenth of a second and more.
let generatedKey = Result { () throws(JOSEError) -> RSAPrivateKey in try RSAPrivateKey.generate() }
