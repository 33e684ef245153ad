import Postgres
import Wire

/// Everything that the database holds about one person (GDPR, articles 15 and 20).
package struct LearnerDocument {
  /// What `learner export` prints, without Directus's own records.
  package let json: JSONObject

  /// The person's data; nil when there is no learner of that id.
  ///
  /// Secrets stay out: sourcedids are Moodle's, digests of codes and tokens are nobody's data. Login states and nonces say
  /// nothing of a person until the launch, and live for minutes.
  package init?(of id: String, in database: Database) throws(PostgresError) {
    let documents: [String] = try database.values(
      """
      select json_build_object(
        'exportedAt', passerelle.utc(now()),
        'profile', json_build_object(
          'id', l.id, 'name', l.name, 'givenName', l.given_name, 'familyName', l.family_name, 'email', l.email,
          'locale', l.locale, 'createdAt', passerelle.utc(l.date_created),
          'lastSeenAt', passerelle.utc(passerelle.learner_last_seen(l.id))),
        'identities', (
          select coalesce(json_agg(json_build_object(
                   'platform', p.name, 'issuer', p.issuer, 'subject', i.subject, 'createdAt', passerelle.utc(i.created_at),
                   'lastSaid', json_build_object(
                     'name', i.seen_name, 'givenName', i.seen_given_name, 'familyName', i.seen_family_name,
                     'email', i.seen_email, 'locale', i.seen_locale))
                 order by p.name, i.subject), '[]')
          from passerelle.identities i join passerelle.platforms p on p.id = i.platform where i.learner = l.id),
        'activities', (
          select coalesce(json_agg(json_build_object(
                   'id', a.id, 'platform', p.name, 'title', a.title, 'resourceLink', a.resource_link_id,
                   'context', json_build_object('id', a.context_id, 'label', a.context_label, 'title', a.context_title),
                   'module', m.slug, 'subject', e.subject, 'roles', e.roles, 'groups', e.groups, 'instructor', e.instructor,
                   'listedInstructorAt', passerelle.utc(e.listed_instructor_at), 'previewedAt', passerelle.utc(e.previewed_at),
                   'ownProgress', e.own_progress, 'lastReportAt', passerelle.utc(e.last_seen_at),
                   'firstLaunchAt', passerelle.utc(e.first_launch_at), 'lastLaunchAt', passerelle.utc(e.last_launch_at),
                   'services', json_build_object(
                     'gradable', e.gradable, 'lineItem', e.line_item, 'lineItems', e.line_items, 'scopes', e.scopes,
                     'tokenScope', e.token_scope, 'memberships', a.memberships_url, 'outcomes', e.outcome_url,
                     'sourcedIdIsHeld', e.outcome_sourcedid is not null, 'consumerKey', c.consumer_key),
                   'delivery', json_build_object(
                     'owedRatio', e.owed_ratio::float8, 'owedVersion', e.owed_version, 'leasedRatio', e.leased_ratio::float8,
                     'leasedVersion', e.leased_version, 'deliveredRatio', e.delivered_ratio::float8,
                     'placeOfDeliveryIsHeld', e.delivered_to is not null,
                     'setAside', e.set_aside, 'withdrawAt', passerelle.utc(e.withdraw_at),
                     'withdrawnRatio', e.withdrawn_ratio::float8, 'withdrawnCompleted', e.withdrawn_completed,
                     'leasedAt', passerelle.utc(e.leased_at), 'leasedUntil', passerelle.utc(e.leased_until),
                     'lastScoreAt', passerelle.utc(to_timestamp(e.last_timestamp)),
                     'doubtfulScoreAt', passerelle.utc(to_timestamp(e.doubtful_timestamp)),
                     'confirmAt', passerelle.utc(e.confirm_at), 'failingSince', passerelle.utc(e.failing_since),
                     'erringSince', passerelle.utc(e.erring_since)))
                 order by e.first_launch_at, e.id), '[]')
          from passerelle.enrolments e
          join passerelle.activities a on a.id = e.activity
          join passerelle.platforms p on p.id = a.platform
          left join passerelle.consumers c on c.id = e.consumer
          left join passerelle.module_rows m on m.id = a.module
          where e.learner = l.id),
        'progress', (
          select coalesce(json_agg(json_build_object(
                   'module', m.slug, 'moduleTitle', m.title, 'grain', g.slug, 'grainTitle', g.title,
                   'activity', r.activity_title, 'status', r.status,
                   'score', r.score::float8, 'completedAt', passerelle.utc(r.completed_at))
                 order by m.slug, g.sort, g.slug), '[]')
          from passerelle.progress_rows r
          join passerelle.grain_rows g on g.id = r.grain
          join passerelle.module_rows m on m.id = g.module
          where r.learner = l.id),
        'corrections', (
          select coalesce(json_agg(json_build_object(
                   'activity', e.activity, 'grain', g.slug, 'status', c.status, 'score', c.score, 'correctedBy', c.corrected_by,
                   'reason', c.reason, 'correctedAt', passerelle.utc(c.corrected_at))
                 order by c.corrected_at), '[]')
          from passerelle.corrections c
          join passerelle.enrolments e on e.id = c.enrolment
          left join passerelle.grain_rows g on g.id = c.grain
          where e.learner = l.id),
        'formerRuns', (
          select coalesce(json_agg(json_build_object(
                   'module', m.slug, 'activity', r.activity_title, 'endedAt', passerelle.utc(r.ended_at), 'grade', r.grade,
                   'progress', r.progress)
                 order by r.ended_at, r.id), '[]')
          from passerelle.runs r left join passerelle.module_rows m on m.id = r.module
          where r.learner = l.id),
        'states', (
          select coalesce(json_agg(json_build_object(
                   'module', m.slug, 'grain', g.slug, 'activity', t.activity, 'value', t.value, 'run', t.run,
                   'createdAt', passerelle.utc(t.created_at), 'changedAt', passerelle.utc(t.changed_at),
                   'setAsideAt', passerelle.utc(t.set_aside_at))
                 order by m.slug, g.sort, g.slug, t.created_at), '[]')
          from passerelle.states t
          left join passerelle.grain_rows g on g.id = t.grain
          left join passerelle.module_rows m on m.id = g.module
          where t.learner = l.id),
        'grades', (
          select coalesce(json_agg(json_build_object(
                   'id', g.id, 'activity', g.activity, 'activityTitle', g.activity_title, 'module', m.slug,
                   'status', g.status, 'score', g.score::float8, 'maximum', g.maximum::float8, 'version', g.version,
                   'deliveredScore', g.delivered_score::float8, 'deliveredMaximum', g.delivered_maximum::float8,
                   'deliveredVersion', g.delivered_version, 'deliveredAt', passerelle.utc(g.delivered_at),
                   'moodleScore', g.moodle_score::float8, 'moodleReadAt', passerelle.utc(g.moodle_read_at),
                   'attempts', g.attempts, 'nextAttemptAt', passerelle.utc(g.next_attempt_at),
                   'lastErrorCode', g.last_error_code, 'lastError', g.last_error, 'lastErrorFr', g.last_error_fr,
                   'createdAt', passerelle.utc(g.date_created), 'updatedAt', passerelle.utc(g.date_updated))
                 order by g.date_created, g.id), '[]')
          from public.grades g left join passerelle.module_rows m on m.id = g.module where g.learner = l.id),
        'sessions', (
          select coalesce(json_agg(json_build_object(
                   'role', s.role, 'module', m.slug, 'createdAt', passerelle.utc(s.created_at),
                   'expiresAt', passerelle.utc(s.expires_at), 'returnUrl', s.return_url, 'deepLink', s.deep_link)
                 order by s.created_at), '[]')
          from passerelle.sessions s
          left join passerelle.enrolments e on e.id = s.enrolment
          left join passerelle.module_rows m on m.id = s.module
          where coalesce(s.learner, e.learner) = l.id),
        'codes', (
          select coalesce(json_agg(json_build_object(
                   'role', c.role, 'module', m.slug, 'expiresAt', passerelle.utc(c.expires_at),
                   'sessionEndsAt', passerelle.utc(c.session_ends_at), 'returnUrl', c.return_url, 'deepLink', c.deep_link)
                 order by c.expires_at), '[]')
          from passerelle.codes c
          left join passerelle.enrolments e on e.id = c.enrolment
          left join passerelle.module_rows m on m.id = c.module
          where coalesce(c.learner, e.learner) = l.id),
        'memberships', (
          select coalesce(json_agg(json_build_object(
                   'platform', p.name, 'url', s.url, 'readAt', passerelle.utc(s.read_at), 'subject', m.subject,
                   'roles', m.roles, 'instructor', m.instructor, 'status', m.status, 'name', m.name,
                   'givenName', m.given_name, 'familyName', m.family_name, 'email', m.email)
                 order by p.name, s.url), '[]')
          from passerelle.identities i
          join passerelle.platforms p on p.id = i.platform
          join passerelle.registrations r on r.platform = p.id
          join passerelle.membership_lists s on s.registration = r.id
          join passerelle.members m on m.list = s.id and m.subject = i.subject
          where i.learner = l.id))::text
      from passerelle.learner_rows l where l.id::text = lower(\(id))
      """)
    guard let document = documents.first else { return nil }
    // States are 64 KiB each, as deep as a body may be.
    guard let object = try? JSONValue(parsing: document, maxDepth: 64, maxBytes: .max).objectValue else {
      throw PostgresError(.decoding, "the database answered a learner that cannot be read")
    }
    json = object
  }

  /// What `learner show` prints of it.
  package var summary: JSONObject {
    var summary = json["profile"]?.objectValue ?? JSONObject()
    summary["identities"] = list("identities") { $0.picking("platform", "issuer", "subject") }
    // The last opened first.
    let activities = (json["activities"]?.arrayValue ?? []).sorted {
      text($0["lastLaunchAt"]) > text($1["lastLaunchAt"])
    }
    summary["activities"] = .array(
      activities.map { activity in
        var object = activity.picking("id", "title")
        object["context"] = activity["context"]?["title"] ?? .null
        object["instructor"] = activity["instructor"]
        object["lastSeenAt"] = activity["lastLaunchAt"]
        return .object(object)
      })
    summary["progress"] = list("progress") { $0.picking("module", "grain", "status", "score", "completedAt") }
    let grades = (json["grades"]?.arrayValue ?? []).sorted { text($0["id"]) < text($1["id"]) }
    summary["grades"] = .array(
      grades.map { .object($0.picking("id", "activity", "status", "score", "maximum", "lastErrorCode")) })
    return summary
  }

  private func list(_ name: String, _ row: (JSONValue) -> JSONObject) -> JSONValue {
    .array((json[name]?.arrayValue ?? []).map { .object(row($0)) })
  }

  private func text(_ value: JSONValue?) -> String { value?.stringValue ?? "" }
}

extension JSONValue {
  /// Those members, in that order.
  fileprivate func picking(_ names: String...) -> JSONObject {
    JSONObject(names.map { ($0, self[$0] ?? .null) })
  }
}
