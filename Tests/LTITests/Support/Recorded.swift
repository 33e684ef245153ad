import Foundation
import JOSE
import LTI
import Testing
import Wire

/// Exchanges recorded against a real Moodle, 4.5.6 unless said otherwise.
enum Recorded {
  static func json(_ file: String, moodle version: String = "4.5") throws -> JSONValue {
    let url = URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/moodle-\(version)/\(file).json")
    return try JSONValue(parsing: Array(Data(contentsOf: url)), maxDepth: 64, maxBytes: 1 << 22)
  }

  static let clientID = "sdCVQxdbZQil7Gc"
  static let issuer = "http://127.0.0.1:8090"

  /// The one key of the recorded Moodle.
  static func key() throws -> JWK {
    let set = try #require(try json("credentials")["moodle_jwks"])
    return try #require(try JWKSet(parsing: Array(set.encoded.utf8)).key(id: "6f723b1e740913ec9939"))
  }

  /// The first id_token of a launch file, as the browser posted it.
  static func launch(_ file: String) throws -> RecordedLaunch {
    try RecordedLaunch(try #require(try json(file)["id_tokens"]?.arrayValue?.first))
  }

  /// What the recorded Moodle's launches must agree with, at the second they were made.
  static func expectation(for launch: RecordedLaunch, after seconds: Int64 = 0, leeway: Int64 = 0) throws -> Expectation
  {
    Expectation(
      key: try key(), issuer: try #require(Issuer(issuer)), clientID: try #require(ClientID(clientID)),
      now: launch.issuedAt.adding(seconds: seconds), leeway: leeway,
      nonceMatches: { $0 == launch.nonce }, deploymentIsKnown: { $0.value == "1" })
  }

  static func accept(_ file: String) throws -> LaunchMessage {
    let launch = try launch(file)
    return try IDToken(compact: launch.token).validate(try expectation(for: launch))
  }

  /// Every recorded exchange of a file, in order.
  static func exchanges(_ file: String, moodle version: String = "4.5") throws -> [Exchange] {
    try (try json(file, moodle: version).arrayValue ?? []).compactMap { try Exchange($0) }
  }
}

struct RecordedLaunch: Sendable {
  let token: String
  let nonce: String
  let issuedAt: Instant
  let claims: JSONObject

  init(_ recorded: JSONValue) throws {
    token = try #require(recorded["jwt"]?.stringValue)
    claims = try #require(recorded["claims"]?.objectValue)
    nonce = try #require(claims["nonce"]?.stringValue)
    issuedAt = Instant(seconds: try #require(claims["iat"]?.intValue))
  }
}

/// One recorded request and Moodle's answer to it.
struct Exchange: Sendable {
  let label: String
  let method: String
  let url: WebURL
  let requestFields: HTTPFields
  let requestBody: String?
  let response: HTTPResponse

  init?(_ recorded: JSONValue) throws {
    guard let request = recorded["request"]?.objectValue, let answer = recorded["response"]?.objectValue,
      let address = request["url"]?.stringValue, let url = WebURL(address)
    else { return nil }
    label = recorded["label"]?.stringValue ?? ""
    method = try #require(request["method"]?.stringValue)
    self.url = url
    requestFields = Self.fields(request["headers"])
    requestBody = request["body"]?.stringValue
    response = HTTPResponse(
      status: Int(try #require(answer["status"]?.intValue)), fields: Self.fields(answer["headers"]),
      body: Array((answer["body"]?.stringValue ?? "").utf8))
  }

  private static func fields(_ members: JSONValue?) -> HTTPFields {
    HTTPFields(
      (members?.objectValue?.members ?? []).compactMap { member in
        member.value.stringValue.map { (member.key, $0) }
      })
  }
}
