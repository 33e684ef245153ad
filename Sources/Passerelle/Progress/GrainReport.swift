import Store
import Wire

/// What a mini-site says of one grain.
package struct GrainReport: Equatable, Sendable {
  /// How far the learner is. `none` is never reported: it is the absence of a report.
  package enum Status: String, Sendable {
    /// The learner opened the grain.
    case started
    /// The learner finished it.
    case completed
  }

  /// The grain, within the session's module.
  package let grain: Slug
  /// How far the learner is.
  package let status: Status
  /// 0 to 1; counts only when completed, and is 1 when absent. JSON's `null` is not absence: a page's 0 ÷ 0 becomes it.
  package let score: Double?

  /// Checks the score's range.
  package init?(grain: Slug, status: Status, score: Double?) {
    if let score, !(0...1).contains(score) { return nil }
    self.grain = grain
    self.status = status
    self.score = score
  }

  /// The report as the database function reads it.
  package var json: JSONValue {
    var object = JSONObject()
    object["slug"] = .string(grain.value)
    object["status"] = .string(status.rawValue)
    object["score"] = score.map(JSONValue.number) ?? .null
    return .object(object)
  }
}

/// Why a progress body cannot be used. Names the member, never its value.
package enum ReportProblem: Error, Equatable, Sendable {
  /// The body is not an object with `grain` and `status`, or with `grains`.
  case notAReport
  /// The list holds more than ``GrainReport/maximumCount`` grains.
  case tooMany
  /// A member is missing or holds an unusable value.
  case member(String)
}

extension GrainReport {
  /// As many grains as one call may report.
  package static let maximumCount = 500

  /// Reads the body of `POST /api/progress`: one report, or `{"grains": […]}` with at least one.
  package static func list(from body: JSONValue) throws(ReportProblem) -> [GrainReport] {
    guard case .object(let object) = body else { throw .notAReport }
    guard let listed = object["grains"] else { return [try GrainReport(object)] }
    guard object["grain"] == nil, case .array(let values) = listed, !values.isEmpty else { throw .member("grains") }
    guard values.count <= maximumCount else { throw .tooMany }
    var reports: [GrainReport] = []
    reports.reserveCapacity(values.count)
    for value in values {
      guard case .object(let entry) = value else { throw .member("grains") }
      reports.append(try GrainReport(entry))
    }
    return reports
  }

  private init(_ object: JSONObject) throws(ReportProblem) {
    guard case .string(let name)? = object["grain"], let grain = Slug(name) else { throw .member("grain") }
    guard case .string(let word)? = object["status"], let status = Status(rawValue: word) else {
      throw .member("status")
    }
    let score: Double? =
      switch object["score"] {
      case nil: nil
      case .number(let number): number
      default: throw .member("score")
      }
    guard let report = GrainReport(grain: grain, status: status, score: score) else { throw .member("score") }
    self = report
  }
}
