import Wire

/// What a platform asks for with a deep linking request (LTI Deep Linking 2.0 §4.4.1, claim `deep_linking_settings`).
package struct DeepLinkingSettings: Equatable, Sendable {
  /// `deep_link_return_url`: where the browser posts the response. Moodle puts a session key in its query: never log it.
  package let returnURL: WebURL
  /// `accept_types`: the types of content items that may be returned.
  package let acceptTypes: [String]
  /// `accept_presentation_document_targets`.
  package let acceptPresentationDocumentTargets: [String]
  /// `accept_multiple`: whether several items may be returned; one when the platform does not say.
  package let acceptMultiple: Bool
  /// `accept_lineitem`: whether the platform makes a line item of what an item says of one; nil when it does not say.
  package let acceptLineItem: Bool?
  /// `auto_create`: whether the platform keeps what is returned without asking the teacher again.
  package let autoCreate: Bool
  /// `title`: the platform's proposal, when sent.
  package let title: String?
  /// `text`: the platform's proposal, when sent.
  package let text: String?
  /// `data`: opaque; must come back unaltered when it was sent, an empty one too.
  package let data: String?

  /// Reads the claim, as it came or as `claim` gave it back; nil without an http or https return URL.
  package init?(_ claim: JSONObject) {
    guard let returnURL = claim.url("deep_link_return_url") else { return nil }
    self.returnURL = returnURL
    acceptTypes = claim.texts("accept_types") ?? []
    acceptPresentationDocumentTargets = claim.texts("accept_presentation_document_targets") ?? []
    acceptMultiple = claim["accept_multiple"]?.boolValue ?? false
    acceptLineItem = claim["accept_lineitem"]?.boolValue
    autoCreate = claim["auto_create"]?.boolValue ?? false
    title = claim.text("title")
    text = claim.text("text")
    data = claim["data"]?.stringValue
  }

  /// Whether a link to this tool may be returned.
  package var acceptsResourceLinks: Bool { acceptTypes.contains { sameBytes($0, "ltiResourceLink") } }

  /// The settings as a claim again, to keep between the request and the response.
  package var claim: JSONObject {
    var claim: JSONObject = [
      "deep_link_return_url": .string(returnURL.description),
      "accept_types": .array(acceptTypes.map { .string($0) }),
      "accept_presentation_document_targets": .array(acceptPresentationDocumentTargets.map { .string($0) }),
      "accept_multiple": .bool(acceptMultiple),
      "auto_create": .bool(autoCreate),
    ]
    claim["accept_lineitem"] = acceptLineItem.map { .bool($0) }
    claim["title"] = title.map { .string($0) }
    claim["text"] = text.map { .string($0) }
    claim["data"] = data.map { .string($0) }
    return claim
  }
}

extension DeepLinkingSettings: CustomStringConvertible, CustomReflectable {
  /// What is accepted; not the return URL, which holds a session key in Moodle, nor the data.
  package var description: String {
    "deep_linking_settings types=\(acceptTypes.map(loggable).joined(separator: ",")) multiple=\(acceptMultiple)"
  }

  /// Shows as little as `description`.
  package var customMirror: Mirror { Mirror(self, children: []) }
}
