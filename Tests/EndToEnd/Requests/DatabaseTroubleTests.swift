import DemoMoodle
import Foundation
import Postgres
import TestSupport
import Testing
import Wire

/// A database that says no: what learners, monitoring and the administrator are told.
@Suite(.needsStack) struct DatabaseTroubleTests {
  @Test(
    "Whatever PostgreSQL refuses a report with, the learner meets a 503 and the log has its word",
    arguments: [
      ("25006", "database_read_only", "30"), ("53100", "database_disk_full", "30"),
      ("53200", "database_out_of_memory", "5"), ("53300", "database_too_many_connections", "5"),
      ("57014", "database_cancelled", "5"), ("40001", "database_conflict", "5"), ("40P01", "database_deadlock", "5"),
      ("55P03", "database_lock_not_had", "5"), ("42501", "database_right_missing", "30"),
    ])
  func refused(state: String, word: String, retryAfter: String) throws {
    try World.run(.inProcess) { world in
      let page = try world.session()
      try world.database.script(
        """
        create function public.no() returns trigger language plpgsql as
          $$ begin raise exception using errcode = '\(state)', message = 'as asked'; end $$;
        create trigger no before insert on public.progress for each row execute function public.no();
        """)
      let answer = try page.complete("accueil")
      #expect(Refused(answer) == Refused(503, "database_unavailable"))
      #expect(answer.fields["Retry-After"] == retryAfter)
      #expect(try world.tool.log.contains("database_unavailable POST /api/progress \(word) \(state)"))
      try world.database.script("drop trigger no on public.progress")
      #expect(try page.complete("accueil").status == 200)
    }
  }

  @Test("A database that may only be read: 503 for who writes, for monitoring, and words for the administrator")
  func readOnly() throws {
    try World.run(.inProcess) { world in
      let page = try world.session()
      // Straight to PostgreSQL: sessions that PgBouncer keeps begin as they began.
      try world.tool.set("PASSERELLE_DATABASE_URL", try Stack.direct(world.database.name))
      #expect(try world.send("GET", "/health").status == 200)
      try world.database.script("alter database \"\(world.database.name)\" set default_transaction_read_only = on")
      #expect(Refused(try page.complete("accueil")) == Refused(503, "database_unavailable"))
      #expect(try page.progress().status == 200)
      try expectUnwell(world, "read_only")
      let doctor = try world.command("doctor")
      #expect(doctor.status == 1)
      #expect(doctor.text.contains("WRONG    writing: this PostgreSQL takes no writing: "), "\(doctor.text)")
      #expect(doctor.text.contains("target_session_attrs=read-write"))
      try world.database.script("begin read write; alter database \"\(world.database.name)\" reset all; commit")
      #expect(try world.send("GET", "/health").status == 200)
      #expect(try page.complete("accueil").status == 200)
    }
  }

  @Test("A role without the right to write is 503, and monitoring sees it")
  func rights() throws {
    try World.run(.inProcess) { world in
      let role = "web_\(world.database.name)"
      let url = try #require(URLComponents(string: try Stack.direct(world.database.name)))
      var mine = url
      mine.user = role
      mine.password = "geheim"
      try world.database.script(
        """
        create role \(role) login password 'geheim';
        grant usage on schema public, passerelle to \(role);
        grant select on all tables in schema public, passerelle to \(role);
        """)
      defer {
        try? world.database.script("drop owned by \(role); drop role \(role)")
      }
      let page = try world.session()
      try world.tool.set("PASSERELLE_DATABASE_URL", mine.string)
      #expect(Refused(try page.complete("accueil")) == Refused(503, "database_unavailable"))
      #expect(try world.tool.log.contains("database_right_missing 42501"))
      try expectUnwell(world, "right_missing")
    }
  }

