import Postgres
import Testing

/// What is owed when several sessions change it at the same instant.
@Suite struct GradingConcurrencyTests {
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
            on conflict on constraint progress_once_per_learner_and_grain do nothing
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
        cross join lateral passerelle.standing(e.learner, a.module) s
        left join public.grades g on g.id = e.id
        where s.owed and g.score is distinct from round(s.ratio * 100, 5)
        """) == 0)
    #expect(try database.value("select count(*) from public.grades") == 16)
  }
}
