import DemoMoodle
import JOSE
import TestSupport
import Testing
import Wire

/// `/lti/launch` against tokens that no honest Moodle sends, through the whole stack: each has its own refusal.
@Suite(.needsStack) struct HostileTokenTests {
  /// What is done to an honest token, and the refusal that must follow.
  struct Case: Sendable {
    let name: String
    let code: String
    let token: @Sendable (Attempt) throws -> String

    init(_ name: String, _ code: String, _ token: @escaping @Sendable (Attempt) throws -> String) {
      self.name = name
      self.code = code
      self.token = token
    }

    /// Claims set or removed.
    init(_ name: String, _ code: String, claims: (String, JSONValue?)...) {
      self.init(name, code) { try $0.token(claims) }
    }
  }

  /// A family of cases, to be named as one.
  struct Family: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let cases: [Case]
  }

  static let families = [
    Family(testDescription: "signature", cases: signature), Family(testDescription: "identity", cases: identity),
    Family(testDescription: "message", cases: message), Family(testDescription: "shape", cases: shape),
  ]

  private static func seconds(_ offset: Int64) -> JSONValue {
    .number(Double(Instant.now().adding(seconds: offset).seconds))
  }

  static let signature: [Case] = [
    Case("alg none, unsigned", "launch_algorithm_unsupported") {
      let parts = try $0.token([], header: [("alg", "none")]).split(separator: ".")
      return "\(parts[0]).\(parts[1])."
    },
    Case("alg None, with a signature", "launch_algorithm_unsupported") { try $0.token([], header: [("alg", "None")]) },
    Case("HS256 keyed with the public key", "launch_algorithm_unsupported") { attempt in
      let signed = try attempt.token([], header: [("alg", "HS256")])
      let input = signed.split(separator: ".")[0...1].joined(separator: ".")
      let mac = HMAC.sha256(key: attempt.moodle.platform.key.publicKey.modulus, Array(input.utf8))
      return input + "." + Base64URL.encode(mac)
    },
    Case("RS512", "launch_algorithm_unsupported") { try $0.token([], header: [("alg", "RS512")]) },
    Case("no alg", "launch_token_malformed") { try $0.token([], header: [("alg", nil)]) },
    Case("no kid", "launch_kid_missing") { try $0.token([], header: [("kid", nil)]) },
    Case("empty kid", "launch_kid_missing") { try $0.token([], header: [("kid", "")]) },
    Case("unknown kid", "launch_kid_unknown") { try $0.token([], header: [("kid", "0123456789abcdef0123")]) },
    Case("crit", "launch_token_malformed") { try $0.token([], header: [("crit", ["exp"])]) },
    Case("signed with a stranger's key", "launch_signature_invalid") { try $0.token([], key: try stranger.get()) },
    Case("body changed after signing", "launch_signature_invalid") { attempt in
      let parts = try attempt.token().split(separator: ".")
      let other = try attempt.token([("sub", "4")]).split(separator: ".")
      return "\(parts[0]).\(other[1]).\(parts[2])"
    },
    Case("signature cut short", "launch_signature_invalid") { attempt in
      let parts = try attempt.token().split(separator: ".")
      return "\(parts[0]).\(parts[1])." + Base64URL.encode((Base64URL.decode(parts[2]) ?? []).dropLast(3))
    },
    Case("no signature", "launch_signature_invalid") {
      try $0.token().split(separator: ".")[0...1].joined(separator: ".") + "."
    },
  ]
  private static let stranger = Result { try RSAPrivateKey.generate() }

  static let identity: [Case] = [
    Case("another issuer", "launch_issuer_mismatch", claims: ("iss", "https://moodle.elsewhere.example")),
    Case("no issuer", "launch_issuer_mismatch", claims: ("iss", nil)),
    Case("another audience", "launch_audience_mismatch", claims: ("aud", "somebodyElse")),
    Case("no audience", "launch_audience_mismatch", claims: ("aud", nil)),
    Case("audiences without us", "launch_audience_mismatch", claims: ("aud", ["a", "b"])),
    Case("several audiences, no azp", "launch_azp_mismatch", claims: ("aud", ["sdCVQxdbZQil7Gc", "other"])),
    Case(
      "several audiences, another's azp", "launch_azp_mismatch",
      claims: ("aud", ["sdCVQxdbZQil7Gc", "other"]), ("azp", "other")),
    Case("one audience, another's azp", "launch_azp_mismatch", claims: ("azp", "other")),
    Case("no exp", "launch_expiry_missing", claims: ("exp", nil)),
    Case("exp as text", "launch_expiry_missing", claims: ("exp", "1747062681")),
    Case("no iat", "launch_issued_at_missing", claims: ("iat", nil)),
    Case("expired", "launch_token_expired") { try $0.token([("iat", seconds(-200)), ("exp", seconds(-61))]) },
    Case("issued in the future", "launch_token_not_yet_valid") {
      try $0.token([("iat", seconds(90)), ("exp", seconds(150))])
    },
    Case("issued a day ago", "launch_token_too_old") {
      try $0.token([("iat", seconds(-86400)), ("exp", seconds(60))])
    },
    Case("the certification's times", "launch_token_expired", claims: ("exp", 22222), ("iat", 11111)),
    Case("no nonce", "launch_nonce_missing", claims: ("nonce", nil)),
    Case("an empty nonce", "launch_nonce_missing", claims: ("nonce", "")),
    Case(
      "a nonce nobody gave", "launch_nonce_mismatch", claims: ("nonce", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
    Case("the nonce of another state", "launch_nonce_mismatch") {
      try $0.token([("nonce", .string(try Attempt($0.world).nonce))])
    },
  ]

  static let message: [Case] = [
    Case("no deployment", "launch_deployment_missing", claims: (Claim.deploymentID, nil)),
    Case("a deployment not registered", "launch_deployment_unknown", claims: (Claim.deploymentID, "2")),
    Case("no version", "launch_version_unsupported", claims: (Claim.version, nil)),
    Case("another version", "launch_version_unsupported", claims: (Claim.version, "11.3")),
    Case("not a launch", "launch_deployment_missing") { attempt in
      let factory = attempt.moodle.tokens
      var claims = factory.claims(nonce: attempt.nonce)
      for (name, _) in claims.members where name.hasPrefix("https://") { claims[name] = nil }
      claims["name"] = "badltilaunch"
      return try factory.token(claims)
    },
    Case("no message type", "launch_message_type_missing", claims: (Claim.messageType, nil)),
    Case("a message type nobody knows", "launch_message_type_unknown", claims: (Claim.messageType, "LtiFooRequest")),
    Case("no roles", "launch_roles_missing", claims: (Claim.roles, nil)),
    Case("roles as text", "launch_roles_invalid", claims: (Claim.roles, "Learner")),
    Case("roles of numbers", "launch_roles_invalid", claims: (Claim.roles, [1])),
    Case("no resource link", "launch_resource_link_missing", claims: (Claim.resourceLink, nil)),
    Case("a resource link without id", "launch_resource_link_missing", claims: (Claim.resourceLink, ["title": "T"])),
    Case("a resource link with an empty id", "launch_resource_link_missing", claims: (Claim.resourceLink, ["id": ""])),
    Case("no target", "launch_target_link_uri_missing", claims: (Claim.targetLinkURI, nil)),
    Case("no subject", "launch_subject_missing", claims: ("sub", nil)),
    Case("an empty subject", "launch_subject_missing", claims: ("sub", "")),
  ]

  static let shape: [Case] = [
    Case("not a token", "launch_token_malformed") { _ in "hello" },
    Case("two parts", "launch_token_malformed") {
      String(try $0.token().split(separator: ".")[0...1].joined(separator: "."))
    },
    Case("padding", "launch_token_malformed") { try $0.token() + "==" },
    Case("a claim twice", "launch_token_duplicate_key") { attempt in
      let claims = JSONValue.object(attempt.moodle.tokens.claims(nonce: attempt.nonce)).encoded
      return try attempt.moodle.tokens.token(payload: #"{"sub":"4","# + claims.dropFirst())
    },
    Case("claims that are no object", "launch_token_malformed") { try $0.moodle.tokens.token(payload: "[1]") },
    Case("over 64 KiB", "launch_token_too_large") {
      try $0.token([("filler", .string(String(repeating: "x", count: 50_000)))])
    },
  ]

  @Test(
    "Each hostile token is refused with a 400 and its own code, and leaves neither learner nor consumed state",
    arguments: Transport.both, families)
  func refusals(transport: Transport, family: Family) throws {
    try World.run(transport) { world in
      for hostile in family.cases {
        let attempt = try Attempt(world)
        let answer = try attempt.present(try hostile.token(attempt))
        #expect(Refused(answer) == Refused(400, hostile.code), "\(hostile.name)")
        #expect(answer.fields["Location"] == nil, "\(hostile.name)")
      }
      #expect(try world.database.count("select from public.learners") == 0)
      #expect(try world.database.count("select from passerelle.login_states where consumed_at is not null") == 0)
    }
  }

  @Test(
    "What the specification allows is accepted: other audiences in any order, skew within the leeway, no roles, no PII",
    arguments: Transport.both)
  func unusualButLegal(transport: Transport) throws {
    try World.run(transport) { world in
      let legal: [(String, [(String, JSONValue?)])] = [
        ("audiences, ours last", [("aud", ["other", "sdCVQxdbZQil7Gc"]), ("azp", "sdCVQxdbZQil7Gc")]),
        ("audiences, ours first", [("aud", ["sdCVQxdbZQil7Gc", "other"]), ("azp", "sdCVQxdbZQil7Gc")]),
        ("one audience in an array", [("aud", ["sdCVQxdbZQil7Gc"])]),
        ("a clock 50 s ahead", [("iat", Self.seconds(50)), ("exp", Self.seconds(110))]),
        ("a clock 50 s behind", [("iat", Self.seconds(-110)), ("exp", Self.seconds(-50))]),
        ("fractional times", [("iat", .number(Double(Instant.now().seconds) - 0.5))]),
        ("no roles at all", [(Claim.roles, [])]),
        ("a role nobody knows", [(Claim.roles, ["http://example.org/role#Gardener"])]),
        ("no names, no address", [("name", nil), ("given_name", nil), ("family_name", nil), ("email", nil)]),
        ("no course", [(Claim.context, nil)]),
      ]
      for (name, claims) in legal {
        let attempt = try Attempt(world)
        let answer = try attempt.present(try attempt.token(claims))
        #expect(answer.status == 303, "\(name): \(answer.code ?? "")")
      }
    }
  }

  @Test("A refused token does not spend the state: the honest one still passes", arguments: Transport.both)
  func stateSurvives(transport: Transport) throws {
    try World.run(transport) { world in
      let attempt = try Attempt(world)
      #expect(try attempt.present(try attempt.token([("sub", "")])).status == 400)
      #expect(try attempt.present(try attempt.token()).status == 303)
    }
  }
}
