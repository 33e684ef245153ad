import Adoption
import Passerelle
import Postgres
import Store
import Wire

/// Do the collections of an institution's own, where they are adopted, still fit?
enum AdoptionChecks {
  static func run(_ report: inout Report, _ database: Database) {
    do throws(PostgresError) {
      let connection = try database.connection()
      guard let adopted = try Adopted.read(on: connection) else { return }
      let examination = try Examination.run(adopted, on: connection)
      for problem in examination.problems {
        report.wrong(
          .adoption, problem,
          mend: Words(
            fr: "corrigez la table ; ou rendez les collections et adoptez-les de nouveau (passerelle "
              + "directus adopt --undo)",
            en: "mend the table; or give the collections back and adopt them anew (passerelle directus adopt --undo)"))
      }
      for missing in examination.mended {
        report.wrong(
          .adoption, missing, mend: Words(fr: "lancez : passerelle migrate", en: "run: passerelle migrate"))
      }
      for warning in examination.warnings {
        report.doubtful(
          .adoption, warning,
          mend: Words(
            fr: "voir Sources/Adoption/README.fr.md", en: "see Sources/Adoption/README.md"))
      }
      if examination.problems.isEmpty && examination.mended.isEmpty {
        report.fine(
          .adoption, Words { "\(adopted.summary[$0])\($0 == .french ? ", depuis" : ", since") \(adopted.since)" })
      }
    } catch {
      report.wrong(.adoption, error)
    }
  }
}
