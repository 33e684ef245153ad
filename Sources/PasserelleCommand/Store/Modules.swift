import Adoption
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

  /// Fails where modules and grains live in collections of an institution's own, which staff fill in Directus.
  static func expectOwnCatalogue(in database: Database) throws {
    guard let adopted = try Adopted.read(on: database.connection()), let modules = adopted.tables[.modules],
      let grains = adopted.tables[.grains]
    else { return }
    throw CommandFailure("modules live in public.\(modules) and grains in public.\(grains): add them there")
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

  /// Adds a module or changes what is given of it: that of its id where there is one, otherwise that of its slug.
  static func upsert(_ module: Catalogue.Module, in database: Database) throws(PostgresError) {
    let id = module.id.flatMap(UUIDText.init)?.value
    let changed = try database.execute(
      """
      update public.modules m
        set slug = \(module.slug), title = coalesce(\(module.title), m.title), url = coalesce(\(module.url), m.url),
            grading = coalesce(\(module.grading?.rawValue), m.grading),
            status = coalesce(\(module.status?.rawValue), m.status), sort = coalesce(\(module.position)::integer, m.sort)
        where m.id = coalesce(
          (select o.id from public.modules o where o.id = \(id)::uuid),
          (select o.id from public.modules o where o.slug = \(module.slug)))
      """)
    guard changed == 0 else { return }
    try database.execute(
      """
      insert into public.modules (id, slug, title, url, grading, status, sort)
      select coalesce(\(id)::uuid, gen_random_uuid()), \(module.slug), \(module.title ?? module.slug), \(module.url),
             coalesce(\(module.grading?.rawValue), 'proportion'), coalesce(\(module.status?.rawValue), 'active'),
             coalesce(\(module.position)::integer, max(sort) + 1, 1)
      from public.modules
      """)
  }
}

/// A uuid in its usual form; nil for an id of another kind, such as a number from another database.
struct UUIDText {
  let value: String

  init?(_ text: String) {
    let groups = text.split(separator: "-", omittingEmptySubsequences: false)
    guard groups.map(\.count) == [8, 4, 4, 4, 12], groups.joined().allSatisfy(\.isHexDigit) else { return nil }
    value = text
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

  /// Adds a grain or changes what is given of it: that of its id where there is one, otherwise that of its slug in the module,
  /// which is named by its slug or its id.
  static func upsert(_ grain: Catalogue.Grain, in database: Database) throws(PostgresError) {
    let id = grain.id.flatMap(UUIDText.init)?.value
    let changed = try database.execute(
      """
      update public.grains g
        set module = m.id, slug = \(grain.slug), title = coalesce(\(grain.title), g.title),
            weight = coalesce(\(grain.weight)::numeric, g.weight),
            status = coalesce(\(grain.status?.rawValue), g.status), sort = coalesce(\(grain.position)::integer, g.sort)
        from public.modules m
        where m.id = \(try module(of: grain, in: database))::uuid and g.id = coalesce(
          (select o.id from public.grains o where o.id = \(id)::uuid),
          (select o.id from public.grains o where o.module = m.id and o.slug = \(grain.slug)))
      """)
    guard changed == 0 else { return }
    try database.execute(
      """
      insert into public.grains (id, module, slug, title, weight, status, sort)
      select coalesce(\(id)::uuid, gen_random_uuid()), m.id, \(grain.slug), \(grain.title ?? grain.slug),
             coalesce(\(grain.weight)::numeric, 1), coalesce(\(grain.status?.rawValue), 'active'),
             coalesce(\(grain.position)::integer, (select max(o.sort) from public.grains o where o.module = m.id) + 1, 1)
      from public.modules m where m.id = \(try module(of: grain, in: database))::uuid
      """)
  }

  /// The id of a grain's module. A slug goes before an id, should one look like the other.
  private static func module(of grain: Catalogue.Grain, in database: Database) throws(PostgresError) -> String {
    struct Found: RowDecodable {
      let id: String
      init(row: Row) throws(PostgresError) { id = try row.get("id") }
    }
    let found = try database.first(
      """
      select m.id::text as id from public.modules m where m.slug = \(grain.module) or m.id::text = \(grain.module.lowercased())
      order by m.slug <> \(grain.module) limit 1
      """, as: Found.self)
    guard let found else {
      throw PostgresError(.decoding, "there is no module “\(grain.module)” for grain “\(grain.slug)”")
    }
    return found.id
  }
}
