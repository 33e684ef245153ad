-- The one place where progress becomes a grade. Triggers call it, so that an edit in Directus, a `grain add` and a click
-- in the mini-site weigh the same; the program only reads what is owed and delivers it.
--
-- Ratios and points are numeric from end to end: the columns that people see are double precision, and a score that is
-- owed is compared after it was rounded to the five decimals that Moodle stores.

-- What a completed grain adds: without a score it counts whole. (PostgreSQL makes this and the next a part of whatever asks.)
create function passerelle.earned(p_weight numeric, p_score float8) returns numeric
language sql immutable as $$
  select case when p_score is null then p_weight else p_weight * p_score::numeric end
$$;

-- What was earned as a part of the whole; nothing where it falls short of all that is asked for.
create function passerelle.ratio(p_earned numeric, p_weights numeric, p_falls_short boolean) returns numeric
language sql immutable as $$
  select case when p_falls_short or p_weights = 0 then 0 else round(coalesce(p_earned, 0), 30) / p_weights end
$$;

-- What progress in a module says for enrolments of these learners, a row for each: the person's progress, or the activity's own
-- (`own_progress`); of all the module's grains, or of the one that the activity is about. `owed` is false until there is something
-- to give: Moodle takes any grade, 0 included, as "activity complete". PostgreSQL makes this a part of the statement that asks.
create function passerelle.standings(p_module uuid, p_learners uuid[], p_enrolments uuid[])
returns table (enrolment uuid, completed integer, total integer, ratio numeric, owed boolean)
language sql stable as $$
  with g as materialized (
    select g.id, g.weight::numeric as weight from passerelle.grain_rows g where g.module = p_module and g.status = 'active')
  select t.id, r.completed, r.total,
         case when x.about_one then coalesce(o.score, 0) else passerelle.ratio(d.earned, c.weights, r.falls_short) end,
         r.completed > 0 and not r.falls_short
    from passerelle.enrolments t
    join passerelle.activities a on a.id = t.activity
    cross join (
      select count(*)::integer as total, coalesce(sum(g.weight), 0) as weights,
             coalesce((select m.grading = 'all-or-nothing' from passerelle.module_rows m where m.id = p_module), false) as needs_all
        from g) c
    cross join lateral (
      select passerelle.holder(t.own_progress, t.activity, t.learner) as holder,
             -- A session may still show the module that the activity had before.
             a.grain is not null and a.module = p_module as about_one) x
    left join (
      select p.learner, p.holder, count(*)::integer as completed,
             sum(passerelle.earned(g.weight, p.score)) as earned
        from passerelle.progress_rows p join g on g.id = p.grain
        where p.learner = any (p_learners) and p.status = 'completed'
        group by p.learner, p.holder) d on d.learner = t.learner and d.holder = x.holder
    cross join lateral (
      select count(*)::integer as total, max(coalesce(p.score::numeric, 1)) filter (where p.status = 'completed') as score
        from g left join passerelle.progress_rows p on p.grain = g.id and p.learner = t.learner and p.holder = x.holder
        where x.about_one and g.id = a.grain) o
    cross join lateral (
      select u.completed, u.total, not x.about_one and c.needs_all and u.completed < u.total as falls_short
        from (select case when x.about_one then (o.score is not null)::integer else coalesce(d.completed, 0) end as completed,
                     case when x.about_one then o.total else c.total end as total) u) r
    where t.id = any (p_enrolments)
$$;

-- Whose progress counts for an enrolment: the activity's own, or the person's. `progress_rows.holder` says it of a row.
create function passerelle.holder(p_own boolean, p_activity uuid, p_learner uuid) returns uuid
language sql immutable as $$
  select case when p_own then p_activity else p_learner end
$$;

-- The same of one row, for whoever reads all of one learner's: PostgreSQL would take `holder` for a narrow choice beside the learner,
-- and look up each grain by itself. (So it does with `or` where there may be one grain only; hence `case` in these.)
create function passerelle.counts_for(p_row_activity uuid, p_own boolean, p_activity uuid) returns boolean
language sql immutable as $$
  select case when p_own then p_row_activity = p_activity else p_row_activity is null end
$$;

-- Whether activities that show a module each count their own progress. (Not in SQL: PostgreSQL would plan it at each call.)
create function passerelle.counts_apart(p_module uuid) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return passerelle.progress_has_activities()
    and exists (select from passerelle.module_rows m where m.id = p_module and m.scope = 'activity');
end $$;

