import Foundation
import TestSupport
import Testing
import Wire

/// `passerelle module` and `grain`: the catalogue, typed or imported.
@Suite(.needsStack) struct CatalogueTests {
  /// A file of this name, removed at the end.
  private final class File {
    let path: String
    init(_ name: String, _ data: Data) throws {
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent("catalogue-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      path = folder.appendingPathComponent(name).path
      try data.write(to: URL(fileURLWithPath: path))
    }
    convenience init(_ name: String, _ text: String) throws { try self.init(name, Data(text.utf8)) }
    deinit { try? FileManager.default.removeItem(at: URL(fileURLWithPath: path).deletingLastPathComponent()) }
  }

  private func rows(_ run: ProgramRun) throws -> [JSONValue] {
    #expect(run.status == 0, "\(run.errorText)")
    return try #require(JSONValue(parsing: run.output).arrayValue)
  }

  @Test("A file sets the scope of modules; of one that had another it says what that means")
  func scopes() throws {
    try World.run(.inProcess) { world in
      let file = try File(
        "scopes.csv", "slug,title,scope\ndecouverte,À la découverte,activity\nannuel,Annuel,activity\n")
      let first = try world.command("module", "import", file.path)
      #expect(
        first.text
          == "decouverte: each activity counts its own: new ones begin at nothing, the others go on with what the person "
          + "has done\nimported: 2 modules, 0 grains\n", "\(first.text)\(first.errorText)")
      #expect(try world.command("module", "import", file.path).text == "imported: 2 modules, 0 grains\n")
      #expect(try world.database.values("select scope from public.modules") == ["activity", "activity"])
      // The chooser says so, too.
      let listed = try world.deepLink().list().json
      #expect(listed["modules"]?.arrayValue?.map { $0["scope"] } == ["activity", "activity"])
      let back = try File("back.json", #"[{"slug": "annuel", "scope": "learner"}]"#)
      #expect(try world.command("module", "import", back.path).text.hasPrefix("annuel: progress is the person's"))
      let wrong = try File("wrong.csv", "slug,scope\nannuel,course\n")
      #expect(try world.command("module", "import", wrong.path).status == 1)
    }
  }

