import DemoMoodle
import Foundation
import Synchronization
import Wire

/// A running Directus, as far as this program speaks to it: it answers with what a real one of that version was recorded to answer
/// (Tests/Fixtures/directus/http), with the ids and names of the request put in.
///
/// What it was asked to make it keeps in memory. Its translations are the database's, by way of a closure, and of a data cache
/// where it is told to have one.
package final class FakeDirectus: Site {
  /// The versions whose answers were recorded.
  package enum Version: String, CaseIterable, Sendable {
    case ten = "10.13.4"
    case eleven = "11.17.4"
    case twelve = "12.3.1"
  }

  /// What else it may answer.
  package enum Trouble: Sendable {
    case status(Int)
    case silence
    case nonsense
    case tooMuch
  }

  /// A static token of an administrator.
  package static let token = "jeton-administrateur"
  /// One of somebody else.
  package static let trainerToken = "jeton-formateur"

  private struct State {
    var seen: [String] = []
    var rows: [String: [JSONObject]] = [:]
    var kept: [String: JSONValue] = [:]
    var hasDataCache = false
    var licence: JSONValue?
    var trouble: Trouble?
    var number: Int64 = 28
    var clearings = 0
  }

  private let version: Version
  private let recorded: [String: [Recorded]]
  private let translations: @Sendable (String) -> Bool
  private let state = Mutex(State())

  private struct Recorded {
    let status: Int
    let body: JSONValue
  }

  /// - Parameters:
  ///   - hasDataCache: as with CACHE_ENABLED.
  ///   - translations: whether the database holds a translation of that key.
  package init(
    _ version: Version = .twelve, hasDataCache: Bool = false, trouble: Trouble? = nil,
    translations: @escaping @Sendable (String) -> Bool = { _ in false }
  ) {
    self.version = version
    self.translations = translations
    recorded = Self.exchanges(version)
    state.withLock {
      $0.hasDataCache = hasDataCache
      $0.trouble = trouble
    }
  }

  /// Method and path of every request so far.
  package var requests: [String] { state.withLock { $0.seen } }
  /// How often its caches were cleared; that somebody was refused clears none.
  package var clearings: Int { state.withLock { $0.clearings } }
  /// The rows that it was asked to make, of `roles`, `policies`, `access`, `permissions` or `users`.
  package func rows(_ kind: String) -> [JSONObject] { state.withLock { $0.rows[kind] ?? [] } }
  /// Puts a row there that somebody else made.
  package func add(_ kind: String, _ row: JSONObject) { state.withLock { $0.rows[kind, default: []].append(row) } }
  /// Takes rows away as an administrator would.
  package func remove(_ kind: String, where isGone: @Sendable (JSONObject) -> Bool) {
    state.withLock { $0.rows[kind]?.removeAll(where: isGone) }
  }
  /// As with CACHE_ENABLED from now on.
  package func keepAnswers() { state.withLock { $0.hasDataCache = true } }
  /// Another licence than the recorded one.
  package func setLicence(_ licence: JSONValue) { state.withLock { $0.licence = licence } }
  /// Fails from now on, or no more.
  package func fail(_ trouble: Trouble?) { state.withLock { $0.trouble = trouble } }

  package func moveTo(wwwroot: String) {}
  package func delivered(_ delivery: Delivery) {}
  package func now() -> Instant { Instant.now() }

  package func respond(to request: MoodleRequest, waiting: (Int) -> Bool) -> Delivery {
    let isClearing = request.target == "/utils/cache/clear?system"
    state.withLock { $0.seen.append("\(request.method) \(isClearing ? request.target : request.path)") }
    switch state.withLock({ $0.trouble }) {
    case .status(let status): return answer(status, ["errors": []])
    case .silence:
      _ = waiting(5_000)
      return Delivery(nil)
    case .nonsense: return Delivery(MoodleResponse(status: 200, contentType: "text/html", body: Array("<html>".utf8)))
    case .tooMuch:
      return Delivery(
        MoodleResponse(status: 200, contentType: "text/plain", body: [UInt8](repeating: 0x20, count: 4_000_000)))
    case nil: break
    }
    let credentials = request.fields["Authorization"]
    guard credentials == "Bearer \(Self.token)" else {
      return credentials == "Bearer \(Self.trainerToken)"
        ? answer(403, ["errors": [["extensions": ["code": "FORBIDDEN"]]]])
        : answer(401, ["errors": [["extensions": ["code": "INVALID_CREDENTIALS"]]]])
    }
    if isClearing {
      state.withLock {
        $0.kept = [:]
        $0.clearings += 1
      }
      return Delivery(MoodleResponse(status: 200, contentType: nil, body: []))
    }
    let parts = request.path.split(separator: "/").map(String.init)
    switch (request.method, parts.first ?? "", parts.count) {
    case ("GET", "server", 2), ("GET", "license", 1):
      if parts == ["license"], version == .twelve, let licence = state.withLock({ $0.licence }) {
        return answer(200, ["data": licence])
      }
      return file(parts.joined(separator: "-"))
    case ("GET", "translations", 1): return answer(200, translation(request))
    case ("GET", "roles", 1), ("GET", "policies", 1), ("GET", "access", 1), ("GET", "permissions", 1),
      ("GET", "users", 1):
      return answer(200, ["data": .array(matching(parts[0], request).map(JSONValue.object))])
    case ("POST", "roles", 1), ("POST", "permissions", 1), ("POST", "policies", 1), ("POST", "access", 1):
      return make(parts[0], request)
    case ("DELETE", _, 2):
      remove(parts[0]) { Self.text($0["id"]) == parts[1] }
      return Delivery(MoodleResponse(status: 204, contentType: nil, body: []))
    default: return answer(404, ["errors": [["extensions": ["code": "ROUTE_NOT_FOUND"]]]])
    }
  }

  /// A recorded answer with the request's own values; permissions in a batch, with what the version answers besides.
  private func make(_ kind: String, _ request: MoodleRequest) -> Delivery {
    guard let body = try? JSONValue(parsing: request.body), let samples = recorded["POST /\(kind)"] else {
      return answer(404, ["errors": [["extensions": ["code": "ROUTE_NOT_FOUND"]]]])
    }
    let isBatch = body.arrayValue != nil
    guard let sample = samples.first(where: { ($0.body["data"]?.arrayValue != nil) == isBatch && $0.status == 200 })
    else {
      return answer(400, ["errors": []])
    }
    let asked = body.arrayValue ?? [body]
    let shape = sample.body["data"]?.arrayValue?.first ?? sample.body["data"] ?? .null
    let made = asked.map { row -> JSONValue in
      var object = shape.objectValue ?? JSONObject()
      for (name, value) in row.objectValue?.members ?? [] { object[name] = value }
      object["id"] =
        kind == "permissions"
        ? .number(
          Double(
            state.withLock { state -> Int64 in
              state.number += 1; return state.number
            }))
        : .string(UUID().uuidString.lowercased())
      add(kind, object)
      return .object(object)
    }
    guard isBatch else { return answer(200, ["data": made.first ?? .null]) }
    let besides = (sample.body["data"]?.arrayValue ?? []).filter { $0["id"] == nil || $0["system"] == true }
    return answer(200, ["data": .array(made + besides)])
  }

  private func matching(_ kind: String, _ request: MoodleRequest) -> [JSONObject] {
    let filters = items(request).compactMap { name, value -> (String, String)? in
      guard name.hasPrefix("filter["), name.hasSuffix("][_eq]") else { return nil }
      return (String(name.dropFirst("filter[".count).dropLast("][_eq]".count)), value)
    }
    return rows(kind).filter { row in filters.allSatisfy { Self.text(row[$0.0]) == $0.1 } }
  }

  private func translation(_ request: MoodleRequest) -> JSONValue {
    let key = items(request).first { $0.0 == "filter[key][_eq]" }?.1 ?? ""
    let fresh: JSONValue = ["data": translations(key) ? [["id": "5b1f5f4a-0d3a-4f8e-9a53-0d1b8a0f6a11"]] : []]
    return state.withLock { state in
      guard state.hasDataCache else { return fresh }
      if let old = state.kept[request.target] { return old }
      state.kept[request.target] = fresh
      return fresh
    }
  }

  private func items(_ request: MoodleRequest) -> [(String, String)] {
    ((try? FormURLEncoded.decode(Array(request.query.utf8)))?.items ?? []).map { ($0.name, $0.value) }
  }

  private static func text(_ value: JSONValue?) -> String? {
    value?.stringValue ?? value?.intValue.map { String($0) }
  }

  /// What was recorded of a path of its own: a body, then a line with the status.
  private func file(_ name: String) -> Delivery {
    guard let text = try? Stack.fixture("directus/http/\(version.rawValue)-\(name).txt"),
      let end = text.range(of: "\n", options: .backwards, range: text.startIndex..<text.index(before: text.endIndex)),
      let status = Int(text[end.upperBound...].trimmingCharacters(in: .whitespacesAndNewlines)),
      let body = try? JSONValue(parsing: String(text[..<end.lowerBound]))
    else { return answer(404, ["errors": [["extensions": ["code": "ROUTE_NOT_FOUND"]]]]) }
    return answer(status, body)
  }

  /// The exchanges of one file: `> METHOD target`, `> body`, `< status`, body. The long answer to a batch of permissions was kept
  /// with its first rows alone: those that were made, and some of what the version answers besides.
  private static func exchanges(_ version: Version) -> [String: [Recorded]] {
    guard let text = try? Stack.fixture("directus/http/\(version.rawValue)-roles.txt") else { return [:] }
    var found: [String: [Recorded]] = [:]
    for block in text.components(separatedBy: "\n\n") {
      let lines = block.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
      guard let first = lines.first, first.hasPrefix("> "),
        let status = lines.first(where: { $0.hasPrefix("< ") }).flatMap({ Int($0.dropFirst(2).prefix(3)) }),
        let last = lines.last, let body = try? JSONValue(parsing: last)
      else { continue }
      let name = first.dropFirst(2).prefix { $0 != "?" }
      found[String(name), default: []].append(Recorded(status: status, body: body))
    }
    return found
  }

  private func answer(_ status: Int, _ body: JSONValue) -> Delivery {
    Delivery(MoodleResponse(status: status, contentType: "application/json", body: body.encodedBytes))
  }
}