-- The standing of one enrolment of this learner.
create function passerelle.standing(p_learner uuid, p_module uuid, p_enrolment uuid,
  out completed integer, out total integer, out ratio numeric, out owed boolean)
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
begin
  select s.completed, s.total, s.ratio, s.owed into completed, total, ratio, owed
    from passerelle.standings(p_module, array[p_learner], array[p_enrolment]) s;
end $$;

-- Brings every grade of some learners for a module up to date, but for those taken back. Their enrolments are locked first, in
-- one order: that orders concurrent changes of one learner, deliveries included, and the statement after it sees what the
-- others committed (a function's statements each take a new snapshot).
create function passerelle.owe_batch(p_module uuid, p_learners uuid[]) returns void language plpgsql as $$
declare
  v_enrolments uuid[];
begin
  select array_agg(x.id) into v_enrolments from (
    select t.id from passerelle.enrolments t join passerelle.activities a on a.id = t.activity
      where t.learner = any (p_learners) and a.module = p_module
      order by t.learner, t.id
      for no key update of t) x;
  if v_enrolments is null then
    return;
  end if;
  with e as materialized (
    select t.id, t.learner, t.activity, a.title, m.maximum, s.ratio, g.id as grade,
           case
             -- Nothing to give and nothing ever sent of this run, or no place to send it to any more.
             when not (t.gradable and not t.instructor and (s.owed or (t.last_timestamp is not null and not t.set_aside))
                       and (t.withdrawn_ratio, t.withdrawn_completed) is distinct from (s.ratio, s.completed))
               then case when g.status <> 'none' then 'none' end
             when g.id is null then 'new'
             -- A grade that the platform has already is not sent again; one under way or in doubt is.
             when g.status = 'none' or t.owed_ratio is distinct from s.ratio
               then case when t.delivered_ratio = s.ratio and t.lease is null and t.doubtful_timestamp is null then 'delivered'
                         else 'pending' end
             -- The platform rescales by itself: the same part of another maximum, or of another module, is not another grade.
             when (round(g.maximum::numeric, 5), g.module) is distinct from (m.maximum, p_module) then 'rescaled'
           end as becomes
      from passerelle.standings(p_module, p_learners, v_enrolments) s
      -- Said twice, so that PostgreSQL knows how few enrolments these are and looks them up.
      join passerelle.enrolments t on t.id = s.enrolment and t.id = any (v_enrolments)
      -- Nothing more is owed to an activity that is gone.
      join passerelle.activities a on a.id = t.activity and a.module = p_module and a.gone_at is null
      left join public.grades g on g.learner = t.learner and g.activity = t.activity
      cross join lateral (select coalesce(a.line_item_maximum, 100)::numeric(12, 5) as maximum) m),
  made as (
    insert into public.grades (id, learner, activity, module, activity_title, status, score, maximum, next_attempt_at)
      select e.id, e.learner, e.activity, p_module, passerelle.title_text(e.title), 'pending', passerelle.points(e.ratio, e.maximum), e.maximum, now()
        from e where e.becomes = 'new'
      returning id, version),
  changed as (
    update public.grades g
      set module = case e.becomes when 'none' then g.module else p_module end,
          activity_title = case when e.becomes in ('pending', 'delivered') then passerelle.title_text(e.title) else g.activity_title end,
          score = case when e.becomes <> 'none' then passerelle.points(e.ratio, e.maximum) end,
          maximum = case when e.becomes <> 'none' then e.maximum end,
          version = case when e.becomes = 'rescaled' then g.version else g.version + 1 end,
          status = case when e.becomes = 'rescaled' then g.status else e.becomes end,
          attempts = case when e.becomes = 'rescaled' then g.attempts else 0 end,
          next_attempt_at = case e.becomes when 'rescaled' then g.next_attempt_at when 'pending' then now() end,
          last_error_code = case when e.becomes = 'rescaled' then g.last_error_code end,
          last_error = case when e.becomes = 'rescaled' then g.last_error end,
          last_error_fr = case when e.becomes = 'rescaled' then g.last_error_fr end
      from e
      where g.id = e.grade and e.becomes is not null
      returning g.id, g.version)
  update passerelle.enrolments t
    set owed_ratio = case when e.becomes <> 'none' then e.ratio end,
        owed_version = case when e.becomes <> 'none' then v.version end,
        failing_since = case when e.becomes = 'none' then t.failing_since end,
        erring_since = case when e.becomes = 'none' then t.erring_since end,
        withdrawn_ratio = case when e.becomes = 'none' then t.withdrawn_ratio end,
        withdrawn_completed = case when e.becomes = 'none' then t.withdrawn_completed end
    from e
    join (select id, version from made union all select id, version from changed) v on v.id = e.id
    where t.id = e.id and e.becomes <> 'rescaled';
end $$;

-- The same for any number of learners, in the order of their ids, in memory that does not grow with it. A plan that was made for
-- one learner's report would be slow for a thousand, whose rows are counted in memory.
create function passerelle.owe_learners(p_module uuid, p_learners uuid[]) returns void
language plpgsql set plan_cache_mode = force_custom_plan set work_mem = '32MB' as $$
begin
  for i in 0..(cardinality(p_learners) - 1) / 1000 loop
    perform passerelle.owe_batch(p_module, p_learners[i * 1000 + 1:(i + 1) * 1000]);
  end loop;
end $$;

-- One learner's report, or staff's edit of one row, without a plan made anew each time: PostgreSQL thinks any array long.
create function passerelle.owe(p_learner uuid, p_module uuid) returns void
language plpgsql set plan_cache_mode = force_generic_plan as $$
begin
  perform passerelle.owe_batch(p_module, array[p_learner]);
end $$;

-- The next of a module's learners (with `p_activity`, of one activity's) after one of them, who is brought up to date with so
-- many others. `last` is null when there was none.
create function passerelle.owe_next(p_module uuid, p_activity uuid, p_after uuid, p_limit integer,
  out last uuid, out computed integer)
