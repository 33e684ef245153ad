extension AdoptionFunctions {
  /// `passerelle.progress_record`: completed never goes back, the best score is kept, completed without a score counts whole.
  func record(_ part: AdoptionPlan.Progress) -> String {
    let rows = ProgressRows(plan: plan, part: part)
    let table = part.place.relation
    let learnerColumn = SQLText.name(part.learner.column.name)
    let grainColumn = SQLText.name(part.grain.column.name)
    let key = SQLText.name(part.place.key.name)
    let completed = SQLText.name(part.completed.condition.column.name)
    let score = SQLText.name(part.score.column.name)
    // What is reported, once for each grain, as their table would hold it.
    let wanted = """
      select \(part.grain.value(of: "g")) as grain, bool_or(x.status = 'completed') as completed,
                 max(x.score) filter (where x.status = 'completed') as score
          from unnest(p_grains, p_statuses, p_scores) as x (grain, status, score)
          join \(part.grain.place.relation) g on \(part.grain.place.id("g")) = x.grain
          group by 1
      """
    let learner =
      "select \(part.learner.value(of: "l")) into v_learner from \(part.learner.place.relation) l "
      + "where \(part.learner.place.id("l")) = p_learner"
    let stored = rows.stored("b.score", isCompleted: "true")
    let storedNew = rows.stored("m.score", isCompleted: "m.completed")
    let needsKey = part.place.key.isNotNull && !part.place.key.hasDefault
    let keyValue = part.place.key.kind == .uuid ? "gen_random_uuid()" : "gen_random_uuid()::text"
    let names = [AdoptionPlan.Progress.addedActivity, AdoptionPlan.Progress.addedActivityTitle]
    let (activityColumns, activityValues) =
      part.namesActivities
      ? (names.map { ", \(SQLText.name($0))" }.joined(), ", p_activity, p_activity_title") : ("", "")
    return """
      create or replace function passerelle.progress_record(
        p_learner uuid, p_grains uuid[], p_statuses text[], p_scores numeric[], p_activity uuid default null,
        p_activity_title text default null) returns void
      language plpgsql \(Self.asOwner) as \(SQLText.body(
        """
        declare
          v_learner \(part.learner.column.sqlType);
          v_lost bigint;
        begin
          -- Nothing in their table keeps two requests from inserting the same row: one at a time for each learner.
          perform pg_advisory_xact_lock(hashtextextended('passerelle.progress_record' || p_learner::text, 0));
          -- Whoever deletes learners locks this table first: nobody is deleted from here on.
          lock table \(table) in row exclusive mode;
          \(learner);
          if not found or exists (
            select from unnest(p_grains) x (grain)
            where not exists (select from \(part.grain.place.relation) g where \(part.grain.place.id("g")) = x.grain))
          then
            -- Raises 23503 as a foreign key would; the caller retries once and then reports the missing session or grain.
            raise exception using errcode = 'foreign_key_violation', message = 'the learner or a grain was deleted meanwhile';
          end if;
          for attempt in 1..2 loop
            -- What somebody is editing at this moment is waited for; the statement after this one sees it.
            perform from \(table) p
              where p.\(learnerColumn) = v_learner\(rows.ofActivity("p")) and p.\(grainColumn) in (select w.grain from (
                \(wanted)) w)
              order by p.\(key) for update;
            update \(table) p
              set \(completed) = \(rows.completedValue(former: "p.\(completed)")),
                  \(score) = case when \(rows.isCompleted("p")) then greatest(p.\(score), \(stored)) else \(stored) end
              from (
                select distinct on (w.grain) q.\(key) as key, w.score
                from (
                \(wanted)) w
                join \(table) q on q.\(learnerColumn) = v_learner and q.\(grainColumn) = w.grain\(rows.ofActivity("q"))
                where w.completed
                order by w.grain, \(rows.bestFirst("q"))) b
              where p.\(key) = b.key
                and (not \(rows.isCompleted("p")) or (p.\(score) is not null and \(stored) > p.\(score)));
            with missing as (
              select w.grain, w.completed, w.score
              from (
                \(wanted)) w
              where not exists (
                select from \(table) q
                where q.\(learnerColumn) = v_learner and q.\(grainColumn) = w.grain\(rows.ofActivity("q")))),
            made as (
              insert into \(table) (\(needsKey ? "\(key), " : "")\(learnerColumn), \(grainColumn), \(completed), \(score)\(activityColumns))
              select \(needsKey ? "\(keyValue), " : "")v_learner, m.grain,
                     case when m.completed then \(typed(rows.completedValue(former: nil), part)) else \(typed(rows.startedValue, part)) end,
                     \(storedNew)\(activityValues)
              from missing m order by m.grain
              on conflict do nothing returning 1)
            select (select count(*) from missing) - (select count(*) from made) into v_lost;
            -- Staff inserted one of them meanwhile: it is there to be updated now.
            exit when v_lost = 0;
          end loop;
        end
        """))
      """
  }

  /// `passerelle.progress_replace`: what a teacher says of a grain. Their table has no column for who said it and why, which
  /// `passerelle.corrections` keeps.
  func replace(_ part: AdoptionPlan.Progress) -> String {
    let rows = ProgressRows(plan: plan, part: part)
    let table = part.place.relation
    let key = SQLText.name(part.place.key.name)
    let completed = SQLText.name(part.completed.condition.column.name)
    let score = SQLText.name(part.score.column.name)
    let stored = rows.stored("p_score", isCompleted: "p_status = 'completed'")
    return """
      create or replace function passerelle.progress_replace(
        p_learner uuid, p_grain uuid, p_status text, p_score numeric, p_by text, p_reason text,
        p_activity uuid default null, p_activity_title text default null) returns void
      language plpgsql \(Self.asOwner) as \(SQLText.body(
        """
        begin
          if p_status = 'none' then
            delete from \(table) t where t.\(key) in (
              select p.\(key) from \(table) p\(rows.joins("p"))
              where \(rows.learner("p")) = p_learner and \(rows.grain("p")) = p_grain\(rows.ofActivity("p")));
            return;
          end if;
          update \(table) t
            set \(completed) = case when p_status = 'completed' then \(typed(rows.completedValue(former: "t.\(completed)"), part))
                  else \(typed(rows.startedValue, part)) end,
                \(score) = \(stored)
            where t.\(key) in (
              select p.\(key) from \(table) p\(rows.joins("p"))
              where \(rows.learner("p")) = p_learner and \(rows.grain("p")) = p_grain\(rows.ofActivity("p")));
          if not found then
            perform passerelle.progress_record(
              p_learner, array[p_grain], array[p_status], array[p_score], p_activity, p_activity_title);
          end if;
        end
        """))
      """
  }

  /// Their table names no teacher.
  static var unsign: String {
    """
    create or replace function passerelle.progress_unsign(p_learner uuid, p_grain uuid, p_by text) returns void
    language plpgsql as \(SQLText.body(
      """
      begin
      end
      """))
    """
  }

  /// What a module of scope `activity` needs of their table: rows that name an activity. Where they do not, there is no such module
  /// (`module_is_possible` and the map refuse it).
  func activities(_ part: AdoptionPlan.Progress) -> [String] {
    let copied = """
      declare
        grains uuid[];
        statuses text[];
        scores numeric[];
      begin
        if p_anew then
          perform passerelle.progress_remove(
            p_learner, array(select g.id from passerelle.grain_rows g where g.module = p_module), p_activity);
        end if;
        -- Beside a row that is there, whole is the best score.
        select array_agg(p.grain order by p.grain), array_agg(p.status order by p.grain),
               array_agg(case when p_anew or p.status <> 'completed' then p.score::numeric else coalesce(p.score::numeric, 1) end
                 order by p.grain)
          into grains, statuses, scores
          from passerelle.progress_rows p join passerelle.grain_rows g on g.id = p.grain
          where p.learner = p_learner and p.activity is null and g.module = p_module;
        if grains is not null then
          perform passerelle.progress_record(p_learner, grains, statuses, scores, p_activity, p_activity_title);
        end if;
      end
      """
    let folded = """
      declare
        r record;
      begin
        for r in
          select b.learner, array_agg(b.grain order by b.grain) as grains, array_agg(b.status order by b.grain) as statuses,
                 array_agg(b.score order by b.grain) as scores
            from (
              select distinct on (p.learner, p.grain) p.learner, p.grain, p.status,
                     case when p.status = 'completed' then coalesce(p.score::numeric, 1) end as score
                from passerelle.progress_rows p join passerelle.grain_rows g on g.id = p.grain
                where p.activity is not null and g.module = p_module
                -- `completed` comes before `started`; without a score is whole.
                order by p.learner, p.grain, p.status, p.score desc nulls first) b
            group by b.learner order by b.learner
        loop
          perform passerelle.progress_record(r.learner, r.grains, r.statuses, r.scores);
        end loop;
      end
      """
    let nothing = """
      begin
      end
      """
    return [
      """
      create or replace function passerelle.progress_has_activities() returns boolean language sql immutable as \(SQLText.body(
        "  select \(part.namesActivities)"))
      """,
      """
      create or replace function passerelle.progress_copy(
        p_learner uuid, p_module uuid, p_activity uuid, p_activity_title text, p_anew boolean) returns void
      language plpgsql as \(SQLText.body(part.namesActivities ? copied : nothing))
      """,
      """
      create or replace function passerelle.progress_fold(p_module uuid) returns void language plpgsql as \(SQLText.body(
        part.namesActivities ? folded : nothing))
      """,
    ]
  }

  /// `passerelle.progress_remove`: their rows as they were, with the columns that are theirs alone.
  func remove(_ part: AdoptionPlan.Progress) -> String {
    let rows = ProgressRows(plan: plan, part: part)
    let key = SQLText.name(part.place.key.name)
    return """
      create or replace function passerelle.progress_remove(p_learner uuid, p_grains uuid[], p_holder uuid) returns json
      language plpgsql \(Self.asOwner) as \(SQLText.body(
        """
        declare
          removed json;
        begin
          with gone as (
            delete from \(part.place.relation) t
              where t.\(key) in (
                select p.\(key) from \(part.place.relation) p\(rows.joins("p"))
                  where \(rows.learner("p")) = p_learner and \(rows.grain("p")) = any (p_grains) and \(rows.holder("p")) = p_holder)
              returning t.*)
          select coalesce(json_agg(to_json(gone)), '[]') into removed from gone;
          return removed;
        end
        """))
      """
  }

  /// `passerelle.progress_give`: of a grain that both learners have, the better row counts.
  func give(_ part: AdoptionPlan.Progress) -> String {
    """
    create or replace function passerelle.progress_give(p_from uuid, p_into uuid) returns integer
    language plpgsql \(Self.asOwner) as \(SQLText.body(
      """
      declare
        r record;
        given integer := 0;
      begin
        for r in
          select p.activity, max(p.activity_title) as title, array_agg(p.grain) as grains, array_agg(p.status) as statuses,
                 -- Beside a row of the other's, whole is the best score.
                 array_agg(case when p.status = 'completed' then coalesce(p.score::numeric, 1) end) as scores
            from passerelle.progress_rows p where p.learner = p_from
            group by p.activity order by p.activity nulls first
        loop
          perform passerelle.progress_record(p_into, r.grains, r.statuses, r.scores, r.activity, r.title);
          perform passerelle.progress_remove(p_from, r.grains, coalesce(r.activity, p_from));
          given := given + cardinality(r.grains);
        end loop;
        return given;
      end
      """))
    """
  }

  private func typed(_ value: String, _ part: AdoptionPlan.Progress) -> String {
    "\(value)::\(part.completed.condition.column.sqlType)"
  }
}
