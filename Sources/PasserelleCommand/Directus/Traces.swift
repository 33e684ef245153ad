import Adoption
import Directus
import Postgres
import Store
import Wire

/// What Directus recorded of a learner.
enum Traces {
  /// One learner's, in whichever tables the learners are.
  static func of(
    _ id: String, in database: Database, _ connection: Connection
  ) throws(PostgresError) -> DirectusTraces {
    let person = try TracedPerson(
      id, items: try LearnerItems.query(on: connection), addresses: try Erasure.addresses(of: id, in: database),
      isUser: try LearnerItems.areUsers(on: connection), on: connection)
    return DirectusTraces(of: person, on: connection)
  }

  /// Nothing is begun that could not be ended, unless somebody said so.
  static func expectRights(leaving isLeft: Bool, on connection: Connection) throws {
    guard !isLeft else { return }
    let missing = try DirectusTraces.missing(on: connection)
    guard missing.isEmpty else {
      throw CommandFailure(
        Words(
          fr: "les tables de Directus contiennent peut-être quelque chose sur cet apprenant, et ce rôle de "
            + "base de données ne peut pas y faire ce qu’il doit ; leur propriétaire doit lancer "
            + ":\n\(missing.joined(separator: "\n"))\nou laissez à Directus ce qui s’y trouve : "
            + "--leave-directus",
          en:
            "Directus's own tables may hold something about this learner, and this database role may not do there what it must; as "
            + "their owner run:\n\(missing.joined(separator: "\n"))\nor leave what is there to Directus: --leave-directus"
        )
      )
    }
  }
}
