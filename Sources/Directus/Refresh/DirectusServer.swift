import Wire

/// A running Directus, spoken to with an administrator's token. What it keeps in memory cannot be seen from the database.
package struct DirectusServer {
  private let url: WebURL
  private let token: String
  private let send: HTTPSend

  /// - Parameters:
  ///   - url: Where Directus is, without `/admin`.
  ///   - token: A static token of a user with administrator's rights.
  ///   - send: Makes one exchange; its maker has set the deadline and the size limit.
  package init(url: WebURL, token: String, send: @escaping HTTPSend) {
    self.url = url
    self.token = token
    self.send = send
  }

  /// Makes Directus read its schema, its permissions and its settings anew (`POST /utils/cache/clear?system`); the data
  /// cache is emptied too.
  package func clearCaches() throws(ServerProblem) {
    let response = try exchange("POST", "/utils/cache/clear", query: "?system")
    guard response.status == 200 || response.status == 204 else { throw ServerProblem(answer: response.status) }
  }

  /// What Directus's data cache means for rows that are written by SQL.
  package enum DataCache: Equatable, Sendable {
    /// It keeps answers (CACHE_ENABLED): people may see rows as they were a while ago.
    case on
    /// It keeps none.
    case off
  }

  /// Whether Directus keeps answers in a data cache, told by its health report (`GET /server/health`), which checks the
  /// cache only when there is one.
  package func dataCache() throws(ServerProblem) -> DataCache {
    let response = try exchange("GET", "/server/health", query: "")
    // 503 is a report too: something else is not well.
    guard response.status == 200 || response.status == 503 else { throw ServerProblem(answer: response.status) }
    guard let report = try? JSONValue(parsing: response.body) else { throw .notDirectus }
    // Only an administrator is told more than the status.
    guard let checks = report["checks"]?.objectValue else {
      throw report["status"] == nil ? .notDirectus : .tokenRefused
    }
    return checks.keys.contains { $0.hasPrefix("cache:") } ? .on : .off
  }

  private func exchange(_ method: String, _ path: String, query: String) throws(ServerProblem) -> HTTPResponse {
    guard url.query == nil, url.fragment == nil, let target = WebURL(url.insertingPath(path).description + query) else {
      throw .notDirectus
    }
    var fields = HTTPFields()
    fields.append("Authorization", "Bearer \(token)")
    fields.append("Accept", "application/json")
    let request = HTTPRequest(method: method, url: target, fields: fields)
    do throws(TransportFailure) { return try send(request) } catch { throw .unreachable(error) }
  }
}

/// Why a running Directus did not do what it was asked. Never holds the token or anything that was answered.
package enum ServerProblem: Error, Equatable, Sendable, CustomStringConvertible {
  /// No usable answer came.
  case unreachable(TransportFailure)
  /// It does not take the token for an administrator's (401, 403).
  case tokenRefused
  /// What answers there is no Directus, or not its root.
  case notDirectus
  /// It answered with this status.
  case status(Int)

  init(answer status: Int) {
    self =
      switch status {
      case 401, 403: .tokenRefused
      case 300..<400, 404, 405: .notDirectus
      default: .status(status)
      }
  }

  /// In words for the administrator.
  package var description: String {
    switch self {
    case .unreachable(let failure): "Directus cannot be reached: \(failure)"
    case .tokenRefused:
      "Directus refuses the token: it must be a static token of a user who is an administrator in Directus"
    case .notDirectus:
      "what answers there is not Directus: the address is the one people open, without /admin and what follows it"
    case .status(let status): "Directus answers \(status)"
    }
  }
}
