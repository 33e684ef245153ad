import DemoMoodle
import Foundation
import Testing
import Wire

/// The README does what it says, and says what there is.
@Suite struct ReadmeTests {
  let readme: Readme

  init() throws { readme = try Readme() }

  // MARK: - What can be run

  @Test("The commands of “With curl”, pasted one block after the other, print what the README prints")
  func withCurl() throws {
    let blocks = readme.blocks.filter { $0.section == "With curl" }
    let scripts = blocks.filter { $0.language == "sh" }
    for step in ["/lti/launch.php", "/lti/login", "$auth", "/lti/launch\"", "/api/session", "/api/progress", "/demo/"] {
      #expect(scripts.contains { $0.content.contains(step) }, "no block calls \(step)")
    }
    try DemoWorld.run { world in
      let directory = FileManager.default.temporaryDirectory.appendingPathComponent("readme-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: directory) }
      // A record separator after each block tells their outputs apart.
      let script = scripts.map { $0.content + "printf '\\036'\n" }.joined()
      let run = try ProgramRun.run(
        "/bin/bash", arguments: ["-c", script],
        environment: [
          ("PATH", "/usr/local/bin:/usr/bin:/bin"), ("LC_ALL", "C.UTF-8"), ("TMPDIR", directory.path),
          ("HOME", directory.path), ("MOODLE", world.moodle.url), ("PASSERELLE", world.tool.base.description),
        ])
      #expect(run.errorText == "")
      let outputs = run.text.components(separatedBy: "\u{1E}").dropLast()
      #expect(outputs.count == scripts.count)
      for (script, output) in zip(scripts, outputs) {
        let position = try #require(blocks.firstIndex(of: script))
        let printed = blocks.indices.contains(position + 1) ? blocks[position + 1] : script
        #expect(output == (printed.language == "text" ? printed.content : ""), "\(script.content)")
      }
      let grade = try #require(world.moodle.platform.grade(user: 4))
      #expect(grade.grade == 45)
      #expect(grade.comment == "2 grains sur 4")
    }
  }

  @Test("The maps of “Adopting existing collections” are those on which the flow suites run")
  func maps() throws {
    let maps = readme.blocks.filter { $0.language == "ini" }
    let proven = try [Shape.french, .directusUsers].map { shape in
      try String(contentsOfFile: try #require(shape.map), encoding: .utf8)
    }
    #expect(maps.map(\.content) == proven)
  }

  @Test("The mini-site in ten lines greets the learner, completes grains and shows where the grade is")
  func minisite() throws {
    let pages = readme.blocks.filter { $0.language == "html" }
    try #require(pages.count == 2)
    let expectations = [
      ("en", "Hello François D'Hérouville", "1 of 4 grains — grade sent", "2 of 4 grains — grade sent"),
      ("fr", "Bonjour François D'Hérouville", "1 grain sur 4 — note envoyée", "2 grains sur 4 — note envoyée"),
    ]
    let folder = try Stack.value("STACK_DIR") + "/apache-event/minisite"
    let address = try Stack.value("PASSERELLE_TEST_MINISITE_EVENT_URL")
    for (page, (language, greeting, first, second)) in zip(pages, expectations) {
      #expect(page.content.split(separator: "\n").count == 10)
      let name = "readme-\(UUID().uuidString).html"
      defer { try? FileManager.default.removeItem(atPath: "\(folder)/\(name)") }
      try DemoWorld.run(settings: [("PASSERELLE_MINISITE_URL", address + name)]) { world in
        let script = "\(world.tool.base)/passerelle.js"
        let text = page.content.replacing("https://lti.example.org/passerelle/passerelle.js", with: script)
        #expect(text.contains(script))
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        world.moodle.platform.changePerson(5) { $0.language = language }
        let browser = try WebDriver()
        defer { browser.quit() }
        try browser.open(world.moodle.url + "/mod/lti/launch.php?id=2&user=5")
        try browser.wait(for: greeting, in: "h1")
        try browser.click("[data-passerelle-grain=bienvenue]")
        try browser.wait(for: first, in: "p[data-passerelle-progress]")
        #expect(world.moodle.platform.grade(user: 5)?.grade == 25)
        try browser.click("[data-passerelle-grain=passerelle]")
        try browser.wait(for: second, in: "p[data-passerelle-progress]")
        #expect(world.moodle.platform.grade(user: 5)?.grade == 45)
        #expect(try browser.text("[data-passerelle-message]") == "")
      }
    }
  }

  // MARK: - What is named

  @Test("Every subcommand and option named in the README exists, and its table has every subcommand")
  func commands() throws {
    let helps = try Self.helps()
    let leaves = helps.filter { name, _ in !helps.keys.contains { $0.hasPrefix(name + " ") } && !name.isEmpty }
    #expect(leaves.count > 10)
    let listed = Readme.codeSpans(readme.rows(of: "The administrator's command").map { $0[0] })
    #expect(Set(listed) == Set(leaves.keys.map { "passerelle " + $0 }))

    for line in readme.linesWithCode {
      var here: [String] = []
      for match in line.matches(of: /(?:^|`|www-data -- )passerelle ([a-z]+)(?: ([a-z]+))?/) where match.1 != "help" {
        let first = String(match.1)
        let both = match.2.map { "\(first) \($0)" }
        let name = leaves[first] == nil ? both ?? first : first
        #expect(helps[name] != nil, "no such command: passerelle \(name)")
        here.append(helps[name] ?? "")
      }
      guard !here.isEmpty else { continue }
      for option in line.matches(of: /(?:^|[ `])(--[a-z][a-z0-9-]*)/).map(\.1) {
        #expect(
          here.contains { $0.contains(" \(option) ") || $0.contains("[\(option)]") }, "no option \(option): \(line)")
      }
    }
  }

