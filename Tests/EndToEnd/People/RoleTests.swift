import DemoMoodle
import LTI
import TestSupport
import Testing
import Wire

/// A teacher who looks as a learner, those who only watch, and those who have left.
@Suite(.needsStack) struct RoleTests {
  private func become(_ role: DemoMoodle.Person.Role, _ world: World, user: Int = 8) {
    world.moodle.platform.changePerson(user) { $0.role = role }
  }

  private func asLearner(_ page: MiniSite) throws -> HTTPResponse {
    try page.world.post(
      "/api/session/as-learner", json: [:], fields: [("Authorization", "Bearer \(page.token)")])
  }

  @Test("A teacher who is launched as a learner only looks, until they say that they are one for good")
  func preview() throws {
    try World.run(.inProcess) { world in
      let teacher = try Teacher(world)
      #expect(Refused(try asLearner(teacher.page)) == Refused(403, "forbidden"))
      become(.student, world)
      let page = try world.session(user: 8)
      #expect(page.opened["role"] == "learner" && page.opened["preview"] == true)
      #expect(Refused(try teacher.answer()) == Refused(403, "forbidden"))
      #expect(Refused(try page.complete("accueil")) == Refused(403, "teacher_preview"))
      #expect(try page.progress().json.at("completed") == 0)
      #expect(try world.database.count("select from public.progress") == 0)
      #expect(try world.database.count("select from public.grades") == 0)
      let answer = try asLearner(page)
      #expect(try answer.status == 200 && answer.json["preview"] == false)
      #expect(try page.complete("accueil").json.at("grade.status") == "delivered")
      #expect(world.gradebook(user: 8) == 25)
      #expect(try world.session(user: 8).opened["preview"] == false)
    }
  }

  @Test("A teacher who switched their role heals with the next launch, and no grade was ever owed")
  func switched() throws {
    try World.run(.inProcess) { world in
      _ = try Teacher(world)
      become(.student, world)
      let page = try world.session(user: 8)
      become(.editingTeacher, world)
      let again = try Teacher(world)
      #expect(try again.answer().status == 200)
      #expect(Refused(try page.complete("accueil")) == Refused(403, "teacher_preview"))
      #expect(try world.database.count("select from public.grades") == 0)
    }
  }

  @Test(
    "Whose only role is a parent's or an observer's owes nothing, and is not absent", arguments: ["Mentor", "Observer"])
  func watches(role: String) throws {
    try World.run(.inProcess) { world in
      let attempt = try Attempt(world)
      let roles = [
        (Claim.roles, JSONValue.array([.string("http://purl.imsglobal.org/vocab/lis/v2/membership#\(role)")]))
      ]
      let launched = try attempt.present(try attempt.token(user: 4, roles))
      let fragment = try #require(launched.fields["Location"].flatMap { WebURL($0) }?.fragment)
      let page = try MiniSite(world, code: String(fragment.dropFirst("passerelle=".count)))
      #expect(try page.complete("accueil").json.at("grade.status") == "none")
      #expect(try world.database.count("select from public.grades where status <> 'none'") == 0)
      let teacher = try Teacher(world)
      #expect(try teacher.roster()["François D'Hérouville"] != nil)
      try world.database.execute("update passerelle.members set roles = array[\(role)] where subject = '5'")
      #expect(try teacher.roster()["François D'Hérouville"] == nil)
    }
  }

  @Test("Who is gone from Moodle's list is shown as such")
  func gone() throws {
    try World.run(.inProcess) { world in
      for user in [3, 4] { try world.session(user: user).complete("accueil") }
      world.moodle.platform.setEnrolment(.none, user: 3)
      let teacher = try Teacher(world)
      let roster = try teacher.roster()
      #expect(roster["Éloïse Lefèvre"]?["gone"] == true && roster["Zoë Müller-Garçon"]?["gone"] == nil)
      let compact = try teacher.roster("?cells=compact")
      #expect(compact["Éloïse Lefèvre"]?["gone"] == true)
    }
  }

  @Test("The dashboard knows which course was copied, where Moodle says so")
  func copied() throws {
    let custom = [(name: "context_id_history", value: "7, 2")]
    try World.run(.inProcess, activities: [Activity(custom: custom)]) { world in
      let teacher = try Teacher(world)
      #expect(try teacher.roster().json.at("activity.copyOf") == "Formation")
      world.moodle.platform.changeActivity(cmid: 2) {
        $0.custom = [(name: "context_id_history", value: "$Context.id.history")]
      }
      #expect(try Teacher(world).roster().json.at("activity.copyOf") == nil)
    }
  }
}
