import Wire

/// A link to this tool that a teacher chose (LTI Deep Linking 2.0 §3.2, content item `ltiResourceLink`).
///
/// It has no `url`: Moodle would look for a tool by that address and lose which one this is.
package struct ResourceLinkItem: Equatable, Sendable {
  /// The gradebook column that goes with a link (LTI Deep Linking 2.0 §3.2, `lineItem`).
  package struct LineItem: Equatable, Sendable {
    /// What its scores are out of: finite, above zero.
    package let scoreMaximum: Double
    /// The column's name; the platform takes the link's title without one.
    package let label: String?
    /// The tool's own name for what is graded.
    package let resourceID: String?
    /// The tool's own mark for the kind of column.
    package let tag: String?

    /// Takes a line item; nil when the maximum is not one that a platform can store.
    package init?(scoreMaximum: Double, label: String? = nil, resourceID: String? = nil, tag: String? = nil) {
      guard scoreMaximum.isFinite, scoreMaximum > 0 else { return nil }
      self.scoreMaximum = scoreMaximum
      self.label = label
      self.resourceID = resourceID
      self.tag = tag
    }

    var json: JSONObject {
      var item: JSONObject = ["scoreMaximum": .number(scoreMaximum)]
      item["label"] = label.map { .string($0) }
      item["resourceId"] = resourceID.map { .string($0) }
      item["tag"] = tag.map { .string($0) }
      return item
    }
  }

  /// What the platform shows as the link's name.
  package let title: String
  /// Plain words about the link, when there are some.
  package let text: String?
  /// Custom parameters that come back with each launch of the link.
  package let custom: [(name: String, value: String)]
  /// The gradebook column, when the link is graded.
  package let lineItem: LineItem?

  /// A link; of a custom parameter given twice the last value counts.
  package init(title: String, text: String? = nil, custom: [(name: String, value: String)], lineItem: LineItem? = nil) {
    self.title = title
    self.text = text
    self.custom = custom
    self.lineItem = lineItem
  }

  func json(withLineItem: Bool) -> JSONObject {
    var item: JSONObject = ["type": "ltiResourceLink", "title": .string(title)]
    item["text"] = text.map { .string($0) }
    if !custom.isEmpty { item["custom"] = .object(JSONObject(custom.map { ($0.name, .string($0.value)) })) }
    if withLineItem { item["lineItem"] = lineItem.map { .object($0.json) } }
    return item
  }

  /// True when both say the same, custom parameters in the same order.
  package static func == (left: ResourceLinkItem, right: ResourceLinkItem) -> Bool {
    left.title == right.title && left.text == right.text && left.lineItem == right.lineItem
      && left.custom.elementsEqual(right.custom) { $0.name == $1.name && $0.value == $1.value }
  }
}
