import Postgres
import Wire

/// The grains of a module.
package enum Grains {
  package struct Listed: RowDecodable {
    package let slug: String
    package let title: String
    package let weight: Double
    package let status: String
    package let position: Int?

    package init(row: Row) throws(PostgresError) {
      slug = try row.get("slug")
      title = try row.get("title")
      weight = try row.get("weight")
      status = try row.get("status")
      position = try row.get("position")
    }

    package var json: JSONObject {
      [
        "slug": .string(slug), "title": .string(title), "weight": .number(weight), "status": .string(status),
        "position": position.map { .number(Double($0)) } ?? .null,
      ]
    }
  }

  /// A module's grains, in their order.
  package static func list(of module: String, in database: Database) throws(PostgresError) -> [Listed] {
    try database.all(
      """
      select g.slug, g.title, g.weight::float8 as weight, g.status, g.sort as position
      from passerelle.grain_rows g join passerelle.module_rows m on m.id = g.module
      where m.slug = \(module) order by g.sort, g.slug
      """)
  }

  /// Adds a grain, last unless it has a position; false when its slug is taken in the module.
  package static func add(_ grain: CatalogueGrain, in database: Database) throws(PostgresError) -> Bool {
    try database.execute(
      """
      insert into public.grains (module, slug, title, weight, sort)
      select m.id, \(grain.slug.value), \(grain.title), \(grain.weight ?? 1)::numeric,
             coalesce(\(grain.position)::integer, (select max(g.sort) from public.grains g where g.module = m.id) + 1, 1)
      from public.modules m where m.slug = \(grain.module)
      on conflict on constraint grains_slug_unique_in_module do nothing
      """) > 0
  }

  /// Upserts a grain, found by `id` or else by module and slug. Only given fields change. `module` is a slug or an id.
  package static func upsert(_ grain: CatalogueGrain, in database: Database) throws(PostgresError) {
    let id = grain.id.flatMap { UUIDText($0) }?.value
    let changed = try database.execute(
      """
      update public.grains g
        set module = m.id, slug = \(grain.slug.value), title = coalesce(\(grain.title), g.title),
            weight = coalesce(\(grain.weight)::numeric, g.weight),
            status = coalesce(\(grain.status?.rawValue), g.status), sort = coalesce(\(grain.position)::integer, g.sort)
        from public.modules m
        where m.id = \(try module(of: grain, in: database))::uuid and g.id = coalesce(
          (select o.id from public.grains o where o.id = \(id)::uuid),
          (select o.id from public.grains o where o.module = m.id and o.slug = \(grain.slug.value)))
      """)
    guard changed == 0 else { return }
    try database.execute(
      """
      insert into public.grains (id, module, slug, title, weight, status, sort)
      select coalesce(\(id)::uuid, gen_random_uuid()), m.id, \(grain.slug.value), \(grain.title ?? grain.slug.value),
             coalesce(\(grain.weight)::numeric, 1), coalesce(\(grain.status?.rawValue), 'active'),
             coalesce(\(grain.position)::integer, (select max(o.sort) from public.grains o where o.module = m.id) + 1, 1)
      from public.modules m where m.id = \(try module(of: grain, in: database))::uuid
      """)
  }

  /// The id of a grain's module. A slug goes before an id, should one look like the other.
  private static func module(of grain: CatalogueGrain, in database: Database) throws(PostgresError) -> String {
    let found: [String] = try database.values(
      """
      select m.id::text from public.modules m
      where m.slug = \(grain.module) or m.id::text = \(grain.module.lowercased())
      order by m.slug <> \(grain.module) limit 1
      """)
    guard let id = found.first else {
      throw PostgresError(.decoding, "there is no module “\(grain.module)” for grain “\(grain.slug)”")
    }
    return id
  }
}
