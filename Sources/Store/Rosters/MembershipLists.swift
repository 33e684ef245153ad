import Postgres
import Wire

/// The members of courses as their platforms last named them (NRPS 2.0), kept for some minutes.
package enum MembershipLists {
  /// Keeps what a platform answered, a JSON array, in place of what it answered before.
  package static func store(_ members: JSONValue, from source: MembershipSource, in database: Database)
    throws(PostgresError)
  {
    try database.execute(
      """
      select passerelle.memberships_read(
        \(source.access.registration)::uuid, \(source.url.description), \(members.encoded)::json)
      """)
  }

  /// Remembers not to ask a platform for so many seconds.
  package static func markFailed(_ source: MembershipSource, seconds: Int, in database: Database) throws(PostgresError)
  {
    try database.execute(
      """
      select passerelle.memberships_failed(
        \(source.access.registration)::uuid, \(source.url.description), \(seconds))
      """)
  }

  /// Deletes the lists of which nothing was heard for a day; answers how many.
  package static func sweep(_ database: Database) throws(PostgresError) -> Int {
    try database.execute(
      """
      delete from passerelle.membership_lists
      where coalesce(read_at, created_at) < now() - interval '1 day'
      """)
  }
}
