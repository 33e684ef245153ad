import Postgres
import Wire

/// The aggregate of a module, as the administrator changes it.
package enum Modules {
  package struct Listed: RowDecodable {
    package let slug: String
    package let title: String
    package let url: String?
    package let grading: String
    package let scope: String
    package let status: String
    package let grains: Int

    package init(row: Row) throws(PostgresError) {
      slug = try row.get("slug")
      title = try row.get("title")
      url = try row.get("url")
      grading = try row.get("grading")
      scope = try row.get("scope")
      status = try row.get("status")
      grains = try row.get("grains")
    }

    package var json: JSONObject {
      [
        "slug": .string(slug), "title": .string(title), "url": url.map(JSONValue.string) ?? .null,
        "grading": .string(grading), "scope": .string(scope), "status": .string(status),
        "grains": .number(Double(grains)),
      ]
    }
  }

  /// Every module, in the order of their positions.
  package static func list(in database: Database) throws(PostgresError) -> [Listed] {
    try database.all(
      """
      select m.slug, m.title, m.url, m.grading, m.scope, m.status,
             (select count(*) from passerelle.grain_rows g where g.module = m.id and g.status = 'active') as grains
      from passerelle.module_rows m order by m.sort, m.slug
      """)
  }

  /// Adds a module; false when its slug is taken.
  package static func add(_ module: CatalogueModule, in database: Database) throws(PostgresError) -> Bool {
    try database.execute(
      """
      insert into public.modules (slug, title, url, grading, scope, sort)
      select \(module.slug.value), \(module.title), \(module.url), coalesce(\(module.grading?.rawValue), 'proportion'),
             coalesce(\(module.scope?.rawValue), 'learner'), coalesce(max(sort), 0) + 1
      from public.modules
      on conflict on constraint modules_slug_unique do nothing
      """) > 0
  }

  /// Says to staff, beside the active module, what is wrong with its address; nil says that nothing is. Where modules live in a table
  /// of the institution's own there is no place to say it.
  package static func say(_ words: Words?, ofAddressOf slug: String, in database: Database) throws(PostgresError) {
    let notice = words.map { "\($0.french) · \($0.english)" }
    try database.execute(
      """
      select passerelle.module_address_notice(m.id, \(notice)) from passerelle.module_rows m
      where m.slug = \(slug) and m.status = 'active'
      """)
  }

  /// Upserts a module, found by `id` or else by slug. Only given fields change.
  package static func upsert(_ module: CatalogueModule, in database: Database) throws(PostgresError) {
    let id = module.id.flatMap { UUIDText($0) }?.value
    let changed = try database.execute(
      """
      update public.modules m
        set slug = \(module.slug.value), title = coalesce(\(module.title), m.title), url = coalesce(\(module.url), m.url),
            grading = coalesce(\(module.grading?.rawValue), m.grading), scope = coalesce(\(module.scope?.rawValue), m.scope),
            status = coalesce(\(module.status?.rawValue), m.status), sort = coalesce(\(module.position)::integer, m.sort)
        where m.id = coalesce(
          (select o.id from public.modules o where o.id = \(id)::uuid),
          (select o.id from public.modules o where o.slug = \(module.slug.value)))
      """)
    guard changed == 0 else { return }
    try database.execute(
      """
      insert into public.modules (id, slug, title, url, grading, scope, status, sort)
      select coalesce(\(id)::uuid, gen_random_uuid()), \(module.slug.value), \(module.title ?? module.slug.value), \(module.url),
             coalesce(\(module.grading?.rawValue), 'proportion'), coalesce(\(module.scope?.rawValue), 'learner'),
             coalesce(\(module.status?.rawValue), 'active'),
             coalesce(\(module.position)::integer, max(sort) + 1, 1)
      from public.modules
      """)
  }
}
