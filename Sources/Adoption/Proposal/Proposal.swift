import Postgres

/// A map that fits what a database holds, as far as names, types and foreign keys tell, with comments on what to check.
package struct Proposal: Sendable {
  /// The map's text.
  package let text: String

  /// Reads the tables, their foreign keys, checks, Directus's choices and a few values; changes nothing. Where a map is in
  /// force, that one is answered.
  package static func read(on connection: Connection) throws(AdoptionProblem) -> Proposal {
    if let adopted = try Adopted.read(on: connection) {
      return Proposal(text: "# In force since \(adopted.since).\n" + adopted.map)
    }
    return try asking { () throws(PostgresError) in
      let survey = try Survey.read(on: connection)
      let isInstalled: Bool =
        try connection.query("select to_regclass('passerelle.platforms') is not null as there").first?.get("there")
        ?? false
      let own = isInstalled ? ["learners", "modules", "grains", "progress", "grades"] : []
      let candidates = survey.tables.filter { table in
        table.kind == "r" && !own.contains(table.name)
          && (!table.name.hasPrefix("directus_") || table.name == "directus_users")
      }
      var writer = ProposalWriter(words: try KnownWords(connection))
      try writer.write(RoleGuess(candidates))
      return Proposal(text: writer.text)
    }
  }
}

/// Which tables seem to hold what.
struct RoleGuess {
  var learners: TableShape?
  var modules: TableShape?
  var grains: TableShape?
  var progress: TableShape?

  /// Progress first, because its foreign keys say where people and grains are; then what only names tell.
  init(_ tables: [TableShape]) {
    func table(_ name: String) -> TableShape? { tables.first { $0.name == name } }
    func linked(_ table: TableShape?) -> [TableShape] {
      (table?.links ?? []).filter { $0.schema == "public" }.compactMap { link in tables.first { $0.name == link.table }
      }
    }
    func best(_ list: [String], among tables: [TableShape]) -> TableShape? {
      tables.filter { $0.name != "directus_users" }.compactMap { table in
        Lexicon.rank(table: table.name, in: list).map { (table, $0) }
      }.min { $0.1 < $1.1 }?.0
    }
    // Whatever it is called: where a foreign key leads that leads nowhere else.
    func only(_ tables: [TableShape], but roles: TableShape?..., notIn list: [String] = []) -> TableShape? {
      let names = Set(
        tables.map(\.name).filter { name in
          name != "directus_users" && !roles.contains { $0?.name == name }
            && Lexicon.rank(table: name, in: list) == nil
        })
      return names.count == 1 ? names.first.flatMap(table) : nil
    }
    let others = tables.filter { $0.name != "directus_users" }
    progress = best(Lexicon.progress, among: others)
    let fromProgress = linked(progress)
    learners =
      best(Lexicon.learners, among: fromProgress) ?? fromProgress.first { $0.name == "directus_users" }
      ?? best(Lexicon.learners, among: others) ?? table("directus_users")
    grains =
      best(Lexicon.grains, among: fromProgress)
      ?? only(fromProgress, but: progress, learners, notIn: Lexicon.modules + Lexicon.learners)
      ?? best(Lexicon.grains, among: others)
    modules =
      best(Lexicon.modules, among: linked(grains)) ?? only(linked(grains), but: progress, learners, grains)
      ?? best(Lexicon.modules, among: others)
    if modules?.name == grains?.name { modules = nil }
    // One without the other cannot be adopted.
    if modules == nil || grains == nil {
      modules = nil
      grains = nil
    }
  }
}
