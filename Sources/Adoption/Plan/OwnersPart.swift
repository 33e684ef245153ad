import Postgres
import Schema
import Wire

/// What only the owner of the institution's tables may do for a map: add columns and an index, and grant what Passerelle's role does
/// with the tables afterwards. Nothing of it makes anybody a member of their role.
package struct OwnersPart: Equatable, Sendable {
  /// One statement, and what it is for.
  package struct Step: Equatable, Sendable {
    /// In words.
    package let words: Words
    /// Without a semicolon.
    package let sql: String
    /// What takes it back; nil for a right, which does no harm.
    package var undo: String?
  }

  /// Who owns the tables.
  package let owner: String
  /// What is missing of it, in the order in which it is run.
  package let steps: [Step]

  /// Whether nothing is left to do.
  package var isEmpty: Bool { steps.isEmpty }

  init(owner: String, steps: [Step]) {
    self.owner = owner
    self.steps = steps
  }

  /// - Parameter role: as which Passerelle works.
  init(_ plan: AdoptionPlan, role: String) {
    let shapes = plan.shapes.filter { !$0.isOurs }
    owner = shapes.first?.owner ?? ""
    var steps: [Step] = []
    for addition in Addition.all(plan) {
      guard let shape = shapes.first(where: { $0.name == addition.table }), !addition.isThere(in: shape) else {
        continue
      }
      steps.append(Step(words: addition.words, sql: addition.sql(in: shape), undo: addition.undo))
    }
    for shape in shapes { steps += Right(plan, shape).grants(to: role, lacking: shape) }
    self.steps = steps
  }

  /// The rights that Passerelle's role lacks on tables which this session may grant itself.
  static func grants(_ plan: AdoptionPlan, to role: String) -> [String] {
    plan.shapes.filter(\.isOurs).flatMap { Right(plan, $0).grants(to: role, lacking: $0).map(\.sql) }
  }

  /// What takes the additions away again, and the rights.
  static func undoing(_ plan: AdoptionPlan, role: String) -> [String] {
    let shapes = plan.shapes.filter { !$0.isOurs }
    let additions = Addition.all(plan).filter { addition in shapes.contains { $0.name == addition.table } }
    var statements = additions.map(\.undo)
    for shape in shapes { statements.append("revoke all on \(SQLText.table(shape.name)) from \(SQLText.name(role))") }
    for shape in shapes {
      let right = Right(plan, shape)
      // A right on a column is taken by itself.
      if shape.name == "directus_users" { statements.append(right.revocation(from: role)) }
      for sequence in shape.sequences where right.inserts {
        statements.append("revoke all on \(Right.place(of: sequence)) from \(SQLText.name(role))")
      }
    }
    return statements
  }

  /// As one script for `psql`, in one transaction, with a comment for each statement.
  package func script(for map: String) -> String {
    var lines = [
      "-- What only the owner of these tables may do, for the map \(Self.line(map)).",
      "-- Run it in this database as the role \(owner): psql -v ON_ERROR_STOP=1 -f THIS-FILE",
      "-- Then: passerelle directus adopt --map \(Self.line(map))", "begin;", "set local lock_timeout = '15s';",
    ]
    for step in steps { lines += ["", "-- \(Self.line(step.words.english))", step.sql + ";"] }
    if steps.isEmpty { lines += ["", "-- Nothing is missing."] }
    return (lines + ["", "commit;"]).joined(separator: "\n") + "\n"
  }

  /// What is missing, for whoever wanted to adopt.
  package func words(_ map: String = "FILE") -> Words {
    func list(_ language: Language) -> String { steps.map { "  \($0.words[language])" }.joined(separator: "\n") }
    return Words(
      fr:
        "les tables appartiennent au rôle de base de données \(owner), et lui seul peut faire ce qui manque encore :\n"
        + list(.french)
        + "\nLes instructions : passerelle directus adopt --map \(map) --sql > adoption.sql\nCe rôle les lance "
        + "ainsi : psql -v ON_ERROR_STOP=1 -f adoption.sql\nPuis relancez ceci. Qui a sa connexion fait les deux d’un coup avec "
        + "--owner-url-file FICHIER.",
      en: "the tables belong to the database role \(owner), and only it may do what is still missing:\n"
        + list(.english)
        + "\nThe statements: passerelle directus adopt --map \(map) --sql > adoption.sql\nThat role runs "
        + "them: psql -v ON_ERROR_STOP=1 -f adoption.sql\nThen run this again. Who has its connection does both in one go with "
        + "--owner-url-file FILE.")
  }

  /// Nothing of a name ends a comment.
  static func line(_ text: String) -> String { String(text.map { $0.isNewline ? " " : $0 }) }
}

