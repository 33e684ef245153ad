import Wire

/// The kinds of fields that the five collections have.
extension FieldDescription {
  /// The primary key: made by the database, of no interest to people.
  static func identifier() -> FieldDescription {
    var field = FieldDescription("id", special: "uuid", Words(fr: "Identifiant", en: "ID"))
    field.options["font"] = "monospace"
    field.note = Words(
      fr: "Donné par la base de données ; il ne change jamais.", en: "Given by the database; it never changes.")
    field.isReadOnly = true
    field.isHidden = true
    return field
  }

  /// When the row was made.
  static func dateCreated() -> FieldDescription {
    date(
      "date_created", special: "date-created", Words(fr: "Créé le", en: "Created on"),
      note: Words(fr: "Quand la ligne est apparue.", en: "When the row was made."))
  }

  /// When the row was last changed, by whatever program.
  static func dateUpdated() -> FieldDescription {
    date(
      "date_updated", special: "date-updated", Words(fr: "Modifié le", en: "Updated on"),
      note: Words(fr: "Le dernier changement, qui que ce soit qui l’ait fait.", en: "The last change, whoever made it.")
    )
  }

  private static func date(_ name: String, special: String, _ label: Words, note: Words) -> FieldDescription {
    var field = FieldDescription(name, special: special, interface: "datetime", label)
    field.options["includeSeconds"] = true
    field.note = note
    field.display = "datetime"
    field.displayOptions = ["relative": true]
    field.isReadOnly = true
    field.isHidden = true
    field.width = .half
    return field
  }

  /// A date and time that people read.
  static func moment(_ name: String, _ label: Words) -> FieldDescription {
    var field = FieldDescription(name, interface: "datetime", label)
    field.options["includeSeconds"] = false
    field.display = "datetime"
    field.displayOptions = ["relative": true]
    field.width = .half
    return field
  }

  /// A line of text.
  static func text(_ name: String, _ label: Words, icon: String? = nil) -> FieldDescription {
    var field = FieldDescription(name, label)
    field.options["trim"] = true
    if let icon { field.options["iconLeft"] = .string(icon) }
    return field
  }

  /// A name that goes into addresses.
  static func slug(_ label: Words) -> FieldDescription {
    var field = text("slug", label, icon: "link")
    field.options["font"] = "monospace"
    field.display = "formatted-value"
    field.displayOptions = ["font": "monospace"]
    field.isRequired = true
    field.width = .half
    field.rule = Rule(
      filter: ["_and": [["slug": ["_regex": "^[A-Za-z0-9][A-Za-z0-9._~-]{0,99}$"]]]],
      message: Words(
        fr: "100 caractères au plus : lettres sans accent, chiffres, « . », « _ », « ~ », « - », en commençant par une "
          + "lettre ou un chiffre.",
        en:
          "At most 100 characters: letters without accents, digits, “.”, “_”, “~”, “-”, beginning with a letter or digit."
      ))
    return field
  }

  /// A number with decimals, shown as people of the user's language write it.
  static func number(_ name: String, _ label: Words) -> FieldDescription {
    var field = FieldDescription(name, label)
    field.options["min"] = 0
    field.display = "formatted-value"
    field.displayOptions = ["format": true]
    field.width = .half
    return field
  }

  /// A whole number that only goes up.
  static func counter(_ name: String, _ label: Words, note: Words) -> FieldDescription {
    var field = FieldDescription(name, label)
    field.options["min"] = 0
    field.options["step"] = 1
    field.note = note
    return field
  }

  /// One of the values that the database accepts, as a coloured label.
  static func choice(_ name: String, _ label: Words, _ choices: [Choice]) -> FieldDescription {
    var field = FieldDescription(name, interface: "select-dropdown", label)
    field.display = "labels"
    field.choices = choices
    field.width = .half
    return field
  }

  /// The one row of another collection that the row belongs to.
  static func link(_ name: String, _ label: Words, template: String) -> FieldDescription {
    var field = FieldDescription(name, special: "m2o", interface: "select-dropdown-m2o", label)
    field.options = ["template": .string(template), "enableCreate": false]
    field.display = "related-values"
    field.displayOptions = ["template": .string(template)]
    field.width = .half
    return field
  }

  /// The rows of another collection that belong to the row, as a table. None can be taken from elsewhere: it would be
  /// taken from somebody.
  static func list(_ name: String, _ label: Words, columns: [String], template: String) -> FieldDescription {
    var field = FieldDescription(name, special: "o2m", interface: "list-o2m", label)
    field.options = [
      "layout": "table", "fields": .array(columns.map(JSONValue.string)), "enableCreate": true, "enableSelect": false,
    ]
    field.display = "related-values"
    field.displayOptions = ["template": .string(template)]
    return field
  }

  /// The row's place in an order made by hand: dragging sets it.
  static func order() -> FieldDescription {
    var field = FieldDescription("sort", Words(fr: "Ordre", en: "Order"))
    field.options["step"] = 1
    field.note = Words(fr: "Se règle en glissant les lignes dans la liste.", en: "Set by dragging rows in the list.")
    field.isHidden = true
    field.width = .half
    return field
  }

  /// The field is open only while another has a value.
  func open(while other: String, is value: String, _ name: String) -> FieldDescription {
    with {
      $0.conditions.append(
        Condition(
          name: name, rule: ["_and": [.object([other: ["_neq": .string(value)]])]], isReadOnly: true, offered: nil))
    }
  }

  /// Of all values only one can be chosen, and in some not even that; the others come by themselves.
  func choosing(only value: String, notIn closed: [String]) -> FieldDescription {
    with { field in
      field.offered = [value]
      for choice in field.choices.map(\.value) where !closed.contains(choice) && choice != value {
        field.conditions.append(
          Condition(
            name: choice, rule: ["_and": [.object([field.name: ["_eq": .string(choice)]])]], isReadOnly: false,
            offered: [choice, value]))
      }
      field.conditions.append(
        Condition(
          name: closed.joined(separator: ", "),
          rule: ["_and": [.object([field.name: ["_in": .array(closed.map(JSONValue.string))]])]], isReadOnly: true,
          offered: nil))
    }
  }

  /// Fields folded away until somebody opens them.
  static func folded(_ name: String, _ label: Words, icon: String) -> FieldDescription {
    var field = FieldDescription(name, special: "alias,no-data,group", interface: "group-detail", label)
    field.options = ["start": "closed", "headerIcon": .string(icon)]
    return field
  }

  /// The field with changes, for a description in one expression.
  func with(_ change: (inout FieldDescription) -> Void) -> FieldDescription {
    var field = self
    change(&field)
    return field
  }
}
