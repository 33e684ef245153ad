import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// `passerelle doctor`: each warning provoked once, with what to do about it.
@Suite(.needsStack) struct DoctorAdviceTests {
  /// Expects a finding with these words and this advice.
  private func expect(
    _ world: World, _ state: String, _ words: String, mend: String, not: Bool = false, again: () throws -> Void = {},
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let examination = try Examination(world, again: again, sourceLocation: sourceLocation)
    let found = examination.findings.filter { $0.words.contains(words) }
    #expect(found.isEmpty == not, "\(examination.run.text)", sourceLocation: sourceLocation)
    guard !not else { return }
    #expect(
      found.contains { $0.state == state && (mend.isEmpty || $0.mend.contains(mend)) }, "\(found)",
      sourceLocation: sourceLocation)
  }

  @Test("A settings file that is closed to whoever asks is not one that is missing, and each has its own advice")
  func settingsFile() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "passerelle.env")
    let missing = try ProgramRun.run(
      Stack.command, arguments: ["doctor"], environment: [("PASSERELLE_CONFIG", file.path)])
    #expect(missing.status == 1 && missing.text.contains("cannot be read (errno 2)"), "\(missing.text)")
    #expect(missing.text.contains("cgi-bin/install does, and never overwrites one"))
    guard geteuid() == 0 else { return }
    try Data("PASSERELLE_SECRET=x\n".utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
    let closed = try Examination {
      try ProgramRun.commandAsNobody($0, from: folder, environment: [("PASSERELLE_CONFIG", file.path)] + $1)
    }
    #expect(
      closed.findings == [
        .init(
          "wrong", "settings", "The settings file \(file.path) cannot be read (errno 13).",
          mend: "run it as root or as the web server's user: runuser -u www-data -- passerelle doctor. "
            + "\(file.path) should be root:www-data, 0640")
      ], "\(closed.run.text)")
  }

  @Test("Who does not answer is told apart: PgBouncer by its port, PostgreSQL by the others, a host without an address")
  func away() throws {
    try World.run(.inProcess) { world in
      func says(_ url: String, _ mend: String) throws {
        try world.tool.set("PASSERELLE_DATABASE_URL", url)
        try expect(world, "wrong", "PostgreSQL cannot be reached", mend: mend)
      }
      try says(
        "postgresql://x@/x?host=/nonexistent&port=6432", "PgBouncer does not answer there: systemctl start pgbouncer")
      try says("postgresql://x@127.0.0.1:9/x", "PostgreSQL does not answer there: systemctl start postgresql")
      try says("postgresql://x@nowhere.invalid/x", "has no address: check its spelling and DNS")
    }
  }

  @Test("A role whose password is wrong, and one that PgBouncer does not know")
  func refused() throws {
    try World.run(.inProcess) { world in
      var url = try #require(URLComponents(string: try Stack.direct(world.database.name)))
      url.password = "wrong"
      url.host = "127.0.0.1"
      try world.tool.set("PASSERELLE_DATABASE_URL", try #require(url.string))
      try expect(
        world, "wrong", "PostgreSQL does not let this role in",
        mend: "the password of PASSERELLE_DATABASE_URL is not the role's")
      let run = try world.command("doctor")
      #expect(!run.text.contains("LOCATION:") && !run.text.contains("wrong@"))
    }
  }

  @Test("Nothing to open, an address that cannot be used, and a mini-site that is not there")
  func modules() throws {
    try World.run(.event) { world in
      try PlatformStub.run { request, _ in
        MoodleResponse(status: request.path == "/here/" ? 200 : 404, contentType: nil)
      } _: { site in
        func give(_ url: String) throws { try world.database.execute("update public.modules set url = \(url)") }
        try give(site.url + "/nowhere/")
        try expect(world, "warning", "\(site.url)/nowhere/ answers 404", mend: "learners land there")
        try give(site.url + "/here/")
        try expect(world, "warning", "answers 404", mend: "", not: true)
      }
      try world.database.execute("update public.modules set url = 'http://127.0.0.1:9/'")
      try expect(world, "warning", "http://127.0.0.1:9/ cannot be reached from here", mend: "check the address")
      try world.database.execute("update public.modules set url = 'https://a b:c/'")
      try expect(world, "warning", "This module’s address cannot be used", mend: "correct its URL in Directus")
      try world.database.execute("update public.modules set status = 'archived'")
      try expect(world, "warning", "there is none yet", mend: "passerelle module add")
    }
  }

  @Test("A Moodle in maintenance is called that, with how long it says", arguments: [Endpoint.keySet, .token])
  func maintenance(at endpoint: Endpoint) throws {
    try World.run(.event) { world in
      func maintain() { world.moodle.platform.injectNext(.status(503, retryAfter: 120), at: endpoint) }
      maintain()
      try expect(world, "wrong", "is in maintenance, or away", mend: "it says: in 120 s", again: maintain)
    }
  }

  @Test("A key set that has moved tells what the platform calls itself by now")
  func elsewhere() throws {
    try World.run(.event) { world in
      let moodle = world.moodle.url
      try PlatformStub.run { request, _ in
        MoodleResponse(status: 301, contentType: nil, fields: [("Location", moodle + request.path)])
      } _: { former in
        try world.database.execute("update passerelle.platforms set issuer = \(former.url)")
        try world.database.execute(
          "update passerelle.registrations set jwks_url = \(former.url + "/mod/lti/certs.php")")
        try expect(
          world, "wrong", "the platform calls itself \(moodle), and is registered as \(former.url)",
          mend: "passerelle platform move \(former.url) \(moodle)")
      }
    }
  }

  @Test("A redirect that ends at a page to log in says nothing of another address")
  func loginPage() throws {
    try World.run(.event) { world in
      try PlatformStub.run { request, root in
        request.path == "/sso"
          ? MoodleResponse(status: 200, contentType: "text/html")
          : MoodleResponse(status: 302, contentType: nil, fields: [("Location", root + "/sso")])
      } _: { site in
        try world.database.execute("update passerelle.platforms set issuer = \(site.url)")
        try world.database.execute(
          "update passerelle.registrations set jwks_url = \(site.url + "/mod/lti/certs.php")")
        let examination = try Examination(world)
        #expect(
          examination.findings.contains { $0.words == "\(site.url)/mod/lti/certs.php answers 302, not a key set" },
          "\(examination.run.text)")
        #expect(!examination.findings.contains { $0.mend.contains("platform move") }, "\(examination.run.text)")
      }
    }
  }

  @Test("A key set that is under another address than the issuer is told of without a redirect, too")
  func issuerUnlikeKeySet() throws {
    try World.run(.event) { world in
      let moodle = world.moodle.url
      try world.database.execute("update passerelle.platforms set issuer = \(moodle + "/")")
      let examination = try Examination(world)
      let words = "its key set is under \(moodle), and it is registered as \(moodle)/"
      let told = examination.findings.first { $0.words == words }
      #expect(
        told?.state == "warning" && told?.mend.hasSuffix("passerelle platform move \(moodle)/ \(moodle)") == true,
        "\(examination.run.text)")
      #expect(examination.findings.contains { $0.state == "ok" && $0.words == "key set: 1 key" })
    }
  }

  @Test("A public Moodle before a tool on a private address, and plain http with two host names")
  func places() throws {
    try World.run(.event) { world in
      try world.database.execute("update passerelle.platforms set issuer = 'http://8.8.8.8'")
      try expect(world, "warning", "has a private address", mend: "$CFG->ltiallowlocalnetwork = true")
      try expect(
        world, "warning", "over plain http with two host names nothing opens in a frame", mend: "give both https")
      try world.database.execute("update passerelle.platforms set issuer = \(world.moodle.url)")
      try expect(world, "warning", "has a private address", mend: "", not: true)
    }
  }

  @Test("A mini-site, or one module's, under Passerelle's own address: its scripts could read a teacher's dashboard")
  func origin() throws {
    try World.run(.event) { world in
      let words = "pages of \(world.tool.base.origin), Passerelle's own address, are a mini-site"
      try expect(world, "warning", words, mend: "", not: true)
      try world.tool.set("PASSERELLE_MINISITE_URL", "\(world.tool.base.origin)/site/")
      try expect(world, "warning", words, mend: "under a host name of their own")
      try world.tool.set("PASSERELLE_MINISITE_URL", nil)
      try expect(world, "warning", words, mend: "", not: true)
      let url = "\(world.tool.base.origin)/securite/"
      try world.database.execute("update public.modules set url = \(url)")
      try expect(world, "warning", words, mend: "under a host name of their own")
    }
  }

  @Test("A registration of which no deployment is accepted yet is told of")
  func withoutDeployment() throws {
    try World.run(.event) { world in
      try world.database.execute("delete from passerelle.deployments")
      try expect(world, "warning", "no deployment of it is accepted yet", mend: "the log then names the deployment")
    }
  }

  @Test("Whether teachers have found the tool, in courses")
  func courses() throws {
    try World.run(.event) { world in
      try expect(world, "warning", "no course has launched it yet", mend: "Show in activity chooser")
      _ = try world.launch()
      _ = try world.launch(user: 4)
      try expect(world, "ok", "launched from 1 course since it was first registered", mend: "")
    }
  }

  @Test("A grade that nobody sends tells that no timer runs")
  func timers() throws {
    try World.run(.event) { world in
      world.moodle.platform.injectNext(.status(503), at: .score)
      try world.session().complete("accueil")
      try world.database.execute("update public.grades set next_attempt_at = now() - interval '11 minutes'")
      try world.database.execute("update passerelle.platforms set breaker_until = null")
      try expect(
        world, "warning", "should have been sent 11 minutes ago: nobody runs grade sync", mend: "systemctl enable --now"
      )
      #expect(try world.command("grade", "sync").status == 0)
      try expect(world, "warning", "nobody runs grade sync", mend: "", not: true)
    }
  }

  @Test("A certificate that ends within a month is told of before it does")
  func certificate() throws {
    try World.run(.tls) { world in
      try world.tool.set("PASSERELLE_CA_DIR", try Stack.value("PASSERELLE_TEST_CA_DIR"))
      try expect(world, "warning", "of localhost ends on ", mend: "renew it (certbot renew --dry-run")
    }
  }

  @Test("A full disk where the log is, modules of Apache that are not enabled, and a site that is not", .needsMounts)
  func machine() throws {
    let disk = try SmallDisk(megabytes: 4)
    defer { disk.remove() }
    try Data(count: 4_100_000).write(to: URL(fileURLWithPath: disk.path + "/filling"))
    try World.run(.inProcess, settings: [("PASSERELLE_LOG_FILE", disk.path + "/passerelle.log")]) { world in
      let script = """
        mkdir -p /etc/apache2 && mount -t tmpfs tmpfs /etc/apache2 && cd /etc/apache2
        mkdir mods-enabled conf-available conf-enabled
        touch mods-enabled/headers.load mods-enabled/alias.load mods-enabled/env.load mods-enabled/filter.load
        touch mods-enabled/deflate.load conf-available/passerelle.conf
        """
      let examination = try Examination { try SmallDisk.runApart(script, $0, world.administration + $1) }
      func mend(_ words: String) -> String? {
        examination.findings.first { $0.state == "warning" && $0.words.contains(words) }?.mend
      }
      #expect(
        mend("these are not enabled: cgid, reqtimeout") == "a2enmod cgid reqtimeout && systemctl restart apache2",
        "\(examination.run.text)")
      #expect(mend("installed and not enabled") == "a2enconf passerelle && systemctl reload apache2")
      #expect(mend("of the disk that holds \(disk.path)/ is used")?.contains("make room") == true)
    }
  }
}
