import DemoMoodle
import TestSupport
import Testing
import Wire

/// Where a grade was delivered to is remembered: a launch or a line item that says another place tells that the grade is gone.
@Suite(.needsStack) struct LineItemChangeTests {
  /// Two learners with one grain each in Moodle's gradebook.
  private func delivered(_ world: World) throws -> [MiniSite] {
    let pages = try [3, 4].map { try world.session(user: $0) }
    for page in pages { #expect(try page.complete("accueil").json.at("grade.status") == "delivered") }
    return pages
  }

  @Test(
    "A launch that names another line item: whoever launches or reports sends their own, a person decides for the others"
  )
  func remade() throws {
    try World.deliveries { world in
      let pages = try delivered(world)
      world.moodle.platform.remakeColumn(cmid: 2)
      #expect(world.gradebook() == nil && world.gradebook(user: 4) == nil)
      let page = try world.session(user: 3)
      #expect(world.gradebook() == 25)
      #expect(page.opened.at("progress.grade.status") == "delivered")
      #expect(try world.gradeRow(user: 4).status == "emptied")
      #expect(try pages[1].progress().json.at("grade.status") == "emptied")
      // Nobody sends it by themselves.
      #expect(try world.sync().status == 0)
      #expect(world.gradebook(user: 4) == nil)
      // A report is an act, also of what was completed already.
      #expect(try pages[1].complete("accueil").json.at("grade.status") == "delivered")
      #expect(world.gradebook(user: 4) == 25)
    }
  }

  @Test("“Delete all items and grades”: launches name no line item any more, and the new one is found")
  func itemsDeleted() throws {
    try World.deliveries { world in
      _ = try delivered(world)
      world.moodle.platform.deleteItemsAndGrades()
      _ = try world.session(user: 3)
      #expect(world.gradebook() == 25)
      #expect(try world.gradeRow(user: 4).status == "emptied")
      // Said once: launches go on naming none.
      _ = try world.session(user: 4)
      #expect(world.gradebook(user: 4) == 25)
      _ = try world.session(user: 3)
      for user in [3, 4] { #expect(try world.gradeRow(user: user).status == "delivered") }
    }
  }

  @Test("Where the last launch named no line item there is nothing to compare with, and no verification fails")
  func nothingToCompare() throws {
    try World.deliveries { world in
      _ = try delivered(world)
      world.moodle.platform.deleteItemsAndGrades()
      _ = try world.session(user: 5)
      for user in [3, 4] { #expect(try world.gradeRow(user: user).status == "emptied") }
      let run = try world.command("grade", "verify")
      #expect(run.status == 0, "\(run.text) \(run.errorText)")
      for user in [3, 4] { #expect(try world.gradeRow(user: user).status == "emptied") }
    }
  }

  @Test("A line item that is found after a 404 tells the same, without a launch")
  func foundAfter404() throws {
    try World.deliveries { world in
      let pages = try delivered(world)
      world.moodle.platform.remakeColumn(cmid: 2)
      #expect(try pages[0].complete("bilan").json.at("grade.status") == "delivered")
      #expect(world.gradebook() == 50)
      #expect(try world.gradeRow(user: 4).status == "emptied")
      #expect(try world.gradeRow(user: 3).status == "delivered")
    }
  }

  @Test("An activity whose resource link id changed is known by its line item: the same enrolments, no second grade")
  func renumbered() throws {
    try World.deliveries { world in
      _ = try delivered(world)
      let posts = world.posts
      world.moodle.platform.renumberActivity(cmid: 2, to: 77)
      _ = try world.session(user: 3)
      #expect(try world.sync().status == 0)
      #expect(world.posts == posts && world.gradebook(activity: 77) == 25)
      #expect(try world.database.count("select from passerelle.activities") == 1)
      #expect(try world.database.count("select from passerelle.enrolments") == 2)
      #expect(try world.gradeRow(activity: 77).status == "delivered")
      // The former id comes back: that is another activity.
      world.moodle.platform.addActivity(Activity(cmid: 9, instance: 1))
      _ = try world.session(user: 3, cmid: 9)
      #expect(try world.database.count("select from passerelle.activities") == 2)
      #expect(world.gradebook(activity: 1) == 25 && world.gradebook(activity: 77) == 25)
    }
  }

  private func lists(_ world: World) -> Int { world.moodle.requests.count { $0.path.hasSuffix("/lineitems") } }

  @Test("An id that still stands in Moodle's list is another activity's, whatever line item the launch names")
  func stands() throws {
    try World.deliveries { world in
      _ = try delivered(world)
      world.moodle.platform.renumberActivity(cmid: 2, to: 77)
      world.moodle.platform.addActivity(Activity(cmid: 9, instance: 1))
      let asked = lists(world)
      _ = try world.session(user: 3)
      #expect(lists(world) == asked + 1)
      #expect(
        try world.database.values("select resource_link_id from passerelle.activities order by 1") == ["1", "77"])
      // Asked once: whoever comes next is known to come from another.
      _ = try world.session(user: 4)
      #expect(lists(world) == asked + 1)
      #expect(try world.database.count("select from passerelle.activities") == 2)
      #expect(try world.database.count("select from passerelle.enrolments") == 4)
    }
  }

  @Test("An id that is launched again has its activity again, and the other is another activity's from then on")
  func launchedAgain() throws {
    try World.deliveries { world in
      _ = try delivered(world)
      let former: String = try world.database.value("select id::text from passerelle.activities")
      let posts = world.posts
      world.moodle.platform.renumberActivity(cmid: 2, to: 77)
      _ = try world.session(user: 3)
      world.moodle.platform.renumberActivity(cmid: 2, to: 1)
      _ = try world.session(user: 3)
      #expect(try world.database.count("select from passerelle.activities") == 1)
      #expect(try world.database.value("select resource_link_id from passerelle.activities") == "1")
      #expect(world.posts == posts)
      for (round, id) in [77, 1, 77].enumerated() {
        world.moodle.platform.renumberActivity(cmid: 2, to: id)
        _ = try world.session(user: 3)
        #expect(
          try world.database.values("select resource_link_id from passerelle.activities order by 1") == ["1", "77"],
          "round \(round)")
      }
      #expect(
        try world.database.value("select id::text from passerelle.activities where resource_link_id = '1'") == former)
    }
  }

  @Test(
    "A list that could not be read at the launch is read by the verification, which ends the doubt",
    arguments: [true, false])
  func readLater(stands: Bool) throws {
    try World.deliveries { world in
      _ = try delivered(world)
      world.moodle.platform.renumberActivity(cmid: 2, to: 77)
      world.strike(.status(500), at: .lineItems)
      _ = try world.session(user: 3)
      #expect(try world.database.count("select from passerelle.activities where link_is_doubtful") == 1)
      #expect(try world.database.count("select from passerelle.activities") == 1)
      // As long as Moodle cannot say, the doubt stays.
      #expect(try world.command("grade", "verify").status == 0)
      #expect(try world.database.count("select from passerelle.activities where link_is_doubtful") == 1)
      world.strike(nil, at: .lineItems)
      if stands { world.moodle.platform.addActivity(Activity(cmid: 9, instance: 1)) }
      #expect(try world.command("grade", "verify").text == "compared 1 activities: equal 2, emptied 0, different 0\n")
      #expect(try world.database.count("select from passerelle.activities where link_is_doubtful") == 0)
      #expect(try world.database.value("select resource_link_id from passerelle.activities") == (stands ? "1" : "77"))
      _ = try world.session(user: 3)
      #expect(try world.database.count("select from passerelle.activities") == (stands ? 2 : 1))
    }
  }

  @Test("Another platform's line item of the same address is not taken for the activity's")
  func otherPlatform() throws {
    try World.deliveries { world in
      _ = try delivered(world)
      let second = try Moodle(base: world.tool.base, clientID: "second") { (request) throws(TransportFailure) in
        try world.tool.send(request)
      }
      defer { second.stop() }
      try world.register(second)
      second.platform.renumberActivity(cmid: 2, to: 77)
      // As if both were behind one address.
      try world.database.execute(
        "update passerelle.activities set line_item = replace(line_item, \(world.moodle.url), \(second.url))")
      var browser = world.browser(second)
      _ = try browser.launch(user: 3, cmid: 2)
      #expect(try world.database.count("select from passerelle.activities") == 2)
    }
  }

  @Test("A copy of an activity has a grade of its own, and the original's is not touched")
  func copied() throws {
    try World.deliveries { world in
      _ = try delivered(world)
      let copy = try #require(world.moodle.platform.copyActivity(cmid: 2))
      _ = try world.session(user: 3, cmid: copy.cmid)
      #expect(world.gradebook(activity: copy.instance) == 25 && world.gradebook() == 25)
      for user in [3, 4] { #expect(try world.gradeRow(user: user).status == "delivered") }
    }
  }
}
