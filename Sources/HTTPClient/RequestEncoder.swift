import Wire

/// Writes a request as octets (RFC 9112 §3): head and body in one buffer, so in one write.
enum RequestEncoder {
  /// The fields that frame the message or belong to the connection. Whoever could set them could make the server see
  /// another message than the one that was written, so the client writes them itself and ignores them in a request.
  private static let ownFields = ["host", "content-length", "transfer-encoding", "connection", "te", "upgrade"]

  /// The octets of the request.
  ///
  /// No `Accept` unless the request has one: Moodle compares it as one string, refuses `*/*` in places, and takes its
  /// absence everywhere. Names and values need no check: `HTTPFields` holds none that could break a message apart, and
  /// neither does `WebURL`.
  ///
  /// - Throws: `.requestUnusable` when the method is not a token, or is CONNECT, which asks for a tunnel.
  static func encode(_ request: HTTPRequest, userAgent: String) throws(TransportFailure) -> [UInt8] {
    guard HTTPFields.isToken(request.method), request.method != "CONNECT" else { throw .requestUnusable("method") }
    var fields = HTTPFields()
    fields.append("Host", host(of: request.url))
    if request.fields["User-Agent"] == nil, !userAgent.isEmpty, !fields.append("User-Agent", userAgent) {
      throw .requestUnusable("User-Agent")
    }
    // Without this field, any content coding would be acceptable (RFC 9110 §12.5.3), and none is understood here.
    if request.fields["Accept-Encoding"] == nil { fields.append("Accept-Encoding", "identity") }
    for field in request.fields.all where !ownFields.contains(field.name.asciiLowercased) {
      fields.append(field.name, field.value)
    }
    // Said for an empty body too where the method gives a body a meaning (RFC 9110 §8.6).
    if !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method) {
      fields.append("Content-Length", String(request.body.count))
    }
    fields.append("Connection", "close")

    var head = "\(request.method) \(request.url.requestTarget) HTTP/1.1\r\n"
    for field in fields.all { head += "\(field.name): \(field.value)\r\n" }
    head += "\r\n"
    return Array(head.utf8) + request.body
  }

  /// The host, with the port unless it is the scheme's own (RFC 9110 §7.2).
  private static func host(of url: WebURL) -> String {
    let host = url.host.utf8.contains(UInt8(ascii: ":")) ? "[\(url.host)]" : url.host
    return url.port == url.scheme.defaultPort ? host : "\(host):\(url.port)"
  }
}
