import Directus
import DirectusTestSupport
import Postgres
import TestSupport
import Testing
import Wire

/// The description against the tables that it describes, and against what Directus asks of it.
@Suite struct MetadataTests {
  private static let names = Set(Metadata.collections.map(\.name))

  @Test("Every column of the five collections is described, and nothing else claims to be a column", .needsPostgres)
  func columns() throws {
    let database = try ScratchDirectus(nil)
    for collection in Metadata.collections {
      let columns = try database.values(
        """
        select column_name::text from information_schema.columns
        where table_schema = 'public' and table_name = \(collection.name) order by 1
        """)
      #expect(collection.fields.filter(\.hasColumn).map(\.name).sorted() == columns.sorted(), "\(collection.name)")
      #expect(Set(collection.fields.map(\.name)).count == collection.fields.count, "\(collection.name)")
    }
    #expect(Metadata.collections.count == 5)
  }

  @Test("The relations are the foreign keys, and what cannot be empty is not emptied", .needsPostgres)
  func relations() throws {
    let database = try ScratchDirectus(nil)
    let keys = try database.values(
      """
      select concat_ws(' ', c.conrelid::regclass, a.attname, c.confrelid::regclass,
        case when a.attnotnull then 'delete' else 'nullify' end)
      from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
      where c.contype = 'f' and c.connamespace = 'public'::regnamespace order by 1
      """)
    #expect(
      Metadata.relations.map {
        "\($0.manyCollection) \($0.manyField) \($0.oneCollection) \($0.deselection.rawValue)"
      }.sorted() == keys.sorted())
    for relation in Metadata.relations {
      func field(_ collection: String, _ name: String) -> FieldDescription? {
        Metadata.collections.first { $0.name == collection }?.fields.first { $0.name == name }
      }
      #expect(field(relation.manyCollection, relation.manyField)?.special == "m2o")
      #expect(field(relation.oneCollection, try #require(relation.oneField))?.special == "o2m")
    }
    let links = Metadata.collections.flatMap(\.fields).count { $0.special == "m2o" }
    let lists = Metadata.collections.flatMap(\.fields).count { $0.special == "o2m" }
    #expect(links == Metadata.relations.count && lists == Metadata.relations.count)
  }

  @Test("A dropdown offers what the database accepts, no more and no less", .needsPostgres)
  func choices() throws {
    let database = try ScratchDirectus(nil)
    let checks = try database.connection.query(
      """
      select c.conrelid::regclass::text as collection, a.attname::text as field,
        array(select m[1] from regexp_matches(pg_get_constraintdef(c.oid), '''([^'']+)''::text', 'g') m
          order by 1) as accepted
      from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
      where c.contype = 'c' and c.connamespace = 'public'::regnamespace and cardinality(c.conkey) = 1
        and pg_get_constraintdef(c.oid) like '%ANY (ARRAY[%'
      """)
    #expect(checks.count == 6)
    for check in checks {
      let (collection, name): (String, String) = (try check.get("collection"), try check.get("field"))
      let field = Metadata.collections.first { $0.name == collection }?.fields.first { $0.name == name }
      #expect(try field?.choices.map(\.value).sorted() == check.get("accepted"), "\(collection).\(name)")
    }
    #expect(Metadata.collections.flatMap(\.fields).count { !$0.choices.isEmpty } == checks.count)
  }

  @Test("What the form insists on is what the database does not fill in itself", .needsPostgres)
  func required() throws {
    let database = try ScratchDirectus(nil)
    let needed = try database.values(
      """
      select table_name || '.' || column_name from information_schema.columns
      where table_schema = 'public' and is_nullable = 'NO' and column_default is null and table_name <> 'grades'
      """)
    let insisted = Metadata.collections.flatMap { collection in
      collection.fields.filter(\.isRequired).map { "\(collection.name).\($0.name)" }
    }
    #expect(insisted.sorted() == needed.sorted())
  }

  @Test("Every field has an interface with options, a display, a width, a label and a note")
  func complete() throws {
    for row in Metadata.rows(for: Self.names) where row.table == .fields {
      for column in ["interface", "options", "display", "width", "translations", "note"] {
        #expect(row.values[column].map { $0 != JSONValue.null } == true, "\(row.key) \(column)")
      }
    }
  }

  @Test("Ids, versions, counters and what was delivered cannot be typed over in a form")
  func technical() throws {
    let grades = try #require(Metadata.collections.first { $0.name == "grades" })
    #expect(grades.fields.filter { $0.hasColumn && !$0.isReadOnly }.map(\.name) == ["status"])
    for collection in Metadata.collections {
      for name in ["id", "date_created", "date_updated"] {
        let field = try #require(collection.fields.first { $0.name == name })
        #expect(field.isReadOnly && field.isHidden, "\(collection.name).\(name)")
      }
    }
  }

  @Test("Every label is in both languages, and every text that is looked up by key is there in both")
  func translations() throws {
    let rows = Metadata.rows(for: Self.names)
    var keys: [String: Set<String>] = [:]
    var referred: Set<String> = []
    for row in rows {
      switch row.table {
      case .collections, .fields:
        let translations = try #require(row.values["translations"]?.arrayValue, "\(row.key)")
        #expect(translations.map { $0["language"]?.stringValue } == ["fr-FR", "en-US"], "\(row.key)")
        let members =
          row.table == .collections && row.key != Metadata.folder
          ? ["translation", "singular", "plural"] : ["translation"]
        for translation in translations {
          for member in members { #expect(translation[member]?.stringValue?.isEmpty == false, "\(row.key)") }
        }
        Self.references(in: .object(row.values), &referred)
      case .translations:
        let key = try #require(row.values["key"]?.stringValue)
        keys[key, default: []].insert(try #require(row.values["language"]?.stringValue))
        // Directus 10 keeps 255 characters of a translation; its look-up takes a dot for a path.
        #expect(try #require(row.values["value"]?.stringValue).count <= 255, "\(row.key)")
        #expect(key.count <= 64 && key.hasPrefix("passerelle_"), "\(key)")
        #expect(key.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }, "\(key)")
      case .presets: Self.references(in: row.values["bookmark"] ?? .null, &referred)
      case .relations, .dashboards, .panels: break
      }
    }
    #expect(referred == Set(keys.keys))
    #expect(keys.values.allSatisfy { $0 == ["fr-FR", "en-US"] })
    #expect(!keys.isEmpty)
  }

  private static func references(in value: JSONValue, _ keys: inout Set<String>) {
    switch value {
    case .string(let text) where text.hasPrefix("$t:"): keys.insert(String(text.dropFirst(3)))
    case .array(let values): for value in values { references(in: value, &keys) }
    case .object(let object): for member in object.members { references(in: member.value, &keys) }
    default: break
    }
  }

  @Test("Icons fit the oldest column, colours are colours, and tables show fields that exist")
  func looks() throws {
    for row in Metadata.rows(for: Self.names) {
      if let icon = row.values["icon"]?.stringValue { #expect(icon.count <= 30, "\(row.key)") }
      if let color = row.values["color"]?.stringValue {
        #expect(color.count == 7 && color.hasPrefix("#") && Hex.decode(String(color.dropFirst())) != nil, "\(row.key)")
      }
    }
    for collection in Metadata.collections {
      let names = Set(collection.fields.map(\.name))
      for table in [collection.table] + collection.bookmarks.map(\.table) {
        let shown = table.columns + table.order.map { $0.hasPrefix("-") ? String($0.dropFirst()) : $0 }
        #expect(names.isSuperset(of: shown) && Set(table.columns).isSuperset(of: table.widths.keys))
        let folded = collection.fields.filter { $0.isHidden && table.columns.contains($0.name) }.map(\.name)
        #expect(folded.allSatisfy { $0 == "date_created" }, "\(collection.name) \(folded)")
      }
      for field in collection.fields {
        if let group = field.group { #expect(names.contains(group)) }
      }
    }
  }

  @Test("The rules that Directus applies in words are those of the database", .needsPostgres)
  func rules() throws {
    let database = try ScratchDirectus(nil)
    let learner: String = try database.value("insert into public.learners default values returning id::text")
    let module: String = try database.value(
      "insert into public.modules (slug, title) values ('m', 'M') returning id::text")
    let grain: String = try database.value(
      "insert into public.grains (module, slug, title) values (\(module)::uuid, 'g', 'G') returning id::text")
    try database.connection.execute(
      "insert into public.progress (learner, grain, status) values (\(learner), \(grain), 'completed')")
    let slugs = [
      "a", "A.b_c~d-9", "", "-a", "é", "a b", String(repeating: "a", count: 100), String(repeating: "a", count: 101),
    ]
    let cases: [(table: String, column: String, values: [String?])] = [
      ("modules", "slug", slugs), ("grains", "slug", slugs),
      ("modules", "url", [nil, "https://x.example", "http://x", "ftp://x", "javascript:alert(1)", "x"]),
      ("grains", "weight", ["0", "-1", "0.00001", "1", "999999.99999", "1000000"]),
      ("progress", "score", [nil, "0", "1", "0.5", "-0.0001", "1.0001", "1.7"]),
    ]
    for (table, column, values) in cases {
      let field = try #require(
        Metadata.collections.first { $0.name == table }?.fields.first { $0.name == column })
      let filter = try #require(field.rule?.filter)
      for value in values {
        var taken = true
        do throws(PostgresError) {
          try database.connection.script("begin")
          try database.connection.execute(
            "update public.\(identifier: table) set \(identifier: column) = \(value)::text::\(unescaped: column == "weight" || column == "score" ? "numeric" : "text")"
          )
        } catch {
          #expect(error.sqlState?.hasPrefix("23") == true)
          taken = false
        }
        try database.connection.script("rollback")
        #expect(try Rule.accepts(filter, column, value) == taken, "\(table).\(column) \(value ?? "null")")
      }
    }
  }

  @Test("Without a collection its lists, links and texts are left out too")
  func partial() throws {
    let rows = Metadata.rows(for: ["modules", "grains"])
    // The scope of a module is said in a word that is a collection's name, too.
    let text = rows.map(\.key).filter { !$0.hasPrefix("passerelle_modules_scope_") }.joined(separator: "\n")
    #expect(!text.contains("learner") && !text.contains("progress") && !text.contains("grades"))
    #expect(text.contains("modules.grains") && text.contains("grains.module"))
    #expect(Metadata.rows(for: []).isEmpty)
  }
}

/// The few operators of Directus's rules that the metadata uses, as Directus's own checks understand them.
private enum Rule {
  struct Unknown: Error {}

  static func accepts(_ filter: JSONValue, _ field: String, _ value: String?) throws -> Bool {
    if let all = filter["_and"]?.arrayValue { return try all.allSatisfy { try accepts($0, field, value) } }
    if let any = filter["_or"]?.arrayValue { return try any.contains { try accepts($0, field, value) } }
    guard let (name, operand) = filter[field]?.objectValue?.members.first else { throw Unknown() }
    if name == "_null" { return value == nil }
    guard let value else { return false }
    switch name {
    case "_regex":
      let pattern = try Regex(operand.stringValue ?? "")
      return try pattern.firstMatch(in: value) != nil
    case "_gt": return try number(value) > number(operand)
    case "_lt": return try number(value) < number(operand)
    case "_between":
      let bounds = try (operand.arrayValue ?? []).map(number)
      return try bounds.count == 2 && number(value) >= bounds[0] && number(value) <= bounds[1]
    default: throw Unknown()
    }
  }

  private static func number(_ value: JSONValue) throws -> Double {
    guard let number = value.doubleValue else { throw Unknown() }
    return number
  }

  private static func number(_ text: String) throws -> Double {
    guard let number = Double(text) else { throw Unknown() }
    return number
  }
}
