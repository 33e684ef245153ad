import Postgres

/// What people call the groups of a course.
package enum GroupNames {
  /// What `passerelle.group_named` answers.
  package struct Answer: RowDecodable {
    package let outcome: String
    package let locale: String?

    package init(row: Row) throws(PostgresError) {
      outcome = try row.get("outcome")
      locale = try row.get("locale")
    }
  }

  /// Gives a group a name, or takes it away; `token` is a digest.
  package static func set(_ number: String, to name: String?, token: [UInt8], in database: Database)
    throws(PostgresError) -> Answer
  {
    try database.oneAgain("select outcome, locale from passerelle.group_named(\(token), \(number), \(name))")
  }
}
