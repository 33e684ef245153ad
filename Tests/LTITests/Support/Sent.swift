import Testing
import Wire

/// Answers each request in turn from a list and keeps what was asked.
final class Sent {
  private(set) var requests: [HTTPRequest] = []
  private var answers: [Result<HTTPResponse, TransportFailure>]

  init(_ answers: HTTPResponse...) { self.answers = answers.map { .success($0) } }
  init(failure: TransportFailure) { answers = [.failure(failure)] }

  func send(_ request: HTTPRequest) throws(TransportFailure) -> HTTPResponse {
    requests.append(request)
    guard !answers.isEmpty else { throw .closedEarly(afterSending: false) }
    return try answers.removeFirst().get()
  }

  /// The only request that was sent.
  func only(_ location: SourceLocation = #_sourceLocation) throws -> HTTPRequest {
    #expect(requests.count == 1, sourceLocation: location)
    return try #require(requests.first, sourceLocation: location)
  }
}

extension HTTPResponse {
  static func answer(_ status: Int, _ body: String = "", _ fields: [(String, String)] = []) -> HTTPResponse {
    HTTPResponse(status: status, fields: HTTPFields(fields), body: Array(body.utf8))
  }
}

/// `#require` for use inside another `#require`, which may not nest.
func known<Value>(_ value: Value?, _ location: SourceLocation = #_sourceLocation) throws -> Value {
  try #require(value, sourceLocation: location)
}
