import Foundation
import RegexBuilder
import TestSupport
import Testing

/// What `cgi-bin/setup`, `cgi-bin/deb`, the timers and the scripts' words do without a machine to change; `Tests/run --trees` has the rest.
@Suite struct SetupTests {
  private static let root = Document.root

  private func run(_ words: [String], in folder: URL = root) throws -> ShellCommand {
    try ShellCommand(["-u", "LC_ALL", "-u", "LC_MESSAGES", "-u", "LANG"] + words, in: folder)
  }

  @Test(
    "Scripts speak French where the locale is French, as programs choose it, and English otherwise",
    arguments: [
      ([], "yes"), (["LANG=fr_FR.UTF-8"], "oui"), (["LANG=fr"], "oui"), (["LANG=C.UTF-8"], "yes"),
      (["LANG=fro_FR"], "yes"),
      (["LANG=fr_CH", "LC_MESSAGES=en_GB.UTF-8"], "yes"), (["LANG=de_DE", "LC_ALL=fr_BE@euro"], "oui"),
      (["LANG=fr_FR.UTF-8", "LC_ALL=C"], "yes"),
    ])
  func languages(_ locale: [String], _ answer: String) throws {
    let said = try run(locale + ["bash", "-c", "source cgi-bin/words.sh; in_words yes oui"])
    #expect(said.status == 0 && said.output.hasSuffix(answer + "\n"), "\(said.output)")
  }

  @Test(
    "A text that lacks a language ends the script",
    arguments: ["in_words yes", "in_words yes ''", "say_in yes oui non"])
  func lacking(_ call: String) throws {
    let said = try run(["bash", "-ec", "source cgi-bin/words.sh; say() { echo \"$1\"; }; \(call); echo on"])
    #expect(said.status == 70 && said.output.contains("a text lacks a language"), "\(said.output)")
  }

