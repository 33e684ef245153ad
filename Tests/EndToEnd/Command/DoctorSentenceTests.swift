import DemoMoodle
import Foundation
import TestSupport
import Testing
import Wire

/// What `passerelle doctor` says where ``DoctorTests`` and ``DoctorAdviceTests`` break nothing: each sentence brought about once, in both
/// languages.
@Suite(.needsStack) struct DoctorSentenceTests {
  private func expect(
    _ world: World, _ state: String, of subject: String? = nil, _ words: String, mend: String,
    again: () throws -> Void = {}, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let examination = try Examination(world, again: again, sourceLocation: sourceLocation)
    let found = examination.findings.filter { $0.words.contains(words) && (subject == nil || $0.subject == subject) }
    #expect(
      found.contains { $0.state == state && $0.mend.contains(mend) }, "\(examination.run.text)",
      sourceLocation: sourceLocation)
  }

  @Test(
    "Each reason of PostgreSQL's and PgBouncer's for letting nobody in has its own advice",
    arguments: [
      ("28000", "Peer authentication failed for user \"passerelle\"", "runuser -u www-data -- passerelle doctor"),
      ("08P01", "unix socket login rejected", "runuser -u www-data -- passerelle doctor"),
      (
        "08P01", "server login has been failing, cached error: connect failed (server_login_retry)",
        "PgBouncer answers, and PostgreSQL behind it does not"
      ),
      ("08P01", "no such user: passerelle", "PgBouncer does not know the role: add it to auth_file"),
      ("08P01", "no such database: passerelle", "PgBouncer does not know the database: add it to [databases]"),
      (
        "28P01", "password authentication failed for user \"passerelle\"",
        "the password of PASSERELLE_DATABASE_URL is not"
      ),
      (
        "28000", "no pg_hba.conf entry for host \"10.0.0.1\", user \"passerelle\"",
        "let the role in from here: pg_hba.conf"
      ),
      ("3D000", "database \"passerelle\" does not exist", "check the database's name in PASSERELLE_DATABASE_URL"),
      ("53300", "sorry, too many clients already", "put PgBouncer between"),
      ("57P03", "the database system is starting up", "wait; PostgreSQL's log says how far it is"),
    ])
  func refused(sqlState: String, message: String, mend: String) throws {
    let server = try RefusingPostgres(sqlState: sqlState, message)
    defer { server.stop() }
    try World.run(.inProcess) { world in
      try world.tool.set(
        "PASSERELLE_DATABASE_URL", "postgresql://passerelle:x@127.0.0.1:\(server.port)/passerelle?sslmode=disable")
      try expect(world, "wrong", of: "database", message, mend: mend)
    }
  }

  @Test("A settings file that everybody reads is told of, and certificates that are none, or that have ended")
  func files() throws {
    try World.run(.event) { world in
      let file = try #require(world.tool.apache).settingsFile
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
      let examination = try Examination {
        try ProgramRun.run(Stack.command, arguments: $0, environment: [("PASSERELLE_CONFIG", file)] + $1)
      }
      #expect(
        examination.findings.contains(
          .init(
            "warning", "settings", "\(file) can be read by everybody, and it holds PASSERELLE_SECRET",
            mend: "chown root:www-data \(file) && chmod 0640 \(file)")), "\(examination.run.text)")
      let empty = FileManager.default.temporaryDirectory.appending(path: "empty-\(UUID().uuidString).pem")
      try Data("nothing\n".utf8).write(to: empty)
      defer { try? FileManager.default.removeItem(at: empty) }
      func trust(_ file: String) throws {
        try world.tool.set(
          "PASSERELLE_DATABASE_URL", "postgresql://x@127.0.0.1:9/x?sslmode=verify-full&sslrootcert=\(file)")
      }
      try trust(empty.path)
      try expect(
        world, "warning", of: "database certificate", "holds no certificate that can be read", mend: "check sslrootcert"
      )
      let ended = Stack.fixtures.appending(path: "doctor/ended.pem").path
      try trust(ended)
      try expect(
        world, "wrong", of: "database certificate",
        "that of \(ended) (/CN=Ended authority) ended on 2020-01-01T00:00:00Z",
        mend: "put the authority's next certificate into \(ended), which sslrootcert names")
    }
  }

  @Test("A schema of a newer program, one that lacks functions, and a key under another's name")
  func schema() throws {
    try World.run(.event) { world in
      try world.database.execute("insert into passerelle.migrations (number, name) values (9999, 'later')")
      try expect(
        world, "wrong", of: "schema", "newer than this program", mend: "install the program that made this database")
      try world.database.execute("delete from passerelle.migrations where number = 9999")
      try world.database.script("drop function passerelle.table_date")
      try expect(
        world, "wrong", of: "schema",
        "function passerelle.table_date(p_at timestamp with time zone, p_zone text) is missing",
        mend: "run: passerelle migrate")
      #expect(try world.command("migrate").status == 0)
      try world.database.execute("update passerelle.tool_keys set kid = 'other'")
      try expect(
        world, "wrong", of: "tool key", "other is not the key that is sealed under it",
        mend: "restore the database from a backup")
    }
  }

  @Test(
    "Without a platform the way to the first is told; grades that failed are counted, with the way to their reasons")
  func platforms() throws {
    try World.run(.event, registered: false) { world in
      try expect(world, "warning", of: "platforms", "none is registered", mend: "run: passerelle platform invite")
    }
    try World.run(.event) { world in
      world.moodle.platform.injectNext(.status(403), at: .score)
      try world.session().complete("accueil")
      try world.database.execute("update public.grades set status = 'failed'")
      try expect(world, "warning", of: "grades", "1 failed, 0 pending", mend: "passerelle grade list --status failed")
    }
  }

  @Test("Of LTI 1.1: a key that cannot be used, an issuer that is no address")
  func lti11() throws {
    try World.run(.event, registered: false) { world in
      let added = try world.command(
        "platform", "add", "--name", "Ancien", "--issuer", world.moodle.url, "--lti11-key", "cle")
      #expect(added.status == 0, "\(added.errorText)")
      try world.database.execute("update passerelle.platforms set issuer = 'urn:school'")
      try expect(world, "warning", "its issuer is no address, so it was not asked", mend: "open an activity from it")
      try world.database.execute("update passerelle.consumers set consumer_key = ''")
      try expect(world, "wrong", "the consumer key cannot be used", mend: "register it again: passerelle platform add")
    }
  }

  @Test("The clocks of a platform and of a site of LTI 1.1 whose Date nobody can read are to be compared by hand")
  func withoutDate() throws {
    try World.run(.event) { world in
      try PlatformStub.run { request, _ in
        MoodleResponse(status: 200, contentType: nil, fields: [("Date", request.path == "/keys" ? "" : "soon")])
      } _: { site in
        let added = try world.command("platform", "add", "--name", "Ancien", "--issuer", site.url, "--lti11-key", "cle")
        #expect(added.status == 0, "\(added.errorText)")
        let client = world.moodle.platform.tool.clientID
        try world.database.execute("update passerelle.registrations set jwks_url = \(site.url + "/keys")")
        let examination = try Examination(world)
        for subject in ["Moodle (\(client))", "Ancien (LTI 1.1)"] {
          #expect(
            examination.findings.contains(
              .init(
                "warning", subject, "it sends no usable Date, so its clock was not compared",
                mend: "compare the clocks by hand")), "\(examination.run.text)")
        }
      }
    }
  }

  @Test(
    "Why a Moodle gives no token, each with its own advice",
    arguments: [
      (Fault.page(302), "something answers in the platform's place"),
      (.status(500), "Moodle must be able to fetch this tool's key set"),
      (.page(200), "check the token URL with: passerelle platform show"),
      (.cutBeforeStore, "check the token URL with: passerelle platform show"),
    ])
  func token(fault: Fault, mend: String) throws {
    try World.run(.event) { world in
      func strike() { world.moodle.platform.injectNext(fault, at: .token) }
      strike()
      try expect(world, "wrong", "gives no access token", mend: mend, again: strike)
    }
  }

  @Test("A key set whose address leads on within one Moodle is to be registered where it leads")
  func moved() throws {
    try World.run(.event) { world in
      let moodle = world.moodle.url
      try PlatformStub.run { _, _ in
        MoodleResponse(status: 301, contentType: nil, fields: [("Location", moodle + "/mod/lti/certs.php")])
      } _: { former in
        try world.database.execute("update passerelle.registrations set jwks_url = \(former.url + "/keys")")
        try expect(
          world, "wrong", "\(former.url)/keys leads on to \(moodle)/mod/lti/certs.php, which is not followed",
          mend: "passerelle platform add --moodle --issuer \(moodle)")
      }
    }
  }

  @Test("The second door of Debian's Apache, and a script that does not judge a token")
  func doors() throws {
    try World.run(.inProcess) { world in
      let gateway = Gateway(world.tool)
      let server = try Server.start(gateway)
      defer { server.stop(grace: 0) }
      try world.tool.set("PASSERELLE_BASE_URL", server.url + "/passerelle")
      world.moodle.platform.tool = .passerelle(at: server.url + "/passerelle")
      gateway.openSecondDoor()
      try expect(
        world, "warning", of: "second door", "\(server.url)/cgi-bin/passerelle.cgi/health answers, too",
        mend: "a2disconf serve-cgi-bin")
      gateway.answerProgress(status: 500)
      try expect(
        world, "wrong", of: "Authorization", "the script did not judge a test token",
        mend: "look for its line in the log")
    }
  }

  @Test("A module without an address, where the settings name no mini-site either")
  func moduleWithoutAddress() throws {
    try World.run(.event) { world in
      try world.tool.set("PASSERELLE_MINISITE_URL", nil)
      try world.database.execute("update public.modules set url = null")
      try expect(
        world, "warning", of: "module decouverte", "has no URL, and PASSERELLE_MINISITE_URL is not set",
        mend: "give it one in Directus, or set PASSERELLE_MINISITE_URL")
    }
  }

  @Test(
    "A machine that was installed and runs no timers, or not all, and no cron; what to copy is where it was installed",
    .needsMounts,
    arguments: [
      ("", "/usr/local/share/passerelle"),
      ("passerelle-grade-sync.timer passerelle-sweep.timer", "/usr/share/passerelle"),
    ])
  func noTimers(enabled: String, share: String) throws {
    try World.run(.inProcess) { world in
      let script = """
        mkdir -p /etc/systemd/system /usr/local/share && mount -t tmpfs tmpfs /etc/systemd/system
        [ ! -e /etc/cron.d/passerelle ] || mount --bind /dev/null /etc/cron.d/passerelle
        cd /etc/systemd/system && mkdir timers.target.wants && touch passerelle-sweep.timer
        for timer in \(enabled); do touch timers.target.wants/$timer; done
        for folder in /usr/share /usr/local/share; do mount -t tmpfs tmpfs $folder; done
        mkdir \(share)
        """
      let examination = try Examination { try SmallDisk.runApart(script, $0, world.administration + $1) }
      #expect(
        examination.findings.contains {
          $0.words == "neither the timers nor cron run grade sync, grade verify and sweep on this machine"
            && $0.mend.hasPrefix(
              "systemctl enable --now passerelle-grade-sync.timer passerelle-grade-verify.timer passerelle-sweep.timer")
            && $0.mend.hasSuffix("cp \(share)/cron.d/passerelle /etc/cron.d/")
        }, "\(examination.run.text)")
    }
  }

  @Test(
    "Where nothing was set up yet the settings file that is looked for is named",
    .needsBareMachine)
  func nothing() throws {
    let examination = try Examination { try ProgramRun.run(Stack.command, arguments: $0, environment: $1) }
    let wrong = examination.findings(of: "settings").first { $0.state == "wrong" }
    #expect(
      wrong?.mend
        == "there is no settings file /etc/passerelle/passerelle.env: cgi-bin/install makes one; or set PASSERELLE_CONFIG",
      "\(examination.run.text)")
  }

  @Test(
    "Where Debian's package was installed and its settings are gone, dpkg makes them", .needsMounts, .needsBareMachine)
  func nothingOfPackage() throws {
    let script = """
      mkdir -p /usr/local/share
      for folder in /usr/share /usr/local/share; do mount -t tmpfs tmpfs $folder; done
      mkdir /usr/share/passerelle
      """
    let examination = try Examination { try SmallDisk.runApart(script, $0, $1) }
    #expect(
      examination.findings(of: "settings").contains { $0.mend.contains(": dpkg-reconfigure passerelle makes one; ") },
      "\(examination.run.text)")
  }
}
