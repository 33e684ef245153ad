import Adoption
import Directus
import Postgres
import Schema
import TestSupport
import Wire

/// A database with collections of an institution's own, to adopt and to give back.
package final class AdoptedDatabase {
  /// Makes the seams of the map in force.
  package static let migrator = Migrator(seams: Adoption.seams)

  /// The database itself.
  package let scratch: ScratchDirectus
  /// A superuser's session.
  package var connection: Connection { scratch.connection }

  /// - Parameters:
  ///   - scripts: of Tests/Fixtures, without `.sql`.
  ///   - migrated: whether Passerelle is there before.
  package init(_ scripts: String..., migrated: Bool = false) throws {
    let kind = "scripts \(scripts.joined(separator: " "))\(migrated ? ", migrated" : "")"
    let template = try TemplateDatabase.name(kind) { connection in
      for script in scripts { try connection.script(try Self.fixture(script + ".sql")) }
      if migrated { try Self.migrator.migrate(on: connection) }
    }
    scratch = try ScratchDirectus(prefix: "directus", template: template)
  }

  private init(template: String) throws { scratch = try ScratchDirectus(prefix: "directus", template: template) }

  /// The French institution, adopted unless told otherwise.
  package static func french(adopted: Bool = true) throws -> AdoptedDatabase {
    guard adopted else { return try AdoptedDatabase("adoption/french") }
    return try AdoptedDatabase(
      template: TemplateDatabase.name("adopted_french") { connection in
        try connection.script(try fixture("adoption/french.sql"))
        _ = try Adoption.adopt(
          try fixture("adoption/french.map"), migrator: migrator, on: connection, witness: CollectionsWitness(),
          isRehearsal: false)
      })
  }

  /// A file of Tests/Fixtures.
  package static func fixture(_ name: String) throws -> String { try Stack.fixture(name) }

  /// Puts a map in force, as the command does.
  @discardableResult
  package func adopt(_ map: String, rehearsal: Bool = false) throws(AdoptionProblem) -> Adoption.Report {
    try Adoption.adopt(
      map, migrator: Self.migrator, on: connection, witness: CollectionsWitness(), isRehearsal: rehearsal)
  }

  /// Takes it out of force, as the command does.
  @discardableResult
  package func undo(forgets: Bool = false) throws(AdoptionProblem) -> Adoption.Report {
    try Adoption.undo(
      forgets: forgets, migrator: Self.migrator, on: connection, witness: CollectionsWitness())
  }

  /// What Directus is told while the map is in force.
  package func installer(_ tables: SystemTables) throws -> MetadataInstaller {
    try MetadataInstaller(tables, learners: CollectionsWitness.learners(on: connection), on: connection)
  }

  /// Statements in turn, as a superuser.
  package func script(_ sql: String) throws { try connection.script(sql) }

  /// The first column of the only row.
  package func value<Value: PostgresValue>(_ statement: Statement, as type: Value.Type = Value.self) throws -> Value {
    try scratch.value(statement)
  }

  /// One line: the columns of the first row of a query, parted by bars.
  package func line(_ query: String) throws -> String {
    try value(
      Statement(
        sql: """
          select coalesce(string_agg(coalesce(v.value, '–'), '|' order by v.place), '') as line
          from (select row_to_json(q) as row from (\(query)) q limit 1) r,
            json_each_text(r.row) with ordinality as v (key, value, place)
          """, parameters: []))
  }

  /// One module of theirs with three grains, a platform, and somebody in its activity.
  package func enrol() throws {
    try script(
      """
      insert into public.modules (code, titre) values ('decouverte', 'À la découverte');
      insert into public.grains (module, code, titre) select id, c, c from public.modules, unnest(array['a', 'b', 'c']) c;
      insert into passerelle.platforms (name, issuer) values ('Moodle', 'https://moodle.example');
      insert into passerelle.activities (platform, resource_link_id, module)
        select p.id, '1', m.id from passerelle.platforms p, passerelle.module_rows m;
      """)
    _ = try learner("7", given: "Ada", family: "L", email: "ada@example.org")
  }

  /// A launch's person, enrolled in the activity; answers the learner's id.
  package func learner(_ subject: String, given: String?, family: String?, email: String?) throws -> String {
    let id: String = try value(
      """
      select passerelle.learner_of(p.id, \(subject), \(given), \(given), \(family), \(email), 'fr')::text
      from passerelle.platforms p
      """)
    try connection.execute(
      """
      insert into passerelle.enrolments (learner, activity, subject, gradable)
      select \(id), a.id, \(subject), true from passerelle.activities a on conflict do nothing
      """)
    return id
  }

  /// What a click in the mini-site records.
  package func record(_ learner: String, _ slug: String, _ status: String = "completed", score: Double? = nil) throws {
    try Self.record(learner, slug, status, score: score, on: connection)
  }

  /// The same in another session.
  package static func record(
    _ learner: String, _ slug: String, _ status: String = "completed", score: Double? = nil, on connection: Connection
  ) throws {
    try connection.execute(
      """
      select passerelle.progress_record(\(learner), array[g.id], array[\(status)], array[\(score)::numeric])
      from passerelle.grain_rows g where g.slug = \(slug)
      """)
  }

  /// The only learner's grade: `status score`.
  package func grade() throws -> String { try line("select status, score::float8 from public.grades order by learner") }

  /// Everything that the catalogue says of schemas public and passerelle, and how many rows each table holds, but for the
  /// marks by which rosters are known to have changed: whatever happens leaves some.
  package func dump() throws -> [String] {
    try scratch.values(
      """
      select line from (
        select 'schema ' || nspname as line from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
        union all
        select 'relation ' || n.nspname || '.' || c.relname || ' ' || c.relkind::text || ' ' || coalesce(c.relacl::text, '')
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where n.nspname !~ '^(pg_|information)'
        union all
        select 'column ' || n.nspname || '.' || c.relname || '.' || a.attname || ' '
            || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull || ' '
            || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
          from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
          left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
          where a.attnum > 0 and not a.attisdropped and n.nspname !~ '^(pg_|information)'
        union all
        select 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
          from pg_constraint where connamespace::regnamespace::text !~ '^(pg_|information)'
        union all
        select 'index ' || pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indexrelid
          join pg_namespace n on n.oid = c.relnamespace where n.nspname !~ '^(pg_|information)'
        union all
        select 'trigger ' || pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
        union all
        select 'function ' || pg_get_functiondef(p.oid) from pg_proc p
          where p.pronamespace::regnamespace::text !~ '^(pg_|information)'
        union all
        select 'view ' || c.oid::regclass || ' ' || pg_get_viewdef(c.oid) from pg_class c
          join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'v' and n.nspname !~ '^(pg_|information)'
        union all
        select 'sequence ' || schemaname || '.' || sequencename || ' ' || coalesce(last_value::text, '-') from pg_sequences
        union all
        select 'rows ' || n.nspname || '.' || c.relname || ' '
            || (xpath('/row/c/text()', query_to_xml('select count(*) as c from ' || c.oid::regclass, false, true, '')))[1]::text
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where c.relkind = 'r' and n.nspname !~ '^(pg_|information)' and c.relname <> 'roster_marks'
      ) d order by line collate "C"
      """)
  }
}

