import LTI
import Testing
import Wire

/// A platform of LTI 1.1 that signs what a test wants, at a fixed time, for a fixed URL.
struct SigningConsumer {
  static let secret = "s3cret-é&+11"
  static let now = Instant(seconds: 1_795_397_365)

  var secret = Self.secret
  var method = OAuth1.SignatureMethod.hmacSHA1
  var timestamp = Self.now.seconds

  static func launchURL(_ query: String = "") throws -> WebURL {
    try #require(WebURL("https://lti.example.org/passerelle/lti/launch" + query))
  }

  /// A launch as a platform sends it, to be changed before it is signed.
  static var validParameters: [(name: String, value: String)] {
    [
      ("lti_message_type", "basic-lti-launch-request"), ("lti_version", "LTI-1p0"),
      ("resource_link_id", "link-1"), ("resource_link_title", "Grains d’été"), ("user_id", "292832126"),
      ("roles", "Learner"), ("context_id", "456434513"), ("context_label", "SI182"), ("context_title", "Design"),
      ("lis_person_name_full", "Anaïs Bœuf"), ("lis_person_name_given", "Anaïs"), ("lis_person_name_family", "Bœuf"),
      ("lis_person_contact_email_primary", "anais@example.org"), ("launch_presentation_locale", "fr-FR"),
      ("launch_presentation_return_url", "https://lms.example.org/return?course=2&sesskey=abc"),
      ("tool_consumer_instance_guid", "lms.example.org"), ("custom_module", "photo"),
    ]
  }

  /// The form of these parameters, with OAuth's own and the signature added.
  func signed(_ parameters: [(name: String, value: String)], for url: WebURL? = nil) throws -> Form {
    var items = parameters
    items += [
      ("oauth_version", "1.0"), ("oauth_nonce", "3b0835432025008e"), ("oauth_timestamp", String(timestamp)),
      ("oauth_consumer_key", "cle11"), ("oauth_callback", "about:blank"),
      ("oauth_signature_method", method.rawValue),
    ]
    let target = try url ?? Self.launchURL()
    let baseString = OAuth1.signatureBaseString(method: "POST", url: target, parameters: items)
    items.append(("oauth_signature", OAuth1.signature(of: baseString, method: method, secret: secret)))
    return Form(items: items)
  }

  /// The form of the valid parameters after a change; nil removes one.
  func signed(_ changes: [String: String?] = [:]) throws -> Form {
    var parameters = Self.validParameters
    for (name, value) in changes {
      parameters.removeAll { $0.name == name }
      if let value { parameters.append((name, value)) }
    }
    return try signed(parameters)
  }

  static func verify(_ form: Form, now: Instant = now) throws -> LaunchMessage {
    try Launch11Request(form: form).verify(secret: secret, launchURL: launchURL(), now: now)
  }
}

extension Form {
  /// The form with one field's value replaced, in its place; nil removes it.
  func replacing(_ name: String, _ value: String?) -> Form {
    Form(
      items: items.compactMap { item in
        item.name == name ? value.map { (name, $0) } : item
      })
  }

  func adding(_ name: String, _ value: String) -> Form { Form(items: items + [(name, value)]) }
}
