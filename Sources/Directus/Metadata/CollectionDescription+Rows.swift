import Wire

extension CollectionDescription {
  /// The row of `directus_collections`.
  func row(sort: Int, in folder: String) -> MetadataRow {
    var values: JSONObject = [
      "collection": .string(name), "icon": .string(icon), "color": .string(color),
      "note": .string("\(note.french) / \(note.english)"), "display_template": .string(template), "hidden": false,
      "singleton": false,
      "translations": Language.translations([
        ("translation", noun.title), ("singular", noun.singular), ("plural", noun.plural),
      ]),
      "archive_app_filter": true, "accountability": .string(accountability.rawValue),
      "sort": .number(Double(sort)), "group": .string(folder), "collapse": "open",
    ]
    if isArchived {
      values["archive_field"] = "status"
      values["archive_value"] = "archived"
      values["unarchive_value"] = "active"
    }
    if isSorted { values["sort_field"] = "sort" }
    return MetadataRow(.collections, key: name, values)
  }

  /// The rows of `directus_fields`, without lists of collections that are not among these.
  func fieldRows(among names: Set<String>, _ learners: AdoptedLearners?) -> [MetadataRow] {
    shownFields(among: names, learners).enumerated().map { index, field in field.row(in: name, sort: index + 1) }
  }

  /// What the fields' notes, messages and choices, and the names of bookmarks say.
  func phrases(among names: Set<String>, _ learners: AdoptedLearners?) -> [Phrase] {
    shownFields(among: names, learners).flatMap { $0.phrases(in: name) } + bookmarks.map { $0.phrase(in: name) }
  }

  private func shownFields(among names: Set<String>, _ learners: AdoptedLearners?) -> [FieldDescription] {
    fields.filter { $0.special != "o2m" || Metadata.isListed(name, $0.name, among: names) }
      .map { field in
        let isLink = field.special == "m2o" && learners?.holds(name, field.name) != true
        return !isLink || Metadata.isLinked(name, field.name, among: names) ? field : field.unlinked
      }
  }

  /// The rows of `directus_presets`: the columns that everybody sees at first, and the bookmarks. Of a column that is there in both
  /// languages they have the instance's, because everybody has the same table.
  func presetRows(_ language: Language) -> [MetadataRow] {
    [preset(table.speaking(language), key: name, [:])]
      + bookmarks.map {
        preset(
          $0.table.speaking(language), key: "\(name): $t:\($0.phrase(in: name).key)",
          [
            "bookmark": $0.phrase(in: name).reference, "icon": .string($0.icon), "color": .string($0.color),
            "filter": $0.filter,
          ])
      }
  }

  private func preset(_ table: Table, key: String, _ more: JSONObject) -> MetadataRow {
    let widths = JSONObject(
      table.columns.compactMap { column in table.widths[column].map { (column, .number(Double($0))) } })
    var values: JSONObject = [
      "collection": .string(name), "layout": "tabular",
      "layout_query": [
        "tabular": [
          "fields": .array(table.columns.map(JSONValue.string)), "sort": .array(table.order.map(JSONValue.string)),
        ]
      ],
      "layout_options": ["tabular": ["widths": .object(widths)]], "icon": "bookmark",
    ]
    for (name, value) in more.members { values[name] = value }
    return MetadataRow(.presets, key: key, values)
  }
}

extension CollectionDescription.Table {
  /// With the refusals of Moodle in that language.
  fileprivate func speaking(_ language: Language) -> Self {
    func spoken(_ column: String) -> String {
      column == "last_error_fr" && language == .english ? "last_error" : column
    }
    return Self(
      columns: columns.map(spoken), order: order,
      widths: Dictionary(widths.map { (spoken($0.key), $0.value) }, uniquingKeysWith: max))
  }
}

extension FieldDescription {
  /// The field where what it points to is somebody else's collection: the bare key.
  fileprivate var unlinked: FieldDescription {
    var field = FieldDescription(name, label)
    field.isReadOnly = isReadOnly
    field.isRequired = isRequired
    field.width = width
    field.note = note
    field.options["font"] = "monospace"
    return field
  }

  /// The row of `directus_fields`.
  func row(in collection: String, sort: Int) -> MetadataRow {
    var options = self.options
    var displayOptions = self.displayOptions
    let phrases = choicePhrases(in: collection)
    func offer(_ values: [String]?) -> JSONValue {
      // In the order in which they are named: the state first, then what it can become.
      let offered = values.map { values in values.compactMap { value in phrases.first { $0.choice.value == value } } }
      return .array(
        (offered ?? phrases).map {
          ["text": $1.reference, "value": .string($0.value), "color": .string($0.tone.foreground)]
        })
    }
    if !choices.isEmpty {
      options["choices"] = offer(offered)
      displayOptions["choices"] = .array(
        phrases.map {
          [
            "text": $1.reference, "value": .string($0.value), "foreground": .string($0.tone.foreground),
            "background": .string($0.tone.background),
          ]
        })
    }
    let conditions = self.conditions.map { condition -> JSONValue in
      [
        "name": .string(condition.name), "rule": condition.rule, "readonly": .bool(condition.isReadOnly),
        "hidden": false,
        "required": false, "options": condition.offered.map { ["choices": offer($0)] } ?? [:],
      ]
    }
    let values: JSONObject = [
      "collection": .string(collection), "field": .string(name), "special": special.map(JSONValue.string) ?? .null,
      "interface": .string(interface), "options": options.isEmpty ? .null : .object(options),
      "display": .string(display),
      "display_options": displayOptions.isEmpty ? .null : .object(displayOptions), "readonly": .bool(isReadOnly),
      "hidden": .bool(isHidden), "sort": .number(Double(sort)), "width": .string(width.rawValue),
      "translations": Language.translations([("translation", label)]),
      "note": notePhrase(in: collection)?.reference ?? .null, "required": .bool(isRequired),
      "group": group.map(JSONValue.string) ?? .null, "validation": rule?.filter ?? .null,
      "validation_message": rulePhrase(in: collection)?.reference ?? .null,
      "conditions": conditions.isEmpty ? .null : .array(conditions),
    ]
    return MetadataRow(.fields, key: "\(collection).\(name)", values)
  }
}

extension RelationDescription {
  /// The row of `directus_relations`.
  var row: MetadataRow {
    MetadataRow(
      .relations, key: "\(manyCollection).\(manyField)",
      [
        "many_collection": .string(manyCollection), "many_field": .string(manyField),
        "one_collection": .string(oneCollection), "one_field": oneField.map(JSONValue.string) ?? .null,
        "sort_field": sortField.map(JSONValue.string) ?? .null,
        "one_deselect_action": .string(deselection.rawValue),
      ])
  }
}
