import DemoMoodle
import TestSupport
import Testing
import Wire

/// Whose progress counts: the person's, or each activity's own; of a whole module, or of one grain.
@Suite(.needsStack) struct ScopeTests {
  private static let second = Activity(
    cmid: 3, instance: 2, name: "Suite", custom: [(name: "module", value: "decouverte")])

  private func run(scope: String, _ body: (World) throws -> Void) throws {
    try World.run(.inProcess, activities: [Activity(), Self.second]) { world in
      try world.database.execute("update public.modules set scope = \(scope)")
      try body(world)
    }
  }

  @Test("In a module of scope activity each activity begins at nothing and is graded on its own progress")
  func apart() throws {
    try run(scope: "activity") { world in
      let first = try world.session(cmid: 2)
      #expect(first.opened["scope"] == "activity" && first.opened["run"] == 0 && first.opened["grain"] == .null)
      #expect(first.opened["preview"] == false && first.opened.at("activity.title") == "Quiz 1.3 « été »")
      #expect(try first.complete("accueil").json.at("grade.status") == "delivered")
      let next = try world.session(cmid: 3)
      #expect(next.opened.at("progress.completed") == 0)
      #expect(try world.sync().status == 0)
      #expect(world.gradebook(activity: 2) == nil)
      #expect(try next.complete("bilan", score: 0.5).json.at("completed") == 1)
      #expect(world.gradebook(activity: 1) == 25 && world.gradebook(activity: 2) == 12.5)
      #expect(try first.progress().json.at("completed") == 1)
      #expect(
        try world.database.values("select activity_title from public.progress order by 1")
          == ["Quiz 1.3 « été » · Formation", "Suite · Formation"])
    }
  }

  @Test("In a module of scope learner, which is the rule, what is done is done everywhere")
  func together() throws {
    try run(scope: "learner") { world in
      let first = try world.session(cmid: 2)
      #expect(first.opened["scope"] == "learner")
      try first.complete("accueil")
      #expect(try world.session(cmid: 3).opened.at("progress.completed") == 1)
      #expect(try world.sync().status == 0)
      #expect(world.gradebook(activity: 2) == 25)
      #expect(try world.database.count("select from public.progress where activity is null") == 1)
    }
  }

  @Test(
    "Another scope keeps what is recorded: activities go on from the person's, and the best of theirs becomes the person's"
  )
  func changed() throws {
    try run(scope: "learner") { world in
      let (first, next) = (try world.session(cmid: 2), try world.session(cmid: 3))
      try first.complete("accueil", score: 0.5)
      #expect(world.gradebook(activity: 1) == 12.5 && world.gradebook(activity: 2) == 12.5)
      try world.database.execute("update public.modules set scope = 'activity'")
      #expect(try world.sync().status == 0)
      #expect(world.gradebook(activity: 1) == 12.5 && world.gradebook(activity: 2) == 12.5)
      #expect(try next.complete("accueil", score: 1).json.at("ratio") == 0.25)
      try first.complete("bilan")
      #expect(world.gradebook(activity: 1) == 37.5 && world.gradebook(activity: 2) == 25)
      try world.database.execute("update public.modules set scope = 'learner'")
      #expect(try first.progress().json.at("ratio") == 0.5)
      #expect(try world.sync().status == 0)
      #expect(world.gradebook(activity: 1) == 50 && world.gradebook(activity: 2) == 50)
    }
  }

  @Test("The command sets the scope and lists it, and takes no other word")
  func command() throws {
    try World.run(.inProcess) { world in
      #expect(try world.command("module", "add", "annuel", "--title", "Annuel", "--scope", "activity").status == 0)
      let listed = try JSONValue(parsing: try world.command("module", "list", "--json").output)
      #expect(listed.arrayValue?.first { $0["slug"] == "annuel" }?["scope"] == "activity")
      let wrong = try world.command("module", "add", "x", "--title", "X", "--scope", "course")
      #expect(wrong.status == 64)
      #expect(throws: (any Error).self) { try world.database.execute("update public.modules set scope = 'course'") }
    }
  }

  @Test("A grain that the chooser wrote into an activity is what it is graded on, shown as and completed by")
  func grain() throws {
    let one = Activity(
      custom: [
        (name: "module", value: "decouverte"), (name: "grain", value: "bilan"),
        (name: "passerelle_grain", value: "bilan"),
      ])
    try World.run(.inProcess, activities: [one]) { world in
      let page = try world.session()
      #expect(page.opened["grain"] == "bilan" && page.opened.at("progress.total") == 1)
      #expect(page.opened.at("progress.grains")?.arrayValue?.map { $0["slug"] } == ["bilan"])
      #expect(try page.report(["grain": "bilan", "status": "started"]).json.at("grade.status") == "none")
      #expect(try page.complete("accueil").json.at("grade.status") == "none")
      #expect(world.gradebook() == nil)
      let done = try page.complete("bilan", score: 0.8).json
      #expect(done.at("completed") == 1 && done.at("ratio") == 0.8 && done.at("grade.status") == "delivered")
      #expect(world.gradebook() == 80)
      let roster = try Teacher(world).roster()
      #expect(roster.json["grains"]?.arrayValue?.map { $0["slug"] } == ["bilan"])
      #expect(roster["Éloïse Lefèvre"]?["total"] == 1 && roster["Éloïse Lefèvre"]?["ratio"] == 0.8)
    }
  }

  @Test("Custom grain= alone still says where to open first; a chosen grain that is not there is refused")
  func opensAt() throws {
    func activity(_ name: String, _ grain: String) -> Activity {
      Activity(custom: [(name: "module", value: "decouverte"), (name: name, value: grain)])
    }
    try World.run(.inProcess, activities: [activity("grain", "bilan")]) { world in
      let trace = try world.launch()
      #expect(trace.location?.queryItems.first { $0.name == "grain" }?.value == "bilan")
      let page = try MiniSite(world, code: try world.code(of: trace))
      #expect(page.opened["grain"] == .null && page.opened.at("progress.total") == 4)
    }
    try World.run(.inProcess, activities: [activity("passerelle_grain", "perdu")]) { world in
      let answer = try #require(try world.launch().final?.response)
      #expect(answer.status == 400 && answer.text.contains("unknown_grain"))
    }
  }
}
