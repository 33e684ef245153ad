import CGI
import Postgres
import Store
import Wire

/// `/api/progress`: reads a learner's progress; records it, then delivers the grade before it answers.
enum ProgressHandler {
  static func read(_ exchange: Exchange) throws(Refusal) -> Response {
    let token = try exchange.sessionToken()
    let stored = try exchange.database { (database) throws(PostgresError) in
      try ProgressStore.read(token: token, in: database)
    }
    try exchange.admit(stored.outcome, locale: stored.locale)
    return .json(try answer(stored.progress, grade: stored.grade, exchange))
  }

  static func write(_ exchange: Exchange) throws(Refusal) -> Response {
    let token = try exchange.sessionToken()
    let body = try exchange.json()
    let (reports, run) = (try reports(body), try run(body))
    let stored = try exchange.database { (database) throws(PostgresError) in
      try ProgressStore.write(
        token: token, reports: JSONValue.array(reports.map(\.json)).encoded, run: run,
        leaseSeconds: GradeCourier.leaseSeconds(exchange.settings), in: database)
    }
    // Only a session that was accepted gets as far as a grain that is unknown.
    if let slug = stored.unknownSlug {
      exchange.locale = stored.locale
      throw .unknownGrain(slug)
    }
    try exchange.admit(stored.outcome, locale: stored.locale)
    let outcomes = try GradeCourier.deliverNow(stored.deliveries, exchange)
    return .json(
      try answer(stored.progress, grade: stored.grade, exchange, outcome: outcomes[stored.enrolment ?? ""]))
  }

  /// The stored progress with the grade, its status as words; `outcome` is that of a delivery made just now. All but the grade is
  /// handed out as the database wrote it: to read and write a hundred grains would take longer than all the rest.
  static func answer(
    _ progress: String?, grade: String?, _ exchange: Exchange, outcome: GradeCourier.Outcome? = nil
  ) throws(Refusal) -> [UInt8] {
    guard let progress, progress.utf8.last == UInt8(ascii: "}"),
      var grade = grade.flatMap({ try? JSONValue(parsing: $0) })?.objectValue,
      let stored = grade["status"]?.stringValue.flatMap(GradeStatus.init(rawValue:))
    else { throw unreadable }
    if let outcome {
      grade["score"] = .number(outcome.score)
      grade["maximum"] = .number(outcome.maximum)
    }
    if let readBack = outcome?.readBack { grade["moodle"] = found(readBack, maximum: outcome?.maximum) }
    let status = outcome?.status ?? stored
    // What the database knows beside the status, which is the program's to say.
    let code = grade["code"]?.stringValue
    grade["code"] = nil
    if grade["moodle"]?.isNull == true || status != .delivered { grade["moodle"] = nil }
    if grade["isPercent"]?.boolValue != true || outcome?.maximumIsKnown == true { grade["isPercent"] = nil }
    grade["status"] = .string(status.rawValue)
    let leavesSoon = outcome == nil && grade["leavesSoon"]?.boolValue == true
    grade["leavesSoon"] = nil
    let none = DeliveryProblem.activityWithoutGrade
    let words =
      switch status {
      case .none where outcome.map(\.isWithoutGrade) ?? (code == none.code): none.words
      case .pending where leavesSoon: GradeStatus.wordsOfSoon
      default: status.words
      }
    grade["message"] = .string(words[exchange.language])
    var answer: [UInt8] = []
    answer.reserveCapacity(progress.utf8.count + 512)
    answer.append(contentsOf: progress.utf8)
    answer.removeLast()
    answer.append(contentsOf: #","grade":"#.utf8)
    answer.append(contentsOf: grade.encodedBytes)
    answer.append(UInt8(ascii: "}"))
    return answer
  }

  static var unreadable: Refusal { .internalError("the database answered progress that cannot be read") }

  /// What the platform made of a grade that was delivered just now, where that is something else, as `passerelle.moodle_has` says it.
  private static func found(_ readBack: GradeAttempt.ReadBack, maximum: Double?) -> JSONValue? {
    guard !readBack.isEqual, let score = readBack.score, let maximum else { return nil }
    var found: JSONObject = [
      "score": .number((score * 100_000).rounded() / 100_000), "maximum": .number(maximum),
      "readAt": .string(readBack.readAt.rfc3339),
    ]
    if readBack.isScale { found["isScale"] = .bool(true) }
    return .object(found)
  }

  /// The run that the page knows, as its session named it; nil for one that does not say.
  private static func run(_ body: JSONValue) throws(Refusal) -> Int? {
    guard let member = body["run"] else { return nil }
    guard let run = member.doubleValue.flatMap({ Int32(exactly: $0) }), run >= 0 else {
      throw .invalidBody("\"run\" has a value that cannot be used")
    }
    return Int(run)
  }

  private static func reports(_ body: JSONValue) throws(Refusal) -> [GrainReport] {
    do { return try GrainReport.list(from: body) } catch {
      switch error {
      case .notAReport: throw .invalidBody("expected an object with \"grain\" and \"status\", or with \"grains\"")
      case .tooMany: throw .invalidBody("more than \(GrainReport.maximumCount) grains")
      case .member(let name): throw .invalidBody("\"\(name)\" is missing or has a value that cannot be used")
      }
    }
  }
}
