import Foundation
import TestSupport
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
      let source = Stack.root
      try files.createDirectory(at: project.appendingPathComponent("cgi-bin"), withIntermediateDirectories: true)
      try files.createDirectory(at: project.appendingPathComponent(".build/release"), withIntermediateDirectories: true)
      // Links are followed, so that nothing written to the copy reaches the original.
      try files.copyItem(
        at: source.appendingPathComponent("apache-conf").resolvingSymlinksInPath(),
        to: project.appendingPathComponent("apache-conf"))
      for script in ["cgi-bin/install", "cgi-bin/uninstall", "cgi-bin/words.sh"] {
        try files.copyItem(at: source.appendingPathComponent(script), to: project.appendingPathComponent(script))
      }
      let resources = "Sources/Passerelle/Resources"
      try files.createDirectory(at: project.appendingPathComponent(resources), withIntermediateDirectories: true)
      try files.copyItem(
        at: source.appendingPathComponent(resources + "/openapi.json"),
        to: project.appendingPathComponent(resources + "/openapi.json"))
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
      ("etc/apache2/sites-available/passerelle-tls.conf", 0o644), ("etc/logrotate.d/passerelle", 0o644),
      ("var/log/passerelle", 0o750), ("usr/local/share/passerelle/openapi.json", 0o644), (Self.settings, 0o640),
      (Self.owner, 0o600),
      ("etc/systemd/system/passerelle-grade-sync.service", 0o644),
      ("etc/systemd/system/passerelle-grade-sync.timer", 0o644),
      ("etc/systemd/system/passerelle-grade-verify.service", 0o644),
      ("etc/systemd/system/passerelle-grade-verify.timer", 0o644),
      ("etc/systemd/system/passerelle-sweep.service", 0o644),
      ("etc/systemd/system/passerelle-sweep.timer", 0o644),
      ("etc/systemd/system/passerelle-learner-expire.service", 0o644),
      ("etc/systemd/system/passerelle-learner-expire.timer", 0o644),
      ("usr/local/share/passerelle/pgbouncer.ini", 0o644),
      ("usr/local/share/bash-completion/completions/passerelle", 0o644),
      ("usr/local/share/zsh/site-functions/_passerelle", 0o644),
      ("usr/local/share/fish/vendor_completions.d/passerelle.fish", 0o644),
    ] {
      #expect(try place.mode(path) == mode, "\(path)")
    }
  }

  @Test("It speaks the language of the locale", arguments: [("fr_FR.UTF-8", " installé"), ("C.UTF-8", " installed")])
  func language(locale: String, words: String) throws {
    let place = try Workplace()
    let run = try ShellCommand(
      ["LC_ALL=\(locale)", "cgi-bin/install", "--prefix", place.prefix.path], in: place.project)
    #expect(run.status == 0 && run.output.contains("/\(Self.site)\(words)"), "\(run.output)")
    #expect(run.output.contains("/usr/local/share/man") && run.output.contains("man passerelle"))
  }

  @Test("A stage holds no secret, which every machine made from it would share")
  func stagedSecret() throws {
    let place = try Workplace()
    let run = try place.install()
    #expect(try place.installed(Self.settings).split(separator: "\n").contains("PASSERELLE_SECRET="))
    #expect(run.output.contains("without a secret"))
  }

  @Test(
    "Each machine makes a secret of its own, 32 bytes in hexadecimal, also where a stage brought the file", .needsMounts
  )
  func secret() throws {
    func secrets(_ line: String) throws -> [String] {
      let place = try Workplace()
      // Everything that is installed lands in memory, and is gone with the namespace.
      let script = """
        for folder in etc usr/local var/log usr/lib/cgi-bin; do
          memory=$(mktemp -d) && mount -t tmpfs tmpfs "$memory" && cp -a "/$folder/." "$memory/" && mount --bind "$memory" "/$folder"
        done
        mkdir -p /usr/lib/debug && mount -t tmpfs tmpfs /usr/lib/debug
        rm -rf /etc/passerelle /var/log/passerelle
        \(line)
        cgi-bin/install >/dev/null && cat /etc/passerelle/passerelle.env && cgi-bin/install >/dev/null
        stat -c 'mode %a %U:%G' /etc/passerelle/passerelle.env && cat /etc/passerelle/passerelle.env
        """
      let run = try ShellCommand(["unshare"] + SmallDisk.ownMounts + ["bash", "-euc", script], in: place.project)
      #expect(run.status == 0 && run.output.contains("mode 640 root:www-data"), "\(run.output)")
      return run.output.matches(of: /(?m)^PASSERELLE_SECRET=(.*)$/).map { String($0.1) }
    }
    let fresh = try secrets("")
    let staged = try secrets(
      "mkdir -p /etc/passerelle && printf 'A=1\\nPASSERELLE_SECRET=\\n' >/etc/passerelle/passerelle.env")
    for secrets in [fresh, staged] {
      #expect(secrets.count == 2 && Set(secrets).count == 1)
      #expect(secrets.first?.wholeMatch(of: /[0-9a-f]{64}/) != nil)
    }
    #expect(fresh.first != staged.first)
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

  @Test("Who is long gone is erased by a timer that nobody is told to enable")
  func expire() throws {
    let place = try Workplace()
    let run = try place.install()
    #expect(
      try place.installed("etc/systemd/system/passerelle-learner-expire.service").contains(
        "\nExecStart=/usr/local/bin/passerelle learner expire --after 36months --yes\n"))
    let timers = ["grade-sync", "grade-verify", "sweep"].map { "passerelle-\($0).timer" }
    #expect(run.output.contains("enable --now \(timers.joined(separator: " "))\n"))
    #expect(!(try place.installed("usr/local/share/passerelle/cron.d/passerelle").contains("learner expire")))
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

  /// Every file under the prefix.
  private func files(_ place: Workplace) throws -> Set<String> {
    let found = try ShellCommand(["find", ".", "-type", "f", "-o", "-type", "l"], in: place.prefix).output
    return Set(found.split(separator: "\n").map { String($0.dropFirst(2)) })
  }

  @Test("Uninstalling takes everything away but the data, says what stays, and can be done again")
  func uninstalling() throws {
    let place = try Workplace()
    try place.install()
    let before = try files(place)
    let dry = try ShellCommand(
      ["LC_ALL=C.UTF-8", "cgi-bin/uninstall", "--dry-run", "--prefix", place.prefix.path], in: place.project)
    #expect(dry.status == 0 && dry.output.contains("would remove") && !dry.output.contains(" removed"))
    #expect(try files(place) == before)
    for _ in 1...2 {
      let run = try ShellCommand(
        ["LC_ALL=C.UTF-8", "cgi-bin/uninstall", "--prefix", place.prefix.path], in: place.project)
      #expect(run.status == 0, "\(run.output)")
      #expect(
        run.output.contains("\(place.prefix.path)/etc/passerelle") && run.output.contains("dropdb --force passerelle"))
      #expect(try files(place) == [Self.settings, Self.owner])
    }
    #expect(try place.mode("var/log/passerelle") == 0o750)
  }

  @Test("What was changed by hand is kept when all else goes, and named")
  func uninstallingChanged() throws {
    let place = try Workplace()
    try place.install()
    try place.write("# ours\n", to: Self.site)
    let run = try ShellCommand(
      ["LC_ALL=C.UTF-8", "cgi-bin/uninstall", "--prefix", place.prefix.path], in: place.project)
    #expect(run.output.contains("/\(Self.site) was changed here and is kept"), "\(run.output)")
    #expect(try files(place) == [Self.settings, Self.owner, Self.site])
  }

  @Test("A wrong argument of the way back is a usage error", arguments: [["--prefix"], ["--force"], ["--prefix", ""]])
  func uninstallUsage(_ arguments: [String]) throws {
    let place = try Workplace()
    #expect(try ShellCommand(["LC_ALL=C.UTF-8", "cgi-bin/uninstall"] + arguments, in: place.project).status == 64)
  }
}
