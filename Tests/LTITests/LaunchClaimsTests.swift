import LTI
import Testing
import Wire

@Suite("Claims of an accepted launch")
struct LaunchClaimsTests {
  @Test("accents of every kind arrive whole")
  func accents() throws {
    let platform = try SigningPlatform.shared.get()
    for (given, family) in [
      ("Anaïs", "Bœuf"), ("Noël", "Àçîñ"), ("Zoë", "Müller-Garçon"), ("Ơ", "Ŵ 🙂 \u{FEFF}é\u{301}"),
    ] {
      let message = try platform.launch {
        $0["name"] = .string("\(given) \(family)")
        $0["given_name"] = .string(given)
        $0["family_name"] = .string(family)
      }
      #expect(message.person.name.map { Array($0.utf8) } == Array("\(given) \(family)".utf8))
      #expect(message.person.givenName.map { Array($0.utf8) } == Array(given.utf8))
      #expect(message.person.familyName.map { Array($0.utf8) } == Array(family.utf8))
    }
    let escaped = SigningPlatform.validClaims.encoded.replacing("Anaïs Bœuf", with: #"Ana\u00efs B\u0153uf"#)
    let message = try IDToken(compact: try platform.token(payload: escaped)).validate(try platform.expectation())
    #expect(message.person.name == "Anaïs Bœuf")
  }

  @Test("an optional claim of the wrong type, empty, or with a NUL counts as not sent")
  func lenient() throws {
    let platform = try SigningPlatform.shared.get()
    let message = try platform.launch {
      $0["name"] = 7
      $0["given_name"] = ["Anaïs"]
      $0["family_name"] = ""
      $0["email"] = "anais\u{0}@example.org"
      $0["locale"] = .null
      $0[Name.context] = ["course-1"]
      $0[Name.presentation] = "iframe"
      $0[Name.platform] = 3
      $0[Name.custom] = ["module=m1"]
      $0[Name.ags] = "https://lms.example.org/lineitem"
      $0[Name.nrps] = ["context_memberships_url": "javascript:alert(1)"]
      $0[Name.basicOutcome] = ["lis_result_sourcedid": "x"]
      $0[Name.resourceLink] = ["id": "link-1", "title": 3, "description": ""]
    }
    #expect(message.person.name == nil)
    #expect(message.person.givenName == nil)
    #expect(message.person.familyName == nil)
    #expect(message.person.email == nil)
    #expect(message.person.locale == nil)
    #expect(message.context == nil)
    #expect(message.presentation.documentTarget == nil)
    #expect(message.presentation.returnURL == nil)
    #expect(message.platform == nil)
    #expect(message.custom.items.isEmpty)
    #expect(message.ags == nil)
    #expect(message.contextMembershipsURL == nil)
    #expect(message.basicOutcome == nil)
    #expect(message.resourceLink?.title == nil)
    #expect(message.resourceLink?.description == nil)
  }

  @Test("custom values that are numbers or booleans become texts; what is no value is left out; the order stays")
  func custom() throws {
    let message = try SigningPlatform.shared.get().launch {
      $0[Name.custom] = [
        "module": "été", "count": 12, "ratio": 0.5, "on": true, "off": false, "none": .null, "list": [1],
        "object": ["a": 1],
        "empty": "", "nul": "a\u{0}b",
      ]
    }
    #expect(
      message.custom.items.map { "\($0.name)=\($0.value)" } == [
        "module=été", "count=12", "ratio=0.5", "on=true", "off=false", "empty=",
      ])
    #expect(message.custom["module"] == "été")
    #expect(message.custom["Module"] == nil)
  }

