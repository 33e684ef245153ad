import Foundation
import Postgres
import TestSupport
import Testing
import Wire

/// `passerelle module import` of what Directus exports of `modules` and `grains`: items as its API answers them (decimals as
/// texts, instants in UTC, the other side of a relation as ids), in JSON or in CSV with every text quoted.
@Suite(.needsStack) struct DirectusImportTests {
  private static let modules: Statement = """
    select coalesce(json_agg(json_build_object(
      'id', m.id, 'slug', m.slug, 'title', m.title, 'url', m.url, 'grading', m.grading, 'status', m.status, 'sort', m.sort,
      'date_created', to_char(m.date_created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'date_updated', null,
      'user_created', null,
      'grains', (select coalesce(json_agg(g.id), '[]') from public.grains g where g.module = m.id), 'grades', '[]'::json)), '[]')::text
    from public.modules m
    """
  private static let grains: Statement = """
    select coalesce(json_agg(json_build_object(
      'id', g.id, 'module', g.module, 'slug', g.slug, 'title', g.title, 'weight', g.weight::text, 'status', g.status,
      'sort', g.sort, 'date_created', to_char(g.date_created at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'date_updated', null, 'progress', (select coalesce(json_agg(p.id), '[]') from public.progress p where p.grain = g.id))),
      '[]')::text
    from public.grains g
    """
  /// Fields chosen: the module's slug in place of its id, other columns first, no ids.
  private static let chosenGrains: Statement = """
    select coalesce(json_agg(json_build_object(
      'weight', g.weight::text, 'title', g.title, 'module', json_build_object('title', m.title, 'slug', m.slug), 'slug', g.slug)),
      '[]')::text
    from public.grains g join public.modules m on m.id = g.module
    """

  /// Everything in both tables.
  private static let rows: Statement = """
    select concat((select string_agg(m::text, E'\\n' order by m.id) from public.modules m),
                  (select string_agg(g::text, E'\\n' order by g.id) from public.grains g))
    """

