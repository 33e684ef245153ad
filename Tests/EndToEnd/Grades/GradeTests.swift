import DemoMoodle
import TestSupport
import Testing
import Wire

/// The score that Moodle gets before the answer leaves: its form, its timestamp, its comment, its token.
@Suite(.needsStack) struct GradeTests {
  @Test(
    "A score is posted before the query string, on one line, always fully graded, with a comment",
    arguments: Stage.both)
  func form(stage: Stage) throws {
    try World.run(stage) { world in
      let page = try world.session()
      try page.complete("accueil", score: 0.5)
      let request = try #require(world.moodle.requests.last { $0.path.hasSuffix("/scores") })
      #expect(request.method == "POST")
      #expect(request.target == "/mod/lti/services.php/2/lineitems/2/lineitem/scores?type_id=1")
      #expect(request.fields["Content-Type"] == "application/vnd.ims.lis.v1.score+json")
      #expect(request.fields["Authorization"]?.wholeMatch(of: /Bearer [0-9a-f]{32}/) != nil)
      #expect(!request.body.contains { $0 == 0x0A || $0 == 0x0D })
      var score = try #require(JSONValue(parsing: request.body).objectValue)
      let timestamp = try #require(score["timestamp"]?.stringValue)
      score["timestamp"] = nil
      #expect(
        JSONValue.object(score)
          == [
            "userId": "3", "scoreGiven": 12.5, "scoreMaximum": 100, "activityProgress": "InProgress",
            "gradingProgress": "FullyGraded", "comment": "1 of 4 grains",
          ])
      #expect(timestamp.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil)
      _ = try page.report(["grains": .array(TestDatabase.grains.map { ["grain": .string($0), "status": "completed"] })])
      #expect(world.moodle.scores.last?["activityProgress"] == "Completed")
      #expect(world.moodle.scores.last?["comment"] == "4 of 4 grains")
    }
  }

  @Test("The comment is in the learner's language", arguments: Stage.both)
  func language(stage: Stage) throws {
    try World.run(stage) { world in
      world.moodle.platform.changePerson(3) { $0.language = "fr" }
      let page = try world.session()
      let answer = try page.complete("accueil")
      #expect(world.moodle.platform.grade(user: 3)?.comment == "1 grain sur 4")
      #expect(try answer.json.at("grade.message") == "Note envoyée à Moodle.")
      try page.complete("bilan")
      #expect(world.moodle.platform.grade(user: 3)?.comment == "2 grains sur 4")
    }
  }

  @Test(
    "Timestamps rise in whole seconds, also when four grains are completed within one", arguments: Stage.both)
  func timestamps(stage: Stage) throws {
    try World.run(stage) { world in
      let page = try world.session()
      for grain in TestDatabase.grains {
        let answer = try page.complete(grain).json
        #expect(answer.at("grade.status") == "delivered")
      }
      let seconds = try world.moodle.scores.map {
        try #require($0["timestamp"]?.stringValue.flatMap { Instant(rfc3339: $0) }).seconds
      }
      #expect(seconds.count == 4)
      #expect(zip(seconds, seconds.dropFirst()).allSatisfy { $0 < $1 }, "\(seconds)")
      // Not ahead of the clock by more than it must.
      #expect(abs(seconds[0] - Instant.now().seconds) < 30)
    }
  }

  @Test("The grade is given in the line item's own maximum", arguments: Stage.both)
  func maximum(stage: Stage) throws {
    try World.run(stage, activities: [Activity(points: 20)]) { world in
      let page = try world.session()
      let answer = try page.complete("accueil", score: 2.0 / 3).json
      #expect(answer["grade"]?["maximum"] == 20)
      #expect(answer["grade"]?["score"] == 3.33333)
      #expect(world.moodle.scores.last?["scoreMaximum"] == 20)
      #expect(world.moodle.platform.grade(user: 3)?.grade == 3.33333)
      #expect(try page.progress().json["grade"]?["maximum"] == 20)
    }
  }

  @Test(
    "Nothing is sent for started, for an unfinished all-or-nothing, or where nothing is owed",
    arguments: Stage.both)
  func nothing(stage: Stage) throws {
    try World.run(stage) { world in
      let page = try world.session()
      for grain in TestDatabase.grains {
        let answer = try page.report(["grain": .string(grain), "status": "started"]).json
        #expect(answer.at("grade.status") == "none")
        #expect(answer.at("grade.message") == "No grade to send for now.")
      }
      try world.edit(.demandEverything)
      #expect(try page.complete("accueil").json.at("grade.status") == "none")
      #expect(world.moodle.count("/scores") == 0 && world.moodle.count("/token.php") == 0)
      #expect(world.moodle.platform.grade(user: 3)?.completion == "INCOMPLETE")
    }
  }

  @Test("An activity without a grade gets none, whatever is completed", arguments: Stage.both)
  func ungraded(stage: Stage) throws {
    try World.run(stage, activities: [Activity(acceptsGrades: false)]) { world in
      let page = try world.session()
      let answer = try page.complete("accueil").json
      #expect(answer["completed"] == 1 && answer.at("grade.status") == "none")
      #expect(world.moodle.count("/scores") == 0)
      // From the next launch on the activity takes grades: what is done already is owed, and that launch delivers it.
      world.moodle.platform.changeActivity(cmid: 2) { $0.acceptsGrades = true }
      let again = try world.session()
      #expect(again.opened.at("progress.grade.status") == "delivered")
      #expect(world.moodle.platform.grade(user: 3)?.grade == 25)
      #expect(try again.complete("bilan").json.at("grade.status") == "delivered")
      #expect(world.moodle.platform.grade(user: 3)?.grade == 50)
    }
  }

  @Test("One access token serves many scores, and stands sealed in the database", arguments: Stage.both)
  func token(stage: Stage) throws {
    try World.run(stage) { world in
      for user in [3, 4, 5] {
        let page = try world.session(user: user)
        for grain in TestDatabase.grains.prefix(2) { try page.complete(grain) }
      }
      #expect(world.moodle.count("/scores") == 6)
      #expect(world.moodle.count("/token.php") == 1)
      let used = Set(
        world.moodle.requests.filter { $0.path.hasSuffix("/scores") }.compactMap { $0.fields["Authorization"] })
      let token = try #require(used.first).dropFirst("Bearer ".count)
      #expect(used.count == 1)
      let plain = Array(token.utf8)
      let raw = try #require(Hex.decode(String(token)))
      #expect(
        try world.database.count(
          "select from passerelle.access_tokens where position(\(plain) in sealed) > 0 or position(\(raw) in sealed) > 0"
        )
          == 0)
      #expect(
        try world.database.count("select from passerelle.access_tokens where expires_at > now() + interval '55 min'")
          == 1)
      // Within a minute of its end a token is not used any more.
      try world.database.execute("update passerelle.access_tokens set expires_at = now() + interval '59 s'")
      try world.session(user: 6).complete("accueil")
      #expect(world.moodle.count("/token.php") == 2)
    }
  }

  @Test("The token request is a signed assertion whose iat is set back a few seconds", arguments: Stage.both)
  func assertion(stage: Stage) throws {
    try World.run(stage) { world in
      try world.session().complete("accueil")
      let request = try #require(world.moodle.requests.first { $0.path.hasSuffix("/token.php") })
      #expect(request.mediaType == "application/x-www-form-urlencoded")
      #expect(request.postValue("grant_type") == "client_credentials")
      #expect(request.postValue("scope")?.contains("https://purl.imsglobal.org/spec/lti-ags/scope/score") == true)
      let parts = try #require(request.postValue("client_assertion")).split(separator: ".")
      let header = try JSONValue(parsing: try #require(Base64URL.decode(parts[0])))
      let claims = try JSONValue(parsing: try #require(Base64URL.decode(parts[1])))
      #expect(header["alg"] == "RS256")
      #expect(try header["kid"]?.stringValue == world.database.value("select kid from passerelle.tool_keys"))
      #expect(claims["iss"] == "sdCVQxdbZQil7Gc" && claims["sub"] == "sdCVQxdbZQil7Gc")
      #expect(claims["aud"]?.stringValue == world.moodle.url + "/mod/lti/token.php")
      let issued = try #require(claims["iat"]?.intValue)
      #expect((3...40).contains(Instant.now().seconds - issued))
      #expect(try #require(claims["exp"]?.intValue) > Instant.now().seconds)
      #expect(claims["jti"]?.stringValue?.isEmpty == false)
    }
  }

  @Test(
    "A token that Moodle no longer takes is replaced once, and the score goes through", arguments: Stage.both)
  func refreshed(stage: Stage) throws {
    try World.run(stage) { world in
      let page = try world.session()
      try page.complete("accueil")
      world.moodle.platform.revokeTokens()
      #expect(try page.complete("bilan").json.at("grade.status") == "delivered")
      #expect(world.moodle.count("/token.php") == 2)
      // 401 whatever the token: one new token, one more try, and then it waits.
      world.moodle.platform.injectNext(.status(401), .status(401), .status(401), at: .score)
      let before = (world.moodle.count("/token.php"), world.moodle.count("/scores"))
      #expect(try page.complete("exercice").json.at("grade.status") == "pending")
      #expect(world.moodle.count("/token.php") - before.0 == 1)
      #expect(world.moodle.count("/scores") - before.1 == 2)
    }
  }

  @Test(
    "A teacher's own grade stands in the gradebook; Passerelle's is delivered all the same",
    arguments: Stage.both)
  func overridden(stage: Stage) throws {
    try World.run(stage) { world in
      let page = try world.session()
      world.moodle.platform.overrideGrade(user: 3, lineItem: 2, grade: 66)
      let answer = try page.complete("accueil").json
      #expect(["delivered", "pending"].contains(answer.at("grade.status")?.stringValue))
      #expect(world.moodle.platform.grade(user: 3)?.grade == 66)
    }
  }
}
