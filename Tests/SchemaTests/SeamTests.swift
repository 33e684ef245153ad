import Postgres
import Schema
import TestSupport
import Testing

/// The seams of migration 9: where an institution's own collections take the place of the five tables.
@Suite struct SeamTests {
  /// The functions that adoption makes anew, and the trigger function that stays with the learners it guards.
  private static let seams = [
    "learner_create", "learner_update", "learner_delete", "progress_record", "learners_leave",
  ]

  @Test(
    "Only the seams name the tables of people, catalogue and progress: everything else works on adopted ones",
    .needsPostgres)
  func tables() throws {
    let database = try ScratchDatabase()
    let rows = try database.connection.query(
      """
      select p.proname from pg_proc p
      where p.pronamespace = 'passerelle'::regnamespace and p.prosrc ~ 'public\\.(learners|modules|grains|progress)\\M'
      order by 1
      """)
    let names: [String] = try rows.map { try $0.get("proname") }
    #expect(names == Self.seams.sorted())
  }

  @Test("Later migrations leave those tables alone: an adopted database has others by their names")
  func migrations() {
    let pattern = /public\.(learners|modules|grains|progress)\b/
    #expect(Schema.migrations.contains { $0.number <= 14 && $0.sql.contains(pattern) })
    for migration in Schema.migrations where migration.number > 14 {
      #expect(!migration.sql.contains(pattern), "migration \(migration.number) names one")
    }
  }
}
