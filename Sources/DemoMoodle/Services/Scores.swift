import Wire

extension Platform {
  /// POST …/scores.
  ///
  /// Success is 200 with an empty body. A refusal has the body `[]` and the received body in the reason phrase; when
  /// that body holds a line break PHP drops the status line, and the refusal leaves as **200 with `[]`**.
  func scores(_ request: MoodleRequest, _ arguments: [String]) throws -> MoodleResponse {
    let tool = try checkTool(request, anyOf: [Scope.score])
    try checkFormat(request, container: Services.scoresType, single: Services.scoreType)
    let item = try checkItem(arguments, tool: tool)
    let received = String(decoding: request.body, as: UTF8.self)
    let incorrect = Self.refusedScore(400, "Incorrect score received" + received)
    guard let score = try? JSONValue(parsing: request.body), score.objectValue != nil,
      let timestamp = score["timestamp"]?.stringValue.flatMap(ScoreTimestamp.seconds),
      let gradingProgress = score["gradingProgress"], !gradingProgress.isNull,
      let activityProgress = score["activityProgress"], !activityProgress.isNull,
      let userID = score["userId"], !userID.isNull
    else { return incorrect }
    let given = Self.present(score["scoreGiven"])
    let maximum = Self.present(score["scoreMaximum"])
    guard given == nil || maximum != nil, given.map(Self.numeric) != .some(nil), maximum.map(Self.numeric) != .some(nil)
    else { return incorrect }
    // A user id that is no number is a "coding error" with code 0, which Apache turns into 500.
    guard let user = RequestLog.user(userID) else { return Self.refusedScore(500, nil) }
    guard person(user)?.isGradable == true else { return incorrect }

    let counts = gradingProgress.stringValue == "FullyGraded"
    let stored = Gradebook.Score(
      user: user, timestamp: timestamp, given: counts ? given.flatMap(Self.numeric) : nil,
      maximum: maximum.flatMap(Self.numeric) ?? 1, comment: score["comment"]?.stringValue ?? "")
    let (now, milliseconds) = (now().seconds, nowMilliseconds())
    let outcome = state.withLock { state -> Gradebook.Outcome in
      // The course total is dated by the server's clock whenever a grade changes; only this refusal was observed.
      guard item.origin != .courseTotal else { return .earlierTimestamp }
      // The item may have been locked or deleted since it was looked up.
      guard let item = state.gradebook.lineItem(item.id) else { return .locked }
      return state.gradebook.store(stored, in: item, now: now, milliseconds: milliseconds)
    }
    switch outcome {
    case .stored: return MoodleResponse(status: 200, contentType: Services.scoreType + "; charset=utf-8")
    case .earlierTimestamp:
      return Self.refusedScore(409, "Refusing score with an earlier timestamp for item \(item.id) and user \(user)")
    case .locked: return Self.refusedScore(500, nil)
    }
  }

  private static func refusedScore(_ status: Int, _ reason: String?) -> MoodleResponse {
    let breaksLine = reason?.unicodeScalars.contains { $0 == "\n" || $0 == "\r" || $0 == "\0" } ?? false
    return MoodleResponse(
      status: breaksLine ? 200 : status, reason: breaksLine ? nil : reason,
      contentType: Services.scoreType + "; charset=utf-8", body: Array("[]".utf8))
  }

  /// PHP's `isset`: there and not null.
  private static func present(_ json: JSONValue?) -> JSONValue? {
    guard let json, !json.isNull else { return nil }
    return json
  }

  /// PHP's `is_numeric`: a number, or text that is one.
  private static func numeric(_ json: JSONValue) -> Double? {
    json.doubleValue ?? json.stringValue.flatMap(PHPNumber.value)
  }

  /// GET …/results: whoever has something dated. `limit` makes Moodle 4.5 fall over with a 404 page.
  func results(_ request: MoodleRequest, _ arguments: [String]) throws -> MoodleResponse {
    let tool = try checkTool(request, anyOf: [Scope.result])
    let item = try checkItem(arguments, tool: tool)
    guard request.queryValue("limit") == nil else {
      return Pages.moodleError(
        "Exception - Call to a member function out() on null", site: configuration.siteName)
    }
    let wanted = request.queryValue("user_id").flatMap { Int($0) }
    let grades = state.withLock { state in
      state.gradebook.users(in: item.id).filter { wanted == nil || wanted == $0 }
        .compactMap { user in state.gradebook.grade(user: user, lineItem: item.id).map { (user, $0) } }
    }
    let rows = grades.compactMap { user, grade -> JSONValue? in
      guard let modified = grade.timeModified else { return nil }
      var row: JSONObject = [
        "id": .string(lineItemURL(item.id, tool: tool, suffix: "/results", extraQuery: "&user_id=\(user)")),
        "userId": .string(String(user)),
      ]
      guard let final = grade.final else { return .object(row) }
      row["resultScore"] = .number(final)
      row["resultMaximum"] = .number(item.maximum)
      row["comment"] = grade.feedback.map(JSONValue.string)
      row["scoreOf"] = .string(lineItemURL(item.id, tool: tool))
      row["timestamp"] = .string(PHPDate.c(modified))
      return .object(row)
    }
    return Self.service(.array(rows), type: Services.resultsType)
  }
}
