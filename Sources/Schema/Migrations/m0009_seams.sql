-- The seams at which an institution's own collections take the place of the five tables (`passerelle directus adopt`).
-- People, modules, grains and progress are read through these views, and written through the functions below them; adoption
-- makes both anew for other tables. From here on no function but those names the four tables, and no migration may.

create view passerelle.learner_rows as
  select l.id, l.name, l.given_name, l.family_name, l.email, l.locale, l.date_created from public.learners l;

create view passerelle.module_rows as
  select m.id, m.slug, m.title, m.url, m.grading, m.status, m.sort from public.modules m;

create view passerelle.grain_rows as
  select g.id, g.module, g.slug, g.title, g.weight, g.status, g.sort from public.grains g;

create view passerelle.progress_rows as
  select p.learner, p.grain, p.status, p.score, p.completed_at from public.progress p;

-- The learner who is already there for a person that the platform names for the first time; null when nobody is. The five
-- tables know no rule for that; an adopted collection may.
create function passerelle.learner_match(p_platform uuid, p_subject text, p_email text) returns uuid
language sql stable as $$
  select null::uuid
$$;

create function passerelle.learner_create(
  p_name text, p_given_name text, p_family_name text, p_email text, p_locale text) returns uuid
language sql as $$
  insert into public.learners (name, given_name, family_name, email, locale)
  values (p_name, p_given_name, p_family_name, p_email, p_locale) returning id
$$;

-- Changes what is not null.
create function passerelle.learner_update(
  p_learner uuid, p_name text, p_given_name text, p_family_name text, p_email text, p_locale text) returns void
language sql as $$
  update public.learners l
    set name = coalesce(p_name, l.name), given_name = coalesce(p_given_name, l.given_name),
        family_name = coalesce(p_family_name, l.family_name), email = coalesce(p_email, l.email),
        locale = coalesce(p_locale, l.locale)
    where l.id = p_learner
$$;

-- passerelle.progress_record (migration 5) is the seam for progress.

-- What a learner's progress in a module says. `owed` is false until there is something to give: Moodle takes any grade,
-- 0 included, as "activity complete".
create or replace function passerelle.standing(p_learner uuid, p_module uuid,
  out completed integer, out total integer, out ratio numeric, out owed boolean)
language plpgsql stable as $$
declare
  earned numeric;
  weights numeric;
  grading_rule text;
begin
  select count(*), count(p.grain), coalesce(sum(g.weight), 0), coalesce(sum(g.weight * coalesce(p.score, 1)) filter (where p.grain is not null), 0)
    into total, completed, weights, earned
    from passerelle.grain_rows g
    left join passerelle.progress_rows p on p.grain = g.id and p.learner = p_learner and p.status = 'completed'
    where g.module = p_module and g.status = 'active';
  select m.grading into grading_rule from passerelle.module_rows m where m.id = p_module;
  if grading_rule = 'all-or-nothing' and completed < total then
    ratio := 0;
    owed := false;
  else
    ratio := case when weights > 0 then round(earned, 30) / weights else 0 end;
    owed := completed > 0;
  end if;
end $$;

-- The module of a launch: a slug that was asked for by name must exist; only when none was asked for may the path or
-- there being a single active module decide.
create or replace function passerelle.module_of_launch(p_custom text, p_query text, p_path text) returns uuid
language plpgsql stable as $$
declare
  asked text := coalesce(p_custom, p_query);
  found_module uuid;
begin
  if asked is not null then
    select m.id into found_module from passerelle.module_rows m where m.slug = asked and m.status = 'active';
    return found_module;
  end if;
  select m.id into found_module from passerelle.module_rows m where m.slug = p_path and m.status = 'active';
  if found_module is null then
    select min(m.id::text)::uuid into found_module from passerelle.module_rows m where m.status = 'active' having count(*) = 1;
  end if;
  return found_module;
end $$;

-- Finds or creates the learner whom a platform calls `p_subject`. The lock makes simultaneous first launches of one
-- person wait for each other; the second look then finds what the first one made. A value that the platform does not
-- send changes nothing, and one that it sent before does not undo a correction made by staff.
create or replace function passerelle.learner_of(
  p_platform uuid, p_subject text, p_name text, p_given_name text, p_family_name text, p_email text, p_locale text)
returns uuid language plpgsql as $$
declare
  i passerelle.identities;
  found_learner uuid;