language plpgsql set plan_cache_mode = force_custom_plan set work_mem = '32MB' as $$
declare
  batch uuid[];
begin
  select array_agg(x.learner order by x.learner) into batch from (
    select distinct b.learner
      from passerelle.activities a
      cross join lateral (
        select t.learner from passerelle.enrolments t
          where t.activity = a.id and t.learner > coalesce(p_after, '00000000-0000-0000-0000-000000000000')
          order by t.learner limit p_limit) b
      where a.module = p_module and (p_activity is null or a.id = p_activity)
      order by b.learner limit p_limit) x;
  computed := coalesce(cardinality(batch), 0);
  if computed > 0 then
    last := batch[computed];
    perform passerelle.owe_batch(p_module, batch);
  end if;
end $$;

-- Whoever computes a whole module anew has this lock alone; whoever enrols somebody in it shares it, so that nobody is overlooked
-- who was not to be seen yet. One lock a module, however many learners.
create function passerelle.lock_of_module(p_module uuid) returns bigint language sql immutable as $$
  select hashtextextended('passerelle.module' || p_module::text, 0)
$$;

-- After a change of a module's catalogue. Up to 20,000 enrolments are computed within the change, so that staff wait for two seconds
-- at most; what is more, or left by then, the timer does (recount).
create function passerelle.owe_module(p_module uuid) returns void language plpgsql as $$
declare
  began timestamptz := clock_timestamp();
  step record;
  reached uuid;
  done integer := 0;
  enrolled integer;
begin
  perform pg_advisory_xact_lock(passerelle.lock_of_module(p_module));
  select count(*) into enrolled from passerelle.enrolments t join passerelle.activities a on a.id = t.activity
    where a.module = p_module;
  if enrolled <= 20000 then
    loop
      select * into step from passerelle.owe_next(p_module, null, reached, 1000);
      -- Fewer than were asked for are the last.
      if step.computed < 1000 then
        perform passerelle.recounted(p_module);
        return;
      end if;
      reached := step.last;
      done := done + step.computed;
      exit when clock_timestamp() - began > interval '1600 milliseconds';
    end loop;
  end if;
  perform passerelle.recount_from(p_module, reached, greatest(enrolled, done), done);
end $$;

-- Leaves a module's learners after `p_after` to the timer.
create function passerelle.recount_from(p_module uuid, p_after uuid, p_learners integer, p_done integer)
returns void language plpgsql as $$
begin
  insert into passerelle.recounts as r (module, done_to, learners, done) values (p_module, p_after, p_learners, p_done)
    on conflict (module) do update
      set done_to = excluded.done_to, learners = excluded.learners, done = excluded.done, asked_at = now();
  perform passerelle.module_notice(p_module,
    'Les notes de ce module se recalculent ; cela finit de soi-même. · '
      'The grades of this module are being computed again; this ends by itself.');
end $$;

-- Nothing of a module is left to compute.
create function passerelle.recounted(p_module uuid) returns void language plpgsql as $$
begin
  delete from passerelle.recounts r where r.module = p_module;
  if found then
    perform passerelle.module_notice(p_module, null);
  end if;
end $$;

-- After a change of one activity, within somebody's request: a class is computed at once, more is left to the timer.
create function passerelle.owe_activity(p_activity uuid, p_module uuid) returns void language plpgsql as $$
declare
  step record;
