import DemoMoodle
import TestSupport
import Testing
import Wire

/// `POST /api/progress/correct`: a teacher corrects a grain, says why, and the grade follows.
@Suite(.needsStack) struct CorrectionTests {
  private func correct(
    _ world: World, _ teacher: MiniSite, _ learner: String, _ changes: JSONObject, fields: [(String, String)] = []
  ) throws -> HTTPResponse {
    var body: JSONObject = ["learner": .string(learner), "grain": "accueil", "status": "completed", "reason": "oral"]
    for change in changes.members { body[change.key] = change.value == .null ? nil : change.value }
    return try world.post(
      "/api/progress/correct", json: .object(body), fields: [("Authorization", "Bearer \(teacher.token)")] + fields)
  }

  @Test(
    "A correction may lower and undo, stands until the next report, and then the better counts",
    arguments: Transport.both)
  func arithmetic(transport: Transport) throws {
    try World.run(transport) { world in
      let learner = try world.session(user: 3)
      try learner.complete("accueil", score: 0.8)
      #expect(world.gradebook() == 20)
      let teacher = try Teacher(world)
      let lowered = try correct(world, teacher.page, learner.learner, ["score": 0.4])
      #expect(lowered.status == 200, "\(lowered.text)")
      #expect(try lowered.json == ["done": 1, "refused": [], "grades": ["delivered": 1]])
      #expect(world.gradebook() == 10)
      let one = try teacher.roster("?learner=\(learner.learner)").learners[0]["details"]?.arrayValue?[0]
      #expect(one?["score"] == 0.4 && one?["correctedBy"] == "Hélène Professeur" && one?["correctionReason"] == "oral")
      let kept: String = try world.database.value(
        "select corrected_by || '/' || correction_reason from public.progress")
      #expect(kept == "Hélène Professeur/oral")
      // The earlier 0.8 does not come back; a worse report changes nothing, a better one counts.
      try learner.complete("accueil", score: 0.3)
      #expect(world.gradebook() == 10)
      try learner.complete("accueil", score: 0.6)
      #expect(world.gradebook() == 15)
      let after = try teacher.roster("?learner=\(learner.learner)").learners[0]["details"]?.arrayValue?[0]
      #expect(after?["correctedBy"] == nil)
      #expect(try world.database.count("select from public.progress where corrected_by is not null") == 0)

      let undone = try correct(world, teacher.page, learner.learner, ["status": "none"])
      #expect(try undone.json["grades"] == ["delivered": 1])
      #expect(world.gradebook() == 0)
      #expect(try learner.progress().json.at("completed") == 0)
      try learner.complete("accueil", score: 0.2)
      #expect(world.gradebook() == 5)
      _ = try correct(world, teacher.page, learner.learner, ["status": "started"])
      #expect(try learner.progress().json["grains"]?.arrayValue?[0]["status"] == "started")
      #expect(try world.tool.log.contains("progress corrected activity="))
      #expect(try !world.tool.log.contains("oral"))
    }
  }

  @Test("A teacher who is erased leaves the correction, and no name")
  func erased() throws {
    try World.run(.inProcess) { world in
      let learner = try world.session(user: 3)
      try learner.complete("accueil")
      let teacher = try Teacher(world)
      _ = try correct(world, teacher.page, learner.learner, ["score": 0.4])
      #expect(try world.database.count("select from public.progress where corrected_by = 'Hélène Professeur'") == 1)
      #expect(try world.command("learner", "erase", teacher.page.learner, "--yes").status == 0)
      #expect(try world.database.count("select from public.progress where corrected_by = '–' and score = 0.4") == 1)
      #expect(try world.database.count("select from passerelle.corrections where corrected_by = '–'") == 1)
    }
  }

  @Test("Only a teacher's own page may, for a learner of the activity, with a reason and values that can be")
  func refusals() throws {
    try World.run(.inProcess) { world in
      let learner = try world.session(user: 3)
      let teacher = try Teacher(world)
      let id = learner.learner
      func refused(_ changes: JSONObject, fields: [(String, String)] = []) throws -> Refused {
        Refused(try correct(world, teacher.page, id, changes, fields: fields))
      }
      let invalid = Refused(400, "invalid_body")
      #expect(try refused(["reason": ""]) == invalid)
      #expect(try refused(["reason": .null]) == invalid)
      #expect(try refused(["reason": .string(String(repeating: "x", count: 501))]) == invalid)
      #expect(try refused(["status": "done"]) == invalid)
      #expect(try refused(["score": 1.5]) == invalid)
      #expect(try refused(["status": "started", "score": 0.5]) == invalid)
      #expect(try refused(["learner": "3"]) == invalid)
      #expect(try refused(["grain": "nothing"]) == Refused(422, "unknown_grain"))
      #expect(try refused([:], fields: [("Origin", "https://site.example")]) == Refused(403, "forbidden"))
      #expect(try refused([:], fields: [("Sec-Fetch-Site", "cross-site")]) == Refused(403, "forbidden"))
      #expect(Refused(try correct(world, learner, id, [:])) == Refused(403, "forbidden"))
      let nobody = "00000000-0000-0000-0000-000000000001"
      #expect(
        try correct(world, teacher.page, nobody, [:]).json
          == ["done": 0, "refused": [["learner": .string(nobody), "code": "learner_not_in_activity"]], "grades": [:]])
      #expect(try world.database.count("select from public.progress") == 0)
    }
  }

  @Test(
    "What also counts where the teacher does not teach is left alone, in words that name nothing of the other course")
  func shared() throws {
    try World.run(.inProcess) { world in
      let learner = try world.session(user: 3)
      try learner.complete("accueil")
      let teacher = try Teacher(world)
      // The same module in another course of the platform.
      try world.database.script(
        """
        insert into passerelle.activities (platform, deployment, resource_link_id, title, context_id, module)
          select platform, deployment, 'elsewhere', 'Secret', 'other', module from passerelle.activities;
        insert into passerelle.enrolments (learner, activity, subject)
          select l.id, a.id, '3' from public.learners l, passerelle.activities a
          where l.name = 'Éloïse Lefèvre' and a.title = 'Secret'
        """)
      let answer = try correct(world, teacher.page, learner.learner, ["score": 0.1])
      #expect(Refused(answer) == Refused(409, "progress_shared"))
      #expect(!answer.text.contains("Secret"))
      #expect(try learner.progress().json.at("ratio") == 0.25)
      // They teach there, too.
      try world.database.script(
        """
        insert into passerelle.enrolments (learner, activity, subject, instructor)
          select l.id, a.id, '8', true from public.learners l, passerelle.activities a
          where l.name = 'Hélène Professeur' and a.title = 'Secret'
        """)
      #expect(try correct(world, teacher.page, learner.learner, ["score": 0.1]).status == 200)
    }
  }
}
