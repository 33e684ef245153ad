-- The one place where progress becomes a grade. Triggers call it, so that an edit in Directus, a `grain add` and a click
-- in the mini-site weigh the same; the program only reads what is owed and delivers it.
--
-- Ratios and points are numeric from end to end: the columns that people see are double precision, and a score that is
-- owed is compared after it was rounded to the five decimals that Moodle stores.

-- What a learner's progress in a module says. `owed` is false until there is something to give: Moodle takes any grade,
-- 0 included, as "activity complete".
create function passerelle.standing(p_learner uuid, p_module uuid,
  out completed integer, out total integer, out ratio numeric, out owed boolean)
language plpgsql stable as $$
declare
  earned numeric;
  weights numeric;
  grading_rule text;
begin
  select count(*), count(p.grain), coalesce(sum(g.weight::numeric), 0),
         coalesce(sum(g.weight::numeric * coalesce(p.score::numeric, 1)) filter (where p.grain is not null), 0)
    into total, completed, weights, earned
    from passerelle.grain_rows g
    left join passerelle.progress_rows p on p.grain = g.id and p.learner = p_learner and p.status = 'completed'
    where g.module = p_module and g.status = 'active';
  select m.grading into grading_rule from passerelle.module_rows m where m.id = p_module;
  if grading_rule = 'all-or-nothing' and completed < total then
    ratio := 0;
    owed := false;
  else
    ratio := case when weights > 0 then round(earned, 30) / weights else 0 end;
    owed := completed > 0;
  end if;
end $$;

-- Brings every grade of a learner for a module up to date, but for those taken back. The lock orders concurrent changes of
-- one learner; the statements after it see what the others committed (a function's statements each take a new snapshot).
create function passerelle.owe(p_learner uuid, p_module uuid) returns void language plpgsql as $$
declare
  s record;
  e record;
  new_version bigint;
begin
  if not exists (
    select from passerelle.enrolments t join passerelle.activities a on a.id = t.activity
    where t.learner = p_learner and a.module = p_module) then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtextextended(p_learner::text || p_module::text, 0));
  -- Whoever records a delivery locks the grade first, too: what is read of the lease below holds until commit.
  perform from public.grades g
    where g.learner = p_learner
      and g.activity in (select a.id from passerelle.activities a where a.module = p_module)
    order by g.id for update;
  select * into s from passerelle.standing(p_learner, p_module);

  for e in
    select t.id, t.activity, t.owed_ratio, a.title, coalesce(a.line_item_maximum, 100)::numeric(12, 5) as maximum,
           g.id as grade, g.status, round(g.maximum::numeric, 5) as former_maximum, g.module as former_module,
           t.gradable and not t.instructor and (s.owed or t.last_timestamp is not null)
             and (t.withdrawn_ratio, t.withdrawn_completed) is distinct from (s.ratio, s.completed) as is_owed,
           t.delivered_ratio = s.ratio and t.lease is null and t.doubtful_timestamp is null as is_there
    from passerelle.enrolments t
    join passerelle.activities a on a.id = t.activity
    left join public.grades g on g.learner = t.learner and g.activity = t.activity
    where t.learner = p_learner and a.module = p_module
    order by t.id
  loop
    if not e.is_owed then
      -- Nothing to give and nothing ever sent, or no place to send it to any more.
      if e.status <> 'none' then
        update public.grades
          set status = 'none', score = null, maximum = null, version = version + 1, attempts = 0,
              next_attempt_at = null, last_error_code = null, last_error = null, last_error_fr = null
          where id = e.grade;
        update passerelle.enrolments set owed_ratio = null, owed_version = null where id = e.id;
      end if;
    elsif e.grade is null then
      insert into public.grades (id, learner, activity, module, activity_title, status, score, maximum, next_attempt_at)
        values (e.id, p_learner, e.activity, p_module, e.title, 'pending', passerelle.points(s.ratio, e.maximum), e.maximum, now())
        returning version into new_version;
      update passerelle.enrolments
        set owed_ratio = s.ratio, owed_version = new_version, withdrawn_ratio = null, withdrawn_completed = null
        where id = e.id;
    elsif e.status = 'none' or e.owed_ratio is distinct from s.ratio then
      -- A grade that the platform has already is not sent again; one under way or in doubt is.
      update public.grades
        set module = p_module, activity_title = e.title, score = passerelle.points(s.ratio, e.maximum), maximum = e.maximum,
            version = version + 1, attempts = 0,
            status = case when e.is_there then 'delivered' else 'pending' end,
            next_attempt_at = case when e.is_there then null else now() end,
            last_error_code = null, last_error = null, last_error_fr = null
        where id = e.grade
        returning version into new_version;
      update passerelle.enrolments
        set owed_ratio = s.ratio, owed_version = new_version, failing_since = null, erring_since = null,
            withdrawn_ratio = null, withdrawn_completed = null
        where id = e.id;
    elsif (e.former_maximum, e.former_module) is distinct from (e.maximum, p_module) then
      -- The platform rescales by itself: the same part of another maximum, or of another module, is not another grade.
      update public.grades
        set module = p_module, score = passerelle.points(s.ratio, e.maximum), maximum = e.maximum where id = e.grade;
    end if;
  end loop;
end $$;

-- Learners are taken in one order everywhere, so that two bulk edits cannot wait for each other.
create function passerelle.owe_module(p_module uuid) returns void language plpgsql as $$
declare
  l uuid;
begin
  for l in
    select distinct e.learner from passerelle.enrolments e join passerelle.activities a on a.id = e.activity
    where a.module = p_module and not e.instructor order by e.learner
  loop
    perform passerelle.owe(l, p_module);
  end loop;
end $$;

-- Modules first, then learners, in every statement that changes what several are owed: two such statements cannot wait for
-- each other. Nothing is owed any more for a learner who is being deleted.
create function passerelle.progress_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  c record;
begin
  for c in
    select distinct g.module, x.learner
      from changed x
      join passerelle.grain_rows g on g.id = x.grain
      join passerelle.learner_rows l on l.id = x.learner
      order by 1, 2
  loop
    perform passerelle.owe(c.learner, c.module);
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
  for c in
    select g.module, x.learner
    from (select learner, grain from changed union select learner, grain from former) x
    join passerelle.grain_rows g on g.id = x.grain
    group by 1, 2 order by 1, 2
  loop
    perform passerelle.owe(c.learner, c.module);
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

create function passerelle.modules_updated() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  m uuid;
begin
  for m in
    select c.id from changed c join former f on f.id = c.id where c.grading is distinct from f.grading order by 1
  loop
    perform passerelle.owe_module(m);
  end loop;
  return null;
end $$;
revoke all on function passerelle.modules_updated() from public;
