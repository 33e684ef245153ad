import TestSupport
import Testing
import Wire

/// `passerelle learner` and `grade list`: looking at people and at what they are owed.
@Suite(.needsStack) struct PeopleTests {
  @Test("A learner is shown with identities, activities, progress and grades, for people and as JSON")
  func learner() throws {
    try World.run(.inProcess) { world in
      let page = try world.session(user: 6)
      try page.complete("accueil", score: 0.5)
      let id = try #require(page.opened.at("learner.id")?.stringValue)
      let run = try world.command("learner", "show", id, "--json")
      #expect(run.status == 0, "\(run.errorText)")
      let shown = try JSONValue(parsing: run.output)
      #expect(shown["name"] == "Anaïs Bœuf" && shown["email"] == "student4@example.org")
      #expect(shown["identities"] == [["platform": "Moodle", "issuer": .string(world.moodle.url), "subject": "6"]])
      #expect(shown["activities"]?.arrayValue?.first?["title"] == "Quiz 1.3 « été »")
      let progress = try #require(shown["progress"]?.arrayValue?.first)
      #expect(progress["grain"] == "accueil" && progress["status"] == "completed" && progress["score"] == 0.5)
      #expect(shown["grades"]?.arrayValue?.first?["score"] == 12.5)
      let text = try world.command("learner", "show", id.uppercased()).text
      #expect(text.contains("Anaïs Bœuf") && text.contains("accueil") && text.contains("delivered"))
    }
  }

  @Test("Grades are listed with what the interface names, of one status or all")
  func grades() throws {
    try World.run(.inProcess) { world in
      try world.session(user: 3).complete("accueil")
      world.moodle.platform.withFaults { $0.setChances([.init(.status(503), probability: 1)], for: .score) }
      try world.session(user: 4).complete("bilan")
      func list(_ words: String...) throws -> [JSONValue] {
        let run = try ProgramRun.run(
          Stack.command, arguments: ["grade", "list", "--json"] + words, environment: world.administration)
        #expect(run.status == 0, "\(run.errorText)")
        return try #require(JSONValue(parsing: run.output).arrayValue)
      }
      #expect(try list().count == 2)
      let delivered = try #require(try list("--status", "delivered").first)
      #expect(
        delivered.objectValue?.members.map(\.key) == [
          "id", "learner", "activity", "module", "status", "score", "maximum", "attempts", "nextAttemptAt",
          "lastErrorCode", "lastError", "deliveredAt", "platform", "course", "title", "name",
        ])
      #expect(delivered["module"] == "decouverte" && delivered["score"] == 25 && delivered["maximum"] == 100)
      #expect(delivered["deliveredAt"]?.stringValue.flatMap { Instant(rfc3339: $0) } != nil)
      let pending = try #require(try list("--status", "pending").first)
      #expect(pending["attempts"] == 1 && pending["lastErrorCode"] == "grade_platform_unavailable")
      #expect(pending["lastError"]?.stringValue?.isEmpty == false && pending["deliveredAt"] == .null)
      let next = try #require(pending["nextAttemptAt"]?.stringValue.flatMap { Instant(rfc3339: $0) })
      #expect((10...60).contains(next.seconds - Instant.now().seconds))
      #expect(try list("--status", "failed").isEmpty)
      #expect(try world.command("grade", "list").text.contains("grade_platform_unavailable"))
    }
  }

  @Test("Sync takes what is due, --now also what waits, --limit no more than asked")
  func sync() throws {
    try World.run(.inProcess) { world in
      for user in [3, 4, 5] { try world.session(user: user).complete("accueil") }
      try world.database.execute("update public.grades set status = 'pending'")
      try world.database.execute("update public.grades set next_attempt_at = now() + interval '1 h'")
      let waiting = try world.command("grade", "sync")
      #expect(waiting.status == 1 && waiting.text.hasPrefix("delivered 0, still pending 3"))
      let one = try world.command("grade", "sync", "--now", "--limit", "1")
      #expect(one.status == 1 && one.text.hasPrefix("delivered 1, still pending 2"), "\(one.text)")
      let rest = try world.command("grade", "sync", "--now")
      #expect(rest.status == 0 && rest.text.hasPrefix("delivered 2, still pending 0, failed 0"), "\(rest.text)")
    }
  }
}
