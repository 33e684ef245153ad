/// Triggers on tables of theirs, so that an edit there counts as a click in the mini-site does.
///
/// Their functions run with the rights of whoever adopted: Directus's own role has none in schema passerelle.
struct AdoptionTriggers {
  /// A trigger and its function.
  struct Trigger {
    let name: String
    let table: String
    /// The function, who may run it, and the trigger.
    let statements: [String]

    init(_ name: String, on table: String, function: String, body: String, fires: String) {
      self.name = name
      self.table = table
      statements = [
        """
        create function \(function)() returns trigger
        language plpgsql security definer \(SQLText.path) as \(SQLText.body(body))
        """,
        "revoke all on function \(function)() from public",
        "create trigger \(name) \(fires) execute function \(function)()",
      ]
    }

    /// A trigger with a function that everybody has.
    init(_ name: String, on table: String, runs function: String, fires: String) {
      self.name = name
      self.table = table
      statements = ["create trigger \(name) \(fires) execute function \(function)()"]
    }
  }

  let plan: AdoptionPlan

  /// In the order in which they are made.
  var triggers: [Trigger] {
    var triggers = plan.places.map(awaitsTurn)
    if let part = plan.learners { triggers += [learnersUpdated(part), learnersDeleted(part)] }
    if let key = GradeKey(plan) { triggers.append(key.trigger) }
    if let part = plan.modules { triggers += [modulesUpdated(part), modulesDeleted(part)] }
    if let part = plan.grains {
      triggers += ["insert", "delete"].map { grainsChanged(part, $0) } + [grainsUpdated(part)]
    }
    if let part = plan.progress {
      triggers += [progressChecked(part)]
      triggers += ["insert", "delete"].map { progressChanged(part, $0) } + [progressUpdated(part)]
    }
    return triggers
  }

  /// A statement-level trigger with what changed in the tables `changed` and `former`.
  private func trigger(_ event: String, on place: Place, declare: String, body: String) -> Trigger {
    let past = event.hasSuffix("e") ? event + "d" : event + "ed"
    let transitions =
      switch event {
      case "insert": "new table as changed"
      case "delete": "old table as changed"
      default: "old table as former new table as changed"
      }
    let function = "passerelle.adopted_\(place.role.rawValue)_\(past)"
    return Trigger(
      "passerelle_\(past)", on: place.table, function: function,
      body: """
        declare
        \(declare)
        begin
        \(body)
          return null;
        end
        """,
      fires: "after \(event) on \(place.relation) referencing \(transitions) for each statement")
  }

  /// Staff take turns before they touch a row, as on Passerelle's own tables (staff_edits.sql); the name comes first among those
  /// that fire before a statement.
  private func awaitsTurn(_ place: Place) -> Trigger {
    Trigger(
      "passerelle_await_turn", on: place.table, runs: "passerelle.take_turn",
      fires: """
        before insert or update or delete on \(place.relation) for each statement
          when (current_setting('passerelle.gives_way', true) is distinct from 'on')
        """)
  }

  // MARK: People

  /// What the foreign keys did while the learners were Passerelle's own: nothing is kept of who is not there any more.
  private func learnersDeleted(_ part: AdoptionPlan.Learners) -> Trigger {
    let own =
      plan.progress == nil
      ? "  delete from public.progress t where t.learner in (select \(part.place.id("c")) from changed c);\n" : ""
    return trigger(
      "delete", on: part.place, declare: "  v_learner uuid;",
      body: own + """
          for v_learner in
            select \(part.place.id("c")) from changed c order by 1
          loop
            perform passerelle.learner_forget(v_learner);
          end loop;
        """)
  }

  /// What rosters show of people; such a table is often updated for other reasons.
  private func learnersUpdated(_ part: AdoptionPlan.Learners) -> Trigger {
    var columns =
      switch part.name {
      case .whole(let whole): [whole]
      case .parts(let given, let family): [given, family]
      }
    if let email = part.email { columns.append(email) }
    let changes = columns.map { "\(SQLText.column("c", $0.name)) is distinct from \(SQLText.column("f", $0.name))" }
    return trigger(
      "update", on: part.place, declare: "",
      body: markRosters(
        "select e.activity from changed c join former f on \(same(part.place, "f", "c"))\n"
          + "      join passerelle.enrolments e on e.learner = \(part.place.id("c"))\n"
          + "      where \(changes.joined(separator: " or "))"))
  }

