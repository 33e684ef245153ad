import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// What the documents show can be run, and does what they say.
@Suite struct ReadmeTests {
  @Test(
    "The commands of “A launch with curl”, pasted one block after the other, print what is printed there", .needsStack)
  func withCurl() throws {
    let blocks = try Document("Sources/Passerelle/Passerelle.docc/With-curl.md").blocks
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

  @Test("The mini-site in ten lines greets the learner, completes grains and shows where the grade is", .needsBrowser)
  func minisite() throws {
    let pages = try Document("README.md").blocks.filter { $0.language == "html" }
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

  @Test(
    "Every subcommand and option named in a document exists, and the reference has every subcommand once", .needsStack)
  func commands() throws {
    let helps = try Self.helps()
    let leaves = helps.filter { name, _ in !helps.keys.contains { $0.hasPrefix(name + " ") } && !name.isEmpty }
    #expect(leaves.count > 10)
    let reference = try Document("Sources/PasserelleCommand/README.md")
    let listed = Document.codeSpans(reference.rows(of: "Commands").map { $0[0] })
    #expect(listed.sorted() == leaves.keys.map { "passerelle " + $0 }.sorted())

    for document in try Document.all() {
      for line in document.linesWithCode {
        var here: [String] = []
        for match in line.matches(of: /(?:^|`|www-data -- )passerelle ([a-z]+)(?: ([a-z]+))?/) where match.1 != "help" {
          let first = String(match.1)
          let both = match.2.map { "\(first) \($0)" }
          let name = leaves[first] == nil ? both ?? first : first
          #expect(helps[name] != nil, "\(document.path): no such command: passerelle \(name)")
          here.append(helps[name] ?? "")
        }
        guard !here.isEmpty else { continue }
        for option in line.matches(of: /(?:^|[ `])(--[a-z][a-z0-9-]*)/).map(\.1) {
          #expect(
            here.contains { $0.contains(" \(option) ") || $0.contains("[\(option)]") },
            "\(document.path): no option \(option): \(line)")
        }
      }
    }
  }

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
