import DemoMoodle
import TestSupport
import Testing
import Wire

/// `POST /api/grades/resend`: a teacher decides for the others.
@Suite(.needsStack) struct ResendFromDashboardTests {
  private func resend(_ world: World, _ teacher: MiniSite, _ body: JSONValue, _ fields: [(String, String)] = []) throws
    -> HTTPResponse
  {
    try world.post("/api/grades/resend", json: body, fields: [("Authorization", "Bearer \(teacher.token)")] + fields)
  }

  @Test("A teacher sends everybody's emptied grades again, or one learner's; others than teachers may not")
  func resends() throws {
    try World.deliveries { world in
      let pages = try [3, 4].map { try world.session(user: $0) }
      for page in pages { try page.complete("accueil") }
      let teacher = try world.session(user: 8)
      world.moodle.platform.resetCourse()
      #expect(try world.command("grade", "verify").status == 0)
      let one = try #require(pages[0].opened.at("learner.id"))
      let first = try resend(world, teacher, ["learners": [one, "nobody"], "statuses": ["emptied"]]).json
      #expect(first["done"] == 1)
      #expect(first["refused"] == [["learner": "nobody", "code": "learner_unknown"]])
      #expect(first["grades"] == ["emptied": 1, "pending": 1])
      let all = try resend(world, teacher, ["statuses": ["emptied"]]).json
      #expect(all["done"] == 1 && all["refused"] == [] && all["grades"] == ["pending": 2])
      #expect(try world.sync(now: false).status == 0)
      #expect(world.gradebook() == 25 && world.gradebook(user: 4) == 25)

      let roster = try world.send("GET", "/api/roster", fields: [("Authorization", "Bearer \(teacher.token)")])
      #expect(roster.status == 200)
      #expect(try resend(world, pages[0], [:]).status == 403)
      #expect(try resend(world, teacher, [:], [("Origin", World.minisiteOrigin)]).status == 403)
      #expect(try resend(world, teacher, [:], [("Sec-Fetch-Site", "same-origin")]).status == 200)
      #expect(try resend(world, teacher, ["statuses": ["sent"]]).status == 400)
      #expect(try resend(world, teacher, ["learners": "all"]).status == 400)
      #expect(try resend(world, teacher, []).status == 400)
    }
  }

  @Test("Somebody who is no longer enrolled is told apart, and left alone")
  func notEnrolled() throws {
    try World.deliveries { world in
      let pages = try [3, 4].map { try world.session(user: $0) }
      for page in pages { try page.complete("accueil") }
      let teacher = try world.session(user: 8)
      world.moodle.platform.setEnrolment(.none, user: 4)
      world.moodle.platform.resetCourse()
      #expect(try world.command("grade", "verify", "--resend").status == 0)
      #expect(try world.sync(now: false).status == 1)
      let row = try world.gradeRow(user: 4)
      #expect(row.status == "failed" && row.errorCode == "learner_not_enrolled" && row.wait == nil)
      #expect(world.gradebook() == 25)
      let posts = world.posts
      let answer = try resend(world, teacher, [:]).json
      #expect(answer["done"] == 1)
      let left = try #require(pages[1].opened.at("learner.id"))
      #expect(answer["refused"] == [["learner": left, "code": "learner_not_enrolled"]])
      _ = try world.sync(now: false)
      #expect(world.posts == posts + 1)
    }
  }
}