  @Test("Monitoring leaves one row, writes it every ten seconds however often it asks, and asks cheaply")
  func heartbeat() throws {
    try World.run(.inProcess) { world in
      func version() throws -> String { try world.database.value("select xmin::text from passerelle.heartbeats") }
      for _ in 0..<20 { #expect(try world.send("GET", "/health").status == 200) }
      #expect(try world.database.count("select from passerelle.heartbeats") == 1)
      let written = try version()
      #expect(try world.send("GET", "/health").status == 200)
      #expect(try version() == written)
      for seconds in [11, -60] {
        // Long ago, or by a clock that was put back since.
        try world.database.execute(
          "update passerelle.heartbeats set beaten_at = now() - make_interval(secs => \(seconds))")
        let aged = try version()
        #expect(try world.send("GET", "/health").status == 200)
        #expect(try version() != aged)
      }
      let pages: Int = try world.database.value("select pg_relation_size('passerelle.heartbeats') / 8192")
      #expect(pages == 1)
      // The quickest of many: whatever else the machine does, not every one of them is disturbed.
      let times = try (0..<20).map { _ in
        try ContinuousClock().measure { try world.database.execute("select passerelle.heartbeat()") }
      }
      #expect(try #require(times.min()) < .milliseconds(20))
    }
  }

  @Test(
    "A disk that is full: 503 for who needs room, never 500, and all is well when there is room again", .needsMounts)
  func diskFull() throws {
    let disk = try SmallDisk(megabytes: 32)
    defer { disk.remove() }
    try World.run(.inProcess, registered: false) { world in
      let name = "full_\(world.database.name)"
      try ScratchDatabase.administer("create tablespace \(identifier: name) location '\(unescaped: disk.path)'")
      defer { try? ScratchDatabase.administer("drop tablespace \(identifier: name)") }
      // Its files written at once: pages that have no room on the disk yet would be in the way of every other database.
      try ScratchDatabase.administer(
        "create database \(identifier: name) template template0 tablespace \(identifier: name) strategy file_copy")
      defer { try? ScratchDatabase.administer("drop database \(identifier: name) with (force)") }
      for setting in ["PASSERELLE_DATABASE_URL", "PASSERELLE_OWNER_DATABASE_URL"] {
        try world.tool.set(setting, try Stack.direct(name))
      }
      try install(world)
      let page = try world.session()
      #expect(try world.send("GET", "/health").status == 200)

      let session = try ScratchDatabase.connect(name)
      defer { session.close() }
      try session.execute("update passerelle.heartbeats set beaten_at = now() - interval '11 seconds'")
      try session.execute("create table public.filler (x text)")
      // Ever smaller pieces, until no page is left.
      for rows in [400, 40, 4, 1] {
        while (try? session.execute(
          "insert into public.filler select string_agg(gen_random_uuid()::text, '') from generate_series(1, \(rows * 200)) i"
        ))
          != nil
        {}
      }
      try expectUnwell(world, "disk_full")
      var statuses: [Int: Int] = [:]
      for grain in 0..<200 {
        let answer = try page.complete("g\(grain)")
        statuses[answer.status, default: 0] += 1
        if answer.status == 503 { #expect(Refused(answer) == Refused(503, "database_unavailable")) }
      }
      #expect(Set(statuses.keys).isSubset(of: [200, 503]) && statuses[503] != nil, "\(statuses)")
      #expect(try world.tool.log.contains("database_disk_full 53100"))
      let doctor = try world.command("doctor")
      // The server may have no room left even for a connection.
      #expect(
        doctor.text.contains(/WRONG    (writing|database): the database server's disk is full/), "\(doctor.text)")

      try session.execute("drop table public.filler")
      #expect(try world.send("GET", "/health").status == 200)
      for grain in 0..<200 { #expect(try page.complete("g\(grain)").status == 200) }
      // What was answered with 200 on the full disk was kept, and nothing else: 200 in all, now.
      #expect(try session.value("select count(*) from public.progress where status = 'completed'", as: Int.self) == 200)
    }
  }

  private func install(_ world: World) throws {
    let tool = world.moodle.platform.tool
    let grains = (0..<200).map { ["slug": .string("g\($0)"), "title": "Grain"] as JSONValue }
    let catalogue: JSONValue = [["slug": "decouverte", "title": "Découverte", "grains": .array(grains)]]
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).json")
    try Data(catalogue.encoded.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    for run in [
      try world.command("migrate"),
      try world.command(
        "platform", "add", "--name", "Moodle", "--issuer", world.moodle.url, "--client-id", tool.clientID,
        "--deployment-id", String(tool.typeID), "--moodle"),
      try world.command("module", "import", file.path),
    ] { try #require(run.status == 0, "\(run.errorText)") }
  }

  private func expectUnwell(_ world: World, _ word: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let health = try world.send("GET", "/health")
    #expect(health.status == 503 && health.fields["Retry-After"] != nil, sourceLocation: sourceLocation)
    let json = try health.json
    #expect(json["status"] == "unavailable", sourceLocation: sourceLocation)
    #expect(json["database"]?.stringValue == word, "\(json.encoded)", sourceLocation: sourceLocation)
  }
}
