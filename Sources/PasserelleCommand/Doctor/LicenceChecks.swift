import Directus
import Postgres
import Wire

/// What Directus 12 says of its licence, and the ways out of a lock.
enum LicenceChecks {
  private static let subject = Words.directus

  static func run(_ report: inout Report, _ server: DirectusServer, _ connection: Connection) throws {
    guard let licence = try server.licence() else { return }
    switch licence.status {
    case "locked": report.wrong(subject, locked(licence), mend: waysOut)
    case "grace": report.doubtful(subject, inGrace(licence, try lastDay(licence, connection)), mend: waysOut)
    default: report.fine(subject, active(licence))
    }
  }

  private static func taken(_ licence: DirectusLicence) -> Words {
    let (seats, collections, flows) = (licence.seats.words, licence.collections.words, licence.flows.words)
    return Words(
      fr: "sièges \(seats.french), collections \(collections.french), flux \(flows.french)",
      en: "seats \(seats.english), collections \(collections.english), flows \(flows.english)")
  }

  private static func locked(_ licence: DirectusLicence) -> Words {
    let taken = taken(licence)
    return Words(
      fr:
        "est verrouillé, parce qu’il est utilisé au-delà de ce que permet sa licence « \(licence.name) » (\(taken.french)) : il "
        + "refuse ses lignes à tous ; Passerelle continue, parce qu’elle parle à la base",
      en:
        "is locked, because more is in use than its licence “\(licence.name)” allows (\(taken.english)): it refuses its items to "
        + "everybody; Passerelle goes on, because it speaks to the database")
  }

  /// Grace follows the end of a key, or, without one, the update to version 12.
  private static func inGrace(_ licence: DirectusLicence, _ lastDay: String?) -> Words {
    let taken = taken(licence)
    let isOver = [licence.seats, licence.collections, licence.flows].contains(where: \.isOver)
    let state: Words
    if licence.hasKey {
      state = Words(
        fr: "a une licence « \(licence.name) » échue (\(taken.french)), qui ne vaut plus rien après ses jours de grâce",
        en:
          "has a licence “\(licence.name)” that has ended (\(taken.english)), and counts as none after its days of grace"
      )
    } else if isOver {
      state = Words(
        fr:
          "est utilisé au-delà de ce que permet sa licence « \(licence.name) » (\(taken.french)), et sera verrouillé après ses "
          + "jours de grâce",
        en:
          "uses more than its licence “\(licence.name)” allows (\(taken.english)), and is locked after its days of grace"
      )
    } else {
      state = Words(
        fr: "est dans les jours de grâce de sa licence « \(licence.name) », qui lui suffira ensuite (\(taken.french))",
        en: "is in the days of grace of its licence “\(licence.name)”, which will do afterwards (\(taken.english))")
    }
    let days =
      lastDay.map { Words(fr: ", dont le dernier est le \($0)", en: ", the last of which is \($0)") }
      ?? (licence.hasKey
        ? .same("")
        : Words(fr: ", 30 à partir de la mise à jour vers la version 12", en: ", 30 from its update to version 12"))
    return Words(fr: state.french + days.french, en: state.english + days.english)
  }

  private static func active(_ licence: DirectusLicence) -> Words {
    let taken = taken(licence)
    let full = [
      (Words(fr: "siège", en: "seats"), licence.seats),
      (Words(fr: "collection", en: "collections"), licence.collections),
      (Words(fr: "flux", en: "flows"), licence.flows),
    ].filter(\.1.isFull).map(\.0)
    let rest =
      full.isEmpty
      ? .same("")
      : Words(
        fr: " ; il n’y a plus de place : \(full.map(\.french).joined(separator: ", "))",
        en: "; of \(full.map(\.english).joined(separator: " and ")) none is left")
    return Words(
      fr:
        "sa licence « \(licence.name) » est \(licence.status == "active" ? "active" : licence.status) : \(taken.french)"
        + rest.french,
      en: "its licence “\(licence.name)” is \(licence.status): \(taken.english)" + rest.english)
  }

  private static let waysOut = Words(
    fr:
      "soit moins de personnes ayant accès à l’application (les administrateurs comptent), qui travaillent sur les pages de "
      + "Passerelle ; soit une clé : les écoles en obtiennent une gratuite de Directus (Open Innovation Grant)",
    en:
      "either fewer people with access to the application (administrators count), who work on Passerelle's own pages instead; or "
      + "a key: schools get a free one from Directus (Open Innovation Grant)")

  /// What the licence says, or thirty days after the migration that brought licences, as Directus counts without a key.
  private static func lastDay(_ licence: DirectusLicence, _ connection: Connection) throws -> String? {
    if let end = licence.graceEnds { return String(end.rfc3339.prefix(10)) }
    if licence.hasKey { return nil }
    return try DirectusLicence.graceAfterUpdate(on: connection)
  }
}
