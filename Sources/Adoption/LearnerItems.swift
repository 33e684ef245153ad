import Postgres

/// How Directus names the rows of one learner, in its own records of activity and revisions: by collection and key.
package enum LearnerItems {
  /// Whether the learners are users of Directus, who may be more than learners there.
  package static func areUsers(on connection: Connection) throws(PostgresError) -> Bool {
    try Adopted.mapInForce(on: connection)?.learners?.table.name == "directus_users"
  }

  /// A query of pairs of collection and key, both text. It reads the learner's id, as text in lower case, from a common
  /// table expression `learner (id)` of the statement that it is put into.
  ///
  /// The row of a user of Directus is not among them: it is not the program's, and stays when the learner is erased.
  package static func query(on connection: Connection) throws(PostgresError) -> String {
    var parts = ["select 'grades', g.id::text from public.grades g join learner k on g.learner::text = k.id"]
    let map = try Adopted.mapInForce(on: connection)
    let survey = map == nil ? Survey(tables: [], role: "") : try Survey.read(on: connection)
    func place(_ role: AdoptionMap.Role) -> (place: Place, shape: TableShape)? {
      guard let name = map?.table(role)?.name, let shape = survey.table(name), shape.primaryKey.count == 1,
        let key = shape.column(shape.primaryKey[0])
      else { return nil }
      return (Place(role: role, table: name, key: key), shape)
    }
    if let link = map?.progress?.learner {
      if let progress = place(.progress), let learners = place(.learners),
        let column = progress.shape.column(link.column.name),
        let target = learners.shape.column(link.holds ?? learners.place.key.name)
      {
        let route = Route(column: column, place: learners.place, target: target)
        parts.append(
          "select \(SQLText.literal(progress.place.table)), \(SQLText.column("p", progress.place.key.name))::text "
            + "from \(progress.place.relation) p\(route.join(from: "p", as: "l")) "
            + "join learner k on \(learners.place.id("l"))::text = k.id")
      }
    } else {
      parts.append("select 'progress', p.id::text from public.progress p join learner k on p.learner::text = k.id")
    }
    if map?.learners == nil {
      parts.append("select 'learners', k.id from learner k")
    } else if let place = place(.learners)?.place, place.table != "directus_users" {
      parts.append(
        "select \(SQLText.literal(place.table)), \(SQLText.column("l", place.key.name))::text "
          + "from \(place.relation) l join learner k on \(place.id("l"))::text = k.id")
    }
    return parts.joined(separator: "\nunion all ")
  }
}
