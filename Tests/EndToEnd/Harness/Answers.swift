import DemoMoodle
import Foundation
import Synchronization
import Testing
import Wire

extension HTTPResponse {
  /// The body as text.
  var text: String { String(decoding: body, as: UTF8.self) }

  /// The body as JSON.
  var json: JSONValue {
    get throws { try JSONValue(parsing: body) }
  }

  /// The refusal's code: of a problem document, or of a page.
  var code: String? {
    if fields["Content-Type"]?.hasPrefix("application/problem+json") == true {
      return (try? json)?["code"]?.stringValue
    }
    guard let start = text.range(of: "<code>"), let end = text.range(of: "</code>") else { return nil }
    return String(text[start.upperBound..<end.lowerBound])
  }
}

/// The status and the code of a refusal, to be compared at once.
struct Refused: Equatable, CustomTestStringConvertible {
  let status: Int
  let code: String?

  init(_ status: Int, _ code: String?) {
    self.status = status
    self.code = code
  }

  init(_ response: HTTPResponse?) {
    status = response?.status ?? 0
    code = response?.code
  }

  var testDescription: String { "\(status) \(code ?? "–")" }
}

extension JSONValue {
  /// A member of a member: `grade.status`.
  func at(_ path: String) -> JSONValue? {
    path.split(separator: ".").reduce(self as JSONValue?) { $0?[String($1)] }
  }

  /// The grain of that slug in an answer about progress.
  func grain(_ slug: String) -> JSONValue? {
    self["grains"]?.arrayValue?.first { $0["slug"]?.stringValue == slug }
  }
}
