import Wire

/// A column of the platform's gradebook (AGS 2.0 §3.2.6).
package struct LineItem: Equatable, Sendable {
  /// `id`: the line item's URL, query string included.
  package let id: WebURL
  /// The column's name.
  package let label: String
  /// What its scores are out of; above zero.
  package let scoreMaximum: Double
  /// The tool's own name for what is graded, when set.
  package let resourceID: String?
  /// The tool's own mark for the kind of column, when set.
  package let tag: String?
  /// The activity that the column belongs to, when it belongs to one.
  package let resourceLinkID: String?

  init?(_ members: JSONObject) {
    guard let id = members.url("id"), let maximum = members["scoreMaximum"]?.doubleValue, maximum > 0 else {
      return nil
    }
    self.id = id
    label = members["label"]?.stringValue ?? ""
    scoreMaximum = maximum
    resourceID = members.text("resourceId")
    tag = members.text("tag")
    resourceLinkID = members.text("resourceLinkId")
  }
}
