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
    return """
      create or replace function passerelle.progress_record(
        p_learner uuid, p_grains uuid[], p_statuses text[], p_scores numeric[]) returns void
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
              where p.\(learnerColumn) = v_learner and p.\(grainColumn) in (select w.grain from (
                \(wanted)) w)
              order by p.\(key) for update;
            update \(table) p
              set \(completed) = \(rows.completedValue(former: "p.\(completed)")),
                  \(score) = case when \(rows.isCompleted("p")) then greatest(p.\(score), \(stored)) else \(stored) end
              from (
                select distinct on (w.grain) q.\(key) as key, w.score
                from (
                \(wanted)) w
                join \(table) q on q.\(learnerColumn) = v_learner and q.\(grainColumn) = w.grain
                where w.completed
                order by w.grain, \(rows.bestFirst("q"))) b
              where p.\(key) = b.key
                and (not \(rows.isCompleted("p")) or (p.\(score) is not null and \(stored) > p.\(score)));
            with missing as (
              select w.grain, w.completed, w.score
              from (
                \(wanted)) w
              where not exists (
                select from \(table) q where q.\(learnerColumn) = v_learner and q.\(grainColumn) = w.grain)),
            made as (
              insert into \(table) (\(needsKey ? "\(key), " : "")\(learnerColumn), \(grainColumn), \(completed), \(score))
              select \(needsKey ? "\(keyValue), " : "")v_learner, m.grain,
                     case when m.completed then \(typed(rows.completedValue(former: nil), part)) else \(typed(rows.startedValue, part)) end,
                     \(storedNew)
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

  private func typed(_ value: String, _ part: AdoptionPlan.Progress) -> String {
    "\(value)::\(part.completed.condition.column.sqlType)"
  }
}
