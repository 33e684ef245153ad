import Wire

/// The `/demo` paths: what scripts and tests read and steer. A real Moodle has none of them.
extension Platform {
  /// GET /demo/gradebook[?activity=INSTANCE]: the gradebook as JSON.
  func gradebookRows(_ request: MoodleRequest) -> MoodleResponse {
    let activity = request.queryValue("activity").flatMap { Int($0) }
    let rows = gradebook().filter { activity == nil || $0.activity == activity }
    return .json(.array(rows.map(\.json)))
  }

  /// GET /demo/requests: the log as JSON.
  func loggedRequests(_ request: MoodleRequest) -> MoodleResponse { .json(.array(requests().map(\.json))) }

  /// GET /demo/audit: overlaps, decreases and fault counts.
  func auditDocument(_ request: MoodleRequest) -> MoodleResponse {
    let audit = audit()
    let decreases = audit.decreases.map { change -> JSONValue in
      [
        "user": .number(Double(change.user)), "lineItem": .number(Double(change.lineItem)),
        "before": change.before.map(JSONValue.number) ?? .null, "after": change.after.map(JSONValue.number) ?? .null,
        "at": .number(Double(change.at)),
      ]
    }
    let injected = audit.injected.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.number(Double($0.value))) }
    return .json([
      "overlaps": .array(audit.overlaps.map { ["first": $0.first.json, "second": $0.second.json] }),
      "decreases": .array(decreases), "injected": .object(JSONObject(injected)),
      "injectedTotal": .number(Double(audit.injectedTotal)),
    ])
  }

  /// GET /demo/faults: what is planned and what struck.
  func faultDocument(_ request: MoodleRequest) -> MoodleResponse { .json(withFaults { $0.json }) }

  /// POST /demo/faults: see `FaultPlan.apply`.
  func changeFaults(_ request: MoodleRequest) -> MoodleResponse {
    guard let document = try? JSONValue(parsing: request.body) else {
      return .json(["error": "the body is not JSON"], status: 400)
    }
    if let problem = withFaults({ $0.apply(document) }) { return .json(["error": .string(problem)], status: 400) }
    return faultDocument(request)
  }

  /// POST /demo/control: `{"action": "override" | "lock" | "unlock" | "reset" | "enrol" | "suspend" | "unenrol" |
  /// "revoke-tokens" | "forget-keys" | "activate" | "reset-course" | "delete-items" | "remake-column" | "delete-activity" |
  /// "copy-activity", "cmid": 2, "user": 3, "lineItem": 2, "grade": 75, "comment": "…", "tool": 3}`.
  func control(_ request: MoodleRequest) -> MoodleResponse {
    let order = try? JSONValue(parsing: request.body)
    let user = order?["user"]?.intValue.map(Int.init)
    let lineItem = order?["lineItem"]?.intValue.map(Int.init)
    let cmid = order?["cmid"]?.intValue.map(Int.init) ?? 0
    switch (order?["action"]?.stringValue, user, lineItem, order?["grade"]?.doubleValue) {
    case ("override", let user?, let item?, let grade?):
      overrideGrade(user: user, lineItem: item, grade: grade, comment: order?["comment"]?.stringValue)
    case ("lock", _, let item?, _): setLocked(true, lineItem: item, user: user)
    case ("unlock", _, let item?, _): setLocked(false, lineItem: item, user: user)
    case ("reset", _, let item?, _): resetGrades(lineItem: item, user: user)
    case ("enrol", let user?, _, _): setEnrolment(.active, user: user)
    case ("suspend", let user?, _, _): setEnrolment(.suspended, user: user)
    case ("unenrol", let user?, _, _): setEnrolment(.none, user: user)
    case ("revoke-tokens", _, _, _): revokeTokens()
    case ("forget-keys", _, _, _): forgetToolKeys()
    case ("reset-course", _, _, _): resetCourse()
    case ("delete-items", _, _, _): deleteItemsAndGrades()
    case ("remake-column", _, _, _): remakeColumn(cmid: cmid)
    case ("delete-activity", _, _, _): deleteActivity(cmid: cmid)
    case ("copy-activity", _, _, _): copyActivity(cmid: cmid)
    case ("activate", _, _, _):
      guard let id = order?["tool"]?.intValue.map(Int.init), activateTool(id) else {
        return .json(["error": "no such tool"], status: 400)
      }
    default: return .json(["error": "unknown action, or something it needs is missing"], status: 400)
    }
    return .json(["done": true])
  }
}

extension GradebookRow {
  /// The row of `/demo/gradebook`.
  var json: JSONValue {
    [
      "user": .number(Double(user)), "name": .string(name), "lineItem": .number(Double(lineItem)),
      "label": .string(label), "activity": activity.map { .number(Double($0)) } ?? .null,
      "grade": grade.map(JSONValue.number) ?? .null, "maximum": .number(maximum),
      "comment": comment.map(JSONValue.string) ?? .null,
      "timestamp": timestamp.map { .string(Instant(seconds: $0).rfc3339) } ?? .null,
      "completion": completion.map(JSONValue.string) ?? .null,
    ]
  }
}
