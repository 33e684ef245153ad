import Glibc
import Wire

/// One request as the web server hands it to a CGI program (RFC 3875 §4): variables in the environment, the body on
/// standard input. Nothing is read before it is asked for, and the program's arguments never (RFC 3875 §4.4 lets a
/// query without `=` arrive there).
package struct Request {
  /// `REQUEST_METHOD`, case-sensitive; empty when the server names none, which no route answers.
  package let method: String
  /// `PATH_INFO`: the decoded path below the script, `/` when empty.
  package let path: String
  /// `QUERY_STRING`, still encoded; empty when there is none.
  package let query: String
  private let environment: (String) -> String?
  private let input: RequestBody

  /// A request.
  ///
  /// - Parameters:
  ///   - environment: the value of a variable, by default the process's own.
  ///   - read: fills the buffer from the body like `read(2)`: a count, 0 at the end, below 0 on failure.
  package init(
    environment: @escaping (String) -> String? = Request.processEnvironment,
    read: @escaping StandardInput.Read = StandardInput.read
  ) {
    self.environment = environment
    method = environment("REQUEST_METHOD") ?? ""
    let path = environment("PATH_INFO") ?? ""
    self.path = path.isEmpty ? "/" : path
    query = environment("QUERY_STRING") ?? ""
    input = RequestBody(
      framing: .init(
        method: method, contentLength: environment("CONTENT_LENGTH"),
        transferEncoding: environment("HTTP_TRANSFER_ENCODING")),
      read: read)
  }

  /// A variable of this process. Bytes that are not UTF-8 become U+FFFD, which nothing this program hands out has.
  package static func processEnvironment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// Whether the method is HEAD: answered as GET, without the body (RFC 9110 §9.3.2).
  package var isHead: Bool { method == "HEAD" }

  /// The items of the query.
  ///
  /// - Throws: `FormError`, also for bytes that RFC 3986 does not allow in a query.
  package func queryForm(maxFields: Int = 200) throws(FormError) -> Form {
    let bytes = Array(query.utf8)
    guard bytes.allSatisfy({ $0 < 0x80 }) else { throw .invalidEncoding }
    return try FormURLEncoded.decode(bytes, maxFields: maxFields)
  }

  /// A header field (RFC 3875 §4.1.18): `X-Foo` is `HTTP_X_FOO`; the server has joined repeated ones.
  package func header(_ name: String) -> String? {
    var variable: [UInt8] = Array("HTTP_".utf8)
    for byte in name.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"): variable.append(byte - 0x20)
      case UInt8(ascii: "-"): variable.append(UInt8(ascii: "_"))
      default: variable.append(byte)
      }
    }
    switch String(decoding: variable, as: UTF8.self) {
    case "HTTP_CONTENT_TYPE": return environment("CONTENT_TYPE")
    case "HTTP_CONTENT_LENGTH": return environment("CONTENT_LENGTH")
    case let variable: return environment(variable)
    }
  }

  /// The media type of the body, lower-cased and without parameters; nil when none is named.
  package var contentType: String? {
    guard let field = environment("CONTENT_TYPE") else { return nil }
    let type = field.utf8.prefix { $0 != UInt8(ascii: ";") }
      .filter { $0 != UInt8(ascii: " ") && $0 != 0x09 }
    return type.isEmpty ? nil : String(decoding: type, as: UTF8.self).asciiLowercased
  }

  /// `REMOTE_ADDR`: the client's address, or that of the proxy nearest to the server.
  package var remoteAddress: String? { environment("REMOTE_ADDR") }

  /// The value of a cookie (RFC 6265 §5.4), verbatim; the first when several carry the name, which is the one with
  /// the most specific path.
  package func cookie(_ name: String) -> String? {
    guard let field = environment("HTTP_COOKIE") else { return nil }
    return Cookies.value(of: name, in: field)
  }

  /// The names of all cookies. Browsers list those of equal paths oldest first (RFC 6265 §5.4).
  package var cookieNames: [String] {
    environment("HTTP_COOKIE").map { Cookies.names(in: $0) } ?? []
  }

  /// The token of `Authorization: Bearer …` (RFC 6750 §2.1): the scheme in any case (RFC 9110 §11.1), then exactly
  /// one `token68`; nil for anything else. Never write it to a log.
  package var bearerToken: String? {
    environment("HTTP_AUTHORIZATION").flatMap(BearerCredentials.token)
  }

  /// The language to answer in (RFC 9110 §12.5.4).
  package var language: Language {
    Language(acceptLanguage: environment("HTTP_ACCEPT_LANGUAGE"))
  }

  /// Whether the client would rather have JSON than a page, see `MediaPreference`.
  package var prefersJSON: Bool {
    MediaPreference.prefersJSON(accept: environment("HTTP_ACCEPT"))
  }

  /// Whether the client would rather have a table than JSON, see `MediaPreference`.
  package var prefersCSV: Bool {
    MediaPreference.prefersCSV(accept: environment("HTTP_ACCEPT"))
  }

  /// The whole body, read once; asking again gives the same answer.
  ///
  /// With `CONTENT_LENGTH`, exactly so many bytes; without it, everything up to the end, because the server undoes
  /// chunks. A GET, HEAD or OPTIONS request that announces no body has none.
  ///
  /// - Parameter limit: how many bytes the body may have. A longer one is never held in memory.
  /// - Throws: `BodyError`.
  package func body(limit: Int) throws(BodyError) -> [UInt8] {
    try input.bytes(limit: limit)
  }

  /// Reads and drops what is left of the body, up to `limit` bytes. To be called before every answer: a CGI program
  /// that exits with its input unread breaks the connection under the answer (Apache's AH00574).
  package func drainBody(upTo limit: Int = 1 << 20) {
    input.drain(upTo: limit)
  }
}
