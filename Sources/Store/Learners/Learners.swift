import Postgres
import Wire

/// Learners as the administrator looks for them.
package enum Learners {
  package struct Listed: RowDecodable {
    package let id: String
    package let name: String?
    package let email: String?
    package let activities: Int
    package let lastSeenAt: String?

    package init(row: Row) throws(PostgresError) {
      id = try row.get("id")
      name = try row.get("name")
      email = try row.get("email")
      activities = try row.get("activities")
      lastSeenAt = try row.get("last_seen_at")
    }

    package var json: JSONObject {
      [
        "id": .string(id), "name": name.map(JSONValue.string) ?? .null, "email": email.map(JSONValue.string) ?? .null,
        "activities": .number(Double(activities)), "lastSeenAt": lastSeenAt.map(JSONValue.string) ?? .null,
      ]
    }
  }

  /// Whether there is a learner of that id.
  package static func exists(_ id: UUIDText, in database: Database) throws(PostgresError) -> Bool {
    try database.value("select exists (select from passerelle.learner_rows l where l.id = \(id.value)::uuid)")
  }

  /// Every learner, or those whose name or address holds the text, or who are called so by a platform.
  package static func list(matching text: String?, in database: Database) throws(PostgresError) -> [Listed] {
    try database.all(
      """
      select l.id::text as id, l.name, l.email, count(e.id) as activities, passerelle.utc(max(e.last_launch_at)) as last_seen_at
      from passerelle.learner_rows l left join passerelle.enrolments e on e.learner = l.id
      where \(text)::text is null
         or position(lower(\(text)) in lower(concat_ws(' ', l.name, l.given_name, l.family_name))) > 0
         or position(lower(\(text)) in lower(l.email)) > 0
         or exists (select from passerelle.identities i where i.learner = l.id and i.subject = \(text))
      group by l.id, l.name, l.email, l.family_name
      order by coalesce(l.family_name, l.name), l.name, l.id
      """)
  }
}
