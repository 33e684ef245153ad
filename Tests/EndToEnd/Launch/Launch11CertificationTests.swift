import DemoMoodle
import TestSupport
import Testing
import Wire

/// The tool's tests of the LTI 1.1 certification, sections 1 to 4, each with the outcome that it expects.
@Suite(.needsStack) struct Launch11CertificationTests {
  /// One launch that is wrong in something, and what is said about it.
  struct Invalid: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: String
    let changes: [(String, String?)]
    init(_ name: String, _ code: String, _ changes: [(String, String?)]) {
      testDescription = name
      self.code = code
      self.changes = changes
    }
  }

  private static let invalid = [
    Invalid("1.1 no resource_link_id", "launch11_resource_link_missing", [("resource_link_id", nil)]),
    Invalid("1.5 invalid LTI version", "launch11_version_unsupported", [("lti_version", "LTI-1")]),
    Invalid("1.6 wrong LTI version", "launch11_version_unsupported", [("lti_version", "LTI-2p0")]),
    Invalid("1.7 missing LTI version", "launch11_version_unsupported", [("lti_version", nil)]),
    Invalid("1.8 invalid message type", "launch11_message_type_unknown", [("lti_message_type", "a-basic-lti-launch")]),
    Invalid("1.9 missing message type", "launch11_message_type_missing", [("lti_message_type", nil)]),
    Invalid(
      "4.7 resource_link_id only", "launch11_user_missing",
      [
        "user_id", "roles", "context_id", "context_label", "context_title", "lis_person_name_full",
        "lis_person_name_given", "lis_person_name_family", "lis_person_contact_email_primary", "resource_link_title",
      ].map { ($0, nil) }),
  ]

  @Test(
    "1.1, 1.5 to 1.9, 4.7: an invalid launch goes back to the platform with words in the person's language",
    arguments: invalid)
  func back(launch: Invalid) throws {
    try Launch11Consumer.run { consumer in
      for (language, word) in [("fr", "Moodle"), ("en", "Moodle")] {
        let changes = launch.changes + [("launch_presentation_locale", language)]
        let message = try consumer.message(changes)
        let returnURL = try #require(message.first { $0.0 == "launch_presentation_return_url" }?.1)
        let response = try consumer.post(consumer.sign(message))
        let back = try #require(SentBack(response), "\(response.status) \(response.text)")
        #expect(back.url == returnURL)
        #expect(back.log == launch.code)
        #expect(back.message?.contains(word) == true, "\(back.message ?? "")")
      }
      let world = consumer.world
      #expect(try world.database.count("select from public.learners") == 0)
      #expect(try world.database.count("select from passerelle.codes") == 0)
      #expect(try world.tool.log.contains(launch.code))
    }
  }

  @Test("What comes back to Moodle is shown by its own page")
  func shown() throws {
    try Launch11Consumer.run { consumer in
      var browser = consumer.world.browser()
      try browser.signIn(user: 3)
      let response = try consumer.launch([("resource_link_id", nil), ("launch_presentation_locale", "fr")])
      let page = try browser.open(try #require(response.fields["Location"]))
      let words = try #require(SentBack(response)?.message)
      #expect(page.text.contains("An error occurred when launching the external tool"))
      #expect(page.text.contains(words.prefix(20)), "\(page.text)")
    }
  }

  @Test("1.2: without a return URL the same is a page", arguments: invalid)
  func page(launch: Invalid) throws {
    try Launch11Consumer.run { consumer in
      for url in [nil, "", "javascript:alert(1)", "moodle.example/return", "//moodle.example/", "http:///x"]
        as [String?]
      {
        let response = try consumer.launch(launch.changes + [("launch_presentation_return_url", url)])
        #expect(Refused(response) == Refused(400, launch.code), "\(url ?? "none")")
        #expect(response.fields["Location"] == nil)
        #expect(response.fields["Content-Type"] == "text/html; charset=utf-8")
        #expect(!response.text.contains("javascript:"))
      }
    }
  }

  @Test("1.3, 1.4: a bad consumer key or signature is a page, never a redirect", arguments: Transport.both)
  func unproven(transport: Transport) throws {
    try Launch11Consumer.run(transport) { consumer in
      let stranger = consumer.with(key: "unknown")
      let forger = consumer.with(secret: "other")
      for (consumer, code) in [(stranger, "launch11_consumer_key_unknown"), (forger, "launch11_signature_invalid")] {
        let response = try consumer.launch()
        #expect(Refused(response) == Refused(400, code))
        #expect(response.fields["Location"] == nil)
        // Not even a link: nobody has signed that address.
        #expect(!response.text.contains("return.php"))
      }
      #expect(try consumer.world.database.count("select from passerelle.nonces") == 0)
    }
  }

  @Test("2.1 to 2.4: instructor and learner open two resource links", arguments: ["Instructor", "Learner"])
  func links(role: String) throws {
    try Launch11Consumer.run { consumer in
      for link in ["120988f929-274612", "resource-2"] {
        let page = try consumer.session(consumer.launch([("roles", role), ("resource_link_id", link)]))
        #expect(page.opened["role"]?.stringValue == role.lowercased())
      }
      let world = consumer.world
      #expect(
        try world.database.values(
          "select resource_link_id from passerelle.activities order by 1", as: String.self)
          == ["120988f929-274612", "resource-2"])
      #expect(try world.database.count("select from public.learners") == 1)
    }
  }

  private static let roles: [(name: String, roles: String?, instructor: Bool)] = [
    ("3.1 full URN", "urn:lti:role:ims/lis/Instructor", true),
    ("3.2 list", "urn:non:ims/something/Else,Instructor,urn:lti:instrole:ims/lis/Alumni", true),
    (
      "3.3 URN in a list, teacher",
      "urn:non:ims/something/Else,urn:lti:role:ims/lis/Instructor,urn:lti:instrole:ims/lis/Alumni", true
    ),
    (
      "3.4 URN in a list, learner",
      "urn:non:ims/something/Else,urn:lti:role:ims/lis/Learner,urn:lti:instrole:ims/lis/Alumni", false
    ),
    ("3.5 no context role", "urn:non:ims/something/Else", false),
    ("3.6 institution role only", "urn:lti:instrole:ims/lis/Learner", false),
    ("3.7 institution role without context role", "urn:lti:instrole:ims/lis/Instructor", false),
    ("3.8 unrecognised", "NotALearner", false), ("empty", "", false), ("none", nil, false),
    ("blanks", " Learner , Instructor\t", true),
    ("Moodle's administrator", "Instructor,urn:lti:sysrole:ims/lis/Administrator", true),
  ]

  @Test("3.1 to 3.8: roles make an instructor or a learner, whatever their form")
  func roleForms() throws {
    try Launch11Consumer.run { consumer in
      for (index, row) in Self.roles.enumerated() {
        let page = try consumer.session(
          consumer.launch([("roles", row.roles), ("user_id", "r\(index)")]))
        #expect(page.opened["role"]?.stringValue == (row.instructor ? "instructor" : "learner"), "\(row.name)")
      }
    }
  }

  @Test("4.1 to 4.6: whatever is left out about person and course, the launch is taken")
  func particulars() throws {
    try Launch11Consumer.run { consumer in
      let noName: [(String, String?)] = [
        ("lis_person_name_full", nil), ("lis_person_name_given", nil), ("lis_person_name_family", nil),
      ]
      let noEmail: [(String, String?)] = [("lis_person_contact_email_primary", nil)]
      let noContext: [(String, String?)] = [("context_id", nil), ("context_label", nil), ("context_title", nil)]
      func learner(_ user: String, _ changes: [(String, String?)]) throws -> JSONValue? {
        try consumer.session(consumer.launch(changes + [("user_id", user)])).opened["learner"]
      }
      let emailOnly = try learner("41", noName)
      #expect(emailOnly?["email"] == "student1@example.org" && emailOnly?["name"] == .null)
      #expect(try learner("42", [("lis_person_name_full", nil)])?["name"] == "Éloïse Lefèvre")
      #expect(
        try learner("43", [("lis_person_name_given", nil), ("lis_person_name_family", nil)])?["name"]
          == "Éloïse Lefèvre")
      // 4.4 an instructor of whom nothing is said, 4.5 of the course its id alone, 4.6 no course at all.
      for (user, left) in [("44", []), ("45", Array(noContext.dropFirst())), ("46", noContext)] {
        let page = try consumer.session(
          consumer.launch(noName + noEmail + left + [("roles", "Instructor"), ("user_id", user)]))
        #expect(page.opened["role"] == "instructor" && page.opened.at("learner.name") == .null, "\(user)")
      }
      #expect(try consumer.world.database.count("select from public.learners") == 6)
    }
  }
}
