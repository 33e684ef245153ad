import Store
import Wire

/// The roster as the API answers it: what the database said, with words in the teacher's language.
struct RosterDocument {
  /// The JSON document.
  let json: JSONObject
  private let grains: [String]
  private let learners: [JSONObject]

  /// Nil when the database's answer cannot be read: it and the program disagree.
  init?(_ answer: Rosters.Answer, in language: Language) {
    guard let text = answer.roster, var document = try? JSONValue(parsing: text).objectValue,
      let grains = document["grains"]?.arrayValue?.compactMap({ $0["slug"]?.stringValue }),
      let rows = document["learners"]?.arrayValue
    else { return nil }
    var learners: [JSONObject] = []
    learners.reserveCapacity(rows.count)
    for row in rows {
      guard let learner = Self.learner(row, in: language) else { return nil }
      learners.append(learner)
    }
    if let details = answer.details, !learners.isEmpty {
      guard let details = try? JSONValue(parsing: details) else { return nil }
      learners[0]["details"] = details
    }
    document["learners"] = .array(learners.map(JSONValue.object))
    document["membershipsAt"] = JSONValue(answer.readAt)
    json = document
    self.grains = grains
    self.learners = learners
  }

  /// The module's slug.
  var module: String { json["module"]?["slug"]?.stringValue ?? "" }

  private static func learner(_ row: JSONValue, in language: Language) -> JSONObject? {
    guard var learner = row.objectValue, var grade = learner["grade"]?.objectValue,
      let status = grade["status"]?.stringValue.flatMap(GradeStatus.init(rawValue:))
    else { return nil }
    let error = language == .french ? grade["errorFr"] : grade["error"]
    grade["error"] = nil
    grade["errorFr"] = nil
    grade["message"] = .string(status.wordsForTeachers[language])
    if let error = error?.stringValue { grade["lastError"] = .string(error) }
    learner["grade"] = .object(grade)
    return learner
  }

  // MARK: - As a table

  /// The columns before those of the grains.
  private static var columns: [String] {
    [
      "name", "email", "completed", "total", "ratio", "grade_status", "grade_score", "grade_maximum", "last_seen",
    ]
  }

  /// The roster as comma-separated values: a record for each learner, after the header.
  var csv: String {
    let header: [String] = Self.columns + grains
    let records: [[String]] = learners.map { record($0) }
    return CSVText.encode([header] + records)
  }

  private func record(_ learner: JSONObject) -> [String] {
    let grade = learner["grade"]
    let cells = learner["grains"]
    let columns: [String] = [
      CSVText.harmless(Self.cell(learner["name"])), CSVText.harmless(Self.cell(learner["email"])),
      Self.cell(learner["completed"]), Self.cell(learner["total"]), Self.cell(learner["ratio"]),
      Self.cell(grade?["status"]), Self.cell(grade?["score"]), Self.cell(grade?["maximum"]),
      Self.cell(learner["lastSeenAt"]),
    ]
    return columns + grains.map { Self.cell(cells?[$0]) }
  }

  private static func cell(_ value: JSONValue?) -> String {
    switch value {
    case nil, .null: ""
    case .string(let text): text
    case .some(let value): value.encoded
    }
  }
}
