import Wire

/// What Directus's licence allows and how much of it is taken (`GET /license`, from version 12 on).
package struct DirectusLicence: Equatable, Sendable {
  /// What is counted.
  package struct Count: Equatable, Sendable {
    /// How many there are.
    package let used: Int
    /// How many there may be; nil where there is no limit.
    package let limit: Int?

    /// `3 of 3`, or `3` without a limit.
    package var words: Words {
      limit.map { Words(fr: "\(used) sur \($0)", en: "\(used) of \($0)") } ?? .same("\(used)")
    }
    /// Whether no further one may come.
    package var isFull: Bool { limit.map { used >= $0 } ?? false }
    /// Whether there are more than there may be.
    package var isOver: Bool { limit.map { used > $0 } ?? false }
  }

  /// `Core` without a key.
  package let name: String
  /// `active`, `grace`, `locked`.
  package let status: String
  /// People with access to the application, administrators included.
  package let seats: Count
  /// Collections that Directus is told of, without folders.
  package let collections: Count
  /// Flows.
  package let flows: Count
  /// Whether it comes from a key; without one it is `Core`.
  package let hasKey: Bool
  /// When the days of grace end: so long after the licence's end, which without a key is the update to version 12. Nil when it says
  /// nothing of that.
  package let graceEnds: Instant?

  /// Nil when the answer is none of a licence.
  init?(_ answer: JSONValue) {
    guard let status = answer["status"]?.stringValue else { return nil }
    func count(_ name: String) -> Count {
      let limit = answer["entitlements"]?[name]?["limit"]?.intValue.map(Int.init)
      return Count(
        used: answer["usage"]?[name]?.intValue.map(Int.init) ?? 0, limit: limit.flatMap { $0 < 0 ? nil : $0 })
    }
    self.status = status
    name = answer["name"]?.stringValue ?? ""
    seats = count("seats")
    collections = count("collections")
    flows = count("flows")
    // In seconds; -1 where there is no end, and in releases of 12 that said nothing of the grace after an update.
    let (end, grace) = (answer["expires_at"]?.intValue ?? -1, answer["grace_period"]?.intValue ?? -1)
    graceEnds = end > 0 && grace > 0 ? Instant(seconds: end).adding(seconds: grace) : nil
    hasKey = answer["source"]?.stringValue != nil
  }
}

extension DirectusServer {
  /// The licence; nil before version 12, which has none.
  package func licence() throws(ServerProblem) -> DirectusLicence? {
    guard let answer = try getIfThere("/license") else { return nil }
    guard let licence = DirectusLicence(answer) else { throw .notDirectus }
    return licence
  }
}
