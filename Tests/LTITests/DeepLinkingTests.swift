import JOSE
import LTI
import Testing
import Wire

@Suite("Deep linking")
struct DeepLinkingTests {
  static let now = Instant(seconds: 1_795_397_144)
  static let key = Swift.Result { try RSAPrivateKey.generate() }
  static let dataClaim = "https://purl.imsglobal.org/spec/lti-dl/claim/data"
  static let itemsClaim = "https://purl.imsglobal.org/spec/lti-dl/claim/content_items"

  static func settings(_ change: (inout JSONObject) -> Void = { _ in }) throws -> DeepLinkingSettings {
    var claim: JSONObject = [
      "deep_link_return_url": "https://lms.example.org/return?sesskey=B5CvxxfLaA", "accept_types": ["ltiResourceLink"],
      "accept_presentation_document_targets": ["iframe"], "accept_multiple": true,
    ]
    change(&claim)
    return try #require(DeepLinkingSettings(claim))
  }

  static func response(_ items: [ResourceLinkItem], _ settings: DeepLinkingSettings) throws -> DeepLinkingResponse {
    try DeepLinkingResponse(
      issuer: try known(Issuer(Recorded.issuer)), clientID: try known(ClientID(Recorded.clientID)),
      deploymentID: try known(DeploymentID("1")), settings: settings, items: items)
  }

  /// Signs, verifies and reads the response.
  static func claims(_ items: [ResourceLinkItem], _ settings: DeepLinkingSettings) throws -> JSONObject {
    let key = try key.get()
    let token = try response(items, settings).signed(with: key, keyID: "tool-key-1", now: now)
    let jws = try JWS(compact: token)
    #expect(jws.keyID == "tool-key-1")
    try jws.verify(with: JWK(key.publicKey, kid: "tool-key-1"))
    return try jws.claims()
  }

  static func recorded(_ label: String) throws -> JSONValue {
    let responses = try #require(try Recorded.json("deeplink_responses").arrayValue)
    return try #require(responses.first { $0["label"]?.stringValue == label })
  }

  static let photo = ResourceLinkItem(
    title: "Grain « Photosynthèse »", text: "Un texte é", custom: [("grain", "photo-1"), ("niveau", "6e")],
    lineItem: .init(scoreMaximum: 20, label: "Note photo", resourceID: "photo-1", tag: "quiz"))

