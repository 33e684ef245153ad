import Foundation
import TestSupport
import Testing
import Wire

/// The command as somebody reads it whose locale is French.
@Suite(.needsStack) struct FrenchTests {
  private func run(_ world: World, _ words: [String], _ locale: [(String, String)]) throws -> ProgramRun {
    try ProgramRun.run(Stack.command, arguments: words, environment: try world.administration + locale)
  }

  private static let french = [("LANG", "fr_FR.UTF-8")]
  private static let english = [("LANG", "C.UTF-8")]

  @Test("What is done and what is refused is said in the language of the locale, LC_ALL before LANG")
  func language() throws {
    try World.run(.inProcess) { world in
      let refused = ["platform", "show", "nowhere"]
      let french = try run(world, refused, Self.french)
      #expect(french.status == 1)
      #expect(
        french.errorText.contains("passerelle: il n’y a pas de plateforme «\u{A0}nowhere\u{A0}» ; connues : Moodle"))
      for locale in [Self.english, [], [("LC_ALL", "C"), ("LANG", "fr_FR.UTF-8")], [("LC_ALL", "de_DE.UTF-8")]] {
        #expect(
          try run(world, refused, locale).errorText.contains(
            "passerelle: there is no platform “nowhere”; known: Moodle"))
      }
      let added = try run(world, ["module", "add", "nouveau", "--title", "Nouveau"], Self.french)
      #expect(added.status == 0 && added.text == "ajouté : le module nouveau\n", "\(added.text)\(added.errorText)")
      let again = try run(world, ["module", "add", "nouveau", "--title", "Nouveau"], Self.french)
      #expect(again.status == 1 && again.errorText.contains("il y a déjà un module «\u{A0}nouveau\u{A0}»"))
      let swept = try run(world, ["sweep"], Self.french)
      #expect(swept.status == 0 && swept.text.hasPrefix("supprimés : 0 états, "), "\(swept.text)")
    }
  }

  @Test("JSON, codes and exit statuses are the same in both languages")
  func json() throws {
    try World.run(.event) { world in
      try world.session().complete("accueil")
      for words in [
        ["platform", "list"], ["platform", "show", "Moodle"], ["module", "list"], ["grain", "list", "decouverte"],
        ["grade", "list"], ["learner", "list"], ["activity", "list"], ["key", "list"],
      ] {
        let french = try run(world, words + ["--json"], Self.french)
        let english = try run(world, words + ["--json"], Self.english)
        #expect(
          french.status == 0 && french.text == english.text && !french.text.isEmpty, "\(words) \(french.errorText)")
      }
      let texts = try ["fr_FR.UTF-8", "C.UTF-8"].map { try run(world, ["doctor", "--json"], [("LANG", $0)]).text }
      let subjects = try texts.map { try JSONValue(parsing: $0).arrayValue?.compactMap { $0["subject"]?.stringValue } }
      #expect(subjects[0] == subjects[1] && subjects[0]?.isEmpty == false)
      let settings = try texts.map {
        try JSONValue(parsing: $0).arrayValue?.first { $0["subject"]?.stringValue == "settings" }?["words"]?.stringValue
      }
      #expect(settings[0] == settings[1] && settings[0]?.hasPrefix("complete; base URL ") == true)
    }
  }

  @Test("Settings, the database, a file to import and options that do not go together are explained in French, too")
  func failures() throws {
    try World.run(.inProcess) { world in
      let none = try ProgramRun.run(
        Stack.command, arguments: ["module", "list"],
        environment: Self.french + [("PASSERELLE_CONFIG", "/nonexistent/x")])
      #expect(none.status == 1)
      #expect(none.errorText == "passerelle: Le fichier de réglages /nonexistent/x est illisible (errno 2).\n")
      let options = try run(world, ["grade", "retry"], Self.french)
      #expect(options.status == 64)
      #expect(options.errorText.contains("Nommez des notes par leurs identifiants, ou par l’un de --status"))
      let file = FileManager.default.temporaryDirectory.appending(path: "catalogue-\(UUID().uuidString).csv")
      defer { try? FileManager.default.removeItem(at: file) }
      try Data("module;slug;weight\ndecouverte;fin;lourd\n".utf8).write(to: file)
      let imported = try run(world, ["module", "import", file.path], Self.french)
      #expect(imported.status == 1)
      #expect(
        imported.errorText
          == "passerelle: \(file.path), ligne 2 (rangée 1), colonne «\u{A0}weight\u{A0}» : «\u{A0}lourd\u{A0}» n’est pas un nombre\n",
        "\(imported.errorText)")
      let away = try ProgramRun.run(
        Stack.command, arguments: ["module", "list"],
        environment: try world.administration.filter { !$0.0.hasSuffix("DATABASE_URL") } + Self.french + [
          ("PASSERELLE_DATABASE_URL", "postgresql://x@127.0.0.1:9/x")
        ])
      #expect(away.status == 1 && away.errorText.hasPrefix("passerelle: la base de données : "), "\(away.errorText)")
    }
  }

  /// The subcommands below a path, as its help lists them.
  private func subcommands(_ path: [String], _ locale: [(String, String)]) throws -> [String] {
    let help = try ProgramRun.run(Stack.command, arguments: path + ["--help"], environment: locale).text
    guard let start = help.range(of: "SUBCOMMANDS:\n") else { return [] }
    return help[start.upperBound...].split(separator: "\n", omittingEmptySubsequences: false).prefix { !$0.isEmpty }
      .compactMap { $0.firstMatch(of: /^  ([a-z-]+)(\s|$)/).map { String($0.1) } }
  }

  @Test("Every command describes itself in French, and not in English")
  func help() throws {
    var paths: [[String]] = [[]]
    var count = 0
    while let path = paths.popLast() {
      let french = try ProgramRun.run(Stack.command, arguments: path + ["--help"], environment: Self.french)
      let english = try ProgramRun.run(Stack.command, arguments: path + ["--help"], environment: Self.english)
      let overview = { (text: String) in text.split(separator: "\n").first { $0.hasPrefix("OVERVIEW: ") } }
      #expect(french.status == 0 && overview(french.text) != nil, "\(path)")
      #expect(overview(french.text) != overview(english.text), "\(path)")
      // What both have in common is the parser's own, and no sentence.
      let shared = Set(french.text.split(separator: "\n")).intersection(english.text.split(separator: "\n"))
      for line in shared where line.firstMatch(of: /[a-z]{2,} [a-z]{2,} [a-z]{2,}/) != nil {
        #expect(
          line.hasPrefix("USAGE:") || line.hasPrefix("  -h, --help") || line.hasPrefix("  --version")
            || line.hasPrefix("  See 'passerelle") || line.contains("  passerelle platform add"),
          "\(path): \(line)")
      }
      count += 1
      paths += try subcommands(path, Self.english).map { path + [$0] }
    }
    #expect(count > 50, "\(count)")
  }

  @Test("The manual has a page for each command, with every option that --help has, in both languages")
  func manual() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "manual-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for locale in [Self.english, Self.french] {
      let run = try ProgramRun.run(Stack.command, arguments: ["manual", "--to", folder.path], environment: locale)
      #expect(run.status == 0, "\(run.errorText)")
    }
    let commands = try subcommands([], Self.english)
    #expect(commands.contains("doctor") && commands.contains("manual"))
    for (place, heading, locale) in [("man1", "NAME", Self.english), ("fr/man1", "NOM", Self.french)] {
      func page(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: "\(place)/\(name).1"), encoding: .utf8)
      }
      let whole = try page("passerelle")
      #expect(whole.contains("\n.SH \(heading)\npasserelle \\- "), "\(whole.prefix(300))")
      for command in commands {
        #expect(whole.contains("\\fBpasserelle\\-\(command.replacing("-", with: "\\-"))\\fR(1)"), "\(command)")
        let text = try page("passerelle-\(command)").replacing("\\-", with: "-")
        let below = try subcommands([command], Self.english)
        for path in below.isEmpty ? [[command]] : below.map({ [command, $0] }) {
          #expect(text.contains("passerelle " + path.joined(separator: " ")), "\(path)")
          let help = try ProgramRun.run(Stack.command, arguments: path + ["--help"], environment: locale).text
          for option in help.matches(of: /--[a-z][a-z0-9-]+/) {
            #expect(text.contains(option.0), "\(path) \(option.0)")
          }
        }
        // No line of text is taken for a request.
        let requests = text.split(separator: "\n").filter { $0.hasPrefix(".") }.compactMap {
          $0.split(separator: " ").first
        }
        #expect(
          Set(requests).isSubset(of: [
            ".\\\"", ".TH", ".SH", ".SS", ".TP", ".PP", ".B", ".br", ".nf", ".fi", ".RS", ".RE",
          ]),
          "\(Set(requests))")
      }
    }
  }

  @Test("Completion for bash, zsh and fish knows the commands", arguments: ["bash", "zsh", "fish"])
  func completion(shell: String) throws {
    let run = try ProgramRun.run(
      Stack.command, arguments: ["--generate-completion-script", shell], environment: Self.english)
    #expect(run.status == 0 && run.text.contains("doctor") && run.text.contains("lti11-secret-file"))
  }
}
