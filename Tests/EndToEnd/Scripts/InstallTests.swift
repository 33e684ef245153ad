import Foundation
import Testing

/// `cgi-bin/install --prefix`, on a copy of the scripts with two small programs in place of the built ones.
@Suite struct InstallTests {
  /// A project directory and an empty prefix, removed at the end.
  final class Workplace {
    let root: URL
    var project: URL { root.appendingPathComponent("project") }
    var prefix: URL { root.appendingPathComponent("prefix") }

    init() throws {
      let files = FileManager.default
      root = files.temporaryDirectory.appendingPathComponent("install-\(UUID().uuidString)")
      var source = URL(fileURLWithPath: #filePath)
      for _ in 1...4 { source.deleteLastPathComponent() }
      try files.createDirectory(at: project.appendingPathComponent("cgi-bin"), withIntermediateDirectories: true)
      try files.createDirectory(at: project.appendingPathComponent(".build/release"), withIntermediateDirectories: true)
      // Links are followed, so that nothing written to the copy reaches the original.
      try files.copyItem(
        at: source.appendingPathComponent("apache-conf").resolvingSymlinksInPath(),
        to: project.appendingPathComponent("apache-conf"))
      try files.copyItem(
        at: source.appendingPathComponent("cgi-bin/install"), to: project.appendingPathComponent("cgi-bin/install"))
      try program("first")
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    /// What stands in for a build: a program that says these words.
    func program(_ words: String) throws {
      let source = root.appendingPathComponent("program.c")
      try Data("#include <stdio.h>\nint main(void) { return puts(\"\(words)\") < 0; }\n".utf8).write(to: source)
      for path in ["cgi-bin/passerelle.cgi", ".build/release/passerelle"] {
        let built = try ShellCommand(["cc", "-o", project.appendingPathComponent(path).path, source.path])
        try #require(built.status == 0, "\(built.output)")
      }
    }

    /// What an installed program says.
    func says(_ path: String) throws -> String {
      try ShellCommand([prefix.appendingPathComponent(path).path]).output
    }

    /// The symbols of a file, as nm lists them.
    func symbols(_ path: String) throws -> String {
      try ShellCommand(["nm", prefix.appendingPathComponent(path).path]).output
    }

    @discardableResult
    func install() throws -> ShellCommand {
      try ShellCommand(["cgi-bin/install", "--prefix", prefix.path], in: project)
    }

    func installed(_ path: String) throws -> String {
      try String(contentsOf: prefix.appendingPathComponent(path), encoding: .utf8)
    }

    func write(_ text: String, to path: String) throws {
      try Data(text.utf8).write(to: prefix.appendingPathComponent(path))
    }

    func mode(_ path: String) throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: prefix.appendingPathComponent(path).path)[.posixPermissions]
        as? Int
    }
  }

  static let settings = "etc/passerelle/passerelle.env"
  static let owner = "etc/passerelle/owner.env"
  static let site = "etc/apache2/conf-available/passerelle.conf"

  @Test("Everything has its place under the prefix")
  func places() throws {
    let place = try Workplace()
    let run = try place.install()
    #expect(run.status == 0, "\(run.output)")
    for (path, mode) in [
      ("usr/lib/cgi-bin/passerelle.cgi", 0o755), ("usr/local/bin/passerelle", 0o755), (Self.site, 0o644),
      ("etc/apache2/sites-available/passerelle-tls.conf", 0o644), (Self.settings, 0o640), (Self.owner, 0o600),
      ("etc/systemd/system/passerelle-grade-sync.service", 0o644),
      ("etc/systemd/system/passerelle-grade-sync.timer", 0o644),
      ("etc/systemd/system/passerelle-sweep.service", 0o644),
      ("etc/systemd/system/passerelle-sweep.timer", 0o644),
      ("usr/local/share/passerelle/pgbouncer.ini", 0o644),
    ] {
      #expect(try place.mode(path) == mode, "\(path)")
    }
  }

  @Test("Each installation makes a secret of its own, 32 bytes in hexadecimal")
  func secret() throws {
    func secret() throws -> Substring? {
      let place = try Workplace()
      try place.install()
      return try place.installed(Self.settings).firstMatch(of: /(?m)^PASSERELLE_SECRET=([0-9a-f]{64})$/)?.1
    }
    let first = try #require(try secret())
    let second = try #require(try secret())
    #expect(first != second)
  }