  @Test("a real Moodle's request is read whole")
  func recordedRequest() throws {
    let message = try Recorded.accept("deeplink_launch_teacher1")
    #expect(message.messageType == .deepLinking)
    #expect(message.resourceLink == nil)
    let settings = try #require(message.deepLinkingSettings)
    #expect(
      settings.returnURL.description
        == "http://127.0.0.1:8090/mod/lti/contentitem_return.php?course=2&id=1&sesskey=B5CvxxfLaA")
    #expect(settings.acceptTypes == ["ltiResourceLink"] && settings.acceptsResourceLinks)
    #expect(settings.acceptPresentationDocumentTargets == ["frame", "iframe", "window"])
    #expect(settings.acceptMultiple && !settings.autoCreate && settings.acceptLineItem == nil)
    #expect(settings.title == "Mon titre" && settings.text == "Mon texte" && settings.data == nil)
    #expect(try Recorded.accept("launch13_teacher1").deepLinkingSettings == nil)
  }

  @Test("a response is, but for times and nonce, the one that a real Moodle took")
  func recordedResponses() throws {
    let settings = try #require(try Recorded.accept("deeplink_launch_teacher1").deepLinkingSettings)
    let sent: [(String, [ResourceLinkItem])] = [
      ("without url and lineItem", [ResourceLinkItem(title: "Sans url", custom: [("grain", "b")])]), ("zero item", []),
    ]
    for (label, items) in sent {
      let recorded = try Self.recorded(label)
      var expected = try #require(recorded["claims"]?.objectValue)
      var claims = try Self.claims(items, settings)
      for name in ["iat", "exp", "nonce"] {
        #expect(expected[name] != nil && claims[name] != nil)
        expected[name] = nil
        claims[name] = nil
      }
      #expect(claims == expected, "\(label)")
    }
  }

  @Test("a link carries title, text, parameters and line item as Moodle understood them, and no url")
  func recordedItem() throws {
    let settings = try #require(try Recorded.accept("deeplink_launch_teacher1").deepLinkingSettings)
    let recorded = try #require(
      try Self.recorded("one ltiResourceLink with lineItem")["claims"]?[Self.itemsClaim]?.arrayValue?.first)
    var expected = try #require(recorded.objectValue)
    for name in ["url", "icon", "iframe"] { expected[name] = nil }
    let items = try #require(try Self.claims([Self.photo, Self.photo], settings)[Self.itemsClaim]?.arrayValue)
    #expect(items == [.object(expected), .object(expected)])
    // What became of the url: Moodle lost the tool. Without one it knew it.
    let lost = try #require(try Self.recorded("one ltiResourceLink with lineItem")["returned_to_form"]?.stringValue)
    let kept = try #require(try Self.recorded("without url and lineItem")["returned_to_form"]?.stringValue)
    #expect(try JSONValue(parsing: lost)["typeid"] == 0)
    #expect(try JSONValue(parsing: kept)["typeid"] == "1")
  }

  @Test("the response is for the platform, in the tool's name, and lives five minutes")
  func times() throws {
    let settings = try Self.settings()
    let claims = try Self.claims([], settings)
    #expect(claims["iss"] == .string(Recorded.clientID))
    #expect(claims["aud"] == .string(Recorded.issuer))
    #expect(claims["iat"]?.intValue == Self.now.seconds - 5)
    #expect(claims["exp"]?.intValue == Self.now.seconds + 300)
    let nonces = try (1...2).map { _ in try Self.claims([], settings)["nonce"]?.stringValue }
    #expect(nonces[0] != nonces[1] && nonces[0]?.utf8.count == 22)
    let fixed = try Self.response([], settings).signed(with: Self.key.get(), keyID: "k", now: Self.now) { count in
      [UInt8](repeating: 0, count: count)
    }
    #expect(try JWS(compact: fixed).claims()["nonce"] == "AAAAAAAAAAAAAAAAAAAAAA")
  }

  @Test("data comes back as it was sent, an empty one too, and not at all when none was")
  func data() throws {
    for data in ["csrftoken:c7fbba78", "", " {\"é\":[1]}\n", "\u{0}"] {
      let settings = try Self.settings { $0["data"] = .string(data) }
      #expect(try Self.claims([], settings)[Self.dataClaim] == .string(data))
    }
    #expect(try Self.claims([], try Self.settings())[Self.dataClaim] == nil)
    #expect(try Self.claims([], try Self.settings { $0["data"] = 5 })[Self.dataClaim] == nil)
  }

  @Test("what the request does not take is not returned; cancelling always is")
  func refusals() throws {
    let single = try Self.settings { $0["accept_multiple"] = nil }
    #expect(throws: DeepLinkingRefusal.tooManyItems) { try Self.response([Self.photo, Self.photo], single) }
    #expect(try Self.response([Self.photo], single).items.count == 1)
    let files = try Self.settings { $0["accept_types"] = ["file", "LTIResourceLink"] }
    #expect(throws: DeepLinkingRefusal.typeNotAccepted) { try Self.response([Self.photo], files) }
    #expect(try Self.response([], files).items.isEmpty)
    #expect(DeepLinkingRefusal.tooManyItems.code == "deep_linking_too_many_items")
    #expect(DeepLinkingRefusal.typeNotAccepted.code == "deep_linking_type_not_accepted")
  }

  @Test("no line item is offered where the platform wants none, nor one out of nothing")
  func lineItems() throws {
    let settings = try Self.settings { $0["accept_lineitem"] = false }
    let item = try #require(try Self.claims([Self.photo], settings)[Self.itemsClaim]?.arrayValue?.first)
    #expect(item["lineItem"] == nil && item["title"]?.stringValue == "Grain « Photosynthèse »")
    for maximum in [0, -1, .nan, .infinity] { #expect(ResourceLinkItem.LineItem(scoreMaximum: maximum) == nil) }
    let bare = ResourceLinkItem(title: "x", custom: [], lineItem: .init(scoreMaximum: 7.5))
    let claims = try Self.claims([bare], try Self.settings())
    #expect(
      claims[Self.itemsClaim] == [["type": "ltiResourceLink", "title": "x", "lineItem": ["scoreMaximum": 7.5]]])
  }

  @Test("settings survive being kept, and without a usable return URL there are none")
  func keeping() throws {
    let platform = try SigningPlatform.shared.get()
    for data in [nil, "", "x"] as [String?] {
      let settings = try Self.settings {
        $0["data"] = data.map { .string($0) }
        $0["accept_lineitem"] = true
        $0["title"] = "Titre"
      }
      #expect(DeepLinkingSettings(settings.claim) == settings)
    }
    for address in ["javascript:alert(1)", "", "/return", "ftp://a.example/"] {
      let message = try platform.launch {
        $0[Name.messageType] = "LtiDeepLinkingRequest"
        $0["https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"] = [
          "deep_link_return_url": .string(address), "accept_types": ["ltiResourceLink"],
        ]
      }
      #expect(message.deepLinkingSettings == nil)
    }
  }

  @Test("settings do not show the return URL nor the data")
  func silence() throws {
    let settings = try Self.settings { $0["data"] = "opaque-data" }
    var dumped = ""
    dump(settings, to: &dumped)
    for text in ["\(settings)", String(reflecting: settings), dumped] {
      #expect(!text.contains("sesskey") && !text.contains("opaque-data"))
    }
  }
}
