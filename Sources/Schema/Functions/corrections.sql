-- What a teacher corrects on the dashboard, within their activity.

-- Puts a status and a score in place of what a learner's grain has. It stands until the learner's next report of that grain, and
-- then the better of the two counts (`progress_record`). Answers the grades that this changes, as they stand, and those leased.
create function passerelle.progress_correct(
  p_token bytea, p_learner uuid, p_grain text, p_status text, p_score numeric, p_reason text, p_lease_seconds integer,
  out outcome text, out locale text, out activity uuid, out grades text, out deliveries text)
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  s record;
  e record;
  v_grain uuid;
  v_by text;
begin
  perform passerelle.read_committed();
  select * into s from passerelle.session_of(p_token);
  outcome := case when s.outcome = 'accepted' and s.role <> 'instructor' then 'forbidden' else s.outcome end;
  locale := s.locale;
  if outcome <> 'accepted' then
    return;
  end if;
  select t.activity into activity from passerelle.enrolments t where t.id = s.enrolment;
  select t.id, t.own_progress, passerelle.counts_apart(s.module) as apart,
         passerelle.title_of(a.title, a.context_title, a.context_label) as title,
         case when a.module = s.module then a.grain end as only_grain
    into e
    from passerelle.enrolments t join passerelle.activities a on a.id = t.activity
    where t.activity = progress_correct.activity and t.learner = p_learner and not t.instructor
      and passerelle.teacher_sees(s.enrolment, p_learner)
    for no key update of t;
  if e.id is null then
    outcome := 'learner_not_in_activity';
    return;
  end if;
  perform set_config('lock_timeout', '250ms', true), set_config('passerelle.gives_way', 'on', true);
  select g.id into v_grain from passerelle.grain_rows g
    where g.module = s.module and g.slug = p_grain and g.status = 'active' and (e.only_grain is null or g.id = e.only_grain);
  if v_grain is null then
    outcome := 'unknown_grain';
    return;
  end if;
  if passerelle.is_shared(p_learner, activity, s.learner) then
    outcome := 'progress_shared';
    return;
  end if;
  select coalesce(nullif(l.name, ''), nullif(l.email, ''), t.subject) into v_by
    from passerelle.enrolments t join passerelle.learner_rows l on l.id = t.learner where t.id = s.enrolment;
  if e.apart and not e.own_progress then
    -- As at a report (progress_write).
    update passerelle.enrolments t set own_progress = true where t.id = e.id;
    perform passerelle.progress_copy(p_learner, s.module, activity, e.title, true);
    perform passerelle.owe(p_learner, s.module);
  end if;
  if e.apart then
    perform passerelle.progress_replace(p_learner, v_grain, p_status, p_score, v_by, p_reason, activity, e.title);
  else
    perform passerelle.progress_replace(p_learner, v_grain, p_status, p_score, v_by, p_reason);
  end if;
  -- Like a report it sends again what Moodle no longer has, also where it says nothing new.
  update public.grades g set status = 'pending' where g.id = e.id and g.status = 'emptied';
  insert into passerelle.corrections as c (enrolment, grain, status, score, teacher, corrected_by, reason)
    values (e.id, v_grain, p_status, p_score, s.enrolment, v_by, p_reason)
    on conflict (enrolment, grain) do update
      set status = excluded.status, score = excluded.score, teacher = excluded.teacher, corrected_by = excluded.corrected_by, reason = excluded.reason,
          corrected_at = now();
  select coalesce(json_object_agg(g.id, g.status), '{}')::text into grades
    from public.grades g join passerelle.activities a on a.id = g.activity
    where g.learner = p_learner and a.module = s.module;
  deliveries := passerelle.lease(p_learner, s.module, p_lease_seconds);
end $$;

-- Whoever is forgotten signs nothing any more: their correction stands, without their name.
create function passerelle.forget_corrector() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform passerelle.progress_unsign(e.learner, old.grain, old.corrected_by)
    from passerelle.enrolments e where e.id = old.enrolment;
  new.corrected_by := '–';
  return new;
end $$;
revoke all on function passerelle.forget_corrector() from public;

create trigger forget_corrector before update of teacher on passerelle.corrections
  for each row when (new.teacher is null and old.teacher is not null) execute function passerelle.forget_corrector();
