import Wire

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
  private(set) var words: [Words] = []
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
    let dropped = addColumns(plan, isInForce: false)
    addGradeKey(plan, isFirst: removes)
    for trigger in AdoptionTriggers(plan: plan).triggers {
      words.append(
        Words(
          fr: "nouveau déclencheur sur public.\(trigger.table) : \(trigger.name)",
          en: "new trigger on public.\(trigger.table): \(trigger.name)"))
    }
    for key in keys {
      statements.append("alter table \(key.relation) drop constraint \(SQLText.name(key.name))")
    }
    let roles = plan.places.map(\.role)
    if !removes { statements += roles.flatMap { Self.moveAway($0) } }
    for role in roles {
      words.append(
        Words(
          fr: "hors de la vue de Directus : public.\(role.rawValue), vide, devient "
            + "passerelle.\(role.hidden)",
          en: "out of Directus's sight: public.\(role.rawValue), empty, becomes passerelle.\(role.hidden)"))
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
    undo = addColumns(plan, isInForce: true)
    if replacesKey { statements += [GradeKey.dropTrigger, GradeKey.drop] }
    addGradeKey(plan, isNew: !replacesKey)
    if GradeKey(plan) != nil && !replacesKey && !removes { undo.append(GradeKey.drop) }
    // Where rows name no activity any more, all are the person's.
    closing.append(
      "update passerelle.enrolments set own_progress = false where own_progress and not passerelle.progress_has_activities()"
    )
    closing.append("select passerelle.owe_module(m.id) from passerelle.module_rows m order by m.id")
  }

  /// An empty table of Passerelle's own, under a name that Directus will not meet again: it knows tables by name alone.
  static func moveAway(_ role: AdoptionMap.Role, from schema: String = "public") -> [String] {
    [
      "alter table \(schema).\(role.rawValue) rename to \(role.hidden)",
      "alter table \(schema).\(role.hidden) set schema passerelle",
    ]
  }

  /// The same table, back under its name.
  static func moveBack(_ role: AdoptionMap.Role) -> [String] {
    [
      "alter table passerelle.\(role.hidden) set schema public",
      "alter table public.\(role.hidden) rename to \(role.rawValue)",
    ]
  }

  /// New columns and indexes of theirs; answers how they go. What is in tables that only their owner alters, the owner has added
  /// before (`OwnersPart`); what a former map added is there already.
  private mutating func addColumns(_ plan: AdoptionPlan, isInForce: Bool) -> [String] {
    var dropped: [String] = []
    for addition in Addition.all(plan) {
      guard let shape = plan.shapes.first(where: { $0.name == addition.table }) else { continue }
      let isThere = addition.isThere(in: shape)
      if isThere && (isInForce || shape.isOurs) { continue }
      words.append(addition.words)
      if !isThere { statements.append(addition.sql(in: shape)) }
      dropped.append(addition.undo)
    }
    return dropped
  }

  /// The column by which a grade leads to a learner of theirs, where their key is no uuid.
  private mutating func addGradeKey(_ plan: AdoptionPlan, isNew: Bool = true, isFirst: Bool = false) {
    guard let key = GradeKey(plan) else { return }
    if isNew { words.append(key.words) }
    // Where the tables have just been made there are neither grades nor triggers.
    statements += isFirst ? key.columnStatements : key.statements
  }
}
