-- The one place where progress becomes a grade. Triggers call it, so that an edit in Directus, a `grain add` and a click
-- in the mini-site weigh the same; the program only reads what is owed and delivers it.

-- A part of a maximum, in the five decimals that Moodle stores. A ratio such as 5/12 is cut off at its thirtieth decimal,
-- which alone would round a half down; the first rounding makes it whole again, and is too fine to make a half of less.
create function passerelle.points(p_ratio numeric, p_maximum numeric) returns numeric
language sql immutable as $$
  select round(round(p_ratio * p_maximum, 22), 5)
$$;

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
    ratio := case when weights > 0 then round(earned, 30) / weights else 0 end;
    owed := completed > 0;
  end if;
end $$;

-- Brings every grade of a learner for a module up to date. The lock orders concurrent changes of one learner; the
-- statements after it see what the others committed (a function's statements each take a new snapshot).
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
           g.id as grade, g.status, g.maximum as former_maximum, g.module as former_module,
           t.gradable and not t.instructor and (s.owed or t.last_timestamp is not null) as is_owed,
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
      update passerelle.enrolments set owed_ratio = s.ratio, owed_version = new_version where id = e.id;
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
      update passerelle.enrolments set owed_ratio = s.ratio, owed_version = new_version, failing_since = null, erring_since = null
        where id = e.id;
    elsif (e.former_maximum, e.former_module) is distinct from (e.maximum, p_module) then
      -- The platform rescales by itself: the same part of another maximum, or of another module, is not another grade.
      update public.grades
        set module = p_module, score = passerelle.points(s.ratio, e.maximum), maximum = e.maximum where id = e.grade;
    end if;
  end loop;
end $$;

-- Staff set a grade's status to "pending" in Directus to have it sent again, whatever it is.
create function passerelle.send_again() returns trigger language plpgsql as $$
begin
  if new.status = 'pending' and old.status <> 'pending' and new.version = old.version then
    if new.score is null then
      new.status := old.status;
      return new;
    end if;
    new.version := old.version + 1;
    new.attempts := 0;
    new.next_attempt_at := now();
    new.last_error_code := null;
    new.last_error := null;
    new.last_error_fr := null;
    update passerelle.enrolments
      set owed_version = new.version, doubtful_timestamp = null, failing_since = null, erring_since = null,
          delivered_ratio = null
      where id = new.id;
  end if;
  return new;
end $$;
create trigger send_again before update of status on public.grades
  for each row execute function passerelle.send_again();

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