  @Test("A settings file that is there is never touched")
  func settingsStay() throws {
    let place = try Workplace()
    try place.install()
    try place.write("PASSERELLE_SECRET=mine\n", to: Self.settings)
    try place.write("PASSERELLE_OWNER_DATABASE_URL=mine\n", to: Self.owner)
    try place.install()
    #expect(try place.installed(Self.settings) == "PASSERELLE_SECRET=mine\n")
    #expect(try place.installed(Self.owner) == "PASSERELLE_OWNER_DATABASE_URL=mine\n")
    #expect(try place.mode(Self.owner) == 0o600)
  }

  @Test("The owner's file names no connection until somebody writes one, and stays away where it was deleted")
  func ownersFile() throws {
    let place = try Workplace()
    try place.install()
    let lines = try place.installed(Self.owner).split(separator: "\n")
    #expect(
      lines.allSatisfy { $0.hasPrefix("#") } && lines.contains { $0.hasPrefix("#PASSERELLE_OWNER_DATABASE_URL=") })
    try FileManager.default.removeItem(at: place.prefix.appendingPathComponent(Self.owner))
    try place.install()
    #expect(try place.mode(Self.settings) == 0o640)
    #expect(!FileManager.default.fileExists(atPath: place.prefix.appendingPathComponent(Self.owner).path))
  }

  @Test("An update replaces the programs and leaves nothing beside them")
  func update() throws {
    let place = try Workplace()
    try place.install()
    try place.program("second")
    try place.install()
    #expect(try place.says("usr/lib/cgi-bin/passerelle.cgi") == "second\n")
    #expect(try place.says("usr/local/bin/passerelle") == "second\n")
    let beside = try FileManager.default.contentsOfDirectory(
      atPath: place.prefix.appendingPathComponent("usr/lib/cgi-bin").path)
    #expect(beside == ["passerelle.cgi"])
  }

  @Test(
    "The installed programs are stripped, and their symbols stand where debuggers look",
    arguments: ["usr/lib/cgi-bin/passerelle.cgi", "usr/local/bin/passerelle"])
  func symbols(_ path: String) throws {
    let place = try Workplace()
    try place.install()
    #expect(try place.symbols(path).contains("no symbols"))
    #expect(try place.symbols("usr/lib/debug/\(path).debug").contains(" T main"))
    #expect(try place.install().output.contains("/\(path) is up to date"))
  }

  @Test("A site configuration changed by hand stays, and the new one is put beside it")
  func changedConfiguration() throws {
    let place = try Workplace()
    try place.install()
    try place.write("# ours\n", to: Self.site)
    let shipped = place.project.appendingPathComponent("apache-conf/passerelle.conf")
    try Data("# newer\n".utf8).write(to: shipped)
    let run = try place.install()
    #expect(try place.installed(Self.site) == "# ours\n")
    #expect(try place.installed(Self.site + ".new") == "# newer\n")
    #expect(run.output.contains("passerelle.conf.new"))
  }

  @Test("A site configuration as shipped follows the update")
  func unchangedConfiguration() throws {
    let place = try Workplace()
    try place.install()
    try Data("# newer\n".utf8).write(to: place.project.appendingPathComponent("apache-conf/passerelle.conf"))
    try place.install()
    #expect(try place.installed(Self.site) == "# newer\n")
  }

  @Test("A wrong argument is a usage error", arguments: [["--prefix"], ["--force"], ["--prefix", ""]])
  func usage(_ arguments: [String]) throws {
    let place = try Workplace()
    #expect(try ShellCommand(["cgi-bin/install"] + arguments, in: place.project).status == 64)
  }

  @Test("The sweep runs every ten minutes, by systemd or by cron")
  func sweep() throws {
    let place = try Workplace()
    try place.install()
    #expect(
      try place.installed("etc/systemd/system/passerelle-sweep.timer").contains("\nOnCalendar=*:0/10\n"))
    #expect(
      try place.installed("usr/local/share/passerelle/cron.d/passerelle").contains(
        "\n*/10 * * * *  www-data  passerelle sweep"))
  }
}
