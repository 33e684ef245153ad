import Postgres
import Wire

/// The trainer's role, made and taken away by Directus itself: it logs what is done, clears its caches, and gives nobody rights on
/// the tables in which it keeps who may do what.
///
/// What is made is noted in `passerelle.directus_rows` at once, so that a second run goes on where a first one ended.
package struct TrainerDoor {
  /// Why Directus, or the notes, failed.
  package enum Problem: Error {
    case server(ServerProblem)
    case database(DirectusProblem)
  }

  private let server: DirectusServer
  private let connection: Connection
  private let shape: SystemTables.Shape

  /// Asks which version answers.
  package init(_ server: DirectusServer, on connection: Connection) throws(Problem) {
    self.server = server
    self.connection = connection
    do throws(ServerProblem) { shape = try server.shape() } catch { throw .server(error) }
  }

  /// Makes the role with its policy and permissions, or adds what is missing of them.
  ///
  /// - Throws: `.database(.roleTaken)` when a role of that name exists that this program did not make.
  package func install(_ trainer: Trainer) throws(Problem) -> Trainer.Outcome {
    let found = try existing("roles", trainer)
    let role: String
    if let found { role = found } else { role = try makeRole(trainer) }
    let holder: (field: String, id: String)
    if shape >= .eleven {
      var policy = try existing("policies", trainer)
      if policy == nil { policy = try make("policies", policyBody(trainer), trainer) }
      holder = ("policy", policy ?? "")
      try give(holder.id, to: role, trainer)
    } else {
      holder = ("role", role)
    }
    let there = try asking { () throws(ServerProblem) in
      try server.get(
        "/permissions",
        [("filter[\(holder.field)][_eq]", holder.id), ("fields", "id,collection,action"), ("limit", "-1")])
    }
    // What a version adds of its own accord has no id.
    let has = Set(
      (there.arrayValue ?? []).filter { Self.id($0) != nil }.map {
        Trainer.Permission(collection: $0["collection"]?.stringValue ?? "", action: $0["action"]?.stringValue ?? "")
      })
    let lacking = trainer.permissions.filter { !has.contains($0) }
    if !lacking.isEmpty {
      let body = lacking.map { permission in
        JSONValue.object([
          holder.field: .string(holder.id), "collection": .string(permission.collection),
          "action": .string(permission.action), "fields": ["*"],
        ])
      }
      let made = try asking { () throws(ServerProblem) in try server.post("/permissions", .array(body)) }
      for row in made.arrayValue ?? [] where row["system"] != true && row[holder.field] == .string(holder.id) {
        if let id = Self.id(row) { try note("permissions", id, trainer.name) }
      }
    }
    return Trainer.Outcome(isNew: found == nil, permissions: lacking.count)
  }

  /// Deletes the roles that this program made and nobody has.
  package func removeAll() throws(Problem) -> Trainer.Removal {
    var removed: [String] = []
    var left: [String] = []
    for name in try noting({ () throws(PostgresError) in try TrainerStore.names(on: connection) }) {
      let roles = try noted("roles", name)
      var isUsed = false
      for role in roles {
        let users = try asking { () throws(ServerProblem) in
          try server.get("/users", [("filter[role][_eq]", role), ("fields", "id"), ("limit", "1")])
        }
        if users.arrayValue?.isEmpty == false { isUsed = true }
      }
      if isUsed {
        left.append(name)
        continue
      }
      for (kind, ids) in [
        ("permissions", try noted("permissions", name)), ("policies", try noted("policies", name)), ("roles", roles),
      ] {
        for id in ids { try asking { () throws(ServerProblem) in try server.delete("/\(kind)/\(id)") } }
      }
      try noting { () throws(PostgresError) in try TrainerStore.forget(name, on: connection) }
      removed.append(name)
    }
    return Trainer.Removal(removed: removed, left: left)
  }

  private func makeRole(_ trainer: Trainer) throws(Problem) -> String {
    let taken = try asking { () throws(ServerProblem) in
      try server.get("/roles", [("filter[name][_eq]", trainer.name), ("fields", "id,name")])
    }
    guard taken.arrayValue?.isEmpty == true else { throw .database(.roleTaken(trainer.name)) }
    var body: JSONObject = [
      "name": .string(trainer.name), "icon": "school", "description": .string(Trainer.description),
    ]
    if shape == .ten {
      body["app_access"] = true
      body["admin_access"] = false
    }
    return try make("roles", .object(body), trainer)
  }

  private func policyBody(_ trainer: Trainer) -> JSONValue {
    [
      "name": .string(trainer.name), "icon": "school", "description": .string(Trainer.description), "app_access": true,
      "admin_access": false,
    ]
  }

  private func give(_ policy: String, to role: String, _ trainer: Trainer) throws(Problem) {
    let held = try asking { () throws(ServerProblem) in
      try server.get(
        "/access", [("filter[role][_eq]", role), ("filter[policy][_eq]", policy), ("fields", "id")])
    }
    guard held.arrayValue?.isEmpty == true else { return }
    _ = try make("access", ["role": .string(role), "policy": .string(policy), "sort": 1], trainer)
  }

  /// The id of what was made for the name, where Directus still has it.
  private func existing(_ kind: String, _ trainer: Trainer) throws(Problem) -> String? {
    for id in try noted(kind, trainer.name) {
      let rows = try asking { () throws(ServerProblem) in
        try server.get("/\(kind)", [("filter[id][_eq]", id), ("fields", "id,name")])
      }
      if rows.arrayValue?.isEmpty == false { return id }
    }
    return nil
  }

  private func make(_ kind: String, _ body: JSONValue, _ trainer: Trainer) throws(Problem) -> String {
    let made = try asking { () throws(ServerProblem) in try server.post("/\(kind)", body) }
    guard let id = Self.id(made) else { throw .server(.notDirectus) }
    try note(kind, id, trainer.name)
    return id
  }

  private func noted(_ kind: String, _ name: String) throws(Problem) -> [String] {
    try noting { () throws(PostgresError) in try TrainerStore.noted("directus_\(kind)", for: name, on: connection) }
  }

  private func note(_ kind: String, _ id: String, _ name: String) throws(Problem) {
    try noting { () throws(PostgresError) in
      try TrainerStore.note("directus_\(kind)", id, for: name, on: connection)
    }
  }

  private func asking<Value>(_ question: () throws(ServerProblem) -> Value) throws(Problem) -> Value {
    do throws(ServerProblem) { return try question() } catch { throw .server(error) }
  }

  private func noting<Value>(_ work: () throws(PostgresError) -> Value) throws(Problem) -> Value {
    do throws(PostgresError) { return try work() } catch { throw .database(.database(error)) }
  }

  /// Texts on roles and policies, numbers on permissions.
  private static func id(_ row: JSONValue) -> String? {
    row["id"]?.stringValue ?? row["id"]?.intValue.map(String.init)
  }
}
