import Postgres
import Wire

/// Moodle's activities as the administrator looks at them.
package enum Activities {
  /// An activity, with how many people and grades hang on it.
  package struct Listed: RowDecodable {
    package let json: JSONObject

    package init(row: Row) throws(PostgresError) {
      func text(_ column: String) throws(PostgresError) -> JSONValue {
        JSONValue(try row.get(column, as: String?.self))
      }
      func count(_ column: String) throws(PostgresError) -> JSONValue {
        .number(Double(try row.get(column, as: Int.self)))
      }
      var grades = JSONObject()
      for status in ["pending", "delivered", "failed", "emptied", "gone"] { grades[status] = try count(status) }
      json = [
        "id": try text("id"), "platform": try text("platform"), "course": try text("course"),
        "courseId": try text("context_id"), "title": try text("title"), "module": try text("module"),
        "people": try count("people"), "grades": .object(grades), "gone": .bool(try row.get("is_gone")),
        "verifiedAt": try text("verified_at"), "lastLaunchAt": try text("last_launch_at"),
      ]
    }

    /// The same for a table: the grades in words.
    package var line: JSONObject {
      var line = json
      let counts = (json["grades"]?.objectValue?.members ?? []).compactMap { name, value in
        value.intValue.flatMap { $0 > 0 ? "\($0) \(name)" : nil }
      }
      line["grades"] = .string(counts.isEmpty ? "–" : counts.joined(separator: ", "))
      return line
    }
  }

  /// Every activity, by platform, course and title.
  package static func list(in database: Database) throws(PostgresError) -> [Listed] {
    try database.all(
      """
      select a.id::text, p.issuer as platform,
             passerelle.title_text(coalesce(a.context_title, a.context_label, a.context_id)) as course, a.context_id,
             passerelle.title_text(a.title) as title, m.slug as module, a.gone_at is not null as is_gone, passerelle.utc(a.verified_at) as verified_at,
             passerelle.utc(e.last_launch_at) as last_launch_at, e.people, e.pending, e.delivered, e.failed, e.emptied, e.gone
      from passerelle.activities a
      join passerelle.platforms p on p.id = a.platform
      left join passerelle.module_rows m on m.id = a.module
      cross join lateral (
        select count(*) as people, max(t.last_launch_at) as last_launch_at,
               count(*) filter (where g.status = 'pending') as pending,
               count(*) filter (where g.status = 'delivered') as delivered,
               count(*) filter (where g.status = 'failed') as failed,
               count(*) filter (where g.status = 'emptied') as emptied,
               count(*) filter (where g.status = 'gone') as gone
          from passerelle.enrolments t left join public.grades g on g.id = t.id
          where t.activity = a.id) e
      order by p.name, p.issuer, course, title, a.id
      """)
  }

  /// Forgets an activity, its enrolments, sessions and grades; progress stays. Nil when there is none, otherwise how many people
  /// were in it. For the owner of the tables.
  package static func forget(_ id: String, in database: Database) throws(PostgresError) -> Int? {
    guard try Grades.hasActivity(id, in: database) else { return nil }
    return try database.value("select passerelle.activity_forget(lower(\(id))::uuid)", as: Int.self)
  }
}