/// A column or an index that adoption adds to a table of theirs.
struct Addition: Equatable, Sendable {
  let table: String
  /// The column; nil for an index.
  let column: String?
  /// The columns of the index; nil for a column.
  let index: [String]?
  let words: Words
  private let making: String
  let undo: String
  /// Whether nothing is told apart by what it holds.
  private let isOptional: Bool

  /// The index on progress, by which a learner's rows are found. It has a second column, the grain's, because Directus 11 and 12
  /// report an index of one column as the column's own (`is_indexed`): it would stand in every snapshot, and applying an older one
  /// would drop it.
  static let progressIndex = "passerelle_progress_learner"

  func isThere(in shape: TableShape) -> Bool {
    if let column { return shape.column(column) != nil }
    return shape.indexes[Self.progressIndex] == index
  }

  /// Whether `migrate` adds it where it is missing: the index, or a column that may be empty, in a table that this role may alter.
  /// The uuids of rows are none of it: new ones would be other people's.
  func isMended(in shape: TableShape) -> Bool { shape.isOurs && isOptional }

  /// Lets the way back take it away where the adoption did not know of it yet.
  var remembering: String {
    let undo = SQLText.literal(undo)
    return """
      update passerelle.adoption set undo = concat_ws(E';\\n', nullif(undo, ''), \(undo)) where position(\(undo) in undo) = 0
      """
  }

  /// What adds it to a table of that shape, where a former release may have made the index otherwise.
  func sql(in shape: TableShape) -> String {
    index != nil && shape.indexes[Self.progressIndex] != nil ? "\(undo);\n\(making)" : making
  }

  /// Everything that a plan adds, whether or not it is there already. An index that serves in its place is none of it.
  static func all(_ plan: AdoptionPlan) -> [Addition] {
    var additions: [Addition] = []
    func add(_ place: Place, _ column: String, _ type: String, _ why: Words) {
      additions.append(
        Addition(
          table: place.table, column: column, index: nil,
          words: Words(
            fr: "nouvelle colonne public.\(place.table).\(column) \(type) : \(why.french)",
            en: "new column public.\(place.table).\(column) \(type): \(why.english)"),
          making: "alter table \(place.relation) add column \(SQLText.name(column)) \(type)",
          undo: "alter table \(place.relation) drop column if exists \(SQLText.name(column))",
          isOptional: !type.contains("not null")))
    }
    for place in plan.places where place.addsID && place.role != .progress {
      add(
        place, place.id, "uuid not null default gen_random_uuid() unique",
        Words(
          fr: "le nom par lequel Passerelle reconnaît une ligne, dont la clef est \(place.key.sqlType)",
          en: "the name by which Passerelle knows a row, whose key is \(place.key.sqlType)"))
    }
    guard let part = plan.progress else { return additions }
    if part.addsScore {
      add(
        part.place, part.score.column.name, part.score.column.sqlType,
        Words(
          fr: "le score, de 0 à 1, pour lequel la carte ne nomme aucune colonne",
          en: "the score, from 0 to 1, for which the map names no column"))
    }
    if part.addsCompletedAt {
      add(
        part.place, part.completedAt.name, "timestamptz",
        Words(
          fr: "la date à laquelle un grain a été terminé, pour laquelle la carte ne nomme aucune colonne",
          en: "when a grain was completed, for which the map names no column"))
    }
    if part.namesActivities {
      add(
        part.place, AdoptionPlan.Progress.addedActivity, "uuid",
        Words(
          fr: "l’activité dont une ligne est la progression ; vide : celle de la personne",
          en: "the activity whose progress a row is; empty: the person's"))
      add(
        part.place, AdoptionPlan.Progress.addedActivityTitle, "text",
        Words(fr: "le nom de cette activité et de son cours", en: "what that activity and its course are called"))
    }
    let columns = [part.learner.column.name, part.grain.column.name]
    if part.shape.indexes[progressIndex] != nil || !part.shape.isIndexed(columns[0]) {
      additions.append(
        Addition(
          table: part.place.table, column: nil, index: columns,
          words: Words(
            fr:
              "nouvel index sur public.\(part.place.table) (\(columns.joined(separator: ", "))) : les lignes d’un apprenant "
              + "sont cherchées à chaque appel",
            en:
              "new index on public.\(part.place.table) (\(columns.joined(separator: ", "))): a learner's rows are looked for "
              + "at each call"),
          making:
            "create index \(progressIndex) on \(part.place.relation) (\(columns.map(SQLText.name).joined(separator: ", ")))",
          undo: "drop index if exists public.\(progressIndex)", isOptional: true))
    }
    return additions
  }
}

