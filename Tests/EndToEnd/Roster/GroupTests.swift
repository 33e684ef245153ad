import DemoMoodle
import TestSupport
import Testing
import Wire

/// The groups of a course: who sees whom, and what they are called.
@Suite(.needsStack) struct GroupTests {
  /// Éloïse and Zoë in group 7, Noël in 8; Hélène teaches, Jérôme may not edit; both have group 7.
  private func course(_ body: (World) throws -> Void) throws {
    try World.run(.inProcess) { world in
      let platform = world.moodle.platform
      platform.tool.customParameters.append("groups=$Moodle.Person.userGroupIds")
      for (user, groups) in [(3, [7]), (4, [7]), (7, [8]), (8, [7]), (10, [7])] {
        platform.changePerson(user) { $0.groups = groups }
      }
      for user in [3, 4, 7] { _ = try world.session(user: user) }
      try body(world)
    }
  }

  private func came(_ roster: Roster) -> [String] {
    roster.learners.filter { $0["launched"] != false }.compactMap { $0["name"]?.stringValue }
  }

  @Test("A teacher who edits the course sees everybody, and may narrow it to their groups or one of them")
  func teacher() throws {
    try course { world in
      let teacher = try Teacher(world)
      #expect(came(try teacher.roster()) == ["Noël Àçîñ", "Éloïse Lefèvre", "Zoë Müller-Garçon"])
      #expect(came(try teacher.roster("?group=mine")) == ["Éloïse Lefèvre", "Zoë Müller-Garçon"])
      #expect(try teacher.roster("?group=mine").learners.count == 2)
      #expect(came(try teacher.roster("?group=8")) == ["Noël Àçîñ"])
      let page = try teacher.roster("?cells=page").json
      #expect(page["teacher"] == ["groups": ["7"], "isBound": false])
      #expect(page["groups"] == [["id": "7", "name": .null], ["id": "8", "name": .null]])
    }
  }

  @Test(
    "A teacher who may not edit sees their groups alone, whatever the page asks for, and everybody when they have none")
  func bound() throws {
    try course { world in
      let tutor = try Teacher(world, user: 10)
      for query in ["", "?group=all", "?group=none", "?cells=page"] {
        let roster = try tutor.roster(query)
        #expect(
          roster.learners.allSatisfy { $0["name"] == "Éloïse Lefèvre" || $0["name"] == "Zoë Müller-Garçon" }, "\(query)"
        )
      }
      #expect(try tutor.roster("?group=8").learners.isEmpty)
      let noel: String = try world.database.value(
        "select learner::text from passerelle.identities where subject = '7'")
      #expect(try tutor.roster("?learner=\(noel)").learners.isEmpty)
      #expect(try !tutor.answer("?format=csv").text.contains("Noël"))
      let act = try world.post(
        "/api/progress/correct",
        json: ["learner": .string(noel), "grain": "accueil", "status": "completed", "reason": "essai"],
        fields: [("Authorization", "Bearer \(tutor.page.token)")])
      #expect(try act.json["refused"] == [["learner": .string(noel), "code": "learner_not_in_activity"]])

      world.moodle.platform.changePerson(10) { $0.groups = [] }
      let free = try Teacher(world, user: 10)
      #expect(came(try free.roster()).count == 3)
    }
  }

  @Test("What such a teacher sends again or lets begin anew is their groups' alone, and so is what is counted of it")
  func boundActs() throws {
    try course { world in
      for user in [3, 4, 7] {
        #expect(try world.session(user: user).complete("accueil").json.at("grade.status") == "delivered")
      }
      let tutor = try Teacher(world, user: 10)
      _ = try tutor.roster()
      func act(_ path: String, _ body: JSONValue) throws -> JSONValue {
        try world.post(path, json: body, fields: [("Authorization", "Bearer \(tutor.page.token)")]).json
      }
      let again = try act("/api/grades/resend", [:])
      #expect(again["done"] == 2 && again["refused"] == [] && again["grades"] == ["pending": 2], "\(again)")
      #expect(try world.sync().status == 0)
      let anew = try act("/api/activity/restart", ["grade": "keep"])
      #expect(anew["done"] == 2 && anew["refused"] == [] && anew["grades"] == ["none": 2], "\(anew)")
      #expect(
        try world.database.values(
          "select i.subject from public.progress p join passerelle.identities i on i.learner = p.learner") == ["7"])
    }
  }

  @Test("Until Moodle's list was read, whoever has groups sees only those")
  func unread() throws {
    try course { world in
      world.moodle.platform.injectNext(.status(503), at: .members)
      let teacher = try Teacher(world)
      #expect(try teacher.roster().names == ["Éloïse Lefèvre", "Zoë Müller-Garçon"])
      try world.database.execute("update passerelle.membership_lists set retry_at = now()")
      #expect(came(try teacher.roster()).count == 3)
    }
  }

  @Test("A group is a number until somebody names it; files and the next look have the name")
  func names() throws {
    try course { world in
      let teacher = try Teacher(world)
      func name(_ group: JSONValue, _ name: JSONValue, by page: MiniSite, fields: [(String, String)] = []) throws
        -> HTTPResponse
      {
        try world.post(
          "/api/group", json: ["group": group, "name": name],
          fields: [("Authorization", "Bearer \(page.token)")] + fields)
      }
      #expect(try teacher.answer("?format=csv").text.contains("bilan,groups\r\n"))
      #expect(try teacher.answer("?format=csv&q=zoe").text.hasSuffix(",none,none,none,none,7\r\n"))
      let tag = try #require(try teacher.answer("?cells=page").fields["ETag"])
      #expect(try name("7", " Groupe A ", by: teacher.page).status == 204)
      #expect(try teacher.answer("?cells=page", [("If-None-Match", tag)]).status == 200)
      #expect(try teacher.roster("?cells=page").json["groups"]?.arrayValue?.first?["name"] == "Groupe A")
      #expect(try teacher.answer("?format=csv&q=zoe").text.hasSuffix(",Groupe A\r\n"))
      #expect(try name("7", "", by: teacher.page).status == 204)
      #expect(try teacher.answer("?format=csv&q=zoe").text.hasSuffix(",7\r\n"))
      #expect(Refused(try name("7", 3, by: teacher.page)) == Refused(400, "invalid_body"))
      #expect(
        Refused(try name("7", "x", by: teacher.page, fields: [("Origin", "https://site.example")]))
          == Refused(403, "forbidden"))
      let learner = try world.session(user: 3)
      #expect(Refused(try name("7", "x", by: learner)) == Refused(403, "forbidden"))
      let tutor = try Teacher(world, user: 10)
      _ = try tutor.roster()
      #expect(Refused(try name("8", "x", by: tutor.page)) == Refused(403, "forbidden"))
      #expect(try name("7", "x", by: tutor.page).status == 204)
    }
  }
}
