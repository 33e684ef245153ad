import DemoMoodle
import TestSupport
import Testing
import Wire

/// `/api/roster`: who is listed, and what is said of them.
@Suite(.needsStack) struct RosterTests {
  @Test("A teacher sees learners and grains as the interface describes them", arguments: Transport.allCases)
  func shape(transport: Transport) throws {
    try World.run(transport) { world in
      let learner = try world.session(user: 3)
      try learner.complete("accueil", score: 0.5)
      _ = try learner.report(["grain": "bilan", "status": "started"])
      let answer = try Teacher(world).answer()
      #expect(answer.status == 200)
      #expect(answer.fields["Content-Type"] == "application/json")
      #expect(answer.fields["Cache-Control"] == "no-store")
      let roster = Roster(json: try answer.json)
      #expect(
        roster.json.objectValue?.members.map(\.key) == ["activity", "module", "grains", "learners", "membershipsAt"])
      #expect(roster.json["activity"] == ["title": .string(Activity().name), "context": "Formation"])
      #expect(roster.json["module"] == ["slug": "decouverte", "title": "À la découverte"])
      #expect(
        roster.json["grains"]
          == .array(TestDatabase.grains.map { ["slug": .string($0), "title": .string($0.capitalized)] }))
      let readAt = try #require(roster.json["membershipsAt"]?.stringValue.flatMap { Instant(rfc3339: $0) })
      #expect(abs(readAt.seconds - Instant.now().seconds) < 30)

