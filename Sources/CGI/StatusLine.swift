/// Status codes and their reason phrases (RFC 9110 §15, RFC 6585).
enum StatusLine {
  /// Code and phrase, the value of the `Status` field (RFC 3875 §6.3.3). A code outside 200…599 would not be a final
  /// answer, so it is written as 500.
  static func text(_ status: Int) -> String {
    guard (200...599).contains(status) else { return text(500) }
    return status.description + " " + phrase(status)
  }

  private static func phrase(_ status: Int) -> String {
    switch status {
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 204: "No Content"
    case 301: "Moved Permanently"
    case 302: "Found"
    case 303: "See Other"
    case 304: "Not Modified"
    case 307: "Temporary Redirect"
    case 308: "Permanent Redirect"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 410: "Gone"
    case 411: "Length Required"
    case 412: "Precondition Failed"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 415: "Unsupported Media Type"
    case 422: "Unprocessable Content"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    case 200...299: "Success"
    case 300...399: "Redirection"
    case 400...499: "Client Error"
    default: "Server Error"
    }
  }
}
