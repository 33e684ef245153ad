import Wire

extension Planner {
  mutating func learners(_ part: AdoptionMap.Learners) -> AdoptionPlan.Learners? {
    guard let (table, place) = table(part.table, .learners) else { return nil }
    if place.addsID, let grades = survey.table(GradeKey.table) { expectFree(GradeKey.column, in: grades, part.table) }
    let name: AdoptionPlan.PersonName?
    switch part.name {
    case .whole(let whole):
      name = column(whole, in: table, [.text], for: Words(fr: "un nom", en: "a name"), written: true).map { .whole($0) }
    case .parts(let given, let family):
      let first = column(given, in: table, [.text], for: Words(fr: "un prénom", en: "a given name"), written: true)
      let second = column(
        family, in: table, [.text], for: Words(fr: "un nom de famille", en: "a family name"), written: true)
      name = first.flatMap { first in second.map { .parts(given: first, family: $0) } }
    }
    let email = optional(
      part.email, in: table, [.text], for: Words(fr: "une adresse électronique", en: "an e-mail address"), written: true
    )
    let locale = optional(
      part.locale, in: table, [.text], for: Words(fr: "une langue", en: "a language"), written: true)
    let created = optional(part.created, in: table, [.time], for: Words(fr: "une date", en: "a date"))
    let match: AdoptionPlan.Match
    switch part.match {
    case .nobody: match = .nobody
    case .email: match = .email
    case .subject(let subject):
      match =
        column(
          subject, in: table, [.text, .integer, .uuid],
          for: Words(fr: "le numéro d’une personne dans Moodle", en: "Moodle's number of a person")
        ).map { .subject($0) }
        ?? .nobody
    }
    guard let name else { return nil }
    if part.create {
      let names: [ColumnShape] =
        switch name {
        case .whole(let whole): [whole]
        case .parts(let given, let family): [given, family]
        }
      var written = names.map(\.name) + [email, locale].compactMap { $0?.name }
      if case .subject(let column) = match { written.append(column.name) }
      expectInsertable(table, place, named: written, part.table)
    }
    return AdoptionPlan.Learners(
      place: place, shape: table, name: name, email: email, locale: locale, created: created, match: match,
      creates: part.create)
  }

  mutating func modules(_ part: AdoptionMap.Modules) -> AdoptionPlan.Modules? {
    guard let (table, place) = table(part.table, .modules) else { return nil }
    let slug = slug(part.slug, in: table, place)
    let title = column(part.title, in: table, [.text], for: Words(fr: "un titre", en: "a title"))
    let url = optional(part.url, in: table, [.text], for: Words(fr: "une adresse", en: "an address"))
    let grading: AdoptionPlan.Grading =
      switch part.grading {
      case .proportion: .proportion
      case .allOrNothing: .allOrNothing
      case .column(let rule):
        condition(
          rule, in: table, for: Words(fr: "« tout ou rien » d’un module", en: "whether a module is all-or-nothing")
        ).map { .column($0) } ?? .proportion
      }
    let active = condition(
      part.active, in: table, for: Words(fr: "si un module est en service", en: "whether a module is in use"))
    let sort = optional(
      part.sort, in: table, [.integer, .fraction], for: Words(fr: "une place dans un ordre", en: "a place in an order"))
    let scope = scope(part.scope, in: table)
    guard let slug, let title else { return nil }
    return AdoptionPlan.Modules(
      place: place, shape: table, slug: slug, title: title, url: url, grading: grading, scope: scope, active: active,
      sort: sort)
  }

  /// Activities count their own progress only where a row of it can say of which it is.
  private mutating func scope(_ scope: AdoptionMap.Scope, in table: TableShape) -> AdoptionPlan.Scope {
    if let line = scope.line, let progress = map.progress, progress.activityLine == nil {
      refuse(
        line,
        Words(
          fr:
            "une ligne de « \(progress.table.name) » ne dit pas de quelle activité elle est : la portée reste « learner », ou "
            + "[progress] ajoute la colonne avec « activity = yes »",
          en:
            "a row of “\(progress.table.name)” does not say of which activity it is: the scope stays “learner”, or [progress] "
            + "adds the column with “activity = yes”"))
    }
    switch scope {
    case .learner: return .learner
    case .activity: return .activity
    case .column(let rule):
      let what = Words(fr: "si chaque activité compte la sienne", en: "whether each activity counts its own")
      return condition(rule, in: table, for: what).map { .column($0) } ?? .learner
    }
  }

