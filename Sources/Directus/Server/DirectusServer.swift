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
    let response = try clearing()
    guard response.status == 200 || response.status == 204 else { throw ServerProblem(answer: response) }
  }

  /// The version of Directus that answers, as far as it matters here (`GET /server/info`, which tells it to administrators).
  package func shape() throws(ServerProblem) -> SystemTables.Shape {
    guard let version = try get("/server/info")["version"]?.stringValue else { throw .tokenRefused }
    guard let major = version.split(separator: ".").first.flatMap({ Int($0) }), major >= 10 else {
      throw .tooOld(version)
    }
    return SystemTables.Shape(rawValue: major) ?? .twelve
  }

  /// What the answer to a `GET` says under `data`.
  func get(_ path: String, _ items: [(String, String)] = []) throws(ServerProblem) -> JSONValue {
    try Self.data(of: try exchange("GET", path, items))
  }

  /// The same of a path that some versions do not have; nil where there is none.
  func getIfThere(_ path: String) throws(ServerProblem) -> JSONValue? {
    let response = try exchange("GET", path)
    return response.status == 404 ? nil : try Self.data(of: response)
  }

  /// Makes something; what the answer says under `data`.
  func post(_ path: String, _ body: JSONValue) throws(ServerProblem) -> JSONValue {
    try Self.data(of: try exchange("POST", path, body: body))
  }

  /// Takes something away, which may be gone already.
  func delete(_ path: String) throws(ServerProblem) {
    let response = try exchange("DELETE", path)
    // What is not there is forbidden, even to administrators.
    guard [200, 204, 403, 404].contains(response.status) else { throw ServerProblem(answer: response) }
  }

  private static func data(of response: HTTPResponse) throws(ServerProblem) -> JSONValue {
    guard response.status == 200 else { throw ServerProblem(answer: response) }
    guard let answer = try? JSONValue(parsing: response.body), let data = answer["data"] else { throw .notDirectus }
    return data
  }

  private func exchange(
    _ method: String, _ path: String, _ items: [(String, String)] = [], body: JSONValue? = nil
  ) throws(ServerProblem) -> HTTPResponse {
    guard url.query == nil, url.fragment == nil else { throw .notDirectus }
    var fields = HTTPFields()
    fields.append("Authorization", "Bearer \(token)")
    fields.append("Accept", "application/json")
    if body != nil { fields.append("Content-Type", "application/json") }
    let request = HTTPRequest(
      method: method, url: url.insertingPath(path).addingQueryItems(items), fields: fields,
      body: body?.encodedBytes ?? [])
    do throws(TransportFailure) { return try send(request) } catch { throw .unreachable(error) }
  }

  /// Empties the caches; the item has no value.
  private func clearing() throws(ServerProblem) -> HTTPResponse {
    guard url.query == nil, url.fragment == nil,
      let target = WebURL(url.insertingPath("/utils/cache/clear").description + "?system")
    else { throw .notDirectus }
    var fields = HTTPFields()
    fields.append("Authorization", "Bearer \(token)")
    fields.append("Accept", "application/json")
    do throws(TransportFailure) { return try send(HTTPRequest(method: "POST", url: target, fields: fields)) } catch {
      throw .unreachable(error)
    }
  }
}
