import Wire

/// A content item (LTI Deep Linking 2.0 §3.2) as Moodle turns it into the data of its activity form.
///
/// The item's type is not looked at: a plain link becomes an activity too. What an item says of frames and windows, and
/// a line item's label, are dropped.
struct ContentItemForm {
  private let item: JSONValue
  private let tool: Tool

  init(_ item: JSONValue, tool: Tool) {
    self.item = item
    self.tool = tool
  }

  private var title: String {
    guard let title = item["title"]?.stringValue, !title.isEmpty else { return tool.name }
    return title
  }

  private var maximum: Double { item["lineItem"]?["scoreMaximum"]?.doubleValue ?? 100 }

  private var custom: [(name: String, value: String)] {
    (item["custom"]?.objectValue?.members ?? []).map { ($0.key, $0.value.stringValue ?? $0.value.encoded) }
  }

  /// The data, member for member as Moodle hands it to the form.
  var json: JSONValue {
    var form: JSONObject = [
      "name": .string(title), "introeditor": ["text": .string(item["text"]?.stringValue ?? ""), "format": "2"],
    ]
    if let icon = item["icon"]?["url"]?.stringValue {
      form[icon.hasPrefix("https:") ? "secureicon" : "icon"] = .string(icon)
    }
    if let url = item["url"]?.stringValue {
      form["toolurl"] = .string(url)
      form["typeid"] = 0
    } else {
      form["typeid"] = .string(String(tool.typeID))
    }
    form["instructorchoiceacceptgrades"] = 1
    form["grade_modgrade_point"] = .number(maximum)
    if let lineItem = item["lineItem"] {
      form["lineitemresourceid"] = .string(lineItem["resourceId"]?.stringValue ?? "")
      form["lineitemtag"] = .string(lineItem["tag"]?.stringValue ?? "")
      form["lineitemsubreviewurl"] = ""
      form["lineitemsubreviewparams"] = ""
    }
    form["instructorchoicesendname"] = 0
    form["instructorchoicesendemailaddr"] = 0
    form["launchcontainer"] = 1
    if !custom.isEmpty {
      form["instructorcustomparameters"] = .string(custom.map { "\($0.name)=\($0.value)" }.joined(separator: "\n"))
    }
    form["selectcontentindicator"] =
      "<i class=\"icon fa fa-check text-success fa-fw \"  title=\"Yes\" role=\"img\" aria-label=\"Yes\"></i>Content selected"
    return .object(form)
  }

  /// The activity that the form would save: nothing is shared with the tool but what is always shared with it.
  var activity: Activity {
    let url = item["url"]?.stringValue
    return Activity(
      name: title, summary: item["text"]?.stringValue ?? "", toolURL: url, custom: custom, points: maximum,
      sendName: false, sendEmail: false, typeID: url == nil ? tool.typeID : 0,
      resourceID: item["lineItem"]?["resourceId"]?.stringValue ?? "", tag: item["lineItem"]?["tag"]?.stringValue ?? "")
  }
}
