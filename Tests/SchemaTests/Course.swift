import Postgres
import TestSupport

/// A small course written by SQL: one platform, one module, activities that show it, learners in them.
struct Course {
  let database: ScratchDatabase
  let module: String
  /// Activities' ids, one for each line item.
  let activities: [String]
  /// Learners' ids.
  let learners: [String]
  /// Grains' ids, in order.
  private(set) var grains: [String]

  /// A course in which every learner is enrolled in every activity.
  init(_ database: ScratchDatabase, grains count: Int = 4, learners people: Int = 1, activities shows: Int = 1) throws {
    self.database = database
    let module: String = try database.value(
      "insert into public.modules (slug, title) values ('module', 'Module') returning id::text")
    self.module = module
    let platform: String = try database.value(
      """
      with p as (insert into passerelle.platforms (name, issuer) values ('Moodle', 'https://moodle.example') returning id),
      r as (
        insert into passerelle.registrations (platform, client_id, auth_url, token_url, jwks_url)
        select p.id, 'client', 'https://moodle.example/a', 'https://moodle.example/t', 'https://moodle.example/k' from p
        returning id),
      d as (insert into passerelle.deployments (registration, deployment_id) select r.id, '1' from r)
      select p.id::text from p
      """)
    grains = []
    activities = try (0..<shows).map { number in
      try database.value(
        """
        insert into passerelle.activities (platform, deployment, resource_link_id, module)
        select \(platform)::uuid, d.id, \(String(number)), \(module)::uuid from passerelle.deployments d returning id::text
        """)
    }
    learners = try (0..<people).map { number in
      try database.value("insert into public.learners (name) values (\("Learner \(number)")) returning id::text")
    }
    for index in 0..<count { try addGrain("g\(index)") }
    for (number, learner) in learners.enumerated() {
      for activity in activities {
        try database.connection.execute(
          """
          insert into passerelle.enrolments (learner, activity, subject, gradable, line_item, token_scope)
          values (\(learner), \(activity), \(String(number)), true, 'https://moodle.example/lineitem', 's')
          """)
      }
    }
  }

  /// Adds a grain of this weight.
  mutating func addGrain(_ slug: String, weight: Double = 1) throws {
    grains.append(
      try database.value(
        """
        insert into public.grains (module, slug, title, weight) values (\(module)::uuid, \(slug), \(slug), \(weight))
        returning id::text
        """))
  }

  /// Records progress as the mini-site's call does.
  static func record(
    _ connection: Connection, _ learner: String, _ grain: String, _ status: String, _ score: Double? = nil
  ) throws {
    try connection.execute(
      """
      select passerelle.progress_record(
        \(learner)::uuid, array[\(grain)::uuid], array[\(status)], array[\(score)::numeric])
      """)
  }

  /// The digest of a learner's token.
  static func token(_ learner: Int) -> [UInt8] { Array("token \(learner)".utf8) }

  /// A session of each learner, in the first activity.
  func openSessions() throws {
    try database.connection.execute(
      """
      insert into passerelle.sessions (token, enrolment, module, role, expires_at)
      select convert_to('token ' || e.subject, 'UTF8'), e.id, \(module)::uuid, 'learner', now() + interval '1 day'
      from passerelle.enrolments e where e.activity = \(activities[0])::uuid
      """)
  }

  /// The digest of a learner's token in one of several activities.
  static func token(_ learner: Int, in activity: Int) -> [UInt8] { Array("token \(learner) \(activity)".utf8) }

  /// A session of each learner in each of these activities.
  func openSessions(in activities: [String]) throws {
    for (number, activity) in activities.enumerated() {
      try database.connection.execute(
        """
        insert into passerelle.sessions (token, enrolment, module, role, expires_at)
        select convert_to('token ' || e.subject || \(" \(number)"), 'UTF8'), e.id, \(module)::uuid, 'learner',
               now() + interval '1 day'
        from passerelle.enrolments e where e.activity = \(activity)::uuid
        """)
    }
  }

  /// How many grades do not say what the rows say, worked out anew for everybody.
  static let wrong: Statement = """
    select count(*) from passerelle.enrolments e
    join passerelle.activities a on a.id = e.activity
    cross join lateral passerelle.standing(e.learner, a.module, e.id) s
    left join public.grades g on g.id = e.id
    where case when s.owed or e.last_timestamp is not null and not e.set_aside
      then g.score is distinct from passerelle.points(s.ratio, coalesce(a.line_item_maximum, 100))::float8
        or e.owed_ratio is distinct from s.ratio or e.owed_version is distinct from g.version
      else coalesce(g.status, 'none') <> 'none' end
    """
}