  @Test("Every text of the scripts stands there in both languages")
  func bothLanguages() throws {
    let text = #/"(?:\$\((?:[^()]|\([^()]*\))*\)|\\.|[^"\\])*"/#
    let both = Regex {
      text
      OneOrMore(" ")
      text
    }
    var count = 0
    for folder in ["cgi-bin", "apache-conf", "Tests", ".ci"] {
      for name in try FileManager.default.contentsOfDirectory(atPath: Self.root.path + "/" + folder) {
        guard let script = try? Document.text(folder + "/" + name), script.contains("_in \"") else { continue }
        let code = script.replacing(#/\\\n */#, with: "")
        for call in code.matches(of: #/(?:^|[ (])(?:stack_)?(?:say_in|fail_in|in_words) +/#.anchorsMatchLineEndings()) {
          let rest = code[call.range.upperBound...]
          // What hands its arguments on.
          if rest.hasPrefix("\"$@\"") || rest.hasPrefix("ENGLISH FRENCH") { continue }
          count += 1
          #expect(rest.prefixMatch(of: both) != nil, "\(folder)/\(name): \(rest.prefix(80))")
        }
      }
    }
    #expect(count > 80)
  }

  @Test("The help of the set-up has every option that it takes, and no other, in both languages")
  func help() throws {
    let script = try Document.text("cgi-bin/setup")
    let parser = try #require(script.firstRange(of: "while [ $# -gt 0 ]; do"))
    let end = try #require(script[parser.upperBound...].firstRange(of: "\ndone"))
    let taken = Set(script[parser.upperBound..<end.lowerBound].matches(of: /--[a-z-]+/).map { String($0.0) })
    for locale in ["LANG=C", "LANG=fr_FR.UTF-8"] {
      let help = try run([locale, "cgi-bin/setup", "--help"])
      #expect(help.status == 0 && help.output.contains("Fait d’un Debian") == (locale != "LANG=C"))
      #expect(taken.count > 12 && Set(help.output.matches(of: /--[a-z-]+/).map { String($0.0) }) == taken)
    }
  }

  @Test(
    "A wrong argument is a usage error",
    arguments: [
      ["cgi-bin/setup", "--force"], ["cgi-bin/setup", "--base-url"], ["cgi-bin/setup", "here"],
      ["cgi-bin/deb", "--force"],
    ])
  func usage(_ words: [String]) throws {
    #expect(try run(words).status == 64)
  }

  @Test("Who is not root is told so, in their language")
  func root() throws {
    // The checkout may be closed to others.
    let place = FileManager.default.temporaryDirectory.appending(path: "setup-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: place) }
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: place.path)
    for name in ["setup", "words.sh", "setup-changes.sh", "setup-database.sh", "setup-apache.sh"] {
      try ShellCommand.copyProgram(Self.root.appending(path: "cgi-bin/\(name)").path, to: place.appending(path: name))
    }
    let nobody = geteuid() == 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
    let english = try run(nobody + ["./setup", "--yes"], in: place)
    #expect(english.status == 1 && english.output.hasPrefix("✗ this needs root"), "\(english.output)")
    let french = try run(["LANG=fr_FR.UTF-8"] + nobody + ["./setup", "--yes"], in: place)
    #expect(french.status == 1 && french.output.hasPrefix("✗ il faut être root"), "\(french.output)")
  }

  @Test("Each timer of the web server's user reaches the log under a closed file system, and root's does not take it")
  func logOfTimers() throws {
    let folder = Document.root.appendingPathComponent("apache-conf/systemd").path
    let units = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".service") }
    #expect(units.count == 4)
    for unit in units {
      let lines = try Document.text("apache-conf/systemd/\(unit)").split(separator: "\n")
      #expect(lines.contains("ProtectSystem=strict"), "\(unit)")
      #expect(lines.contains("LogsDirectory=passerelle") == lines.contains("User=www-data"), "\(unit)")
      #expect(lines.contains("LogsDirectoryMode=0750") == lines.contains("User=www-data"), "\(unit)")
    }
  }

  @Test("A dry run of the installation writes nothing and names what it would write, nothing where all is there")
  func dryInstall() throws {
    let place = try InstallTests.Workplace()
    let words = ["LC_ALL=C.UTF-8", "cgi-bin/install", "--dry-run", "--prefix", place.prefix.path]
    let site = place.prefix.appending(path: InstallTests.site).path
    let fresh = try run(words, in: place.project)
    #expect(fresh.status == 0 && fresh.output.split(separator: "\n").contains("\(site)"), "\(fresh.output)")
    #expect(fresh.output.split(separator: "\n").allSatisfy { $0.hasPrefix(place.prefix.path) }, "\(fresh.output)")
    #expect(!FileManager.default.fileExists(atPath: place.prefix.path))
    try place.install()
    #expect(try run(words, in: place.project).output == "")
    try Data("# newer\n".utf8).write(to: place.project.appending(path: "apache-conf/passerelle.conf"))
    let shipped = place.prefix.appending(path: "usr/local/share/passerelle/passerelle.conf").path
    #expect(try run(words, in: place.project).output == "\(site)\n\(shipped)\n")
    #expect(try place.installed(InstallTests.site) != "# newer\n")
  }

  @Test("A package is made of static programs alone")
  func dynamicPackage() throws {
    let place = try InstallTests.Workplace()
    let deb = place.project.appending(path: "cgi-bin/deb")
    try FileManager.default.copyItem(at: Self.root.appending(path: "cgi-bin/deb"), to: deb)
    let made = try run(["cgi-bin/deb", place.root.path], in: place.project)
    #expect(made.status == 1 && made.output.contains("needs shared libraries"), "\(made.output)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.root.path).allSatisfy { !$0.hasSuffix(".deb") })
  }

  @Test("Each block of the installation guides says who executes it, the same in both languages")
  func guides() throws {
    func marks(_ path: String) throws -> [String] {
      let lines = try Document.text(path).components(separatedBy: "\n")
      var isOpen = false
      return lines.indices.compactMap { index in
        guard lines[index].hasPrefix("```") else { return nil }
        isOpen.toggle()
        return isOpen ? lines[index - 1] : nil
      }
    }
    let english = try marks("apache-conf/README.md")
    #expect(english.count > 20 && english.allSatisfy { $0.hasPrefix("<!-- run: ") || $0.hasPrefix("<!-- not run: ") })
    #expect(try english == marks("apache-conf/README.fr.md"))
    // The quick starts begin as the guide does.
    let first = try #require(Document("apache-conf/README.md").blocks.first)
    #expect(try Document("README.md").blocks.count { $0 == first } == 2)
    // Each reader has a scenario for each language.
    let readers = Set(english.flatMap { $0.matches(of: /^<!-- run: ([a-z ]+)/).flatMap { $0.1.split(separator: " ") } })
    #expect(readers == ["setup", "package", "own", "directus", "managed"])
    for reader in readers {
      for language in ["en", "fr"] {
        let guide = language == "en" ? "README.md" : "README.fr.md"
        #expect(
          try Document.text("Tests/Scenarios/guide-\(reader)-\(language).sh").contains(
            "guide apache-conf/\(guide) \(reader)\n"))
      }
    }
  }

  @Test("A scenario that is not there is named, with those that are")
  func scenarios() throws {
    let unknown = try run(["Tests/trees", "nowhere"])
    #expect(
      unknown.status == 1 && unknown.output.contains("there is no scenario nowhere: build deb demo guide-"),
      "\(unknown.output)")
  }
}
