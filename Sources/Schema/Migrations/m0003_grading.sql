-- The one place where progress becomes a grade. Triggers call it, so that an edit in Directus, a `grain add` and a click
-- in the mini-site weigh the same; the program only reads what is owed and delivers it.

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
  select count(*), count(p.id), coalesce(sum(g.weight), 0), coalesce(sum(g.weight * coalesce(p.score, 1)) filter (where p.id is not null), 0)
    into total, completed, weights, earned
    from public.grains g
    left join public.progress p on p.grain = g.id and p.learner = p_learner and p.status = 'completed'
    where g.module = p_module and g.status = 'active';
  select m.grading into grading_rule from public.modules m where m.id = p_module;
  if grading_rule = 'all-or-nothing' and completed < total then
    ratio := 0;
    owed := false;
  else
    ratio := case when weights > 0 then earned / weights else 0 end;
    owed := completed > 0;
  end if;
end $$;

-- Brings every grade of a learner for a module up to date. The lock orders concurrent changes of one learner; the
-- statements after it see what the others committed (a function's statements each take a new snapshot).
create function passerelle.owe(p_learner uuid, p_module uuid) returns void language plpgsql as $$
declare
  s record;
begin
  if not exists (
    select from passerelle.enrolments e join passerelle.activities a on a.id = e.activity
    where e.learner = p_learner and a.module = p_module) then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtextextended(p_learner::text || p_module::text, 0));
  select * into s from passerelle.standing(p_learner, p_module);

  insert into public.grades as g
    (id, learner, activity, module, activity_title, status, score, maximum, version, next_attempt_at)
  select e.id, e.learner, e.activity, p_module, a.title, 'pending',
         round(s.ratio * m.maximum, 5), m.maximum, 1, now()
  from passerelle.enrolments e
  join passerelle.activities a on a.id = e.activity
  cross join lateral (select coalesce(e.line_item_maximum, 100)::numeric(12, 5) as maximum) m
  where e.learner = p_learner and a.module = p_module
    and not e.instructor and e.line_item is not null
    and (s.owed or e.last_timestamp is not null)
  on conflict on constraint grades_once_per_learner_and_activity do update
    set module = excluded.module, activity_title = excluded.activity_title,
        status = 'pending', score = excluded.score, maximum = excluded.maximum,
        version = g.version + 1, attempts = 0, next_attempt_at = now(),
        last_error_code = null, last_error = null, last_error_fr = null
    where (g.score, g.maximum) is distinct from (excluded.score, excluded.maximum) or g.status = 'none';

  -- Nothing to give and nothing ever sent, or no place to send it to any more.
  update public.grades g
    set status = 'none', score = null, maximum = null, version = g.version + 1, next_attempt_at = null,
        last_error_code = null, last_error = null, last_error_fr = null
  from passerelle.enrolments e
  join passerelle.activities a on a.id = e.activity
  where g.learner = e.learner and g.activity = e.activity
    and e.learner = p_learner and a.module = p_module and g.status <> 'none'
    and (e.instructor or e.line_item is null or not (s.owed or e.last_timestamp is not null));
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

create function passerelle.progress_changed() returns trigger language plpgsql as $$
declare
  c record;
begin
  for c in
    select distinct x.learner, g.module from changed x join public.grains g on g.id = x.grain order by 1, 2
  loop
    perform passerelle.owe(c.learner, c.module);
  end loop;
  return null;
end $$;

create trigger progress_inserted after insert on public.progress
  referencing new table as changed for each statement execute function passerelle.progress_changed();
create trigger progress_deleted after delete on public.progress
  referencing old table as changed for each statement execute function passerelle.progress_changed();

-- A row moved to another learner or grain changes two standings.
create function passerelle.progress_updated() returns trigger language plpgsql as $$
declare
  c record;
begin
  for c in
    select x.learner, g.module
    from (select learner, grain from changed union select learner, grain from former) x
    join public.grains g on g.id = x.grain
    group by 1, 2 order by 1, 2
  loop
    perform passerelle.owe(c.learner, c.module);
  end loop;
  return null;
end $$;
create trigger progress_updated after update on public.progress
  referencing old table as former new table as changed for each statement execute function passerelle.progress_updated();

create function passerelle.grains_changed() returns trigger language plpgsql as $$
declare
  m uuid;
begin
  for m in select distinct module from changed order by 1 loop
    perform passerelle.owe_module(m);
  end loop;
  return null;
end $$;
create trigger grains_inserted after insert on public.grains
  referencing new table as changed for each statement execute function passerelle.grains_changed();
create trigger grains_deleted after delete on public.grains
  referencing old table as changed for each statement execute function passerelle.grains_changed();

create function passerelle.grains_updated() returns trigger language plpgsql as $$
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
create trigger grains_updated after update on public.grains
  referencing old table as former new table as changed for each statement execute function passerelle.grains_updated();

create function passerelle.modules_updated() returns trigger language plpgsql as $$
begin
  perform passerelle.owe_module(c.id)
    from changed c join former f on f.id = c.id where c.grading is distinct from f.grading;
  return null;
end $$;
create trigger modules_updated after update on public.modules
  referencing old table as former new table as changed for each statement execute function passerelle.modules_updated();
