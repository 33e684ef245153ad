-- The mini-site's calls: read progress, record progress.

-- A learner's progress as the API answers it: a JSON object without its last member, which is about the grade and comes apart,
-- because the program finds the words for it. (The program hands out the first as it is: to read and write a hundred grains would
-- cost it more than all the rest.) What the progress comes to is worked out where the caller does not know it yet.
create function passerelle.progress_of(
  p_enrolment uuid, p_module uuid,
  p_completed integer default null, p_total integer default null, p_ratio numeric default null,
  out progress text, out grade text)
language plpgsql stable as $$
declare
  e record;
begin
  select t.learner, coalesce(a.line_item_maximum, 100) as maximum, coalesce(g.status, 'none') as grade_status,
         t.own_progress, t.activity, a.gone_at is not null as activity_is_gone,
         case when a.module = p_module then a.grain end as grain,
         g.last_error_code as code, a.line_item_maximum is null as is_percent,
         -- Nothing was tried in vain yet, and nothing keeps the timer from it.
         coalesce(g.attempts = 0, false) and p.enabled and passerelle.is_over(p.breaker_until, interval '2 minutes') as leaves_soon,
         passerelle.moodle_has(g.moodle_score, g.maximum, g.moodle_read_at, a.reads_back) as moodle
    into e
    from passerelle.enrolments t
    join passerelle.activities a on a.id = t.activity
    join passerelle.platforms p on p.id = a.platform
    left join public.grades g on g.learner = t.learner and g.activity = t.activity
    where t.id = p_enrolment;
  if p_completed is null then
    select s.completed, s.total, s.ratio into p_completed, p_total, p_ratio from passerelle.standing(e.learner, p_module, p_enrolment) s;
  end if;
  select concat(
      '{"module":{"slug":', to_json(m.slug), ',"title":', to_json(m.title), '},"grains":[', (
        select string_agg(row_to_json(x)::text, ',') from (
          select g.slug, g.title, g.weight, coalesce(p.status, 'none') as status, p.score,
                 passerelle.utc(p.completed_at) as "completedAt"
            from passerelle.grain_rows g
            left join passerelle.progress_rows p on p.grain = g.id and p.learner = e.learner
              and passerelle.counts_for(p.activity, e.own_progress, e.activity)
            where g.module = m.id and g.status = 'active' and case when e.grain is null then true else g.id = e.grain end
            order by g.sort, g.slug) x),
      '],"completed":', p_completed, ',"total":', p_total, ',"ratio":', p_ratio::float8, '}'),
    json_build_object(
        -- Who had no grade yet when the platform lost the activity is owed none, and is told why.
        'status', case when e.grade_status = 'none' and e.activity_is_gone and p_completed > 0 then 'gone' else e.grade_status end, 'code', e.code, 'moodle', e.moodle, 'isPercent', e.is_percent, 'leavesSoon', e.leaves_soon, 'score', passerelle.points(p_ratio, e.maximum)::float8, 'maximum', e.maximum::float8)
    into progress, grade
    from passerelle.module_rows m where m.id = p_module;
end $$;

create function passerelle.progress_read(p_token bytea, out outcome text, out locale text, out progress text, out grade text)
language plpgsql stable set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  s record;
  answer record;
begin
  s := passerelle.session_of(p_token);
  outcome := s.outcome;
  if outcome = 'accepted' then
    locale := s.locale;
    answer := passerelle.progress_of(s.enrolment, s.module);
    progress := answer.progress;
    grade := answer.grade;
  end if;
end $$;

-- One API call: session, grains by slug, record, lease of what is owed now. `p_entries` and `deliveries` are JSON arrays. With
-- `p_run`, the run that the page knows, nothing is recorded where that was ended since.
create function passerelle.progress_write(
  p_token bytea, p_entries json, p_lease_seconds integer, p_run integer default null,
  out outcome text, out unknown_slug text, out enrolment uuid, out locale text, out progress text, out grade text,
  out deliveries text)
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '5s' set plan_cache_mode = force_generic_plan as $$
declare
  s record;
  e record;
  grains uuid[];
  statuses text[];
  scores numeric[];
  standing record;
  answer record;
  v_status text;
begin
  perform passerelle.read_committed();
  s := passerelle.session_of(p_token);
  outcome := s.outcome;
  if outcome <> 'accepted' then
    return;
  end if;
  locale := s.locale;
  if s.preview then
    outcome := 'teacher_preview';
    return;
  end if;
  -- Whoever computes the learner's grades is waited for with patience now, because nothing is held yet that somebody could wait
  -- for (staff_edits.sql).
  select t.learner, t.activity, t.own_progress, g.status as grade_status,
         case when m.scope = 'activity' then passerelle.title_of(a.title, a.context_title, a.context_label) end as title,
         m.scope = 'activity' and passerelle.progress_has_activities() as apart,
         greatest(t.last_launch_at, t.last_seen_at) < now() - interval '1 hour' as to_be_seen
    into e
    from passerelle.enrolments t
    join passerelle.activities a on a.id = t.activity
    left join passerelle.module_rows m on m.id = s.module
    left join public.grades g on g.id = t.id
    where t.id = s.enrolment for no key update of t;
  if e.learner is distinct from s.learner then
    -- The learner became another meanwhile (merge_learners), and the session is theirs now.
    raise exception using errcode = 'foreign_key_violation', message = 'the learner was merged or deleted meanwhile';
  end if;
  if p_run is not null and passerelle.run_is_over(p_run, p_token) then
    outcome := 'run_ended';
    return;
  end if;
  enrolment := s.enrolment;
  perform set_config('lock_timeout', '250ms', true), set_config('passerelle.gives_way', 'on', true);
  select array_agg(g.id), array_agg(x.status), array_agg(x.score), min(x.slug) filter (where g.id is null)
    into grains, statuses, scores, unknown_slug
    from json_to_recordset(p_entries) as x (slug text, status text, score numeric)
    left join passerelle.grain_rows g on g.module = s.module and g.slug = x.slug and g.status = 'active';
  if unknown_slug is not null then
    outcome := 'unknown_grain';
    return;
  end if;
  if e.to_be_seen then
    update passerelle.enrolments t set last_seen_at = now() where t.id = s.enrolment;
    perform passerelle.learner_seen(s.learner);
  end if;
  if e.apart and not e.own_progress then
    -- Marked first: what the rows' triggers compute is already the activity's own.
    update passerelle.enrolments t set own_progress = true where t.id = s.enrolment;
    perform passerelle.progress_copy(s.learner, s.module, e.activity, e.title, true);
    perform passerelle.owe(s.learner, s.module);
  end if;
  if e.apart then
    perform passerelle.progress_record(s.learner, grains, statuses, scores, e.activity, e.title);
  else
    perform passerelle.progress_record(s.learner, grains, statuses, scores);
  end if;
  -- A report is an act: it sends again what Moodle no longer has, also where it says nothing new.
  if e.grade_status = 'emptied' then
    update public.grades g set status = 'pending' where g.id = s.enrolment and g.status = 'emptied';
  end if;
  standing := passerelle.standing(s.learner, s.module, s.enrolment);
  deliveries := passerelle.lease(s.learner, s.module, p_lease_seconds, s.enrolment, standing.completed, standing.total);
  answer := passerelle.progress_of(s.enrolment, s.module, standing.completed, standing.total, standing.ratio);
  progress := answer.progress;
  grade := answer.grade;
end $$;
