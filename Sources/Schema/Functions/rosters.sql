-- The teacher's view: who is in an activity and how far they are, with the course's members as the platform named them.

-- Keeps what a platform answered, in place of what it answered before: an array of objects with the columns of a member.
create function passerelle.memberships_read(p_registration uuid, p_url text, p_members json) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  v_list uuid;
begin
  perform passerelle.read_committed();
  -- This row's lock lets one writer at a time replace the members.
  insert into passerelle.membership_lists as s (registration, url, read_at)
    select r.id, p_url, now() from passerelle.registrations r where r.id = p_registration
    on conflict on constraint membership_lists_once_per_registration_and_url
      do update set read_at = excluded.read_at, retry_at = null
    returning s.id into v_list;
  delete from passerelle.members m where m.list = v_list;
  insert into passerelle.members (list, subject, roles, instructor, status, name, given_name, family_name, email)
    select v_list, x.subject, x.roles, x.instructor, x.status, x.name, x.given_name, x.family_name, x.email
    from json_to_recordset(p_members) as x (
      subject text, roles text[], instructor boolean, status text, name text, given_name text, family_name text, email text)
    where v_list is not null;
end $$;

-- The platform did not answer: it is left in peace for so many seconds.
create function passerelle.memberships_failed(p_registration uuid, p_url text, p_seconds integer) returns void
language sql as $$
  insert into passerelle.membership_lists as s (registration, url, retry_at)
    select r.id, p_url, now() + make_interval(secs => p_seconds)
    from passerelle.registrations r where r.id = p_registration
    on conflict on constraint membership_lists_once_per_registration_and_url do update set retry_at = excluded.retry_at
$$;

-- Where the members of an activity's course are read, as far as anything is known of them: nothing for LTI 1.1, for an
-- activity whose launches name no service, and for a platform that is disabled.
create function passerelle.memberships_of(p_activity uuid,
  out list uuid, out read_at timestamptz, out is_fresh boolean, out may_ask boolean, out source text)
language plpgsql stable as $$
begin
  select s.id, s.read_at, coalesce(s.read_at > now() - interval '5 minutes', false),
         coalesce(s.retry_at <= now(), true) and coalesce(p.breaker_until <= now(), true),
         json_build_object(
           'url', a.memberships_url, 'host', substring(p.issuer from '^https?://([^/]*)'), 'registration', r.id,
           'clientId', r.client_id, 'tokenUrl', r.token_url, 'scope', n.scope,
           'token', (
             select encode(t.sealed, 'hex') from passerelle.access_tokens t
             where t.registration = r.id and t.scope = n.scope and t.expires_at > now() + interval '60 seconds'))::text
    into list, read_at, is_fresh, may_ask, source
    from passerelle.activities a
    join passerelle.platforms p on p.id = a.platform
    join passerelle.deployments d on d.id = a.deployment
    join passerelle.registrations r on r.id = d.registration
    left join passerelle.membership_lists s on s.registration = r.id and s.url = a.memberships_url
    cross join (values ('https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly')) n (scope)
    where a.id = p_activity and a.memberships_url is not null and p.enabled;
end $$;

-- The learners of an activity × the grains of a module, as the API answers them (less the words about grades, which the
-- program adds). Learners are those who came as such, and the active members of the course who did not come. Whoever
-- teaches is left out: who was launched as an instructor last, here or elsewhere in the course, and who is one in the
-- list of members.
create function passerelle.roster_of(p_activity uuid, p_module uuid, p_list uuid, p_learner uuid) returns text
language plpgsql stable as $$
declare
  a record;
  v_total integer;
  v_grains json;
  v_none json;
  v_learners json;
