import LTI
import Testing
import Wire

@Suite("Login initiation and the authentication request")
struct OIDCTests {
  static let moodle: [(name: String, value: String)] = [
    ("iss", "http://127.0.0.1:8090"), ("target_link_uri", "http://127.0.0.1:8091/launch"), ("login_hint", "3"),
    ("lti_message_hint", #"{"cmid":2,"launchid":"ltilaunch1_1747062681"}"#), ("client_id", "sdCVQxdbZQil7Gc"),
    ("lti_deployment_id", "1"),
  ]

  /// The hop of a recorded launch in which the given URL was asked for.
  func hop(_ file: String, url: String) throws -> JSONValue {
    let hops = try #require(try Recorded.json(file)["hops"]?.arrayValue)
    return try #require(hops.first { $0["url"]?.stringValue == url })
  }

  func fields(_ hop: JSONValue) -> Form {
    Form(
      items: (hop["request_fields"]?.arrayValue ?? []).compactMap { pair in
        guard let pair = pair.arrayValue, pair.count == 2, let name = pair[0].stringValue,
          let value = pair[1].stringValue
        else { return nil }
        return (name, value)
      })
  }

  @Test("Moodle's recorded initiation is read whole, and our request is the one Moodle accepted")
  func recordedInitiation() throws {
    let hop = try hop("launch13_student1", url: "http://127.0.0.1:8091/login")
    let login = try LoginInitiation(form: fields(hop))
    #expect(login.issuer == Issuer("http://127.0.0.1:8090"))
    #expect(login.loginHint == "3")
    #expect(login.targetLinkURI == "http://127.0.0.1:8091/launch")
    #expect(login.clientID == ClientID("sdCVQxdbZQil7Gc"))
    #expect(login.deploymentID == DeploymentID("1"))
    #expect(login.messageHint == #"{"cmid":2,"launchid":"ltilaunch1_1747062681"}"#)

    let request = AuthenticationRequest(
      authURL: try #require(WebURL("http://127.0.0.1:8090/mod/lti/auth.php")), clientID: try #require(login.clientID),
      redirectURI: try #require(WebURL("http://127.0.0.1:8091/launch")), loginHint: login.loginHint,
      messageHint: login.messageHint, state: "-xLaKGGxXr01HihjQMqqPDgLZh_J_7S1",
      nonce: "1TIjayVitjOuy1Nr2rE3FumCIt5LNxje")
    #expect(request.url.description == hop["location"]?.stringValue)
  }

  @Test("the optional fields may be missing or empty; an empty message hint goes back empty, a missing one not at all")
  func optionalFields() throws {
    let three = Self.moodle.filter { ["iss", "target_link_uri", "login_hint"].contains($0.name) }
    let bare = try LoginInitiation(form: Form(items: three))
    #expect(bare.clientID == nil)
    #expect(bare.deploymentID == nil)
    #expect(bare.messageHint == nil)
    let empty = try LoginInitiation(
      form: Form(items: three + [("client_id", ""), ("lti_deployment_id", ""), ("lti_message_hint", "")]))
    #expect(empty.clientID == nil)
    #expect(empty.deploymentID == nil)
    #expect(empty.messageHint == "")
    for (hint, names) in [(nil, 9), ("", 10)] as [(String?, Int)] {
      let request = AuthenticationRequest(
        authURL: try #require(WebURL("https://lms.example.org/auth")), clientID: try #require(ClientID("c")),
        redirectURI: try #require(WebURL("https://tool.example.org/launch")), loginHint: "3", messageHint: hint,
        state: "s", nonce: "n")
      #expect(request.url.queryItems.count == names)
      #expect(request.url.queryItems.contains { $0.name == "lti_message_hint" } == (hint != nil))
    }
  }

  @Test("each required field that is missing or empty is named", arguments: ["iss", "login_hint", "target_link_uri"])
  func missing(name: String) throws {
    #expect(throws: LoginRefusal.parameterMissing(name)) {
      try LoginInitiation(form: Form(items: Self.moodle.filter { $0.name != name }))
    }
    #expect(throws: LoginRefusal.parameterMissing(name)) {
      try LoginInitiation(form: Form(items: Self.moodle.map { $0.name == name ? (name, "") : $0 }))
    }
  }

  @Test(
    "each field sent twice is refused, also with the same value; other fields may repeat", arguments: moodle.map(\.name)
  )
  func duplicate(name: String) throws {
    #expect(throws: LoginRefusal.parameterDuplicate(name)) {
      try LoginInitiation(form: Form(items: Self.moodle + Self.moodle.filter { $0.name == name }))
    }
    let repeated = Form(items: Self.moodle + [("utm", "1"), ("utm", "2")])
    #expect(try LoginInitiation(form: repeated).loginHint == "3")
  }

  @Test("each field with a control character or beyond its length is refused", arguments: moodle.map(\.name))
  func invalid(name: String) throws {
    for value in ["a\nb", "a\u{7F}", String(repeating: "h", count: 4097)] {
      #expect(throws: LoginRefusal.parameterInvalid(name)) {
        try LoginInitiation(form: Form(items: Self.moodle.map { $0.name == name ? (name, value) : $0 }))
      }
    }
  }

  @Test("an identifier of more than 255 bytes is refused", arguments: ["iss", "client_id", "lti_deployment_id"])
  func tooLong(name: String) throws {
    #expect(throws: LoginRefusal.parameterInvalid(name)) {
      try LoginInitiation(
        form: Form(items: Self.moodle.map { $0.name == name ? (name, String(repeating: "i", count: 256)) : $0 }))
    }
  }

  @Test("refusals have stable codes and name the field, never the value")
  func codes() {
    #expect(LoginRefusal.parameterMissing("iss").code == "login_parameter_missing")
    #expect(LoginRefusal.parameterDuplicate("iss").code == "login_parameter_duplicate")
    #expect(LoginRefusal.parameterInvalid("login_hint").code == "login_parameter_invalid")
    #expect("\(LoginRefusal.parameterInvalid("login_hint"))" == "login_parameter_invalid parameter=login_hint")
  }

  @Test("an authorization URL keeps its own query, and every value is percent-encoded")
  func encoding() throws {
    let request = AuthenticationRequest(
      authURL: try #require(WebURL("https://lms.example.org/auth?tenant=7")), clientID: try #require(ClientID("é&=")),
      redirectURI: try #require(WebURL("https://tool.example.org/launch?a=b")), loginHint: "a b+c#d", messageHint: nil,
      state: "s", nonce: "n")
    let text = request.url.description
    #expect(text.hasPrefix("https://lms.example.org/auth?tenant=7&scope=openid&"))
    #expect(!text.contains("#"))
    let items = request.url.queryItems
    #expect(items.first { $0.name == "login_hint" }?.value == "a b+c#d")
    #expect(items.first { $0.name == "client_id" }?.value == "é&=")
    #expect(items.first { $0.name == "redirect_uri" }?.value == "https://tool.example.org/launch?a=b")
  }

  @Test("the errors that Moodle posted back are read")
  func recordedErrors() throws {
    let attempts = try #require(try Recorded.json("auth_request_tests").arrayValue)
    var errors: [String: [String?]] = [:]
    for attempt in attempts {
      for hop in attempt["hops"]?.arrayValue ?? [] where hop["id_token"] == nil {
        guard let response = AuthenticationErrorResponse(form: fields(hop)) else { continue }
        #expect(response.state?.utf8.count == 32)
        errors[attempt["label"]?.stringValue ?? ""] = [response.error, response.errorDescription]
      }
    }
    #expect(
      errors == [
        "wrong client_id": ["unauthorized_client", nil],
        "wrong login_hint": ["access_denied", nil],
        "no response_mode": ["invalid_request", "Invalid response_mode"],
        "response_mode=query": ["invalid_request", "Invalid response_mode"],
        "prompt=login": ["invalid_request", "Invalid prompt"],
      ])
  }

  @Test("an error response cannot smuggle control characters, and a form without an error is none")
  func hostileErrors() throws {
    #expect(AuthenticationErrorResponse(form: Form(items: [("id_token", "x"), ("state", "s")])) == nil)
    #expect(AuthenticationErrorResponse(form: Form(items: [("error", "")])) == nil)
    let response = try #require(
      AuthenticationErrorResponse(
        form: Form(items: [
          ("error", "login_required\r\nX: y"),
          ("error_description", "a\u{1B}[31mé\n" + String(repeating: "z", count: 500)),
          ("state", ""),
        ])))
    #expect(response.error == "login_required??X:?y")
    #expect(response.errorDescription == "a[31mé" + String(repeating: "z", count: 194))
    #expect(response.state == nil)
  }

  @Test("identifiers are compared byte for byte")
  func identifiers() throws {
    #expect(Subject("é") != Subject("e\u{301}"))
    #expect(Set([Subject("é"), Subject("e\u{301}"), Subject("é")]).count == 2)
    #expect(Issuer("https://a") != Issuer("https://A"))
    #expect(DeploymentID(String(repeating: "d", count: 255)) != nil)
    #expect(DeploymentID(String(repeating: "d", count: 256)) == nil)
    #expect(ClientID("") == nil)
    #expect(ClientID("a\tb") == nil)
    #expect("\(try #require(ClientID("abc")))" == "abc")
  }
}