  @Test("Modules and grains are added one by one; a grain without a position comes last")
  func adding() throws {
    try World.run(.inProcess) { world in
      #expect(
        try world.command(
          "module", "add", "algebre", "--title", "Algèbre « un »", "--url", "https://alg.example/a?x=1", "--grading",
          "all-or-nothing"
        ).status == 0)
      for (slug, options) in [
        ("c", []), ("a", ["--weight", "2.5"]), ("b", ["--position", "1"]), ("d", ["--weight", "0,5"]),
      ] as [(String, [String])] {
        let run = try ProgramRun.run(
          Stack.command, arguments: ["grain", "add", "algebre", slug, "--title", "Grain \(slug)"] + options,
          environment: world.administration)
        #expect(run.status == 0, "\(run.errorText)")
      }
      let grains = try rows(try world.command("grain", "list", "algebre", "--json"))
      #expect(
        grains == [
          ["slug": "b", "title": "Grain b", "weight": 1, "status": "active", "position": 1],
          ["slug": "c", "title": "Grain c", "weight": 1, "status": "active", "position": 1],
          ["slug": "a", "title": "Grain a", "weight": 2.5, "status": "active", "position": 2],
          ["slug": "d", "title": "Grain d", "weight": 0.5, "status": "active", "position": 3],
        ])
      let modules = try rows(try world.command("module", "list", "--json"))
      #expect(
        modules.first { $0["slug"] == "algebre" }
          == [
            "slug": "algebre", "title": "Algèbre « un »", "url": "https://alg.example/a?x=1",
            "grading": "all-or-nothing",
            "scope": "learner", "status": "active", "grains": 4,
          ])
      #expect(try world.command("module", "list").text.contains("Algèbre « un »"))
    }
  }

  @Test("What is taken or unusable is refused in words")
  func refused() throws {
    try World.run(.inProcess) { world in
      for words in [
        ["module", "add", "decouverte", "--title", "T"], ["module", "add", "à-la-carte", "--title", "T"],
        ["module", "add", "x", "--title", ""], ["module", "add", "x", "--title", "T", "--url", "ftp://x"],
        ["grain", "add", "nowhere", "g", "--title", "T"], ["grain", "add", "decouverte", "accueil", "--title", "T"],
        ["grain", "add", "decouverte", "x y", "--title", "T"],
        ["grain", "add", "decouverte", "x", "--title", "T", "--weight", "0"],
        ["grain", "add", "decouverte", "x", "--title", "T", "--weight", "1000000"],
        ["grain", "add", "decouverte", "x", "--title", "T", "--weight", "nan"],
      ] {
        let run = try ProgramRun.run(Stack.command, arguments: words, environment: world.administration)
        #expect(run.status == 1 && run.errorText.hasPrefix("passerelle: "), "\(words) \(run.status) \(run.errorText)")
        #expect(!run.errorText.contains("23505"))
      }
      #expect(try world.database.count("select from public.modules") == 1)
      #expect(try world.database.count("select from public.grains") == 4)
    }
  }

  @Test("A grain added changes what everybody is owed, and grade sync delivers it")
  func owed() throws {
    try World.run(.inProcess) { world in
      try world.session().complete("accueil")
      #expect(try world.command("grain", "add", "decouverte", "cinq", "--title", "Cinq").status == 0)
      #expect(try world.command("grade", "sync").status == 0)
      #expect(world.moodle.platform.grade(user: 3)?.grade == 20)
    }
  }

  @Test("A CSV file as a spreadsheet writes it brings modules and grains, and brings them up to date")
  func csv() throws {
    try World.run(.inProcess) { world in
      let file = try File(
        "catalogue.csv",
        "\u{FEFF}module,slug,title,weight,position,grading,url,status\r\n"
          + ",geometrie,\"Géométrie, plane\",,2,all-or-nothing,https://geo.example/,\r\n"
          + "geometrie,triangle,\"Le \"\"triangle\"\"\",2.5,1,,,\r\ngeometrie,cercle,Le cercle,,2,,,\r\n"
          + "decouverte,accueil,Bienvenue,3,,,,\r\n")
      let run = try world.command("module", "import", file.path)
      #expect(run.status == 0, "\(run.errorText)")
      #expect(run.text == "imported: 1 modules, 3 grains\n")
      let grains = try rows(try world.command("grain", "list", "geometrie", "--json"))
      #expect(grains.map { $0["title"]?.stringValue } == ["Le \"triangle\"", "Le cercle"])
      #expect(grains.first?["weight"] == 2.5)
      let known = try rows(try world.command("grain", "list", "decouverte", "--json"))
      #expect(known.first == ["slug": "accueil", "title": "Bienvenue", "weight": 3, "status": "active", "position": 1])
      #expect(known.count == 4)
      // Again: nothing is doubled, and what the file leaves open stays.
      #expect(try world.command("module", "import", file.path).status == 0)
      #expect(try world.database.count("select from public.grains") == 6)
      #expect(
        try world.database.value("select title || grading || url || sort from public.modules where slug = 'geometrie'")
          == "Géométrie, planeall-or-nothinghttps://geo.example/2")
    }
  }

  @Test("A JSON file may nest grains in their modules, or list both as Directus exports them")
  func json() throws {
    try World.run(.inProcess) { world in
      let nested = try File(
        "nested.json",
        #"[{"slug":"m","title":"M","grains":[{"slug":"b","title":"B"},{"slug":"a","title":"A","weight":2}]}]"#)
      #expect(try world.command("module", "import", nested.path).status == 0)
      #expect(
        try rows(try world.command("grain", "list", "m", "--json")).map { $0["slug"]?.stringValue } == ["b", "a"])
      let id: String = try world.database.value("select id::text from public.modules where slug = 'm'")
      let exported = try File(
        "export.json", #"{"data":[{"module":"\#(id)","slug":"c","title":"C","sort":9,"status":"archived"}]}"#)
      let run = try world.command("module", "import", exported.path)
      #expect(run.status == 0, "\(run.errorText)")
      let last = try #require(try rows(try world.command("grain", "list", "m", "--json")).last)
      #expect(last == ["slug": "c", "title": "C", "weight": 1, "status": "archived", "position": 9])
    }
  }

  @Test("A file with anything wrong in it is refused whole, and the place is named")
  func badFiles() throws {
    try World.run(.inProcess) { world in
      let cases: [(String, Data, String)] = [
        ("a.csv", Data("slug,title\nm,M\nà,B\n".utf8), "row 2"), ("b.csv", Data("title\nM\n".utf8), "slug"),
        ("c.csv", Data("module,slug,title,weight\n,m,M,\nm,g,G,heavy\n".utf8), "row 2"),
        ("d.csv", Data("module,slug,title\n,m,M\nnowhere,g,G\n".utf8), "nowhere"),
        ("e.csv", Data("slug,title,status\nm,M,draft\n".utf8), "draft"), ("f.csv", Data([0xFF, 0xFE, 0x41]), "UTF-8"),
        ("g.csv", Data(), "no rows"), ("h.json", Data(#"[{"slug":"m","title":"M"},"#.utf8), "JSON"),
        ("i.json", Data("[1]".utf8), "objects"), ("j.json", Data("{}".utf8), "array"),
        ("k.json", Data(#"[{"slug":"m","title":"M","grains":[{"slug":"x y","title":"X"}]}]"#.utf8), "grain 1"),
        ("l.json", Data(#"[{"slug":"m","title":"M","grading":"mean"}]"#.utf8), "mean"),
      ]
      for (name, data, words) in cases {
        let file = try File(name, data)
        let run = try world.command("module", "import", file.path)
        #expect(run.status == 1, "\(name)")
        #expect(run.errorText.contains(words), "\(name): \(run.errorText)")
      }
      #expect(try world.command("module", "import", "/nonexistent.csv").status == 1)
      #expect(try world.database.count("select from public.modules") == 1)
      #expect(try world.database.count("select from public.grains") == 4)
    }
  }

  @Test("A first line that names the separator is taken, whatever the heading has most of")
  func separator() throws {
    try World.run(.inProcess) { world in
      for (name, text) in [
        ("semicolon.csv", "\u{FEFF}sep=;\r\nmodule;slug;title;weight\r\n;m;\"A, B, C, D\";\r\nm;g;G;0,5\r\n"),
        ("tab.csv", "SEP=\t\nmodule\tslug\ttitle\tweight\nm\tg2\tG, 2\t1.5\n"),
      ] {
        let file = try File(name, text)
        let run = try withExtendedLifetime(file) { try world.command("module", "import", file.path) }
        #expect(run.status == 0, "\(run.errorText)")
      }
      let grains = try rows(try world.command("grain", "list", "m", "--json"))
      #expect(grains.map { $0["weight"]?.doubleValue } == [0.5, 1.5])
      let file = try File("w.csv", "sep=;\nslug;title\nm;M;x\n")
      let wrong = try withExtendedLifetime(file) { try world.command("module", "import", file.path) }
      #expect(wrong.errorText.contains("line 3: 3 cells under a heading of 2 columns"), "\(wrong.errorText)")
    }
  }

  @Test("A workbook is told by its bytes or its name, with what to do")
  func workbook() throws {
    try World.run(.inProcess) { world in
      for (name, data) in [
        ("a.xlsx", Data([0x50, 0x4B, 0x03, 0x04, 0x14])), ("b.csv", Data([0x50, 0x4B, 0x03, 0x04, 0x14])),
        ("c.xls", Data([0xD0, 0xCF, 0x11, 0xE0])), ("d.ods", Data("x".utf8)),
      ] {
        let file = try File(name, data)
        let run = try withExtendedLifetime(file) { try world.command("module", "import", file.path) }
        #expect(run.status == 1 && run.errorText.contains("is a workbook. In the spreadsheet choose File › Save As"))
      }
    }
  }

  @Test("An address with accents is taken, and opened as browsers write it")
  func accents() throws {
    try World.run(.inProcess) { world in
      let run = try world.command("module", "add", "ete", "--title", "Été", "--url", "https://école.example/été/")
      #expect(run.status == 0, "\(run.errorText)")
      let refused = try world.command("module", "add", "x", "--title", "X", "--url", "https://é .example/")
      #expect(refused.status == 1 && refused.errorText.contains("is not an http or https URL"))
    }
  }
}
