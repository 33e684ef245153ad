import Wire

/// The column of `public.grades` that leads to learners of theirs whose key is no uuid.
///
/// `grades.learner` holds the uuid by which Passerelle knows a learner. A link in Directus holds a key, and always leads to
/// the key of the other collection: beside the uuid stands their learner's own key, kept by a trigger.
struct GradeKey {
  /// The column's name.
  static let column = "learner_key"
  /// The table that has it.
  static let table = "grades"
  /// Takes the column away, with its foreign key and its index.
  static let drop = "alter table public.\(table) drop column if exists \(column)"

  /// What has to go before, while the seams are in force.
  static let dropTrigger = "drop trigger if exists \(triggerName) on public.\(table)"
  private static let triggerName = "passerelle_keyed"

  /// Where their learners are.
  let learners: Place

  /// Nil where learners are Passerelle's own, or have uuids for keys: then `grades.learner` leads to them itself.
  init?(_ plan: AdoptionPlan) {
    guard let place = plan.learners?.place, place.addsID else { return nil }
    learners = place
  }

  /// The type of their key.
  var type: String { learners.key.sqlType }

  /// What is added, in words.
  var words: Words {
    Words(
      fr: "nouvelle colonne public.\(Self.table).\(Self.column) \(type) : la clef de l’apprenant d’une "
        + "note dans public.\(learners.table), par laquelle Directus montre de qui il s’agit",
      en:
        "new column public.\(Self.table).\(Self.column) \(type): the key of a grade's learner in public.\(learners.table), by "
        + "which Directus shows who that is")
  }

  /// Adds the column and fills it. Whoever changes a key of theirs or deletes a learner is not hindered by it.
  var statements: [String] {
    let key = SQLText.name(learners.key.name)
    return [columnStatements[0]] + [
      // Nothing that a grade says has changed: its date stays.
      "alter table public.\(Self.table) disable trigger touch",
      """
      update public.\(Self.table) g set \(Self.column) = l.\(key)
        from \(learners.relation) l where \(learners.id("l")) = g.learner
      """,
      "alter table public.\(Self.table) enable trigger touch",
    ] + columnStatements.dropFirst()
  }

  /// The column by itself, with its foreign key and its index, where there are no grades yet.
  var columnStatements: [String] {
    [
      "alter table public.\(Self.table) add column \(Self.column) \(type)",
      """
      alter table public.\(Self.table) add constraint grades_learner_key_fkey foreign key (\(Self.column))
        references \(learners.relation) (\(SQLText.name(learners.key.name))) on update cascade on delete cascade
      """,
      "create index grades_learner_key on public.\(Self.table) (\(Self.column))",
    ]
  }

  /// Keeps the column what `grades.learner` says, and refuses anything else in words that Directus shows.
  var trigger: AdoptionTriggers.Trigger {
    let function = "passerelle.adopted_grades_keyed"
    return AdoptionTriggers.Trigger(
      Self.triggerName, on: Self.table, function: function,
      body: """
        declare
          v_key \(type);
        begin
          select \(SQLText.column("l", learners.key.name)) into v_key
            from \(learners.relation) l where \(learners.id("l")) = new.learner;
          if tg_op = 'UPDATE' and new.\(Self.column) is distinct from old.\(Self.column)
             and new.\(Self.column) is distinct from v_key then
            perform passerelle.refuse('\(Self.table)', '\(Self.column)', 'passerelle_keyed',
              'Une note reste à l’apprenant dont la progression l’a donnée',
              'A grade stays with the learner whose progress it is');
          end if;
          new.\(Self.column) := v_key;
          return new;
        end
        """,
      fires: "before insert or update of learner, \(Self.column) on public.\(Self.table) for each row")
  }

  /// Problems with the key column, as sentences for `doctor`.
  func problems(in survey: Survey) -> [Words] {
    let name = Words(
      fr: "la colonne \(Self.column) de public.\(Self.table)", en: "column \(Self.column) of public.\(Self.table)")
    guard let grades = survey.table(Self.table), let column = grades.column(Self.column) else {
      return [
        Words(
          fr: "\(name.french), ajoutée par l’adoption, a disparu : remettez la carte en vigueur",
          en: "\(name.english), which adoption added, is gone: put the map in force again")
      ]
    }
    if column.sqlType != type {
      return [
        Words(
          fr: "\(name.french) est \(column.sqlType), et la clef de public.\(learners.table) \(type) : "
            + "remettez la carte en vigueur",
          en:
            "\(name.english) is \(column.sqlType), and the key of public.\(learners.table) \(type): put the map in force again"
        )
      ]
    }
    guard grades.link(Self.column)?.table == learners.table else {
      return [
        Words(
          fr: "\(name.french) ne mène plus à public.\(learners.table) : remettez la carte en vigueur",
          en: "\(name.english) does not lead to public.\(learners.table) any more: put the map in force again")
      ]
    }
    return []
  }
}
