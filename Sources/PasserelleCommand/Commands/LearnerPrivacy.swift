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
        abstract: Words(
          fr: "Affiche tout ce qui est gardé sur un apprenant, en JSON.",
          en: "Print everything that is held about a learner, as JSON."),
        discussion: Words(
          fr: """
            Profil, identités avec ce que Moodle a dit en dernier, activités, progression, états, notes et leur envoi, \
            sessions et codes ouverts, ce que disait la liste des membres de Moodle, et ce que Directus a noté de ses \
            lignes. Les secrets de Moodle n’y sont pas.
            """,
          en: """
            Profile, identities with what Moodle last said, activities, progress, states, grades and their delivery, open sessions and codes, what \
            Moodle's list of members said, and what Directus recorded of their rows. Secrets of Moodle's are left out.
            """))
    }

    @Argument(
      help: .init(
        Words(
          fr: "L’identifiant de l’apprenant, tel que l’affichent Directus et learner list.",
          en: "The learner's id, as Directus and learner list show it.")))
    var id: String
    @Option(
      help: .init(
        Words(
          fr: "Un nouveau fichier pour cela, que vous seul pouvez lire ; sinon la sortie standard.",
          en: "A new file for it, which only you can read; standard output when left out.")))
    var output: String?
    @Flag(
      name: .customLong("json"), help: .init(Words(fr: "Le format, dans tous les cas.", en: "What it is in any case.")))
    var isJSON = false
    @Flag(
      help: .init(
        Words(
          fr: "Omet ce qui, dans les tables de Directus, ne peut pas être lu, et le nomme.",
          en: "Leave out what of Directus's own tables may not be read, and name it.")))
    var leaveDirectus = false

    func run() throws {
      try Console.run {
        let database = try Workplace(as: .owner).database
        guard var data = try LearnerDocument(of: id, in: database)?.json else {
          throw CommandFailure(Words(fr: "il n’y a pas d’apprenant \(id)", en: "there is no learner \(id)"))
        }
        let connection = try database.connection()
        try Traces.expectRights(leaving: leaveDirectus, on: connection)
        let traces = try Traces.of(id, in: database, connection).export()
        data["directus"] = .object(traces.rows)
        data["directusUnread"] = .array(traces.unread.map(JSONValue.string))
        for table in traces.unread {
          Console.note(
            Words(
              fr: "omis : ce que la table \(table) de Directus peut contenir sur cet apprenant ; ce rôle de "
                + "base de données ne peut pas la lire",
              en: "left out: what Directus's table \(table) may hold about this learner; this database role may "
                + "not read it"))
        }
        let text = IndentedJSON.text(.object(data)) + "\n"
        guard let output else { return print(text, terminator: "") }
        try PrivateFile.write(text, to: output)
        Console.say(Words(fr: "écrit : \(output)", en: "written: \(output)"))
      }
    }
  }

  /// `passerelle learner erase`: forgets a person (GDPR, article 17).
  struct Erase: ParsableCommand {
    static var configuration: CommandConfiguration {
      CommandConfiguration(
        abstract: Words(
          fr: "Supprime tout ce qui est gardé sur un apprenant, et dit ce que Moodle garde encore.",
          en: "Delete everything that is held about a learner, and say what Moodle still holds."),
        discussion: Words(
          fr: """
            Les sessions se terminent aussitôt. Sur un terminal, la commande demande d’abord ; ailleurs il faut --yes. \
            Qui ouvre une activité ensuite est un nouvel apprenant : terminez avant l’inscription dans Moodle, si ce \
            n’est pas voulu.
            """,
          en: """
            Sessions end at once. On a terminal it asks first; elsewhere it needs --yes. Whoever opens an activity afterwards is a new learner: end the \
            enrolment in Moodle before, if that is not wanted.
            """))
    }

    @Argument(
      help: .init(
        Words(
          fr: "L’identifiant de l’apprenant, tel que l’affichent Directus et learner list.",
          en: "The learner's id, as Directus and learner list show it.")))
    var id: String
    @Flag(help: .init(Words(fr: "Ne pose pas de question.", en: "Do not ask.")))
    var yes = false
    @Flag(
      help: .init(
        Words(
          fr: "Laisse ce qui, dans les tables de Directus, ne peut pas être effacé, et le nomme.",
          en: "Leave what of Directus's own tables may not be erased, and name it.")))
    var leaveDirectus = false

    func run() throws {
      try Console.run {
        let database = try Workplace(as: .owner).database
        guard let learner = try LearnerDocument(of: id, in: database)?.summary else {
          throw CommandFailure(Words(fr: "il n’y a pas d’apprenant \(id)", en: "there is no learner \(id)"))
        }
        let connection = try database.connection()
        try Traces.expectRights(leaving: leaveDirectus, on: connection)
        if !yes { try confirm(learner) }
        let remainders = try Erasure.remainders(of: id, in: database)
        let (isErased, untouched) = try connection.transaction { () throws(PostgresError) in
          let untouched = try Traces.of(id, in: database, connection).erase()
          return (try Erasure.delete(id, in: database), untouched)
        }
        guard isErased else {
          throw CommandFailure(Words(fr: "il n’y a pas d’apprenant \(id)", en: "there is no learner \(id)"))
        }
        Console.say(Words(fr: "effacé : apprenant \(id.lowercased())", en: "erased: learner \(id.lowercased())"))
        for line in Self.words(remainders) + Self.words(untouched: untouched) { Console.say(line) }
      }
    }

    private func confirm(_ learner: JSONObject) throws {
      let name = [learner["name"]?.stringValue, learner["email"]?.stringValue].compactMap(\.self).joined(
        separator: ", ")
      try Console.confirm(
        Words(
          fr: "Effacer \(name.isEmpty ? "cet apprenant" : name) pour toujours ?",
          en: "Erase \(name.isEmpty ? "this learner" : name) for good?"),
        or: Words(fr: "rien n’a été effacé", en: "nothing was erased"))
    }

    /// What is Moodle's, and to be asked for there.
    private static func words(_ remainders: [Erasure.Remainder]) -> [Words] {
      var lines: [Words] = []
      var platform: (String, String)?
      for remainder in remainders {
        if platform.map({ $0 != (remainder.platform, remainder.subject) }) ?? true {
          platform = (remainder.platform, remainder.subject)
          lines.append(
            Words(
              fr: "encore chez \(remainder.platform) : le compte \(remainder.subject), et ce qu’en disent ses "
                + "journaux",
              en: "still held by \(remainder.platform): the account \(remainder.subject), and what its logs say"))
        }
        guard let activity = remainder.activity else { continue }
        if let score = remainder.score, let maximum = remainder.maximum, let date = remainder.deliveredAt {
          lines.append(
            Words(
              fr:
                "  carnet de notes : \(JSONValue.number(score).encoded) sur \(JSONValue.number(maximum).encoded) dans "
                + "\(activity), envoyé \(date)",
              en:
                "  gradebook: \(JSONValue.number(score).encoded) of \(JSONValue.number(maximum).encoded) in \(activity), "
                + "sent \(date)")
          )
        }
        if remainder.isUnderWay {
          lines.append(
            Words(
              fr: "  carnet de notes : peut-être un score en route à cet instant, dans \(activity)",
              en: "  gradebook: perhaps a score that was on its way at this moment, in \(activity)"))
        }
      }
      return lines
    }

    private static func words(untouched tables: [String]) -> [Words] {
      let own = tables.map {
        Words(
          fr: "peut-être encore dans la table \($0) de Directus : des lignes sur cet apprenant ; ce rôle "
            + "de base de données ne peut pas les supprimer",
          en: "perhaps still in Directus's table \($0): rows about this learner; this database role may not delete them"
        )
      }
      return own + [
        Words(
          fr: "hors de cette base : les journaux du serveur web, et les sauvegardes jusqu’à leur expiration",
          en: "outside this database: the web server's logs, and backups until they expire")
      ]
    }
  }
}

/// A file that holds somebody's data.
private enum PrivateFile {
  /// Writes a new file that its owner alone may read; an existing one is left as it is.
  static func write(_ text: String, to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw CommandFailure(
        Words(
          fr: "impossible de créer \(path) : \(String(cString: strerror(errno)))",
          en: "\(path) cannot be made: \(String(cString: strerror(errno)))"))
    }
    defer { close(descriptor) }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else {
        throw CommandFailure(
          Words(
            fr: "impossible d’écrire \(path) : \(String(cString: strerror(errno)))",
            en: "\(path) cannot be written: \(String(cString: strerror(errno)))"))
      }
      rest = rest.dropFirst(count)
    }
  }
}
