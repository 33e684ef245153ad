import Wire

/// One request to the services or the token endpoint, as `/demo/requests` shows it. Nothing secret is kept.
package struct LoggedRequest: Sendable, Equatable {
  /// Which service.
  package var endpoint: Endpoint
  /// The method.
  package var method: String
  /// The path, without the query.
  package var path: String
  /// The status given; nil while it is handled, and when the connection was cut.
  package var status: Int?
  /// When it arrived, milliseconds since 1970.
  package var startedAt: Int64
  /// When its answer had left, its connection was cut, or its client had hung up; nil before that.
  package var completedAt: Int64?
  /// The client hung up before the answer.
  package var abandoned = false
  /// Whose grade a score or a Basic Outcome changes.
  package var user: Int?
  /// The line item: the one in the path, or that of the activity whose outcome comes.
  package var lineItem: Int?
  /// The name of the fault that struck it.
  package var fault: String?
}

/// Two scores for one person in one column whose times overlapped.
package struct Overlap: Sendable, Equatable {
  /// The one that arrived first.
  package var first: LoggedRequest
  /// The one that arrived before the first was done.
  package var second: LoggedRequest
}

/// The requests received, in order of arrival.
struct RequestLog: Sendable {
  private(set) var entries: [LoggedRequest] = []

  /// - Parameter column: the column of an activity, by instance id.
  mutating func begin(
    endpoint: Endpoint, request: MoodleRequest, at: Int64, fault: Fault?, column: (Int) -> Int?
  ) -> Int {
    var entry = LoggedRequest(
      endpoint: endpoint, method: request.method, path: request.path, startedAt: at, fault: fault?.name)
    let parts = request.path.split(separator: "/")
    if let index = parts.firstIndex(of: "lineitems"), index + 1 < parts.count { entry.lineItem = Int(parts[index + 1]) }
    if endpoint == .score, let score = try? JSONValue(parsing: request.body) { entry.user = Self.user(score["userId"]) }
    if endpoint == .outcome, let message = OutcomeMessage(request.body), message.operation != "readResultRequest",
      let id = ResultSourcedID(message.sourcedID)
    {
      entry.user = id.user
      entry.lineItem = column(id.instance)
    }
    entries.append(entry)
    return entries.count - 1
  }

  mutating func answer(_ index: Int, status: Int?) { entries[index].status = status }

  mutating func abandon(_ index: Int, at: Int64) {
    entries[index].abandoned = true
    entries[index].completedAt = at
  }

  mutating func complete(_ index: Int, at: Int64) {
    if entries[index].completedAt == nil { entries[index].completedAt = at }
  }

  /// Moodle takes the user id as a string or as a number.
  static func user(_ json: JSONValue?) -> Int? {
    json?.intValue.map(Int.init) ?? json?.stringValue.flatMap { Int($0) }
  }

  /// Requests that change one person's grades, in any column of the course, and overlapped in time.
  var crossings: [Overlap] {
    var latest: [Int: LoggedRequest] = [:]
    var found: [Overlap] = []
    for entry in entries where entry.endpoint == .score || entry.endpoint == .outcome {
      guard let user = entry.user else { continue }
      if let earlier = latest[user] {
        if earlier.completedAt.map({ $0 > entry.startedAt }) ?? true {
          found.append(Overlap(first: earlier, second: entry))
        }
        if (earlier.completedAt ?? .max) > (entry.completedAt ?? .max) { continue }
      }
      latest[user] = entry
    }
    return found
  }

  /// Scores that overlapped. A client that hung up is done at that instant, and may well have sent its next score.
  var overlaps: [Overlap] {
    var latest: [Gradebook.Cell: LoggedRequest] = [:]
    var found: [Overlap] = []
    for entry in entries where entry.endpoint == .score || entry.endpoint == .outcome {
      guard let user = entry.user, let lineItem = entry.lineItem else { continue }
      let cell = Gradebook.Cell(user: user, lineItem: lineItem)
      if let earlier = latest[cell] {
        if earlier.completedAt.map({ $0 > entry.startedAt }) ?? true {
          found.append(Overlap(first: earlier, second: entry))
        }
        // Compare what follows with whichever of the two lasted longer.
        if (earlier.completedAt ?? .max) > (entry.completedAt ?? .max) { continue }
      }
      latest[cell] = entry
    }
    return found
  }
}

extension LoggedRequest {
  /// The entry for `/demo/requests`.
  var json: JSONValue {
    .object(
      JSONObject([
        ("endpoint", .string(endpoint.rawValue)), ("method", .string(method)), ("path", .string(path)),
        ("status", status.map { .number(Double($0)) } ?? .null), ("startedAt", .number(Double(startedAt))),
        ("completedAt", completedAt.map { .number(Double($0)) } ?? .null), ("abandoned", .bool(abandoned)),
        ("user", user.map { .number(Double($0)) } ?? .null),
        ("lineItem", lineItem.map { .number(Double($0)) } ?? .null), ("fault", fault.map { .string($0) } ?? .null),
      ]))
  }
}
