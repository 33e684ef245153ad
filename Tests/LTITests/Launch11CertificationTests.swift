import LTI
import Testing
import Wire

/// The tool's tests of the LTI 1.1 certification, sections 1 to 4, with the outcome that each expects.
@Suite("The LTI 1.1 certification's launches")
struct Launch11CertificationTests {
  struct Invalid: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let refusal: Launch11Refusal
    let goesBack: Bool
    let changes: [String: String?]
  }

  static let invalidLaunches: [Invalid] = [
    .init("1.1 no resource_link_id", .resourceLinkMissing, goesBack: true, ["resource_link_id": nil]),
    .init(
      "1.2 no resource_link_id, no return URL", .resourceLinkMissing, goesBack: false,
      ["resource_link_id": nil, "launch_presentation_return_url": nil]),
    .init("1.5 invalid LTI version", .versionUnsupported, goesBack: true, ["lti_version": "LTI-1"]),
    .init("1.6 wrong LTI version", .versionUnsupported, goesBack: true, ["lti_version": "LTI-2p0"]),
    .init("1.7 missing LTI version", .versionUnsupported, goesBack: true, ["lti_version": nil]),
    .init("1.8 invalid message type", .messageTypeUnknown, goesBack: true, ["lti_message_type": "a-basic-lti-launch"]),
    .init("1.9 missing message type", .messageTypeMissing, goesBack: true, ["lti_message_type": nil]),
    .init(
      "4.7 only resource_link_id", .userMissing, goesBack: true,
      [
        "user_id": nil, "roles": nil, "context_id": nil, "context_label": nil, "context_title": nil,
        "lis_person_name_full": nil, "lis_person_name_given": nil, "lis_person_name_family": nil,
        "lis_person_contact_email_primary": nil, "resource_link_title": nil,
      ]),
    .init("empty resource_link_id", .resourceLinkMissing, goesBack: true, ["resource_link_id": ""]),
    .init("empty user_id", .userMissing, goesBack: true, ["user_id": ""]),
    .init("empty message type", .messageTypeMissing, goesBack: true, ["lti_message_type": ""]),
  ]

  @Test("an invalid launch is refused, and goes back to the platform where it says how", arguments: invalidLaunches)
  func invalid(launch: Invalid) throws {
    let form = try SigningConsumer().signed(launch.changes)
    #expect(throws: launch.refusal) { try SigningConsumer.verify(form) }
    let back = try Launch11Request(form: form).returnURL(after: launch.refusal, errorMessage: "Sorry")
    #expect((back != nil) == launch.goesBack)
    #expect(back.map { $0.description.hasSuffix("?course=2&sesskey=abc&lti_errormsg=Sorry") } != false)
  }

  @Test("1.3, 1.4: a bad consumer key or signature gets a page, never a redirect")
  func unproven() throws {
    // The key is found by the caller; whoever uses another's key has not its secret.
    let form = try SigningConsumer(secret: "other").signed()
    #expect(throws: Launch11Refusal.signatureInvalid) { try SigningConsumer.verify(form) }
    let request = try Launch11Request(form: form)
    #expect(request.returnURL(after: .signatureInvalid, errorMessage: "x") == nil)
    #expect(request.returnURL(after: .consumerKeyUnknown, errorMessage: "x") == nil)
  }

  @Test("2.1 to 2.4: instructor and learner open two resource links", arguments: ["Instructor", "Learner"])
  func valid(role: String) throws {
    for link in ["120988f929-274612", "resource-2"] {
      let launch = try SigningConsumer.verify(try SigningConsumer().signed(["roles": role, "resource_link_id": link]))
      #expect(launch.isInstructor == (role == "Instructor"))
      #expect(launch.resourceLink?.id == link)
    }
  }

  static let roleLists: [(String, isInstructor: Bool, count: Int)] = [
    ("urn:lti:role:ims/lis/Instructor", true, 1),
    ("urn:non:ims/something/Else,Instructor,urn:lti:instrole:ims/lis/Alumni", true, 3),
    ("urn:non:ims/something/Else,urn:lti:role:ims/lis/Instructor,urn:lti:instrole:ims/lis/Alumni", true, 3),
    ("urn:non:ims/something/Else,urn:lti:role:ims/lis/Learner,urn:lti:instrole:ims/lis/Alumni", false, 3),
    ("urn:non:ims/something/Else", false, 1), ("urn:lti:instrole:ims/lis/Learner", false, 1),
    ("urn:lti:instrole:ims/lis/Instructor", false, 1), ("urn:lti:instrole:ims/lis/Alumni", false, 1),
    ("NotALearner", false, 1), (" Learner , Instructor\t", true, 2), (",,", false, 0), ("", false, 0),
    ("Instructor/Lecturer", true, 1), ("urn:lti:sysrole:ims/lis/Administrator", true, 1),
  ]

  @Test("3.1 to 3.8: short names, URNs and lists make an instructor or do not", arguments: roleLists)
  func roles(roles: String, isInstructor: Bool, count: Int) throws {
    let launch = try SigningConsumer.verify(try SigningConsumer().signed(["roles": roles]))
    #expect(launch.isInstructor == isInstructor)
    #expect(launch.roles.count == count)
  }

  @Test("no roles at all is a learner")
  func noRoles() throws {
    let launch = try SigningConsumer.verify(try SigningConsumer().signed(["roles": nil]))
    #expect(launch.roles.isEmpty && !launch.isInstructor)
  }

  @Test("4.1: an e-mail address and no name")
  func emailOnly() throws {
    let launch = try SigningConsumer.verify(
      try SigningConsumer().signed([
        "lis_person_name_full": nil, "lis_person_name_given": nil, "lis_person_name_family": nil,
      ]))
    #expect(launch.person.displayName == nil)
    #expect(launch.person.email == "anais@example.org")
  }

  @Test("4.2: given and family name make the name when the full one is missing")
  func partsOnly() throws {
    let launch = try SigningConsumer.verify(try SigningConsumer().signed(["lis_person_name_full": nil]))
    #expect(launch.person.name == nil)
    #expect(launch.person.displayName == "Anaïs Bœuf")
    let half = try SigningConsumer.verify(
      try SigningConsumer().signed(["lis_person_name_full": "", "lis_person_name_given": nil]))
    #expect(half.person.displayName == "Bœuf")
  }

  @Test("4.3: a full name without its parts")
  func fullOnly() throws {
    let launch = try SigningConsumer.verify(
      try SigningConsumer().signed(["lis_person_name_given": nil, "lis_person_name_family": nil]))
    #expect(launch.person.displayName == "Anaïs Bœuf")
    #expect(launch.person.givenName == nil && launch.person.familyName == nil)
  }

  @Test("4.4 to 4.6: an instructor without particulars, with a bare context, without context")
  func bareInstructor() throws {
    var changes: [String: String?] = [
      "roles": "Instructor", "lis_person_name_full": nil, "lis_person_name_given": nil, "lis_person_name_family": nil,
      "lis_person_contact_email_primary": nil,
    ]
    #expect(try SigningConsumer.verify(try SigningConsumer().signed(changes)).isInstructor)
    changes["context_label"] = .some(nil)
    changes["context_title"] = .some(nil)
    let bare = try SigningConsumer.verify(try SigningConsumer().signed(changes))
    #expect(bare.context?.id == "456434513" && bare.context?.title == nil)
    changes["context_id"] = .some(nil)
    changes["custom_context_memberships_url"] = "$ToolProxyBinding.memberships.url"
    let none = try SigningConsumer.verify(try SigningConsumer().signed(changes))
    #expect(none.context == nil && none.contextMembershipsURL == nil && none.isInstructor)
  }
}

extension Launch11CertificationTests.Invalid {
  init(_ name: String, _ refusal: Launch11Refusal, goesBack: Bool, _ changes: [String: String?]) {
    self.init(testDescription: name, refusal: refusal, goesBack: goesBack, changes: changes)
  }
}
