import Postgres

/// The database's schema: forward-only migrations, in order. Each `.sql` file is embedded in the program; one that has
/// been released is never edited, a change is a new file.
package enum Schema {
  /// Every migration, first to last.
  package static let migrations: [Migration] = [
    migration(1, "collections", PackageResources.m0001_collections_sql),
    migration(2, "machinery", PackageResources.m0002_machinery_sql),
    migration(3, "grading", PackageResources.m0003_grading_sql),
    migration(4, "launch", PackageResources.m0004_launch_sql),
    migration(5, "progress", PackageResources.m0005_progress_sql),
    migration(6, "delivery", PackageResources.m0006_delivery_sql),
    migration(7, "registration", PackageResources.m0007_registration_sql),
    migration(8, "deep linking", PackageResources.m0008_deep_linking_sql),
    migration(9, "seams", PackageResources.m0009_seams_sql),
    migration(10, "roster", PackageResources.m0010_roster_sql),
    migration(11, "staff edits", PackageResources.m0011_staff_edits_sql),
    migration(12, "doors", PackageResources.m0012_doors_sql),
    migration(13, "directus", PackageResources.m0013_directus_sql),
    migration(14, "adoption", PackageResources.m0014_adoption_sql),
    migration(15, "convergence", PackageResources.m0015_convergence_sql),
  ]

  private static func migration(_ number: Int, _ name: String, _ sql: [UInt8]) -> Migration {
    Migration(number: number, name: name, sql: String(decoding: sql, as: UTF8.self))
  }
}
