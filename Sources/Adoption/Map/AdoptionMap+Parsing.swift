import Wire

extension AdoptionMap {
  /// The longest map that is read, in bytes; the longest one that makes sense has some fifty lines.
  package static let sizeLimit = 65_536

  /// Reads a map; throws everything that is wrong with it, line by line.
  package init(parsing text: String) throws(MapProblems) {
    guard text.utf8.count <= Self.sizeLimit, !text.holdsNUL else {
      throw MapProblems([
        MapProblem(
          1,
          Words(
            fr: "ce n’est pas une carte : elle dépasse 64 Kio, ou contient un caractère NUL",
            en: "this is not a map: it is longer than 64 KiB, or holds a NUL character"))
      ])
    }
    var problems: [MapProblem] = []
    let sections = Self.sections(text, &problems)
    func read<Part>(_ role: Role, _ body: (MapSection) throws(MapProblem) -> Part) -> Part? {
      guard let section = sections.first(where: { $0.role == role }) else { return nil }
      do throws(MapProblem) { return try body(section) } catch {
        problems.append(error)
        return nil
      }
    }
    learners = read(.learners, Self.learners)
    modules = read(.modules, Self.modules)
    grains = read(.grains, Self.grains)
    progress = read(.progress, Self.progress)
    if sections.isEmpty && problems.isEmpty {
      problems.append(
        MapProblem(
          1,
          Words(
            fr: "la carte ne nomme aucun rôle ; commencez par [learners], [modules], [grains] ou [progress]",
            en: "the map names no role; begin with [learners], [modules], [grains] or [progress]")))
    }
    func line(_ role: Role) -> Int? { sections.first { $0.role == role }?.line }
    // What remains Passerelle's own must be able to point at what does not.
    if let modules = line(.modules), line(.grains) == nil {
      problems.append(
        MapProblem(
          modules,
          Words(
            fr: "[modules] demande [grains] : les grains de Passerelle appartiennent à ses propres modules",
            en: "[modules] needs [grains]: Passerelle's own grains belong to its own modules")))
    }
    if let grains = line(.grains), line(.modules) == nil {
      problems.append(
        MapProblem(
          grains,
          Words(
            fr: "[grains] demande [modules] : les grains appartiennent à un module",
            en: "[grains] needs [modules]: grains belong to a module")))
    }
    if let progress = line(.progress), line(.learners) == nil {
      problems.append(
        MapProblem(
          progress,
          Words(
            fr: "[progress] demande [learners] : la progression appartient à une personne de chez vous",
            en: "[progress] needs [learners]: progress belongs to a person of yours")))
    }
    guard problems.isEmpty else { throw MapProblems(problems) }
  }

  private static func sections(_ text: String, _ problems: inout [MapProblem]) -> [MapSection] {
    var sections: [MapSection] = []
    var isSkipping = false
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
    for (index, line) in lines.enumerated() {
      let number = index + 1
      do throws(MapProblem) {
        // A byte order mark before the first line.
        let line =
          index == 0 && line.unicodeScalars.first == "\u{FEFF}" ? Substring(line.unicodeScalars.dropFirst()) : line
        switch try MapLine(line, line: number).content {
        case .empty: break
        case .section(let name):
          isSkipping = true
          guard let role = Role(rawValue: name) else {
            throw MapProblem(
              number,
              Words(
                fr: "il n’y a pas de rôle [\(name)] ; rôles : learners, modules, grains, progress",
                en: "there is no role [\(name)]; roles: learners, modules, grains, progress"))
          }
          if let former = sections.first(where: { $0.role == role }) {
            throw MapProblem(
              number,
              Words(
                fr: "[\(name)] est déjà ligne \(former.line)", en: "[\(name)] stands on line \(former.line) already"))
          }
          isSkipping = false
          sections.append(MapSection(role: role, line: number))
        case .entry(let key, let words):
          if isSkipping { break }
          guard !sections.isEmpty else {
            throw MapProblem(
              number,
              Words(
                fr: "« \(key) » vient avant le premier rôle, tel que [learners]",
                en: "“\(key)” stands before the first role, such as [learners]"))
          }
          try sections[sections.count - 1].add(key, words, line: number)
        }
      } catch {
        problems.append(error)
      }
    }
    return sections
  }

