import Learning
import Wire

/// How Directus shows one column of a collection, or something that has no column: a list of related rows, a group.
public struct FieldDescription: Equatable, Sendable {
  /// The share of a row that the field takes in a form.
  public enum Width: String, Sendable {
    case half
    case full
  }

  /// What Directus itself refuses before the database does, and how it says it.
  public struct Rule: Equatable, Sendable {
    /// A filter (Directus's rule syntax) that a value must meet.
    public let filter: JSONValue
    /// What a person reads when it does not.
    public let message: Words
  }

  /// The column's name, or the alias.
  public let name: String
  /// What Directus does with the value, in its own words: `uuid`, `m2o`, `o2m`, …; nil for nothing special.
  public let special: String?
  /// The input: `input`, `select-dropdown`, ….
  public let interface: String
  /// The input's options.
  public var options: JSONObject = [:]
  /// How a value looks in a table: as it is, unless said otherwise.
  public var display = "raw"
  /// The display's options.
  public var displayOptions: JSONObject = [:]
  /// Whether the form only shows it.
  public var isReadOnly = false
  /// Whether the form leaves it out.
  public var isHidden = false
  /// Whether the form insists on a value.
  public var isRequired = false
  /// The share of a row in the form.
  public var width: Width = .full
  /// What people call it.
  public let label: Words
  /// What people should know about it.
  public var note: Words?
  /// What Directus refuses in words.
  public var rule: Rule?
  /// The values that the database accepts, with what people call them.
  public var choices: [Choice] = []
  /// The group of fields that it is folded into.
  public var group: String?

  /// A field of this kind.
  public init(_ name: String, special: String? = nil, interface: String = "input", _ label: Words) {
    self.name = name
    self.special = special
    self.interface = interface
    self.label = label
  }

  /// Whether a column stands behind it.
  public var hasColumn: Bool { special != "o2m" && special?.hasPrefix("alias") != true }
}

/// One value of a status and its coloured label.
public struct Choice: Equatable, Sendable {
  /// The colours of a label, chosen to be read on light and dark themes alike.
  public enum Tone: Sendable {
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
  public let value: String
  /// As people call it.
  public let words: Words
  /// Its colours.
  public let tone: Tone

  /// A value, its words and its colours.
  public init(_ value: String, _ words: Words, _ tone: Tone) {
    self.value = value
    self.words = words
    self.tone = tone
  }
}
