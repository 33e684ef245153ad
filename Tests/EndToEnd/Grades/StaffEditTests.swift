import DemoMoodle
import Postgres
import TestSupport
import Testing
import Wire

/// What staff change in Directus counts as a click does: SQL on the five tables, then `grade sync`.
@Suite(.needsStack) struct StaffEditTests {
  /// Completes two grains of four, makes some edits, and looks at what Moodle has after `grade sync`.
  private func edit(
    _ shape: Shape, _ edits: StaffEdit..., scores: [Double?] = [nil, nil], expecting grade: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try World.run(.inProcess, on: shape) { world in
      let page = try world.session()
      for (grain, score) in zip(TestDatabase.grains, scores) { try page.complete(grain, score: score) }
      for edit in edits { try world.edit(edit) }
      let sync = try world.command("grade", "sync")
      #expect(sync.status == 0, "\(sync.text) \(sync.errorText)", sourceLocation: sourceLocation)
      #expect(world.moodle.platform.grade(user: 3)?.grade == grade, sourceLocation: sourceLocation)
      let stored: Double = try world.database.value("select score::float8 from public.grades")
      #expect(stored == grade, sourceLocation: sourceLocation)
      #expect(try page.progress().json.at("grade.status") == "delivered", sourceLocation: sourceLocation)
      // Nothing is completed without a date, whoever completed it.
      #expect(
        try world.database.count(
          "select from passerelle.progress_rows where (status = 'completed') <> (completed_at is not null)") == 0,
        sourceLocation: sourceLocation)
    }
  }

  @Test("Marking a grain completed raises the grade, and dates the completion", arguments: Shape.allCases)
  func completed(shape: Shape) throws {
    try edit(shape, .complete("bilan"), expecting: 75)
  }

  @Test("Correcting a score changes the grade, downwards too", arguments: Shape.allCases)
  func corrected(shape: Shape) throws {
    try edit(shape, .score("accueil", 0.25), scores: [0.75, nil], expecting: 31.25)
  }

  @Test("Setting a grain back to started takes its part away", arguments: Shape.allCases)
  func reopened(shape: Shape) throws {
    try edit(shape, .reopen("accueil"), expecting: 25)
  }

  @Test("Deleting a row of progress lowers the grade, to 0 when it was the last", arguments: Shape.allCases)
  func deleted(shape: Shape) throws {
    try edit(shape, .forget("accueil"), expecting: 25)
    try edit(shape, .forgetEverything, expecting: 0)
  }

  @Test(
    "Archiving a grain, adding one, deleting one and bringing one back change every learner's grade",
    arguments: Shape.allCases)
  func catalogue(shape: Shape) throws {
    try edit(shape, .archive("bilan"), expecting: 66.66667)
    try edit(shape, .archive("accueil"), expecting: 33.33333)
    try edit(shape, .deleteGrain("bilan"), expecting: 66.66667)
    try edit(shape, .addGrain("cinq", title: "Cinq"), expecting: 40)
    try edit(shape, .archive("bilan"), .restore("bilan"), expecting: 50)
  }

  @Test("Another weight, another rule: the grade follows", arguments: Shape.allCases)
  func weights(shape: Shape) throws {
    try edit(shape, .weigh("accueil", 5), expecting: 75)
    try edit(shape, .demandEverything, expecting: 0)
    try edit(
      shape, .demandEverything, .archive("exercice"), .archive("bilan"), scores: [0.5, nil], expecting: 75)
  }

  @Test("Titles, texts and other learners change nothing that is owed", arguments: Shape.allCases)
  func harmless(shape: Shape) throws {
    try World.run(.inProcess, on: shape) { world in
      try world.session().complete("accueil")
      let before: String = try world.database.value("select version || status from public.grades")
      try world.edit(
        .retitle("Autre titre"), .rename(given: "Autre", family: "nom"), .addLearner("Quelqu’un"),
        .complete("bilan", by: "Quelqu’un"))
      #expect(try world.database.value("select version || status from public.grades") == before)
      #expect(try world.command("grade", "sync").status == 0)
      #expect(world.moodle.count("/scores") == 1)
    }
  }

  @Test("A grade set to pending by staff is sent again as it is", arguments: Shape.allCases)
  func sentAgain(shape: Shape) throws {
    try World.run(.inProcess, on: shape) { world in
      try world.session().complete("accueil")
      world.moodle.platform.resetGrades(lineItem: 2)
      #expect(world.moodle.platform.grade(user: 3)?.grade == nil)
      try world.database.execute("update public.grades set status = 'pending'")
      #expect(try world.command("grade", "sync").status == 0)
      #expect(world.moodle.platform.grade(user: 3)?.grade == 25)
    }
  }

  @Test(
    "A learner whom staff moved on before the first launch of a second activity owes it from its launch",
    arguments: Shape.allCases)
  func secondActivity(shape: Shape) throws {
    let activities = [Activity.module("decouverte"), Activity.module("decouverte", position: 1)]
    try World.run(.inProcess, activities: activities, on: shape) { world in
      try world.session(cmid: 2).complete("accueil")
      _ = try world.session(cmid: 3)
      #expect(try world.command("grade", "sync").status == 0)
      #expect(world.moodle.platform.grade(user: 3, activity: 2)?.grade == 25)
    }
  }

  @Test("Several rows in one statement, as Directus changes a selection: every learner's grade follows at once")
  func selection() throws {
    try World.run(.inProcess) { world in
      let users = [3, 4, 5]
      for user in users {
        let page = try world.session(user: user)
        try page.complete("accueil", score: 0.5)
        _ = try page.report(["grain": "bilan", "status": "started"])
      }
      let ids: [String] = try world.database.values(
        "select p.id::text from public.progress p join public.grains g on g.id = p.grain where g.slug = 'bilan'")
      #expect(ids.count == 3)
      #expect(
        try world.database.execute(
          "update public.progress set status = 'completed' where id::text = any (\(ids)) returning id") == 3)
      // Before anything else ran, in the transaction of the edit.
      #expect(try world.database.count("select from public.grades where score = 37.5 and status = 'pending'") == 3)
      let page = try world.session(user: 4)
      #expect(try page.progress().json.grain("bilan")?["completedAt"]?.stringValue != nil)
      #expect(try world.command("grade", "sync").status == 0)
      for user in users { #expect(world.moodle.platform.grade(user: user)?.grade == 37.5) }
      #expect(try world.database.execute("delete from public.progress where id::text = any (\(ids))") == 3)
      #expect(try world.command("grade", "sync").status == 0)
      for user in users { #expect(world.moodle.platform.grade(user: user)?.grade == 12.5) }
    }
  }

  @Test("An edit that is taken back in the same transaction changes nothing that Moodle is owed")
  func takenBack() throws {
    try World.run(.inProcess) { world in
      try world.session().complete("accueil", score: 0.5)
      try world.database.script(
        "begin; update public.progress set score = 0.9; update public.grains set weight = 2; rollback;")
      #expect(try world.command("grade", "sync").status == 0)
      #expect(world.moodle.count("/scores") == 1)
      #expect(try world.database.value("select score::float8 from public.grades") == 12.5)
    }
  }

  @Test(
    "Staff and the learner at once, on the same grain: whoever comes last, the grade is what the rows say",
    arguments: Shape.allCases)
  func atOnce(shape: Shape) throws {
    try World.run(.inProcess, on: shape) { world in
      let page = try world.session()
      let database = world.database
      for round in 0..<6 {
        try database.execute(StaffEdit.forgetEverything.sql(shape))
        let results = simultaneously(3) { number in
          switch number {
          case 0: _ = try page.complete("accueil", score: 0.5)
          case 1: try database.execute(StaffEdit.score("accueil", 0.75).sql(shape))
          default: try database.execute(StaffEdit.weigh("bilan", Double(1 + round % 2)).sql(shape))
          }
        }
        for result in results { #expect(throws: Never.self) { try result.get() } }
        #expect(try world.command("grade", "sync", "--now").status == 0)
        let ratio: Double = try database.value(
          """
          select s.ratio::float8
          from passerelle.enrolments e, passerelle.module_rows m, passerelle.standing(e.learner, m.id, e.id) s
          """)
        let grade = try #require(world.moodle.platform.grade(user: 3)?.grade)
        #expect(abs(grade - ratio * 100) < 0.00001)
      }
    }
  }
}
