import Passerelle
import Postgres
import Wire

/// A learner as the administrator looks at them.
enum Learners {
  private struct Document: RowDecodable {
    let text: String
    init(row: Row) throws(PostgresError) { text = try row.get("learner") }
  }

  /// Everything about one learner; nil when there is none of that id.
  static func show(_ id: String, in database: Database) throws -> JSONObject? {
    let document = try database.first(
      """
      select json_build_object(
        'id', l.id, 'name', l.name, 'givenName', l.given_name, 'familyName', l.family_name, 'email', l.email,
        'locale', l.locale, 'createdAt', to_char(l.date_created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'identities', (
          select coalesce(json_agg(json_build_object('platform', p.name, 'issuer', p.issuer, 'subject', i.subject)
                 order by p.name, i.subject), '[]')
          from passerelle.identities i join passerelle.platforms p on p.id = i.platform where i.learner = l.id),
        'activities', (
          select coalesce(json_agg(json_build_object(
                   'id', a.id, 'title', a.title, 'context', a.context_title, 'instructor', e.instructor,
                   'lastSeenAt', to_char(e.last_launch_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
                 order by e.last_launch_at desc), '[]')
          from passerelle.enrolments e join passerelle.activities a on a.id = e.activity where e.learner = l.id),
        'progress', (
          select coalesce(json_agg(json_build_object(
                   'module', m.slug, 'grain', g.slug, 'status', r.status, 'score', r.score::float8,
                   'completedAt', to_char(r.completed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
                 order by m.slug, g.sort, g.slug), '[]')
          from passerelle.progress_rows r join passerelle.grain_rows g on g.id = r.grain join passerelle.module_rows m on m.id = g.module
          where r.learner = l.id),
        'grades', (
          select coalesce(json_agg(json_build_object(
                   'id', g.id, 'activity', g.activity, 'status', g.status, 'score', g.score::float8,
                   'maximum', g.maximum::float8, 'lastErrorCode', g.last_error_code) order by g.id), '[]')
          from public.grades g where g.learner = l.id))::text as learner
      from passerelle.learner_rows l where l.id::text = lower(\(id))
      """, as: Document.self)
    guard let document else { return nil }
    guard let object = try JSONValue(parsing: Array(document.text.utf8)).objectValue else {
      throw CommandFailure("the database answered a learner that cannot be read")
    }
    return object
  }

  struct Listed: RowDecodable {
    let id: String
    let name: String?
    let email: String?
    let activities: Int
    let lastSeenAt: String?

    init(row: Row) throws(PostgresError) {
      id = try row.get("id")
      name = try row.get("name")
      email = try row.get("email")
      activities = try row.get("activities")
      lastSeenAt = try row.get("last_seen_at")
    }

    var json: JSONObject {
      [
        "id": .string(id), "name": name.map(JSONValue.string) ?? .null, "email": email.map(JSONValue.string) ?? .null,
        "activities": .number(Double(activities)), "lastSeenAt": lastSeenAt.map(JSONValue.string) ?? .null,
      ]
    }
  }

  /// Every learner, or those whose name or address holds the text, or who are called so by a platform.
  static func list(matching text: String?, in database: Database) throws(PostgresError) -> [Listed] {
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
