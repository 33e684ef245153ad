import JOSE
import LTI
import Testing
import Wire

@Suite("Launches recorded from a real Moodle")
struct RecordedLaunchTests {
  @Test("a student's launch is accepted and every claim is read")
  func student() throws {
    let message = try Recorded.accept("launch13_student1")
    #expect(message.messageType == .resourceLink)
    #expect(message.subject.value == "3")
    #expect(message.deploymentID.value == "1")
    #expect(message.targetLinkURI == "http://127.0.0.1:8091/launch")
    #expect(message.roles == ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"])
    #expect(!message.isInstructor)
    #expect(message.resourceLink?.id == "1")
    #expect(message.resourceLink?.title == "Quiz 1.3 « été »")
    #expect(message.resourceLink?.description == nil)
    #expect(message.context?.id == "2")
    #expect(message.context?.label == "FORM")
    #expect(message.context?.title == "Formation")
    #expect(message.person.name == "Éloïse Lefèvre")
    #expect(message.person.givenName == "Éloïse")
    #expect(message.person.familyName == "Lefèvre")
    #expect(message.person.email == "student1@example.org")
    #expect(message.person.locale == "en")
    #expect(message.presentation.locale == "en")
    #expect(message.presentation.documentTarget == "iframe")
    #expect(
      message.presentation.returnURL?.description
        == "http://127.0.0.1:8090/mod/lti/return.php?course=2&launch_container=3&instanceid=1&sesskey=hbIDF3E1P9")
    #expect(
      message.custom.items.map(\.name) == [
        "grain", "level", "prenom", "context_memberships_url", "system_setting_url", "context_setting_url",
        "link_setting_url",
      ])
    #expect(message.custom["grain"] == "abc")
    #expect(message.custom["level"] == "student1")
    #expect(message.custom["prenom"] == "Éloïse")
    #expect(message.custom["link_setting_url"] == "http://127.0.0.1:8090/mod/lti/services.php/links/{link_id}/custom")
    #expect(message.custom["module"] == nil)
    #expect(
      message.ags?.scopes == [
        AGSScope.lineItem, AGSScope.lineItemReadOnly, AGSScope.resultReadOnly, AGSScope.score,
      ])
    #expect(
      message.ags?.lineItems?.description == "http://127.0.0.1:8090/mod/lti/services.php/2/lineitems?type_id=1")
    #expect(
      message.ags?.lineItem?.description
        == "http://127.0.0.1:8090/mod/lti/services.php/2/lineitems/2/lineitem?type_id=1")
    #expect(
      message.contextMembershipsURL?.description
        == "http://127.0.0.1:8090/mod/lti/services.php/CourseSection/2/bindings/1/memberships")
    #expect(message.basicOutcome?.serviceURL.description == "http://127.0.0.1:8090/mod/lti/service.php")
    #expect(
      message.basicOutcome?.sourcedID
        == #"{"data":{"instanceid":"1","userid":"3","typeid":"1","launchid":2027733101},"hash":"b7d5aa8da16e6f5994083d3d756ef77a4a7716aa7d6d913039a036e27b03a382"}"#
    )
    #expect(message.platform?.guid == "0eedca41d52b2ea3bca9070098ab2302")
    #expect(message.platform?.name == "BancLTI")
    #expect(message.platform?.version == "2024100706")
    #expect(message.platform?.productFamilyCode == "moodle")
    #expect(message.forUser == nil)
  }

  @Test(
    "teachers, non-editing teachers, managers and the administrator are instructors",
    arguments: [
      ("launch13_teacher1", "8", "Hélène Professeur", 1), ("launch13_teacher2", "10", "Jérôme Tuteur", 1),
      ("launch13_manager1", "11", "Agnès Gestion", 1), ("launch13_admin", "2", "Admin User", 3),
    ])
  func instructors(file: String, subject: String, name: String, roles: Int) throws {
    let message = try Recorded.accept(file)
    #expect(message.subject.value == subject)
    #expect(message.person.name == name)
    #expect(message.roles.count == roles)
    #expect(message.roles.contains("http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"))
    #expect(message.isInstructor)
    #expect(message.resourceLink?.id == "1")
    #expect(message.ags?.lineItem != nil)
    #expect(message.basicOutcome != nil)
  }

  @Test("the token that reached the tool in a raw form body is the one that validates")
  func rawPost() throws {
    let recorded = try Recorded.json("launch13_raw_post")
    let form = try FormURLEncoded.decode(Array(try #require(recorded["raw"]?.stringValue).utf8))
    let token = try IDToken(compact: try #require(try form.value("id_token")))
    #expect(token.keyID == "6f723b1e740913ec9939")
    #expect(token.unverifiedDeploymentID == "1")
    #expect(token.unverifiedNonce == "qNX38DHVRLW0FElUYq83Fx1D8CxzlleD")
    let expected = Expectation(
      key: try Recorded.key(), issuer: try #require(Issuer(Recorded.issuer)),
      clientID: try #require(ClientID(Recorded.clientID)), now: Instant(seconds: 1_795_397_364), leeway: 0,
      nonceMatches: { $0 == "qNX38DHVRLW0FElUYq83Fx1D8CxzlleD" }, deploymentIsKnown: { _ in true })
    #expect(try token.validate(expected).targetLinkURI == "http://127.0.0.1:8091/launch")
  }

  @Test("a deep-linking launch is recognised and has no resource link")
  func deepLinking() throws {
    let message = try Recorded.accept("deeplink_launch_teacher1")
    #expect(message.messageType == .deepLinking)
    #expect(message.resourceLink == nil)
    #expect(message.context?.id == "2")
    #expect(message.isInstructor)
    #expect(message.person.name == "Hélène Professeur")
  }

  @Test("a submission review names the learner and the resource link")
  func submissionReview() throws {
    // Only the claims were recorded; they are signed anew.
    let claims = try #require(try Recorded.json("launch13_variants")["submission_review"]?.objectValue)
    let platform = try SigningPlatform.shared.get()
    let expected = Expectation(
      key: platform.publicKey, issuer: try #require(Issuer(Recorded.issuer)),
      clientID: try #require(ClientID(Recorded.clientID)), now: Instant(seconds: 1_795_397_229), leeway: 0,
      nonceMatches: { $0 == "8jgV7yjprpIqkSpr_cL69JrsxQ1qBqXB" }, deploymentIsKnown: { $0.value == "1" })
    let message = try IDToken(compact: try platform.token(claims)).validate(expected)
    #expect(message.messageType == .submissionReview)
    #expect(message.forUser?.value == "3")
    #expect(message.subject.value == "8")
    #expect(message.resourceLink?.id == "1")
    #expect(message.isInstructor)
  }

  @Test("an apostrophe in a name survives, with every recorded login of that learner")
  func apostrophe() throws {
    let attempts = try #require(try Recorded.json("auth_request_tests").arrayValue)
    var names: [String?] = []
    for attempt in attempts {
      for hop in attempt["hops"]?.arrayValue ?? [] {
        guard let token = hop["id_token"] else { continue }
        let launch = try RecordedLaunch(token)
        let message = try IDToken(compact: launch.token).validate(try Recorded.expectation(for: launch))
        names.append(message.person.name)
      }
    }
    #expect(names == Array(repeating: "François D'Hérouville", count: 6))
  }

  @Test("Moodle's token lives 60 seconds: the last of them is good, the 60th is not")
  func lifetime() throws {
    let launch = try Recorded.launch("launch13_student1")
    let token = try IDToken(compact: launch.token)
    #expect(try token.validate(try Recorded.expectation(for: launch, after: 59)).subject.value == "3")
    #expect(throws: LaunchRefusal.tokenExpired) { try token.validate(try Recorded.expectation(for: launch, after: 60)) }
    #expect(try token.validate(try Recorded.expectation(for: launch, after: 119, leeway: 60)).subject.value == "3")
    #expect(throws: LaunchRefusal.tokenExpired) {
      try token.validate(try Recorded.expectation(for: launch, after: 120, leeway: 60))
    }
  }

  @Test("a changed byte in a recorded token's payload or signature breaks its signature")
  func tampering() throws {
    let launch = try Recorded.launch("launch13_student1")
    let parts = launch.token.split(separator: ".")
    var claims = launch.claims
    claims["sub"] = "8"
    let forged = "\(parts[0]).\(Base64URL.encode(Array(claims.encoded.utf8))).\(parts[2])"
    #expect(throws: LaunchRefusal.signatureInvalid) {
      try IDToken(compact: forged).validate(try Recorded.expectation(for: launch))
    }
    var signature = try #require(Base64URL.decode(parts[2]))
    signature[17] ^= 1
    let altered = "\(parts[0]).\(parts[1]).\(Base64URL.encode(signature))"
    #expect(throws: LaunchRefusal.signatureInvalid) {
      try IDToken(compact: altered).validate(try Recorded.expectation(for: launch))
    }
  }
}
