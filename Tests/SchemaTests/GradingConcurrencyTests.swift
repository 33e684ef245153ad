import Postgres
import TestSupport
import Testing

/// What is owed when several sessions change it at the same instant.
@Suite(.needsPostgres) struct GradingConcurrencyTests {
  @Test("Two grains of one learner recorded at once are both in the grade, every time")
  func twoGrains() throws {
    let database = try ScratchDatabase()
    let course = try Course(database, grains: 4, learners: 15)
    let (learners, grains) = (course.learners, course.grains)
    let sessions = try (0..<4).map { _ in Unshared(try database.another()) }
    for learner in learners {
      let failures = onThreads(4) {
        try Course.record(sessions[$0].connection, learner, grains[$0], "completed")
      }
      #expect(failures.isEmpty, "\(failures)")
    }
    #expect(try database.value("select count(*) from public.grades where score = 100 and status = 'pending'") == 15)
  }

  @Test("Learners at work and staff at the catalogue never wait for each other in a circle")
  func noDeadlock() throws {
    let database = try ScratchDatabase()
    let course = try Course(database, grains: 4, learners: 8, activities: 2)
    let (learners, grains) = (course.learners, course.grains)
    let sessions = try (0..<4).map { _ in Unshared(try database.another()) }
    let failures = onThreads(4) { thread in
      let connection = sessions[thread].connection
      for round in 0..<20 {
        switch thread {
        case 0: try connection.execute("update public.grains set weight = \(Double(1 + round % 3)) where slug = 'g0'")
        case 1:
          try connection.execute(
            """
            insert into public.progress (learner, grain, status)
            select l.id, g.id, 'completed' from public.learners l, public.grains g
            where g.slug = \("g\(round % 4)") order by l.id
            on conflict (learner, grain, (coalesce(activity, learner))) do nothing
            """)
        default:
          let learner = learners[(round * 3 + thread) % learners.count]
          try Course.record(connection, learner, grains[(round + thread) % 4], "completed", 0.5)
        }
      }
    }
    #expect(failures.isEmpty, "\(failures)")
    // Whatever the order was, the grades say what the rows say.
    #expect(
      try database.value(
        """
        select count(*) from passerelle.enrolments e
        join passerelle.activities a on a.id = e.activity
        cross join lateral passerelle.standing(e.learner, a.module, e.id) s
        left join public.grades g on g.id = e.id
        where s.owed and g.score is distinct from round(s.ratio * 100, 5)
        """) == 0)
    #expect(try database.value("select count(*) from public.grades") == 16)
  }

  @Test("Two staff who change several rows at once, through the pooler, never wait for each other in a circle")
  func bulkEdits() throws {
    let database = try ScratchDatabase()
    let course = try Course(database, grains: 4, learners: 10, activities: 2)
    // A second module whose order is the other way round: its own learners' ids and grains come from the first.
    let second: String = try database.value(
      "insert into public.modules (slug, title) values ('second', 'Second') returning id::text")
    try database.connection.execute(
      """
      insert into public.grains (module, slug, title)
      select \(second)::uuid, slug, title from public.grains where module = \(course.module)::uuid
      """)
    try database.connection.execute(
      """
      with a as (
        insert into passerelle.activities (platform, deployment, resource_link_id, module)
        select a.platform, a.deployment, 'second', \(second)::uuid from passerelle.activities a limit 1 returning id)
      insert into passerelle.enrolments (learner, activity, subject, gradable)
      select l.id, a.id, l.name, true from public.learners l, a
      """)
    try database.connection.execute(
      """
      insert into public.progress (learner, grain, status)
      select l.id, g.id, 'completed' from public.learners l, public.grains g
      """)
    let sessions = try (0..<4).map { _ in Unshared(try database.pooled()) }
    let failures = onThreads(4) { thread in
      for round in 0..<12 {
        let score = Double(round % 5) / 4
        let statement: Statement =
          switch thread {
          case 0: "update public.grains set weight = \(Double(1 + round % 3)) where slug = 'g0'"
          // One statement of several rows; rows are found in the same order by both.
          case 1:
            "update public.progress set score = \(score) where grain in (select id from public.grains where slug = 'g1')"
          case 2:
            "update public.progress set score = \(1 - score) where grain in (select id from public.grains where slug = 'g2')"
          default: "update public.modules set grading = \(round % 2 == 0 ? "all-or-nothing" : "proportion")"
          }
        try sessions[thread].connection.execute(statement)
      }
    }
    #expect(failures.isEmpty, "\(failures)")
    #expect(try database.value(Course.wrong) == 0)
  }

  @Test("A learner who is deleted while they click is gone, and neither waits for the other in a circle")
  func deletedWhileClicking() throws {
    let database = try ScratchDatabase()
    let course = try Course(database, grains: 4, learners: 40, activities: 2)
    let (learners, grains) = (course.learners, course.grains)
    // Begun, so that a click changes a row that the deletion wants, and then makes the first grade.
    try database.connection.execute(
      "insert into public.progress (learner, grain) select l.id, g.id from public.learners l, public.grains g")
    let sessions = try (0..<2).map { _ in Unshared(try database.pooled()) }
    for learner in learners {
      let failures = onThreads(2) { thread in
        if thread == 0 {
          try sessions[0].connection.execute("delete from public.learners where id = \(learner)::uuid")
        } else {
          do { try Course.record(sessions[1].connection, learner, grains[0], "completed") } catch {
            // What a click meets that came too late: the learner is not there any more.
            guard (error as? PostgresError)?.sqlState == "23503" else { throw error }
          }
        }
      }
      #expect(failures.isEmpty, "\(failures)")
    }
    for table in ["public.learners", "public.progress", "public.grades", "passerelle.enrolments"] {
      #expect(try database.value("select count(*) from \(unescaped: table)") == 0, "\(table)")
    }
  }
}
