import Postgres
import TestSupport
import Testing

/// A database's clock that was put back leaves instants that lie far ahead: nothing waits for them.
@Suite(.needsPostgres) struct ClockTests {
  private static func owed() throws -> ScratchDatabase {
    let database = try ScratchDatabase()
    let course = try Course(database)
    try Course.record(database.connection, course.learners[0], course.grains[0], "completed")
    return database
  }

  @Test(
    "A grade is due whose next attempt, lease, platform's pause or last lease a clock set that has been put back since",
    arguments: [
      "update public.grades set next_attempt_at = now() + interval '2 days'",
      "update passerelle.enrolments set lease = gen_random_uuid(), leased_until = now() + interval '2 days', leased_at = now() + interval '2 days'",
      "update passerelle.platforms set breaker_until = now() + interval '2 days'",
      "update passerelle.enrolments set leased_at = now() + interval '2 days'",
    ])
  func due(change: String) throws {
    let database = try Self.owed()
    try database.connection.script(change)
    #expect(try database.value("select passerelle.lease_due(false, clock_timestamp(), 30) <> '[]'"))
  }

  @Test(
    "One that waits for an instant that the program may set waits",
    arguments: [
      "update public.grades set next_attempt_at = now() + interval '23 hours'",
      "update passerelle.enrolments set lease = gen_random_uuid(), leased_until = now() + interval '1 minute'",
      "update passerelle.platforms set breaker_until = now() + interval '1 minute'",
    ])
  func waits(change: String) throws {
    let database = try Self.owed()
    try database.connection.script(change)
    #expect(try database.value("select passerelle.lease_due(false, clock_timestamp(), 30) = '[]'"))
  }
}