begin
  select t.platform, t.context_id, t.title, coalesce(t.context_title, t.context_label) as context,
         coalesce(t.line_item_maximum, 100) as maximum
    into a from passerelle.activities t where t.id = p_activity;
  select count(*),
         coalesce(json_agg(json_build_object('slug', g.slug, 'title', g.title) order by g.sort, g.slug), '[]'),
         coalesce(json_object_agg(g.slug, 'none' order by g.sort, g.slug), '{}')
    into v_total, v_grains, v_none
    from passerelle.grain_rows g where g.module = p_module and g.status = 'active';

  with came as (
    select e.id, e.learner, e.roles, e.last_launch_at, l.name, l.given_name, l.family_name, l.email
      from passerelle.enrolments e
      join passerelle.learner_rows l on l.id = e.learner
      where e.activity = p_activity and not e.instructor and (p_learner is null or e.learner = p_learner)
        and not exists (
          select from passerelle.members m where m.list = p_list and m.subject = e.subject and m.instructor)),
  grain as (
    select g.id, g.slug, g.sort from passerelle.grain_rows g
      where g.module = p_module and g.status = 'active'),
  progress as (
    select p.learner, p.grain, p.status from passerelle.progress_rows p
      where p.grain in (select g.id from grain g) and p.learner in (select c.learner from came c)),
  cells as (
    select c.learner, json_object_agg(g.slug, coalesce(p.status, 'none') order by g.sort, g.slug) as grains
      from came c cross join grain g
      left join progress p on p.learner = c.learner and p.grain = g.id
      group by c.learner),
  person as (
    select c.learner as id, c.name, c.given_name, c.family_name, c.email, c.roles, c.last_launch_at,
           coalesce(o.grains, v_none) as grains, s.completed, s.ratio,
           coalesce(g.status, 'none') as grade, g.last_error, g.last_error_fr
      from came c
      cross join lateral passerelle.standing(c.learner, p_module) s
      left join cells o on o.learner = c.learner
      left join public.grades g on g.learner = c.learner and g.activity = p_activity
    union all
    select null, m.name, m.given_name, m.family_name, m.email, m.roles, null, v_none, 0, 0, 'none', null, null
      from passerelle.members m
      where m.list = p_list and p_learner is null and not m.instructor and m.status = 'Active'
        and not exists (
          select from passerelle.enrolments e where e.activity = p_activity and e.subject = m.subject)
        and m.subject not in (
          select t.subject from (
            select distinct on (e.subject) e.subject, e.instructor
              from passerelle.enrolments e join passerelle.activities o on o.id = e.activity
              where o.platform = a.platform and o.context_id = a.context_id
              order by e.subject, e.last_launch_at desc) t
            where t.instructor))
  select coalesce(json_agg(json_build_object(
      'id', p.id, 'name', p.name, 'email', p.email, 'roles', p.roles, 'launched', p.id is not null,
      'lastSeenAt', passerelle.utc(p.last_launch_at),
      'grains', p.grains, 'completed', p.completed, 'total', v_total, 'ratio', p.ratio::float8,
      'grade', json_build_object(
        'status', p.grade, 'score', passerelle.points(p.ratio, a.maximum)::float8, 'maximum', a.maximum::float8,
        'error', p.last_error, 'errorFr', p.last_error_fr))
      order by coalesce(nullif(p.family_name, ''), p.name) collate passerelle.people, p.given_name collate passerelle.people,
               p.name collate passerelle.people, p.email, p.id), '[]')
    into v_learners from person p;

  return json_build_object(
    'activity', json_build_object('title', a.title, 'context', a.context),
    'module', (select json_build_object('slug', m.slug, 'title', m.title) from passerelle.module_rows m where m.id = p_module),
    'grains', v_grains, 'learners', v_learners)::text;
end $$;

-- What a teacher asks for. Without `p_as_known` nothing but the source is answered while the members are not fresh: they
-- are to be read first. One learner is known already.
create function passerelle.roster(p_token bytea, p_learner uuid, p_as_known boolean,
  out outcome text, out locale text, out source text, out may_ask boolean, out read_at text, out roster text,
  out details text)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  s record;
  m record;
  v_activity uuid;
begin
  select * into s from passerelle.session_of(p_token);
  outcome := case when s.outcome = 'accepted' and s.role <> 'instructor' then 'forbidden' else s.outcome end;
  locale := s.locale;
  if outcome <> 'accepted' then
    return;
  end if;
  select e.activity into v_activity from passerelle.enrolments e where e.id = s.enrolment;
  select * into m from passerelle.memberships_of(v_activity);
  if p_learner is null and not p_as_known and m.source is not null and not m.is_fresh then
    source := m.source;
    may_ask := m.may_ask;
    return;
  end if;
  read_at := passerelle.utc(m.read_at);
  roster := passerelle.roster_of(v_activity, s.module, m.list, p_learner);
  if exists (
    select from passerelle.enrolments e where e.activity = v_activity and e.learner = p_learner and not e.instructor)
  then
    select coalesce(json_agg(json_build_object(
        'slug', g.slug, 'title', g.title, 'weight', g.weight::float8,
        'status', coalesce(p.status, 'none'), 'score', p.score::float8,
        'completedAt', passerelle.utc(p.completed_at))
        order by g.sort, g.slug), '[]')::text
      into details
      from passerelle.grain_rows g
      left join passerelle.progress_rows p on p.grain = g.id and p.learner = p_learner
      where g.module = s.module and g.status = 'active';
  end if;
end $$;
