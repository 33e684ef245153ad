/// A request to send (RFC 9110 §3.4). It may hold credentials: never write one to a log.
public struct HTTPRequest: Sendable {
  /// The method, case-sensitive (RFC 9110 §9.1).
  public var method: String
  /// The target.
  public var url: WebURL
  /// The header fields, without those that the connection needs (`Host`, `Content-Length`, `Connection`).
  public var fields: HTTPFields
  /// The content; empty for none.
  public var body: [UInt8]

  /// A request.
  public init(method: String = "GET", url: WebURL, fields: HTTPFields = HTTPFields(), body: [UInt8] = []) {
    self.method = method
    self.url = url
    self.fields = fields
    self.body = body
  }
}

/// A response received (RFC 9110 §3.4), whole.
public struct HTTPResponse: Sendable, Equatable {
  /// The status code, 100 to 599.
  public var status: Int
  /// The header fields.
  public var fields: HTTPFields
  /// The content, with transfer codings undone.
  public var body: [UInt8]

  /// A response.
  public init(status: Int, fields: HTTPFields = HTTPFields(), body: [UInt8] = []) {
    self.status = status
    self.fields = fields
    self.body = body
  }
}

/// One exchange with a server. Whoever makes one has decided its deadline and its size limits.
public typealias HTTPSend = (HTTPRequest) throws(TransportFailure) -> HTTPResponse
