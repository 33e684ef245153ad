-- The mini-site's calls: read progress, record progress.

-- A learner's progress as the API answers it (less the words about the grade, which the program adds). What it comes to is worked
-- out where the caller does not know it yet.
create function passerelle.progress_of(
  p_enrolment uuid, p_module uuid,
  p_completed integer default null, p_total integer default null, p_ratio numeric default null) returns text
language plpgsql stable as $$
declare
  e record;
  answer text;
begin
  select t.learner, coalesce(a.line_item_maximum, 100) as maximum, coalesce(g.status, 'none') as grade_status
    into e
    from passerelle.enrolments t
    join passerelle.activities a on a.id = t.activity
    left join public.grades g on g.learner = t.learner and g.activity = t.activity
    where t.id = p_enrolment;
  if p_completed is null then
    select s.completed, s.total, s.ratio into p_completed, p_total, p_ratio from passerelle.standing(e.learner, p_module) s;
  end if;
  select json_build_object(
      'module', json_build_object('slug', m.slug, 'title', m.title),
      'grains', (
        select coalesce(json_agg(x), '[]') from (
          select g.slug, g.title, g.weight, coalesce(p.status, 'none') as status, p.score,
                 passerelle.utc(p.completed_at) as "completedAt"
            from passerelle.grain_rows g
            left join passerelle.progress_rows p on p.grain = g.id and p.learner = e.learner
            where g.module = m.id and g.status = 'active'
            order by g.sort, g.slug) x),
      'completed', p_completed, 'total', p_total, 'ratio', p_ratio::float8,
      'grade', json_build_object(
        'status', e.grade_status, 'score', passerelle.points(p_ratio, e.maximum)::float8, 'maximum', e.maximum::float8))::text
    into answer
    from passerelle.module_rows m where m.id = p_module;
  return answer;
end $$;

create function passerelle.progress_read(p_token bytea, out outcome text, out locale text, out progress text)
language plpgsql stable set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  s record;
begin
  select * into s from passerelle.session_of(p_token);
  outcome := s.outcome;
  if outcome = 'accepted' then
    locale := s.locale;
    progress := passerelle.progress_of(s.enrolment, s.module);
  end if;
end $$;

-- One API call: session, grains by slug, record, lease of what is owed now. `p_entries` and `deliveries` are JSON arrays.
create function passerelle.progress_write(
  p_token bytea, p_entries json, p_lease_seconds integer,
  out outcome text, out unknown_slug text, out enrolment uuid, out locale text, out progress text, out deliveries text)
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '5s' set plan_cache_mode = force_generic_plan as $$
declare
  s record;
  grains uuid[];
  statuses text[];
  scores numeric[];
  standing record;
begin
  perform passerelle.read_committed();
  select * into s from passerelle.session_of(p_token);
  outcome := s.outcome;
  if outcome <> 'accepted' then
    return;
  end if;
  enrolment := s.enrolment;
  locale := s.locale;
  -- Whoever computes the learner's grades is waited for with patience now, because nothing is held yet that somebody could wait
  -- for (staff_edits.sql).
  perform from passerelle.enrolments t where t.id = s.enrolment for no key update;
  perform set_config('lock_timeout', '250ms', true), set_config('passerelle.gives_way', 'on', true);
  select array_agg(g.id), array_agg(x.status), array_agg(x.score), min(x.slug) filter (where g.id is null)
    into grains, statuses, scores, unknown_slug
    from json_to_recordset(p_entries) as x (slug text, status text, score numeric)
    left join passerelle.grain_rows g on g.module = s.module and g.slug = x.slug and g.status = 'active';
  if unknown_slug is not null then
    outcome := 'unknown_grain';
    return;
  end if;
  perform passerelle.progress_record(s.learner, grains, statuses, scores);
  select * into standing from passerelle.standing(s.learner, s.module);
  deliveries := passerelle.lease(s.learner, s.module, p_lease_seconds, standing.completed, standing.total);
  progress := passerelle.progress_of(s.enrolment, s.module, standing.completed, standing.total, standing.ratio);
end $$;
