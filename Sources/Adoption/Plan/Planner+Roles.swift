extension Planner {
  mutating func learners(_ part: AdoptionMap.Learners) -> AdoptionPlan.Learners? {
    guard let (table, place) = table(part.table, .learners) else { return nil }
    if place.addsID, let grades = survey.table(GradeKey.table) { expectFree(GradeKey.column, in: grades, part.table) }
    let name: AdoptionPlan.PersonName?
    switch part.name {
    case .whole(let whole):
      name = column(whole, in: table, [.text], for: "a name", written: true).map { .whole($0) }
    case .parts(let given, let family):
      let first = column(given, in: table, [.text], for: "a given name", written: true)
      let second = column(family, in: table, [.text], for: "a family name", written: true)
      name = first.flatMap { first in second.map { .parts(given: first, family: $0) } }
    }
    let email = optional(part.email, in: table, [.text], for: "an e-mail address", written: true)
    let locale = optional(part.locale, in: table, [.text], for: "a language", written: true)
    let created = optional(part.created, in: table, [.time], for: "a date")
    let match: AdoptionPlan.Match
    switch part.match {
    case .nobody: match = .nobody
    case .email: match = .email
    case .subject(let subject):
      match =
        column(subject, in: table, [.text, .integer, .uuid], for: "Moodle's number of a person").map { .subject($0) }
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
    let title = column(part.title, in: table, [.text], for: "a title")
    let url = optional(part.url, in: table, [.text], for: "an address")
    let grading: AdoptionPlan.Grading =
      switch part.grading {
      case .proportion: .proportion
      case .allOrNothing: .allOrNothing
      case .column(let rule):
        condition(rule, in: table, for: "whether a module is all-or-nothing").map { .column($0) } ?? .proportion
      }
    let active = condition(part.active, in: table, for: "whether a module is in use")
    let sort = optional(part.sort, in: table, [.integer, .fraction], for: "a place in an order")
    guard let slug, let title else { return nil }
    return AdoptionPlan.Modules(
      place: place, shape: table, slug: slug, title: title, url: url, grading: grading, active: active, sort: sort)
  }

  mutating func grains(_ part: AdoptionMap.Grains, _ modules: AdoptionPlan.Modules?) -> AdoptionPlan.Grains? {
    guard let (table, place) = table(part.table, .grains) else { return nil }
    let slug = slug(part.slug, in: table, place)
    let title = column(part.title, in: table, [.text], for: "a title")
    let weight = optional(part.weight, in: table, [.integer, .fraction], for: "a weight")
    let active = condition(part.active, in: table, for: "whether a grain is in use")
    let sort = optional(part.sort, in: table, [.integer, .fraction], for: "a place in an order")
    guard let modules, let module = route(part.module, in: table, to: modules.place, modules.shape), let slug, let title
    else { return nil }
    return AdoptionPlan.Grains(
      place: place, shape: table, module: module, slug: slug, title: title, weight: weight, active: active, sort: sort)
  }

  private mutating func slug(_ name: AdoptionMap.Name?, in table: TableShape, _ place: Place) -> ColumnShape? {
    guard let name else { return place.key }
    return column(name, in: table, [.text, .integer, .uuid], for: "a slug")
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
      isUnique: table.isUnique([learner.column.name, grain.column.name]))
  }

  private mutating func completion(_ part: AdoptionMap.Completion, in table: TableShape) -> AdoptionPlan.Completion? {
    let name = part.condition.column
    guard
      let condition = condition(
        part.condition, in: table, for: "whether a grain is completed", allowsTime: true, written: true)
    else { return nil }
    if condition.column.kind == .text {
      guard let otherwise = part.otherwise else {
        refuse(
          name.line,
          "say which word a grain has that was begun and is not completed: “\(name.name) is … else WORD”")
        return nil
      }
      expectFit(otherwise, in: condition.column, name)
      probe(name, table, condition.column, [otherwise])
    } else if part.otherwise != nil {
      refuse(
        name.line, "column “\(name.name)” is of type \(condition.column.sqlType) and needs no word: leave out “else …”")
      return nil
    }
    if condition.column.kind == .time && condition.column.isNotNull {
      refuse(name.line, "column “\(name.name)” can never be empty, so that every grain would be completed")
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
    guard let column = column(name, in: table, [.integer, .fraction], for: "a score", written: true) else { return nil }
    guard column.holds(part.maximum) else {
      refuse(name.line, "column “\(name.name)” (\(column.sqlType)) cannot hold \(part.maximum)")
      return nil
    }
    guard !(column.kind == .integer && part.maximum == 1) else {
      refuse(name.line, "column “\(name.name)” holds whole numbers: out of 1 it could hold no part of a score")
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
      refuse(name.line, "“completed” is a date itself, column “\(column.name)”: leave out “completed_at”")
      return nil
    }
    guard let name = part.completedAt else {
      expectFree(AdoptionPlan.Progress.addedCompletedAt.name, in: table, part.table)
      return AdoptionPlan.Progress.addedCompletedAt
    }
    guard let column = column(name, in: table, [.time], for: "a date", written: true) else { return nil }
    guard !column.isNotNull else {
      refuse(name.line, "column “\(name.name)” can never be empty, and a grain that is not completed has no date")
      return nil
    }
    return column
  }
}
