-- What the mini-site's calls do: trade a code for a session, read progress, record progress.

-- A learner's progress as the API answers it (less the words about the grade, which the program adds).
create function passerelle.progress_of(p_enrolment uuid, p_module uuid) returns text
language plpgsql stable as $$
declare
  s record;
  e record;
  answer text;
begin
  select t.learner, coalesce(a.line_item_maximum, 100) as maximum, coalesce(g.status, 'none') as grade_status
    into e
    from passerelle.enrolments t
    join passerelle.activities a on a.id = t.activity
    left join public.grades g on g.learner = t.learner and g.activity = t.activity
    where t.id = p_enrolment;
  select * into s from passerelle.standing(e.learner, p_module);
  select json_build_object(
      'module', json_build_object('slug', m.slug, 'title', m.title),
      'grains', (
        select coalesce(json_agg(json_build_object(
            'slug', g.slug, 'title', g.title, 'weight', g.weight::float8,
            'status', coalesce(p.status, 'none'), 'score', p.score::float8,
            'completedAt', to_char(p.completed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
            order by g.sort, g.slug), '[]')
          from public.grains g
          left join public.progress p on p.grain = g.id and p.learner = e.learner
          where g.module = m.id and g.status = 'active'),
      'completed', s.completed, 'total', s.total, 'ratio', s.ratio::float8,
      'grade', json_build_object(
        'status', e.grade_status, 'score', passerelle.points(s.ratio, e.maximum)::float8, 'maximum', e.maximum::float8))::text
    into answer
    from public.modules m where m.id = p_module;
  return answer;
end $$;

-- Trades a one-time code for a session. The deletion is what makes the code single-use.
create function passerelle.session_open(
  p_code bytea, p_token bytea, p_hours integer,
  out outcome text, out role text, out learner_id uuid, out name text, out email text, out locale text,
  out return_url text, out expires_at timestamptz, out expires text, out progress text)
language plpgsql as $$
declare
  c record;
begin
  delete from passerelle.codes t where t.code = p_code and t.expires_at > now()
    returning t.enrolment, t.module, t.role, t.return_url into c;
  if not found then
    outcome := 'invalid_code';
    return;
  end if;
  expires_at := date_trunc('second', now() + make_interval(hours => p_hours));
  insert into passerelle.sessions (token, enrolment, module, role, expires_at)
    values (p_token, c.enrolment, c.module, c.role, session_open.expires_at);
  select l.id, l.name, l.email, l.locale into learner_id, name, email, locale
    from passerelle.enrolments e join public.learners l on l.id = e.learner where e.id = c.enrolment;
  outcome := 'accepted';
  role := c.role;
  return_url := c.return_url;
  expires := to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
  progress := passerelle.progress_of(c.enrolment, c.module);
end $$;

create function passerelle.session_of(p_token bytea,
  out outcome text, out enrolment uuid, out module uuid, out role text, out learner uuid, out locale text)
language plpgsql stable as $$
declare
  expiry timestamptz;
begin
  select s.enrolment, s.module, s.role, e.learner, l.locale, s.expires_at
    into enrolment, module, role, learner, locale, expiry
    from passerelle.sessions s
    join passerelle.enrolments e on e.id = s.enrolment
    join public.learners l on l.id = e.learner
    where s.token = p_token;
  outcome := case when not found then 'invalid_token' when expiry <= now() then 'session_expired' else 'accepted' end;
end $$;

create function passerelle.progress_read(p_token bytea, out outcome text, out locale text, out progress text)
language plpgsql stable as $$
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

-- Records progress: completed never goes back to started, the best score is kept, and a grain completed without a score
-- counts whole, which no later score can better.
create function passerelle.progress_record(p_learner uuid, p_grains uuid[], p_statuses text[], p_scores numeric[])
returns void language sql as $$
  insert into public.progress as p (learner, grain, status, score)
  select p_learner, x.grain,
         case when bool_or(x.status = 'completed') then 'completed' else 'started' end,
         max(x.score) filter (where x.status = 'completed')
  from unnest(p_grains, p_statuses, p_scores) as x (grain, status, score)
  group by x.grain
  order by x.grain
  on conflict on constraint progress_once_per_learner_and_grain do update
    set status = 'completed',
        score = case when p.status = 'started' then excluded.score else greatest(p.score, excluded.score) end
    where excluded.status = 'completed'
      and (p.status = 'started' or (p.score is not null and excluded.score > p.score))
$$;

-- One API call: session, grains by slug, record, lease of what is owed now. `p_entries` and `deliveries` are JSON arrays.
create function passerelle.progress_write(
  p_token bytea, p_entries json, p_lease_seconds integer,
  out outcome text, out unknown_slug text, out enrolment uuid, out locale text, out progress text, out deliveries text)
language plpgsql as $$
declare
  s record;
  grains uuid[];
  statuses text[];
  scores numeric[];
begin
  select * into s from passerelle.session_of(p_token);
  outcome := s.outcome;
  if outcome <> 'accepted' then
    return;
  end if;
  enrolment := s.enrolment;
  locale := s.locale;
  select array_agg(g.id), array_agg(x.status), array_agg(x.score), min(x.slug) filter (where g.id is null)
    into grains, statuses, scores, unknown_slug
    from json_to_recordset(p_entries) as x (slug text, status text, score numeric)
    left join public.grains g on g.module = s.module and g.slug = x.slug and g.status = 'active';
  if unknown_slug is not null then
    outcome := 'unknown_grain';
    return;
  end if;
  perform passerelle.progress_record(s.learner, grains, statuses, scores);
  deliveries := passerelle.lease(s.learner, s.module, p_lease_seconds);
  progress := passerelle.progress_of(s.enrolment, s.module);
end $$;
