import DemoMoodle
import TestSupport
import Testing
import Wire

/// Where scores go: the line item of the launch, or the one that is found or made.
@Suite(.needsStack) struct LineItemTests {
  @Test("A second line item linked to the activity: Moodle names none, and the activity's own is found")
  func secondLinked() throws {
    try World.deliveries { world in
      let own = try #require(world.moodle.platform.grade(user: 3)).lineItem
      let extra = world.moodle.platform.linkLineItem(to: 1)
      let page = try world.session()
      #expect(try page.complete("accueil").json.at("grade.status") == "delivered")
      #expect(world.moodle.platform.grade(user: 3, lineItem: own)?.final == 25)
      #expect(world.moodle.platform.grade(user: 3, lineItem: extra) == nil)
      let search = try #require(world.moodle.requests.first { $0.path.hasSuffix("/lineitems") })
      #expect(search.target.hasSuffix("/lineitems?type_id=1&resource_link_id=1"))
      #expect(search.fields["Accept"] == "application/vnd.ims.lis.v2.lineitemcontainer+json")
      // Known from now on.
      #expect(try page.complete("bilan").json.at("grade.status") == "delivered")
      #expect(world.moodle.count("/lineitems") == 1)
    }
  }

  @Test("A line item that was deleted before the launch is made anew, once, for all")
  func deletedBefore() throws {
    try World.deliveries { world in
      world.moodle.platform.deleteLineItem(try #require(world.moodle.platform.grade(user: 3)).lineItem)
      let pages = try [3, 4, 5, 6].map { try world.session(user: $0) }
      let answers = simultaneously(pages.count) { try pages[$0].complete("accueil") }
      for answer in answers { #expect(try answer.get().status == 200) }
      try eventually { try world.sync().status == 0 }
      let items = world.moodle.platform.lineItems.filter { $0.resourceLinkID == "1" }
      #expect(items.count == 1)
      let item = try #require(items.first)
      #expect(item.label == "Quiz 1.3 « été »" && item.maximum == 100)
      for user in [3, 4, 5, 6] { #expect(world.moodle.platform.grade(user: user, lineItem: item.id)?.final == 25) }
    }
  }

  @Test("A line item that is deleted while it is in use is found or made again when a score meets 404")
  func deletedMeanwhile() throws {
    try World.deliveries { world in
      let page = try world.session()
      try page.complete("accueil")
      world.moodle.platform.deleteLineItem(try #require(world.moodle.platform.grade(user: 3)).lineItem)
      #expect(try page.complete("bilan").json.at("grade.status") == "delivered")
      let made = try #require(world.moodle.platform.lineItems.last)
      #expect(made.resourceLinkID == "1")
      #expect(world.moodle.platform.grade(user: 3, lineItem: made.id)?.final == 50)
      // A third one is there when that one goes too: it is found, not made.
      world.moodle.platform.deleteLineItem(made.id)
      let other = world.moodle.platform.linkLineItem(to: 1, tag: "")
      #expect(try page.complete("exercice").json.at("grade.status") == "delivered")
      #expect(world.moodle.platform.grade(user: 3, lineItem: other)?.final == 7.5)
      #expect(world.moodle.platform.lineItems.count == 2)
    }
  }

  @Test("Where line items may not be made a missing one parks the grade; where they may not be read, too")
  func notAllowed() throws {
    for scope in ["https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly ", ""] {
      try World.deliveries { world in
        world.moodle.platform.deleteLineItem(try #require(world.moodle.platform.grade(user: 3)).lineItem)
        let page = try world.session()
        try world.database.execute(
          """
          update passerelle.enrolments
          set token_scope = \(scope) || 'https://purl.imsglobal.org/spec/lti-ags/scope/score', outcome_url = null
          """)
        #expect(try page.complete("accueil").json.at("grade.status") == "failed")
        #expect(try world.gradeRow().errorCode == "grade_line_item_missing")
        #expect(world.posts == 0)
        #expect(world.moodle.platform.lineItems.count == 1)
      }
    }
  }

  @Test("A line item that may not be read is posted to all the same", arguments: [401, 403, 405])
  func unreadable(status: Int) throws {
    try World.deliveries { world in
      let page = try world.session()
      world.strike(.status(status), at: .lineItem)
      #expect(try page.complete("accueil").json.at("grade.status") == "delivered")
      #expect(world.gradebook() == 25)
      // And not asked about again with every score.
      let asked = world.moodle.count("/lineitem")
      #expect(try page.complete("bilan").json.at("grade.status") == "delivered")
      #expect(world.moodle.count("/lineitem") == asked)
    }
  }

  @Test("Query strings survive in the addresses of scores, results, line items and their collection")
  func queryStrings() throws {
    try World.deliveries { world in
      let page = try world.session()
      world.moodle.platform.injectNext(.cutAfterStore, at: .score)
      try page.complete("accueil")
      world.moodle.platform.deleteLineItem(try #require(world.moodle.platform.grade(user: 3)).lineItem)
      try page.complete("bilan")
      let services = world.moodle.requests.filter { $0.path.contains("/services.php/") }
      #expect(
        Set(services.map { $0.path.split(separator: "/").last ?? "" }) == [
          "scores", "results", "lineitem", "lineitems",
        ])
      for request in services { #expect(request.target.contains("?type_id=1"), "\(request.target)") }
    }
  }

  @Test("The maximum follows the line item: 20 at first, 40 after the teacher changed it")
  func maximum() throws {
    try World.deliveries(activities: [Activity(points: 20)]) { world in
      let page = try world.session()
      let first = try page.complete("accueil").json
      #expect(first.at("grade.maximum") == 20 && first.at("grade.score") == 5)
      var row = try world.gradeRow()
      #expect(row.maximum == 20 && row.score == 5)
      #expect(world.moodle.scores.last?["scoreMaximum"] == 20)

      let item = try #require(world.moodle.platform.grade(user: 3)).lineItem
      world.moodle.platform.setMaximum(40, ofLineItem: item)
      #expect(world.gradebook() == 10)
      // Read again once an hour; until then Moodle rescales by itself.
      #expect(try page.complete("bilan").json.at("grade.maximum") == 20)
      #expect(world.gradebook() == 20)
      try world.database.execute(
        "update passerelle.activities set line_item_read_at = line_item_read_at - interval '61 minutes'")
      let later = try page.complete("exercice").json
      #expect(later.at("grade.maximum") == 40 && later.at("grade.score") == 30)
      row = try world.gradeRow()
      #expect(row.status == "delivered" && row.maximum == 40 && row.score == 30)
      #expect(world.gradebook() == 30)
    }
  }

  @Test("Learners who begin while the maximum becomes known are shown it like all others")
  func maximumForAll() throws {
    try World.deliveries(activities: [Activity(points: 20)]) { world in
      let pages = try (101...112).map { try world.session(user: $0) }
      let answers = simultaneously(pages.count) { try pages[$0].complete("accueil") }
      for answer in answers { #expect(try answer.get().status == 200) }
      #expect(try world.sync().status == 0)
      for user in 101...112 {
        let row = try world.gradeRow(user: user)
        #expect(row.maximum == 20 && row.score == 5)
        #expect(world.gradebook(user: user) == 5)
      }
    }
  }
}
