import DemoMoodle
import Foundation
import Postgres
import TestSupport
import Testing
import Wire

/// A class of two thousand learners and sixty grains, in every form.
@Suite(.needsStack) struct RosterScaleTests {
  private static let learners = 2000
  private static let grains = 60

  /// Fills the activity: everybody came, did most of it, and has a grade in Moodle.
  private static func fill(_ world: World) throws {
    try world.database.script(
      """
      insert into public.grains (module, slug, title, sort)
        select m.id, 'grain-' || n, 'Grain numéro ' || n, n from public.modules m, generate_series(5, \(grains)) n;
      set session_replication_role = replica;
      with people as (
        insert into public.learners (name, given_name, family_name, email)
        select 'Prénom Lefèvre' || n, 'Prénom', 'Lefèvre' || n, 'p.lefevre' || n || '@example.org'
        from generate_series(1, \(learners)) n returning id)
      insert into passerelle.enrolments (learner, activity, subject, roles, gradable, line_item)
        select p.id, a.id, p.id::text, '{http://purl.imsglobal.org/vocab/lis/v2/membership#Learner}', true, 'https://m.example/l'
        from people p, passerelle.activities a;
      insert into public.progress (learner, grain, status, score, completed_at)
        select e.learner, g.id, x.status, case when x.status = 'completed' and x.n % 3 > 0 then (x.n % 101) / 100.0 end,
               case when x.status = 'completed' then now() end
        from passerelle.enrolments e cross join public.grains g
        cross join lateral (select abs(hashtext(e.learner::text || g.id::text)) as n) h
        cross join lateral (select h.n, case when h.n % 10 < 7 then 'completed' else 'started' end::varchar as status) x
        where not e.instructor and x.n % 10 < 9;
      insert into public.grades (id, learner, activity, status, score, maximum)
        select e.id, e.learner, e.activity, 'delivered', 50, 100 from passerelle.enrolments e where not e.instructor;
      -- Moodle's list of members, where it was read, has them all.
      insert into passerelle.members (list, subject, roles, instructor, status)
        select l.id, e.subject, e.roles, false, 'Active' from passerelle.enrolments e cross join passerelle.membership_lists l
        where not e.instructor on conflict do nothing;
      set session_replication_role = origin;
      """)
    try world.database.script("analyze")
  }

