import CGI
import Postgres
import Wire

@testable import Passerelle

/// Settings that are complete, to be changed one at a time.
let completeSettings: [String: String] = [
  "PASSERELLE_DATABASE_URL": "postgresql://passerelle@/passerelle?host=/var/run/postgresql&port=6432",
  "PASSERELLE_BASE_URL": "https://lti.example.org/passerelle",
  "PASSERELLE_SECRET": String(repeating: "0123456789abcdef", count: 4),
  "PASSERELLE_MINISITE_URL": "https://www.example.org/grains/",
]

/// Settings with these changes; nil takes a key away.
func settings(_ changes: [String: String?] = [:]) throws(SettingsProblem) -> Settings {
  var values = completeSettings
  for (key, value) in changes { values[key] = value }
  return try Settings { values[$0] }
}

/// What a test's world logged.
final class LogBook {
  var lines: [String] = []
}

/// An exchange without network or database: every session fails, unless `connect` says otherwise.
func exchange(
  _ method: String, _ path: String, query: String = "", fields: [String: String] = [:], body: String = "",
  settings changes: [String: String?] = [:], log: LogBook = LogBook(),
  connect: @escaping () throws(PostgresError) -> Connection = { () throws(PostgresError) in
    throw PostgresError(.connection, "no PostgreSQL session")
  }
) throws -> Exchange {
  var variables = ["REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query]
  for (name, value) in fields {
    let key = name.uppercased().split(separator: "-").joined(separator: "_")
    variables[key == "CONTENT_TYPE" ? key : "HTTP_" + key] = value
  }
  if !body.isEmpty { variables["CONTENT_LENGTH"] = String(body.utf8.count) }
  var rest = Array(body.utf8)[...]
  let request = Request(
    environment: { variables[$0] },
    read: { buffer in
      let count = min(buffer.count, rest.count)
      buffer.copyBytes(from: rest.prefix(count))
      rest = rest.dropFirst(count)
      return count
    })
  var environment = Environment.live(try settings(changes))
  environment.connect = connect
  environment.send = { (_, _) throws(TransportFailure) in throw .addressForbidden }
  environment.log = Log(level: .debug) { log.lines.append($0) }
  return Exchange(request: request, environment: environment)
}

/// A field of an answer.
extension Response {
  var text: String { String(decoding: body, as: UTF8.self) }
}