  @Test("the person's language is the presentation's, else the top-level one")
  func locale() throws {
    let platform = try SigningPlatform.shared.get()
    #expect(try platform.launch { $0[Name.presentation] = ["locale": "fr"] }.person.locale == "fr")
    #expect(try platform.launch { $0[Name.presentation] = ["document_target": "window"] }.person.locale == "fr-FR")
    #expect(
      try platform.launch { $0[Name.presentation] = ["document_target": "window"] }.presentation.documentTarget
        == "window")
  }

  @Test("an AGS claim without a line item, as Moodle sends it when two are linked, keeps its container and scopes")
  func agsWithoutLineItem() throws {
    let message = try SigningPlatform.shared.get().launch {
      $0[Name.ags] = [
        "scope": .array([.string(AGSScope.score), 5]), "lineitems": "https://lms.example.org/2/lineitems?type_id=1",
      ]
    }
    #expect(message.ags?.lineItem == nil)
    #expect(message.ags?.lineItems == WebURL("https://lms.example.org/2/lineitems?type_id=1"))
    #expect(message.ags?.scopes == [AGSScope.score])
  }

  @Test("a deep-linking or submission-review message needs no resource link, a resource link request does")
  func resourceLinkRequired() throws {
    let platform = try SigningPlatform.shared.get()
    for type in ["LtiDeepLinkingRequest", "LtiSubmissionReviewRequest"] {
      let message = try platform.launch {
        $0[Name.messageType] = .string(type)
        $0[Name.resourceLink] = nil
        $0[Name.forUser] = ["user_id": "3"]
      }
      #expect(message.messageType.rawValue == type)
      #expect(message.resourceLink == nil)
      #expect(message.forUser?.value == "3")
    }
  }

  static let unusableUsers: [JSONValue?] = [
    nil, .null, "3", [:], ["user_id": ""], ["user_id": 3], ["user_id": .null], ["user_id": "a\u{0}b"],
    ["user_id": .string(String(repeating: "9", count: 256))], ["person_sourcedid": "3"],
  ]

  @Test("a submission review that does not name its learner is refused; other messages need no learner")
  func forUserRequired() throws {
    let platform = try SigningPlatform.shared.get()
    for user in Self.unusableUsers {
      #expect(throws: LaunchRefusal.forUserMissing, "\(user.map(\.encoded) ?? "absent")") {
        try platform.launch {
          $0[Name.messageType] = "LtiSubmissionReviewRequest"
          $0[Name.forUser] = user
        }
      }
      #expect(try platform.launch { $0[Name.forUser] = user }.forUser == nil)
    }
  }

  @Test("neither a token nor a message shows its person, its claims or itself in a description")
  func redaction() throws {
    let recorded = try Recorded.launch("launch13_student1")
    let token = try IDToken(compact: recorded.token)
    let message = try token.validate(try Recorded.expectation(for: recorded))
    var shown = "\(token) \(message) \(String(reflecting: token)) \(String(reflecting: message))"
    dump(token, to: &shown)
    dump(message, to: &shown)
    for secret in ["Lef", "student1", "sesskey", "eyJ", "1TIjayVitjOuy1Nr2rE3FumCIt5LNxje"] {
      #expect(!shown.contains(secret))
    }
    #expect("\(message)" == "LtiResourceLinkRequest deployment=1 resource_link=1")
    #expect("\(token)" == "IDToken(kid: 6f723b1e740913ec9939)")
  }

  static let instructors = [
    "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor",
    "http://purl.imsglobal.org/vocab/lis/v2/membership#ContentDeveloper",
    "http://purl.imsglobal.org/vocab/lis/v2/membership#Administrator",
    "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant",
    "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#PrimaryInstructor",
    "http://purl.imsglobal.org/vocab/lis/v2/membership/Administrator#Support",
    "http://purl.imsglobal.org/vocab/lis/v2/membership/ContentDeveloper#Librarian",
    "Instructor", "Administrator", "ContentDeveloper", "TeachingAssistant", "Instructor/Lecturer",
    "urn:lti:role:ims/lis/Instructor", "urn:lti:role:ims/lis/Instructor/GuestInstructor",
    "urn:lti:role:ims/lis/Administrator", "urn:lti:role:ims/lis/ContentDeveloper",
    "urn:lti:role:ims/lis/TeachingAssistant",
    "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator",
    "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator",
    "http://purl.imsglobal.org/vocab/lis/v2/system/person#SysAdmin",
    "urn:lti:instrole:ims/lis/Administrator", "urn:lti:sysrole:ims/lis/SysAdmin",
    "urn:lti:sysrole:ims/lis/Administrator",
  ]

  @Test("a teaching or administering role makes an instructor, also beside a learner's", arguments: instructors)
  func instructor(role: String) throws {
    #expect(InstructorRole.isHeld(in: [role]))
    #expect(InstructorRole.isHeld(in: ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner", role]))
  }

  static let learners = [
    "", "Learner", "Student", "instructor", "Instructors", "Mentor", " Instructor",
    "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner",
    "http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor",
    "http://purl.imsglobal.org/vocab/lis/v2/membership#Member",
    "http://purl.imsglobal.org/vocab/lis/v2/membership#InstructorX",
    "http://purl.imsglobal.org/vocab/lis/v2/membership/Learner#Instructor",
    "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor",
    "http://purl.imsglobal.org/vocab/lis/v2/membership/Mentor#Advisor",
    "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor",
    "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Faculty",
    "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Staff",
    "http://purl.imsglobal.org/vocab/lis/v2/institution/person#SysAdmin",
    "http://purl.imsglobal.org/vocab/lis/v2/system/person#User",
    "http://purl.imsglobal.org/vocab/lis/v2/system/person#TestUser",
    "http://purl.imsglobal.org/vocab/lis/v2/unknown/unknown#Helper",
    "http://example.org/membership#Instructor",
    "urn:lti:role:ims/lis/Learner", "urn:lti:instrole:ims/lis/Instructor", "urn:lti:instrole:ims/lis/Faculty",
    "urn:lti:sysrole:ims/lis/User", "urn:example:Instructor",
  ]

  @Test("every other role makes a learner", arguments: learners)
  func learner(role: String) throws {
    #expect(!InstructorRole.isHeld(in: [role]))
    #expect(!InstructorRole.isHeld(in: []))
  }
}