  // MARK: The catalogue

  private func modulesUpdated(_ part: AdoptionPlan.Modules) -> Trigger {
    var changes: [String] = []
    if case .column(let rule) = part.grading { changes.append("\(rule.holds("c")) <> \(rule.holds("f"))") }
    var together = ""
    if case .column(let rule) = part.scope {
      changes.append("\(rule.holds("c")) <> \(rule.holds("f"))")
      together = """
          for v_module in
            select \(part.place.id("c")) from changed c join former f on \(same(part.place, "f", "c"))
            where \(rule.holds("f")) and not \(rule.holds("c")) order by 1
          loop
            perform passerelle.count_together(v_module);
          end loop;

        """
    }
    // Grains are linked by the value of a column: another value, other grains.
    if let route = plan.grains?.module, route.target.name != part.place.key.name {
      changes.append("\(route.value(of: "c")) is distinct from \(route.value(of: "f"))")
    }
    let owe =
      changes.isEmpty
      ? ""
      : oweModules(
        "select \(part.place.id("c")) from changed c join former f on \(same(part.place, "f", "c"))\n"
          + "    where \(changes.joined(separator: " or ")) order by 1")
    return trigger(
      "update", on: part.place, declare: "  v_module uuid;",
      body: markRosters("select \(part.place.id("c")) from changed c") + together + owe)
  }

  private func modulesDeleted(_ part: AdoptionPlan.Modules) -> Trigger {
    trigger(
      "delete", on: part.place, declare: "  v_modules uuid[] := array(select \(part.place.id("c")) from changed c);",
      body: """
          update public.grades t set module = null where t.module = any (v_modules);
          update passerelle.activities t set module = null where t.module = any (v_modules);
          delete from passerelle.codes t where t.module = any (v_modules);
          delete from passerelle.sessions t where t.module = any (v_modules);
        """)
  }

  private func grainsChanged(_ part: AdoptionPlan.Grains, _ event: String) -> Trigger {
    // Passerelle's own progress has no foreign key to their grains.
    let own =
      event == "delete" && plan.progress == nil
      ? "  delete from public.progress t where t.grain in (select \(part.place.id("c")) from changed c);\n" : ""
    let modules =
      "select distinct \(part.module.id(from: "c", as: "m")) from changed c\(part.module.joinForID(from: "c", as: "m")) order by 1"
    return trigger(
      event, on: part.place, declare: "  v_module uuid;", body: own + markRosters(modules) + oweModules(modules))
  }

  private func grainsUpdated(_ part: AdoptionPlan.Grains) -> Trigger {
    func differs(_ column: String) -> String {
      "\(SQLText.column("c", column)) is distinct from \(SQLText.column("f", column))"
    }
    var changes = [differs(part.module.column.name)]
    if let weight = part.weight { changes.append(differs(weight.name)) }
    if let active = part.active { changes.append("\(active.holds("c")) <> \(active.holds("f"))") }
    if let route = plan.progress?.grain, route.target.name != part.place.key.name {
      changes.append(differs(route.target.name))
    }
    let moved = ["c", "f"].map { alias in
      let join = part.module.joinForID(from: alias, as: "m")
      return
        "select \(part.module.id(from: alias, as: "m")) from changed c join former f on \(same(part.place, "f", "c"))\(join)"
        + "\n      where \(changes.joined(separator: " or "))"
    }
    let shown = [("c", "changed"), ("f", "former")].map { alias, table in
      "select \(part.module.id(from: alias, as: "m")) from \(table) \(alias)\(part.module.joinForID(from: alias, as: "m"))"
    }
    return trigger(
      "update", on: part.place, declare: "  v_module uuid;",
      body: markRosters(shown.joined(separator: "\n      union\n      "))
        + oweModules(moved.joined(separator: "\n      union\n      ") + "\n      order by 1"))
  }

