import ArgumentParser
import Passerelle
import Postgres
import Store
import Wire

/// `passerelle learner expire`: forgets learners who are long gone.
struct LearnerExpire: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "expire",
      abstract: Words(
        fr: "Efface les apprenants qui ne sont pas venus depuis longtemps.",
        en: "Erase the learners who were not here for a long time."),
      discussion: Words(
        fr: """
          Sans ouverture, envoi ni grain terminé depuis lors. Personne qui a enseigné, ni personne dont une session ou \
          une note est en cours. Sur un terminal, la commande demande d’abord ; ailleurs il faut --yes.
          """,
        en: """
          Without a launch, a report or a finished grain since then. Nobody who taught, and nobody with a session or a grade under \
          way. On a terminal it asks first; elsewhere it needs --yes.
          """))
  }

  @Option(
    help: .init(
      Words(
        fr: "Depuis combien de temps, en toutes lettres : 36months, 3years, 400days.",
        en: "How long ago, written out: 36months, 3years, 400days.")))
  var after: Period
  @Flag(help: .init(Words(fr: "Les liste seulement.", en: "Only list them.")))
  var dryRun = false
  @Flag(help: .init(Words(fr: "Même pour moins de six mois.", en: "Also for less than six months.")))
  var evenRecent = false
  @Flag(help: .init(Words(fr: "Ne pose pas de question.", en: "Do not ask.")))
  var yes = false
  @Flag(
    help: .init(
      Words(
        fr: "Laisse ce qui, dans les tables de Directus, ne peut pas être effacé, et le nomme.",
        en: "Leave what of Directus's own tables may not be erased, and name it.")))
  var leaveDirectus = false
  @OptionGroup var listing: ListingOptions

  func run() throws {
    try Console.run {
      guard evenRecent || after.isLong else {
        throw CommandFailure(
          Words(
            fr: "\(after.text) est inférieur à six mois ; si c’est voulu, ajoutez --even-recent",
            en: "\(after.text) is less than six months; if that is meant, add --even-recent"))
      }
      let database = try Workplace(as: .owner).database
      let gone = try Retention.gone(after.interval, in: database)
      if dryRun {
        return listing.print(
          gone.map { ["id": .string($0.id), "name": JSONValue($0.name), "lastSeenAt": .string($0.lastSeenAt)] },
          columns: ["id", "name", "lastSeenAt"])
      }
      guard !gone.isEmpty else { return Console.say(Words(fr: "effacés : 0 apprenant", en: "erased: 0 learners")) }
      try Traces.expectRights(leaving: leaveDirectus, on: try database.connection())
      if !yes {
        try Console.confirm(
          Words(fr: "Effacer \(gone.count) apprenants pour toujours ?", en: "Erase \(gone.count) learners for good?"),
          or: Words(fr: "rien n’a été effacé", en: "nothing was erased"))
      }
      var erased = 0
      var untouched: Set<String> = []
      var bar = ProgressBar(Words(fr: "effacement", en: "erasing"))
      for learner in gone {
        if try erase(learner.id, &untouched, in: database) { erased += 1 }
        bar.advance(of: gone.count)
      }
      bar.finish()
      Console.say(Words(fr: "effacés : \(erased) apprenants", en: "erased: \(erased) learners"))
      for table in untouched.sorted() {
        Console.say(
          Words(
            fr: "peut-être encore dans la table \(table) de Directus : des lignes à leur sujet ; ce rôle de "
              + "base de données ne peut pas les supprimer",
            en: "perhaps still in Directus's table \(table): rows about them; this database role may not delete them"))
      }
    }
  }

  /// Erases one, unless they came back meanwhile.
  private func erase(_ id: String, _ untouched: inout Set<String>, in database: Database) throws -> Bool {
    let connection = try database.connection()
    let interval = after.interval
    let (isErased, left) = try connection.transaction { () throws(PostgresError) -> (Bool, [String]) in
      guard try !Retention.gone(interval, among: id, in: database).isEmpty else { return (false, []) }
      let left = try Traces.of(id, in: database, connection).erase()
      return (try Erasure.delete(id, in: database), left)
    }
    untouched.formUnion(left)
    return isErased
  }
}

/// A length of time as an administrator writes it: a number and `days`, `months` or `years`, written out, because a bare `m` means
/// minutes elsewhere.
struct Period: ExpressibleByArgument {
  /// As it was given.
  let text: String
  /// As PostgreSQL reads it.
  let interval: String
  /// Whether it is six months or longer.
  let isLong: Bool

  /// Nil for anything else.
  init?(argument: String) {
    let digits = argument.prefix { $0.isASCII && $0.isNumber }
    guard digits.count <= 4, let number = Int(digits), number > 0 else { return nil }
    let unit = argument.dropFirst(digits.count)
    switch unit {
    case "day", "days": isLong = number >= 183
    case "month", "months": isLong = number >= 6
    case "year", "years": isLong = true
    default: return nil
    }
    text = argument
    interval = "\(number) \(unit)"
  }
}
