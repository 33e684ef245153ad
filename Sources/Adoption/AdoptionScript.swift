/// The statements about tables that put a plan in force, and those that take away what it added. Views, functions and
/// triggers are made by the migrator.
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
  /// What is run once the seams are made.
  private(set) var closing: [String] = []
  /// What takes the additions away.
  private(set) var undo: [String] = []

  /// - Parameters:
  ///   - keys: the foreign keys onto the tables that go.
  ///   - removes: the names of Passerelle's own tables are taken by theirs; taking adoption back then takes Passerelle out
  ///     of the database.
  init(_ plan: AdoptionPlan, keys: [RestingKey], removes: Bool) {
    let dropped = addColumns(plan)
    addGradeKey(plan)
    for trigger in AdoptionTriggers(plan: plan).triggers {
      words.append("new trigger on public.\(trigger.table): \(trigger.name)")
    }
    for key in keys {
      statements.append("alter table \(key.relation) drop constraint \(SQLText.name(key.name))")
    }
    let roles = plan.places.map(\.role)
    if !removes { statements += roles.flatMap(Self.moveAway) }
    for role in roles {
      words.append("out of Directus's sight: public.\(role.rawValue), empty, becomes passerelle.\(role.hidden)")
    }
    if !removes && GradeKey(plan) != nil { undo.append(GradeKey.drop) }
    undo += dropped
  }

  /// Puts another map in force for the same tables. What takes it back comes after what the former map's script said.
  ///
  /// - Parameters:
  ///   - replacesKey: grades have the key of their learners already, perhaps of another type.
  ///   - removes: taking adoption back takes the table of grades away.
  init(changing plan: AdoptionPlan, replacesKey: Bool, removes: Bool) {
    undo = addColumns(plan)
    if replacesKey { statements += [GradeKey.dropTrigger, GradeKey.drop] }
    addGradeKey(plan, isNew: !replacesKey)
    if GradeKey(plan) != nil && !replacesKey && !removes { undo.append(GradeKey.drop) }
    closing.append("select passerelle.owe_module(m.id) from passerelle.module_rows m order by m.id")
  }

  /// An empty table of Passerelle's own, under a name that Directus will not meet again: it knows tables by name alone.
  static func moveAway(_ role: AdoptionMap.Role) -> [String] {
    [
      "alter table public.\(role.rawValue) rename to \(role.hidden)",
      "alter table public.\(role.hidden) set schema passerelle",
    ]
  }

  /// The same table, back under its name.
  static func moveBack(_ role: AdoptionMap.Role) -> [String] {
    [
      "alter table passerelle.\(role.hidden) set schema public",
      "alter table public.\(role.hidden) rename to \(role.rawValue)",
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
          part.place, part.score.column.name, part.score.column.sqlType,
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
