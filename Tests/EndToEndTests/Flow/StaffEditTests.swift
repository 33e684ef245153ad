import DemoMoodle
import Postgres
import Testing
import Wire

/// What staff change in Directus counts as a click does: SQL on the five tables, then `grade sync`.
@Suite struct StaffEditTests {
  /// Completes two grains of four, makes one edit, and looks at what Moodle has after `grade sync`.
  private func edit(
    _ statements: [Statement], scores: [Double?] = [nil, nil], expecting grade: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try World.run(.process) { world in
      let page = try world.session()
      for (grain, score) in zip(TestDatabase.grains, scores) { try page.complete(grain, score: score) }
      for statement in statements { try world.database.execute(statement) }
      let sync = try world.command("grade", "sync")
      #expect(sync.status == 0, "\(sync.text) \(sync.errorText)", sourceLocation: sourceLocation)
      #expect(world.moodle.platform.grade(user: 3)?.grade == grade, sourceLocation: sourceLocation)
      let stored: Double = try world.database.value("select score::float8 from public.grades")
      #expect(stored == grade, sourceLocation: sourceLocation)
      #expect(try page.progress().json.at("grade.status") == "delivered", sourceLocation: sourceLocation)
    }
  }

  @Test("Marking a grain completed raises the grade, and dates the completion")
  func completed() throws {
    try edit(
      [
        """
        insert into public.progress (learner, grain, status)
        select l.id, g.id, 'completed' from public.learners l, public.grains g where g.slug = 'bilan'
        """
      ], expecting: 75)
  }

  @Test("Correcting a score changes the grade, downwards too")
  func corrected() throws {
    try edit(
      [
        """
        update public.progress set score = 0.25 where grain = (select id from public.grains where slug = 'accueil')
        """
      ], scores: [0.75, nil], expecting: 31.25)
  }

  @Test("Setting a grain back to started takes its part away")
  func reopened() throws {
    try edit(
      [
        "update public.progress set status = 'started' where grain = (select id from public.grains where slug = 'accueil')"
      ],
      expecting: 25)
  }

  @Test("Deleting a row of progress lowers the grade, to 0 when it was the last")
  func deleted() throws {
    try edit(
      ["delete from public.progress where grain = (select id from public.grains where slug = 'accueil')"], expecting: 25
    )
    try edit(["delete from public.progress"], expecting: 0)
  }

  @Test("Archiving a grain, adding one, deleting one and bringing one back change every learner's grade")
  func catalogue() throws {
    try edit(["update public.grains set status = 'archived' where slug = 'bilan'"], expecting: 66.66667)
    try edit(["update public.grains set status = 'archived' where slug = 'accueil'"], expecting: 33.33333)
    try edit(["delete from public.grains where slug = 'bilan'"], expecting: 66.66667)
    try edit(
      ["insert into public.grains (module, slug, title) select id, 'cinq', 'Cinq' from public.modules"], expecting: 40)
    try edit(
      [
        "update public.grains set status = 'archived' where slug = 'bilan'",
        "update public.grains set status = 'active' where slug = 'bilan'",
      ], expecting: 50)
  }

  @Test("Another weight, another rule: the grade follows")
  func weights() throws {
    try edit(["update public.grains set weight = 5 where slug = 'accueil'"], expecting: 75)
    try edit(["update public.modules set grading = 'all-or-nothing'"], expecting: 0)
    try edit(
      [
        "update public.modules set grading = 'all-or-nothing'",
        "update public.grains set status = 'archived' where slug in ('exercice', 'bilan')",
      ], scores: [0.5, nil], expecting: 75)
  }

  @Test("Titles, texts and other learners change nothing that is owed")
  func harmless() throws {
    try World.run(.process) { world in
      try world.session().complete("accueil")
      let before: String = try world.database.value("select version || status from public.grades")
      try world.database.script(
        """
        update public.grains set title = 'Autre titre', sort = 9;
        update public.modules set title = 'Autre titre';
        update public.learners set name = 'Autre nom';
        insert into public.learners (name) values ('Quelqu’un');
        insert into public.progress (learner, grain, status)
          select l.id, g.id, 'completed' from public.learners l, public.grains g
          where l.name = 'Quelqu’un' and g.slug = 'bilan';
        """)
      #expect(try world.database.value("select version || status from public.grades") == before)
      #expect(try world.command("grade", "sync").status == 0)
      #expect(world.moodle.count("/scores") == 1)
    }
  }

  @Test("A grade set to pending by staff is sent again as it is")
  func sentAgain() throws {
    try World.run(.process) { world in
      try world.session().complete("accueil")
      world.moodle.platform.resetGrades(lineItem: 2)
      #expect(world.moodle.platform.grade(user: 3)?.grade == nil)
      try world.database.execute("update public.grades set status = 'pending'")
      #expect(try world.command("grade", "sync").status == 0)
      #expect(world.moodle.platform.grade(user: 3)?.grade == 25)
    }
  }

  @Test("A learner whom staff moved on before the first launch of a second activity owes it from its launch")
  func secondActivity() throws {
    let activities = [Activity.module("decouverte"), Activity.module("decouverte", position: 1)]
    try World.run(.process, activities: activities) { world in
      try world.session(cmid: 2).complete("accueil")
      _ = try world.session(cmid: 3)
      #expect(try world.command("grade", "sync").status == 0)
      #expect(world.moodle.platform.grade(user: 3, activity: 2)?.grade == 25)
    }
  }
}
