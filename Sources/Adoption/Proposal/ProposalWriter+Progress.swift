import Postgres
import Wire

/// The role that takes the most guessing: whose progress, of what, and when it is done.
extension ProposalWriter {
  mutating func writeProgress(
    _ table: TableShape, _ learners: TableShape, _ grains: TableShape?
  ) throws(PostgresError) {
    section(.progress, table)
    writeLink("learner", table, learners)
    if let grains {
      writeLink("grain", table, grains)
    } else if let link = table.links.first(where: { $0.schema == "public" && $0.table == Place(own: .grains).table }) {
      line(
        "grain", Self.word(link.column),
        Words(fr: "contient l’id des grains de Passerelle", en: "holds the id of Passerelle's own grains"))
    } else if let column = best(Self.grainLinks, table, [.uuid]) {
      line(
        "grain", column,
        Words(fr: "contient l’id des grains de Passerelle", en: "holds the id of Passerelle's own grains"))
    } else if let column = best(Self.grainLinks, table, [.text]) {
      line(
        "grain", Self.word(column.name) + " holds id",
        Words(
          fr: "l’id des grains de Passerelle, en texte : vérifiez-le",
          en: "the id of Passerelle's own grains, as a text: check it"))
    } else {
      missing("grain", table)
    }
    try writeCompletion(table)
    if let score = best(Lexicon.score, table, [.integer, .fraction]) {
      let maximum = try maximum(score, table)
      line(
        "score", "\(Self.word(score.name)) out of \(maximum)", Words(fr: "vérifiez le maximum", en: "check the maximum")
      )
    }
  }

  private static let grainLinks = ["grain", "lecon", "lesson", "activite"].flatMap { [$0, $0 + "_id"] }

  private mutating func writeCompletion(_ table: TableShape) throws(PostgresError) {
    let date = best(Lexicon.completedAt, table, [.time])
    let state = best(Lexicon.state, table, [.text])
    let known = try state.map { column throws(PostgresError) in try words.of(column, in: table) } ?? []
    if let column = state {
      if let completed = known.first(where: { Lexicon.rank($0, in: Lexicon.completedWords) != nil }) {
        let others = known.filter { $0 != completed }
        let started = Lexicon.best(others, in: Lexicon.startedWords) { $0 } ?? others.first ?? "en_cours"
        line("completed", "\(Self.word(column.name)) is \(Self.word(completed)) else \(Self.word(started))")
        line("completed_at", date)
        return
      }
    }
    if let flag = best(Lexicon.completedFlag, table, [.boolean]) {
      line("completed", flag)
      line("completed_at", date)
    } else if let column = state,
      known.allSatisfy({ Lexicon.rank($0, in: Lexicon.openFrench + Lexicon.openEnglish) != nil })
    {
      // A table that nobody has completed anything in yet.
      let isFrench =
        Lexicon.rank(column.name, in: ["statut", "etat", "avancement"]) != nil
        || known.contains { Lexicon.rank($0, in: Lexicon.openFrench) != nil }
      let started = Lexicon.best(known, in: Lexicon.startedWords) { $0 } ?? (isFrench ? "en_cours" : "in_progress")
      comment(
        Words(
          fr: "Aucune contrainte, aucun choix ni aucune ligne ne dit quel mot veut dire terminé : mettez le vôtre.",
          en: "No check, choice or row says which word means completed: put yours."))
      line("completed", "\(Self.word(column.name)) is \(isFrench ? "termine" : "completed") else \(Self.word(started))")
      line("completed_at", date)
    } else if let date {
      line(
        "completed", Self.word(date.name),
        Words(fr: "un grain daté est terminé", en: "a grain with a date is completed"))
    } else {
      missing("completed", table)
    }
  }

  /// By a foreign key, or by a name that is the other table's in the singular.
  mutating func writeLink(_ key: String, _ table: TableShape, _ other: TableShape) {
    if let link = table.links.first(where: { $0.schema == "public" && $0.table == other.name }) {
      let isKey = [link.target] == other.primaryKey
      line(key, Self.word(link.column) + (isKey ? "" : " holds \(Self.word(link.target))"))
      return
    }
    let singular = Lexicon.plain(other.name).hasSuffix("s") ? String(Lexicon.plain(other.name).dropLast()) : other.name
    let last = singular.split(separator: "_").last.map(String.init) ?? singular
    let names = [singular, last, key, "user", "utilisateur"].flatMap { [$0, $0 + "_id", $0 + "_slug", $0 + "_code"] }
    guard let keyColumn = other.column(other.primaryKey.first ?? ""),
      let column = best(names, table, [keyColumn.kind, .text])
    else { return missing(key, table) }
    if column.kind == .text,
      let target = Lexicon.best(
        other.columns.filter { $0.kind == .text && other.isUnique([$0.name]) }, in: Lexicon.slug, { $0.name })
    {
      line(
        key, "\(Self.word(column.name)) holds \(Self.word(target.name))",
        Words(fr: "aucune clef étrangère ne le dit : vérifiez", en: "no foreign key says so: check it"))
    } else if column.kind == keyColumn.kind {
      line(
        key, Self.word(column.name),
        Words(fr: "aucune clef étrangère ne le dit : vérifiez", en: "no foreign key says so: check it"))
    } else {
      line(
        key, "\(Self.word(column.name)) holds \(Self.word(keyColumn.name))",
        Words(fr: "aucune clef étrangère ne le dit : vérifiez", en: "no foreign key says so: check it"))
    }
  }

  /// 1, 20 or 100: what the checks allow at most, else what the rows reach, else what the name suggests.
  private func maximum(_ score: ColumnShape, _ table: TableShape) throws(PostgresError) -> Int {
    if try !words.allows(1_000, score, in: table) {
      for maximum in [100, 20, 1] where try words.allows(maximum, score, in: table) { return maximum }
    }
    if let largest = try words.largest(score, in: table), largest > 0 {
      return largest <= 1 && score.kind != .integer ? 1 : largest <= 20 ? 20 : 100
    }
    let name = Lexicon.plain(score.name)
    if name.hasPrefix("pour") || name.hasPrefix("perc") { return 100 }
    return name == "note" ? 20 : score.kind == .integer ? 100 : 1
  }
}
