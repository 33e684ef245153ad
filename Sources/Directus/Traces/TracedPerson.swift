import Postgres
import Wire

/// Whose traces are looked for in Directus's tables, and by what.
package struct TracedPerson: Sendable {
  /// A row as Directus names it in its records.
  struct Item: Hashable, Sendable {
    let collection: String
    let key: String
  }

  /// The learner's rows.
  let items: [Item]
  /// What a row about this person holds somewhere: the ids of their rows, an address of theirs. A regular expression each.
  ///
  /// A name is none of it: somebody else may be called the same.
  let patterns: [String]

  /// - Parameters:
  ///   - id: the learner's.
  ///   - items: the query of the learner's rows, pairs of collection and key, which reads the learner's id from a common table
  ///     expression `learner (id)`: where those rows are, adoption knows.
  ///   - addresses: every e-mail address that is known of them.
  ///   - isUser: whether the learner is a user of Directus, whose account and traces as a user stay.
  package init(
    _ id: String, items: String, addresses: [String], isUser: Bool, on connection: Connection
  ) throws(PostgresError) {
    self.items = try connection.query(
      """
      with learner as (select lower(\(id)) as id)
      select x.collection, x.item from (\(unescaped: items)) x (collection, item)
      """
    ).map { row throws(PostgresError) in Item(collection: try row.get("collection"), key: try row.get("item")) }
    // A key such as 7 stands in many rows; an id in none but those about it.
    var ids = Set(self.items.map { $0.key.lowercased() }.filter { $0.utf8.count == 36 })
    if isUser { ids.remove(id.lowercased()) } else { ids.insert(id.lowercased()) }
    let texts = isUser ? [] : addresses.filter { $0.contains("@") }.map(Self.addressPattern)
    patterns = Self.alternatives(ids.sorted()) + texts
  }

  /// In parts, because PostgreSQL refuses an expression that is too long.
  private static func alternatives(_ ids: [String]) -> [String] {
    stride(from: 0, to: ids.count, by: 500).map { start in
      ids[start..<min(start + 500, ids.count)].joined(separator: "|")
    }
  }

  /// The whole address, not the end or the beginning of somebody else's.
  private static func addressPattern(_ address: String) -> String {
    let escaped = address.lowercased().map { $0.isLetter || $0.isNumber ? String($0) : "\\\($0)" }.joined()
    return "(^|[^[:alnum:]._%+'-])\(escaped)($|[^[:alnum:].-]|[.-]($|[^[:alnum:]]))"
  }
}
