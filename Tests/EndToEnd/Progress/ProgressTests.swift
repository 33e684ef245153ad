import DemoMoodle
import TestSupport
import Testing
import Wire

/// `/api/progress`: what is recorded, and what the answers say.
@Suite(.needsStack) struct ProgressTests {
  /// Gives the module's grains these weights, in order.
  static func weigh(_ world: World, _ weights: [Double]) throws {
    for (slug, weight) in zip(TestDatabase.grains, weights) { try world.edit(.weigh(slug, weight)) }
  }

  @Test("Progress is read as the interface describes it, grain by grain", arguments: Stage.allCases)
  func shape(stage: Stage) throws {
    try World.run(stage) { world in
      let page = try world.session()
      _ = try page.report(["grain": "vocabulaire", "status": "started"])
      let answer = try page.complete("accueil", score: 0.5)
      let read = try page.progress()
      #expect(read.status == 200)
      #expect(read.fields["Content-Type"] == "application/json")
      #expect(read.fields["Cache-Control"] == "no-store")
      let progress = try read.json
      #expect(try progress == answer.json)
      #expect(
        progress.objectValue?.members.map(\.key) == ["module", "grains", "completed", "total", "ratio", "grade"])
      #expect(progress["module"] == ["slug": "decouverte", "title": "À la découverte"])
      #expect(progress["grains"]?.arrayValue?.compactMap { $0["slug"]?.stringValue } == TestDatabase.grains)
      var first = try #require(progress.grain("accueil")?.objectValue)
      let completedAt = try #require(first["completedAt"]?.stringValue.flatMap { Instant(rfc3339: $0) })
      #expect(abs(completedAt.seconds - Instant.now().seconds) < 30)
      first["completedAt"] = nil
      #expect(
        JSONValue.object(first)
          == ["slug": "accueil", "title": "Accueil", "weight": 1, "status": "completed", "score": 0.5])
      #expect(
        progress.grain("vocabulaire")
          == [
            "slug": "vocabulaire", "title": "Vocabulaire", "weight": 1, "status": "started", "score": .null,
            "completedAt": .null,
          ])
      #expect(progress.grain("bilan")?["status"] == "none")
      #expect(progress["completed"] == 1 && progress["total"] == 4 && progress["ratio"] == 0.125)
      #expect(
        progress["grade"]
          == ["status": "delivered", "score": 12.5, "maximum": 100, "message": "Grade sent to Moodle."])
    }
  }

  @Test("Reporting the same again changes nothing and sends nothing", arguments: Stage.allCases)
  func idempotent(stage: Stage) throws {
    try World.run(stage) { world in
      let page = try world.session()
      let first = try page.complete("accueil", score: 0.8)
      let table = stage.shape.progressTable
      func row() throws -> String {
        try world.database.value("select row_to_json(p)::text from public.\(identifier: table) p")
      }
      let stored = try row()
      for _ in 1...3 { #expect(try page.complete("accueil", score: 0.8).json == first.json) }
      #expect(try row() == stored)
      #expect(world.moodle.scores.count == 1)
    }
  }

  @Test("Completed never goes back, and the best score is kept", arguments: Stage.allCases)
  func best(stage: Stage) throws {
    try World.run(stage) { world in
      let page = try world.session()
      func grain(_ slug: String, _ body: JSONValue) throws -> [JSONValue?] {
        var report = try #require(body.objectValue)
        report["grain"] = .string(slug)
        let grain = try page.report(.object(report)).json.grain(slug)
        return [grain?["status"], grain?["score"]]
      }
      #expect(try grain("accueil", ["status": "completed", "score": 0.4]) == ["completed", 0.4])
      #expect(try grain("accueil", ["status": "started"]) == ["completed", 0.4])
      #expect(try grain("accueil", ["status": "completed", "score": 0.2]) == ["completed", 0.4])
      #expect(try grain("accueil", ["status": "completed", "score": 0.9]) == ["completed", 0.9])
      #expect(try grain("accueil", ["status": "completed", "score": 0]) == ["completed", 0.9])
      // A completed grain without a score counts whole: no score betters it, and it betters none that is known.
      #expect(try grain("vocabulaire", ["status": "completed"]) == ["completed", .null])
      #expect(try grain("vocabulaire", ["status": "completed", "score": 0.3]) == ["completed", .null])
      #expect(try grain("exercice", ["status": "started", "score": 0.7]) == ["started", .null])
      #expect(try grain("exercice", ["status": "completed", "score": 0]) == ["completed", 0])
      #expect(try page.progress().json["ratio"] == .number((0.9 + 1 + 0) / 4))
    }
  }

  @Test(
    "The ratio is the weighted mean of scores; all-or-nothing is 0 until everything is completed",
    arguments: Stage.allCases)
  func arithmetic(stage: Stage) throws {
    try World.run(stage) { world in
      try Self.weigh(world, [2, 1, 0.5, 4])
      let page = try world.session()
      var ratios: [Double] = []
      for (slug, score) in zip(TestDatabase.grains, [0.5, nil, 0.25, 1] as [Double?]) {
        ratios.append(try #require(try page.complete(slug, score: score).json["ratio"]?.doubleValue))
      }
      let expected = [1.0, 2.0, 2.125, 6.125].map { $0 / 7.5 }
      #expect(zip(ratios, expected).allSatisfy { abs($0 - $1) < 1e-12 }, "\(ratios)")
      #expect(try page.progress().json.at("grade.score") == 81.66667)
      #expect(world.moodle.platform.grade(user: 3)?.grade == 81.66667)

      try world.edit(.demandEverything)
      #expect(try page.progress().json["ratio"] == .number(expected[3]))
      let other = try world.session(user: 4)
      for slug in TestDatabase.grains.dropLast() {
        let answer = try other.complete(slug).json
        #expect(answer["ratio"] == 0 && answer.at("grade.status") == "none")
      }
      #expect(world.moodle.scores.count { $0["userId"] == "4" } == 0)
      #expect(try other.complete("bilan", score: 0.5).json["ratio"] == .number((2 + 1 + 0.5 + 2) / 7.5))
      #expect(world.moodle.platform.grade(user: 4)?.grade == 73.33333)
    }
  }

  @Test("A list is recorded whole, or not at all when one of its grains is unknown", arguments: Stage.allCases)
  func lists(stage: Stage) throws {
    try World.run(stage) { world in
      let page = try world.session()
      let bad = try page.report([
        "grains": [
          ["grain": "accueil", "status": "completed"], ["grain": "nulle-part", "status": "completed"],
        ]
      ])
      #expect(Refused(bad) == Refused(422, "unknown_grain"))
      #expect(try world.database.count("select from passerelle.progress_rows") == 0)
      let answer = try page.report([
        "grains": [
          ["grain": "accueil", "status": "completed", "score": 0.5], ["grain": "vocabulaire", "status": "started"],
          ["grain": "accueil", "status": "completed", "score": 0.75], ["grain": "bilan", "status": "completed"],
        ]
      ]).json
      #expect(answer["completed"] == 2 && answer["ratio"] == .number(1.75 / 4))
      #expect(world.moodle.scores.count == 1)
      #expect(answer.at("grade.status") == "delivered")
    }
  }

  @Test("Five hundred grains are taken in one call, five hundred and one are not", arguments: Stage.allCases)
  func limit(stage: Stage) throws {
    try World.run(stage) { world in
      for number in 1...501 { try world.edit(.addGrain("g\(number)", title: "Grain \(number)")) }
      let page = try world.session()
      func reports(_ count: Int) -> JSONValue {
        ["grains": .array((1...count).map { ["grain": .string("g\($0)"), "status": "completed"] })]
      }
      #expect(Refused(try page.report(reports(501))) == Refused(400, "invalid_body"))
      #expect(try world.database.count("select from passerelle.progress_rows") == 0)
      let answer = try page.report(reports(500))
      #expect(answer.status == 200)
      #expect(try answer.json["completed"] == 500 && answer.json["total"] == 505)
      #expect(world.moodle.scores.count == 1)
    }
  }

  @Test("An unknown grain, an archived one and another module's are 422 and named", arguments: Stage.allCases)
  func unknownGrain(stage: Stage) throws {
    try World.run(stage) { world in
      try world.edit(
        .addModule("autre", title: "Autre"), .addGrain("ailleurs", module: "autre", title: "A"), .archive("bilan"))
      // Two active modules: the launch names its own.
      world.moodle.platform.changeActivity(cmid: 2) { $0.custom = [("module", "decouverte")] }
      let page = try world.session()
      for slug in ["nulle-part", "ailleurs", "bilan", "ACCUEIL"] {
        let answer = try page.complete(slug)
        #expect(Refused(answer) == Refused(422, "unknown_grain"))
        #expect(try answer.json["detail"]?.stringValue?.contains(slug) == true)
      }
      #expect(try page.progress().json["total"] == 3)
    }
  }

  @Test("A body that is no report is refused and nothing is recorded", arguments: Stage.allCases)
  func invalidBodies(stage: Stage) throws {
    try World.run(stage) { world in
      let page = try world.session()
      let authorization = [("Authorization", "Bearer \(page.token)"), ("Content-Type", "application/json")]
      for body in [
        "", "null", "[]", "12", "\"accueil\"", "{}", "{\"grain\":\"accueil\"}", "{\"status\":\"completed\"}",
        #"{"grain":"accueil","status":"none"}"#, #"{"grain":"accueil","status":"Completed"}"#,
        #"{"grain":"accueil","status":"completed","score":1.01}"#,
        #"{"grain":"accueil","status":"completed","score":-0.1}"#,
        #"{"grain":"accueil","status":"completed","score":"1"}"#,
        #"{"grain":"accueil","status":"completed","score":null}"#,
        #"{"grain":"accueil","status":"completed","score":true}"#,
        #"{"grain":"accueil","status":"started","score":null}"#,
        #"{"grains":[{"grain":"accueil","status":"completed","score":[1]}]}"#,
        #"{"grain":"accueil","status":"completed","score":1e999}"#,
        #"{"grain":"accueil","status":"completed","score":NaN}"#, #"{"grain":7,"status":"completed"}"#,
        #"{"grain":"","status":"completed"}"#, #"{"grain":"é","status":"completed"}"#,
        #"{"grain":"a/b","status":"completed"}"#, #"{"grain":"accueil\u0000","status":"completed"}"#,
        #"{"grain":"accueil","status":"completed","grains":[]}"#, #"{"grains":[]}"#, #"{"grains":{}}"#,
        #"{"grains":["accueil"]}"#, #"{"grain":"accueil","grain":"bilan","status":"completed"}"#,
        #"{"grain":"accueil","status":"completed"} x"#, #"{"grain":"accueil","status":"completed""#,
        String(repeating: "[", count: 5000),
      ] {
        let answer = try world.send("POST", "/api/progress", fields: authorization, body: Array(body.utf8))
        #expect(Refused(answer) == Refused(400, "invalid_body"), "\(body.prefix(80))")
      }
      let notUTF8 = Array(#"{"grain":"accueil","status":"completed","x":""#.utf8) + [0xFF] + Array("\"}".utf8)
      let raw = try world.send("POST", "/api/progress", fields: authorization, body: notUTF8)
      #expect(Refused(raw) == Refused(400, "invalid_body"))
      let nul = Array(#"{"grain":"accueil","status":"completed"}"#.utf8) + [0]
      #expect(
        Refused(try world.send("POST", "/api/progress", fields: authorization, body: nul))
          == Refused(400, "invalid_body"))
      #expect(try world.database.count("select from passerelle.progress_rows") == 0)
    }
  }

  @Test("Two grains of one learner completed at the same instant are both counted", arguments: Stage.allCases)
  func atOnce(stage: Stage) throws {
    try World.run(stage) { world in
      for user in 101...105 {
        let page = try world.session(user: user)
        let answers = try simultaneously(4) { try page.complete(TestDatabase.grains[$0]) }.map { try $0.get() }
        #expect(answers.allSatisfy { $0.status == 200 })
        // The last to leave has delivered everything: a newer version found on the way is delivered too.
        let read = try page.progress().json
        #expect(read["completed"] == 4 && read["ratio"] == 1)
        #expect(read.at("grade.status") == "delivered")
        #expect(world.moodle.platform.grade(user: user)?.grade == 100)
      }
      #expect(world.moodle.platform.audit().overlaps.isEmpty)
      #expect(world.moodle.platform.audit().decreases.isEmpty)
    }
  }
}
