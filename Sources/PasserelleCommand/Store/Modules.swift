import Passerelle
import Postgres
import Wire

/// The aggregate of a module, as the administrator changes it.
enum Modules {
  struct Listed: RowDecodable {
    let slug: String
    let title: String
    let url: String?
    let grading: String
    let status: String
    let grains: Int

    init(row: Row) throws(PostgresError) {
      slug = try row.get("slug")
      title = try row.get("title")
      url = try row.get("url")
      grading = try row.get("grading")
      status = try row.get("status")
      grains = try row.get("grains")
    }

    var json: JSONObject {
      [
        "slug": .string(slug), "title": .string(title), "url": url.map(JSONValue.string) ?? .null,
        "grading": .string(grading), "status": .string(status), "grains": .number(Double(grains)),
      ]
    }
  }

  /// Every module, in the order of their positions.
  static func list(in database: Database) throws(PostgresError) -> [Listed] {
    try database.all(
      """
      select m.slug, m.title, m.url, m.grading, m.status,
             (select count(*) from passerelle.grain_rows g where g.module = m.id and g.status = 'active') as grains
      from passerelle.module_rows m order by m.sort, m.slug
      """)
  }

  /// Fails, naming those that exist, when there is no such module.
  static func require(_ slug: String, in database: Database) throws {
    let slugs = try list(in: database).map(\.slug)
    guard slugs.contains(slug) else {
      throw CommandFailure("there is no module “\(slug)”; known: \(slugs.joined(separator: ", "))")
    }
  }

  /// Adds a module; false when its slug is taken.
  static func add(_ module: Catalogue.Module, in database: Database) throws(PostgresError) -> Bool {
    try database.execute(
      """
      insert into public.modules (slug, title, url, grading, sort)
      select \(module.slug), \(module.title), \(module.url), coalesce(\(module.grading?.rawValue), 'proportion'),
             coalesce(max(sort), 0) + 1
      from public.modules
      on conflict on constraint modules_slug_unique do nothing
      """) > 0
  }

  /// Adds a module or changes what is given of it.
  static func upsert(_ module: Catalogue.Module, in database: Database) throws(PostgresError) {
    try database.execute(
      """
      insert into public.modules as m (slug, title, url, grading, status, sort)
      select \(module.slug), \(module.title), \(module.url), coalesce(\(module.grading?.rawValue), 'proportion'),
             coalesce(\(module.status?.rawValue), 'active'), coalesce(\(module.position)::integer, max(sort) + 1, 1)
      from public.modules
      on conflict on constraint modules_slug_unique do update
        set title = excluded.title, url = coalesce(\(module.url), m.url),
            grading = coalesce(\(module.grading?.rawValue), m.grading),
            status = coalesce(\(module.status?.rawValue), m.status), sort = coalesce(\(module.position)::integer, m.sort)
      """)
  }
}

/// The grains of a module.
enum Grains {
  struct Listed: RowDecodable {
    let slug: String
    let title: String
    let weight: Double
    let status: String
    let position: Int?

    init(row: Row) throws(PostgresError) {
      slug = try row.get("slug")
      title = try row.get("title")
      weight = try row.get("weight")
      status = try row.get("status")
      position = try row.get("position")
    }

    var json: JSONObject {
      [
        "slug": .string(slug), "title": .string(title), "weight": .number(weight), "status": .string(status),
        "position": position.map { .number(Double($0)) } ?? .null,
      ]
    }
  }

  /// A module's grains, in their order.
  static func list(of module: String, in database: Database) throws(PostgresError) -> [Listed] {
    try database.all(
      """
      select g.slug, g.title, g.weight::float8 as weight, g.status, g.sort as position
      from passerelle.grain_rows g join passerelle.module_rows m on m.id = g.module
      where m.slug = \(module) order by g.sort, g.slug
      """)
  }

  /// Adds a grain, last unless it has a position; false when its slug is taken in the module.
  static func add(_ grain: Catalogue.Grain, in database: Database) throws(PostgresError) -> Bool {
    try database.execute(
      """
      insert into public.grains (module, slug, title, weight, sort)
      select m.id, \(grain.slug), \(grain.title), \(grain.weight ?? 1)::numeric,
             coalesce(\(grain.position)::integer, (select max(g.sort) from public.grains g where g.module = m.id) + 1, 1)
      from public.modules m where m.slug = \(grain.module)
      on conflict on constraint grains_slug_unique_in_module do nothing
      """) > 0
  }

  /// Adds a grain or changes what is given of it. `module` may also be the module's id, as Directus exports it.
  static func upsert(_ grain: Catalogue.Grain, in database: Database) throws(PostgresError) {
    let changed = try database.execute(
      """
      insert into public.grains as g (module, slug, title, weight, status, sort)
      select m.id, \(grain.slug), \(grain.title), coalesce(\(grain.weight)::numeric, 1),
             coalesce(\(grain.status?.rawValue), 'active'),
             coalesce(\(grain.position)::integer, (select max(o.sort) from public.grains o where o.module = m.id) + 1, 1)
      from public.modules m where m.slug = \(grain.module) or m.id::text = \(grain.module)
      on conflict on constraint grains_slug_unique_in_module do update
        set title = excluded.title, weight = coalesce(\(grain.weight)::numeric, g.weight),
            status = coalesce(\(grain.status?.rawValue), g.status), sort = coalesce(\(grain.position)::integer, g.sort)
      """)
    guard changed > 0 else {
      throw PostgresError(.decoding, "grain “\(grain.slug)” names a module “\(grain.module)” that does not exist")
    }
  }
}
