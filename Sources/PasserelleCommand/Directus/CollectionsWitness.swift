import Adoption
import Directus
import Postgres
import Wire

extension AdoptedLearners {
  /// What adoption knows of the way from a grade to its learner, as Directus is told it.
  init(_ link: AdoptedLearnersLink) {
    self.init(collection: link.table, field: link.column, names: link.names)
  }
}

/// Fits what Directus was told of the collections to an adoption and to its end, in the same transaction.
final class CollectionsWitness: AdoptionWitness {
  private var former: [MetadataRow] = []

  func willChange(on connection: Connection) throws(PostgresError) { former = try described(on: connection) }

  func didChange(_ change: Adoption.Change, on connection: Connection) throws(PostgresError) -> [Words] {
    let (removed, added) = try MetadataRefit.run(from: former, to: try described(on: connection), on: connection)
    switch change {
    case .adopted where removed > 0:
      return [
        Words(
          fr: "retirées des tables de Directus : \(removed) lignes sur les collections de Passerelle",
          en: "taken out of Directus's tables: \(removed) rows about Passerelle's own collections")
      ]
    case .givenBack where added > 0:
      return [
        Words(
          fr: "Directus est de nouveau informé des collections de Passerelle : \(added) lignes",
          en: "told Directus of Passerelle's own collections again: \(added) rows")
      ]
    default: return []
    }
  }

  /// What Directus is to be told by now.
  private func described(on connection: Connection) throws(PostgresError) -> [MetadataRow] {
    let adopted = try Adoption.adoptedRoles(on: connection).map(\.rawValue)
    return Metadata.rows(
      for: Set(Metadata.collections.map(\.name)).subtracting(adopted),
      learners: try AdoptedLearnersLink.read(on: connection).map(AdoptedLearners.init),
      try Instance.read(on: connection))
  }
}
