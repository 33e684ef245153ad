import Postgres

/// How a grade leads to its learner where learners are in a table of an institution's own.
package struct AdoptedLearnersLink: Equatable, Sendable {
  /// Their table.
  package let table: String
  /// The column of `grades` that holds their key: `learner`, or `learner_key` where the key is no uuid.
  package let column: String
  /// The columns there that make a learner's name, in the order in which they are read.
  package let names: [String]

  /// Nil where learners are Passerelle's own, or no column leads to theirs.
  package static func read(on connection: Connection) throws(PostgresError) -> AdoptedLearnersLink? {
    let rows = try connection.query(
      """
      select a.map, t.relname::text as name,
        exists (
          select from pg_catalog.pg_constraint k
          join pg_catalog.pg_attribute c on c.attrelid = k.conrelid and c.attnum = k.conkey[1]
          where k.contype = 'f' and k.conrelid = 'public.grades'::regclass and k.confrelid = t.oid
            and c.attname = \(GradeKey.column)) as has_key,
        exists (
          select from pg_catalog.pg_index i
          join pg_catalog.pg_attribute c on c.attrelid = i.indrelid and c.attnum = i.indkey[0]
          where i.indrelid = t.oid and i.indisprimary and c.atttypid = 'uuid'::regtype) as has_uuids
      from passerelle.adoption a
      join pg_catalog.pg_class t on t.relnamespace = 'public'::regnamespace and t.relname = a.tables ->> 'learners'
      """)
    guard let row = rows.first else { return nil }
    let map = try Adopted.parse(try row.get("map"))
    guard let learners = map.learners else { return nil }
    let names: [AdoptionMap.Name] =
      switch learners.name {
      case .whole(let whole): [whole]
      case .parts(let given, let family): [given, family]
      }
    let hasKey: Bool = try row.get("has_key")
    let hasUUIDs: Bool = try row.get("has_uuids")
    guard hasKey || hasUUIDs else { return nil }
    return AdoptedLearnersLink(
      table: try row.get("name"), column: hasKey ? GradeKey.column : "learner", names: names.map(\.name))
  }
}
