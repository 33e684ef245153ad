import Adoption
import ArgumentParser
import Directus
import Glibc
import Passerelle
import Postgres
import Store
import Wire

extension LearnerCommand {
  /// `passerelle learner export`: what a person may ask for (GDPR, articles 15 and 20).
  struct Export: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: "Print everything that is held about a learner, as JSON.",
        discussion: """
          Profile, identities with what Moodle last said, activities, progress, grades and their delivery, open sessions and codes, what \
          Moodle's list of members said, and what Directus recorded of their rows. Secrets of Moodle's are left out.
          """)
    }

    @Argument(help: "The learner's id, as Directus and learner list show it.")
    var id: String
    @Option(help: "A new file for it, which only you can read; standard output when left out.")
    var output: String?
    @Flag(name: .customLong("json"), help: "What it is in any case.")
    var isJSON = false

    func run() throws {
      try Console.run {
        let database = try Workplace(as: .owner).database
        guard var data = try LearnerDocument(of: id, in: database)?.json else {
          throw CommandFailure("there is no learner \(id)")
        }
        let connection = try database.connection()
        let traces = try DirectusTraces.export(
          of: id, items: try LearnerItems.query(on: connection), on: connection)
        data["directus"] = .object(traces.rows)
        data["directusUnread"] = .array(traces.unread.map(JSONValue.string))
        for table in traces.unread {
          Console.note(
            "passerelle: left out: what Directus's table \(table) may hold about this learner; this database role may "
              + "not read it")
        }
        let text = IndentedJSON.text(.object(data)) + "\n"
        guard let output else { return print(text, terminator: "") }
        try PrivateFile.write(text, to: output)
        print("written: \(output)")
      }
    }
  }

  /// `passerelle learner erase`: forgets a person (GDPR, article 17).
  struct Erase: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: "Delete everything that is held about a learner, and say what Moodle still holds.",
        discussion: """
          Sessions end at once. On a terminal it asks first. Whoever opens an activity afterwards is a new learner: end the \
          enrolment in Moodle before, if that is not wanted.
          """)
    }

    @Argument(help: "The learner's id, as Directus and learner list show it.")
    var id: String
    @Flag(help: "Do not ask.")
    var yes = false

    func run() throws {
      try Console.run {
        let database = try Workplace(as: .owner).database
        guard let learner = try LearnerDocument(of: id, in: database)?.summary else {
          throw CommandFailure("there is no learner \(id)")
        }
        if !yes, isatty(STDIN_FILENO) == 1 { try confirm(learner) }
        let remainders = try Erasure.remainders(of: id, in: database)
        let connection = try database.connection()
        let (isErased, untouched) = try connection.transaction { () throws(PostgresError) in
          let untouched = try DirectusTraces.erase(
            of: id, items: try LearnerItems.query(on: connection), on: connection)
          return (try Erasure.delete(id, in: database), untouched)
        }
        guard isErased else { throw CommandFailure("there is no learner \(id)") }
        print("erased: learner \(id.lowercased())")
        for line in Self.words(remainders) + Self.words(untouched: untouched) { print(line) }
      }
    }

    private func confirm(_ learner: JSONObject) throws {
      let name = [learner["name"]?.stringValue, learner["email"]?.stringValue].compactMap(\.self).joined(
        separator: ", ")
      Log.raw("Erase \(name.isEmpty ? "this learner" : name) for good? Type yes: ")
      guard readLine() == "yes" else { throw CommandFailure("nothing was erased") }
    }

    /// What is Moodle's, and to be asked for there.
    private static func words(_ remainders: [Erasure.Remainder]) -> [String] {
      var lines: [String] = []
      var platform: (String, String)?
      for remainder in remainders {
        if platform.map({ $0 != (remainder.platform, remainder.subject) }) ?? true {
          platform = (remainder.platform, remainder.subject)
          lines.append("still held by \(remainder.platform): the account \(remainder.subject), and what its logs say")
        }
        guard let activity = remainder.activity else { continue }
        if let score = remainder.score, let maximum = remainder.maximum, let date = remainder.deliveredAt {
          lines.append(
            "  gradebook: \(JSONValue.number(score).encoded) of \(JSONValue.number(maximum).encoded) in \(activity), sent \(date)"
          )
        }
        if remainder.isUnderWay {
          lines.append("  gradebook: perhaps a score that was on its way at this moment, in \(activity)")
        }
      }
      return lines
    }

    private static func words(untouched tables: [String]) -> [String] {
      let own = tables.map {
        "perhaps still in Directus's table \($0): rows about this learner; this database role may not delete them"
      }
      return own + ["outside this database: the web server's logs, and backups until they expire"]
    }
  }
}

/// A file that holds somebody's data.
private enum PrivateFile {
  /// Writes a new file that its owner alone may read; an existing one is left as it is.
  static func write(_ text: String, to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw CommandFailure("\(path) cannot be made: \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { throw CommandFailure("\(path) cannot be written: \(String(cString: strerror(errno)))") }
      rest = rest.dropFirst(count)
    }
  }
}
