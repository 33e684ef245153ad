-- Codes and the sessions they are traded for.

-- Trades a one-time code for a session. The deletion is what makes the code single-use. A deep link's code opens a session
-- without a module and without progress. The session keeps the way back to the platform for the codes that it asks for.
create function passerelle.session_open(
  p_code bytea, p_token bytea, p_hours integer,
  out outcome text, out role text, out learner_id uuid, out name text, out email text, out locale text,
  out return_url text, out expires_at timestamptz, out expires text, out place text, out progress text, out grade text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  c record;
begin
  perform passerelle.read_committed();
  delete from passerelle.codes t where t.code = p_code and t.expires_at > now()
    returning t.enrolment, t.module, t.role, t.return_url, t.learner, t.deep_link, t.session_ends_at into c;
  if not found then
    outcome := 'invalid_code';
    return;
  end if;
  expires_at := least(date_trunc('second', now() + make_interval(hours => p_hours)), c.session_ends_at);
  insert into passerelle.sessions (token, enrolment, module, role, learner, deep_link, return_url, expires_at)
    values (p_token, c.enrolment, c.module, c.role, c.learner, c.deep_link, c.return_url, session_open.expires_at);
  select l.id, l.name, l.email, l.locale into learner_id, name, email, locale
    from passerelle.learner_rows l
    where l.id = coalesce(c.learner, (select e.learner from passerelle.enrolments e where e.id = c.enrolment));
  outcome := 'accepted';
  role := c.role;
  return_url := c.return_url;
  expires := passerelle.utc(expires_at);
  place := passerelle.place_of(c.enrolment, c.module, c.role)::text;
  select * into progress, grade from passerelle.progress_of(c.enrolment, c.module);
end $$;

-- Where a session is, as the API answers it: the activity, whose progress counts there and how often it was begun anew, the grain
-- that the activity is about, and whether somebody who teaches there is only looking; null for a deep link.
create function passerelle.place_of(p_enrolment uuid, p_module uuid, p_role text) returns json
language plpgsql stable as $$
declare
  answer json;
begin
  select json_build_object(
      'activity', json_build_object('id', a.id, 'title', a.title),
      'scope', case when passerelle.counts_apart(p_module) then 'activity' else 'learner' end,
      'run', (
        select count(*) from passerelle.runs r
          where r.learner = e.learner and r.module = p_module
            and coalesce(r.activity, r.learner) = passerelle.holder(e.own_progress, e.activity, e.learner)),
      'grain', case when a.module = p_module then (select g.slug from passerelle.grain_rows g where g.id = a.grain) end,
      'preview', p_role = 'learner' and e.instructor)
    into answer
    from passerelle.enrolments e join passerelle.activities a on a.id = e.activity
    where e.id = p_enrolment;
  return answer;
end $$;

-- Somebody who taught the activity, and whom the platform launched as a learner since, is one for good. What they do counts.
create function passerelle.as_learner(p_token bytea, out outcome text, out locale text)
language plpgsql set search_path = pg_catalog, pg_temp set lock_timeout = '250ms' as $$
declare
  s record;
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  select * into s from passerelle.session_of(p_token);
  outcome := case when s.outcome = 'accepted' and s.role <> 'learner' then 'forbidden' else s.outcome end;
  locale := s.locale;
  if outcome <> 'accepted' or not s.preview then
    return;
  end if;
  update passerelle.enrolments e set instructor = false, previewed_at = null where e.id = s.enrolment;
  perform passerelle.owe(s.learner, s.module);
end $$;

-- Whether what is known by now says that a session's instructor teaches no more: they were launched as something else since
-- (which may be but a look with another role: `previewed_at`),
-- in this activity or elsewhere in its course; or lists of its members that were read since named them an instructor first, and
-- then something else. One list alone is no proof: Moodle launches a teacher without editing rights as an instructor and lists
-- them as a learner, and an administrator of the platform need not be in the course.
create function passerelle.teaches_no_more(p_enrolment uuid) returns boolean
language sql stable as $$
  select exists (
    select from passerelle.enrolments e join passerelle.activities a on a.id = e.activity
    where e.id = p_enrolment and (
      not e.instructor or e.previewed_at is not null
      or exists (
        select from passerelle.enrolments o join passerelle.activities b on b.id = o.activity
        where o.learner = e.learner and (not o.instructor or o.previewed_at is not null)
          and o.last_launch_at > e.last_launch_at
          and b.platform = a.platform and b.context_id = a.context_id)
      or exists (
        select from passerelle.deployments d
        join passerelle.membership_lists s on s.registration = d.registration and s.url = a.memberships_url
        join passerelle.members m on m.list = s.id and m.subject = e.subject
        where d.id = a.deployment and e.listed_instructor_at > e.last_launch_at and s.read_at > e.listed_instructor_at
          and not (m.instructor and m.status = 'Active'))))
$$;

-- Remembers whom a list that was just read names an instructor. Whoever is being launched or forgotten at this moment is passed
-- over: whoever forgets them holds the enrolment and wants the list.
create function passerelle.teachers_are_listed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update passerelle.enrolments t set listed_instructor_at = now()
    where t.id in (
      select e.id from changed m
      join passerelle.membership_lists s on s.id = m.list
      join passerelle.deployments d on d.registration = s.registration
      join passerelle.activities a on a.deployment = d.id and a.memberships_url = s.url
      join passerelle.enrolments e on e.activity = a.id and e.subject = m.subject
      where m.instructor and m.status = 'Active' and e.instructor
      for update of e skip locked);
  return null;
end $$;
revoke all on function passerelle.teachers_are_listed() from public;

create trigger members_inserted after insert on passerelle.members
  referencing new table as changed for each statement execute function passerelle.teachers_are_listed();
create trigger members_updated after update on passerelle.members
  referencing new table as changed for each statement execute function passerelle.teachers_are_listed();

-- The session of an activity; one of a deep link is forbidden what this is asked for, and so is that of an instructor who is
-- none any more.
create function passerelle.session_of(p_token bytea,
  out outcome text, out enrolment uuid, out module uuid, out role text, out learner uuid, out locale text, out preview boolean)
language plpgsql stable as $$
declare
  expiry timestamptz;
begin
  select s.enrolment, s.module, s.role, l.id, l.locale, s.expires_at, coalesce(s.role = 'learner' and e.instructor, false)
    into enrolment, module, role, learner, locale, expiry, preview
    from passerelle.sessions s
    left join passerelle.enrolments e on e.id = s.enrolment
    join passerelle.learner_rows l on l.id = coalesce(s.learner, e.learner)
    where s.token = p_token;
  outcome := case
    when not found then 'invalid_token'
    when expiry <= now() then 'session_expired'
    when enrolment is null then 'forbidden'
    when session_of.role = 'instructor' and passerelle.teaches_no_more(enrolment) then 'forbidden'
    else 'accepted'
  end;
end $$;

-- A code for another page of the same person. It opens a session that ends when theirs does.
create function passerelle.code_for(p_token bytea, p_code bytea,
  out outcome text, out locale text, out module_url text, out expires text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  s record;
  expiry timestamptz := date_trunc('second', now()) + interval '60 seconds';
begin
  perform passerelle.read_committed();
  select * into s from passerelle.session_of(p_token);
  outcome := s.outcome;
  locale := s.locale;
  if outcome <> 'accepted' then
    return;
  end if;
  insert into passerelle.codes (code, enrolment, module, role, return_url, expires_at, session_ends_at)
    select p_code, t.enrolment, t.module, t.role, t.return_url, expiry, t.expires_at
    from passerelle.sessions t where t.token = p_token;
  select m.url into module_url from passerelle.module_rows m where m.id = s.module;
  expires := passerelle.utc(expiry);
end $$;

-- The session of a deep link, and what can be chosen, as the API answers it.
create function passerelle.deep_link_of(p_token bytea,
  out outcome text, out locale text, out deep_link text, out modules text)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  expiry timestamptz;
begin
  select s.deep_link::text, l.locale, s.expires_at into deep_link, locale, expiry
    from passerelle.sessions s
    left join passerelle.enrolments e on e.id = s.enrolment
    join passerelle.learner_rows l on l.id = coalesce(s.learner, e.learner)
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
  -- The scope is said where it is not the usual one.
  select coalesce(json_agg(json_strip_nulls(json_build_object(
      'slug', m.slug, 'title', m.title,
      'grains', (
        select coalesce(json_agg(json_build_object('slug', g.slug, 'title', g.title) order by g.sort, g.slug), '[]')
        from passerelle.grain_rows g where g.module = m.id and g.status = 'active'),
      'scope', case when passerelle.counts_apart(m.id) then 'activity' end)) order by m.sort, m.title, m.slug), '[]')::text
    into modules
    from passerelle.module_rows m where m.status = 'active';
end $$;

-- Ends at once what a platform's people have open, or one learner: their sessions count as expired, their codes are gone.
-- Answers how many of each.
create function passerelle.sessions_end(p_platform uuid, p_learner uuid, out sessions integer, out codes integer)
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform passerelle.read_committed();
  -- Codes first: what becomes a session meanwhile is waited for, and ended with the others.
  delete from passerelle.codes c
    where passerelle.session_is_of(c.enrolment, c.learner, c.deep_link, p_platform, p_learner);
  get diagnostics codes = row_count;
  update passerelle.sessions s set expires_at = now()
    where s.expires_at > now() and passerelle.session_is_of(s.enrolment, s.learner, s.deep_link, p_platform, p_learner);
  get diagnostics sessions = row_count;
end $$;

-- Whether a code or a session is a learner's, where one is given, and a platform's, where one is given.
create function passerelle.session_is_of(p_enrolment uuid, p_person uuid, p_deep_link json, p_platform uuid, p_learner uuid)
returns boolean language sql stable as $$
  select case
    when p_enrolment is null then
      coalesce(p_person = p_learner, true)
      and coalesce(p_deep_link ->> 'issuer' = (select p.issuer from passerelle.platforms p where p.id = p_platform), true)
    else exists (
      select from passerelle.enrolments e join passerelle.activities a on a.id = e.activity
      where e.id = p_enrolment and coalesce(e.learner = p_learner, true) and coalesce(a.platform = p_platform, true))
  end
$$;
