import ArgumentParser
import Passerelle
import Store
import Wire

/// `passerelle grade withdraw`: empties grades in Moodle's gradebook.
struct GradeWithdraw: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "withdraw",
      abstract: Words(
        fr: "Reprend des notes envoyées : celles de Moodle sont alors vides, et l’activité n’est plus "
          + "achevée.",
        en: "Take grades back that were sent: Moodle's are empty then, and the activity is not complete any more."),
      discussion: Words(
        fr: """
          Pour quelqu’un qui recommence, ou une note partie vers la mauvaise activité. La progression n’est pas \
          touchée ; une note est due de nouveau quand elle change, ou après « grade retry ».
          """,
        en: """
          For somebody who begins anew, or a grade that went to the wrong activity. Progress is not touched; a grade is owed again \
          when it changes, or after “grade retry”.
          """))
  }

  @Argument(
    help: .init(
      Words(
        fr: "Les identifiants des notes, tels que les affiche grade list.",
        en: "The ids of grades, as grade list shows them.")))
  var ids: [String]

  func run() throws {
    try Console.run {
      let workplace = try Workplace()
      let known = try Grades.known(ids, in: workplace.database)
      let unknown = ids.filter { !known.contains($0) }
      guard unknown.isEmpty else {
        throw CommandFailure(
          Words(
            fr: "il n’y a pas de note \(unknown.joined(separator: ", "))",
            en: "there is no grade \(unknown.joined(separator: ", "))"))
      }
      let withdrawal = GradeWithdrawal(environment: workplace.environment, database: workplace.database)
      var bar = ProgressBar(Words(fr: "reprise", en: "withdrawing"))
      var withdrawn = 0
      var failures: [Words] = []
      for id in ids {
        switch try withdrawal.withdraw(id.lowercased()) {
        case .withdrawn: withdrawn += 1
        case .nothingSent: failures.append(Words(fr: "\(id) : aucune n’a été envoyée", en: "\(id): none was sent"))
        case .busy:
          failures.append(
            Words(
              fr: "\(id) : elle est en cours d’envoi ; réessayez dans une minute",
              en: "\(id): it is being delivered just now; try again in a minute"))
        case .refused(let code, let words): failures.append(Words { "\(id): \(code): \(words[$0])" })
        }
        bar.advance(of: ids.count)
      }
      bar.finish()
      Console.say(Words(fr: "reprises : \(withdrawn)", en: "withdrawn: \(withdrawn)"))
      if !failures.isEmpty {
        throw CommandFailure(
          Words(
            fr: "non reprises : \(failures.map(\.french).joined(separator: " ; "))",
            en: "not withdrawn: \(failures.map(\.english).joined(separator: "; "))"))
      }
    }
  }
}
