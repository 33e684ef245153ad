import DemoMoodle
import Testing
import Wire

@Suite("What a score does to the gradebook")
struct GradeRuleTests {
  private func post(_ body: JSONValue, to stage: Stage, token: String) throws -> Int {
    try stage.send(
      "POST", "/mod/lti/services.php/2/lineitems/2/lineitem/scores?type_id=1",
      fields: [("Content-Type", "application/vnd.ims.lis.v1.score+json"), ("Authorization", "Bearer " + token)],
      body: body.encoded
    ).status
  }

  private func score(
    _ given: JSONValue?, of maximum: Double, second: Int, user: Int = 3, comment: String? = nil,
    progress: String = "FullyGraded"
  ) -> JSONValue {
    var object: JSONObject = [
      "userId": .string(String(user)), "timestamp": .string("2026-11-23T01:00:\(second)Z"),
      "activityProgress": "InProgress", "gradingProgress": .string(progress),
    ]
    object["scoreGiven"] = given
    object["scoreMaximum"] = .number(maximum)
    object["comment"] = comment.map(JSONValue.string)
    return .object(object)
  }

  @Test("it is rescaled to the column, kept to 5 decimals, and clamped to 0 and the maximum")
  func arithmetic() throws {
    let stage = try Stage()
    defer { stage.stop() }
    let token = try stage.token()
    let table: [(given: Double, maximum: Double, grade: Double)] = [
      (0.8, 1, 80), (17, 20, 85), (7, 9, 77.77778), (150, 100, 100), (-5, 100, 0), (5, 0, 5), (5, -1, 0), (0, 4, 0),
      (1, 3, 33.33333), (2, 3, 66.66667),
    ]
    for (index, row) in table.enumerated() {
      #expect(try post(score(.number(row.given), of: row.maximum, second: 10 + index), to: stage, token: token) == 200)
      #expect(stage.platform.grade(user: 3)?.grade == row.grade, "\(row)")
    }
  }

  @Test("anything but FullyGraded with a score erases grade, comment, time and completion")
  func erasing() throws {
    let stage = try Stage()
    defer { stage.stop() }
    let token = try stage.token()
    for (index, progress) in ["Pending", "PendingManual", "Failed", "NotReady", "Foo"].enumerated() {
      let second = 10 + index * 4
      #expect(try post(score(40, of: 100, second: second, comment: "c"), to: stage, token: token) == 200)
      #expect(stage.platform.grade(user: 3)?.completion == "COMPLETE")
      #expect(try post(score(60, of: 100, second: second + 1, progress: progress), to: stage, token: token) == 200)
      let row = try #require(stage.platform.grade(user: 3))
      #expect(row.grade == nil)
      #expect(row.comment == nil)
      #expect(row.timestamp == nil)
      #expect(row.completion == "INCOMPLETE")
      // With the time gone, an older score is taken.
      #expect(try post(score(41, of: 100, second: second), to: stage, token: token) == 200)
      #expect(try post(score(.null, of: 100, second: second + 2), to: stage, token: token) == 200)
      #expect(stage.platform.grade(user: 3)?.grade == nil)
    }
  }

  @Test("a score without a comment, or with an empty one, erases the former comment")
  func comments() throws {
    let stage = try Stage()
    defer { stage.stop() }
    let token = try stage.token()
    let long = String(repeating: "é🎉\n", count: 2000)
    for (index, comment) in ["first", "", "<b>x</b>", nil, long].enumerated() {
      #expect(try post(score(40, of: 100, second: 10 + index, comment: comment), to: stage, token: token) == 200)
      #expect(stage.platform.grade(user: 3)?.comment == (comment?.isEmpty == false ? comment : nil))
    }
  }

  @Test("completion follows the activity's rule")
  func completion() throws {
    let stage = try Stage(activities: [
      Activity(completion: .passingGrade(60)), Activity(cmid: 3, instance: 2, name: "Seen", completion: .view),
    ])
    defer { stage.stop() }
    let token = try stage.token()
    #expect(stage.platform.grade(user: 3)?.completion == "INCOMPLETE")
    for (index, (given, expected)) in [(40, "COMPLETE_FAIL"), (70, "COMPLETE_PASS"), (50, "COMPLETE_FAIL")].enumerated()
    {
      #expect(try post(score(.number(Double(given)), of: 100, second: 10 + index), to: stage, token: token) == 200)
      #expect(stage.platform.grade(user: 3)?.completion == expected)
    }
    #expect(try stage.score(50, at: "2026-11-23T01:00:00Z", token: token, lineItem: 3).status == 200)
    #expect(stage.platform.grade(user: 3, activity: 2)?.completion == "INCOMPLETE")
    _ = try stage.send("GET", "/mod/lti/launch.php?id=3&user=3")
    #expect(stage.platform.grade(user: 3, activity: 2)?.completion == "INCOMPLETE")
    _ = try stage.send("GET", "/mod/lti/view.php?id=3&user=3")
    #expect(stage.platform.grade(user: 3, activity: 2)?.completion == "COMPLETE")
  }

  @Test("a teacher's grade stands, a locked one answers 500, and /demo/control does both from outside")
  func teachers() throws {
    let stage = try Stage()
    defer { stage.stop() }
    let token = try stage.token()
    func control(_ body: String) throws -> Int { try stage.send("POST", "/demo/control", body: body).status }
    #expect(try control(#"{"action":"override","user":3,"lineItem":2,"grade":75,"comment":"prof"}"#) == 200)
    #expect(try stage.score(90, at: "2099-01-01T00:00:00Z", token: token).status == 200)
    #expect(stage.platform.grade(user: 3)?.grade == 75)
    #expect(stage.platform.grade(user: 3)?.comment == "prof")
    #expect(try control(#"{"action":"lock","user":4,"lineItem":2}"#) == 200)
    #expect(try stage.score(90, user: 4, at: "2026-11-23T01:00:00Z", token: token).status == 500)
    #expect(try control(#"{"action":"unlock","user":4,"lineItem":2}"#) == 200)
    #expect(try stage.score(90, user: 4, at: "2026-11-23T01:00:00Z", token: token).status == 200)
    #expect(try control(#"{"action":"reset","lineItem":2}"#) == 200)
    #expect(stage.platform.gradebook().allSatisfy { $0.grade == nil })
    #expect(try control(#"{"action":"dance"}"#) == 400)
    #expect(try control("{") == 400)
  }
}
