import LTI
import Testing
import Wire

@Suite("Refusals of an LTI 1.1 launch")
struct Launch11RefusalTests {
  /// Each refusal, its code, and whether the platform is proven to have sent the message.
  static let codes: [(Launch11Refusal, String, Bool)] = [
    (.parameterMissing("oauth_nonce"), "launch11_parameter_missing", false),
    (.parameterDuplicate("oauth_nonce"), "launch11_parameter_duplicate", false),
    (.parameterInvalid("oauth_nonce"), "launch11_parameter_invalid", false),
    (.oauthVersionUnsupported, "launch11_oauth_version_unsupported", false),
    (.signatureMethodUnsupported, "launch11_signature_method_unsupported", false),
    (.consumerKeyUnknown, "launch11_consumer_key_unknown", false),
    (.signatureInvalid, "launch11_signature_invalid", false),
    (.timestampRefused, "launch11_timestamp_refused", true), (.nonceUsed, "launch11_nonce_used", true),
    (.messageParameterDuplicate("user_id"), "launch11_message_parameter_duplicate", true),
    (.messageTypeMissing, "launch11_message_type_missing", true),
    (.messageTypeUnknown, "launch11_message_type_unknown", true),
    (.versionUnsupported, "launch11_version_unsupported", true),
    (.resourceLinkMissing, "launch11_resource_link_missing", true), (.userMissing, "launch11_user_missing", true),
  ]

