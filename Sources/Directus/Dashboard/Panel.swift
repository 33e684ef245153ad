import Wire

/// A panel of the dashboard, before it has a place.
struct Panel: Equatable, Sendable {
  /// What tells it from the others.
  let id: String
  /// What people read over it. Directus does not translate it: it is written in the instance's language.
  let name: Words
  /// A Material icon.
  let icon: String
  /// `#RRGGBB`; nil for the theme's.
  let color: String?
  /// The kind: `metric`, `time-series`, `bar-chart`, `list`.
  let type: String
  /// In cells of 20 pixels.
  let width: Int
  let height: Int
  /// The collection that it is drawn from: one that a trainer reads.
  let collection: String
  /// The kind's own options, without the collection.
  let options: JSONObject
  /// Further collections whose rows it names.
  var besides: Set<String> = []

  /// A number, and its colour when it is not 0.
  static func metric(
    _ id: String, _ name: Words, icon: String, color: String?, _ collection: String, _ function: String = "count",
    of field: String = "id", where filter: JSONValue? = nil, _ more: JSONObject = [:]
  ) -> Panel {
    var options: JSONObject = ["field": .string(field), "function": .string(function)]
    if let filter { options["filter"] = filter }
    for (key, value) in more.members { options[key] = value }
    return Panel(
      id: id, name: name, icon: icon, color: color, type: "metric", width: 12, height: 6, collection: collection,
      options: options)
  }

  /// Bars of what rows of another collection have in common, labelled by their titles (Directus 10 labels them by their ids).
  static func bars(
    _ id: String, _ name: Words, icon: String, color: String, _ collection: String, by link: String, in other: String,
    _ function: String, of field: String, decimals: Int, where filter: JSONValue
  ) -> Panel {
    let options: JSONObject = [
      "horizontal": true, "xAxis": .string(link), "xAxisDisplayField": "title", "yAxis": .string(field),
      "function": .string(function), "decimals": .number(Double(decimals)), "color": .string(color),
      "showAxisLabels": "both", "showDataLabel": true, "filter": filter,
    ]
    return Panel(
      id: id, name: name, icon: icon, color: color, type: "bar-chart", width: 26, height: 18, collection: collection,
      options: options, besides: [other])
  }

  /// Rows that lead to their forms.
  static func list(
    _ id: String, _ name: Words, icon: String, color: String, _ collection: String, _ template: String, sort: String,
    descending: Bool, height: Int = 18, besides: Set<String> = [], where filter: JSONValue? = nil
  ) -> Panel {
    var options: JSONObject = [
      "limit": 10, "sortField": .string(sort), "sortDirection": descending ? "desc" : "asc",
      "displayTemplate": .string(template), "linkToItem": true,
    ]
    if let filter { options["filter"] = filter }
    return Panel(
      id: id, name: name, icon: icon, color: color, type: "list", width: 26, height: height, collection: collection,
      options: options, besides: besides)
  }

  /// The row of `directus_panels`, without its dashboard, which has its id from the database.
  func row(x: Int, y: Int, _ language: Language) -> MetadataRow {
    var options: JSONObject = ["collection": .string(collection)]
    for (key, value) in self.options.members { options[key] = value }
    return MetadataRow(
      .panels, key: "\(Dashboard.key): \(id)",
      [
        "key": .string("\(Dashboard.key): \(id)"), "dashboard": .string(Dashboard.key), "name": .string(name[language]),
        "icon": .string(icon), "color": color.map(JSONValue.string) ?? .null, "show_header": true,
        "type": .string(type), "position_x": .number(Double(x)), "position_y": .number(Double(y)),
        "width": .number(Double(width)), "height": .number(Double(height)), "options": .object(options),
      ])
  }
}
