import DemoMoodle
import TestSupport
import Testing
import Wire

/// Beginning anew: what was done is set aside, by the command and from the dashboard.
@Suite(.needsStack) struct RestartTests {
  @Test("A learner begins a module anew: nothing counts, Moodle's grade is empty, and what is done next is graded")
  func withdrawn() throws {
    try World.run(.inProcess) { world in
      let page = try world.session()
      try page.complete("accueil", score: 0.9)
      #expect(world.gradebook() == 22.5)
      let run = try world.command("learner", "restart", page.learner, "--module", "decouverte")
      #expect(run.status == 0 && run.text.contains("grades taken back: 1"), "\(run.text) \(run.errorText)")
      let row = try #require(world.moodle.platform.grade(user: 3))
      #expect(row.grade == nil && row.completion == "INCOMPLETE")
      #expect(try page.progress().json.at("completed") == 0 && page.progress().json.at("grade.status") == "none")
      #expect(
        try world.sync().status == 0 && world.command("grade", "recompute").status == 0 && world.sync().status == 0)
      #expect(world.gradebook() == nil)
      let anew = try world.session()
      #expect(anew.opened["run"] == 1)
      // What was set aside is no better score than the new one.
      #expect(try anew.complete("accueil", score: 0.2).json.at("grade.status") == "delivered")
      #expect(world.gradebook() == 5)
      let export = try JSONValue(parsing: try world.command("learner", "export", page.learner).output)
      #expect(export.at("formerRuns")?.arrayValue?.first?.at("progress")?.arrayValue?.first?["score"] == 0.9)
    }
  }

  @Test(
    "A grade that is kept stays in Moodle until the new run owes one, also where nothing is owed before all is done")
  func kept() throws {
    try World.run(.inProcess) { world in
      let page = try world.session()
      for grain in ["accueil", "vocabulaire", "exercice", "bilan"] { try page.complete(grain) }
      #expect(world.gradebook() == 100)
      try world.database.execute("update public.modules set grading = 'all-or-nothing'")
      #expect(try world.sync().status == 0)
      let id: String = try world.database.value("select activity::text from public.grades")
      #expect(try world.command("learner", "restart", page.learner, "--activity", id, "--grade", "keep").status == 0)
      #expect(world.gradebook() == 100)
      for grain in ["accueil", "vocabulaire", "exercice"] {
        #expect(try page.complete(grain, score: 0.5).json.at("grade.status") == "none")
      }
      #expect(try world.sync().status == 0 && world.gradebook() == 100)
      #expect(try page.complete("bilan", score: 0.5).json.at("grade.status") == "delivered")
      #expect(world.gradebook() == 50)
    }
  }

  @Test("A Moodle that is away gets its grade taken back by the timer, unless the new run sent one before")
  func away() throws {
    try World.run(.inProcess) { world in
      let (page, other) = (try world.session(), try world.session(user: 4))
      for page in [page, other] { try page.complete("accueil") }
      world.strike(.status(503), at: .score)
      for page in [page, other] {
        let run = try world.command("learner", "restart", page.learner, "--module", "decouverte")
        #expect(run.status == 0 && run.text.contains("left to grade sync: 1"), "\(run.text)")
      }
      #expect(world.gradebook() == 25)
      world.strike(nil, at: .score)
      try world.database.execute("update passerelle.platforms set breaker_until = null")
      #expect(try other.complete("bilan", score: 0.5).json.at("grade.status") == "delivered")
      #expect(try world.command("grade", "sync", "--now").text.contains("taken back after a new beginning 1"))
      #expect(world.gradebook() == nil && world.gradebook(user: 4) == 12.5)
    }
  }

  @Test(
    "A page that names the run of its session is refused when that was ended since: 403, nothing is recorded or kept")
  func formerRun() throws {
    try World.run(.inProcess) { world in
      let page = try world.session()
      func report(_ page: MiniSite, _ run: JSONValue) throws -> HTTPResponse {
        try page.report(["run": run, "grains": [["grain": "accueil", "status": "completed"]]])
      }
      #expect(try report(page, 0).status == 200 && page.keep("1", for: "accueil", run: "0").status == 204)
      #expect(try world.command("learner", "restart", page.learner, "--module", "decouverte").status == 0)
      #expect(try Refused(report(page, 0)) == Refused(403, "run_ended"))
      #expect(try Refused(page.keep("2", for: "accueil", run: "0")) == Refused(403, "run_ended"))
      #expect(try page.progress().json.at("completed") == 0 && world.gradebook() == nil)
      #expect(try Refused(page.state("accueil")) == Refused(404, "no_state"))
      let anew = try world.session()
      #expect(try report(anew, 1).status == 200 && anew.keep("3", for: "accueil", run: "1").status == 204)
      // Who does not say which run it is, as before.
      #expect(try page.complete("bilan").status == 200)
      for run: JSONValue in ["0", -1, 0.5, 1e10, .null, []] {
        #expect(try Refused(report(anew, run)) == Refused(400, "invalid_body"), "\(run)")
      }
      for run in ["", "x", "-1", "1.0", "9999999999"] {
        #expect(try Refused(anew.keep("4", for: "accueil", run: run)) == Refused(400, "invalid_body"), "\(run)")
      }
    }
  }

  @Test("Whoever becomes one with somebody who began anew before works on: their own run was not ended")
  func mergedRuns() throws {
    try World.run(.inProcess) { world in
      let old = try world.session(user: 4)
      try old.complete("bilan")
      #expect(try world.command("learner", "restart", old.learner, "--module", "decouverte").status == 0)
      let page = try world.session()
      #expect(page.opened["run"] == 0)
      #expect(try world.command("learner", "merge", page.learner, old.learner).status == 0)
      #expect(try world.session().opened["run"] == 1)
      #expect(try page.report(["run": 0, "grains": [["grain": "accueil", "status": "completed"]]]).status == 200)
      #expect(world.gradebook() == 25)
    }
  }

  @Test("Basic Outcomes: the result is deleted")
  func outcomes() throws {
    try Launch11Consumer.run { consumer in
      let world = consumer.world
      let page = try consumer.ownSession()
      try page.complete("accueil")
      #expect(world.gradebook(activity: 2) != nil)
      #expect(try world.command("learner", "restart", page.learner, "--module", "decouverte").status == 0)
      #expect(world.gradebook(activity: 2) == nil)
      #expect(world.moodle.platform.grade(user: 3, activity: 2)?.completion == "INCOMPLETE")
    }
  }

  @Test("A whole activity begins anew by command, and in a module of scope activity the other keeps what it has")
  func activity() throws {
    let second = Activity(cmid: 3, instance: 2, name: "Suite", custom: [(name: "module", value: "decouverte")])
    try World.run(.inProcess, activities: [Activity(), second]) { world in
      try world.database.execute("update public.modules set scope = 'activity'")
      for user in [3, 4] { for cmid in [2, 3] { try world.session(user: user, cmid: cmid).complete("accueil") } }
      let id: String = try world.database.value(
        "select id::text from passerelle.activities where resource_link_id = '1'")
      #expect(try world.command("activity", "restart", id).text.contains("began anew: 2"))
      for user in [3, 4] {
        #expect(world.gradebook(user: user, activity: 1) == nil && world.gradebook(user: user, activity: 2) == 25)
      }
      #expect(try world.session(cmid: 2).opened["run"] == 1 && world.session(cmid: 3).opened["run"] == 0)
      let unknown = try world.command("activity", "restart", page(world))
      #expect(unknown.status == 1 && unknown.errorText.contains("there is no activity"))
    }
  }

  private func page(_ world: World) throws -> String { try world.database.value("select gen_random_uuid()::text") }

  @Test("A teacher lets learners begin anew, one or everybody, within their own activity")
  func dashboard() throws {
    try World.run(.inProcess) { world in
      let pages = try [3, 4].map { try world.session(user: $0) }
      for page in pages { try page.complete("accueil") }
      let teacher = try Teacher(world)
      func restart(_ token: String, _ body: JSONValue, _ fields: [(String, String)] = []) throws -> HTTPResponse {
        try world.post("/api/activity/restart", json: body, fields: [("Authorization", "Bearer \(token)")] + fields)
      }
      // Only a page of this origin may ask, or a program.
      for field in [("Origin", World.minisiteOrigin), ("Sec-Fetch-Site", "cross-site")] {
        #expect(Refused(try restart(teacher.page.token, ["grade": "keep"], [field])) == Refused(403, "forbidden"))
      }
      let one = try restart(
        teacher.page.token, ["grade": "withdraw", "learners": [.string(pages[0].learner)]])
      #expect(try one.status == 200 && one.json["done"] == 1 && one.json["refused"] == [], "\(one.text)")
      #expect(try one.json.at("grades.delivered") == 1)
      #expect(world.gradebook() == nil && world.gradebook(user: 4) == 25)
      let all = try restart(teacher.page.token, ["grade": "keep"]).json
      #expect(all["done"] == 2 && world.gradebook(user: 4) == 25)
      #expect(try pages[1].progress().json.at("completed") == 0)
      #expect(Refused(try restart(pages[0].token, ["grade": "keep"])) == Refused(403, "forbidden"))
      for body: JSONValue in [
        [:], ["grade": "burn"], ["grade": "keep", "learners": ["x"]], ["grade": "keep", "learners": 1],
      ] {
        #expect(Refused(try restart(teacher.page.token, body)) == Refused(400, "invalid_body"))
      }
      let stranger: JSONValue = ["grade": "keep", "learners": [.string(try page(world))]]
      #expect(
        try restart(teacher.page.token, stranger).json.at("refused")?.arrayValue?.first?["code"]
          == "learner_not_in_activity")
    }
  }

  @Test("Progress that counts in an activity which the teacher does not teach is not theirs to set aside")
  func shared() throws {
    let second = Activity(cmid: 3, instance: 2, name: "Suite", custom: [(name: "module", value: "decouverte")])
    try World.run(.inProcess, activities: [Activity(), second]) { world in
      let page = try world.session(cmid: 2)
      _ = try world.session(cmid: 3)
      try page.complete("accueil")
      let teacher = try Teacher(world)
      func restart() throws -> HTTPResponse {
        try world.post(
          "/api/activity/restart", json: ["grade": "keep"], fields: [("Authorization", "Bearer \(teacher.page.token)")])
      }
      #expect(Refused(try restart()) == Refused(409, "progress_shared"))
      #expect(try page.progress().json.at("completed") == 1)
      _ = try Teacher(world, cmid: 3)
      #expect(try restart().json["done"] == 1)
      #expect(try page.progress().json.at("completed") == 0)
    }
  }

  @Test(
    "In collections of an institution's own the rows are set aside, too",
    arguments: [Shape.french, .directusUsers])
  func adopted(shape: Shape) throws {
    try World.run(.inProcess, on: shape) { world in
      let page = try world.session()
      try page.complete("accueil", score: 0.5)
      #expect(world.gradebook() == 12.5)
      let run = try world.command("learner", "restart", page.learner, "--module", "decouverte")
      #expect(run.status == 0, "\(run.errorText)")
      #expect(world.gradebook() == nil)
      #expect(try page.progress().json.at("completed") == 0)
      #expect(try world.database.count("select from passerelle.runs") == 1)
      #expect(try page.complete("accueil", score: 0.25).json.at("grade.status") == "delivered")
      #expect(world.gradebook() == 6.25)
    }
  }
}
