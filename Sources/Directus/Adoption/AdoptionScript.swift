/// The statements that put a plan in force, and those that take it back.
struct AdoptionScript: Equatable, Sendable {
  /// A foreign key of the machinery that rests while the table it leads to is theirs.
  struct RestingKey: Equatable, Sendable {
    let name: String
    /// Schema and table that hold it, and its column.
    let schema: String
    let table: String
    let column: String
    /// The role whose table it leads to.
    let target: AdoptionMap.Role
    /// What PostgreSQL does when the row it leads to is deleted: `c` cascade, `n` set null, `r` restrict, `a` nothing.
    let onDelete: String
    /// The constraint as the catalogue prints it.
    let definition: String

    var relation: String { SQLText.name(schema) + "." + SQLText.name(table) }
  }

  /// What is new, in words, first of all.
  private(set) var words: [String] = []
  /// What is run.
  private(set) var statements: [String] = []
  /// What takes it back.
  private(set) var undo: [String] = []

  /// - Parameters:
  ///   - definitions: the views and functions that are replaced, as statements that make them again.
  ///   - keys: the foreign keys onto the tables that go.
  ///   - removes: the names of Passerelle's own tables are taken by theirs; taking adoption back then takes Passerelle out
  ///     of the database.
  init(_ plan: AdoptionPlan, definitions: [String], keys: [RestingKey], removes: Bool) {
    let triggers = AdoptionTriggers(plan: plan).triggers
    let roles = plan.places.map(\.role)
    let dropped = addColumns(plan)
    addGradeKey(plan)
    for trigger in triggers { words.append("new trigger on public.\(trigger.table): \(trigger.name)") }
    for key in keys {
      statements.append("alter table \(key.relation) drop constraint \(SQLText.name(key.name))")
    }
    if !removes { statements += roles.flatMap(Self.moveAway) }
    for role in roles {
      words.append("out of Directus's sight: public.\(role.rawValue), empty, becomes passerelle.own_\(role.rawValue)")
    }
    addObjects(plan)
    if removes {
      undo.append("drop schema passerelle cascade")
      undo.append("drop table public.grades")
    } else {
      undo += roles.flatMap(Self.moveBack)
      undo += definitions
      undo += keys.map {
        "alter table \($0.relation) add constraint \(SQLText.name($0.name)) \($0.definition)"
      }
      if GradeKey(plan) != nil { undo.append(GradeKey.drop) }
    }
    undo += dropped
  }

  /// Puts another map in force for the same tables. What takes it back comes after what the former map's script said.
  ///
  /// - Parameters:
  ///   - replacesKey: grades have the key of their learners already, perhaps of another type.
  ///   - removes: taking adoption back takes the table of grades away.
  init(changing plan: AdoptionPlan, replacesKey: Bool, removes: Bool) {
    undo = addColumns(plan)
    if replacesKey { statements.append(GradeKey.drop) }
    addGradeKey(plan, isNew: !replacesKey)
    if GradeKey(plan) != nil && !replacesKey && !removes { undo.append(GradeKey.drop) }
    addObjects(plan)
    statements.append("select passerelle.owe_module(m.id) from passerelle.module_rows m order by m.id")
  }

  private mutating func addObjects(_ plan: AdoptionPlan) {
    statements += AdoptionViews(plan: plan).statements
    statements += AdoptionFunctions(plan: plan).statements
    statements += AdoptionTriggers(plan: plan).triggers.map(\.create)
  }

  /// An empty table of Passerelle's own, under a name that Directus will not meet again: it knows tables by name alone.
  static func moveAway(_ role: AdoptionMap.Role) -> [String] {
    [
      "alter table public.\(role.rawValue) rename to own_\(role.rawValue)",
      "alter table public.own_\(role.rawValue) set schema passerelle",
    ]
  }

  private static func moveBack(_ role: AdoptionMap.Role) -> [String] {
    [
      "alter table passerelle.own_\(role.rawValue) set schema public",
      "alter table public.own_\(role.rawValue) rename to \(role.rawValue)",
    ]
  }

  /// New columns and indexes of theirs, where a former map has not added them; answers how they go.
  private mutating func addColumns(_ plan: AdoptionPlan) -> [String] {
    var added: [String] = []
    var dropped: [String] = []
    let shapes = [plan.learners?.shape, plan.modules?.shape, plan.grains?.shape, plan.progress?.shape].compactMap { $0 }
    func add(_ place: Place, _ column: String, _ type: String, _ why: String) {
      if shapes.contains(where: { $0.name == place.table && $0.column(column) != nil }) { return }
      words.append("new column public.\(place.table).\(column) \(type): \(why)")
      added.append("alter table \(place.relation) add column \(SQLText.name(column)) \(type)")
      dropped.append("alter table \(place.relation) drop column \(SQLText.name(column))")
    }
    for place in plan.places where place.addsID && place.role != .progress {
      add(
        place, place.id, "uuid not null default gen_random_uuid() unique",
        "the name by which Passerelle knows a row, whose key is \(place.key.sqlType)")
    }
    if let part = plan.progress {
      if part.addsScore {
        add(
          part.place, part.score.column.name, "numeric(12,10)",
          "the score, from 0 to 1, for which the map names no column")
      }
      if part.addsCompletedAt {
        add(
          part.place, part.completedAt.name, "timestamptz",
          "when a grain was completed, for which the map names no column")
      }
      if !part.shape.isIndexed(part.learner.column.name) {
        let column = SQLText.name(part.learner.column.name)
        words.append(
          "new index on public.\(part.place.table) (\(part.learner.column.name)): a learner's rows are looked for at each call"
        )
        added.append("create index \(Self.index) on \(part.place.relation) (\(column))")
        dropped.append("drop index public.\(Self.index)")
      }
    }
    statements += added
    return dropped
  }

  /// The column by which a grade leads to a learner of theirs, where their key is no uuid.
  private mutating func addGradeKey(_ plan: AdoptionPlan, isNew: Bool = true) {
    guard let key = GradeKey(plan) else { return }
    if isNew { words.append(key.words) }
    statements += key.statements
  }

  private static let index = "passerelle_progress_learner"
}
