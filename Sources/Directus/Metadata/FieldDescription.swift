import Wire

/// How Directus shows one column of a collection, or something that has no column: a list of related rows, a group.
package struct FieldDescription: Equatable, Sendable {
  /// The share of a row that the field takes in a form.
  package enum Width: String, Sendable {
    case half
    case full
  }

  /// What Directus itself refuses before the database does, and how it says it.
  package struct Rule: Equatable, Sendable {
    /// A filter (Directus's rule syntax) that a value must meet.
    package let filter: JSONValue
    /// What a person reads when it does not.
    package let message: Words
  }

  /// The column's name, or the alias.
  package let name: String
  /// What Directus does with the value, in its own words: `uuid`, `m2o`, `o2m`, …; nil for nothing special.
  package let special: String?
  /// The input: `input`, `select-dropdown`, ….
  package let interface: String
  /// The input's options.
  package var options: JSONObject = [:]
  /// How a value looks in a table: as it is, unless said otherwise.
  package var display = "raw"
  /// The display's options.
  package var displayOptions: JSONObject = [:]
  /// Whether the form only shows it.
  package var isReadOnly = false
  /// Whether the form leaves it out.
  package var isHidden = false
  /// Whether the form insists on a value.
  package var isRequired = false
  /// The share of a row in the form.
  package var width: Width = .full
  /// What people call it.
  package let label: Words
  /// What people should know about it.
  package var note: Words?
  /// What Directus refuses in words.
  package var rule: Rule?
  /// The values that the database accepts, with what people call them.
  package var choices: [Choice] = []
  /// What is otherwise while the row is in some state.
  package var conditions: [Condition] = []
  /// Of the choices, those that the input offers of its own accord; nil for all.
  package var offered: [String]?
  /// The group of fields that it is folded into.
  package var group: String?

  /// A field of this kind.
  package init(_ name: String, special: String? = nil, interface: String = "input", _ label: Words) {
    self.name = name
    self.special = special
    self.interface = interface
    self.label = label
  }

  /// Whether a column stands behind it.
  package var hasColumn: Bool { special != "o2m" && special?.hasPrefix("alias") != true }
}

extension FieldDescription {
  /// How the form shows the field while the row is in some state.
  package struct Condition: Equatable, Sendable {
    /// What Directus's data model calls it.
    package let name: String
    /// A filter (Directus's rule syntax) that the row meets then.
    package let rule: JSONValue
    /// Whether the form only shows it.
    package let isReadOnly: Bool
    /// Of the choices, those that the input offers then; nil for those that it offers anyway. Directus 10 merges them with these by
    /// their places, so that these must be fewer.
    package let offered: [String]?
  }
}

/// One value of a status and its coloured label.
package struct Choice: Equatable, Sendable {
  /// The colours of a label, chosen to be read on light and dark themes alike.
  package enum Tone: Sendable {
    case good
    case underway
    case waiting
    case bad
    case quiet

    var foreground: String {
      switch self {
      case .good: "#0B5B3B"
      case .underway: "#1F4E8C"
      case .waiting: "#7A4B00"
      case .bad: "#8B1A1A"
      case .quiet: "#4F5464"
      }
    }

    var background: String {
      switch self {
      case .good: "#D1F2E1"
      case .underway: "#D9E8FB"
      case .waiting: "#FCEBC8"
      case .bad: "#FBDCDC"
      case .quiet: "#ECEEF2"
      }
    }
  }

  /// As the database holds it.
  package let value: String
  /// As people call it.
  package let words: Words
  /// Its colours.
  package let tone: Tone

  /// A value, its words and its colours.
  package init(_ value: String, _ words: Words, _ tone: Tone) {
    self.value = value
    self.words = words
    self.tone = tone
  }
}
