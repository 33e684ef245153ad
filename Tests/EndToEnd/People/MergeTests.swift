import DemoMoodle
import TestSupport
import Testing
import Wire

/// `passerelle learner merge`: two records of one person.
@Suite(.needsStack) struct MergeTests {
  @Test("Identities, enrolments and progress become one, the better counts, and nothing is sent twice")
  func merged() throws {
    let second = Activity(cmid: 3, instance: 2, name: "Suite", custom: [(name: "module", value: "decouverte")])
    try World.run(.inProcess, activities: [Activity(), second]) { world in
      let (old, new) = (try world.session(user: 3), try world.session(user: 4, cmid: 3))
      try old.complete("accueil", score: 0.5)
      try old.complete("bilan")
      try new.complete("accueil")
      #expect(world.gradebook(activity: 1) == 37.5 && world.gradebook(user: 4, activity: 2) == 25)
      let sent = world.moodle.scores.count
      let tried = try world.command("learner", "merge", old.learner, new.learner, "--dry-run")
      #expect(tried.status == 0 && tried.text.contains("would be merged"), "\(tried.errorText)")
      #expect(try world.database.count("select from public.learners") == 2)
      let run = try world.command("learner", "merge", old.learner, new.learner)
      #expect(run.status == 0 && run.text.contains("identities 1, activities 1, progress 2"), "\(run.text)")
      #expect(try world.database.count("select from public.learners") == 1)
      #expect(try old.progress().json.at("ratio") == 0.5 && new.progress().json.at("ratio") == 0.5)
      #expect(try world.sync().status == 0)
      #expect(world.gradebook(activity: 1) == 50 && world.gradebook(user: 4, activity: 2) == 50)
      #expect(world.moodle.scores.count == sent + 2)
      // Both accounts lead to the one learner from now on.
      #expect(try world.session(user: 3).learner == new.learner)
      #expect(try world.command("learner", "merge", new.learner, new.learner).errorText.contains("one learner"))
      #expect(try world.command("learner", "merge", old.learner, new.learner).errorText.contains("there is no learner"))
    }
  }

  @Test("In an activity that both were in one enrolment stays; who comes by the other account gets the grade there")
  func twice() throws {
    try World.run(.inProcess) { world in
      let (old, new) = (try world.session(user: 3), try world.session(user: 4))
      try old.complete("accueil")
      #expect(try world.command("learner", "merge", new.learner, old.learner).status == 0)
      #expect(try new.complete("bilan").json.at("grade.status") == "delivered")
      #expect(world.gradebook() == 50 && world.gradebook(user: 4) == nil)
      _ = try world.session(user: 4)
      #expect(try world.sync().status == 0)
      #expect(world.gradebook(user: 4) == 50)
    }
  }

  @Test("A merge while both work loses nothing")
  func whileTheyWork() throws {
    for _ in 0..<4 {
      try World.run(.inProcess) { world in
        let (old, new) = (try world.session(user: 3), try world.session(user: 4))
        let failures = onThreads(3) { thread in
          switch thread {
          case 0:
            for grain in ["accueil", "bilan"] { #expect(try old.complete(grain).status == 200) }
          case 1:
            for grain in ["vocabulaire", "exercice"] { #expect(try new.complete(grain).status == 200) }
          default:
            let run = try world.command("learner", "merge", old.learner, new.learner)
            #expect(run.status == 0, "\(run.errorText)")
          }
        }
        #expect(failures.isEmpty, "\(failures)")
        #expect(try world.database.count("select from public.learners") == 1)
        #expect(try world.database.count("select from public.progress where status = 'completed'") == 4)
        #expect(try new.progress().json.at("completed") == 4)
        #expect(try world.command("grade", "sync", "--now").status == 0)
        let grades = [3, 4].compactMap { world.gradebook(user: $0) }
        #expect(grades.contains(100), "\(grades)")
      }
    }
  }
}
