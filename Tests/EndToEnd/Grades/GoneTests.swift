import DemoMoodle
import TestSupport
import Testing
import Wire

/// What is gone is gone: an activity or a course that was deleted in Moodle.
@Suite(.needsStack) struct GoneTests {
  private func delivered(_ world: World) throws -> [MiniSite] {
    let pages = try [3, 4].map { try world.session(user: $0) }
    for page in pages { #expect(try page.complete("accueil").json.at("grade.status") == "delivered") }
    return pages
  }

  private func makeAttempts(_ world: World) -> Int {
    world.moodle.requests.count { $0.method == "POST" && $0.path.hasSuffix("/lineitems") }
  }

  @Test(
    "A deleted activity is a state of its own: told once, not failed, nothing is owed; it may be withdrawn and forgotten"
  )
  func deleted() throws {
    try World.deliveries { world in
      let pages = try delivered(world)
      world.moodle.platform.deleteActivity(cmid: 2)
      try world.database.execute("update passerelle.enrolments set last_launch_at = now() - interval '1 day'")
      #expect(try pages[0].complete("bilan").json.at("grade.status") == "gone")
      #expect(makeAttempts(world) == 0)
      for user in [3, 4] {
        let row = try world.gradeRow(user: user)
        #expect(row.status == "gone" && row.errorCode == "activity_gone" && row.wait == nil)
        #expect(row.words?.contains("no longer exists") == true && row.wordsFrench?.contains("n’existe plus") == true)
      }
      let calls = world.moodle.requests.count
      #expect(try pages[1].complete("bilan").json.at("grade.status") == "gone")
      #expect(try world.sync().status == 0)
      #expect(world.moodle.requests.count == calls)
      #expect(try world.send("GET", "/health").json.at("failedGrades") == 0)
      #expect(try world.command("doctor").text.contains("pending, none failed"))
      #expect(try world.command("grade", "withdraw", try world.gradeRow().id).status == 0)
      #expect(try world.gradeRow().status == "none")
      let list = try world.command("activity", "list").text
      #expect(list.contains("Formation") && list.contains("1 gone") && list.contains(world.moodle.url), "\(list)")
      let json = try JSONValue(parsing: world.command("activity", "list", "--json").text)
      let activity = try #require(json.arrayValue?.first)
      #expect(activity["gone"] == true && activity["people"] == 2 && activity["title"] == "Quiz 1.3 « été »")
      let id = try #require(activity["id"]?.stringValue)
      #expect(try world.command("activity", "forget", id).status == 1)
      let forgotten = try world.command("activity", "forget", id, "--yes")
      #expect(
        forgotten.status == 0 && forgotten.text == "forgotten: activity \(id), people 2\n", "\(forgotten.errorText)")
      #expect(try world.database.count("select from public.grades") == 0)
      #expect(try world.database.count("select from public.progress") == 4)
      #expect(try world.command("activity", "forget", id, "--yes").status == 1)
    }
  }

  @Test("Of one that somebody has just come from a line item is tried to be made once, and then never again")
  func lately() throws {
    try World.deliveries { world in
      let pages = try delivered(world)
      world.moodle.platform.deleteActivity(cmid: 2)
      #expect(try pages[0].complete("bilan").json.at("grade.status") == "gone")
      #expect(try pages[1].complete("bilan").json.at("grade.status") == "gone")
      #expect(makeAttempts(world) == 1)
    }
  }

  @Test("Whoever had no grade yet is told that the activity is gone, and their grade is sent once it is back")
  func firstReport() throws {
    try World.deliveries { world in
      let pages = try delivered(world)
      let newcomer = try world.session(user: 5)
      let activity = try #require(world.moodle.platform.activities.first)
      world.moodle.platform.deleteActivity(cmid: 2)
      #expect(try pages[0].complete("bilan").json.at("grade.status") == "gone")
      #expect(try newcomer.progress().json.at("grade.status") == "none")
      let answer = try newcomer.complete("bilan").json
      #expect(answer.at("grade.status") == "gone" && answer.at("completed") == 1)
      #expect(try newcomer.progress().json.at("grade.status") == "gone")
      world.moodle.platform.restoreActivity(activity)
      _ = try world.session(user: 3)
      #expect(try world.sync().status == 0)
      #expect(world.gradebook(user: 5) == 25)
      #expect(try newcomer.progress().json.at("grade.status") == "delivered")
    }
  }

  @Test("A launch brings it back to life: their own grade is sent, the others' are emptied")
  func backToLife() throws {
    try World.deliveries { world in
      let pages = try delivered(world)
      let activity = try #require(world.moodle.platform.activities.first)
      world.moodle.platform.deleteActivity(cmid: 2)
      #expect(try pages[0].complete("bilan").json.at("grade.status") == "gone")
      world.moodle.platform.restoreActivity(activity)
      _ = try world.session(user: 3)
      #expect(world.gradebook() == 50)
      #expect(try world.gradeRow(user: 3).status == "delivered")
      #expect(try world.gradeRow(user: 4).status == "emptied")
    }
  }

  @Test("The verification knows it, too")
  func verified() throws {
    try World.deliveries { world in
      _ = try delivered(world)
      world.moodle.platform.deleteActivity(cmid: 2)
      let run = try world.command("grade", "verify")
      #expect(run.status == 0 && run.text.contains("gone 1 activities"), "\(run.text)\(run.errorText)")
      for user in [3, 4] { #expect(try world.gradeRow(user: user).status == "gone") }
      #expect(try world.command("grade", "verify").text.hasPrefix("compared 0"))
    }
  }

  @Test("grade list says platform, course, title and name")
  func listing() throws {
    try World.deliveries { world in
      _ = try delivered(world)
      let text = try world.command("grade", "list").text
      for word in ["Formation", "Quiz 1.3 « été »", "Éloïse Lefèvre", world.moodle.url] {
        #expect(text.contains(word), "\(text)")
      }
      let row = try #require(
        try JSONValue(parsing: world.command("grade", "list", "--json").text).arrayValue?.first)
      #expect(row["platform"]?.stringValue == world.moodle.url && row["course"] == "Formation")
      #expect(row["deliveredAt"]?.stringValue != nil)
    }
  }
}