/// What Passerelle's role needs on one table of theirs: of `directus_users` the mapped columns alone.
struct Right: Equatable, Sendable {
  let table: String
  /// On the whole table.
  let privileges: [String]
  /// On columns: the privilege, and which.
  let columns: [(privilege: String, names: [String])]

  static func == (left: Right, right: Right) -> Bool { left.grantText("r") == right.grantText("r") }

  init(_ plan: AdoptionPlan, _ shape: TableShape) {
    table = shape.name
    let place = plan.places.first { $0.table == shape.name }
    let leadsThere = GradeKey(plan) != nil
    switch place?.role {
    case .modules?, .grains?:
      privileges = ["SELECT", "TRIGGER"]
      columns = []
    case .progress?:
      privileges = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRIGGER"]
      columns = []
    default:
      guard let part = plan.learners, part.areUsers else {
        privileges =
          ["SELECT"] + (plan.learners?.creates == true ? ["INSERT"] : []) + ["UPDATE", "DELETE", "TRIGGER"]
          + (leadsThere ? ["REFERENCES"] : [])
        columns = []
        return
      }
      var names: [String] =
        switch part.name {
        case .whole(let whole): [whole.name]
        case .parts(let given, let family): [given.name, family.name]
        }
      names += [part.locale?.name].compactMap { $0 }
      let email = [part.email?.name].compactMap { $0 }
      var read = [part.place.key.name, part.place.id] + names + email + [part.created?.name].compactMap { $0 }
      if case .subject(let column) = part.match { read.append(column.name) }
      privileges = ["TRIGGER"]
      columns =
        [("SELECT", Self.once(read))]
        + (part.creates ? [("INSERT", Self.once([part.place.key.name] + names + email))] : [])
        + [("UPDATE", Self.once(names))]
    }
  }

  /// Whether rows are made there, which takes numbers from the sequences of the table.
  var inserts: Bool { privileges.contains("INSERT") || columns.contains { $0.privilege == "INSERT" } }

  /// The statements that give what is lacking. A column that is still to be added lacks.
  func grants(to role: String, lacking shape: TableShape) -> [OwnersPart.Step] {
    let hasAll =
      shape.privileges.isSuperset(of: privileges)
      && columns.allSatisfy { right in
        right.names.allSatisfy { shape.column($0)?.privileges.contains(right.privilege) == true }
      }
    var steps: [OwnersPart.Step] = []
    if !hasAll {
      steps.append(
        OwnersPart.Step(
          words: Words(
            fr: "ce que Passerelle fait de public.\(table)", en: "what Passerelle does with public.\(table)"),
          sql: grantText(role)))
    }
    for sequence in shape.sequences where inserts && !sequence.isUsable {
      steps.append(
        OwnersPart.Step(
          words: Words(
            fr: "les numéros des nouvelles lignes de public.\(table)", en: "the numbers of new rows of public.\(table)"),
          sql: "grant usage on \(Self.place(of: sequence)) to \(SQLText.name(role))"))
    }
    return steps
  }

  /// Takes the rights on columns away.
  func revocation(from role: String) -> String {
    "revoke \(columns.map(Self.text).joined(separator: ", ")) on \(SQLText.table(table)) from \(SQLText.name(role))"
  }

  private func grantText(_ role: String) -> String {
    "grant \((privileges.map { $0.lowercased() } + columns.map(Self.text)).joined(separator: ", ")) on "
      + "\(SQLText.table(table)) to \(SQLText.name(role))"
  }

  /// A sequence as a statement about rights names it.
  static func place(of sequence: SequenceShape) -> String {
    "sequence \(SQLText.name(sequence.schema)).\(SQLText.name(sequence.name))"
  }

  private static func text(_ right: (privilege: String, names: [String])) -> String {
    "\(right.privilege.lowercased()) (\(right.names.map(SQLText.name).joined(separator: ", ")))"
  }

  private static func once(_ names: [String]) -> [String] {
    var seen: [String] = []
    for name in names where !seen.contains(name) { seen.append(name) }
    return seen
  }
}
