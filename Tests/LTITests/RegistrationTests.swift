import LTI
import Testing
import Wire

@Suite("Dynamic registration")
struct RegistrationTests {
  static let address = "http://127.0.0.1:8090/mod/lti/openid-configuration.php"
  static let toolClaim = "https://purl.imsglobal.org/spec/lti-tool-configuration"
  static let platformClaim = "https://purl.imsglobal.org/spec/lti-platform-configuration"

  static func exchange(_ label: String) throws -> Exchange {
    try #require(try Recorded.exchanges("dynamic_registration").first { $0.label == label })
  }

  static func url(_ text: String = address) throws -> WebURL { try #require(WebURL(text)) }

  static func platform(_ change: (inout JSONObject) -> Void = { _ in }) throws -> PlatformConfiguration {
    var document = try #require(try Recorded.json("openid_configuration").objectValue)
    change(&document)
    return try PlatformConfiguration(
      parsing: document.encodedBytes, from: try url(), allowsInsecureHTTP: true)
  }

  /// The registration that was recorded, as far as ours says the same.
  static func tool() throws -> ToolRegistration {
    ToolRegistration(
      name: .init("Stub enregistré", translations: [("fr", "Stub FR")]), summary: .init("Outil de test"),
      initiateLoginURI: try url("http://127.0.0.1:8091/login"),
      redirectURIs: [try url("http://127.0.0.1:8091/launch"), try url("http://127.0.0.1:8091/deeplink")],
      keySetURL: try url("http://127.0.0.1:8091/jwks"), logoURI: try url("http://127.0.0.1:8091/logo.png"),
      targetLinkURI: try url("http://127.0.0.1:8091/launch"),
      deepLinking: (try url("http://127.0.0.1:8091/deeplink"), .init("Choisir")),
      customParameters: [("grain", "x"), ("mail", "$Person.email.primary")])
  }

  @Test("a real Moodle's configuration is fetched and read")
  func recordedConfiguration() throws {
    let exchange = try Self.exchange("GET openid_configuration (no token)")
    let sent = Sent(exchange.response)
    let platform = try PlatformConfiguration.fetch(try Self.url(), allowsInsecureHTTP: true, send: sent.send)
    let request = try sent.only()
    #expect(request.method == "GET" && request.url == exchange.url && request.body.isEmpty)
    #expect(request.fields["Authorization"] == nil)
    #expect(platform.issuer.value == "http://127.0.0.1:8090")
    #expect(platform.origin.description == "http://127.0.0.1:8090")
    #expect(platform.authorizationEndpoint.path == "/mod/lti/auth.php")
    #expect(platform.tokenEndpoint.path == "/mod/lti/token.php")
    #expect(platform.keySetURL.path == "/mod/lti/certs.php")
    #expect(platform.registrationEndpoint.path == "/mod/lti/openid-registration.php")
    #expect(platform.messageTypes == ["LtiResourceLinkRequest", "LtiDeepLinkingRequest"])
    #expect(platform.scopes?.count == 8)
    #expect(platform.productFamilyCode == "moodle" && platform.version == "4.5.6 (Build: 20250811)")
    #expect(try Self.platform() == platform)
  }

  @Test(
    "a configuration speaks for the issuer under which it lies, and for no other",
    arguments: [
      ("https://m.example", "https://m.example/mod/lti/openid-configuration.php", true),
      ("https://m.example/", "https://m.example/.well-known/openid-configuration", true),
      ("https://m.example/lycee", "https://m.example/lycee/mod/lti/openid-configuration.php", true),
      ("https://m.example/lycee/", "https://m.example/lycee/x?y=/../z", true),
      ("https://m.example/lycee", "https://m.example/mod/lti/openid-configuration.php", false),
      ("https://m.example/lycee", "https://m.example/lycee", false),
      ("https://m.example/lycee", "https://m.example/lycee2/x", false),
      ("https://m.example/lycee", "https://m.example/Lycee/x", false),
      ("https://m.example/lycee", "https://m.example/lycee/../college/x", false),
      ("https://m.example/lycee", "https://m.example/lycee/%2E%2e/college/x", false),
      ("https://m.example/lycee", "https://m.example/lycee/..%2fcollege/x", false),
      ("https://m.example/lycee", "https://m.example/lycee/./x", false),
    ])
  func issuers(issuer: String, address: String, isItsOwn: Bool) throws {
    var document: JSONObject = ["issuer": .string(issuer)]
    for name in ["authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint"] {
      document[name] = "https://m.example/lycee/x"
    }
    func read() throws(RegistrationFailure) -> PlatformConfiguration {
      guard let url = WebURL(address) else { throw .configurationMalformed }
      return try PlatformConfiguration(parsing: document.encodedBytes, from: url, allowsInsecureHTTP: false)
    }
    if isItsOwn {
      #expect(try read().issuer.value == issuer)
    } else {
      #expect(throws: RegistrationFailure.issuerMismatch) { try read() }
    }
  }

  @Test("plain http is refused before anything is sent, unless it is allowed")
  func insecure() throws {
    let sent = Sent(try Self.exchange("GET openid_configuration (no token)").response)
    #expect(throws: RegistrationFailure.insecure("openid_configuration")) {
      try PlatformConfiguration.fetch(try Self.url(), allowsInsecureHTTP: false, send: sent.send)
    }
    #expect(sent.requests.isEmpty)
  }