  /// Rosters show something else of the activities or modules that a query names.
  private func markRosters(_ query: String) -> String {
    """
      perform passerelle.mark_rosters(array(
        \(query)));

    """
  }

  private func oweModules(_ query: String) -> String {
    """
      for v_module in
        \(query)
      loop
        perform passerelle.owe_module(v_module);
      end loop;
    """
  }

  private func same(_ place: Place, _ left: String, _ right: String) -> String {
    "\(SQLText.column(left, place.key.name)) = \(SQLText.column(right, place.key.name))"
  }

  // MARK: Progress

  /// Dates what becomes completed, and refuses a score that cannot be, in words that Directus shows.
  private func progressChecked(_ part: AdoptionPlan.Progress) -> Trigger {
    let rows = ProgressRows(plan: plan, part: part)
    let score = rows.score("new")
    let date = SQLText.column("new", part.completedAt.name)
    let former = SQLText.column("old", part.completedAt.name)
    let maximum = part.score.maximum
    let dated =
      part.completed.condition.column.kind == .time
      ? ""
      : """

        if \(rows.isCompleted("new")) then
          \(date) := coalesce(\(date), \(ProgressRows.now(part.completedAt)));
        elsif tg_op = 'UPDATE' and \(date) is not distinct from \(former) then
          \(date) := null;
        end if;
      """
    let function = "passerelle.adopted_progress_checked"
    return Trigger(
      "passerelle_checked", on: part.place.table, function: function,
      body: """
        begin
          -- NaN is greater than every number.
          if \(score) not between 0 and \(maximum) then
            perform passerelle.refuse(\(SQLText.literal(part.place.table)), \(SQLText.literal(part.score.column.name)), \
        'passerelle_checked',
              'Un résultat va de 0 à \(maximum)', 'A score is between 0 and \(maximum)');
          end if;\(dated)
          return new;
        end
        """,
      fires: "before insert or update on \(part.place.relation) for each row")
  }

  /// The learners and modules of some rows of progress, in the order in which everybody takes them. The learner's row is
  /// joined in any case: nothing is owed any more for who is being deleted.
  private func affected(_ rows: ProgressRows, _ relation: String) -> String {
    let part = rows.part
    let grainJoin: String
    let module: String
    if let grains = plan.grains {
      grainJoin = part.grain.join(from: "p", as: "g") + grains.module.joinForID(from: "g", as: "m")
      module = grains.module.id(from: "g", as: "m")
    } else {
      grainJoin = part.grain.join(from: "p", as: "g")
      module = "g.module"
    }
    return "select \(module) as module, array_agg(distinct \(rows.learner("p"))) as learners\n"
      + "      from \(relation) p\(part.learner.join(from: "p", as: "l"))\(grainJoin)\n"
      + "      where \(module) is not null group by 1 order by 1"
  }

  private func oweLearners(_ query: String) -> String {
    markRosters("select a.module from (\(query)) a") + """
        for c in
          \(query)
        loop
          if cardinality(c.learners) = 1 then
            perform passerelle.owe(c.learners[1], c.module);
          else
            perform passerelle.owe_learners(c.module, c.learners);
          end if;
        end loop;
      """
  }

  private func progressChanged(_ part: AdoptionPlan.Progress, _ event: String) -> Trigger {
    trigger(
      event, on: part.place, declare: "  c record;",
      body: oweLearners(affected(ProgressRows(plan: plan, part: part), "changed")))
  }

  /// Only rows in which something that counts is another: such a table is often updated for other reasons.
  private func progressUpdated(_ part: AdoptionPlan.Progress) -> Trigger {
    let rows = ProgressRows(plan: plan, part: part)
    let columns = rows.watched.map(SQLText.name).joined(separator: ", ")
    let changed = "(select \(columns) from changed except select \(columns) from former)"
    let former = "(select \(columns) from former except select \(columns) from changed)"
    return trigger(
      "update", on: part.place, declare: "  c record;",
      body: oweLearners(affected(rows, "(\(changed) union \(former))")))
  }
}
