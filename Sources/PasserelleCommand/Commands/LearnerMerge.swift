import ArgumentParser
import Passerelle
import Postgres
import Store
import Wire

/// `passerelle learner merge`: two records of one person become one.
struct LearnerMerge: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "merge",
      abstract: Words(
        fr: "Donne tout d’un apprenant à un autre : c’est la même personne.",
        en: "Give everything of one learner to another: they are the same person."),
      discussion: Words(
        fr: """
          Identités, inscriptions, notes et progression, dont la meilleure compte. Rien n’est envoyé que Moodle ait \
          déjà. C’est irréversible ; --dry-run fait tout et l’annule.
          """,
        en: """
          Identities, enrolments, grades and progress, of which the better counts. Nothing is sent that Moodle has already. It cannot \
          be undone; --dry-run does all of it and takes it back.
          """))
  }

  @Argument(help: .init(Words(fr: "L’apprenant qui disparaît.", en: "The learner who goes.")))
  var id: String
  @Argument(help: .init(Words(fr: "L’apprenant qui reste.", en: "The learner who stays.")))
  var into: String
  @Flag(help: .init(Words(fr: "Dit seulement ce qui serait fait.", en: "Only say what would be done.")))
  var dryRun = false

  func run() throws {
    try Console.run {
      let database = try Workplace(as: .owner).database
      guard let from = UUIDText(id), try Learners.exists(from, in: database) else {
        throw CommandFailure(Words(fr: "il n’y a pas d’apprenant \(id)", en: "there is no learner \(id)"))
      }
      guard let stays = UUIDText(into), try Learners.exists(stays, in: database) else {
        throw CommandFailure(Words(fr: "il n’y a pas d’apprenant \(into)", en: "there is no learner \(into)"))
      }
      let connection = try database.connection()
      let merged = try Patience.wait { () throws -> Merging.Merged? in
        let merged = try Merging.merge(from, into: stays, isKept: !dryRun, on: connection)
        return merged.outcome == .busy ? nil : merged
      }
      guard let merged else {
        throw CommandFailure(
          Words(
            fr: "une de leurs notes est en cours d’envoi ; réessayez dans une minute",
            en: "a grade of theirs is being delivered just now; try again in a minute"))
      }
      switch merged.outcome {
      case .merged, .busy: break
      case .same: throw CommandFailure(Words(fr: "c’est un seul et même apprenant", en: "this is one learner"))
      case .unknown:
        throw CommandFailure(
          Words(fr: "l’un des deux vient d’être supprimé", en: "one of the two was deleted just now"))
      }
      Console.say(
        Words(
          fr:
            "\(dryRun ? "serait réuni" : "réuni") : apprenant \(id.lowercased()) dans \(into.lowercased()), identités "
            + "\(merged.identities), activités \(merged.enrolments), progression \(merged.progress)",
          en:
            "\(dryRun ? "would be merged" : "merged"): learner \(id.lowercased()) into \(into.lowercased()), identities "
            + "\(merged.identities), activities \(merged.enrolments), progress \(merged.progress)"))
      if !merged.isRemoved {
        Console.say(
          Words(
            fr: "la ligne de l’apprenant reste : elle est dans une collection à vous, et plus rien n’y est "
              + "rattaché",
            en: "the learner's row stays: it is in a collection of your own, and nothing is left with it"))
      }
    }
  }
}
