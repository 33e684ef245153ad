/// The database's schema: tables that go forward step by step, and functions, views and triggers that each release holds
/// in their final form. README.md beside this file says where a function lives and how to change one.
package enum Schema {
  /// Tables, columns, constraints and indexes, first to last. A file that has been released is never edited.
  package static let tables: [Migration] = [
    Migration(number: 1, name: "tables", sql: text(PackageResources._001_tables_sql)),
    Migration(number: 2, name: "recounts", sql: text(PackageResources._002_recounts_sql)),
    Migration(number: 3, name: "rosters", sql: text(PackageResources._003_rosters_sql)),
    Migration(number: 4, name: "roles", sql: text(PackageResources._004_roles_sql)),
    Migration(number: 5, name: "heartbeats", sql: text(PackageResources._005_heartbeats_sql)),
    Migration(number: 6, name: "deliveries", sql: text(PackageResources._006_deliveries_sql)),
    Migration(number: 7, name: "people", sql: text(PackageResources._007_people_sql)),
    Migration(number: 8, name: "states", sql: text(PackageResources._008_states_sql)),
    Migration(number: 10, name: "metrics", sql: text(PackageResources._010_metrics_sql)),
    Migration(number: 11, name: "classes", sql: text(PackageResources._011_classes_sql)),
    Migration(number: 12, name: "links", sql: text(PackageResources._012_links_sql)),
    Migration(number: 13, name: "corrections", sql: text(PackageResources._013_corrections_sql)),
  ]

  /// The files of functions that are the same for everybody, by name.
  package static let files: [(name: String, sql: String)] = [
    ("helpers", text(PackageResources.helpers_sql)),
    ("metrics", text(PackageResources.metrics_sql)),
    ("launches", text(PackageResources.launches_sql)),
    ("identities", text(PackageResources.identities_sql)),
    ("sessions", text(PackageResources.sessions_sql)),
    ("progress", text(PackageResources.progress_sql)),
    ("runs", text(PackageResources.runs_sql)),
    ("merging", text(PackageResources.merging_sql)),
    ("states", text(PackageResources.states_sql)),
    ("grading", text(PackageResources.grading_sql)),
    ("delivery", text(PackageResources.delivery_sql)),
    ("verification", text(PackageResources.verification_sql)),
    ("rosters", text(PackageResources.rosters_sql)),
    ("corrections", text(PackageResources.corrections_sql)),
    ("platforms", text(PackageResources.platforms_sql)),
    ("health", text(PackageResources.health_sql)),
    ("staff_edits", text(PackageResources.staff_edits_sql)),
  ]

  /// The file of each seam, as it is where the role's rows are in Passerelle's own table.
  package static func file(of role: SeamRole) -> (name: String, sql: String) {
    let bytes =
      switch role {
      case .learners: PackageResources.own_learners_sql
      case .modules: PackageResources.own_modules_sql
      case .grains: PackageResources.own_grains_sql
      case .progress: PackageResources.own_progress_sql
      }
    return ("own_\(role.rawValue)", text(bytes))
  }

  /// What every database has, in the order of the files.
  static let common: [Definition] = files.flatMap { Definition.all(in: $0.sql) }

  /// The default of one seam.
  static func own(_ role: SeamRole) -> [Definition] { Definition.all(in: file(of: role).sql) }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
