import JOSE
import Testing
import Wire

/// A person whom the Moodle of a ``Launch11Consumer`` names `student-old` in LTI 1.1 and `3` in LTI 1.3, as a platform that
/// migrates may, with the claim that says so.
struct MigratedPerson: Sendable {
  static let former = "student-old"
  private static let claim = "https://purl.imsglobal.org/spec/lti/claim/lti1p1"

  let consumer: Launch11Consumer
  var world: World { consumer.world }

  /// What the claim may say, and with what it is signed.
  struct Signing: Sendable {
    var userID: String? = MigratedPerson.former
    var key: String? = Launch11Consumer.key
    var secret = Launch11Consumer.secret
    var nonce: String?
    var isSigned = true
  }

  /// An LTI 1.1 launch by the former id.
  func launch11() throws -> MiniSite { try consumer.session(launch11Answer()) }
  func launch11Answer() throws -> HTTPResponse { try consumer.launch([("user_id", Self.former)]) }

  /// An LTI 1.3 launch by the present id; with the claim unless told otherwise.
  func launch13(_ signing: Signing? = Signing(), _ changes: [(String, JSONValue?)] = []) throws -> MiniSite {
    try consumer.session(launch13Answer(signing, changes))
  }

  func launch13Answer(_ signing: Signing? = Signing(), _ changes: [(String, JSONValue?)] = []) throws -> HTTPResponse {
    let attempt = try Attempt(world)
    var changes = changes
    if let signing {
      let expiry = Instant.now().seconds + 60
      let tool = world.moodle.platform.tool
      let signed = [
        signing.key ?? "", String(tool.typeID), world.moodle.url, tool.clientID, String(expiry),
        signing.nonce ?? attempt.nonce,
      ].joined(separator: "&")
      var claim = JSONObject()
      claim["user_id"] = signing.userID.map(JSONValue.string)
      claim["oauth_consumer_key"] = signing.key.map(JSONValue.string)
      if signing.isSigned {
        claim["oauth_consumer_key_sign"] = .string(
          Base64.encode(HMAC.sha256(key: Array(signing.secret.utf8), Array(signed.utf8))))
      }
      changes += [("exp", .number(Double(expiry))), (Self.claim, .object(claim))]
    }
    return try attempt.present(try attempt.token(changes))
  }

  /// The log's lines about the claim.
  func log() throws -> [Substring] { try world.tool.log.split(separator: "\n").filter { $0.contains("lti1p1") } }

  func learners() throws -> Int { try world.database.count("select from public.learners") }

  /// The subjects of this platform and the learners that they lead to.
  func identities() throws -> [String] {
    try world.database.values("select subject || ' ' || learner from passerelle.identities order by 1", as: String.self)
  }

  static func run<Value>(_ transport: Transport = .inProcess, _ body: (MigratedPerson) throws -> Value) throws -> Value
  {
    try Launch11Consumer.run(transport) { try body(MigratedPerson(consumer: $0)) }
  }
}
