import Postgres

/// The erasure of a learner (GDPR, article 17).
package enum Erasure {
  /// Every e-mail address that is known of the learner, now or as a platform said it last.
  package static func addresses(of id: String, in database: Database) throws(PostgresError) -> [String] {
    try database.values(
      """
      select l.email from passerelle.learner_rows l where l.id::text = lower(\(id)) and l.email is not null
      union
      select i.seen_email from passerelle.identities i where i.learner::text = lower(\(id)) and i.seen_email is not null
      union
      select m.email from passerelle.members m
        join passerelle.membership_lists t on t.id = m.list
        join passerelle.registrations r on r.id = t.registration
        join passerelle.identities i on i.platform = r.platform and i.subject = m.subject
        where i.learner::text = lower(\(id)) and m.email is not null
      """)
  }

  /// What a platform keeps of a person after the erasure here.
  package struct Remainder: RowDecodable {
    /// The platform's name and address.
    package let platform: String
    /// Whom the platform calls so.
    package let subject: String
    package let activity: String?
    /// The last score that the platform accepted; nil when none was.
    package let score: Double?
    package let maximum: Double?
    package let deliveredAt: String?
    /// Whether a score may be on its way at this moment, or its fate is not known.
    package let isUnderWay: Bool

    package init(row: Row) throws(PostgresError) {
      platform = try row.get("platform")
      subject = try row.get("subject")
      activity = try row.get("activity")
      score = try row.get("score")
      maximum = try row.get("maximum")
      deliveredAt = try row.get("delivered_at")
      isUnderWay = try row.get("is_under_way")
    }
  }

  /// Each identity's platform, with the activities whose grades it has.
  package static func remainders(of id: String, in database: Database) throws(PostgresError) -> [Remainder] {
    try database.all(
      """
      select p.name || ' (' || p.issuer || ')' as platform, i.subject,
             coalesce(a.title, a.resource_link_id) || coalesce(', ' || coalesce(a.context_title, a.context_label), '') as activity,
             g.delivered_score::float8 as score, g.delivered_maximum::float8 as maximum,
             passerelle.utc(g.delivered_at) as delivered_at,
             coalesce(e.leased_until > now() or e.doubtful_timestamp is not null, false) as is_under_way
      from passerelle.identities i
      join passerelle.platforms p on p.id = i.platform
      left join (
        passerelle.enrolments e
        join passerelle.activities a on a.id = e.activity
        left join public.grades g on g.id = e.id)
        on e.learner = i.learner and a.platform = i.platform and e.subject = i.subject
           and (g.delivered_at is not null or e.leased_until > now() or e.doubtful_timestamp is not null)
      where i.learner::text = lower(\(id))
      order by 1, 2, g.delivered_at
      """)
  }

  /// Deletes the learner and everything of theirs, Directus's own records left out; false when there was none of that id.
  package static func delete(_ id: String, in database: Database) throws(PostgresError) -> Bool {
    try database.value(
      """
      select coalesce(bool_or(passerelle.learner_delete(l.id)), false)
      from passerelle.learner_rows l where l.id::text = lower(\(id))
      """)
  }
}
