import Postgres
import Wire

/// What of a Directus decides how the collections are described to it: its version, and the language that it speaks where it cannot
/// translate.
package struct Instance: Equatable, Sendable {
  /// The version's shape.
  package let shape: SystemTables.Shape
  /// French where the instance's own language is, otherwise English.
  package let language: Language

  /// A version and a language.
  package init(_ shape: SystemTables.Shape, _ language: Language) {
    self.shape = shape
    self.language = language
  }

  /// What stands in schema public; a Directus 12 in English where none does.
  package static func read(on connection: Connection) throws(PostgresError) -> Instance {
    let shapes = try connection.query(
      """
      select case
          when exists (select from pg_catalog.pg_attribute a
                       where a.attrelid = to_regclass('public.directus_collections') and a.attname = 'status') then 12
          when to_regclass('public.directus_policies') is not null then 11
          when to_regclass('public.directus_collections') is not null then 10
        end as shape,
        coalesce(has_column_privilege(to_regclass('public.directus_settings'), 'default_language', 'select'), false) as may_read
      """)
    let shape = try shapes.first?.get("shape", as: Int?.self).flatMap(SystemTables.Shape.init(rawValue:)) ?? .twelve
    guard try shapes.first?.get("may_read") ?? false else { return Instance(shape, .english) }
    let locale: String? = try connection.query("select default_language from public.directus_settings").first?
      .get("default_language")
    return Instance(shape, locale?.hasPrefix("fr") == true ? .french : .english)
  }
}
