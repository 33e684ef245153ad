import Wire

/// An answer as a value (RFC 3875 §6): made by a handler, written once by the program's last statement. `Status` and
/// `Content-Length` are not among its fields: they are written from the status, 200 to 599, and the body.
package typealias Response = HTTPResponse

extension HTTPResponse {
  /// One field of the program's own. Not through a list of pairs, a type that would be made anew in every process.
  private init(status: Int, _ name: String, _ value: String, body: [UInt8] = []) {
    self.init(status: status, body: body)
    fields.append(name, value)
  }

  /// Sends the browser elsewhere: 303 makes it a GET (RFC 9110 §15.4.4), 302 is for answers to a GET.
  package static func redirect(_ status: Int = 303, to url: WebURL) -> Response {
    Response(status: status, "Location", url.description)
  }

  /// JSON, as `application/json` unless a more precise type such as `application/problem+json` is named.
  package static func json(
    _ value: JSONValue, status: Int = 200, contentType: String = "application/json"
  ) -> Response {
    Response(status: status, "Content-Type", contentType, body: value.encodedBytes)
  }

  /// JSON that is written already.
  package static func json(_ text: [UInt8]) -> Response {
    Response(status: 200, "Content-Type", "application/json", body: text)
  }

  /// A page, UTF-8.
  package static func html(_ page: String, status: Int = 200) -> Response {
    Response(status: status, "Content-Type", "text/html; charset=utf-8", body: Array(page.utf8))
  }

  /// Plain text, UTF-8.
  package static func text(_ text: String, status: Int = 200) -> Response {
    Response(status: status, "Content-Type", "text/plain; charset=utf-8", body: Array(text.utf8))
  }

  /// No content.
  package static func empty(_ status: Int = 204) -> Response {
    Response(status: status)
  }

  /// Adds a `Set-Cookie` field; several may stand side by side (RFC 6265 §3).
  package mutating func set(_ cookie: SetCookie) {
    fields.append("Set-Cookie", cookie.headerValue)
  }

  /// How long a body is said to be.
  package enum Length {
    /// As long as the response's own.
    case ofBody
    /// So many bytes, which come after it.
    case exactly(Int)
    /// It is not said: the web server marks the end.
    case unknown
  }

  /// The answer as a CGI program writes it (RFC 3875 §6.2.1): `Status` first, then the fields, an empty line, the body.
  ///
  /// `Content-Length` tells the body's length also when the body is left out for HEAD (RFC 9110 §9.3.2); answers that
  /// cannot have a body (204, 304) have neither.
  package func serialized(includeBody: Bool, length: Length = .ofBody) -> [UInt8] {
    let mayHaveBody = status != 204 && status != 304
    var output: [UInt8] = []
    output.reserveCapacity(512 + body.count)
    func line(_ name: String, _ value: String) {
      output.append(contentsOf: name.utf8)
      output.append(contentsOf: ": ".utf8)
      output.append(contentsOf: value.utf8)
      output.append(contentsOf: "\r\n".utf8)
    }
    line("Status", StatusLine.text(status))
    for field in fields.all {
      let isOurs = HTTPFields.sameName(field.name, "Status") || HTTPFields.sameName(field.name, "Content-Length")
      if !isOurs { line(field.name, field.value) }
    }
    if mayHaveBody {
      switch length {
      case .ofBody: line("Content-Length", body.count.description)
      case .exactly(let count): line("Content-Length", count.description)
      case .unknown: break
      }
    }
    output.append(contentsOf: "\r\n".utf8)
    if mayHaveBody, includeBody { output.append(contentsOf: body) }
    return output
  }
}
