import Postgres
import Wire

/// The tables of schema public, as adoption looks at them.
struct Survey: Sendable {
  /// By name, in alphabetical order.
  let tables: [TableShape]
  /// The role as which Passerelle works: the owner of its schema, or whoever will make it.
  let role: String

  func table(_ name: String) -> TableShape? { tables.first { $0.name == name } }

  /// Reads the catalogue. Not information_schema, which hides what this role has no rights on: what is refused is
  /// refused with its true reason.
  static func read(on connection: Connection) throws(PostgresError) -> Survey {
    guard let row = try connection.query(question).first else { return Survey(tables: [], role: "") }
    let text: String = try row.get("tables")
    let role: String = try row.get("role")
    do throws(JSONError) {
      let list = try JSONValue(parsing: text, maxBytes: 1 << 26).arrayValue ?? []
      return Survey(tables: list.map(TableShape.init(json:)), role: role)
    } catch {
      throw PostgresError(.decoding, "the catalogue's answer is not the JSON that was asked for")
    }
  }

  private static let question: Statement = """
    with passerelle as (
      select coalesce(
        (select s.nspowner from pg_catalog.pg_namespace s where s.nspname = 'passerelle'), (select r.oid from pg_catalog.pg_roles r where r.rolname = current_user)) as role)
    select coalesce(json_agg(t order by t.name), '[]')::text as tables,
      (select pg_catalog.pg_get_userbyid(p.role)::text from passerelle p) as role
    from (
      select c.relname as name, c.relkind as kind, pg_catalog.pg_get_userbyid(c.relowner) as owner,
        pg_catalog.pg_has_role(c.relowner, 'USAGE') as "isOurs",
        (select coalesce(json_agg(w.privilege), '[]')
          from passerelle p, unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRIGGER', 'REFERENCES']) w (privilege)
          where pg_catalog.has_table_privilege(p.role, c.oid, w.privilege)) as privileges,
        (select coalesce(json_agg(json_build_object(
            'name', a.attname, 'type', b.typname, 'sqlType', pg_catalog.format_type(a.atttypid, a.atttypmod),
            'isNotNull', a.attnotnull or b.typnotnull, 'hasDefault', a.atthasdef or a.attidentity <> '',
            'isGenerated', a.attgenerated <> '' or a.attidentity = 'a',
            'default', pg_catalog.pg_get_expr(d.adbin, d.adrelid),
            'privileges', (
              select coalesce(json_agg(w.privilege), '[]')
              from passerelle p, unnest(array['SELECT', 'INSERT', 'UPDATE']) w (privilege)
              where pg_catalog.has_column_privilege(p.role, c.oid, a.attnum, w.privilege))) order by a.attnum), '[]')
          from pg_catalog.pg_attribute a join pg_catalog.pg_type b on b.oid = a.atttypid
          left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
        (select coalesce(json_agg(json_build_object(
            'schema', n.nspname, 'name', s.relname, 'isUsable',
            -- In a CASE, because PostgreSQL may ask for the right before it looks whether it is a sequence.
            case s.relkind when 'S' then pg_catalog.has_sequence_privilege(p.role, s.oid, 'USAGE') end) order by s.relname), '[]')
          from passerelle p cross join pg_catalog.pg_attrdef d
          join pg_catalog.pg_depend e on e.classid = 'pg_catalog.pg_attrdef'::regclass and e.objid = d.oid
            and e.refclassid = 'pg_catalog.pg_class'::regclass
          join pg_catalog.pg_class s on s.oid = e.refobjid and s.relkind = 'S'
          join pg_catalog.pg_namespace n on n.oid = s.relnamespace
          where d.adrelid = c.oid) as sequences,
        (select coalesce(json_agg(json_build_object(
            'name', i.indexrelid::regclass::text, 'columns', (
              select json_agg(a.attname order by k.place)
              from unnest(i.indkey::smallint[]) with ordinality k (number, place)
              left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
              where k.place <= i.indnkeyatts),
            'isPrimary', i.indisprimary,
            'isUnique', i.indisunique and i.indimmediate, 'isPartial', i.indpred is not null)), '[]')
          from pg_catalog.pg_index i where i.indrelid = c.oid and i.indisvalid and i.indislive) as indexes,
        (select coalesce(json_agg(json_build_object(
            'column', a.attname, 'schema', n.nspname, 'table', t.relname, 'target', b.attname)), '[]')
          from pg_catalog.pg_constraint f
          join pg_catalog.pg_class t on t.oid = f.confrelid
          join pg_catalog.pg_namespace n on n.oid = t.relnamespace
          join pg_catalog.pg_attribute a on a.attrelid = f.conrelid and a.attnum = f.conkey[1]
          join pg_catalog.pg_attribute b on b.attrelid = f.confrelid and b.attnum = f.confkey[1]
          where f.conrelid = c.oid and f.contype = 'f' and cardinality(f.conkey) = 1) as links,
        (select coalesce(json_agg(json_build_object(
            'name', k.conname, 'column', a.attname,
            'condition', pg_catalog.pg_get_expr(k.conbin, k.conrelid)) order by k.conname), '[]')
          from pg_catalog.pg_constraint k
          join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
          where k.conrelid = c.oid and k.contype = 'c' and cardinality(k.conkey) = 1) as checks
      from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm', 'f')
    ) t
    """
}