  mutating func grains(_ part: AdoptionMap.Grains, _ modules: AdoptionPlan.Modules?) -> AdoptionPlan.Grains? {
    guard let (table, place) = table(part.table, .grains) else { return nil }
    let slug = slug(part.slug, in: table, place)
    let title = column(part.title, in: table, [.text], for: Words(fr: "un titre", en: "a title"))
    let weight = optional(part.weight, in: table, [.integer, .fraction], for: Words(fr: "un poids", en: "a weight"))
    let active = condition(
      part.active, in: table, for: Words(fr: "si un grain est en service", en: "whether a grain is in use"))
    let sort = optional(
      part.sort, in: table, [.integer, .fraction], for: Words(fr: "une place dans un ordre", en: "a place in an order"))
    guard let modules, let module = route(part.module, in: table, to: modules.place, modules.shape), let slug, let title
    else { return nil }
    return AdoptionPlan.Grains(
      place: place, shape: table, module: module, slug: slug, title: title, weight: weight, active: active, sort: sort)
  }

  private mutating func slug(_ name: AdoptionMap.Name?, in table: TableShape, _ place: Place) -> ColumnShape? {
    guard let name else { return place.key }
    return column(name, in: table, [.text, .integer, .uuid], for: Words(fr: "un slug", en: "a slug"))
  }

  mutating func progress(
    _ part: AdoptionMap.Progress, _ learners: AdoptionPlan.Learners?, _ grains: AdoptionPlan.Grains?
  ) -> AdoptionPlan.Progress? {
    guard let (table, place) = table(part.table, .progress) else { return nil }
    let learner = learners.flatMap { route(part.learner, in: table, to: $0.place, $0.shape) }
    // A grains section that was refused says so itself.
    let grain: Route? =
      if let grains {
        route(part.grain, in: table, to: grains.place, grains.shape)
      } else {
        map.grains == nil ? route(part.grain, in: table, to: Place(own: .grains), nil) : nil
      }
    let completed = completion(part.completed, in: table)
    let score = score(part.score, in: table, part.table)
    let completedAt = completedAt(part, in: table, completed)
    if let line = part.activityLine { expectActivities(line, in: table, part, learner, grain) }
    guard let learner, let grain, let completed, let score, let completedAt else { return nil }
    expectInsertable(
      table, place,
      named: [
        learner.column.name, grain.column.name, completed.condition.column.name, score.column.name, completedAt.name,
      ], part.table)
    return AdoptionPlan.Progress(
      place: place, shape: table, learner: learner, grain: grain, completed: completed, score: score,
      addsScore: part.score == nil, completedAt: completedAt,
      addsCompletedAt: completedAt.name == AdoptionPlan.Progress.addedCompletedAt.name && part.completedAt == nil,
      isUnique: table.isUnique([learner.column.name, grain.column.name]), namesActivities: part.activityLine != nil)
  }

  /// A row for each activity beside the person's: their columns are free, and nothing of theirs allows but one.
  private mutating func expectActivities(
    _ line: Int, in table: TableShape, _ part: AdoptionMap.Progress, _ learner: Route?, _ grain: Route?
  ) {
    for column in [AdoptionPlan.Progress.addedActivity, AdoptionPlan.Progress.addedActivityTitle] {
      expectFree(column, in: table, part.table)
    }
    guard let learner, let grain, table.isUnique([learner.column.name, grain.column.name]) else { return }
    let columns = "\(learner.column.name), \(grain.column.name)"
    refuse(
      line,
      Words(
        fr:
          "« \(table.name) » n’admet qu’une ligne par apprenant et grain (contrainte d’unicité sur \(columns)) : aucune activité "
          + "ne pourrait compter sa propre progression",
        en:
          "“\(table.name)” allows one row for each learner and grain (unique constraint on \(columns)): no activity could count "
          + "its own progress"))
  }

