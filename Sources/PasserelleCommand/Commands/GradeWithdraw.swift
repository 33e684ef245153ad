import ArgumentParser
import Passerelle
import Store
import Wire

/// `passerelle grade withdraw`: empties grades in Moodle's gradebook.
struct GradeWithdraw: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "withdraw",
      abstract: "Take grades back that were sent: Moodle's are empty then, and the activity is not complete any more.",
      discussion: """
        For somebody who begins anew, or a grade that went to the wrong activity. Progress is not touched; a grade is owed again \
        when it changes, or after “grade retry”.
        """)
  }

  @Argument(help: "The ids of grades, as grade list shows them.")
  var ids: [String]

  func run() throws {
    try Console.run {
      let workplace = try Workplace()
      let known = try Grades.known(ids, in: workplace.database)
      let unknown = ids.filter { !known.contains($0) }
      guard unknown.isEmpty else { throw CommandFailure("there is no grade \(unknown.joined(separator: ", "))") }
      let withdrawal = GradeWithdrawal(environment: workplace.environment, database: workplace.database)
      var bar = ProgressBar("withdrawing")
      var withdrawn = 0
      var failures: [String] = []
      for id in ids {
        switch try withdrawal.withdraw(id.lowercased()) {
        case .withdrawn: withdrawn += 1
        case .nothingSent: failures.append("\(id): none was sent")
        case .busy: failures.append("\(id): it is being delivered just now; try again in a minute")
        case .refused(let code, let words): failures.append("\(id): \(code): \(words[.english])")
        }
        bar.advance(of: ids.count)
      }
      bar.finish()
      print("withdrawn: \(withdrawn)")
      if !failures.isEmpty { throw CommandFailure("not withdrawn: \(failures.joined(separator: "; "))") }
    }
  }
}
