import DemoMoodle
import Foundation
import Postgres
import TestSupport
import Testing
import Wire

/// `/api/roster` asked again with the tag of the last answer: 304 as long as nothing of it moved, and never longer.
@Suite(.needsStack) struct RosterChangeTests {
  /// A teacher's tab that looks again every minute.
  private final class Tab {
    let teacher: Teacher
    let query: String
    private(set) var tag: String?
    private(set) var body: [UInt8] = []

    init(_ teacher: Teacher, _ query: String = "?cells=compact") throws {
      self.teacher = teacher
      self.query = query
      #expect(try look() == true)
    }

    /// Whether there was something new.
    func look() throws -> Bool {
      let answer = try teacher.answer(query, tag.map { [("If-None-Match", $0)] } ?? [])
      if answer.status == 304 {
        #expect(answer.body.isEmpty && answer.fields["ETag"] == tag)
        return false
      }
      #expect(answer.status == 200, "\(answer.text)")
      tag = answer.fields["ETag"]
      #expect(tag?.wholeMatch(of: /W\/"[!#-~]+"/) != nil)
      body = answer.body
      return true
    }
  }

  @Test("Nothing moved: 304 without a body, and no learner is looked at", arguments: Transport.both)
  func unchanged(transport: Transport) throws {
    try World.run(transport) { world in
      try world.session(user: 3).complete("accueil")
      let teacher = try Teacher(world)
      for query in ["", "?cells=compact"] {
        let tab = try Tab(teacher, query)
        #expect(try tab.look() == false)
        // What would look at them is not there any more.
        try world.database.execute(
          "alter function passerelle.roster_lines(uuid, uuid, uuid, uuid, text, text[], json, text) rename to resting")
        #expect(try tab.look() == false)
        #expect(try tab.look() == false)
        #expect(try teacher.answer(query).status == 500)
        try world.database.execute(
          "alter function passerelle.resting(uuid, uuid, uuid, uuid, text, text[], json, text) rename to roster_lines")
        let several = try teacher.answer(query, [("If-None-Match", #""other", "# + (tab.tag ?? ""))])
        #expect(several.status == 304)
        #expect(several.fields["Cache-Control"] == "no-store" && several.fields["Vary"]?.contains("Origin") == true)
      }
      // One form's tag is not the other's, nor one language's.
      let tab = try Tab(teacher, "")
      let known = [("If-None-Match", try #require(tab.tag))]
      #expect(try teacher.answer("?cells=compact", known).status == 200)
      try world.database.execute(
        "update public.learners set locale = 'fr' where name like 'Prof%' or locale is distinct from 'fr'")
      #expect(try tab.look() == true)
    }
  }

  /// Everything that staff do and that a roster shows.
  private static let edits: [StaffEdit] = [
    .complete("bilan", by: nil), .score("bilan", 0.4), .reopen("bilan"), .forget("bilan"), .archive("exercice"),
    .restore("exercice"), .weigh("accueil", 3), .addGrain("encore", title: "Encore", sort: 9), .deleteGrain("encore"),
    .retitle("Autre"), .rename(given: "Zélie", family: "Aubert"), .address("zelie@example.org"), .demandEverything,
  ]

  /// One person's address: adopted collections have each but once.
  private static func readdress(_ learner: MiniSite, _ address: String) throws {
    let database = learner.world.database
    switch learner.world.shape {
    case .own: try database.execute("update public.learners set email = \(address) where id = \(learner.learner)::uuid")
    case .french:
      try database.execute(
        "update public.apprenants set courriel = \(address) where passerelle_id = \(learner.learner)::uuid")
    case .directusUsers:
      try database.execute("update public.directus_users set email = \(address) where id = \(learner.learner)::uuid")
    }
  }

  @Test("Every edit of staff is seen at the next look, once", arguments: Shape.allCases)
  func staff(shape: Shape) throws {
    try World.run(.inProcess, on: shape) { world in
      let learner = try world.session(user: 3)
      try learner.complete("accueil", score: 0.5)
      let tab = try Tab(Teacher(world))
      for edit in Self.edits {
        let before = tab.body
        if case .address(let address?) = edit { try Self.readdress(learner, address) } else { try world.edit(edit) }
        #expect(try tab.look() == true, "\(edit)")
        #expect(tab.body != before || "\(edit)".hasPrefix("demandEverything"), "\(edit)")
        #expect(try tab.look() == false, "\(edit)")
      }
      try world.edit(.deleteLearner(learner.learner))
      #expect(try tab.look() == true)
      #expect(try tab.look() == false)
    }
  }

  @Test("What learners, Moodle and the timer do is seen, too")
  func life() throws {
    let second = Activity(cmid: 3, instance: 2, name: "Suite")
    try World.run(.inProcess, activities: [Activity(), second]) { world in
      let learner = try world.session(user: 3)
      let tab = try Tab(Teacher(world))
      func isSeen(_ what: String, _ change: () throws -> Void) throws {
        try change()
        #expect(try tab.look() == true, "\(what)")
        #expect(try tab.look() == false, "\(what)")
      }
      try isSeen("begun") { _ = try learner.report(["grain": "bilan", "status": "started"]) }
      world.moodle.platform.injectNext(.status(503), at: .score)
      try isSeen("completed, not delivered") { try learner.complete("accueil") }
      try isSeen("delivered by the timer") {
        let run = try world.command("grade", "sync", "--now")
        #expect(run.status == 0)
      }
      try isSeen("a grade set by staff") {
        try world.database.execute("update public.grades set status = 'pending' where status = 'delivered'")
      }
      try isSeen("a first launch") { _ = try world.session(user: 4) }
      try isSeen("a launch again") { _ = try world.session(user: 4) }
      try isSeen("a launch under another name") {
        world.moodle.platform.changePerson(4) { $0.familyName = "Nouveau" }
        _ = try world.session(user: 4, cmid: 3)
      }
      try isSeen("a tutor came to another activity of the course") { _ = try world.session(user: 10, cmid: 3) }
      try isSeen("the members were read again") {
        world.moodle.platform.setEnrolment(.suspended, user: 5)
        try world.ageMembers(minutes: 6)
      }
      try isSeen("the activity's maximum") {
        try world.database.execute("update passerelle.activities set line_item_maximum = 20 where title is not null")
      }
      try isSeen("the activity's title") {
        try world.database.execute("update passerelle.activities set title = 'Autre'")
      }
      try isSeen("a grade taken back") {
        let grade: String = try world.database.value("select id::text from public.grades limit 1")
        let run = try world.command("grade", "withdraw", grade)
        #expect(run.status == 0)
      }
      try isSeen("erased") {
        let run = try world.command("learner", "erase", learner.learner, "--yes")
        #expect(run.status == 0)
      }
      // What no roster shows is no news.
      try world.database.execute("insert into public.modules (slug, title) values ('autre', 'Autre')")
      try world.database.execute(
        "insert into public.grains (module, slug, title) select id, 'x', 'X' from public.modules where slug = 'autre'")
      try world.database.execute(
        """
        insert into public.progress (learner, grain, status)
        select l.id, g.id, 'completed' from public.learners l, public.grains g where g.slug = 'x'
        """)
      #expect(try tab.look() == false)
    }
  }

  @Test("A change that was under way when somebody looked is seen once it is committed")
  func underWay() throws {
    try World.run(.inProcess) { world in
      try world.session(user: 3).complete("accueil")
      let teacher = try Teacher(world)
      let slow = try ScratchDatabase.connect(world.database.name)
      let quick = try ScratchDatabase.connect(world.database.name)
      try slow.script("begin; update public.learners set name = 'Tardive'")
      let tab = try Tab(teacher)
      try quick.execute("update public.grains set title = title || '!'")
      #expect(try tab.look() == true)
      #expect(try tab.look() == false)
      try slow.script("commit")
      #expect(try tab.look() == true)
      #expect(String(decoding: tab.body, as: UTF8.self).contains("Tardive"))
      #expect(try tab.look() == false)
    }
  }

  // While another test's transaction on the same server is older than what was forgotten, "changed" is the right answer.
  @Test("A sweep forgets marks of an hour ago, and nobody is told 304 for what they may have missed")
  func sweep() throws {
    try World.run(.inProcess) { world in
      try world.session(user: 3).complete("accueil")
      let tab = try Tab(Teacher(world))
      try world.database.execute("update public.grains set title = title || '!'")
      try world.database.execute("update passerelle.roster_marks set marked_at = now() - interval '61 minutes'")
      #expect(try world.command("sweep").status == 0)
      #expect(try world.database.count("select from passerelle.roster_marks") == 0)
      #expect(try tab.look() == true)
      // A transaction of any database of the server holds the tag back: another test's, too.
      try eventually(within: 240) { try tab.look() == false }
      try world.edit(.weigh("bilan", 2))
      #expect(try world.command("sweep").status == 0)
      #expect(try world.database.count("select from passerelle.roster_marks") > 0)
      #expect(try tab.look() == true)
      try eventually(within: 240) { try tab.look() == false }
    }
  }

  @Test("A tag that is none of ours, or was tampered with, gets the roster")
  func strangers() throws {
    try World.run(.inProcess) { world in
      let tab = try Tab(Teacher(world))
      let tag = try #require(tab.tag)
      let (telling, key) = (tag.dropFirst(3).prefix(8), tag.dropFirst(12).prefix(32))
      let others = [
        "*", "", "\"", "W/\"\"", "\"\(telling)\"", "W/\"\(telling)-\(key)\"", "W/\"\(telling)-\(key)-\"",
        "W/\"\(telling)-\(key)-1.2.3.4\"", "W/\"\(telling)-\(key)-5.3.\"",
        "W/\"\(telling)-\(key)-1.9223372036854775808\"",
        "W/\"\(telling)-\(key)-0.0\"", "W/\"\(telling)-\(key)-1.1,2\"",
        "W/\"\(telling)-\(String(repeating: "0", count: 32))-1.2\"",
        "W/\"\(telling)-\(key)-\(Array(repeating: "1", count: 500).joined(separator: "."))\"",
      ]
      for other in others {
        #expect(try tab.teacher.answer(tab.query, [("If-None-Match", other)]).status == 200, "\(other)")
      }
      for query in ["?cells=", "?cells=full", "?cells=compact&cells=compact"] {
        #expect(try tab.teacher.answer(query).status == 400)
      }
    }
  }

  @Test("HEAD has the tag and no body, and 304 as GET has", arguments: Transport.both)
  func head(transport: Transport) throws {
    try World.run(transport) { world in
      let teacher = try Teacher(world)
      let authorization = ("Authorization", "Bearer \(teacher.page.token)")
      let tab = try Tab(teacher)
      let answer = try world.send("HEAD", "/api/roster?cells=compact", fields: [authorization])
      #expect(answer.status == 200 && answer.fields["ETag"]?.prefix(44) == tab.tag?.prefix(44))
      #expect(answer.fields["Content-Type"] == "application/json")
      if transport.isApache { #expect(answer.body.isEmpty) }
      let same = try world.send(
        "HEAD", "/api/roster?cells=compact", fields: [authorization, ("If-None-Match", try #require(tab.tag))])
      #expect(same.status == 304 && same.body.isEmpty)
    }
  }
}