begin
  select * into i from passerelle.identities where platform = p_platform and subject = p_subject;
  if not found then
    perform pg_advisory_xact_lock(hashtextextended(p_platform::text || p_subject, 0));
    select * into i from passerelle.identities where platform = p_platform and subject = p_subject;
  end if;
  if i.learner is null then
    found_learner := coalesce(
      passerelle.learner_match(p_platform, p_subject, p_email),
      passerelle.learner_create(p_name, p_given_name, p_family_name, p_email, p_locale));
    insert into passerelle.identities
      (platform, subject, learner, seen_name, seen_given_name, seen_family_name, seen_email, seen_locale)
      values (p_platform, p_subject, found_learner, p_name, p_given_name, p_family_name, p_email, p_locale);
    return found_learner;
  end if;
  if p_name <> coalesce(i.seen_name, '') or p_given_name <> coalesce(i.seen_given_name, '')
     or p_family_name <> coalesce(i.seen_family_name, '') or p_email <> coalesce(i.seen_email, '')
     or p_locale <> coalesce(i.seen_locale, '') then
    perform passerelle.learner_update(
      i.learner, nullif(p_name, i.seen_name), nullif(p_given_name, i.seen_given_name),
      nullif(p_family_name, i.seen_family_name), nullif(p_email, i.seen_email), nullif(p_locale, i.seen_locale));
    update passerelle.identities set
      seen_name = coalesce(p_name, seen_name),
      seen_given_name = coalesce(p_given_name, seen_given_name),
      seen_family_name = coalesce(p_family_name, seen_family_name),
      seen_email = coalesce(p_email, seen_email),
      seen_locale = coalesce(p_locale, seen_locale)
      where platform = p_platform and subject = p_subject;
  end if;
  return i.learner;
end $$;

-- A proven launch: consumes the state (LTI 1.3) or the nonce (LTI 1.1, where `p_consumer` says whose), then finds or
-- creates learner, activity and enrolment, and leaves a one-time code.
create or replace function passerelle.launch(
  p_state bytea, p_consumer uuid, p_nonce bytea, p_platform uuid, p_deployment uuid, p_subject text,
  p_name text, p_given_name text, p_family_name text, p_email text, p_locale text,
  p_resource_link_id text, p_title text, p_context_id text, p_context_label text, p_context_title text,
  p_memberships_url text, p_module_custom text, p_module_query text, p_module_path text,
  p_roles text[], p_instructor boolean, p_gradable boolean, p_line_item text, p_line_items text, p_scopes text[],
  p_token_scope text,
  p_outcome_url text, p_outcome_sourcedid text, p_code bytea, p_return_url text,
  out outcome text, out slugs text[], out learner uuid, out module_slug text, out module_url text)
language plpgsql as $$
declare
  v_module uuid;
  a record;
  e passerelle.enrolments;
  v_enrolment uuid;
begin
  if p_consumer is null then
    update passerelle.login_states set consumed_at = now()
      where state = p_state and consumed_at is null and expires_at > now();
  else
    -- Kept longer than any timestamp is accepted: five minutes to either side.
    insert into passerelle.nonces (consumer, nonce, expires_at)
      values (p_consumer, p_nonce, now() + interval '15 minutes') on conflict do nothing;
  end if;
  if not found then
    outcome := 'nonce_used';
    return;
  end if;

  v_module := passerelle.module_of_launch(p_module_custom, p_module_query, p_module_path);
  if v_module is null then
    outcome := 'unknown_module';
    slugs := array(select m.slug from passerelle.module_rows m where m.status = 'active' order by m.sort, m.slug limit 50);
    return;
  end if;
  select m.slug, m.url into module_slug, module_url from passerelle.module_rows m where m.id = v_module;

  learner := passerelle.learner_of(p_platform, p_subject, p_name, p_given_name, p_family_name, p_email, p_locale);

  select * into a from passerelle.activity_of(
    p_platform, p_deployment, p_resource_link_id, p_title, p_context_id, p_context_label, p_context_title,
    p_memberships_url, v_module);
  -- The activity shows another module now: what everybody in it is owed changes.
  if a.former_module is distinct from v_module and a.former_module is not null then
    perform passerelle.owe_module(v_module);
  end if;

  -- The grade before the enrolment, the order in which deliveries are recorded: two that lock in two orders can wait
  -- for each other.
  perform from public.grades g where g.learner = launch.learner and g.activity = a.activity for update;
  select * into e from passerelle.enrolments t where t.learner = launch.learner and t.activity = a.activity;
  insert into passerelle.enrolments as t
    (learner, activity, subject, roles, instructor, gradable, line_item, line_items, scopes, token_scope, outcome_url,
     outcome_sourcedid, consumer)
    values (launch.learner, a.activity, p_subject, p_roles, p_instructor, p_gradable, p_line_item, p_line_items, p_scopes,
            p_token_scope, p_outcome_url, p_outcome_sourcedid, p_consumer)
    on conflict on constraint enrolments_once_per_learner_and_activity do update
      set subject = excluded.subject, roles = excluded.roles, instructor = excluded.instructor,
          gradable = excluded.gradable, scopes = excluded.scopes, token_scope = excluded.token_scope,
          line_items = excluded.line_items, outcome_url = excluded.outcome_url,
          outcome_sourcedid = excluded.outcome_sourcedid, consumer = excluded.consumer, last_launch_at = now(),
          -- A line item that the tool found stays known while the platform names none.
          line_item = case when excluded.gradable then coalesce(excluded.line_item, t.line_item) end
    returning t.id into v_enrolment;
  if e.id is null or (e.gradable, e.instructor) is distinct from (p_gradable, p_instructor) then
    perform passerelle.owe(launch.learner, v_module);
  end if;
  -- Opening the activity again is what a refused grade waits for.
  if e.id is not null then
    update public.grades g set status = 'pending' where g.id = v_enrolment and g.status = 'failed';
  end if;

  insert into passerelle.codes (code, enrolment, module, role, return_url, expires_at)
    values (p_code, v_enrolment, v_module, case when p_instructor then 'instructor' else 'learner' end, p_return_url,
            now() + interval '60 seconds');
  outcome := 'accepted';
