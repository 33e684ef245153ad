/// Rebuilds the four seam views over the institution's tables, with the same column names and types.
struct AdoptionViews {
  let plan: AdoptionPlan

  /// One statement for each role that is adopted.
  var statements: [String] {
    [
      plan.learners.map(learners), plan.modules.map(modules), plan.grains.map(grains), plan.progress.map(progress),
    ].compactMap { $0 }
  }

  private func learners(_ part: AdoptionPlan.Learners) -> String {
    let id = part.place.id("l")
    // What the collection has no column for is what the platform said last.
    func seen(_ column: String) -> String {
      "(select i.\(column) from passerelle.identities i where i.learner = \(id) and i.\(column) is not null\n"
        + "      order by i.created_at limit 1)"
    }
    func text(_ column: ColumnShape) -> String { "\(SQLText.column("l", column.name))::text" }
    let names: [String] =
      switch part.name {
      case .whole(let whole): [text(whole), "null::text", "null::text"]
      case .parts(let given, let family):
        ["nullif(btrim(concat_ws(' ', \(text(given)), \(text(family)))), '')", text(given), text(family)]
      }
    return """
      create or replace view passerelle.learner_rows as
        select \(id) as id,
          \(names[0]) as name,
          \(names[1]) as given_name,
          \(names[2]) as family_name,
          \(part.email.map(text) ?? seen("seen_email")) as email,
          \(part.locale.map { "coalesce(nullif(\(text($0)), ''), \(seen("seen_locale")))" } ?? seen("seen_locale")) as locale,
          \(part.created.map { Self.instant(SQLText.column("l", $0.name), $0) } ?? "null::timestamptz") as date_created
        from \(part.place.relation) l
      """
  }

  private func modules(_ part: AdoptionPlan.Modules) -> String {
    let grading: String =
      switch part.grading {
      case .proportion: "'proportion'::text"
      case .allOrNothing: "'all-or-nothing'::text"
      case .column(let rule): "case when \(rule.holds("m")) then 'all-or-nothing' else 'proportion' end"
      }
    let scope: String =
      switch part.scope {
      case .learner: "'learner'::text"
      case .activity: "'activity'::text"
      case .column(let rule): "case when \(rule.holds("m")) then 'activity' else 'learner' end"
      }
    return """
      create or replace view passerelle.module_rows as
        select \(part.place.id("m")) as id,
          \(slug(part.slug, "m")) as slug,
          \(title(part.title, part.slug, "m")) as title,
          \(part.url.map { "nullif(\(SQLText.column("m", $0.name))::text, '')" } ?? "null::text") as url,
          \(grading) as grading,
          \(status(part.active, "m")) as status,
          \(sort(part.sort, "m")) as sort,
          \(scope) as scope
        from \(part.place.relation) m
      """
  }

  private func grains(_ part: AdoptionPlan.Grains) -> String {
    // Less than nothing cannot be asked of anybody.
    let weight = part.weight.map { "greatest(coalesce(\(SQLText.column("g", $0.name)), 1), 0)" } ?? "1"
    return """
      create or replace view passerelle.grain_rows as
        select \(part.place.id("g")) as id,
          \(part.module.id(from: "g", as: "m")) as module,
          \(slug(part.slug, "g")) as slug,
          \(title(part.title, part.slug, "g")) as title,
          (\(weight))::double precision as weight,
          \(status(part.active, "g")) as status,
          \(sort(part.sort, "g")) as sort
        from \(part.place.relation) g\(part.module.joinForID(from: "g", as: "m"))
      """
  }

  private func progress(_ part: AdoptionPlan.Progress) -> String {
    let rows = ProgressRows(plan: plan, part: part)
    let columns = """
      \(rows.learner("p")) as learner,
          \(rows.grain("p")) as grain,
          case when \(rows.isCompleted("p")) then 'completed' else 'started' end as status,
          (\(rows.ratio("p")))::double precision as score,
          \(Self.instant(SQLText.column("p", part.completedAt.name), part.completedAt)) as completed_at,
          \(rows.activity("p")) as activity,
          \(rows.holder("p")) as holder,
          \(part.namesActivities ? SQLText.column("p", AdoptionPlan.Progress.addedActivityTitle) : "null::text") as activity_title
        from \(part.place.relation) p\(rows.joins("p"))
        where \(rows.learner("p")) is not null and \(rows.grain("p")) is not null
      """
    if part.isUnique { return "create or replace view passerelle.progress_rows as\n  select \(columns)" }
    // Nothing keeps a learner and a grain from meeting twice: the best row counts. The columns of `distinct on` let the
    // planner look for one learner's rows only.
    let once = [rows.learner("p"), rows.grain("p")] + (part.namesActivities ? [rows.activity("p")] : [])
    return """
      create or replace view passerelle.progress_rows as
        select distinct on (\(once.joined(separator: ", ")))
          \(columns)
        order by \(once.joined(separator: ", ")), \(rows.bestFirst("p"))
      """
  }

  private func slug(_ column: ColumnShape, _ alias: String) -> String {
    "\(SQLText.column(alias, column.name))::text"
  }

  private func title(_ title: ColumnShape, _ slug: ColumnShape, _ alias: String) -> String {
    "coalesce(nullif(\(SQLText.column(alias, title.name))::text, ''), \(self.slug(slug, alias)))"
  }

  private func status(_ active: AdoptionPlan.Condition?, _ alias: String) -> String {
    active.map { "case when \($0.holds(alias)) then 'active' else 'archived' end" } ?? "'active'::text"
  }

  private func sort(_ column: ColumnShape?, _ alias: String) -> String {
    column.map { "\(SQLText.column(alias, $0.name))::integer" } ?? "null::integer"
  }

  /// A date of theirs as an instant; one without a zone is UTC, as Directus stores it.
  static func instant(_ value: String, _ column: ColumnShape) -> String {
    switch column.type {
    case "timestamptz": value
    case "date": "(\(value)::timestamp at time zone 'UTC')"
    default: "(\(value) at time zone 'UTC')"
    }
  }
}
