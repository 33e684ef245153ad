/// The scopes of the Assignment and Grade Services (AGS 2.0 §3.1) and of their companions.
package enum AGSScope {
  /// Create, read, change and delete line items.
  package static var lineItem: String { "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem" }
  /// Read line items.
  package static var lineItemReadOnly: String { "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly" }
  /// Read results.
  package static var resultReadOnly: String { "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly" }
  /// Post scores.
  package static var score: String { "https://purl.imsglobal.org/spec/lti-ags/scope/score" }
}

/// The media types of the Assignment and Grade Services (AGS 2.0 §3.2 to §3.4).
///
/// Moodle compares `Accept` with one exact string and answers 400 to a list, a quality or `application/json`.
enum AGSMediaType {
  static var score: String { "application/vnd.ims.lis.v1.score+json" }
  static var resultContainer: String { "application/vnd.ims.lis.v2.resultcontainer+json" }
  static var lineItemContainer: String { "application/vnd.ims.lis.v2.lineitemcontainer+json" }
  static var lineItem: String { "application/vnd.ims.lis.v2.lineitem+json" }
}