      var launched = try #require(roster["Éloïse Lefèvre"]?.objectValue)
      #expect(
        launched.keys == [
          "id", "name", "email", "roles", "launched", "lastSeenAt", "grains", "completed", "total", "ratio", "grade",
        ])
      let seen = try #require(launched["lastSeenAt"]?.stringValue.flatMap { Instant(rfc3339: $0) })
      #expect(abs(seen.seconds - Instant.now().seconds) < 30)
      launched["lastSeenAt"] = nil
      #expect(
        JSONValue.object(launched) == [
          "id": .string(learner.learner), "name": "Éloïse Lefèvre", "email": "student1@example.org",
          "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"], "launched": true,
          "grains": ["accueil": "completed", "vocabulaire": "none", "exercice": "none", "bilan": "started"],
          "completed": 1, "total": 4, "ratio": 0.125,
          "grade": ["status": "delivered", "score": 12.5, "maximum": 100, "message": "Moodle has the grade."],
        ])
      #expect(launched["grains"]?.objectValue?.keys == TestDatabase.grains)
      #expect(
        roster["Zoë Müller-Garçon"] == [
          "id": .null, "name": "Zoë Müller-Garçon", "email": "student2@example.org", "roles": ["Learner"],
          "launched": false, "lastSeenAt": .null,
          "grains": ["accueil": "none", "vocabulaire": "none", "exercice": "none", "bilan": "none"], "completed": 0,
          "total": 4, "ratio": 0,
          "grade": ["status": "none", "score": 0, "maximum": 100, "message": "No grade to send."],
        ])
    }
  }

  @Test("Learners are listed by family name, accents notwithstanding, and nobody who teaches")
  func order() throws {
    try World.run(.inProcess) { world in
      _ = try world.session(user: 10)
      let names = try Teacher(world).roster().names
      #expect(
        names.filter { !$0.contains("Numéro") }
          == ["Noël Àçîñ", "Anaïs Bœuf", "François D'Hérouville", "Éloïse Lefèvre", "Zoë Müller-Garçon"])
      #expect(names.count == 55)
    }
  }

  @Test("A non-editing teacher, a learner to the list of members, is a teacher once they came, also to the course")
  func nonEditingTeacher() throws {
    let second = Activity(cmid: 3, instance: 2, name: "Suite")
    try World.run(.inProcess, activities: [Activity(), second]) { world in
      let teacher = try Teacher(world)
      #expect(try teacher.roster()["Jérôme Tuteur"]?["launched"] == false)
      let tutor = try Teacher(world, user: 10, cmid: 3)
      #expect(try teacher.roster()["Jérôme Tuteur"] == nil)
      #expect(try tutor.roster()["Jérôme Tuteur"] == nil)
      // An instructor of the list who was launched as a learner, by switching roles, is none either.
      let attempt = try Attempt(world)
      let learner = [(Claim.roles, JSONValue.array(["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"]))]
      #expect(try attempt.present(try attempt.token(user: 11, learner)).status == 303)
      #expect(try teacher.roster()["Agnès Gestion"] == nil)
    }
  }

  @Test("Who left or is suspended is listed only for the work they did")
  func leavers() throws {
    try World.run(.inProcess) { world in
      let worker = try world.session(user: 3)
      try worker.complete("accueil")
      let platform = world.moodle.platform
      for user in [3, 4] { platform.setEnrolment(.suspended, user: user) }
      let teacher = try Teacher(world)
      #expect(try teacher.roster()["Éloïse Lefèvre"]?["completed"] == 1)
      #expect(try teacher.roster()["Zoë Müller-Garçon"] == nil)
      // Platforms that keep people in the list say so with a status.
      try world.database.execute(
        "update passerelle.members set status = case subject when '5' then 'Inactive' else 'Deleted' end where subject in ('5', '6')"
      )
      let names = try teacher.roster().names
      #expect(!names.contains("François D'Hérouville") && !names.contains("Anaïs Bœuf") && names.contains("Noël Àçîñ"))
    }
  }

  @Test("Somebody who came to another activity only is named by Moodle's list, without what they did there")
  func elsewhere() throws {
    let second = Activity(cmid: 3, instance: 2, name: "Suite")
    try World.run(.inProcess, activities: [Activity(), second]) { world in
      let learner = try world.session(user: 3, cmid: 2)
      try learner.complete("accueil")
      let there = try #require(try Teacher(world, cmid: 3).roster()["Éloïse Lefèvre"])
      #expect(there["launched"] == false && there["id"] == .null && there.at("grains.accueil") == "none")
      #expect(there["completed"] == 0)
      // Once they came here, too, the work counts here, as it does for their grade.
      _ = try world.session(user: 3, cmid: 3)
      let here = try #require(try Teacher(world, cmid: 3).roster()["Éloïse Lefèvre"])
      #expect(here["launched"] == true && here["completed"] == 1 && here.at("grade.score") == 25)
    }
  }

  @Test("A correction that staff made to a name is shown, and a course without a name by its label")
  func names() throws {
    try World.run(.inProcess) { world in
      _ = try world.session(user: 3)
      try world.database.execute("update public.learners set name = 'Éloïse L.', family_name = 'Aa', email = null")
      let page = try MiniSite(world, code: try world.code(of: try world.launch(user: 8)))
      try world.database.execute("update passerelle.activities set context_title = null, title = null")
      let roster = try Teacher(page).roster()
      #expect(roster.names.first == "Éloïse L.")
      #expect(roster["Éloïse L."]?["email"] == .null)
      #expect(roster.json["activity"] == ["title": .null, "context": "FORM"])
      try world.database.execute("update passerelle.activities set context_label = null")
      #expect(try Teacher(page).roster().json["activity"] == ["title": .null, "context": .null])
    }
  }

  @Test(
    "What became of a grade is told in the teacher's language, with the reason of a refusal", arguments: ["en", "fr"])
  func gradeWords(language: String) throws {
    try World.run(.inProcess) { world in
      world.moodle.platform.changePerson(8) { $0.language = language }
      let learner = try world.session(user: 3)
      world.moodle.platform.injectNext(.status(503), at: .score)
      try learner.complete("accueil")
      let teacher = try Teacher(world)
      let isFrench = language == "fr"
      let pending = try #require(try teacher.roster()["Éloïse Lefèvre"]?["grade"])
      #expect(pending["status"] == "pending" && pending["score"] == 25)
      #expect(
        pending["message"]?.stringValue
          == (isFrench ? "La note attend d’être envoyée à Moodle." : "The grade waits to be sent to Moodle."))
      #expect(
        pending["lastError"]?.stringValue
          == (isFrench
            ? "Moodle est momentanément indisponible (HTTP 503). Nouvel essai prévu."
            : "Moodle is away for a moment (HTTP 503). It will be tried again."))
      try world.database.execute("update passerelle.platforms set breaker_until = null")
      let refused = try world.session(user: 4)
      world.moodle.platform.injectNext(.status(403), at: .score)
      #expect(try refused.complete("accueil").json.at("grade.status") == "failed")
      let failed = try #require(try teacher.roster()["Zoë Müller-Garçon"]?["grade"])
      #expect(
        failed["lastError"]?.stringValue
          == (isFrench
            ? "L’élément de note appartient à un autre outil." : "The grade item belongs to another tool."))
      #expect(failed["message"]?.stringValue == (isFrench ? "Moodle a refusé la note." : "Moodle refused the grade."))
      #expect(failed.objectValue?.keys == ["status", "score", "maximum", "message", "lastError"])
    }
  }

  @Test("One learner is answered with their grains in full; whoever is not in the activity is nobody")
  func oneLearner() throws {
    let second = Activity(cmid: 3, instance: 2, name: "Suite")
    try World.run(.inProcess, activities: [Activity(), second]) { world in
      let learner = try world.session(user: 3)
      try learner.complete("accueil", score: 0.5)
      _ = try world.session(user: 4)
      let stranger = try world.session(user: 5, cmid: 3)
      let teacher = try Teacher(world)
      let roster = try teacher.roster("?learner=\(learner.learner)")
      #expect(roster.names == ["Éloïse Lefèvre"])
      let one = try #require(roster.learners.first?.objectValue)
      #expect(one.keys.suffix(2) == ["grade", "details"])
      #expect(try one["details"] == learner.progress().json["grains"])
      // Nobody waits for Moodle's list to see one person.
      #expect(world.moodle.membershipRequests == 0 && roster.json["membershipsAt"] == .null)
      for id in [stranger.learner, teacher.page.learner, "00000000-0000-0000-0000-000000000000", "none", "3", "'", ""] {
        let none = try teacher.roster("?learner=" + FormURLEncoded.encode([(id, "")]).dropLast())
        #expect(none.learners.isEmpty, "\(id)")
        #expect(none.json["module"]?["slug"] == "decouverte")
      }
    }
  }

  @Test("Only teachers see it", arguments: Transport.both)
  func forbidden(transport: Transport) throws {
    try World.run(transport) { world in
      let learner = try Teacher(world.session(user: 3))
      let chooser = try world.deepLink()
      for query in ["", "?format=csv", "?learner=\(learner.page.learner)"] {
        #expect(Refused(try learner.answer(query)) == Refused(403, "forbidden"))
        let answer = try world.send(
          "GET", "/api/roster" + query, fields: [("Authorization", "Bearer \(chooser.token)")])
        #expect(Refused(answer) == Refused(403, "forbidden"))
        #expect(Refused(try world.send("GET", "/api/roster" + query)) == Refused(401, "invalid_token"))
      }
      let teacher = try Teacher(world)
      try world.database.execute("update passerelle.sessions set expires_at = now() where role = 'instructor'")
      #expect(Refused(try teacher.answer()) == Refused(401, "session_expired"))
      // A teacher who became a learner sees no more of it from the next launch on.
      #expect(world.moodle.membershipRequests == 0)
      #expect(Refused(try world.send("POST", "/api/roster")) == Refused(405, "method_not_allowed"))
    }
  }
}
