import DemoMoodle
import TestSupport
import Testing
import Wire

/// What launches leave in the database about people, activities and enrolments.
@Suite(.needsStack) struct ProfileTests {
  private func launch(_ world: World, _ changes: [(String, JSONValue?)] = []) throws {
    let attempt = try Attempt(world)
    let answer = try attempt.present(try attempt.token(changes))
    #expect(answer.status == 303, "\(answer.code ?? "")")
  }

  @Test("What Moodle does not send again is kept; what it changes is taken over", arguments: Stage.both)
  func kept(stage: Stage) throws {
    try World.run(stage) { world in
      func row() throws -> String {
        try world.database.value(
          "select concat_ws('|', name, given_name, family_name, email, locale) from passerelle.learner_rows")
      }
      try launch(world, [(Claim.presentation, ["locale": "fr"])])
      let known = "Éloïse Lefèvre|Éloïse|Lefèvre|student1@example.org|fr"
      #expect(try row() == known)
      try launch(
        world,
        [("name", nil), ("given_name", nil), ("family_name", nil), ("email", nil), (Claim.presentation, nil)])
      #expect(try row() == known)
      try launch(world, [("name", "Éloïse Lefèvre-Bœuf"), ("family_name", "Lefèvre-Bœuf"), ("email", "e@example.org")])
      // Moodle's own language for the person came with it.
      let address = stage.shape.takesMoodlesAddress ? "e@example.org" : "student1@example.org"
      #expect(try row() == "Éloïse Lefèvre-Bœuf|Éloïse|Lefèvre-Bœuf|\(address)|en")
    }
  }

  @Test("A correction by staff stands until Moodle's own value changes", arguments: Stage.both)
  func corrected(stage: Stage) throws {
    try World.run(stage) { world in
      try launch(world)
      try world.edit(.rename(given: "Eloïse", family: "L."), .address("corrected@example.org"))
      func name() throws -> String {
        try world.database.value("select name || ' ' || email from passerelle.learner_rows")
      }
      try launch(world)
      #expect(try name() == "Eloïse L. corrected@example.org")
      // Not sending a value is not a change of it, neither then nor when it comes back.
      try launch(world, [("name", nil), ("email", nil)])
      try launch(world)
      #expect(try name() == "Eloïse L. corrected@example.org")
      // One value changes; the other corrections stand, that of the given name too where it has a column of its own.
      let married: [(String, JSONValue?)] = [("name", "Éloïse Dubois"), ("family_name", "Dubois")]
      try launch(world, married)
      #expect(try name() == (stage.shape.hasWholeName ? "Éloïse" : "Eloïse") + " Dubois corrected@example.org")
      try world.edit(.address(nil))
      try launch(world, married)
      #expect(try world.database.first("select email is null from passerelle.learner_rows") == true)
    }
  }

  @Test("The activity, its course and the enrolment follow what the launch says", arguments: Stage.both)
  func activity(stage: Stage) throws {
    try World.run(stage) { world in
      try launch(world)
      #expect(
        try world.database.value(
          """
          select concat_ws('|', resource_link_id, title, context_id, context_label, context_title) from passerelle.activities
          """) == "1|Quiz 1.3 « été »|2|FORM|Formation")
      #expect(
        try world.database.value("select roles from passerelle.enrolments", as: [String].self)
          == ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"])
      let item = world.moodle.url + "/mod/lti/services.php/2/lineitems/2/lineitem?type_id=1"
      #expect(try world.database.value("select line_item from passerelle.enrolments") == item)
      #expect(
        try world.database.value("select memberships_url from passerelle.activities")
          == world.moodle.url + "/mod/lti/services.php/CourseSection/2/bindings/1/memberships")

      world.moodle.platform.changeActivity(cmid: 2) {
        $0.name = "Nouveau titre"; $0.acceptsGrades = false
      }
      _ = try world.launch()
      #expect(try world.database.value("select title from passerelle.activities") == "Nouveau titre")
      #expect(try world.database.first("select line_item is null from passerelle.enrolments") == true)
      #expect(
        try world.database.first("select last_launch_at > first_launch_at from passerelle.enrolments") == true)
      #expect(try world.database.count("select from passerelle.enrolments") == 1)
    }
  }

  @Test("One person in two activities is one learner with two enrolments", arguments: Stage.both)
  func twoActivities(stage: Stage) throws {
    let activities = [Activity.module("decouverte"), Activity.module("decouverte", position: 1)]
    try World.run(stage, activities: activities) { world in
      for cmid in [2, 3, 2] {
        let trace = try world.launch(cmid: cmid)
        #expect(trace.final?.response.status == 303)
      }
      #expect(try world.database.count("select from passerelle.learner_rows") == 1)
      #expect(try world.database.count("select from passerelle.enrolments") == 2)
      #expect(
        try world.database.values("select title from passerelle.activities order by title", as: String.self)
          == ["Module « decouverte »", "Module « decouverte »"])
    }
  }

  @Test("A teacher who is launched as a learner owes nothing until they say that they are one", arguments: Stage.both)
  func roleChanges(stage: Stage) throws {
    try World.run(stage) { world in
      let teacher = [(Claim.roles, JSONValue.array(["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"]))]
      try launch(world, teacher.map { ($0.0, Optional($0.1)) })
      #expect(try world.database.first("select instructor from passerelle.enrolments") == true)
      try world.edit(.complete("accueil"))
      #expect(try world.database.count("select from public.grades where status <> 'none'") == 0)
      try launch(world)
      #expect(try world.database.count("select from public.grades where status <> 'none'") == 0)
    }
  }
}
