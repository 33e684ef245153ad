/// The table that holds a role's rows: the institution's or ours.
struct Place: Equatable, Sendable {
  let role: AdoptionMap.Role
  /// Its name in schema public.
  let table: String
  /// Whether it is Passerelle's own, which adoption leaves as it is.
  let isOwn: Bool
  /// Its primary key.
  let key: ColumnShape
  /// The column that holds the uuid by which the machinery knows a row.
  let id: String
  /// Whether adoption adds that column.
  let addsID: Bool

  /// The column that adoption adds where the key is no uuid.
  static let addedID = "passerelle_id"

  /// A table of theirs with that key.
  init(role: AdoptionMap.Role, table: String, key: ColumnShape) {
    self.role = role
    self.table = table
    self.key = key
    isOwn = false
    addsID = key.kind != .uuid
    id = addsID ? Self.addedID : key.name
  }

  /// Passerelle's own table for a role.
  init(own role: AdoptionMap.Role) {
    self.role = role
    table = role.rawValue
    isOwn = true
    key = ColumnShape(
      name: "id", type: "uuid", sqlType: "uuid", isNotNull: true, hasDefault: true, isGenerated: false)
    id = "id"
    addsID = false
  }

  /// The table as SQL names it.
  var relation: String { SQLText.table(table) }

  /// The uuid of the row that `alias` stands for.
  func id(_ alias: String) -> String { SQLText.column(alias, id) }
}

/// How a row leads to a row of another place.
struct Route: Equatable, Sendable {
  /// The column here.
  let column: ColumnShape
  /// Where it leads.
  let place: Place
  /// The column there that has the same value.
  let target: ColumnShape

  /// A text that holds a key of another type is compared as text.
  private var comparesText: Bool { column.kind == .text && target.kind != .text }
  /// Whether the column itself holds the uuid that is looked for.
  var isDirect: Bool { column.kind == .uuid && target.name == place.id }

  /// What the column holds for the row that `alias` stands for there.
  func value(of alias: String) -> String {
    let value = SQLText.column(alias, target.name)
    return comparesText ? "\(value)::text" : value
  }

  /// ` join … on …` that brings the row there under the name `there`.
  func join(from here: String, as there: String) -> String {
    " join \(place.relation) \(there) on \(value(of: there)) = \(SQLText.column(here, column.name))"
  }

  /// The join that `id` needs: none where the column itself holds the uuid.
  func joinForID(from here: String, as there: String) -> String { isDirect ? "" : join(from: here, as: there) }

  /// The uuid of the row there.
  func id(from here: String, as there: String) -> String {
    isDirect ? SQLText.column(here, column.name) : place.id(there)
  }
}
