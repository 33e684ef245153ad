import Wire

/// RFC 3875 seen from the server's side: a request as variables, a program's output as a response.
enum CGIVariables {
  /// The variables for a request to a script that stands at `base`.
  static func of(_ request: HTTPRequest, base: WebURL) -> [(String, String)] {
    let path = request.url.path
    let info = path.utf8.starts(with: base.path.utf8) ? String(path.dropFirst(base.path.count)) : path
    return make(
      method: request.method, pathInfo: decoded(info), query: request.url.query ?? "", script: base.path,
      fields: request.fields, bodyLength: request.body.isEmpty && request.method != "POST" ? nil : request.body.count)
  }

  /// The variables, each given by hand.
  static func make(
    method: String, pathInfo: String, query: String = "", script: String = "/passerelle",
    fields: HTTPFields = HTTPFields(), bodyLength: Int? = nil
  ) -> [(String, String)] {
    var variables = [
      ("GATEWAY_INTERFACE", "CGI/1.1"), ("SERVER_PROTOCOL", "HTTP/1.1"), ("SERVER_SOFTWARE", "tests"),
      ("SERVER_NAME", "tool.example"), ("SERVER_PORT", "80"), ("REMOTE_ADDR", "127.0.0.1"),
      ("REQUEST_METHOD", method), ("SCRIPT_NAME", script), ("PATH_INFO", pathInfo), ("QUERY_STRING", query),
    ]
    if let bodyLength { variables.append(("CONTENT_LENGTH", String(bodyLength))) }
    var seen: Set<String> = []
    for (name, _) in fields.all where seen.insert(name.lowercased()).inserted {
      let value = fields.values(name).joined(separator: name.lowercased() == "cookie" ? "; " : ", ")
      switch name.lowercased() {
      case "content-type": variables.append(("CONTENT_TYPE", value))
      case "content-length": break
      default:
        variables.append(("HTTP_" + name.uppercased().split(separator: "-").joined(separator: "_"), value))
      }
    }
    return variables
  }

  /// The response that a program wrote (RFC 3875 §6); nil when it is none.
  static func response(of output: [UInt8]) -> HTTPResponse? {
    let lineEnd = Array("\r\n\r\n".utf8)
    guard let end = (0..<max(0, output.count - 3)).first(where: { output[$0..<($0 + 4)].elementsEqual(lineEnd) })
    else { return nil }
    var response = HTTPResponse(status: 200, fields: HTTPFields(), body: Array(output[(end + 4)...]))
    for line in String(decoding: output[..<end], as: UTF8.self).split(separator: "\r\n") {
      guard let colon = line.firstIndex(of: ":") else { return nil }
      let name = String(line[..<colon])
      let value = String(line[line.index(after: colon)...].drop { $0 == " " })
      if name == "Status" {
        guard let status = Int(value.prefix(3)) else { return nil }
        response.status = status
      } else {
        guard response.fields.append(name, value) else { return nil }
      }
    }
    return response
  }

  /// `%XX` undone, as a server does for PATH_INFO.
  private static func decoded(_ path: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(path.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
