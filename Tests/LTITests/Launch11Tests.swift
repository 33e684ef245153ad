import LTI
import Testing
import Wire

@Suite("LTI 1.1 launches")
struct Launch11Tests {
  static func recorded(_ file: String) throws -> Form {
    let fields = try Recorded.json(file)["hops"]?.arrayValue?.last?["request_fields"]?.arrayValue
    return Form(
      items: try #require(fields).map { pair in
        (try known(pair.arrayValue?.first?.stringValue), try known(pair.arrayValue?.last?.stringValue))
      })
  }

  static func recordedURL() throws -> WebURL { try #require(WebURL("http://127.0.0.1:8091/lti11")) }

  static func accept(_ form: Form) throws -> LaunchMessage {
    let request = try Launch11Request(form: form)
    return try request.verify(
      secret: SigningConsumer.secret, launchURL: try recordedURL(), now: request.timestamp.adding(seconds: 2))
  }

  @Test("a real Moodle's launch is accepted, and says who, where and what")
  func recordedStudent() throws {
    let form = try Self.recorded("launch11_student1")
    let request = try Launch11Request(form: form)
    #expect(request.consumerKey.value == "cle11")
    #expect(request.nonce == "846eabba1f9bbc6ab72cf949149c9547")
    #expect(request.timestamp == Instant(seconds: 1_795_396_417))
    #expect(request.signatureMethod == .hmacSHA1)
    let launch = try Self.accept(form)
    #expect(launch.subject.value == "3")
    #expect(launch.roles == ["Learner"])
    #expect(!launch.isInstructor)
    #expect(launch.targetLinkURI == "http://127.0.0.1:8091/lti11")
    #expect(launch.resourceLink?.id == "2")
    #expect(launch.resourceLink?.title == "Quiz 1.1")
    #expect(launch.resourceLink?.description == nil)
    #expect(launch.context?.id == "2")
    #expect(launch.context?.label == "FORM")
    #expect(launch.context?.title == "Formation")
    #expect(launch.person.name == "Éloïse Lefèvre")
    #expect(launch.person.givenName == "Éloïse")
    #expect(launch.person.familyName == "Lefèvre")
    #expect(launch.person.email == "student1@example.org")
    #expect(launch.person.locale == "en")
    #expect(launch.presentation.documentTarget == "window")
    #expect(
      launch.presentation.returnURL?.description
        == "http://127.0.0.1:8090/mod/lti/return.php?course=2&launch_container=4&instanceid=2&sesskey=1SFtVWAovQ")
    #expect(launch.custom["grain"] == "abc")
    #expect(launch.basicOutcome?.serviceURL.description == "http://127.0.0.1:8090/mod/lti/service.php")
    #expect(
      launch.basicOutcome?.sourcedID
        == #"{"data":{"instanceid":"2","userid":"3","typeid":"2","launchid":480419380},"hash":"15df4bf7840c578cb7729ced45a0bdff19cf680c71631db6640478ddd9ebdbd2"}"#
    )
    // Moodle offers these services in custom parameters; this tool does not use them in LTI 1.1.
    #expect(launch.custom["lineitem_url"]?.hasSuffix("/2/lineitems/3/lineitem?type_id=2") == true)
    #expect(launch.ags == nil && launch.contextMembershipsURL == nil)
    #expect(launch.platform?.guid == "0eedca41d52b2ea3bca9070098ab2302")
    #expect(launch.platform?.name == "BancLTI")
    #expect(launch.platform?.productFamilyCode == "moodle")
    #expect(launch.platform?.version == "2024100706")
  }

  @Test("a real Moodle's teacher is an instructor")
  func recordedTeacher() throws {
    let launch = try Self.accept(try Self.recorded("launch11_teacher1"))
    #expect(launch.isInstructor)
    #expect(launch.subject.value == "8")
    #expect(launch.person.displayName == "Hélène Professeur")
  }

  @Test("the body as Moodle's browser posted it is accepted")
  func rawPost() throws {
    let raw = try #require(try Recorded.json("launch11_raw_post")["raw"]?.stringValue)
    let form = try FormURLEncoded.decode(Array(raw.utf8))
    #expect(try Self.accept(form).subject.value == "3")
  }

  @Test("the same Moodle user has the same name in both versions")
  func onePerson() throws {
    let eleven = try Self.accept(try Self.recorded("launch11_student1"))
    let thirteen = try Recorded.accept("launch13_student1")
    #expect(eleven.subject == thirteen.subject)
    #expect(eleven.person == thirteen.person)
    #expect(eleven.context == thirteen.context)
    #expect(eleven.platform == thirteen.platform)
  }

  @Test("a proven launch is a resource link launch, the consumer key in place of the deployment it does not name")
  func asLaunchMessage() throws {
    let message = try Self.accept(try Self.recorded("launch11_teacher1"))
    #expect(message.messageType == .resourceLink)
    #expect(message.deploymentID.value == "cle11")
    #expect(message.isInstructor)
    #expect(message.forUser == nil && message.deepLinkingSettings == nil && message.migration == nil)
  }

  @Test("every field of a real launch is signed: none can be changed, dropped or added")
  func tampering() throws {
    let form = try Self.recorded("launch11_student1")
    for item in form.items where !item.name.hasPrefix("oauth_") {
      #expect(throws: Launch11Refusal.signatureInvalid) { try Self.accept(form.replacing(item.name, item.value + "x")) }
      #expect(throws: Launch11Refusal.signatureInvalid) { try Self.accept(form.replacing(item.name, nil)) }
      #expect(throws: Launch11Refusal.signatureInvalid) { try Self.accept(form.adding(item.name, item.value)) }
    }
    for name in ["oauth_nonce", "oauth_callback"] {
      #expect(throws: Launch11Refusal.signatureInvalid) { try Self.accept(form.replacing(name, "other")) }
    }
    #expect(throws: Launch11Refusal.signatureInvalid) {
      try Self.accept(form.replacing("oauth_timestamp", "1795396418"))
    }
    #expect(throws: Launch11Refusal.signatureInvalid) { try Self.accept(form.replacing("oauth_version", nil)) }
    #expect(throws: Launch11Refusal.signatureInvalid) {
      try Self.accept(form.replacing("oauth_signature_method", "HMAC-SHA256"))
    }
    #expect(throws: Launch11Refusal.signatureInvalid) { try Self.accept(form.adding("", "")) }
  }

  @Test("a launch signed for another URL, or with another secret, is refused")
  func elsewhere() throws {
    let form = try SigningConsumer().signed()
    #expect(try SigningConsumer.verify(form).subject.value == "292832126")
    let request = try Launch11Request(form: form)
    for other in [
      "http://lti.example.org/passerelle/lti/launch", "https://lti.example.org:8443/passerelle/lti/launch",
      "https://other.example.org/passerelle/lti/launch", "https://lti.example.org/passerelle/lti/launch/",
      "https://lti.example.org/passerelle/lti/launch?x=1",
    ] {
      #expect(throws: Launch11Refusal.signatureInvalid) {
        try request.verify(
          secret: SigningConsumer.secret, launchURL: try known(WebURL(other)), now: SigningConsumer.now)
      }
    }
    for secret in ["", "s3cret-e&+11", "s3cret-é&+11 ", "s3cret-é&+11&"] {
      #expect(throws: Launch11Refusal.signatureInvalid) {
        try request.verify(secret: secret, launchURL: try SigningConsumer.launchURL(), now: SigningConsumer.now)
      }
    }
    // Signed with an empty secret, which anybody can do, and judged with one.
    let unsecured = try SigningConsumer(secret: "").signed()
    #expect(throws: Launch11Refusal.signatureInvalid) {
      try Launch11Request(form: unsecured).verify(
        secret: "", launchURL: try SigningConsumer.launchURL(), now: SigningConsumer.now)
    }
  }

  @Test(
    "the launch URL's own query is signed with the form, in both methods", arguments: OAuth1.SignatureMethod.allCases)
  func launchQuery(method: OAuth1.SignatureMethod) throws {
    let url = try SigningConsumer.launchURL("?module=d%C3%A9mo&lang=fr+FR&flag&empty=")
    let form = try SigningConsumer(method: method).signed(SigningConsumer.validParameters, for: url)
    let request = try Launch11Request(form: form)
    #expect(request.signatureMethod == method)
    let launch = try request.verify(secret: SigningConsumer.secret, launchURL: url, now: SigningConsumer.now)
    #expect(launch.targetLinkURI == url.description)
    #expect(throws: Launch11Refusal.signatureInvalid) {
      try request.verify(
        secret: SigningConsumer.secret,
        launchURL: try SigningConsumer.launchURL("?module=autre&lang=fr+FR&flag&empty="),
        now: SigningConsumer.now)
    }
  }

  @Test("repeated, empty and non-ASCII parameters are no obstacle")
  func oddParameters() throws {
    let odd = [
      ("custom_tag", "deux"), ("custom_tag", "un"), ("custom_vide", ""), ("custom_", "nameless"), ("custom_été", "à+ç"),
      ("ext_x", ""), ("ext_x", ""), ("ext_submit", "Appuyez « ici »"), ("text", "line\r\nline"),
    ].map { (name: $0.0, value: $0.1) }
    let form = try SigningConsumer().signed(SigningConsumer.validParameters + odd)
    let custom = try SigningConsumer.verify(form).custom
    #expect(custom.items.map(\.name) == ["module", "tag", "tag", "vide", "été"])
    #expect(custom["tag"] == "deux")
    #expect(custom["vide"] == "")
    #expect(custom["été"] == "à+ç")
  }

  @Test("five minutes either side are tolerated, a second more is not")
  func window() throws {
    for offset: Int64 in [-300, -299, 0, 299, 300] {
      let form = try SigningConsumer(timestamp: SigningConsumer.now.seconds + offset).signed()
      #expect(try SigningConsumer.verify(form).subject.value == "292832126")
    }
    for offset: Int64 in [-86_400, -301, 301, 86_400] {
      let form = try SigningConsumer(timestamp: SigningConsumer.now.seconds + offset).signed()
      #expect(throws: Launch11Refusal.timestampRefused) { try SigningConsumer.verify(form) }
    }
  }

  @Test("neither the request nor the message shows its parameters")
  func silence() throws {
    let form = try Self.recorded("launch11_student1")
    let request = try Launch11Request(form: form)
    let launch = try Self.accept(form)
    var dumped = ""
    dump(request, to: &dumped)
    dump(launch, to: &dumped)
    for text in ["\(request)", String(reflecting: request), "\(launch)", String(reflecting: launch), dumped] {
      for secret in ["Lefèvre", "example.org", "sesskey", "9+KxQ", "WjSMW"] { #expect(!text.contains(secret)) }
    }
  }
}
