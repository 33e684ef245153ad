import Learning
import Wire

/// How Directus shows one collection.
public struct CollectionDescription: Equatable, Sendable {
  /// What a collection's rows are called.
  public struct Noun: Equatable, Sendable {
    /// As a title: “Learners”.
    public let title: Words
    /// In a sentence, one of them: “learner”.
    public let singular: Words
    /// In a sentence, several of them: “learners”.
    public let plural: Words
  }

  /// What Directus writes of what people do to the rows. What this program writes by SQL is in neither.
  public enum Accountability: String, Sendable {
    /// Who changed what, and every former state, to which a row can be taken back.
    case all
    /// Who changed what. There is no taking back: the state that Directus saved last may be older than what the learner
    /// has done since, and would undo it.
    case activity
  }

  /// The table's name.
  public let name: String
  /// A Material icon.
  public let icon: String
  /// `#RRGGBB`.
  public let color: String
  /// What the rows are called.
  public let noun: Noun
  /// What the collection is for, for whoever administers Directus; that page does not translate.
  public let note: Words
  /// How a row is called where one is mentioned, in Directus's template syntax.
  public let template: String
  /// Whether rows are put away (status `archived`) instead of deleted.
  public let isArchived: Bool
  /// Whether people put the rows in order by hand (column `sort`).
  public let isSorted: Bool
  /// What Directus writes of changes.
  public let accountability: Accountability
  /// The columns, the lists of related rows and the groups, in the order of the form.
  public let fields: [FieldDescription]
  /// The columns of the table that everybody sees who has not chosen others, and what it is ordered by.
  public let table: Table
  /// Further tables with a name and a filter.
  public let bookmarks: [Bookmark]

  /// Columns of a table and its order.
  public struct Table: Equatable, Sendable {
    /// Fields, from the left.
    public let columns: [String]
    /// Fields, `-` before those that go down.
    public let order: [String]
    /// The widths of columns, in pixels, where the usual one is too narrow.
    public let widths: [String: Int]
  }

  /// A table under a name of its own.
  public struct Bookmark: Equatable, Sendable {
    /// What the list of bookmarks shows. Directus keeps one text for all languages.
    public let name: String
    /// A Material icon.
    public let icon: String
    /// `#RRGGBB`.
    public let color: String
    /// Directus's rule syntax.
    public let filter: JSONValue
    /// What it shows.
    public let table: Table
  }
}

/// A many-to-one link between two collections, with the list on its other side, where there is one.
public struct RelationDescription: Equatable, Sendable {
  /// What happens to a row that is taken out of the list.
  public enum Deselection: String, Sendable {
    /// It stays and belongs to nobody.
    case nullify
    /// It goes: the column cannot be empty.
    case delete
  }

  /// The collection with the column.
  public let manyCollection: String
  /// The column.
  public let manyField: String
  /// The collection it points to.
  public let oneCollection: String
  /// The list there; nil where there is none.
  public let oneField: String?
  /// What happens to a row that is taken out of the list.
  public let deselection: Deselection
  /// The column by which the list is put in order by hand.
  public let sortField: String?
}
