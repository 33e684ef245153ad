import Wire

/// One HTTP request as the demo platform sees it: PHP's view, where the query string is kept raw.
package struct MoodleRequest: Sendable {
  /// The method, upper case as sent.
  package var method: String
  /// The request target exactly as sent: path and, after `?`, the query.
  package var target: String
  /// The header fields in order of arrival.
  package var fields: HTTPFields
  /// The body, already de-chunked.
  package var body: [UInt8]

  /// A request made by hand; the server makes one per connection.
  package init(method: String, target: String, fields: HTTPFields = HTTPFields(), body: [UInt8] = []) {
    self.method = method
    self.target = target
    self.fields = fields
    self.body = body
  }

  /// The path: what precedes the first `?`.
  package var path: String { String(target.prefix { $0 != "?" }) }

  /// The raw query: what follows the first `?`, or an empty string.
  package var query: String {
    target.firstIndex(of: "?").map { String(target[target.index(after: $0)...]) } ?? ""
  }

  /// One item of the query, as PHP's `$_GET` would hold it.
  package func queryValue(_ name: String) -> String? {
    Self.phpForm(Array(query.utf8)).last { $0.name == name }?.value
  }

  /// One field of a url-encoded body, as PHP's `$_POST` would hold it.
  package func postValue(_ name: String) -> String? { postItems.last { $0.name == name }?.value }

  /// The fields of a url-encoded body in order; empty for any other content type.
  package var postItems: [(name: String, value: String)] {
    mediaType == "application/x-www-form-urlencoded" ? Self.phpForm(body) : []
  }

  /// One parameter from the body or else the query: Moodle's `optional_param`.
  package func parameter(_ name: String) -> String? { postValue(name) ?? queryValue(name) }

  /// The content type up to its first `;`, as `services.php` cuts it; empty when there is none.
  package var mediaType: String {
    String((fields["Content-Type"] ?? "").prefix { $0 != ";" })
  }

  /// One cookie's value; the first of that name wins (RFC 6265 §5.4 puts the most specific first).
  package func cookie(_ name: String) -> String? {
    for field in fields.values("Cookie") {
      for pair in field.split(separator: ";") {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].drop(while: { $0 == " " }) == name else { continue }
        return String(parts[1])
      }
    }
    return nil
  }

  /// PHP takes what it can from a form and never complains: pairs that do not decode are skipped.
  private static func phpForm(_ bytes: [UInt8]) -> [(name: String, value: String)] {
    bytes.split(separator: UInt8(ascii: "&")).flatMap { pair -> [(name: String, value: String)] in
      guard let form = try? FormURLEncoded.decode(Array(pair)) else { return [] }
      return form.items
    }
  }
}

/// One HTTP answer, reason phrase included: Moodle puts words there that a tool must survive.
package struct MoodleResponse: Sendable {
  /// The status code.
  package var status: Int
  /// The reason phrase; nil stands for the usual one.
  package var reason: String?
  /// The header fields, `Content-Type` included; the server adds `Server`, `Content-Length`, `Connection` and a missing `Date`.
  package var fields: HTTPFields
  /// The body.
  package var body: [UInt8]

  /// An answer from its parts.
  package init(
    status: Int, reason: String? = nil, contentType: String?, body: [UInt8] = [],
    fields: [(String, String)] = []
  ) {
    self.status = status
    self.reason = reason
    self.fields = HTTPFields(fields)
    if let contentType { _ = self.fields.set("Content-Type", contentType) }
    self.body = body
  }

  /// An HTML page.
  package static func html(_ page: String, status: Int = 200) -> MoodleResponse {
    MoodleResponse(status: status, contentType: "text/html; charset=utf-8", body: Array(page.utf8))
  }

  /// A JSON document for people, scripts and tests (the `/demo` paths).
  package static func json(_ value: JSONValue, status: Int = 200) -> MoodleResponse {
    MoodleResponse(
      status: status, contentType: "application/json; charset=utf-8", body: Array(value.encoded.utf8),
      fields: [("Cache-Control", "no-store")])
  }

  /// A redirection, 303 as Moodle's `redirect()` sends it.
  package static func redirect(to location: String) -> MoodleResponse {
    MoodleResponse(status: 303, contentType: "text/html; charset=utf-8", fields: [("Location", location)])
  }

  /// The reason phrase that is sent.
  package var reasonPhrase: String { reason ?? Self.standardReason(status) }

  /// The body as text, for pages and tests.
  package var text: String { String(decoding: body, as: UTF8.self) }

  /// The registered reason phrases (RFC 9110 §15) of the statuses the platform uses.
  static func standardReason(_ status: Int) -> String {
    switch status {
    case 200: "OK"
    case 201: "Created"
    case 204: "No Content"
    case 302: "Found"
    case 303: "See Other"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 413: "Content Too Large"
    case 429: "Too Many Requests"
    case 500: "Internal Server Error"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    default: "Status"
    }
  }
}
