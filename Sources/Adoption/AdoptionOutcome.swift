import Postgres
import Wire

/// What stands behind the views once a map is in force: how much of it, and what will not work as somebody may expect.
struct AdoptionOutcome {
  let counts: [String]
  let warnings: [Words]

  /// Throws `.map` where rows are there that the map cannot work with.
  static func read(_ plan: AdoptionPlan, _ map: AdoptionMap, on connection: Connection) throws(AdoptionProblem)
    -> AdoptionOutcome
  {
    let twice = try asking { () throws(PostgresError) in try slugsTwice(map, on: connection) }
    guard twice.isEmpty else { throw .map(MapProblems(twice)) }
    return try asking { () throws(PostgresError) in
      var counts: [String] = []
      for (view, role) in [
        ("learner_rows", AdoptionMap.Role.learners), ("module_rows", .modules), ("grain_rows", .grains),
        ("progress_rows", .progress),
      ] where map.roles.contains(role) {
        counts.append("\(role.rawValue): \(try count("select from passerelle.\(identifier: view)", on: connection))")
      }
      return AdoptionOutcome(counts: counts, warnings: try warnings(map, plan, on: connection))
    }
  }

  /// A slug that two active grains of a module have names neither.
  private static func slugsTwice(_ map: AdoptionMap, on connection: Connection) throws(PostgresError) -> [MapProblem] {
    var problems: [MapProblem] = []
    if let part = map.modules {
      for row in try connection.query(
        """
        select m.slug from passerelle.module_rows m where m.status = 'active' and m.slug is not null
        group by m.slug having count(*) > 1 order by 1 limit 3
        """)
      {
        let slug: String = try row.get("slug")
        problems.append(
          MapProblem(
            (part.slug ?? part.table).line,
            Words(
              fr: "plusieurs modules actifs ont le slug « \(slug) »",
              en: "several active modules have the slug “\(slug)”")))
      }
    }
    if let part = map.grains {
      for row in try connection.query(
        """
        select g.slug, min(m.slug) as module from passerelle.grain_rows g join passerelle.module_rows m on m.id = g.module
        where g.status = 'active' and g.slug is not null
        group by g.module, g.slug having count(*) > 1 order by 1 limit 3
        """)
      {
        let slug: String = try row.get("slug")
        let module = try row.get("module", as: String?.self) ?? ""
        problems.append(
          MapProblem(
            (part.slug ?? part.table).line,
            Words(
              fr: "plusieurs grains actifs du module « \(module) » ont le slug « \(slug) »",
              en: "several active grains of module “\(module)” have the slug “\(slug)”")))
      }
    }
    return problems
  }

  private static func warnings(
    _ map: AdoptionMap, _ plan: AdoptionPlan, on connection: Connection
  ) throws(PostgresError) -> [Words] {
    var warnings: [Words] = []
    if map.grains != nil {
      let modules = try count(
        "select from passerelle.module_rows m where m.slug is null or m.slug !~ '\(unescaped: slug)'", on: connection)
      if modules > 0 {
        warnings.append(
          Words(
            fr: "\(modules) modules ont un slug qu’aucune adresse ne peut contenir",
            en: "\(modules) modules have a slug that no address can hold"))
      }
      let grains = try count(
        "select from passerelle.grain_rows g where g.slug is null or g.slug !~ '\(unescaped: slug)'", on: connection)
      if grains > 0 {
        warnings.append(
          Words(
            fr: "\(grains) grains ont un slug qu’aucune page ne peut envoyer",
            en: "\(grains) grains have a slug that no page can report"))
      }
      let lost = try count("select from passerelle.grain_rows g where g.module is null", on: connection)
      if lost > 0 {
        warnings.append(
          Words(fr: "\(lost) grains n’appartiennent à aucun module", en: "\(lost) grains belong to no module"))
      }
    }
    if let learners = plan.learners, learners.match == .email, let email = learners.email {
      let column = SQLText.name(email.name)
      let twice = try count(
        """
        select from \(unescaped: learners.place.relation) l where l.\(unescaped: column) <> ''
        group by lower(l.\(unescaped: column)) having count(*) > 1
        """, on: connection)
      if twice > 0 {
        warnings.append(
          Words(
            fr: "\(twice) adresses électroniques sont celles de plusieurs personnes, qui ne sont pas "
              + "reconnues par elles",
            en: "\(twice) e-mail addresses are of several people, who are not matched by them"))
      }
    }
    if let part = plan.progress {
      let column = SQLText.name(part.score.column.name)
      let beyond = try count(
        """
        select from \(unescaped: part.place.relation) p
        where p.\(unescaped: column) < 0 or p.\(unescaped: column) > \(unescaped: String(part.score.maximum))
        """, on: connection)
      if beyond > 0 {
        warnings.append(
          Words(
            fr: "\(beyond) scores sortent de l’intervalle 0 à \(part.score.maximum) et comptent comme la "
              + "plus proche de ces bornes",
            en: "\(beyond) scores are outside 0 to \(part.score.maximum) and count as the nearest of these"))
      }
    }
    return warnings
  }

  /// What `Store.Slug` accepts.
  private static let slug = "^[A-Za-z0-9][A-Za-z0-9._~-]{0,99}$"

  private static func count(_ query: Statement, on connection: Connection) throws(PostgresError) -> Int {
    let statement = Statement(sql: "select count(*) as rows from (\(query.sql)) q", parameters: query.parameters)
    return try connection.query(statement).first?.get("rows") ?? 0
  }
}