begin
  select * into step from passerelle.owe_next(p_module, p_activity, null, 200);
  if step.computed = 200 then
    perform passerelle.recount_from(p_module, null,
      (select count(*)::integer from passerelle.enrolments t join passerelle.activities a on a.id = t.activity
         where a.module = p_module), 0);
  end if;
end $$;

-- The timer's turn: the next learners of the module that has waited longest. `computed` is null when none waits. Whom it would
-- have to wait for longer than a moment makes it fail, and the program asks again: nobody who reports waits for it longer than
-- such a batch takes.
create function passerelle.recount(p_limit integer, out computed integer)
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '50ms' as $$
declare
  r passerelle.recounts;
  step record;
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  select * into r from passerelle.recounts t order by t.asked_at, t.module limit 1 for update skip locked;
  if not found then
    return;
  end if;
  perform pg_advisory_xact_lock(passerelle.lock_of_module(r.module));
  select * into step from passerelle.owe_next(r.module, null, r.done_to, p_limit);
  computed := step.computed;
  if step.last is null then
    perform passerelle.recounted(r.module);
  else
    update passerelle.recounts t set done_to = step.last, done = t.done + step.computed where t.module = r.module;
  end if;
end $$;

-- `passerelle grade recompute`, so many learners at a time: the next after `p_after`.
create function passerelle.recompute(p_module uuid, p_activity uuid, p_after uuid, p_limit integer,
  out last uuid, out computed integer)
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '250ms' as $$
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  select * into last, computed from passerelle.owe_next(p_module, p_activity, p_after, p_limit);
end $$;

-- Modules first, then learners, in every statement that changes what several are owed: two such statements cannot wait for
-- each other. Nothing is owed any more for a learner who is being deleted.
create function passerelle.progress_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  c record;
begin
  -- A report of what is known already inserts nothing.
  if not exists (select from changed) then
    return null;
  end if;
  for c in
    select g.module, array_agg(distinct x.learner) as learners
      from changed x
      join passerelle.grain_rows g on g.id = x.grain
      join passerelle.learner_rows l on l.id = x.learner
      group by g.module order by g.module
  loop
    if cardinality(c.learners) = 1 then
      perform passerelle.owe(c.learners[1], c.module);
    else
      perform passerelle.owe_learners(c.module, c.learners);
    end if;
  end loop;
  return null;
end $$;
revoke all on function passerelle.progress_changed() from public;

-- A row moved to another learner or grain changes two standings.
create function passerelle.progress_updated() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  c record;
begin
  if not exists (select from changed) then
    return null;
  end if;
  for c in
    select g.module, array_agg(distinct x.learner) as learners
    from (select learner, grain from changed union all select learner, grain from former) x
    join passerelle.grain_rows g on g.id = x.grain
    group by g.module order by g.module
  loop
    if cardinality(c.learners) = 1 then
      perform passerelle.owe(c.learners[1], c.module);
    else
      perform passerelle.owe_learners(c.module, c.learners);
    end if;
  end loop;
  return null;
end $$;
revoke all on function passerelle.progress_updated() from public;

create function passerelle.grains_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  m uuid;
begin
  for m in select distinct module from changed order by 1 loop
    perform passerelle.owe_module(m);
  end loop;
  return null;
end $$;
revoke all on function passerelle.grains_changed() from public;

create function passerelle.grains_updated() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  m uuid;
begin
  for m in
    select distinct u.module
    from changed c join former f on f.id = c.id
    cross join lateral (values (c.module), (f.module)) u (module)
    where (c.weight, c.status, c.module) is distinct from (f.weight, f.status, f.module)
    order by 1
  loop
    perform passerelle.owe_module(m);
  end loop;
  return null;
end $$;
revoke all on function passerelle.grains_updated() from public;

-- A module's activities count the person's progress from now on: the best of what each counted.
create function passerelle.count_together(p_module uuid) returns void language plpgsql as $$
begin
  perform passerelle.progress_fold(p_module);
  update passerelle.enrolments t set own_progress = false
    from passerelle.activities a where a.module = p_module and t.activity = a.id and t.own_progress;
end $$;

create function passerelle.modules_updated() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  m uuid;
begin
  for m in
    select c.id from changed c join former f on f.id = c.id
      where (c.grading, c.scope) is distinct from (f.grading, f.scope) order by 1
  loop
    if exists (select from changed c join former f on f.id = c.id where c.id = m and c.scope = 'learner' and f.scope <> 'learner')
    then
      perform passerelle.count_together(m);
    end if;
    perform passerelle.owe_module(m);
  end loop;
  return null;
end $$;
revoke all on function passerelle.modules_updated() from public;