/// What the command does about Directus when collections are adopted and given back.
final class CollectionsWitness: AdoptionWitness {
  private var former: [MetadataRow] = []

  static func learners(on connection: Connection) throws(PostgresError) -> AdoptedLearners? {
    try AdoptedLearnersLink.read(on: connection).map { link in
      AdoptedLearners(collection: link.table, field: link.column, names: link.names)
    }
  }

  func willChange(on connection: Connection) throws(PostgresError) { former = try described(on: connection) }

  func didChange(_ change: Adoption.Change, on connection: Connection) throws(PostgresError) -> [Words] {
    let (removed, added) = try MetadataRefit.run(from: former, to: try described(on: connection), on: connection)
    switch change {
    case .adopted where removed > 0:
      return [.same("taken out of Directus's tables: \(removed) rows about Passerelle's own collections")]
    case .givenBack where added > 0:
      return [.same("told Directus of Passerelle's own collections again: \(added) rows")]
    default: return []
    }
  }

  private func described(on connection: Connection) throws(PostgresError) -> [MetadataRow] {
    let adopted = try Adoption.adoptedRoles(on: connection).map(\.rawValue)
    return Metadata.rows(
      for: Set(Metadata.collections.map(\.name)).subtracting(adopted), learners: try Self.learners(on: connection),
      try Instance.read(on: connection))
  }
}
