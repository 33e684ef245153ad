/// A request to send (RFC 9110 §3.4). It may hold credentials: never write one to a log.
package struct HTTPRequest: Sendable {
  /// The method, case-sensitive (RFC 9110 §9.1).
  package var method: String
  /// The target.
  package var url: WebURL
  /// The header fields, without those that the connection needs (`Host`, `Content-Length`, `Connection`).
  package var fields: HTTPFields
  /// The content; empty for none.
  package var body: [UInt8]

  /// A request.
  package init(method: String = "GET", url: WebURL, fields: HTTPFields = HTTPFields(), body: [UInt8] = []) {
    self.method = method
    self.url = url
    self.fields = fields
    self.body = body
  }
}

/// A response (RFC 9110 §3.4), whole.
package struct HTTPResponse: Sendable, Equatable {
  /// The status code, 100 to 599.
  package var status: Int
  /// The header fields.
  package var fields: HTTPFields
  /// The content, with transfer codings undone.
  package var body: [UInt8]

  /// A response.
  package init(status: Int, fields: HTTPFields = HTTPFields(), body: [UInt8] = []) {
    self.status = status
    self.fields = fields
    self.body = body
  }
}

/// One exchange with a server. Whoever makes one has decided its deadline and its size limits.
package typealias HTTPSend = (HTTPRequest) throws(TransportFailure) -> HTTPResponse