  @Test("Everybody is there in every form; the compact one stays below 700 KB", arguments: Transport.both)
  func forms(transport: Transport) throws {
    try World.run(transport) { world in
      let teacher = try Teacher(world)
      _ = try teacher.answer()
      try Self.fill(world)
      let full = try teacher.answer()
      let roster = try JSONValue(parsing: full.body, maxBytes: 64 << 20)
      let listed = try #require(roster["learners"]?.arrayValue)
      let launched = listed.filter { $0["launched"] == true }
      #expect(launched.count == Self.learners)
      #expect(launched.allSatisfy { $0["grains"]?.objectValue?.count == Self.grains })

      let compact = try teacher.answer("?cells=compact")
      #expect(compact.body.count <= 700_000, "\(compact.body.count)")
      let short = try JSONValue(parsing: compact.body, maxBytes: 64 << 20)
      #expect(short["grains"] == roster["grains"] && short["total"] == 60 && short["maximum"] == 100)
      let learners = try #require(short["learners"]?.arrayValue)
      #expect(learners.count == listed.count)
      var wrong = 0
      for (one, other) in zip(listed, learners) {
        let cells = Array((other["cells"]?.stringValue ?? "").utf8)
        let statuses = stride(from: 0, to: cells.count, by: 2).map { index in
          switch (cells[index], cells[index + 1]) {
          case (UInt8(ascii: "-"), UInt8(ascii: "-")): "none"
          case (UInt8(ascii: "s"), UInt8(ascii: "s")): "started"
          default: "completed"
          }
        }
        let expected = one["grains"]?.objectValue?.members.compactMap { $0.value.stringValue }
        let isRight =
          statuses == expected && one["name"] == other["name"] && one["completed"] == other["completed"]
          && (one["launched"] == true) == (other["id"] != nil) && (other["launched"] == false) == (other["id"] == nil)
          && (other["grade"]?["status"] ?? "none") == one.at("grade.status")
        if !isRight { wrong += 1 }
      }
      #expect(wrong == 0)

      let table = try teacher.answer("?format=csv")
      #expect(table.fields["Content-Length"] == nil || table.fields["Content-Length"] == String(table.body.count))
      if transport.isApache { #expect(table.fields["Content-Length"] == String(table.body.count)) }
      #expect(table.body.count { $0 == 0x0A } == listed.count + 1)
    }
  }

  @Test("After ten looks at small classes on a warm session, the big one takes the database no more than a second")
  func warm() throws {
    try World.run(.inProcess) { world in
      _ = try Teacher(world)
      let session = try ScratchDatabase.connect(world.database.name)
      let process: Int = try session.value("select pg_backend_pid()")
      func look(_ form: String) throws -> Double {
        let before = try Self.processorTime(of: process)
        let rows = try session.query(
          """
          select r.* from passerelle.sessions s,
            passerelle.roster(s.token, null, true, \(form), null, null) r where s.role = 'instructor'
          """)
        #expect(rows.count > 0)
        return try Self.processorTime(of: process) - before
      }
      for form in ["compact", "page", "full", "csv", "table"] {
        for _ in 1...10 { _ = try look(form) }
      }
      try Self.fill(world)
      for form in ["compact", "page", "full", "csv", "table"] {
        // The best of three: other tests run beside this one, and share its caches.
        let times = try (1...3).map { _ in try look(form) }
        #expect(times.min() ?? .infinity <= 1, "\(form): \(times)")
      }
    }
  }

  /// The seconds that a process of this machine has worked so far, for itself and in the system (proc_pid_stat(5)).
  private static func processorTime(of process: Int) throws -> Double {
    let text = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
    // The name in parentheses may hold anything; utime and stime are the 14th and the 15th.
    let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
    try #require(fields.count > 13)
    let ticks = try #require(Double(fields[11])) + #require(Double(fields[12]))
    return ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// In place of the database's function, one whose row of that number fails, after rows of ten thousand bytes.
  private static func breakOff(_ world: World, at number: Int) throws {
    try world.database.script(
      """
      drop function if exists passerelle.roster(bytea, uuid, boolean, text, text, pg_snapshot, json, text);
      create function passerelle.roster(bytea, uuid, boolean, text, text, pg_snapshot, json, text)
      returns table (
        outcome text, locale text, source text, may_ask boolean, key text, snapshot text, unchanged boolean, module text,
        head text, read_at text, details text, line text, octets bigint, status text, score float8, maximum float8,
        error text, error_fr text, moodle text)
      language sql stable as $$
        select 'accepted', 'en', null, true, null, null, false, 'm', 'name', null, null, null, null::bigint, null,
               null::float8, null::float8, null, null, null
        union all
        select null, null, null, null, null, null, null, null, null, null, null, repeat('x', 10000), 10000000, 'none',
               1 / (\(number) - n)::float8, 100, null, null, null
        from generate_series(1, 1000) n
      $$
      """)
  }

  @Test("A table that breaks off is refused, or is shorter than it said", arguments: Transport.apaches)
  func brokenOff(transport: Transport) throws {
    try World.run(transport) { world in
      let teacher = try Teacher(world)
      try Self.breakOff(world, at: 5)
      let early = try teacher.answer("?format=csv")
      #expect(Refused(early) == Refused(500, "internal_error"))
      #expect(early.fields["Content-Disposition"] == nil)
      try Self.breakOff(world, at: 500)
      let late = try ShellCommand([
        "curl", "-s", "-o", "/dev/null", "--max-time", "20", "-H", "Authorization: Bearer \(teacher.page.token)",
        "\(world.tool.base.description)/api/roster?format=csv",
      ])
      // curl: a part of the file, or waiting for the rest.
      #expect(late.status == 18 || late.status == 28, "\(late.status)")
      #expect(try world.tool.log.contains("roster cut in the middle"))
    }
  }

  @Test("Apache compresses the roster and the script, and nothing that holds a secret", arguments: Transport.apaches)
  func compressed(transport: Transport) throws {
    try World.run(transport) { world in
      let learner = try world.session(user: 3)
      try learner.complete("accueil")
      let teacher = try Teacher(world)
      let gzip = ("Accept-Encoding", "gzip, deflate, br")
      let plain = try teacher.answer("?cells=compact")
      #expect(plain.fields["Content-Encoding"] == nil)
      let answer = try teacher.answer("?cells=compact", [gzip])
      #expect(
        answer.status == 200 && answer.fields["Content-Encoding"] == "gzip" && answer.body.starts(with: [0x1F, 0x8B]))
      #expect(answer.body.count < plain.body.count / 2)
      #expect(
        answer.fields["ETag"]?.prefix(44) == plain.fields["ETag"]?.prefix(44)
          && answer.fields.values("Vary").joined().contains("Accept-Encoding"))
      let tag = try #require(answer.fields["ETag"])
      let same = try teacher.answer("?cells=compact", [gzip, ("If-None-Match", tag)])
      #expect(same.status == 304 && same.body.isEmpty && same.fields["ETag"] == tag)
      let script = try world.send("GET", "/passerelle.js", fields: [gzip])
      #expect(script.fields["Content-Encoding"] == "gzip" && script.body.starts(with: [0x1F, 0x8B]))
      let session = ("Authorization", "Bearer \(learner.token)")
      let code = try world.code(of: try world.launch(user: 3))
      for answer in [
        try world.post("/api/session", json: ["code": .string(code)], fields: [gzip]),
        try world.send("GET", "/api/progress", fields: [gzip, session]),
        try world.post("/api/code", json: [:], fields: [gzip, session]), try teacher.answer("?format=csv", [gzip]),
        try world.send("GET", "/dashboard", fields: [gzip]), try world.send("GET", "/lti/jwks", fields: [gzip]),
        try world.send("GET", "/api/rosters", fields: [gzip]),
      ] {
        #expect(answer.fields["Content-Encoding"] == nil, "\(answer.text.prefix(100))")
      }
    }
  }
}
