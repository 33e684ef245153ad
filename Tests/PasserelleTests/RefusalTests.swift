import Foundation
import LTI
import Postgres
import Testing
import Wire

@testable import Passerelle

@Suite struct RefusalTests {
  /// One refusal of every case that has words and a code of its own.
  static func samples() throws -> [Refusal] {
    let error = try #require(
      AuthenticationErrorResponse(form: try FormURLEncoded.decode(Array("error=access_denied&state=s".utf8))))
    var samples: [Refusal] = [
      .notFound, .methodNotAllowed(allowed: ["GET"]), .unsupportedMediaType(expected: "application/json"),
      .bodyTooLarge(limit: 262_144), .bodyUnusable("body_truncated"),
      .databaseUnavailable(PostgresError(.connection, "no session")), .misconfigured(.missing(.secret)),
      .textUnusable("a reason"),
      .internalError("a reason"), .invalidBody("a reason"), .invalidCode, .invalidToken, .sessionExpired,
      .unknownGrain("g"), .form(.invalidEncoding), .form(.tooManyFields), .form(.duplicate("f")),
      .login(.parameterMissing("iss")), .login(.parameterDuplicate("iss")), .login(.parameterInvalid("iss")),
      .platformUnknown, .platformDisabled, .clientUnknown, .clientIDMissing, .authenticationRefused(error),
      .launchFieldMissing("state"), .stateMissing, .stateUnknown, .stateExpired, .stateForeign,
      .platformUnreachable("a reason"), .unknownModule(slugs: ["a", "b"], isTeacher: false),
      .noMinisite(module: "m"), .minisiteUnusable(module: "m", .unusable), .metricsForbidden(tokenIsSet: true),
      .minisiteUnusable(module: "m", .forbidden(try #require(Origin("https://elsewhere.example")))),
      .learnerUnknown("a reason"), try unknownDeployment("2"), .forbidden, .inviteInvalid,
      .inviteForAnother(issuer: "https://moodle.example"),
      .registrationKnown(
        issuer: try #require(Issuer("https://moodle.example")), clientID: try #require(ClientID("c"))),
      .registrationFieldMissing("openid_configuration"), .deepLinkingSettingsMissing, .deepLinking(.typeNotAccepted),
      .deepLinking(.tooManyItems),
    ]
    for refusal in launchRefusals { samples.append(.launch(refusal)) }
    for refusal in launch11Refusals { samples.append(.launch11(refusal)) }
    for (failure, _) in registrationFailures { samples.append(.registration(failure)) }
    return samples
  }

  static let launch11Refusals: [Launch11Refusal] = [
    .parameterMissing("p"), .parameterDuplicate("p"), .parameterInvalid("p"), .oauthVersionUnsupported,
    .signatureMethodUnsupported, .consumerKeyUnknown, .signatureInvalid, .timestampRefused, .nonceUsed,
    .messageParameterDuplicate("p"), .messageTypeMissing, .messageTypeUnknown, .versionUnsupported,
    .resourceLinkMissing, .userMissing,
  ]

  /// 502 where the fault is behind this server.
  static let registrationFailures: [(failure: RegistrationFailure, status: Int)] = [
    (.insecure("m"), 400), (.configurationRefused(status: 404), 400), (.configurationMalformed, 400),
    (.configurationIncomplete("m"), 400), (.originMismatch("m"), 400), (.issuerMismatch, 400), (.unsupported("m"), 400),
    (.tokenRefused("w"), 400), (.refused(status: 400, words: "w"), 400),
    (.unavailable(afterSeconds: nil, status: 503), 502), (.answerMalformed, 502), (.transport(.addressForbidden), 400),
    (.transport(.insecure("")), 502), (.transport(.timedOut(.connect)), 502),
  ]

  static func unknownDeployment(_ id: String, issuer: String = "https://moodle.example", client: String = "c") throws
    -> Refusal
  {
    .deploymentUnknown(
      try #require(DeploymentID(id)), issuer: try #require(Issuer(issuer)), clientID: try #require(ClientID(client)))
  }

  static let launchRefusals: [LaunchRefusal] = [
    .tokenMalformed, .tokenDuplicateKey("k"), .tokenTooLarge, .algorithmUnsupported, .kidMissing, .kidUnknown("k"),
    .signatureInvalid, .issuerMismatch, .audienceMismatch, .azpMismatch, .expiryMissing, .issuedAtMissing,
    .tokenExpired, .tokenNotYetValid, .tokenTooOld, .nonceMissing, .nonceMismatch, .nonceUsed, .deploymentMissing,
    .versionUnsupported, .messageTypeMissing, .messageTypeUnknown, .rolesMissing, .rolesInvalid, .resourceLinkMissing,
    .targetLinkURIMissing, .subjectMissing, .forUserMissing, .textInvalid,
  ]

  @Test("Every code is in snake case and belongs to one refusal")
  func codes() throws {
    let codes = try Self.samples().map(\.code)
    #expect(Set(codes).count == codes.count)
    for code in codes { #expect(code.wholeMatch(of: /[a-z0-9]+(_[a-z0-9]+)*/) != nil, "\(code)") }
    // No credentials and bad ones are told apart by the field alone (RFC 6750 §3.1).
    #expect(Refusal.tokenMissing.code == Refusal.invalidToken.code)
  }

  @Test("Every refusal has a sentence of its language in both languages, and a status that is a refusal")
  func words() throws {
    for refusal in try Self.samples() {
      let (french, english) = (refusal.words[.french], refusal.words[.english])
      #expect(!french.isEmpty && !english.isEmpty && french != english, "\(refusal.code)")
      #expect(french.last == "." && english.last == ".", "\(refusal.code)")
      // French sets no space before a colon without saying so, and uses typographic apostrophes.
      #expect(!french.contains("'") && !english.contains("'"), "\(refusal.code)")
      #expect((400...599).contains(refusal.status), "\(refusal.code)")
    }
  }

  @Test("The statuses are those of the interface")
  func statuses() throws {
    let known: [(Refusal, Int)] = [
      (.invalidToken, 401), (.tokenMissing, 401), (.sessionExpired, 401), (.unknownGrain("g"), 422),
      (.invalidBody(""), 400), (.bodyTooLarge(limit: 1), 413), (.unsupportedMediaType(expected: ""), 415),
      (.methodNotAllowed(allowed: []), 405), (.notFound, 404), (.stateMissing, 400), (.invalidCode, 400),
      (.databaseUnavailable(PostgresError(.timeout, "")), 503), (.platformUnreachable(""), 503),
      (.misconfigured(.missing(.secret)), 500), (.platformDisabled, 403),
    ]
    for (refusal, status) in known { #expect(refusal.status == status, "\(refusal.code)") }
    for refusal in Self.launchRefusals { #expect((400...499).contains(Refusal.launch(refusal).status)) }
    for (failure, status) in Self.registrationFailures {
      #expect(Refusal.registration(failure).status == status, "\(failure)")
    }
  }

  @Test("A platform in maintenance is called that while it registers, at either of its two doors")
  func maintenance() {
    let failures: [RegistrationFailure] = [
      .unavailable(afterSeconds: 300, status: 503), .configurationRefused(status: 503),
    ]
    for failure in failures {
      let words = Refusal.registration(failure).words
      #expect(words.english.contains("is in maintenance") && words.french.contains("est en maintenance"), "\(failure)")
    }
    #expect(!Refusal.registration(.unavailable(afterSeconds: nil, status: 502)).words.english.contains("maintenance"))
  }

  @Test("Teachers' doors are closed with the code of a session that may not, in words of their own")
  func forbidden() {
    let refusals: [Refusal] = [.forbidden, .teachersOnly, .reviewNotAllowed]
    for refusal in refusals { #expect(refusal.code == "forbidden" && refusal.status == 403) }
    #expect(Set(refusals.map(\.words.english)).count == refusals.count)
    #expect(Refusal.moduleNotFound("m").code == Refusal.unknownModule(slugs: [], isTeacher: false).code)
  }

  @Test("The heading says what came to nothing: a registration, or an activity")
  func headings() throws {
    for refusal in try Self.samples() {
      let isRegistration =
        refusal.code.hasPrefix("registration_") || refusal.code.hasPrefix("transport_")
        || refusal.code.hasPrefix("invite_")
      let title: Words = isRegistration ? .registrationNotCompleted : .activityNotOpened
      #expect(refusal.title == title, "\(refusal.code)")
    }
  }

  @Test("The log is told loudly of what an administrator must mend, and of what a platform or an attacker sent")
  func levels() throws {
    var levels: [LogLevel: Set<String>] = [:]
    for refusal in try Self.samples() { levels[refusal.logLevel, default: []].insert(refusal.code) }
    let errors: Set<String> = [
      "database_unavailable", "misconfigured", "internal_error", "minisite_missing", "minisite_unusable",
      "minisite_forbidden",
    ]
    #expect(levels[.error] == errors)
    var warnings: Set<String> = [
      "platform_unreachable", "platform_unknown", "client_unknown", "launch_deployment_unknown", "unknown_module",
      "authentication_refused", "learner_unknown", "invite_for_another", "registration_known",
    ]
    for refusal in Self.launchRefusals { warnings.insert(refusal.code) }
    for refusal in Self.launch11Refusals { warnings.insert(refusal.code) }
    #expect(levels[.warning] == warnings)
  }

  @Test("A database's failure is absence when it is away, restarting or full, and a fault of ours otherwise")
  func databaseFailures() {
    func code(_ kind: PostgresError.Kind, _ state: String? = nil) -> String {
      Refusal(PostgresError(kind, sqlState: state, "words")).code
    }
    #expect(code(.connection) == "database_unavailable" && code(.timeout) == "database_unavailable")
    for state in ["08P01", "25006", "40001", "40P01", "42501", "53100", "53300", "57014", "57P01", "57P03", "58000"] {
      #expect(code(.server, state) == "database_unavailable")
    }
    for state in ["23505", "42P01", "22P02", "XX000"] { #expect(code(.server, state) == "internal_error") }
    #expect(code(.decoding) == "internal_error")
    // A NUL, refused by this program before it is sent, or by PostgreSQL as an escape of JSON.
    #expect(code(.decoding, "22021") == "text_unusable" && code(.server, "22P05") == "text_unusable")
  }

  @Test("The line that accepts an unknown deployment is shell, whatever the ids are")
  func acceptingLine() throws {
    let command = "to accept it: passerelle platform add "
    let plain = try Self.unknownDeployment("2").detail
    #expect(plain.hasSuffix(command + "--issuer https://moodle.example --client-id c --deployment-id 2"))
    let wild = try Self.unknownDeployment("-1", issuer: "https://a.example/?x=1&y", client: "l'été $(id)").detail
    #expect(
      wild.hasSuffix(
        command + #"--issuer 'https://a.example/?x=1&y' --client-id 'l'\''été $(id)' --deployment-id=-1"#), "\(wild)")
  }

  @Test("No words repeat what the log alone should say")
  func noDetails() throws {
    let secretive: [Refusal] = [
      .internalError("SECRET"), .databaseUnavailable(PostgresError(.connection, "SECRET", debugDetail: "SECRET")),
      .bodyUnusable("SECRET"), .platformUnreachable("SECRET"), .launch(.kidUnknown("SECRET")),
    ]
    for refusal in secretive {
      #expect(!refusal.words.french.contains("SECRET") && !refusal.words.english.contains("SECRET"))
    }
  }
}