  /// The items as Directus writes them into CSV: a column for each field, `module.slug` for a nested one, lists as JSON.
  private func csv(_ json: String, separator: String = ",") throws -> String {
    var table: [[(String, JSONValue)]] = []
    for item in try #require(JSONValue(parsing: json).arrayValue) {
      var cells: [(String, JSONValue)] = []
      for (name, value) in try #require(item.objectValue).members {
        if let nested = value.objectValue {
          cells += nested.members.map { ("\(name).\($0.key)", $0.value) }
        } else {
          cells.append((name, value))
        }
      }
      table.append(cells)
    }
    let lines = [table[0].map { quoted($0.0) }] + table.map { $0.map { cell($0.1) } }
    return lines.map { $0.joined(separator: separator) }.joined(separator: "\n")
  }

  private func cell(_ value: JSONValue) -> String {
    switch value {
    case .null: ""
    case .string(let text): quoted(text)
    case .number: value.encoded
    default: quoted(value.encoded)
    }
  }

  private func quoted(_ text: String) -> String { "\"\(text.replacing("\"", with: "\"\""))\"" }

  /// A folder with these files, gone at the end.
  private func withFiles(_ files: [(String, String)], _ body: ([String]) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("import-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let paths = files.map { folder.appendingPathComponent($0.0) }
    for (path, file) in zip(paths, files) { try Data(file.1.utf8).write(to: path) }
    try body(paths.map(\.path))
  }

  private func run(_ world: World, _ paths: [String]) throws -> ProgramRun {
    try ProgramRun.run(Stack.command, arguments: ["module", "import"] + paths, environment: world.administration)
  }

  /// A catalogue with what is awkward in CSV.
  private func enrich(_ world: World) throws {
    try world.database.script(
      """
      insert into public.modules (slug, title, url, grading, status, sort) values
        ('geo', 'Géométrie "plane", et; plus', 'https://geo.example/?a=1,2', 'all-or-nothing', 'archived', 7);
      insert into public.grains (module, slug, title, weight, status, sort)
        select id, 'accueil', E'Deux\\nlignes', 2.5, 'archived', 3 from public.modules where slug = 'geo';
      update public.grains set weight = 0.1 where slug = 'bilan';
      """)
  }

  @Test("An export of one's own changes nothing when it is imported again, whatever its form", arguments: [0, 1, 2, 3])
  func again(form: Int) throws {
    try World.run(.inProcess) { world in
      try enrich(world)
      try world.session().complete("accueil")
      let modules: String = try world.database.value(Self.modules)
      let grains: String = try world.database.value(form == 3 ? Self.chosenGrains : Self.grains)
      let files =
        switch form {
        case 0: [("modules.json", modules), ("grains.json", grains)]
        case 1: [("grains.csv", try csv(grains)), ("modules.csv", try csv(modules))]
        case 2:
          [("m.csv", "\u{FEFF}" + (try csv(modules, separator: ";"))), ("g.csv", try csv(grains, separator: "\t"))]
        default: [("chosen.csv", try csv(grains)), ("chosen.json", grains.replacing("'", with: ""))]
        }
      let before: String = try world.database.value(Self.rows)
      try withFiles(files) { paths in
        // Both in one command, then one after the other; the same grain twice in one command would be refused.
        for paths in (form == 3 ? [] : [paths]) + paths.map({ [$0] }) {
          let run = try run(world, paths)
          #expect(run.status == 0, "\(run.errorText)")
        }
      }
      #expect(try world.database.value(Self.rows) == before)
      #expect(try world.command("grade", "sync").status == 0)
      #expect(world.moodle.count("/scores") == 1)
    }
  }

  @Test("An export comes whole into another database, both files at once in either order, or one after the other")
  func elsewhere() throws {
    try World.run(.inProcess) { source in
      try enrich(source)
      let modules: String = try source.database.value(Self.modules)
      let grains: String = try source.database.value(Self.grains)
      let expected: String = try source.database.value(Self.content)
      let orders: [[[Int]]] = [[[0, 1]], [[1, 0]], [[0], [1]]]
      for order in orders {
        let target = try TestDatabase()
        defer { target.drop() }
        // One of the modules is there already, with another id and other grains.
        try target.execute("update public.modules set title = 'Autre'")
        try withFiles([("modules.json", modules), ("grains.csv", try csv(grains))]) { paths in
          for names in order {
            let run = try ProgramRun.run(
              Stack.command, arguments: ["module", "import"] + names.map { paths[$0] },
              environment: source.tool.settings.filter { $0.0 != "PASSERELLE_DATABASE_URL" } + [
                ("PASSERELLE_DATABASE_URL", try Stack.pooled(target.name))
              ])
            #expect(run.status == 0, "\(order) \(run.errorText)")
          }
        }
        #expect(try target.value(Self.content) == expected, "\(order)")
      }
    }
  }

  /// What a catalogue says, without ids and dates.
  private static let content: Statement = """
    select string_agg(concat_ws('|', m.slug, m.title, m.url, m.grading, m.status, m.sort, g.slug, g.title, g.weight, g.status, g.sort),
      E'\\n' order by m.slug, g.slug)
    from public.modules m left join public.grains g on g.module = m.id
    """

  @Test("A row with an id changes that one: a slug renamed in the export keeps its progress")
  func renamed() throws {
    try World.run(.inProcess) { world in
      try world.session().complete("accueil")
      let grains: String = try world.database.value(Self.grains)
      try withFiles([("grains.json", grains.replacing("\"accueil\"", with: "\"bienvenue\""))]) { paths in
        let run = try run(world, paths)
        #expect(run.status == 0, "\(run.errorText)")
      }
      #expect(try world.database.count("select from public.grains") == 4)
      let page = try world.session()
      #expect(try page.progress().json.grain("bienvenue")?["status"] == "completed")
    }
  }

  @Test("What cannot be taken is named with file, row and column, and nothing of any file is written")
  func refused() throws {
    try World.run(.inProcess) { world in
      let good = ("modules.csv", "slug,title\nneuf,Neuf\n")
      let cases: [(name: String, text: String, words: [String])] = [
        ("a.csv", "module,slug,title,poids\ndecouverte,x,X,2\n", ["a.csv, line 2 (row 1), column “poids”"]),
        ("b.csv", "slug,title,weight\nx,X,2\n", ["b.csv, line 2 (row 1), column “weight”", "module"]),
        (
          "c.csv", "module,slug,title,weight\ndecouverte,x,\"two\nlines\",1\ndecouverte,y,Y,heavy\n",
          ["c.csv, line 4 (row 2), column “weight”", "heavy"]
        ),
        ("d.csv", "module,slug,title,sort\ndecouverte,x,X,1.5\n", ["d.csv, line 2", "column “sort”"]),
        ("e.csv", "module.title,slug,title\nÀ la découverte,x,X\n", ["e.csv, line 2", "column “module”"]),
        ("f.csv", "module,slug,title\ndecouverte,x,X\ndecouverte,x,Y\n", ["f.csv, line 3 (row 2)", "line 2 (row 1)"]),
        ("g.csv", "module,slug,url\ndecouverte,x,https://x.example/\n", ["g.csv, line 2", "column “url”"]),
        ("h.csv", "slug,slug\na,b\n", ["h.csv, line 1", "slug"]),
        ("i.csv", "slug,title\na,b,c\n", ["i.csv, line 2", "3"]),
        ("j.csv", "slug,title\na,\"b\n", ["j.csv, line 2", "quotation mark"]),
        ("k.csv", "slug,title\na,\"b\"c\n", ["k.csv, line 2", "quotation mark"]),
        ("l.json", #"[{"slug":"x","title":"X","module":"ailleurs"}]"#, ["l.json, row 1", "ailleurs"]),
        ("m.json", #"[{"slug":"x","title":"X","Status":"active"}]"#, ["m.json, row 1, column “Status”"]),
        ("n.json", "[\n{\"slug\":\"x\",,}]", ["n.json", "line 2, column 13"]),
        ("o.json", #"[{"slug":"x","title":["X"]}]"#, ["o.json, row 1, column “title”"]),
        ("p.json", #"[{"slug":"x","status":"draft"}]"#, ["p.json, row 1, column “status”", "active or archived"]),
        ("q.json", #"[{"slug":"x","grains":[3.5]}]"#, ["q.json, row 1, column “grains”"]),
      ]
      let before: String = try world.database.value(Self.rows)
      for (name, text, words) in cases {
        try withFiles([good, (name, text)]) { paths in
          let run = try run(world, paths)
          #expect(run.status == 1, "\(name)")
          for word in words { #expect(run.errorText.contains(word), "\(name): \(run.errorText)") }
        }
        #expect(try world.database.value(Self.rows) == before, "\(name)")
      }
      // Refused by the database, in its words: a slug that another grain has.
      let id: String = try world.database.value("select id::text from public.grains where slug = 'accueil'")
      try withFiles([good, ("r.json", #"[{"id":"\#(id)","module":"decouverte","slug":"bilan"}]"#)]) { paths in
        let run = try run(world, paths)
        #expect(run.status == 1 && run.errorText.contains("r.json, row 1: another grain"), "\(run.errorText)")
      }
      #expect(try world.database.value(Self.rows) == before)
    }
  }
}
