import Wire

/// How Directus shows one collection.
package struct CollectionDescription: Equatable, Sendable {
  /// What a collection's rows are called.
  package struct Noun: Equatable, Sendable {
    /// As a title: “Learners”.
    package let title: Words
    /// In a sentence, one of them: “learner”.
    package let singular: Words
    /// In a sentence, several of them: “learners”.
    package let plural: Words
  }

  /// What Directus writes of what people do to the rows. What this program writes by SQL is in neither.
  package enum Accountability: String, Sendable {
    /// Who changed what, and every former state, to which a row can be taken back.
    case all
    /// Who changed what. There is no taking back: the state that Directus saved last may be older than what the learner
    /// has done since, and would undo it.
    case activity
  }

  /// The table's name.
  package let name: String
  /// A Material icon.
  package let icon: String
  /// `#RRGGBB`.
  package let color: String
  /// What the rows are called.
  package let noun: Noun
  /// What the collection is for, for whoever administers Directus; that page does not translate.
  package let note: Words
  /// How a row is called where one is mentioned, in Directus's template syntax.
  package let template: String
  /// Whether rows are put away (status `archived`) instead of deleted.
  package let isArchived: Bool
  /// Whether people put the rows in order by hand (column `sort`).
  package let isSorted: Bool
  /// What Directus writes of changes.
  package let accountability: Accountability
  /// The columns, the lists of related rows and the groups, in the order of the form.
  package let fields: [FieldDescription]
  /// The columns of the table that everybody sees who has not chosen others, and what it is ordered by.
  package let table: Table
  /// Further tables with a name and a filter.
  package let bookmarks: [Bookmark]

  /// Columns of a table and its order.
  package struct Table: Equatable, Sendable {
    /// Fields, from the left.
    package let columns: [String]
    /// Fields, `-` before those that go down.
    package let order: [String]
    /// The widths of columns, in pixels, where the usual one is too narrow.
    package let widths: [String: Int]
  }

  /// A table under a name of its own.
  package struct Bookmark: Equatable, Sendable {
    /// What tells it from the collection's others.
    package let id: String
    /// What the list of bookmarks shows.
    package let name: Words
    /// A Material icon.
    package let icon: String
    /// `#RRGGBB`.
    package let color: String
    /// Directus's rule syntax.
    package let filter: JSONValue
    /// What it shows.
    package let table: Table
  }
}

/// A many-to-one link between two collections, with the list on its other side, where there is one.
package struct RelationDescription: Equatable, Sendable {
  /// What happens to a row that is taken out of the list.
  package enum Deselection: String, Sendable {
    /// It stays and belongs to nobody.
    case nullify
    /// It goes: the column cannot be empty.
    case delete
  }

  /// The collection with the column.
  package let manyCollection: String
  /// The column.
  package let manyField: String
  /// The collection it points to.
  package let oneCollection: String
  /// The list there; nil where there is none.
  package let oneField: String?
  /// What happens to a row that is taken out of the list.
  package let deselection: Deselection
  /// The column by which the list is put in order by hand.
  package let sortField: String?
}