extension TableShape {
  fileprivate init(json: JSONValue) {
    func text(_ value: JSONValue?) -> String { value?.stringValue ?? "" }
    func list(_ key: String) -> [JSONValue] { json[key]?.arrayValue ?? [] }
    func names(_ index: JSONValue) -> [String?] { (index["columns"]?.arrayValue ?? []).map(\.stringValue) }
    name = text(json["name"])
    kind = text(json["kind"])
    owner = text(json["owner"])
    isOurs = json["isOurs"] == true
    privileges = Set(list("privileges").compactMap(\.stringValue))
    columns = list("columns").map { column in
      ColumnShape(
        name: text(column["name"]), type: text(column["type"]), sqlType: text(column["sqlType"]),
        isNotNull: column["isNotNull"] == true, hasDefault: column["hasDefault"] == true,
        isGenerated: column["isGenerated"] == true, defaultWord: Self.word(ofDefault: text(column["default"])),
        privileges: Set((column["privileges"]?.arrayValue ?? []).compactMap(\.stringValue)))
    }
    sequences = list("sequences").map { sequence in
      SequenceShape(
        schema: text(sequence["schema"]), name: text(sequence["name"]), isUsable: sequence["isUsable"] == true)
    }
    let indexes = list("indexes").filter { $0["isPartial"] != true }
    primaryKey = indexes.first { $0["isPrimary"] == true }.map { names($0).compactMap { $0 } } ?? []
    // An expression has no column; an index with one says nothing about columns.
    uniques = indexes.filter { $0["isUnique"] == true && !names($0).contains(nil) }.map { names($0).compactMap { $0 } }
    indexed = indexes.compactMap { names($0).first ?? nil }
    self.indexes = Dictionary(
      list("indexes").compactMap { index in
        index["name"]?.stringValue?.split(separator: ".").last.map { (String($0), names(index).compactMap { $0 }) }
      }, uniquingKeysWith: { first, _ in first })
    links = list("links").map { link in
      LinkShape(
        column: text(link["column"]), schema: text(link["schema"]), table: text(link["table"]),
        target: text(link["target"]))
    }
    checks = list("checks").map { check in
      CheckShape(name: text(check["name"]), column: text(check["column"]), condition: text(check["condition"]))
    }
  }

  /// `'en_cours'::character varying` is a word; `nextval('x'::regclass)` is none.
  private static func word(ofDefault expression: String) -> String? {
    expression.hasPrefix("'") ? KnownWords.literals(expression).first : nil
  }
}
