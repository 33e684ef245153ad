import Postgres
import Wire

/// Puts the collections' metadata into Directus's system tables, and takes it away.
///
/// Only what is missing is inserted. A row that is there stays as it is: an administrator may have changed it, or made it.
package struct MetadataInstaller: Sendable {
  /// The Directus it works on.
  package let tables: SystemTables
  /// What should be there.
  package let rows: [MetadataRow]

  /// For the collections of these names, and learners elsewhere where these are not among them.
  package init(
    _ tables: SystemTables, collections: Set<String>, learners: AdoptedLearners? = nil, language: Language = .english
  ) {
    self.tables = tables
    rows = Metadata.rows(for: collections, learners: learners, Instance(tables.shape, language))
  }

  /// For the collections that the program uses; an institution that adopted its own describes those itself, but for the
  /// way from a grade to its learner.
  package init(_ tables: SystemTables, learners: AdoptedLearners?, on connection: Connection) throws(DirectusProblem) {
    let (names, language) = try DirectusProblem.translating { () throws(PostgresError) in
      (try MetadataStore.inUse(on: connection), try Instance.read(on: connection).language)
    }
    self.init(tables, collections: names, learners: learners, language: language)
  }

  /// The names of the collections that the program uses and that are its own.
  package static func ownCollections(on connection: Connection) throws(DirectusProblem) -> [String] {
    let names = try DirectusProblem.translating { () throws(PostgresError) in
      try MetadataStore.inUse(on: connection)
    }
    return Metadata.collections.map(\.name).filter(names.contains)
  }

  /// The rows that are not there.
  package func missing(on connection: Connection) throws(DirectusProblem) -> [MetadataRow] {
    let existing = try DirectusProblem.translating { () throws(PostgresError) in
      try MetadataStore.existing(on: connection)
    }
    return rows.filter { existing[$0.table]?.contains($0.key) != true }
  }

  /// How many of these rows are collections that the licence counts: none before version 12, and folders never.
  package func licensedCollections(among missing: [MetadataRow]) -> Int {
    guard tables.shape >= .twelve else { return 0 }
    return missing.count { $0.table == .collections && $0.key != Metadata.folder }
  }

  /// Inserts what is missing, all of it or nothing; answers the rows that were inserted.
  package func install(on connection: Connection) throws(DirectusProblem) -> MetadataKeys {
    let rows = self.rows
    return try DirectusProblem.changing(on: connection) { () throws(PostgresError) in
      var inserted = MetadataKeys()
      for table in MetadataRow.Table.allCases {
        inserted[table] = try MetadataStore.insert(rows.filter { $0.table == table }, into: table, on: connection)
      }
      return inserted
    }
  }

  /// What a removal did.
  package struct Removal: Equatable, Sendable {
    /// Our rows, which are gone.
    package let removed: MetadataKeys
    /// The rows about our collections that stay: they were there before, or somebody else's collections need them.
    package let left: [MetadataRow]
  }

  /// Deletes the rows that `install` inserted, all of them or none.
  package func remove(on connection: Connection) throws(DirectusProblem) -> Removal {
    let rows = self.rows
    return try DirectusProblem.changing(on: connection) { () throws(PostgresError) in
      var removed = MetadataKeys()
      for table in MetadataRow.Table.allCases.reversed() {
        removed[table] = try RemovalStore.delete(table, on: connection)
      }
      try RemovalStore.forget(on: connection)
      let existing = try MetadataStore.existing(on: connection)
      return Removal(removed: removed, left: rows.filter { existing[$0.table]?.contains($0.key) == true })
    }
  }
}
