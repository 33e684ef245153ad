import Postgres

/// What the installed schema holds of people, for the register of processing (GDPR, article 30).
package enum Register {
  /// A table with rows about a person, and its columns, as they are in this database.
  package struct Held: RowDecodable {
    /// `passerelle.enrolments`.
    package let table: String
    package let columns: [String]

    package init(row: Row) throws(PostgresError) {
      table = try row.get("name")
      columns = try row.get("columns")
    }
  }

  /// A Moodle from which people come.
  package struct Source: RowDecodable {
    package let name: String
    package let issuer: String

    package init(row: Row) throws(PostgresError) {
      name = try row.get("name")
      issuer = try row.get("issuer")
    }
  }

  /// The columns whose names say that a row is somebody's.
  private static let tellingNames = ["subject", "learner", "given_name", "family_name", "email", "name_and_email"]

  /// Every table of Passerelle's that is about a person, whatever version made it.
  package static func held(in database: Database) throws(PostgresError) -> [Held] {
    try database.all(
      """
      select c.table_schema || '.' || c.table_name as name, array_agg(c.column_name::text order by c.ordinal_position) as columns
      from information_schema.columns c
      join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
      where t.table_type = 'BASE TABLE'
        and (c.table_schema = 'passerelle' or c.table_schema = 'public'
             and c.table_name in ('learners', 'modules', 'grains', 'progress', 'grades'))
      group by 1 having bool_or(c.column_name = any (\(tellingNames)))
        or (c.table_schema || '.' || c.table_name) in (
          'public.learners', 'passerelle.sessions', 'passerelle.codes', 'passerelle.corrections')
      order by 1
      """)
  }

  /// The platforms, by name.
  package static func sources(in database: Database) throws(PostgresError) -> [Source] {
    try database.all("select p.name, p.issuer from passerelle.platforms p order by p.name, p.issuer")
  }

  /// How many people there are, and since when the oldest was not seen.
  package static func people(in database: Database) throws(PostgresError) -> Int {
    try database.value("select count(*) from passerelle.learner_rows l")
  }
}
