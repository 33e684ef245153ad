-- Starting over: what somebody did is set aside, kept with its date, and counted no more.

-- A learner begins anew: one activity (what counts there: its own progress or the person's, of its grain or of the whole module),
-- or with `p_module` all that counts for the module anywhere. `outcome` says restarted; nothing, when there was nothing to set
-- aside; busy, when a grade is on its way just now: nothing may be sent for the former run later, so it is asked again;
-- unknown, when the learner never came. `grades` names those that the platform still has of the former run, and that nothing
-- replaces yet.
create function passerelle.restart(p_learner uuid, p_module uuid, p_activity uuid, p_grade text,
  out outcome text, out grades uuid[])
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '250ms' as $$
declare
  v_module uuid := p_module;
  v_grain uuid;
  v_holder uuid;
  v_grains uuid[];
  v_affected uuid[];
  v_removed json;
  v_apart boolean;
  v_detached boolean := false;
  v_busy boolean;
  v_holders uuid[];
  v_states integer;
  h record;
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  if p_activity is not null then
    select a.module, a.grain into v_module, v_grain from passerelle.activities a where a.id = p_activity;
  end if;
  perform from passerelle.enrolments t join passerelle.activities a on a.id = t.activity
    where t.learner = p_learner and a.module = v_module order by t.learner, t.id for no key update of t;
  v_apart := passerelle.counts_apart(v_module);
  if p_activity is not null then
    select passerelle.holder(t.own_progress, t.activity, t.learner), not t.own_progress and v_apart
      into v_holder, v_detached
      from passerelle.enrolments t where t.learner = p_learner and t.activity = p_activity;
  end if;
  if v_module is null or (p_activity is not null and v_holder is null) then
    outcome := 'unknown';
    return;
  end if;
  -- Whose standing changes. Where the person's progress still counts in an activity that is to count its own, the others keep it.
  select array_agg(t.id), bool_or(not passerelle.is_over(t.leased_until, interval '10 minutes'))
    into v_affected, v_busy
    from (
      select t.id, t.leased_until from passerelle.enrolments t join passerelle.activities a on a.id = t.activity
        where t.learner = p_learner and a.module = v_module
          and (p_activity is null or (v_detached and t.activity = p_activity)
               or (not v_detached and passerelle.holder(t.own_progress, t.activity, t.learner) = v_holder))) t;
  if v_busy then
    outcome := 'busy';
    return;
  end if;
  v_grains := array(select g.id from passerelle.grain_rows g where g.module = v_module and (v_grain is null or g.id = v_grain));
  outcome := 'nothing';
  -- What an activity counted before the module was the person's must not come back with another change of its scope.
  v_holders := array(
    select distinct p.holder from passerelle.progress_rows p
      where p.learner = p_learner and p.grain = any (v_grains)
        and (p_activity is null or not v_apart or p.holder in (v_holder, p_activity)));
  v_states := passerelle.set_aside_states(
    p_learner, v_grains,
    case when v_detached then array[p_activity] when p_activity is not null then array[v_holder, case when v_apart then p_activity end] end,
    (select count(*)::integer from passerelle.runs r where r.learner = p_learner and r.module = v_module));
  if v_holders = '{}' then
    if v_states > 0 then
      -- Nothing was recorded yet, and what the pages keep is of the former run.
      outcome := 'restarted';
      grades := '{}';
      insert into passerelle.runs (learner, module, activity, grain, grade, progress)
        values (p_learner, v_module, case when v_apart then p_activity end, v_grain, p_grade, '[]');
    end if;
    return;
  end if;
  update passerelle.enrolments t
    set set_aside = true, withdraw_at = case when p_grade = 'withdraw' and t.last_timestamp is not null then now() end
    where t.id = any (v_affected);
  for h in
    select p.holder, p.activity, max(p.activity_title) as title
      from passerelle.progress_rows p
      where p.learner = p_learner and p.grain = any (v_grains) and p.holder = any (v_holders)
      group by p.holder, p.activity order by p.holder
  loop
    outcome := 'restarted';
    if v_detached and h.holder = v_holder then
      v_removed := (
        select json_agg(to_json(p) order by p.grain) from passerelle.progress_rows p
          where p.learner = p_learner and p.grain = any (v_grains) and p.holder = h.holder);
      update passerelle.enrolments t set own_progress = true where t.learner = p_learner and t.activity = p_activity;
    else
      v_removed := passerelle.progress_remove(p_learner, v_grains, h.holder);
    end if;
    insert into passerelle.runs (learner, module, activity, grain, activity_title, grade, progress)
      values (p_learner, v_module, case when v_detached then p_activity else h.activity end, v_grain, h.title, p_grade, v_removed);
  end loop;
  perform passerelle.owe(p_learner, v_module);
  grades := array(
    select t.id from passerelle.enrolments t join public.grades g on g.id = t.id
      where t.id = any (v_affected) and t.last_timestamp is not null and g.status = 'none' order by t.id);
end $$;

-- Whether the run that a page names (as `place_of` counts them) was ended since its session began. The number alone does not tell:
-- who becomes one with another record gets its former runs, too.
create function passerelle.run_is_over(p_run integer, p_token bytea) returns boolean
language plpgsql stable as $$
begin
  return (
    select count(*) > p_run and max(r.ended_at) > max(s.created_at)
      from passerelle.sessions s
      join passerelle.enrolments e on e.id = s.enrolment
      join passerelle.runs r on r.learner = e.learner and r.module = s.module
        and coalesce(r.activity, r.learner) = passerelle.holder(e.own_progress, e.activity, e.learner)
      where s.token = p_token);
end $$;

-- The same for those of an activity whom a teacher names, or everybody whom they see: within the session of the teacher, and only of learners
-- whose progress counts in no activity that this person does not teach. A row for each learner.
create function passerelle.restart_taught(p_token bytea, p_learners uuid[], p_grade text)
returns table (outcome text, locale text, learner uuid, done text, grades uuid[])
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '250ms' as $$
declare
  s record;
  v_activity uuid;
  r record;
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  select * into s from passerelle.session_of(p_token);
  outcome := case when s.outcome = 'accepted' and s.role <> 'instructor' then 'forbidden' else s.outcome end;
  locale := s.locale;
  if outcome <> 'accepted' then
    return next;
    return;
  end if;
  select e.activity into v_activity from passerelle.enrolments e where e.id = s.enrolment;
  for learner in
    select e.learner from passerelle.enrolments e
      where e.activity = v_activity and not e.instructor and (p_learners is null or e.learner = any (p_learners))
        and passerelle.teacher_sees(s.enrolment, e.learner)
      order by 1
  loop
    if passerelle.is_shared(learner, v_activity, s.learner) then
      done := 'progress_shared';
      grades := null;
    else
      select x.outcome, x.grades into done, grades from passerelle.restart(learner, null, v_activity, p_grade) x;
    end if;
    return next;
  end loop;
  -- Whom the activity does not have, or this teacher does not see.
  done := 'unknown';
  grades := null;
  for learner in
    select x.id from unnest(p_learners) x (id)
      where not passerelle.teacher_sees(s.enrolment, x.id)
  loop
    return next;
  end loop;
end $$;

-- Whether what a learner did counts in another activity, too, that this person does not teach.
create function passerelle.is_shared(p_learner uuid, p_activity uuid, p_teacher uuid) returns boolean
language sql stable as $$
  select exists (
    select from passerelle.enrolments e
    join passerelle.activities a on a.id = e.activity
    join passerelle.enrolments o on o.learner = e.learner and o.id <> e.id
    join passerelle.activities b on b.id = o.activity and b.module = a.module
    where e.learner = p_learner and e.activity = p_activity
      and not e.own_progress and not o.own_progress and not passerelle.counts_apart(a.module)
      and not exists (
        select from passerelle.enrolments t where t.learner = p_teacher and t.activity = o.activity and t.instructor))
$$;

-- Of these grades (null: of all) those that are to be taken back now, for a run that was set aside: none is owed yet, and the
-- platform still has one. The timer asks; with `p_now` also what waits after it could not be done.
create function passerelle.withdrawals_due(p_grades uuid[], p_now boolean) returns setof uuid
language sql stable as $$
  select e.id
    from passerelle.enrolments e
    join public.grades g on g.id = e.id
    join passerelle.activities a on a.id = e.activity
    join passerelle.platforms p on p.id = a.platform
    where e.withdraw_at is not null and (p_now or e.withdraw_at <= now()) and e.last_timestamp is not null
      and g.status = 'none' and p.enabled and passerelle.is_over(e.leased_until, interval '10 minutes')
      and (p_grades is null or e.id = any (p_grades))
    order by e.withdraw_at, e.id limit 1000
$$;

-- The runs of learners whose rows were deleted.
create function passerelle.forget_runs() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  delete from passerelle.runs r using gone g where r.learner = g.id;
  return null;
end $$;
revoke all on function passerelle.forget_runs() from public;
