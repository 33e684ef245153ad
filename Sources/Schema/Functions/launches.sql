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

-- Finds or creates an activity and keeps what the platform says of it up to date. `former_module` is null for a new one.
create function passerelle.activity_of(
  p_platform uuid, p_deployment uuid, p_resource_link_id text, p_title text, p_context_id text, p_context_label text,
  p_context_title text, p_memberships_url text, p_module uuid, out activity uuid, out former_module uuid)
language plpgsql as $$
declare
  a passerelle.activities;
begin
  if p_deployment is not null then
    select * into a from passerelle.activities t
      where t.deployment = p_deployment and t.resource_link_id = p_resource_link_id;
  else
    select * into a from passerelle.activities t
      where t.platform = p_platform and t.resource_link_id = p_resource_link_id and t.deployment is null;
  end if;
  if a.id is null then
    insert into passerelle.activities as t
      (platform, deployment, resource_link_id, title, context_id, context_label, context_title, module, memberships_url)
      values (p_platform, p_deployment, p_resource_link_id, p_title, p_context_id, p_context_label, p_context_title,
              p_module, p_memberships_url)
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
  if (a.title, a.context_id, a.context_label, a.context_title, a.module, a.memberships_url)
      is distinct from (p_title, p_context_id, p_context_label, p_context_title, p_module, p_memberships_url) then
    update passerelle.activities t
      set title = p_title, context_id = p_context_id, context_label = p_context_label, context_title = p_context_title,
          module = p_module, memberships_url = p_memberships_url
      where t.id = a.id;
  end if;
end $$;

-- A proven launch: consumes the state (LTI 1.3) or the nonce (LTI 1.1, where `p_consumer` says whose), then finds or
-- creates learner, activity and enrolment, and leaves a one-time code.
create function passerelle.launch(
  p_state bytea, p_consumer uuid, p_nonce bytea, p_platform uuid, p_deployment uuid, p_subject text,
  p_name text, p_given_name text, p_family_name text, p_email text, p_locale text,
  p_resource_link_id text, p_title text, p_context_id text, p_context_label text, p_context_title text,
  p_memberships_url text, p_module_custom text, p_module_query text, p_module_path text,
  p_roles text[], p_instructor boolean, p_gradable boolean, p_line_item text, p_line_items text, p_scopes text[],
  p_token_scope text,
  p_outcome_url text, p_outcome_sourcedid text, p_code bytea, p_return_url text,
  out outcome text, out slugs text[], out learner uuid, out module_slug text, out module_url text)
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '5s' set plan_cache_mode = force_generic_plan as $$
declare
  v_module uuid;
  a record;
  e passerelle.enrolments;
  v_enrolment uuid;
begin
  perform passerelle.read_committed();
  -- Who is in the activity already is waited for with patience, because nothing is held yet that somebody could wait for
  -- (staff_edits.sql).
  select t.* into e
    from passerelle.identities i
    join passerelle.enrolments t on t.learner = i.learner
    join passerelle.activities k on k.id = t.activity
    where i.platform = p_platform and i.subject = p_subject and k.platform = p_platform
      and k.deployment is not distinct from p_deployment and k.resource_link_id = p_resource_link_id
    for no key update of t;
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
  select m.slug, m.url into module_slug, module_url from passerelle.module_rows m where m.id = v_module;

  learner := passerelle.learner_of(p_platform, p_subject, p_name, p_given_name, p_family_name, p_email, p_locale);

  select * into a from passerelle.activity_of(
    p_platform, p_deployment, p_resource_link_id, p_title, p_context_id, p_context_label, p_context_title,
    p_memberships_url, v_module);
  -- The activity shows another module now: what everybody in it is owed changes.
  if a.former_module is distinct from v_module and a.former_module is not null then
    perform passerelle.owe_activity(a.activity, v_module);
  end if;
  if e.id is null then
    perform pg_advisory_xact_lock_shared(passerelle.lock_of_module(v_module));
  end if;
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
  if e.id is null or (e.gradable, e.instructor) is distinct from (p_gradable, p_instructor)
     or (a.former_module is not null and a.former_module is distinct from v_module) then
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
  return true;
end $$;