  private mutating func completion(_ part: AdoptionMap.Completion, in table: TableShape) -> AdoptionPlan.Completion? {
    let name = part.condition.column
    guard
      let condition = condition(
        part.condition, in: table, for: Words(fr: "si un grain est terminé", en: "whether a grain is completed"),
        allowsTime: true, written: true)
    else { return nil }
    if condition.column.kind == .text {
      guard let otherwise = part.otherwise else {
        refuse(
          name.line,
          Words(
            fr: "dites quel mot a un grain commencé et non terminé : « \(name.name) is … else WORD »",
            en: "say which word a grain has that was begun and is not completed: “\(name.name) is … else WORD”"))
        return nil
      }
      expectFit(otherwise, in: condition.column, name)
      probe(name, table, condition.column, [otherwise])
    } else if part.otherwise != nil {
      refuse(
        name.line,
        Words(
          fr: "la colonne « \(name.name) » est de type \(condition.column.sqlType) et n’a pas besoin de "
            + "mot : retirez « else … »",
          en: "column “\(name.name)” is of type \(condition.column.sqlType) and needs no word: leave out “else …”"))
      return nil
    }
    if condition.column.kind == .time && condition.column.isNotNull {
      refuse(
        name.line,
        Words(
          fr: "la colonne « \(name.name) » ne peut jamais être vide : tout grain serait terminé",
          en: "column “\(name.name)” can never be empty, so that every grain would be completed"))
      return nil
    }
    return AdoptionPlan.Completion(condition: condition, otherwise: part.otherwise)
  }

  private mutating func score(
    _ part: AdoptionMap.Score?, in table: TableShape, _ name: AdoptionMap.Name
  ) -> AdoptionPlan.Score? {
    guard let part else {
      expectFree(AdoptionPlan.Progress.addedScore.name, in: table, name)
      return AdoptionPlan.Score(column: AdoptionPlan.Progress.addedScore, maximum: 1)
    }
    let name = part.column
    guard
      let column = column(
        name, in: table, [.integer, .fraction], for: Words(fr: "un score", en: "a score"), written: true)
    else { return nil }
    guard column.holds(part.maximum) else {
      refuse(
        name.line,
        Words(
          fr: "la colonne « \(name.name) » (\(column.sqlType)) ne peut pas contenir \(part.maximum)",
          en: "column “\(name.name)” (\(column.sqlType)) cannot hold \(part.maximum)"))
      return nil
    }
    guard !(column.kind == .integer && part.maximum == 1) else {
      refuse(
        name.line,
        Words(
          fr: "la colonne « \(name.name) » contient des nombres entiers : sur 1, elle ne pourrait contenir "
            + "aucune fraction d’un score",
          en: "column “\(name.name)” holds whole numbers: out of 1 it could hold no part of a score"))
      return nil
    }
    probe(name, table, column, ["0", String(part.maximum)])
    return AdoptionPlan.Score(column: column, maximum: part.maximum)
  }

  private mutating func completedAt(
    _ part: AdoptionMap.Progress, in table: TableShape, _ completed: AdoptionPlan.Completion?
  ) -> ColumnShape? {
    if let column = completed?.condition.column, column.kind == .time {
      guard let name = part.completedAt, name.name != column.name else { return column }
      refuse(
        name.line,
        Words(
          fr: "« completed » est lui-même une date, la colonne « \(column.name) » : retirez « completed_at "
            + "»", en: "“completed” is a date itself, column “\(column.name)”: leave out “completed_at”"))
      return nil
    }
    guard let name = part.completedAt else {
      expectFree(AdoptionPlan.Progress.addedCompletedAt.name, in: table, part.table)
      return AdoptionPlan.Progress.addedCompletedAt
    }
    guard let column = column(name, in: table, [.time], for: Words(fr: "une date", en: "a date"), written: true) else {
      return nil
    }
    guard !column.isNotNull else {
      refuse(
        name.line,
        Words(
          fr: "la colonne « \(name.name) » ne peut jamais être vide, et un grain non terminé n’a pas de "
            + "date", en: "column “\(name.name)” can never be empty, and a grain that is not completed has no date"))
      return nil
    }
    return column
  }
}
