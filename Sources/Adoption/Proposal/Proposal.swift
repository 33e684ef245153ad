import Postgres
import Wire

/// A map that fits what a database holds, as far as names, types and foreign keys tell, with comments on what to check.
package struct Proposal: Sendable {
  /// The map's text; empty where something is lacking.
  package let text: String
  /// The statements, for the owner of the tables, without which they cannot be looked into.
  package var lacking: [String] = []

  /// Reads the tables, their foreign keys, checks, Directus's choices and a few values; changes nothing. Where a map is in
  /// force, that one is answered. The comments are in the language asked for.
  package static func read(
    on connection: Connection, in language: Language = .english
  ) throws(AdoptionProblem) -> Proposal {
    if let adopted = try Adopted.inForce(on: connection) {
      let since = Words(fr: "En vigueur depuis le \(adopted.since).", en: "In force since \(adopted.since).")
      return Proposal(text: "# \(since[language])\n" + adopted.map)
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
      let guess = RoleGuess(candidates)
      let unread = try unreadable(guess, survey, on: connection)
      if !unread.isEmpty { return Proposal(text: "", lacking: unread) }
      var writer = ProposalWriter(words: try KnownWords(connection), in: language)
      try writer.write(guess)
      return Proposal(text: writer.text)
    }
  }

  /// The statements without which this role could not look into the tables that a map would name. What is proposed of Directus's
  /// users is seen from outside.
  private static func unreadable(
    _ guess: RoleGuess, _ survey: Survey, on connection: Connection
  ) throws(PostgresError) -> [String] {
    let names =
      [guess.learners, guess.modules, guess.grains, guess.progress].compactMap { $0?.name }
      .filter { $0 != "directus_users" } + ["directus_fields"]
    return try connection.query(
      """
      select format('GRANT SELECT ON public.%I TO %I;', c.relname, current_user) as statement
      from unnest(\(names)::text[]) with ordinality n (name, place)
      join pg_catalog.pg_class c on c.relnamespace = 'public'::regnamespace and c.relname = n.name
      where not has_table_privilege(c.oid, 'select') order by n.place
      """
    ).map { row throws(PostgresError) in try row.get("statement") }
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
