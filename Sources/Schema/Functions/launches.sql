-- What a login and a launch do, one function for each round trip. Pooled connections keep a function's plans, and its
-- statements see what other launches committed meanwhile, which one long statement would not.

-- Answers an OpenID Connect login initiation (OpenID Connect Core, section 4; 1EdTech Security Framework, 5.1.1.1):
-- finds the registration and remembers state and nonce for ten minutes.
create function passerelle.login(
  p_issuer text, p_client_id text, p_deployment_id text, p_state bytea, p_nonce bytea, p_browser bytea, p_stored boolean,
  out outcome text, out client_id text, out auth_url text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  site record;
  found_registration uuid;
  candidates integer;
begin
  perform passerelle.read_committed();
  select p.id, p.enabled into site from passerelle.platforms p where p.issuer = p_issuer;
  if not found then
    outcome := 'platform_unknown';
    return;
  end if;
  if not site.enabled then
    outcome := 'platform_disabled';
    return;
  end if;
  -- client_id is optional in the specification; the deployment, or there being only one, settles it then.
  select count(*), min(r.id::text)::uuid into candidates, found_registration
    from passerelle.registrations r
    where r.platform = site.id
      and (p_client_id is null or r.client_id = p_client_id)
      and (p_client_id is not null or p_deployment_id is null or exists (
        select from passerelle.deployments d where d.registration = r.id and d.deployment_id = p_deployment_id));
  if candidates <> 1 then
    outcome := case when p_client_id is null and candidates > 1 then 'client_id_missing' else 'client_unknown' end;
    return;
  end if;
  insert into passerelle.login_states (state, nonce, browser, stored, registration, expires_at)
    values (p_state, p_nonce, p_browser, p_stored, found_registration, now() + interval '10 minutes');
  select 'accepted', r.client_id, r.auth_url into outcome, client_id, auth_url
    from passerelle.registrations r where r.id = found_registration;
end $$;

-- Everything a launch is judged by. `state_is` says live, consumed, expired, unknown or foreign (another browser's).
create function passerelle.launch_context(
  p_state bytea, p_browser bytea, p_deployment_id text,
  out state_is text, out stored boolean, out nonce bytea, out platform uuid, out platform_enabled boolean, out issuer text,
  out client_id text, out deployment uuid, out jwks_url text, out jwks text, out jwks_expired boolean)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  select case
           when s.browser <> p_browser then 'foreign'
           when s.consumed_at is not null then 'consumed'
           when s.expires_at <= now() then 'expired'
           else 'live'
         end,
         s.stored, s.nonce, p.id, p.enabled, p.issuer, r.client_id, d.id, r.jwks_url, k.document, coalesce(k.expires_at <= now(), true)
    into state_is, stored, nonce, platform, platform_enabled, issuer, client_id, deployment, jwks_url, jwks, jwks_expired
    from passerelle.login_states s
    join passerelle.registrations r on r.id = s.registration
    join passerelle.platforms p on p.id = r.platform
    left join passerelle.deployments d on d.registration = r.id and d.deployment_id = p_deployment_id
    left join passerelle.key_sets k on k.url = r.jwks_url
    where s.state = p_state;
  if not found then
    state_is := 'unknown';
  end if;
end $$;

-- The module of a launch: a slug that was asked for by name must exist; only when none was asked for may the path or
-- there being a single active module decide.
create function passerelle.module_of_launch(p_custom text, p_query text, p_path text) returns uuid
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

-- The activity that has this line item under another resource link id: perhaps the same, which its platform numbers otherwise by
-- now. None where the id is known already, or is known to be another activity's; and none where several have the line item.
create function passerelle.activity_renumbered(
  p_platform uuid, p_deployment uuid, p_resource_link_id text, p_line_item text) returns uuid
language plpgsql stable as $$
declare
  found_activity uuid;
begin
  select min(k.id::text)::uuid into found_activity
    from passerelle.activities k
    where k.platform = p_platform and k.deployment = p_deployment and k.line_item = p_line_item
      and p_resource_link_id <> all (k.former_link_ids || k.other_link_ids)
      and not exists (
        select from passerelle.activities a
        where a.deployment = p_deployment and a.resource_link_id = p_resource_link_id)
    having count(*) = 1;
  return found_activity;
end $$;

-- What a launch has to ask its platform before such an activity is taken to be the same: whether the list of line items still names
-- the id that it had. Null where there is nothing to ask, or nobody to be asked just now.
create function passerelle.former_link_question(
  p_platform uuid, p_deployment uuid, p_resource_link_id text, p_line_item text, p_line_items text, p_scope text) returns json
language plpgsql stable as $$
declare
  known uuid := passerelle.activity_renumbered(p_platform, p_deployment, p_resource_link_id, p_line_item);
  question json;
begin
  if known is null then
    return null;
  end if;
  select json_build_object(
      'formerLink', a.resource_link_id, 'lineItems', p_line_items, 'host', substring(p.issuer from '^https?://([^/]*)'),
      'registration', r.id, 'clientId', r.client_id, 'tokenUrl', r.token_url, 'scope', p_scope,
      'token', (
        select encode(t.sealed, 'hex') from passerelle.access_tokens t
        where t.registration = r.id and t.scope = p_scope and t.expires_at > now() + interval '60 seconds'))
    into question
    from passerelle.activities a
    join passerelle.platforms p on p.id = a.platform
    join passerelle.deployments d on d.id = a.deployment
    join passerelle.registrations r on r.id = d.registration
    where a.id = known and passerelle.is_over(p.breaker_until, interval '2 minutes');
  return question;
end $$;

-- Finds or creates an activity and keeps what the platform says of it up to date. `former_module` is null for a new one. An
-- activity that has another resource link id by now is known by its line item, which belongs to one activity of its platform;
-- never where the former id `stands` in the platform's list (`p_former`; `gone` when it does not, null when nobody could be asked),
-- or is launched again.
create function passerelle.activity_of(
  p_platform uuid, p_deployment uuid, p_resource_link_id text, p_title text, p_context_id text, p_context_label text,
  p_context_title text, p_memberships_url text, p_module uuid, p_line_item text, p_grain uuid, p_history text[], p_former text,
  out activity uuid, out former_module uuid, out former_grain uuid, out line_item text, out line_item_is_named boolean,
  out is_gone boolean)
language plpgsql as $$
declare
  a passerelle.activities;
  known uuid;
begin
  if p_deployment is not null then
    select * into a from passerelle.activities t
      where t.deployment = p_deployment and t.resource_link_id = p_resource_link_id;
  else
    select * into a from passerelle.activities t
      where t.platform = p_platform and t.resource_link_id = p_resource_link_id and t.deployment is null;
  end if;
  if a.id is null and p_line_item is not null and p_deployment is not null then
    -- The id that it had before is launched again: the activity is that one's, and the other id another's.
    update passerelle.activities t
      set resource_link_id = p_resource_link_id, former_link_ids = array_remove(t.former_link_ids, p_resource_link_id),
          other_link_ids = t.other_link_ids || t.resource_link_id, link_is_doubtful = false
      where t.id = (
        select k.id from passerelle.activities k
          where k.platform = p_platform and k.deployment = p_deployment and p_resource_link_id = any (k.former_link_ids)
            and (k.line_item = p_line_item or k.link_is_doubtful)
          order by k.created_at limit 1 for no key update)
      returning * into a;
    if a.id is null then
      known := passerelle.activity_renumbered(p_platform, p_deployment, p_resource_link_id, p_line_item);
      if p_former = 'stands' then
        update passerelle.activities t set other_link_ids = t.other_link_ids || p_resource_link_id where t.id = known;
      else
        update passerelle.activities t
          set resource_link_id = p_resource_link_id, former_link_ids = t.former_link_ids || t.resource_link_id,
              link_is_doubtful = p_former is distinct from 'gone'
          where t.id = known and t.resource_link_id <> p_resource_link_id
          returning * into a;
      end if;
    end if;
  end if;
  if a.id is null then
    insert into passerelle.activities as t
      (platform, deployment, resource_link_id, title, context_id, context_label, context_title, module, memberships_url, grain,
       context_history)
      values (p_platform, p_deployment, p_resource_link_id, p_title, p_context_id, p_context_label, p_context_title,
              p_module, p_memberships_url, p_grain, p_history)
      on conflict do nothing
      returning t.id into activity;
    if activity is not null then
      return;
    end if;
    -- Another launch made it meanwhile; this statement sees it.
    select * into a from passerelle.activities t
      where t.platform = p_platform and t.deployment is not distinct from p_deployment
        and t.resource_link_id = p_resource_link_id;
  end if;
  activity := a.id;
  former_module := a.module;
  former_grain := a.grain;
  line_item := a.line_item;
  line_item_is_named := a.line_item_is_named;
  is_gone := a.gone_at is not null;
  if (a.title, a.context_id, a.context_label, a.context_title, a.module, a.memberships_url, a.grain, a.context_history)
      is distinct from (p_title, p_context_id, p_context_label, p_context_title, p_module, p_memberships_url, p_grain, p_history)
  then
    update passerelle.activities t
      set title = p_title, context_id = p_context_id, context_label = p_context_label, context_title = p_context_title,
          module = p_module, memberships_url = p_memberships_url, grain = p_grain, context_history = p_history
      where t.id = a.id;
  end if;
end $$;

-- A proven launch: consumes the state (LTI 1.3) or the nonce (LTI 1.1, where `p_consumer` says whose), then finds or
-- creates learner, activity and enrolment, and leaves a one-time code. What the learner is owed now is leased for `p_lease_seconds`.
-- `former_link` is answered before anything is done: the launch comes again with what the platform said to the question (`p_former`:
-- stands, gone, or unread).
create function passerelle.launch(
  p_state bytea, p_consumer uuid, p_nonce bytea, p_platform uuid, p_deployment uuid, p_subject text,
  p_name text, p_given_name text, p_family_name text, p_email text, p_locale text,
  p_resource_link_id text, p_title text, p_context_id text, p_context_label text, p_context_title text,
  p_memberships_url text, p_module_custom text, p_module_query text, p_module_path text,
  p_roles text[], p_instructor boolean, p_gradable boolean, p_line_item text, p_line_items text, p_scopes text[],
  p_token_scope text,
  p_outcome_url text, p_outcome_sourcedid text, p_code bytea, p_return_url text,
  p_lease_seconds integer default null, p_grain text default null, p_history text[] default null, p_groups text[] default null,
  p_former text default null,
  out outcome text, out slugs text[], out learner uuid, out module_slug text, out module_url text, out deliveries text,
  out question text)
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '5s' set plan_cache_mode = force_generic_plan as $$
declare
  v_module uuid;
  v_grain uuid;
  v_apart boolean;
  v_gradable boolean;
  v_moved boolean;
  a record;
  e record;
  v_enrolment uuid;
  v_status text;
begin
  perform passerelle.read_committed();
  -- Who is in the activity already is waited for with patience, because nothing is held yet that somebody could wait for
  -- (staff_edits.sql).
  select t.id, t.learner, t.activity, t.subject, t.gradable, t.instructor into e
    from passerelle.identities i
    join passerelle.enrolments t on t.learner = i.learner
    join passerelle.activities k on k.id = t.activity
    where i.platform = p_platform and i.subject = p_subject and k.platform = p_platform
      and k.deployment is not distinct from p_deployment and k.resource_link_id = p_resource_link_id
    for no key update of t;
  -- Who is new to the activity may be the first who comes by another id of it.
  if e.id is null and p_former is null and p_line_items is not null and p_token_scope like '%/scope/lineitem%' then
    question := passerelle.former_link_question(
      p_platform, p_deployment, p_resource_link_id, p_line_item, p_line_items, p_token_scope)::text;
    if question is not null then
      outcome := 'former_link';
      return;
    end if;
  end if;
  perform set_config('lock_timeout', '250ms', true), set_config('passerelle.gives_way', 'on', true);
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
  select m.slug, m.url, m.scope = 'activity' and passerelle.progress_has_activities()
    into module_slug, module_url, v_apart
    from passerelle.module_rows m where m.id = v_module;
  if p_grain is not null then
    select g.id into v_grain from passerelle.grain_rows g
      where g.module = v_module and g.slug = p_grain and g.status = 'active';
    if v_grain is null then
      outcome := 'unknown_grain';
      return;
    end if;
  end if;

  learner := passerelle.learner_of(p_platform, p_subject, p_name, p_given_name, p_family_name, p_email, p_locale);

  a := passerelle.activity_of(
    p_platform, p_deployment, p_resource_link_id, p_title, p_context_id, p_context_label, p_context_title,
    p_memberships_url, v_module, p_line_item, v_grain, p_history, p_former);
  v_gradable := p_gradable and not passerelle.only_watches(p_roles);
  -- The activity shows another module or grain now: what everybody in it is owed changes.
  v_moved := a.former_module is not null
    and (a.former_module, a.former_grain) is distinct from (v_module, v_grain);
  if v_moved then
    if a.former_module <> v_module then
      update passerelle.enrolments t set own_progress = v_apart where t.activity = a.activity and t.own_progress <> v_apart;
    end if;
    perform passerelle.owe_activity(a.activity, v_module);
  end if;
  if e.id is null then
    perform pg_advisory_xact_lock_shared(passerelle.lock_of_module(v_module));
  end if;
  if (e.learner, e.activity) is distinct from (launch.learner, a.activity) then
    insert into passerelle.enrolments as t
      (learner, activity, subject, roles, instructor, gradable, line_item, line_items, scopes, token_scope, outcome_url,
       outcome_sourcedid, consumer, own_progress, groups)
      values (launch.learner, a.activity, p_subject, p_roles, p_instructor, v_gradable, p_line_item, p_line_items, p_scopes,
              p_token_scope, p_outcome_url, p_outcome_sourcedid, p_consumer, v_apart, p_groups)
      on conflict on constraint enrolments_once_per_learner_and_activity do nothing
      returning t.id into v_enrolment;
  end if;
  -- They were here before, or another launch of theirs was quicker.
  if v_enrolment is null then
    update passerelle.enrolments t
      -- Who taught here and comes as a learner may only be looking: a platform says the same of a teacher who switched roles.
      set subject = p_subject, roles = p_roles, instructor = p_instructor or t.instructor,
          previewed_at = case when t.instructor and not p_instructor then coalesce(t.previewed_at, clock_timestamp()) end,
          gradable = v_gradable, scopes = p_scopes, token_scope = p_token_scope, line_items = p_line_items,
          outcome_url = p_outcome_url, outcome_sourcedid = p_outcome_sourcedid, consumer = p_consumer, last_launch_at = now(),
          groups = p_groups,
          -- A line item that the tool found stays known while the platform names none.
          line_item = case when v_gradable then coalesce(p_line_item, t.line_item) end
      where t.learner = launch.learner and t.activity = a.activity
      returning t.id into v_enrolment;
  end if;
  if p_line_item is not null and (p_line_item is distinct from a.line_item or a.line_item_is_named is not true)
     or p_line_item is null and p_line_items is not null and a.line_item_is_named
     or a.is_gone then
    perform passerelle.line_item_launched(a.activity, p_line_item);
  end if;
  if e.id is null or v_moved
     or (e.gradable, e.instructor) is distinct from (v_gradable, p_instructor) then
    perform passerelle.owe(launch.learner, v_module);
  end if;
  -- Opening the activity again is what a refused grade waits for, and one that Moodle no longer has; and somebody who comes by
  -- another account of the platform has no grade there yet.
  select g.status into v_status from public.grades g where g.id = v_enrolment;
  if v_status in ('failed', 'emptied', 'gone') or v_status = 'delivered' and e.subject <> p_subject then
    update public.grades g set status = 'pending' where g.id = v_enrolment;
    v_status := 'pending';
  end if;
  if v_status = 'pending' and p_lease_seconds is not null then
    deliveries := passerelle.lease(launch.learner, v_module, p_lease_seconds);
  end if;
  perform passerelle.learner_seen(launch.learner);

  insert into passerelle.codes (code, enrolment, module, role, return_url, expires_at)
    values (p_code, v_enrolment, v_module, case when p_instructor then 'instructor' else 'learner' end, p_return_url,
            now() + interval '60 seconds');
  outcome := 'accepted';
  perform passerelle.count_one('launches', 'accepted');
end $$;

-- Whether somebody's roles are none but those of a bystander, such as a parent: no grade is theirs. Most people's roles end in
-- Learner or Instructor.
create function passerelle.only_watches(p_roles text[]) returns boolean
language plpgsql immutable as $$
begin
  return coalesce(cardinality(p_roles), 0) > 0
    and not exists (select from unnest(p_roles) r (role) where r.role !~ '(^|[#/])(Mentor|Observer)([#/][A-Za-z]*)?$');
end $$;

-- A proven request for content: consumes the state, finds or creates the teacher, and leaves a one-time code.
create function passerelle.deep_link(
  p_state bytea, p_platform uuid, p_subject text, p_name text, p_given_name text, p_family_name text, p_email text,
  p_locale text, p_code bytea, p_return_url text, p_deep_link text)
returns boolean language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '250ms' as $$
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  update passerelle.login_states set consumed_at = now()
    where state = p_state and consumed_at is null and expires_at > now();
  if not found then
    return false;
  end if;
  insert into passerelle.codes (code, learner, role, return_url, deep_link, expires_at)
    values (p_code,
            passerelle.learner_of(p_platform, p_subject, p_name, p_given_name, p_family_name, p_email, p_locale),
            'instructor', p_return_url, p_deep_link::json, now() + interval '60 seconds');
  perform passerelle.count_one('launches', 'content');
  return true;
end $$;
