import Postgres

extension DirectusLicence {
  /// The last day of grace where there is no key: thirty days after the migration that brought licences, as Directus itself counts.
  /// Nil where that never ran, or where this role may not see it.
  package static func graceAfterUpdate(on connection: Connection) throws(PostgresError) -> String? {
    do throws(PostgresError) {
      return try connection.query(
        """
        select to_char(m.timestamp + interval '30 days', 'YYYY-MM-DD') as day
        from public.directus_migrations m where m.version = '20260507A'
        """
      ).first?.get("day")
    } catch {
      // A role that only describes collections may not read this table.
      guard error.sqlState == "42501" || error.sqlState == "42P01" else { throw error }
      return nil
    }
  }
}
