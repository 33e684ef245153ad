import Foundation
import Testing
import Wire

/// What the database says at one instant, and what that comes to by the interface's arithmetic, worked out here anew.
struct Snapshot {
  struct Grain {
    let slug: String
    let weight: Double
    let isActive: Bool
  }

  /// An enrolment and its grade.
  struct Enrolment {
    let learner: String
    let user: Int
    let activity: String
    /// `resource_link.id`.
    let instance: Int
    /// The grain that the activity is about.
    let grain: String?
    let hasOwnProgress: Bool
    /// Its former run was set aside, and none of it is owed.
    let isSetAside: Bool
    let isWithdrawing: Bool
    /// Moodle had the activity no more when it was last asked, and nobody has launched it since.
    let isActivityGone: Bool
    /// `none` where there is no grade.
    let status: String
    let score: Double?
    let maximum: Double?
    let moodleScore: Double?
    let code: String?

    fileprivate init(_ json: JSONValue) throws {
      learner = try #require(json["learner"]?.stringValue)
      user = try #require(json["subject"]?.stringValue.flatMap { Int($0) })
      activity = try #require(json["activity"]?.stringValue)
      instance = try #require(json["link"]?.stringValue.flatMap { Int($0) })
      grain = json["grain"]?.stringValue
      hasOwnProgress = json["own"]?.boolValue ?? false
      isSetAside = json["setAside"]?.boolValue ?? false
      isWithdrawing = json["withdrawing"]?.boolValue ?? false
      isActivityGone = json["gone"]?.boolValue ?? false
      status = json["status"]?.stringValue ?? "none"
      score = json["score"]?.doubleValue
      maximum = json["maximum"]?.doubleValue
      moodleScore = json["moodle"]?.doubleValue
      code = json["code"]?.stringValue
    }
  }

  /// Whose row of progress it is: a learner's everywhere, or in one activity.
  struct Holder: Hashable {
    let learner: String
    let activity: String?
  }

  let grains: [Grain]
  let needsEverything: Bool
  /// Completed grains and their scores.
  let completed: [Holder: [String: Double]]
  /// Learners by their id in Moodle.
  let learners: [Int: String]
  let enrolments: [Enrolment]

  init(_ world: World) throws {
    let text: String = try world.database.value(
      """
      select json_build_object(
        'needsEverything', (select bool_or(grading = 'all-or-nothing') from public.modules),
        'grains', (select json_agg(json_build_object('slug', slug, 'weight', weight::float8, 'active', status = 'active'))
                     from public.grains),
        'completed', (select coalesce(json_agg(json_build_object(
                        'learner', p.learner, 'activity', p.activity, 'grain', g.slug, 'score', coalesce(p.score::float8, 1))), '[]')
                        from public.progress p join public.grains g on g.id = p.grain where p.status = 'completed'),
        'learners', (select coalesce(json_agg(json_build_object('subject', subject, 'learner', learner)), '[]')
                       from passerelle.identities),
        'enrolments', (select coalesce(json_agg(json_build_object(
                         'learner', e.learner, 'subject', e.subject, 'activity', a.id, 'link', a.resource_link_id,
                         'grain', o.slug, 'own', e.own_progress, 'setAside', e.set_aside,
                         'withdrawing', e.withdraw_at is not null, 'gone', a.gone_at is not null, 'status', g.status, 'score', g.score::float8,
                         'maximum', g.maximum::float8, 'moodle', g.moodle_score::float8, 'code', g.last_error_code)), '[]')
                         from passerelle.enrolments e
                         join passerelle.activities a on a.id = e.activity
                         left join public.grains o on o.id = a.grain
                         left join public.grades g on g.id = e.id))::text
      """)
    let json = try JSONValue(parsing: text)
    needsEverything = json["needsEverything"]?.boolValue ?? false
    grains = try (json["grains"]?.arrayValue ?? []).map {
      Grain(
        slug: try #require($0["slug"]?.stringValue), weight: try #require($0["weight"]?.doubleValue),
        isActive: $0["active"]?.boolValue ?? false)
    }
    var completed: [Holder: [String: Double]] = [:]
    for row in json["completed"]?.arrayValue ?? [] {
      let holder = Holder(learner: try #require(row["learner"]?.stringValue), activity: row["activity"]?.stringValue)
      completed[holder, default: [:]][try #require(row["grain"]?.stringValue)] = try #require(row["score"]?.doubleValue)
    }
    self.completed = completed
    var learners: [Int: String] = [:]
    for row in json["learners"]?.arrayValue ?? [] {
      learners[try #require(row["subject"]?.stringValue.flatMap { Int($0) })] = row["learner"]?.stringValue
    }
    self.learners = learners
    enrolments = try (json["enrolments"]?.arrayValue ?? []).map(Enrolment.init)
  }

  /// What counts in an enrolment: the completed grains and their scores.
  func progress(_ enrolment: Enrolment) -> [String: Double] {
    completed[Holder(learner: enrolment.learner, activity: enrolment.hasOwnProgress ? enrolment.activity : nil)] ?? [:]
  }

  /// The part of the maximum that an enrolment's progress comes to, and whether there is something to give at all.
  func standing(_ enrolment: Enrolment) -> (ratio: Double, isOwed: Bool) {
    let done = progress(enrolment)
    if let grain = enrolment.grain {
      let score = grains.contains { $0.slug == grain && $0.isActive } ? done[grain] : nil
      return (score ?? 0, score != nil)
    }
    let active = grains.filter(\.isActive)
    let counted = active.filter { done[$0.slug] != nil }
    let weights = active.reduce(0) { $0 + $1.weight }
    guard !counted.isEmpty, weights > 0, !needsEverything || counted.count == active.count else { return (0, false) }
    return (counted.reduce(0) { $0 + $1.weight * (done[$1.slug] ?? 0) } / weights, true)
  }
}