  @Test("each has its own stable code, and sends back only after the proof", arguments: codes)
  func code(refusal: Launch11Refusal, code: String, comesAfterProof: Bool) throws {
    #expect(refusal.code == code)
    #expect("\(refusal)" == refusal.logLine)
    #expect(refusal.logLine.hasPrefix(code))
    #expect(refusal.comesAfterProof == comesAfterProof)
    let request = try Launch11Request(form: try SigningConsumer().signed())
    let back = request.returnURL(after: refusal, errorMessage: "Accès refusé & fin", errorLog: code)
    #expect(
      back?.description
        == (comesAfterProof
          ? "https://lms.example.org/return?course=2&sesskey=abc&lti_errormsg=Acc%C3%A8s+refus%C3%A9+%26+fin&lti_errorlog=\(code)"
          : nil))
  }

  /// Faults in the order in which they must be found; those before the signature need no secret.
  static let faults: [(Launch11Refusal, @Sendable (Form) -> Form)] = [
    (.parameterMissing("oauth_consumer_key"), { $0.replacing("oauth_consumer_key", nil) }),
    (.oauthVersionUnsupported, { $0.replacing("oauth_version", "2.0") }),
    (.parameterMissing("oauth_signature_method"), { $0.replacing("oauth_signature_method", nil) }),
    (.parameterMissing("oauth_signature"), { $0.replacing("oauth_signature", nil) }),
    (.parameterMissing("oauth_timestamp"), { $0.replacing("oauth_timestamp", nil) }),
    (.parameterMissing("oauth_nonce"), { $0.replacing("oauth_nonce", nil) }),
    (.signatureInvalid, { $0.replacing("oauth_signature", "9+KxQvoLVq2Z2UmwJlSg0ivon7c=") }),
  ]

  @Test("the proof's own parameters are judged in order, all before any of the message", arguments: faults.indices)
  func proofOrder(first: Int) throws {
    var form = try SigningConsumer(timestamp: 1).signed(["resource_link_id": nil, "lti_version": "LTI-2p0"])
    for fault in Self.faults[first...].reversed() { form = fault.1(form) }
    #expect(throws: Self.faults[first].0) { try SigningConsumer.verify(form) }
  }

  static let messageFaults: [(Launch11Refusal, [String: String?])] = [
    (.messageTypeMissing, ["lti_message_type": nil]), (.messageTypeUnknown, ["lti_message_type": "basic-lti"]),
    (.versionUnsupported, ["lti_version": nil]), (.resourceLinkMissing, ["resource_link_id": nil]),
    (.userMissing, ["user_id": nil]),
  ]

  @Test("a message is judged in order: type, version, resource link, user", arguments: messageFaults.indices)
  func messageOrder(first: Int) throws {
    var changes: [String: String?] = [:]
    for fault in Self.messageFaults[first...].reversed() { changes.merge(fault.1) { $1 } }
    #expect(throws: Self.messageFaults[first].0) { try SigningConsumer.verify(try SigningConsumer().signed(changes)) }
  }

  @Test("an old launch is refused for its age whatever else is wrong with it, a forged old one for its signature")
  func ageBeforeMessage() throws {
    let form = try SigningConsumer(timestamp: 1_795_000_000).signed(["lti_message_type": nil])
    #expect(throws: Launch11Refusal.timestampRefused) { try SigningConsumer.verify(form) }
    #expect(throws: Launch11Refusal.signatureInvalid) { try SigningConsumer.verify(form.replacing("user_id", "1")) }
  }

  @Test("a parameter of the proof sent twice is refused, even with one value")
  func duplicateProof() throws {
    let form = try SigningConsumer().signed()
    for name in [
      "oauth_consumer_key", "oauth_version", "oauth_signature_method", "oauth_signature", "oauth_timestamp",
      "oauth_nonce",
    ] {
      #expect(throws: Launch11Refusal.parameterDuplicate(name)) {
        try Launch11Request(form: form.adding(name, form.first(name) ?? ""))
      }
    }
  }

  @Test("a parameter of the message that this tool reads is refused when the platform signed it twice")
  func duplicateMessage() throws {
    for name in ["user_id", "resource_link_id", "roles", "lti_version", "launch_presentation_return_url"] {
      let twice = SigningConsumer.validParameters + [(name, "other")]
      let form = try SigningConsumer().signed(twice)
      #expect(throws: Launch11Refusal.messageParameterDuplicate(name)) { try SigningConsumer.verify(form) }
    }
    // Two return URLs are none.
    let form = try SigningConsumer().signed(
      SigningConsumer.validParameters + [("launch_presentation_return_url", "https://evil.example/")])
    #expect(
      try Launch11Request(form: form).returnURL(
        after: .messageParameterDuplicate("launch_presentation_return_url"), errorMessage: "x") == nil)
  }

  @Test("PLAINTEXT, RSA and misspelt signature methods are refused")
  func methods() throws {
    let form = try SigningConsumer().signed()
    for method in ["PLAINTEXT", "RSA-SHA1", "hmac-sha1", "HMAC-SHA512", "HMAC-SHA1 "] {
      #expect(throws: Launch11Refusal.signatureMethodUnsupported) {
        try Launch11Request(form: form.replacing("oauth_signature_method", method))
      }
    }
  }

  @Test("timestamps that are no positive number, and names that cannot be stored, are refused")
  func unusable() throws {
    let form = try SigningConsumer().signed()
    for timestamp in ["0", "-5", "+1795397365", "1795397365.5", " 1795397365", "1e9", "9999999999999999", "١٢٣"] {
      #expect(throws: Launch11Refusal.parameterInvalid("oauth_timestamp")) {
        try Launch11Request(form: form.replacing("oauth_timestamp", timestamp))
      }
    }
    for value in ["a\nb", String(repeating: "n", count: 256)] {
      for name in ["oauth_nonce", "oauth_consumer_key"] {
        #expect(throws: Launch11Refusal.parameterInvalid(name)) {
          try Launch11Request(form: form.replacing(name, value))
        }
      }
    }
  }

  @Test("signatures that are not the one are refused, however they are cut or spelt")
  func signatures() throws {
    let form = try SigningConsumer().signed()
    let signature = try #require(form.first("oauth_signature"))
    for other in [
      String(signature.dropLast()), signature + "=", signature.lowercased(), " " + signature, "=", "AAAA",
      String(repeating: "A", count: 100_000), "é",
    ] {
      #expect(throws: Launch11Refusal.signatureInvalid) {
        try SigningConsumer.verify(form.replacing("oauth_signature", other))
      }
    }
  }

  @Test("the browser is sent to http and https addresses only")
  func returnAddresses() throws {
    for address in [
      "javascript:alert(1)", "//evil.example/", "/relative", "data:text/html,x", "https://user@evil.example/", "", " ",
    ] {
      let request = try Launch11Request(
        form: try SigningConsumer().signed(["launch_presentation_return_url": address, "user_id": nil]))
      #expect(request.returnURL(after: .userMissing, errorMessage: "x") == nil)
    }
  }
}
