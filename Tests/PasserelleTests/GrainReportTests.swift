import Store
import Testing
import Wire

@testable import Passerelle

/// The body of `POST /api/progress`.
@Suite struct GrainReportTests {
  private func report(_ slug: String, _ status: GrainReport.Status, _ score: Double? = nil) throws -> GrainReport {
    let grain = try #require(Slug(slug))
    return try #require(GrainReport(grain: grain, status: status, score: score))
  }

  private func list(_ json: String) throws(ReportProblem) -> [GrainReport] {
    guard let value = try? JSONValue(parsing: json) else { throw .notAReport }
    return try GrainReport.list(from: value)
  }

  @Test("One report, a list of them, with and without a score")
  func accepted() throws {
    #expect(try list(#"{"grain":"a","status":"started"}"#) == [report("a", .started)])
    #expect(try list(#"{"grain":"a","status":"completed","score":0}"#) == [report("a", .completed, 0)])
    #expect(try list(#"{"grain":"a","status":"completed","score":1,"more":[]}"#) == [report("a", .completed, 1)])
    #expect(try list(#"{"grain":"a","status":"completed"}"#) == [report("a", .completed)])
    #expect(
      try list(#"{"grains":[{"grain":"a","status":"started"},{"grain":"b","status":"completed","score":0.5}]}"#)
        == [report("a", .started), report("b", .completed, 0.5)])
  }

  @Test("What is no report says so, what is wrong in it is named, and the value is not repeated")
  func refused() throws {
    let cases: [(String, ReportProblem)] = [
      ("[]", .notAReport), ("1", .notAReport), ("null", .notAReport), ("{}", .member("grain")),
      (#"{"grain":"a"}"#, .member("status")), (#"{"grain":"a","status":"none"}"#, .member("status")),
      (#"{"grain":"a","status":"COMPLETED"}"#, .member("status")),
      (#"{"grain":1,"status":"started"}"#, .member("grain")),
      (#"{"grain":"a b","status":"started"}"#, .member("grain")),
      (#"{"grain":"a","status":"completed","score":1.0000001}"#, .member("score")),
      (#"{"grain":"a","status":"completed","score":-0.0000001}"#, .member("score")),
      (#"{"grain":"a","status":"completed","score":"0.5"}"#, .member("score")),
      (#"{"grain":"a","status":"completed","score":null}"#, .member("score")),
      (#"{"grain":"a","status":"started","score":null}"#, .member("score")),
      (#"{"grain":"a","status":"completed","score":true}"#, .member("score")),
      (#"{"grain":"a","status":"started","score":7}"#, .member("score")),
      (#"{"grains":[]}"#, .member("grains")), (#"{"grains":{}}"#, .member("grains")),
      (#"{"grains":[1]}"#, .member("grains")), (#"{"grains":null}"#, .member("grains")),
      (#"{"grain":"a","status":"started","grains":[{"grain":"b","status":"started"}]}"#, .member("grains")),
      (#"{"grains":[{"grain":"a","status":"started"},{"grain":"b"}]}"#, .member("status")),
    ]
    for (json, problem) in cases {
      #expect(throws: problem, "\(json)") { try list(json) }
    }
  }

  @Test("Five hundred grains at once, not five hundred and one")
  func limit() throws {
    func body(_ count: Int) -> JSONValue {
      ["grains": .array((0..<count).map { ["grain": .string("g\($0)"), "status": "started"] })]
    }
    #expect(try GrainReport.list(from: body(500)).count == 500)
    #expect(throws: ReportProblem.tooMany) { try GrainReport.list(from: body(501)) }
  }

  @Test("A report travels to the database by slug, status and score")
  func json() throws {
    #expect(try report("a", .completed, 0.25).json == ["slug": "a", "status": "completed", "score": 0.25])
    #expect(try report("a", .started).json == ["slug": "a", "status": "started", "score": .null])
  }

  @Test("A score outside 0…1, or that is no number, makes no report", arguments: [-0.1, 1.1, .nan, .infinity])
  func scores(score: Double) throws {
    #expect(GrainReport(grain: try #require(Slug("a")), status: .completed, score: score) == nil)
  }
}