  static let endpoints = [
    "issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint",
  ]

  @Test("issuer and endpoints are of the origin that gave the configuration", arguments: endpoints)
  func origins(member: String) throws {
    for other in [
      "http://127.0.0.1:8091/x", "https://127.0.0.1:8090/x", "http://localhost:8090/x", "http://127.0.0.1/x",
      "http://127.0.0.1.evil.example:8090/x",
    ] {
      #expect(throws: RegistrationFailure.originMismatch(member)) {
        try Self.platform { $0[member] = $0[member].map { _ in .string(other) } }
      }
    }
    let none: [JSONValue?] = [
      nil, .null, "", 5, "/relative", "file:///etc/passwd", "javascript:alert(1)", "http://u@127.0.0.1:8090/",
      "http://127.0.0.1:8090/x#y", ["http://127.0.0.1:8090/x"],
    ]
    for value in none {
      #expect(throws: RegistrationFailure.configurationIncomplete(member)) {
        try Self.platform { $0[member] = value }
      }
    }
    // The configuration lies under its issuer.
    let same = member == "issuer" ? "HTTP://127.0.0.1:8090/mod/lti" : "HTTP://127.0.0.1:8090/sub/dir"
    #expect(try Self.platform { $0[member] = .string(same) }.origin.description.hasSuffix(":8090"))
  }

  @Test("an https configuration may not lead to http endpoints, a default port is no other origin")
  func downgrade() throws {
    var document = try #require(try Recorded.json("openid_configuration").objectValue)
    for member in Self.endpoints { document[member] = .string("https://moodle.example.org/\(member)") }
    document["issuer"] = "https://moodle.example.org/sub"
    let url = try Self.url("https://Moodle.example.org:443/sub/mod/lti/openid-configuration.php")
    let platform = try PlatformConfiguration(parsing: document.encodedBytes, from: url, allowsInsecureHTTP: false)
    #expect(platform.issuer.value == "https://moodle.example.org/sub")
    document["token_endpoint"] = "http://moodle.example.org/token"
    #expect(throws: RegistrationFailure.insecure("token_endpoint")) {
      try PlatformConfiguration(parsing: document.encodedBytes, from: url, allowsInsecureHTTP: false)
    }
    document["token_endpoint"] = "https://moodle.example.org/token"
    document["issuer"] = "https://moodle.example.org/?x=1"
    #expect(throws: RegistrationFailure.configurationIncomplete("issuer")) {
      try PlatformConfiguration(parsing: document.encodedBytes, from: url, allowsInsecureHTTP: false)
    }
  }

  @Test("a platform that says it lacks what this tool needs is refused; one that does not say is not")
  func needs() throws {
    let members = [
      "token_endpoint_auth_methods_supported", "token_endpoint_auth_signing_alg_values_supported",
      "response_types_supported", "id_token_signing_alg_values_supported",
    ]
    for member in members {
      for value: JSONValue in [[], ["none"], "RS256", .null] {
        #expect(throws: RegistrationFailure.unsupported(member)) { try Self.platform { $0[member] = value } }
      }
      _ = try Self.platform { $0[member] = nil }
    }
    #expect(throws: RegistrationFailure.unsupported("messages_supported")) {
      try Self.platform { $0[Self.platformClaim] = ["messages_supported": [["type": "LtiDeepLinkingRequest"]]] }
    }
    let silent = try Self.platform {
      $0[Self.platformClaim] = nil
      $0["scopes_supported"] = nil
    }
    #expect(silent.messageTypes == nil && silent.scopes == nil && silent.productFamilyCode == nil)
  }

  @Test("what is no configuration is refused: other statuses, redirects, pages, half a document")
  func noConfiguration() throws {
    for status in [204, 301, 302, 307, 400, 401, 404, 500, 503] {
      let sent = Sent(.answer(status, "{}", [("Location", "http://169.254.169.254/")]))
      #expect(throws: RegistrationFailure.configurationRefused(status: status)) {
        try PlatformConfiguration.fetch(try Self.url(), allowsInsecureHTTP: true, send: sent.send)
      }
      #expect(sent.requests.count == 1)
    }
    for body in ["", "[]", "<html></html>", "{\"issuer\":1,\"issuer\":2}", "{\"issuer\":"] {
      #expect(throws: RegistrationFailure.configurationMalformed) {
        try PlatformConfiguration.fetch(
          try Self.url(), allowsInsecureHTTP: true, send: Sent(.answer(200, body)).send)
      }
    }
    #expect(throws: RegistrationFailure.transport(.addressForbidden)) {
      try PlatformConfiguration.fetch(
        try Self.url(), allowsInsecureHTTP: true, send: Sent(failure: .addressForbidden).send)
    }
  }

  @Test("the registration is the one that a real Moodle took, with the scopes and translations that are ours")
  func recordedRequest() throws {
    let exchange = try Self.exchange("registration OK")
    var expected = try #require(try JSONValue(parsing: try known(exchange.requestBody)).objectValue)
    var request = try Self.tool().request(for: try Self.platform())
    let scopes = try #require(request["scope"]?.stringValue).split(separator: " ").map(String.init)
    let recorded = try #require(expected["scope"]?.stringValue).split(separator: " ").map(String.init)
    #expect(Set(scopes) == Set(recorded).union(["https://purl.imsglobal.org/spec/lti-bo/scope/basicoutcome"]))
    // The recorded tool named people to write to, which this one has not.
    for name in ["scope", "contacts"] {
      expected[name] = nil
      request[name] = nil
    }
    #expect(request == expected)
  }

  @Test("the domain has the port when there is one, and translations stand beside their text")
  func details() throws {
    var tool = try Self.tool()
    tool.targetLinkURI = try Self.url("https://lti.example.org/passerelle/lti/launch")
    tool.summary = .init("Summary", translations: [("fr", "Résumé")])
    tool.deepLinking.label = .init("Choose", translations: [("fr", "Choisir")])
    tool.logoURI = nil
    tool.customParameters = [("module", "")]
    let request = tool.request(for: try Self.platform())
    let configuration = try #require(request[Self.toolClaim])
    #expect(configuration["domain"] == "lti.example.org")
    #expect(configuration["description"] == "Summary" && configuration["description#fr"] == "Résumé")
    #expect(configuration["custom_parameters"] == ["module": ""])
    let deepLinking = configuration["messages"]?.arrayValue?.last
    #expect(deepLinking?["label"] == "Choose" && deepLinking?["label#fr"] == "Choisir")
    #expect(request["logo_uri"] == nil && request["client_name#fr"] == "Stub FR")
  }

  @Test("only what the platform offers is asked for")
  func offered() throws {
    let platform = try Self.platform {
      $0["scopes_supported"] = [.string(AGSScope.score), "openid"]
      $0[Self.platformClaim] = ["messages_supported": [["type": "LtiResourceLinkRequest"]]]
    }
    let request = try Self.tool().request(for: platform)
    #expect(request["scope"]?.stringValue == AGSScope.score)
    #expect(request[Self.toolClaim]?["messages"]?.arrayValue?.compactMap { $0["type"] } == ["LtiResourceLinkRequest"])
    let silent = try Self.platform { $0["scopes_supported"] = nil }
    #expect(try Self.tool().request(for: silent)["scope"]?.stringValue?.split(separator: " ").count == 6)
  }
}