  private static func learners(_ section: MapSection) throws(MapProblem) -> Learners {
    let whole = try section.name("name")
    let given = try section.name("given_name")
    let family = try section.name("family_name")
    let name: PersonName
    switch (whole, given, family) {
    case (let whole?, nil, nil): name = .whole(whole)
    case (nil, let given?, let family?): name = .parts(given: given, family: family)
    default:
      throw MapProblem(
        (whole ?? given ?? family)?.line ?? section.line,
        Words(
          fr: "[learners] demande soit « name », soit « given_name » et « family_name »",
          en: "[learners] needs either “name”, or both “given_name” and “family_name”"))
    }
    let email = try section.name("email")
    let match = try match(section)
    if case .email(let line) = match, email == nil {
      throw MapProblem(
        line,
        Words(
          fr: "« match = email » demande « email », la colonne qui la contient",
          en: "“match = email” needs “email”, the column that holds it"))
    }
    let create = try yes(section, "create")
    if !create, match == .nobody {
      throw MapProblem(
        section.line,
        Words(
          fr: "si personne n’est reconnu ni créé, aucune ouverture ne peut réussir : donnez « match », ou "
            + "« create = yes »",
          en: "with nobody matched and nobody created no launch could succeed: give “match”, or “create = yes”"))
    }
    return Learners(
      line: section.line, table: try section.requiredName("table"), name: name, email: email,
      locale: try section.name("locale"), created: try section.name("created"), match: match, create: create)
  }

  private static func match(_ section: MapSection) throws(MapProblem) -> Match {
    guard let entry = section.entry("match") else { return .nobody }
    let words = entry.words
    if words.count == 1, words[0].isKeyword("email") { return .email(line: entry.line) }
    if words.count == 1, words[0].isKeyword("nobody") { return .nobody }
    guard words.count == 3, words[1].isKeyword("holds"), words[2].isKeyword("subject") else {
      throw MapProblem(
        entry.line,
        Words(
          fr: "« match » est « email », « nobody », ou « COLONNE holds subject »",
          en: "“match” is “email”, “nobody”, or “COLUMN holds subject”"))
    }
    return .subject(Name(name: words[0].text, line: entry.line))
  }

  private static func yes(_ section: MapSection, _ key: String) throws(MapProblem) -> Bool {
    guard let entry = section.entry(key) else { return false }
    guard entry.words.count == 1, entry.words[0].isKeyword("yes") || entry.words[0].isKeyword("no") else {
      throw MapProblem(entry.line, Words(fr: "« \(key) » est « yes » ou « no »", en: "“\(key)” is “yes” or “no”"))
    }
    return entry.words[0].text == "yes"
  }

  private static func modules(_ section: MapSection) throws(MapProblem) -> Modules {
    let grading: Grading
    let words = section.entry("grading")?.words ?? []
    if words.isEmpty || words.count == 1 && words[0].isKeyword("proportion") {
      grading = .proportion
    } else if words.count == 1, words[0].isKeyword("all-or-nothing") {
      grading = .allOrNothing
    } else if let condition = try section.condition("grading") {
      grading = .column(condition)
    } else {
      grading = .proportion
    }
    return Modules(
      line: section.line, table: try section.requiredName("table"), slug: try section.name("slug"),
      title: try section.requiredName("title"), url: try section.name("url"), grading: grading,
      scope: try scope(section),
      active: try section.condition("active"), sort: try section.name("sort"))
  }

  private static func scope(_ section: MapSection) throws(MapProblem) -> Scope {
    guard let entry = section.entry("scope") else { return .learner }
    if entry.words.count == 1, entry.words[0].isKeyword("learner") { return .learner }
    if entry.words.count == 1, entry.words[0].isKeyword("activity") { return .activity(line: entry.line) }
    return try section.condition("scope").map { .column($0) } ?? .learner
  }

  private static func grains(_ section: MapSection) throws(MapProblem) -> Grains {
    Grains(
      line: section.line, table: try section.requiredName("table"), module: try section.link("module"),
      slug: try section.name("slug"), title: try section.requiredName("title"), weight: try section.name("weight"),
      active: try section.condition("active"), sort: try section.name("sort"))
  }

  private static func progress(_ section: MapSection) throws(MapProblem) -> Progress {
    guard let completed = try section.completion("completed", allowsElse: true) else {
      throw MapProblem(section.line, Words(fr: "[progress] n’a pas « completed »", en: "[progress] lacks “completed”"))
    }
    return Progress(
      line: section.line, table: try section.requiredName("table"), learner: try section.link("learner"),
      grain: try section.link("grain"), completed: completed, score: try score(section),
      completedAt: try section.name("completed_at"),
      activityLine: try yes(section, "activity") ? section.entry("activity")?.line : nil)
  }

  private static func score(_ section: MapSection) throws(MapProblem) -> Score? {
    guard let entry = section.entry("score") else { return nil }
    let words = entry.words
    guard words.count == 4, words[1].isKeyword("out"), words[2].isKeyword("of"), let maximum = Int(words[3].text),
      (1...1_000_000).contains(maximum)
    else {
      throw MapProblem(
        entry.line,
        Words(
          fr: "« score » est « COLONNE out of MAXIMUM », par exemple « note out of 20 »",
          en: "“score” is “COLUMN out of MAXIMUM”, such as “note out of 20”"))
    }
    return Score(column: Name(name: words[0].text, line: entry.line), maximum: maximum)
  }
}
