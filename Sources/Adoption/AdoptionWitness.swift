import Postgres
import Wire

/// Somebody who has described the collections to others, and is told, in the transaction of an adoption, that other tables
/// stand in. What a witness cannot do is undone with the adoption.
package protocol AdoptionWitness: AnyObject {
  /// Nothing has changed yet, but Passerelle's tables are there.
  func willChange(on connection: Connection) throws(PostgresError)
  /// The change is made; answers what it meant, in words.
  func didChange(_ change: Adoption.Change, on connection: Connection) throws(PostgresError) -> [Words]
}

extension Adoption {
  /// What an administrator asked for.
  package enum Change: Sendable {
    /// A map where none was in force.
    case adopted
    /// Another map for the same tables.
    case changed
    /// The tables are the institution's alone again.
    case givenBack
  }
}
