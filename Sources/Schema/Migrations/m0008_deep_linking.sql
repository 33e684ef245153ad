-- Deep Linking 2.0: a teacher who chooses content is in no activity yet. Such a code, and the session it is traded for,
-- belongs to the person and to the platform's request instead of to an enrolment.

alter table passerelle.codes
  alter column enrolment drop not null,
  alter column module drop not null,
  add column learner uuid references public.learners (id) on delete cascade,
  add column deep_link json,
  add constraint codes_are_of_a_launch_or_a_deep_link check (
    case when deep_link is null then enrolment is not null and module is not null and learner is null
         else enrolment is null and module is null and learner is not null and role = 'instructor' end);

alter table passerelle.sessions
  alter column enrolment drop not null,
  alter column module drop not null,
  add column learner uuid references public.learners (id) on delete cascade,
  -- What the response is made of: an object that the program writes and reads.
  add column deep_link json,
  add constraint sessions_are_of_a_launch_or_a_deep_link check (
    case when deep_link is null then enrolment is not null and module is not null and learner is null
         else enrolment is null and module is null and learner is not null and role = 'instructor' end);

-- A proven request for content: consumes the state, finds or creates the teacher, and leaves a one-time code.
create function passerelle.deep_link(
  p_state bytea, p_platform uuid, p_subject text, p_name text, p_given_name text, p_family_name text, p_email text,
  p_locale text, p_code bytea, p_return_url text, p_deep_link text)
returns boolean language plpgsql as $$
begin
  update passerelle.login_states set consumed_at = now()
    where state = p_state and consumed_at is null and expires_at > now();
  if not found then
    return false;
  end if;
  insert into passerelle.codes (code, learner, role, return_url, deep_link, expires_at)
    values (p_code,
            passerelle.learner_of(p_platform, p_subject, p_name, p_given_name, p_family_name, p_email, p_locale),
            'instructor', p_return_url, p_deep_link::json, now() + interval '60 seconds');
  return true;
end $$;

-- As before, and a deep link's code opens a session without a module and without progress.
create or replace function passerelle.session_open(
  p_code bytea, p_token bytea, p_hours integer,
  out outcome text, out role text, out learner_id uuid, out name text, out email text, out locale text,
  out return_url text, out expires_at timestamptz, out expires text, out progress text)
language plpgsql as $$
declare
  c record;
begin
  delete from passerelle.codes t where t.code = p_code and t.expires_at > now()
    returning t.enrolment, t.module, t.role, t.return_url, t.learner, t.deep_link into c;
  if not found then
    outcome := 'invalid_code';
    return;
  end if;
  expires_at := date_trunc('second', now() + make_interval(hours => p_hours));
  insert into passerelle.sessions (token, enrolment, module, role, learner, deep_link, expires_at)
    values (p_token, c.enrolment, c.module, c.role, c.learner, c.deep_link, session_open.expires_at);
  select l.id, l.name, l.email, l.locale into learner_id, name, email, locale
    from public.learners l
    where l.id = coalesce(c.learner, (select e.learner from passerelle.enrolments e where e.id = c.enrolment));
  outcome := 'accepted';
  role := c.role;
  return_url := c.return_url;
  expires := to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
  progress := passerelle.progress_of(c.enrolment, c.module);
end $$;

-- The session of an activity; one of a deep link is forbidden what this is asked for.
create or replace function passerelle.session_of(p_token bytea,
  out outcome text, out enrolment uuid, out module uuid, out role text, out learner uuid, out locale text)
language plpgsql stable as $$
declare
  expiry timestamptz;
begin
  select s.enrolment, s.module, s.role, l.id, l.locale, s.expires_at
    into enrolment, module, role, learner, locale, expiry
    from passerelle.sessions s
    left join passerelle.enrolments e on e.id = s.enrolment
    join public.learners l on l.id = coalesce(s.learner, e.learner)
    where s.token = p_token;
  outcome := case
    when not found then 'invalid_token'
    when expiry <= now() then 'session_expired'
    when enrolment is null then 'forbidden'
    else 'accepted'
  end;
end $$;

-- The session of a deep link, and what can be chosen, as the API answers it.
create function passerelle.deep_link_of(p_token bytea,
  out outcome text, out locale text, out deep_link text, out modules text)
language plpgsql stable as $$
declare
  expiry timestamptz;
begin
  select s.deep_link::text, l.locale, s.expires_at into deep_link, locale, expiry
    from passerelle.sessions s
    left join passerelle.enrolments e on e.id = s.enrolment
    join public.learners l on l.id = coalesce(s.learner, e.learner)
    where s.token = p_token;
  outcome := case
    when not found then 'invalid_token'
    when expiry <= now() then 'session_expired'
    when deep_link is null then 'forbidden'
    else 'accepted'
  end;
  if outcome <> 'accepted' then
    return;
  end if;
  select coalesce(json_agg(json_build_object(
      'slug', m.slug, 'title', m.title,
      'grains', (
        select coalesce(json_agg(json_build_object('slug', g.slug, 'title', g.title) order by g.sort, g.slug), '[]')
        from public.grains g where g.module = m.id and g.status = 'active'))
      order by m.sort, m.title, m.slug), '[]')::text
    into modules
    from public.modules m where m.status = 'active';
end $$;