end $$;

-- A learner's progress as the API answers it (less the words about the grade, which the program adds).
create or replace function passerelle.progress_of(p_enrolment uuid, p_module uuid) returns text
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
          from passerelle.grain_rows g
          left join passerelle.progress_rows p on p.grain = g.id and p.learner = e.learner
          where g.module = m.id and g.status = 'active'),
      'completed', s.completed, 'total', s.total, 'ratio', s.ratio::float8,
      'grade', json_build_object(
        'status', e.grade_status, 'score', passerelle.points(s.ratio, e.maximum)::float8, 'maximum', e.maximum::float8))::text
    into answer
    from passerelle.module_rows m where m.id = p_module;
  return answer;
end $$;

-- One API call: session, grains by slug, record, lease of what is owed now. `p_entries` and `deliveries` are JSON arrays.
create or replace function passerelle.progress_write(
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
    left join passerelle.grain_rows g on g.module = s.module and g.slug = x.slug and g.status = 'active';
  if unknown_slug is not null then
    outcome := 'unknown_grain';
    return;
  end if;
  perform passerelle.progress_record(s.learner, grains, statuses, scores);
  deliveries := passerelle.lease(s.learner, s.module, p_lease_seconds);
  progress := passerelle.progress_of(s.enrolment, s.module);
end $$;

-- What the program needs to deliver one leased grade, and nothing it would have to ask for.
create or replace function passerelle.delivery(p_enrolment uuid) returns json
language plpgsql stable as $$
declare
  answer json;
begin
  select json_build_object(
      'grade', e.id, 'lease', e.lease, 'version', e.leased_version,
      'score', passerelle.points(e.leased_ratio, m.maximum)::float8, 'maximum', m.maximum::float8,
      'ratio', e.leased_ratio::float8,
      'completed', s.completed, 'total', s.total, 'timestamp', e.last_timestamp,
      'doubtfulTimestamp', e.doubtful_timestamp,
      'confirms', coalesce(e.confirm_at <= now(), false),
      'hasErredForADay', coalesce(e.erring_since < now() - interval '1 day', false),
      'subject', e.subject, 'locale', l.locale, 'title', a.title, 'resourceLink', a.resource_link_id,
      'lineItem', e.line_item, 'lineItems', e.line_items,
      'lineItemIsStale', coalesce(a.line_item_read_at < now() - interval '1 hour', true),
      'outcomeUrl', e.outcome_url, 'sourcedId', e.outcome_sourcedid, 'consumerKey', c.consumer_key,
      'consumerSecret', encode(c.sealed, 'hex'),
      'host', substring(p.issuer from '^https?://([^/]*)'), 'registration', r.id, 'clientId', r.client_id, 'tokenUrl', r.token_url, 'scope', e.token_scope,
      'token', (
        select encode(t.sealed, 'hex') from passerelle.access_tokens t
        where t.registration = r.id and t.scope = e.token_scope and t.expires_at > now() + interval '60 seconds'))
    into answer
    from passerelle.enrolments e
    join passerelle.learner_rows l on l.id = e.learner
    join passerelle.activities a on a.id = e.activity
    join passerelle.platforms p on p.id = a.platform
    left join passerelle.deployments d on d.id = a.deployment
    left join passerelle.registrations r on r.id = d.registration
    left join passerelle.consumers c on c.id = e.consumer
    cross join lateral (select coalesce(a.line_item_maximum, 100) as maximum) m
    cross join lateral passerelle.standing(e.learner, a.module) s
    where e.id = p_enrolment;
  return answer;
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
    join passerelle.learner_rows l on l.id = coalesce(s.learner, e.learner)
    where s.token = p_token;
  outcome := case
    when not found then 'invalid_token'
    when expiry <= now() then 'session_expired'
    when enrolment is null then 'forbidden'
    else 'accepted'
  end;
end $$;

-- The session of a deep link, and what can be chosen, as the API answers it.
create or replace function passerelle.deep_link_of(p_token bytea,
  out outcome text, out locale text, out deep_link text, out modules text)
language plpgsql stable as $$
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
  select coalesce(json_agg(json_build_object(
      'slug', m.slug, 'title', m.title,
      'grains', (
        select coalesce(json_agg(json_build_object('slug', g.slug, 'title', g.title) order by g.sort, g.slug), '[]')
        from passerelle.grain_rows g where g.module = m.id and g.status = 'active'))
      order by m.sort, m.title, m.slug), '[]')::text
    into modules
    from passerelle.module_rows m where m.status = 'active';
end $$;
