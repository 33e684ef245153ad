import DemoMoodle
import TestSupport
import Testing
import Wire

/// `passerelle learner expire`: who is long gone is forgotten, and nobody else.
@Suite(.needsStack) struct ExpireTests {
  private func age(_ world: World, _ page: MiniSite, years: Int) throws {
    try world.database.script(
      """
      update passerelle.enrolments set last_launch_at = now() - interval '\(years) years', last_seen_at = null
        where learner = '\(page.learner)';
      update passerelle.identities set created_at = now() - interval '\(years) years' where learner = '\(page.learner)';
      update public.learners set date_created = now() - interval '\(years) years' where id = '\(page.learner)';
      update public.progress set completed_at = now() - interval '\(years) years' where learner = '\(page.learner)';
      delete from passerelle.sessions where enrolment in
        (select id from passerelle.enrolments where learner = '\(page.learner)');
      """)
  }

  @Test("The dry run lists exactly whom the run erases: nobody active, nobody who teaches")
  func erased() throws {
    try World.run(.inProcess) { world in
      let (gone, reporting, active) = (
        try world.session(user: 3), try world.session(user: 4), try world.session(user: 5)
      )
      for page in [gone, reporting, active] { try page.complete("accueil") }
      let teacher = try Teacher(world).page
      for page in [gone, reporting, teacher] { try age(world, page, years: 4) }
      try world.database.execute(
        "update passerelle.enrolments set last_seen_at = now() - interval '1 year' where learner = \(reporting.learner)::uuid"
      )
      let listed = try world.command("learner", "expire", "--after", "36months", "--dry-run", "--json")
      let ids = try JSONValue(parsing: listed.output).arrayValue?.map { $0["id"]?.stringValue }
      #expect(ids == [gone.learner], "\(listed.text)")
      #expect(try world.database.count("select from public.learners") == 4)
      let unasked = try world.command("learner", "expire", "--after", "3years")
      #expect(unasked.status == 1 && unasked.errorText.contains("add --yes"))
      let run = try world.command("learner", "expire", "--after", "3years", "--yes")
      #expect(run.status == 0 && run.text.contains("erased: 1 learners"), "\(run.text)")
      #expect(try world.database.count("select from public.learners where id = \(gone.learner)::uuid") == 0)
      #expect(try world.database.count("select from public.learners") == 3)
    }
  }

  @Test("A period is written out, and a short one has to be meant")
  func periods() throws {
    try World.run(.inProcess) { world in
      for wrong in ["36m", "3y", "0days", "months", "-1years", "3 fortnights"] {
        #expect(try world.command("learner", "expire", "--after=\(wrong)", "--dry-run").status == 64, "\(wrong)")
      }
      let short = try world.command("learner", "expire", "--after", "5months", "--dry-run")
      #expect(short.status == 1 && short.errorText.contains("--even-recent"))
      #expect(try world.command("learner", "expire", "--after", "5months", "--even-recent", "--dry-run").status == 0)
      #expect(try world.command("learner", "expire", "--after", "1year", "--yes").text.contains("erased: 0"))
    }
  }

  @Test("When somebody was seen is written at a launch and at a report, at most once an hour")
  func seen() throws {
    try World.run(.inProcess) { world in
      let page = try world.session()
      func seen() throws -> String { try world.database.value("select last_seen_at::text from public.learners") }
      let first = try seen()
      try page.complete("accueil")
      _ = try world.session()
      #expect(try seen() == first)
      try world.database.script(
        """
        update public.learners set last_seen_at = now() - interval '2 hours';
        update passerelle.enrolments set last_launch_at = now() - interval '2 hours', last_seen_at = null;
        """)
      let old = try seen()
      try page.complete("bilan")
      #expect(try seen() != old)
      #expect(try world.database.count("select from public.learners where date_updated is not null") == 0)
    }
  }
}
