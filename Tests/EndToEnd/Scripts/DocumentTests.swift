import Foundation
import Testing

/// The documents lead somewhere, agree with one another, and say what there is. These tests only read files.
@Suite struct DocumentTests {
  let documents: [Document]

  init() throws { documents = try Document.all() }

  // MARK: - Form

  @Test("README is short, and no document has lines that are too long to read")
  func form() throws {
    #expect(try Document("README.md").lineCount <= 300)
    for document in documents {
      var isCode = false
      for line in document.lines where !line.hasPrefix("|") {
        if line.hasPrefix("```") { isCode.toggle() }
        // A statement or a setting that is copied stays on its line.
        let isCopied = isCode && (line.hasPrefix("GRANT ") || line.hasPrefix("PASSERELLE_"))
        #expect(isCopied || line.count <= 160, "\(document.path): \(line)")
      }
    }
  }

  @Test("Every link leads to a file and a heading that are there, and every file named is there")
  func links() throws {
    let anchors = Dictionary(uniqueKeysWithValues: documents.map { ($0.path, Set($0.anchors)) })
    for document in documents {
      #expect(Set(document.anchors).count == document.anchors.count, "\(document.path): two headings have one anchor")
      for link in document.links where !link.contains("://") {
        let (path, anchor) = document.target(of: link)
        #expect(Document.exists(path), "\(document.path): \(link)")
        if let anchor { #expect(anchors[path]?.contains(anchor) == true, "\(document.path): \(link)") }
      }
    }
    let code = documents.flatMap(\.code).flatMap { $0.components(separatedBy: "\n") }
    let paths = code.compactMap {
      $0.prefixMatch(of: /(?:apache-conf|cgi-bin|Sources|Tests|\.ci)(?:\/[^ ,*…<]+)?(?: |,|$)/)
        .map { $0.0.trimmingCharacters(in: [" ", ","]) }
    }
    #expect(paths.count > 20)
    // The CGI is there once it was built.
    for path in Set(paths) where path != "cgi-bin/passerelle.cgi" { #expect(Document.exists(path), "\(path)") }
  }

  @Test("No document is lost: README leads to every other one, at most by way of a third")
  func reachable() throws {
    let byPath = Dictionary(uniqueKeysWithValues: documents.map { ($0.path, $0) })
    var reached: Set<String> = ["README.md"]
    for _ in 1...2 {
      let next = reached.compactMap { byPath[$0] }.flatMap { page in page.links.map { page.target(of: $0).path } }
      reached.formUnion(next.filter { byPath[$0] != nil })
    }
    #expect(Set(byPath.keys).subtracting(reached).sorted() == [])
  }

  @Test("The guides for staff are the same in French and in English: headings, commands, and a link to each other")
  func languages() throws {
    let french = documents.filter { $0.path.hasSuffix(".fr.md") }
    let guides = [
      "apache-conf/README", "apache-conf/moodle", "apache-conf/minisite/README", "Sources/Directus/README",
      "Sources/Passerelle/Passerelle.docc/Teachers",
    ]
    #expect(Set(guides.map { $0 + ".fr.md" }).isSubset(of: french.map(\.path)))
    for translation in french {
      let original = try Document(String(translation.path.dropLast(6)) + ".md")
      #expect(original.headings.map(\.level) == translation.headings.map(\.level), "\(translation.path)")
      #expect(original.blocks == translation.blocks, "\(translation.path)")
      #expect(original.rows.map(\.count) == translation.rows.map(\.count), "\(translation.path)")
      #expect(original.links.first.map { original.target(of: $0).path } == translation.path)
      #expect(translation.links.first.map { translation.target(of: $0).path } == original.path)
    }
  }

  // MARK: - What the installation must not get wrong

  @Test("Commands of another user are run from a folder that this user may read")
  func folders() {
    for document in documents {
      for block in document.blocks where block.language == "sh" && block.content.contains("runuser ") {
        let lines = block.content.components(separatedBy: "\n")
        let first = lines.firstIndex { $0.hasPrefix("runuser ") } ?? 0
        #expect(lines[..<first].contains("cd /"), "\(document.path): \(block.content)")
      }
    }
  }

  @Test("No document makes Directus a member of Passerelle's role, and each names the same rights for it")
  func rights() {
    let shown = documents.flatMap { document in document.blocks.map { (document.path, $0.content.lowercased()) } }
    for (path, content) in shown {
      #expect(!content.contains(/grant passerelle(?:,| to)/), "\(path)")
    }
    let tables = "public.learners, public.modules, public.grains, public.progress, public.grades to directus"
    #expect(shown.count { $0.1.contains("grant select, insert, update, delete on " + tables) } >= 2)
  }

  // MARK: - What is named

  @Test("The maps of “Adopting existing collections” are those on which the flow suites run")
  func maps() throws {
    let maps = try Document("Sources/Adoption/README.md").blocks.filter { $0.language == "ini" }
    let proven = try [Shape.french, .directusUsers].map { shape in
      try String(contentsOfFile: try #require(shape.map), encoding: .utf8)
    }
    #expect(maps.map(\.content) == proven)
  }

  @Test("Every setting named in a document exists, and the reference has every setting once")
  func settings() throws {
    let source = try Document.text("Sources/Passerelle/Configuration/SettingsKey.swift")
    let keys = source.matches(of: /case \w+ = "(PASSERELLE_[A-Z_]+)"/).map { String($0.1) }
    #expect(keys.count > 10)
    let reference = try Document("Sources/Passerelle/Passerelle.docc/Settings.md")
    #expect(Document.codeSpans(reference.rows.map { $0[0] }).sorted() == keys.sorted())
    // Variables of the Apache configuration, of the scripts and of the tests are no settings.
    var known = Set(keys)
    for folder in ["apache-conf", "cgi-bin", "Tests"] {
      for file in try FileManager.default.contentsOfDirectory(atPath: Document.root.path + "/" + folder) {
        guard let text = try? Document.text(folder + "/" + file) else { continue }
        known.formUnion(text.matches(of: /PASSERELLE_[A-Z_0-9]+/).map { String($0.0) })
      }
    }
    for document in documents {
      let text = (document.lines + document.blocks.map(\.content)).joined(separator: "\n")
      for name in Set(text.matches(of: /PASSERELLE_[A-Z_0-9]+/).map { String($0.0) }) {
        #expect(known.contains(name), "\(document.path): no such setting: \(name)")
      }
    }
  }

  @Test("The API's table has every route once, and no other")
  func routes() throws {
    let routes = try Self.routes().map { "\($0.method) \($0.path)" }
    #expect(routes.count > 8)
    let rows = try Document("Sources/Passerelle/Passerelle.docc/HTTP-API.md").rows(of: "Routes")
    let listed = rows.map { "\($0[0]) \(Document.codeSpans([$0[1]]).first ?? "")" }
    #expect(listed.sorted() == (routes + ["OPTIONS /api/…"]).sorted())
  }

  @Test("Every attribute and method of the library named in a document is in its first comment or its code")
  func library() throws {
    let script = try Document.text("Sources/Passerelle/Library/passerelle.js")
    let parts = try FileManager.default.contentsOfDirectory(atPath: Document.root.path + "/Sources/Passerelle/Library")
      .filter { $0.hasSuffix(".js") }.map { try Document.text("Sources/Passerelle/Library/\($0)") }.joined()
    let code = documents.flatMap(\.code)
    let attributes = Set(code.flatMap { $0.matches(of: /data-passerelle-([a-z]+)/).map { String($0.1) } })
    #expect(attributes.count > 4)
    for name in attributes { #expect(parts.contains("data-passerelle-\(name)"), "data-passerelle-\(name)") }
    // The library's first comment names what a session has.
    let session = try #require(script.firstMatch(of: /\/\/ session: \{([^}]*)\}/)?.1)
    let object = try #require(script.firstMatch(of: /globalThis\.Passerelle = \{([^}]*)\}/)?.1)
    for (pattern, place) in [(/(?:^|\s)session\.([A-Za-z]+)/, session), (/(?:^|\s)Passerelle\.([A-Za-z]+)/, object)] {
      let members = Set(code.flatMap { $0.matches(of: pattern).map { String($0.1) } })
      #expect(members.count > 1)
      for name in members { #expect(place.contains(try Regex("\\b\(name)\\b")), "\(name)") }
    }
  }

  @Test("Three jumps lead from each route of the walk to its SQL")
  func walk() throws {
    let document = try Document("Sources/README.md")
    let steps = document.rows(of: "From a route to its SQL in three jumps")
    #expect(steps.count == 3)
    for step in steps {
      try #require(step.count == 4)
      let names = Document.codeSpans(step)
      let files = step.flatMap { cell in
        cell.matches(of: /\]\(([^)]+)\)/).map { document.target(of: String($0.1)).path }
      }
      try #require(names.count == 4 && files.count == 3)
      let (route, handler, store, function) = (names[0], names[1], names[2], names[3])
      #expect(try Self.routes().contains { "\($0.method) \($0.path)" == route && $0.handler == handler }, "\(route)")
      let texts = try files.map(Document.text)
      let name = String(handler.split(separator: ".")[1])
      #expect(texts[0].contains("func \(name)("), "\(route)")
      #expect(texts[0].contains("\(store)("), "\(route)")
      #expect(texts[1].contains("\(function)("), "\(route)")
      #expect(texts[2].contains("function \(function)("), "\(route)")
    }
  }

  // MARK: - Where the truth is

  private static func routes() throws -> [(method: String, path: String, handler: String)] {
    try Document.text("Sources/Passerelle/Routes.swift")
      .matches(of: /Route\("([A-Z]+)", "([^"]+)", ([A-Za-z.]+)\)/)
      .map { (String($0.1), String($0.2), String($0.3)) }
  }
}