  @Test("Every setting named in the README exists, and its table has every setting")
  func settings() throws {
    let source = try Self.source("Passerelle/Configuration/SettingsKey.swift")
    let keys = Set(source.matches(of: /case \w+ = "(PASSERELLE_[A-Z_]+)"/).map { String($0.1) })
    #expect(keys.count > 10)
    #expect(Set(Readme.codeSpans(readme.rows(of: "Settings").map { $0[0] })) == keys)
    // PASSERELLE_CONFIG names the file; PASSERELLE_MINISITE is a variable of the Apache configuration.
    let known = keys.union(["PASSERELLE_CONFIG", "PASSERELLE_MINISITE"])
    let text = (readme.lines + readme.blocks.map(\.content)).joined(separator: "\n")
    for name in Set(text.matches(of: /PASSERELLE_[A-Z_]+/).map { String($0.0) }) {
      #expect(known.contains(name), "no such setting: \(name)")
    }
  }

  @Test("The API's table has every route, and no other")
  func routes() throws {
    let source = try Self.source("Passerelle/HTTP/Routes.swift")
    let routes = source.matches(of: /Route\("([A-Z]+)", "([^"]+)"/).map { "\($0.1) \($0.2)" }
    #expect(routes.count > 8)
    let rows = readme.rows(of: "HTTP API").filter { $0.count == 4 }
    let listed = rows.map { "\($0[0]) \(Readme.codeSpans([$0[1]]).first ?? "")" }
    #expect(Set(listed) == Set(routes + ["OPTIONS /api/…"]))
  }

  @Test("Every attribute and method of the library named in the README is in passerelle.js")
  func library() throws {
    let script = try Self.source("Passerelle/Resources/passerelle.js")
    let text = (readme.lines + readme.blocks.map(\.content)).joined(separator: "\n")
    let attributes = Set(text.matches(of: /data-passerelle-([a-z]+)/).map { String($0.1) })
    #expect(attributes.count > 4)
    for name in attributes { #expect(script.contains("data-passerelle-\(name)"), "data-passerelle-\(name)") }
    // The library's first comment names what a session has.
    let session = try #require(script.firstMatch(of: /\/\/ session: \{([^}]*)\}/)?.1)
    let object = try #require(script.firstMatch(of: /globalThis\.Passerelle = \{([^}]*)\}/)?.1)
    for (pattern, place) in [(/session\.([A-Za-z]+)/, session), (/Passerelle\.([A-Za-z]+)/, object)] {
      let members = Set(text.matches(of: pattern).map { String($0.1) })
      #expect(members.count > 1)
      for name in members { #expect(place.contains(try Regex("\\b\(name)\\b")), "\(name)") }
    }
  }

  @Test("Every link leads somewhere, and every file named is there")
  func links() {
    let anchors = Set(readme.headings.map(Readme.anchor))
    #expect(anchors.count == readme.headings.count, "two headings have one anchor")
    for link in readme.lines.flatMap({ $0.matches(of: /\]\(([^)]+)\)/).map { String($0.1) } }) {
      if link.hasPrefix("#") {
        #expect(anchors.contains(String(link.dropFirst())), "\(link)")
      } else {
        #expect(Self.exists(link), "\(link)")
      }
    }
    let paths = (Readme.codeSpans(readme.lines) + readme.blocks.flatMap { $0.content.components(separatedBy: "\n") })
      .compactMap { $0.prefixMatch(of: /(?:apache-conf|cgi-bin|Sources|Tests|\.ci)(?:\/[^ ,]+)?/).map { String($0.0) } }
    #expect(paths.count > 20)
    for path in Set(paths) { #expect(Self.exists(path), "\(path)") }
  }

  // MARK: - Where the truth is

  /// The help of every command, by its words after `passerelle`.
  private static func helps(_ words: [String] = []) throws -> [String: String] {
    let run = try ProgramRun.run(
      Stack.command, arguments: words + ["--help"], environment: [("COLUMNS", "200"), ("PATH", "/usr/bin:/bin")])
    #expect(run.status == 0)
    var helps = [words.joined(separator: " "): run.text]
    guard let start = run.text.range(of: "SUBCOMMANDS:\n") else { return helps }
    for line in run.text[start.upperBound...].components(separatedBy: "\n") {
      guard let name = line.prefixMatch(of: #/  ([a-z]+)(?: |$)/#)?.1 else { continue }
      helps.merge(try Self.helps(words + [String(name)])) { first, _ in first }
    }
    return helps
  }

  private static func source(_ path: String) throws -> String {
    try String(contentsOf: Stack.root.appendingPathComponent("Sources/" + path), encoding: .utf8)
  }

  private static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: Stack.root.appendingPathComponent(path).path)
  }
}

/// A world as `apache-conf/demo` sets it up: its module's grains, its people's language.
private enum DemoWorld {
  static func run(settings: [(String, String)] = [], _ body: (World) throws -> Void) throws {
    let demo = try String(contentsOf: Stack.root.appendingPathComponent("apache-conf/demo"), encoding: .utf8)
    let grains = demo.matches(of: /administer grain add decouverte ([a-z]+) --title '([^']+)'/)
    #expect(grains.count == 4)
    #expect(demo.contains("--language fr"))
    try World.run(.event, settings: settings) { world in
      try world.database.execute("delete from public.grains")
      for grain in grains {
        let run = try world.command(
          "grain", "add", TestDatabase.module, String(grain.1), "--title", String(grain.2))
        #expect(run.status == 0, "\(run.errorText)")
      }
      for person in Person.everyone { world.moodle.platform.changePerson(person.id) { $0.language = "fr" } }
      try body(world)
    }
  }
}
