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

  @Test(
    "A course's members are read again although a clock that has been put back since says that they were read, or refused"
  )
  func members() throws {
    let database = try Self.owed()
    try database.connection.script(
      """
      update passerelle.activities set memberships_url = 'https://m.example/members';
      insert into passerelle.membership_lists (registration, url, read_at, retry_at)
        select id, 'https://m.example/members', now(), now() + interval '1 minute' from passerelle.registrations;
      """)
    let state: Statement =
      """
      select m.is_fresh || ' ' || m.may_ask
      from passerelle.activities a, passerelle.memberships_of(a.id) m order by a.id limit 1
      """
    #expect(try database.value(state) == "true false")
    try database.connection.script(
      """
      update passerelle.membership_lists
        set read_at = now() + interval '2 days', retry_at = now() + interval '2 days'
      """)
    #expect(try database.value(state) == "false true")
  }
}
