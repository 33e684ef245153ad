SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE SCHEMA passerelle;
CREATE COLLATION passerelle.people (provider = icu, locale = 'und');
CREATE FUNCTION passerelle.activity_forget(p_activity uuid) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS $$
declare
  enrolled integer;
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  perform from passerelle.enrolments e where e.activity = p_activity order by e.id for update;
  delete from passerelle.enrolments e where e.activity = p_activity;
  get diagnostics enrolled = row_count;
  delete from public.grades g where g.activity = p_activity;
  delete from passerelle.activities a where a.id = p_activity;
  return enrolled;
end $$;
CREATE FUNCTION passerelle.activity_is_gone(p_grade uuid, p_lease uuid, p_code text, p_words text, p_words_fr text, OUT status text, OUT next text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS $$
declare
  h record;
begin
  perform passerelle.read_committed();
  select * into h from passerelle.holds(p_grade, p_lease);
  status := h.status;
  if h.held then
    perform passerelle.mark_gone(e.activity, p_grade, p_code, p_words, p_words_fr)
      from passerelle.enrolments e where e.id = p_grade;
    status := 'gone';
  end if;
end $$;
CREATE FUNCTION passerelle.activity_of(p_platform uuid, p_deployment uuid, p_resource_link_id text, p_title text, p_context_id text, p_context_label text, p_context_title text, p_memberships_url text, p_module uuid, p_line_item text, p_grain uuid, p_history text[], p_former text, OUT activity uuid, OUT former_module uuid, OUT former_grain uuid, OUT line_item text, OUT line_item_is_named boolean, OUT is_gone boolean) RETURNS record
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION passerelle.activity_renumbered(p_platform uuid, p_deployment uuid, p_resource_link_id text, p_line_item text) RETURNS uuid
    LANGUAGE plpgsql STABLE
    AS $$
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
CREATE FUNCTION passerelle.adopted_grades_keyed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  v_key integer;
begin
  select l."id" into v_key
    from public."apprenants" l where l."passerelle_id" = new.learner;
  if tg_op = 'UPDATE' and new.learner_key is distinct from old.learner_key
     and new.learner_key is distinct from v_key then
    perform passerelle.refuse('grades', 'learner_key', 'passerelle_keyed',
      'Une note reste à l’apprenant dont la progression l’a donnée',
      'A grade stays with the learner whose progress it is');
  end if;
  new.learner_key := v_key;
  return new;
end
$$;
CREATE FUNCTION passerelle.adopted_grains_deleted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  v_module uuid;
begin
  perform passerelle.mark_rosters(array(
    select distinct m."passerelle_id" from changed c join public."modules" m on m."id" = c."module" order by 1));
  for v_module in
    select distinct m."passerelle_id" from changed c join public."modules" m on m."id" = c."module" order by 1
  loop
    perform passerelle.owe_module(v_module);
  end loop;
  return null;
end
$$;
CREATE FUNCTION passerelle.adopted_grains_inserted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  v_module uuid;
begin
  perform passerelle.mark_rosters(array(
    select distinct m."passerelle_id" from changed c join public."modules" m on m."id" = c."module" order by 1));
  for v_module in
    select distinct m."passerelle_id" from changed c join public."modules" m on m."id" = c."module" order by 1
  loop
    perform passerelle.owe_module(v_module);
  end loop;
  return null;
end
$$;
CREATE FUNCTION passerelle.adopted_grains_updated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  v_module uuid;
begin
  perform passerelle.mark_rosters(array(
    select m."passerelle_id" from changed c join public."modules" m on m."id" = c."module"
      union
      select m."passerelle_id" from former f join public."modules" m on m."id" = f."module"));
  for v_module in
    select m."passerelle_id" from changed c join former f on f."id" = c."id" join public."modules" m on m."id" = c."module"
      where c."module" is distinct from f."module" or c."poids" is distinct from f."poids" or coalesce(c."statut" in (E'publie'), false) <> coalesce(f."statut" in (E'publie'), false)
      union
      select m."passerelle_id" from changed c join former f on f."id" = c."id" join public."modules" m on m."id" = f."module"
      where c."module" is distinct from f."module" or c."poids" is distinct from f."poids" or coalesce(c."statut" in (E'publie'), false) <> coalesce(f."statut" in (E'publie'), false)
      order by 1
  loop
    perform passerelle.owe_module(v_module);
  end loop;
  return null;
end
$$;
CREATE FUNCTION passerelle.adopted_learners_deleted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  v_learner uuid;
begin
  for v_learner in
    select c."passerelle_id" from changed c order by 1
  loop
    perform passerelle.learner_forget(v_learner);
  end loop;
  return null;
end
$$;
CREATE FUNCTION passerelle.adopted_learners_updated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
begin
  perform passerelle.mark_rosters(array(
    select e.activity from changed c join former f on f."id" = c."id"
      join passerelle.enrolments e on e.learner = c."passerelle_id"
      where c."prenom" is distinct from f."prenom" or c."nom" is distinct from f."nom" or c."courriel" is distinct from f."courriel"));
  return null;
end
$$;
CREATE FUNCTION passerelle.adopted_modules_deleted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  v_modules uuid[] := array(select c."passerelle_id" from changed c);
begin
  update public.grades t set module = null where t.module = any (v_modules);
  update passerelle.activities t set module = null where t.module = any (v_modules);
  delete from passerelle.codes t where t.module = any (v_modules);
  delete from passerelle.sessions t where t.module = any (v_modules);
  return null;
end
$$;
CREATE FUNCTION passerelle.adopted_modules_updated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  v_module uuid;
begin
  perform passerelle.mark_rosters(array(
    select c."passerelle_id" from changed c));
  for v_module in
    select c."passerelle_id" from changed c join former f on f."id" = c."id"
    where coalesce(c."regle" in (E'tout_ou_rien'), false) <> coalesce(f."regle" in (E'tout_ou_rien'), false) order by 1
  loop
    perform passerelle.owe_module(v_module);
  end loop;
  return null;
end
$$;
CREATE FUNCTION passerelle.adopted_progress_checked() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  -- NaN is greater than every number.
  if new."note" not between 0 and 20 then
    perform passerelle.refuse(E'progressions', E'note', 'passerelle_checked',
      'Un résultat va de 0 à 20', 'A score is between 0 and 20');
  end if;
  if coalesce(new."statut" in (E'termine'), false) then
    new."date_fin" := coalesce(new."date_fin", now());
  elsif tg_op = 'UPDATE' and new."date_fin" is not distinct from old."date_fin" then
    new."date_fin" := null;
  end if;
  return new;
end
$$;
CREATE FUNCTION passerelle.adopted_progress_deleted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  c record;
begin
  perform passerelle.mark_rosters(array(
    select a.module from (select m."passerelle_id" as module, array_agg(distinct l."passerelle_id") as learners
      from changed p join public."apprenants" l on l."id" = p."apprenant" join public."grains" g on g."id" = p."grain" join public."modules" m on m."id" = g."module"
      where m."passerelle_id" is not null group by 1 order by 1) a));
  for c in
    select m."passerelle_id" as module, array_agg(distinct l."passerelle_id") as learners
      from changed p join public."apprenants" l on l."id" = p."apprenant" join public."grains" g on g."id" = p."grain" join public."modules" m on m."id" = g."module"
      where m."passerelle_id" is not null group by 1 order by 1
  loop
    if cardinality(c.learners) = 1 then
      perform passerelle.owe(c.learners[1], c.module);
    else
      perform passerelle.owe_learners(c.module, c.learners);
    end if;
  end loop;
  return null;
end
$$;
CREATE FUNCTION passerelle.adopted_progress_inserted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  c record;
begin
  perform passerelle.mark_rosters(array(
    select a.module from (select m."passerelle_id" as module, array_agg(distinct l."passerelle_id") as learners
      from changed p join public."apprenants" l on l."id" = p."apprenant" join public."grains" g on g."id" = p."grain" join public."modules" m on m."id" = g."module"
      where m."passerelle_id" is not null group by 1 order by 1) a));
  for c in
    select m."passerelle_id" as module, array_agg(distinct l."passerelle_id") as learners
      from changed p join public."apprenants" l on l."id" = p."apprenant" join public."grains" g on g."id" = p."grain" join public."modules" m on m."id" = g."module"
      where m."passerelle_id" is not null group by 1 order by 1
  loop
    if cardinality(c.learners) = 1 then
      perform passerelle.owe(c.learners[1], c.module);
    else
      perform passerelle.owe_learners(c.module, c.learners);
    end if;
  end loop;
  return null;
end
$$;
CREATE FUNCTION passerelle.adopted_progress_updated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  c record;
begin
  perform passerelle.mark_rosters(array(
    select a.module from (select m."passerelle_id" as module, array_agg(distinct l."passerelle_id") as learners
      from ((select "id", "apprenant", "grain", "statut", "note" from changed except select "id", "apprenant", "grain", "statut", "note" from former) union (select "id", "apprenant", "grain", "statut", "note" from former except select "id", "apprenant", "grain", "statut", "note" from changed)) p join public."apprenants" l on l."id" = p."apprenant" join public."grains" g on g."id" = p."grain" join public."modules" m on m."id" = g."module"
      where m."passerelle_id" is not null group by 1 order by 1) a));
  for c in
    select m."passerelle_id" as module, array_agg(distinct l."passerelle_id") as learners
      from ((select "id", "apprenant", "grain", "statut", "note" from changed except select "id", "apprenant", "grain", "statut", "note" from former) union (select "id", "apprenant", "grain", "statut", "note" from former except select "id", "apprenant", "grain", "statut", "note" from changed)) p join public."apprenants" l on l."id" = p."apprenant" join public."grains" g on g."id" = p."grain" join public."modules" m on m."id" = g."module"
      where m."passerelle_id" is not null group by 1 order by 1
  loop
    if cardinality(c.learners) = 1 then
      perform passerelle.owe(c.learners[1], c.module);
    else
      perform passerelle.owe_learners(c.module, c.learners);
    end if;
  end loop;
  return null;
end
$$;
CREATE FUNCTION passerelle.as_learner(p_token bytea, OUT outcome text, OUT locale text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '250ms'
    AS $$
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
CREATE FUNCTION passerelle.claim_key_set(p_url text) RETURNS boolean
    LANGUAGE sql
    AS $$
  insert into passerelle.key_sets as k (url, attempted_at) values (p_url, clock_timestamp())
  on conflict (url) do update set attempted_at = clock_timestamp(), failed = false
    where k.attempted_at is null or k.attempted_at < clock_timestamp() - interval '30 seconds'
  returning true
$$;
CREATE FUNCTION passerelle.claim_line_item(p_grade uuid, p_lease uuid) RETURNS boolean
    LANGUAGE sql
    AS $$
  with claimed as (
    update passerelle.activities a set line_item_claimed_at = clock_timestamp()
      from passerelle.enrolments e
      where e.id = p_grade and e.lease = p_lease and a.id = e.activity
        and (a.line_item_claimed_at is null
             or a.line_item_claimed_at not between clock_timestamp() - interval '30 seconds' and clock_timestamp())
      returning a.id)
  select exists (select from claimed)
$$;
CREATE FUNCTION passerelle.code_for(p_token bytea, p_code bytea, OUT outcome text, OUT locale text, OUT module_url text, OUT expires text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
CREATE FUNCTION passerelle.complete() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if new.status not in ('started', 'completed') then
    perform passerelle.refuse('progress', 'status', 'progress_status_is_known',
      'L’état est « started » ou « completed »', 'The status is “started” or “completed”');
  end if;
  -- NaN is greater than every number.
  if new.score not between 0 and 1 then
    perform passerelle.refuse('progress', 'score', 'progress_score_is_between_0_and_1',
      'Un résultat va de 0 à 1', 'A score is between 0 and 1');
  end if;
  if new.status = 'completed' then
    if new.completed_at is null and tg_op = 'UPDATE' then
      new.completed_at := old.completed_at;
    end if;
    new.completed_at := coalesce(new.completed_at, now());
    return new;
  end if;
  if tg_op = 'UPDATE' then
    if new.completed_at is not distinct from old.completed_at then
      new.completed_at := null;
    end if;
    if new.score is not distinct from old.score and new.completed_at is null then
      return new;
    end if;
  end if;
  if new.completed_at is not null then
    perform passerelle.refuse('progress', 'completed_at', 'progress_completed_has_a_date',
      'Une date de fin va avec l’état « Terminé »', 'A completion date goes with the status “Completed”');
  end if;
  if new.score is not null then
    perform passerelle.refuse('progress', 'score', 'progress_score_is_of_a_completed_grain',
      'Un résultat ne compte qu’avec l’état « Terminé »', 'A score counts only with the status “Completed”');
  end if;
  return new;
end $$;
CREATE FUNCTION passerelle.copied_course(p_platform uuid, p_history text[]) RETURNS text
    LANGUAGE sql STABLE
    AS $$
  select coalesce(a.context_title, a.context_label)
    from unnest(p_history) with ordinality h (id, place)
    join passerelle.activities a on a.platform = p_platform and a.context_id = h.id
    where coalesce(a.context_title, a.context_label) is not null
    order by h.place, a.created_at desc limit 1
$$;
CREATE FUNCTION passerelle.count_attempt(p_grade uuid, p_outcome text, p_took double precision) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
  v_platform uuid;
begin
  perform passerelle.count_one('attempts', p_outcome);
  if p_took is null then
    return;
  end if;
  select a.platform into v_platform
    from passerelle.enrolments e join passerelle.activities a on a.id = e.activity where e.id = p_grade;
  update passerelle.platform_calls c
    set calls = c.calls + 1, seconds = c.seconds + p_took,
        recent_calls = c.recent_calls * 0.9 + 1, recent_seconds = c.recent_seconds * 0.9 + p_took
    where c.platform = v_platform and c.shard = passerelle.shard();
  if not found then
    insert into passerelle.platform_calls as c (platform, shard, calls, seconds, recent_calls, recent_seconds)
      values (v_platform, passerelle.shard(), 1, p_took, 1, p_took)
      on conflict (platform, shard) do update
        set calls = c.calls + 1, seconds = c.seconds + p_took,
            recent_calls = c.recent_calls * 0.9 + 1, recent_seconds = c.recent_seconds * 0.9 + p_took;
  end if;
end $$;
CREATE FUNCTION passerelle.count_one(p_name text, p_label text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
  update passerelle.counters c set value = c.value + 1
    where c.name = p_name and c.label = p_label and c.shard = passerelle.shard();
  if not found then
    insert into passerelle.counters as c (name, label, shard, value) values (p_name, p_label, passerelle.shard(), 1)
      on conflict (name, label, shard) do update set value = c.value + 1;
  end if;
end $$;
CREATE FUNCTION passerelle.count_together(p_module uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
  perform passerelle.progress_fold(p_module);
  update passerelle.enrolments t set own_progress = false
    from passerelle.activities a where a.module = p_module and t.activity = a.id and t.own_progress;
end $$;
CREATE FUNCTION passerelle.counts_apart(p_module uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  return passerelle.progress_has_activities()
    and exists (select from passerelle.module_rows m where m.id = p_module and m.scope = 'activity');
end $$;
CREATE FUNCTION passerelle.counts_for(p_row_activity uuid, p_own boolean, p_activity uuid) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
  select case when p_own then p_row_activity = p_activity else p_row_activity is null end
$$;
CREATE FUNCTION passerelle.course_scope(p_platform uuid, p_context_id text) RETURNS uuid
    LANGUAGE sql IMMUTABLE
    AS $$
  select md5(p_platform::text || '|' || p_context_id)::uuid
$$;
CREATE FUNCTION passerelle.csv_text(p_text text) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
  select case when t.harmless ~ E'[",\r\n]' then '"' || replace(t.harmless, '"', '""') || '"' else t.harmless end
  -- Full-width signs, too: East Asian spreadsheets take them for the narrow ones.
  from (select case when p_text ~ E'^[-=+@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]' then '''' else '' end || coalesce(p_text, '') as harmless) t
$$;
CREATE FUNCTION passerelle.deep_link(p_state bytea, p_platform uuid, p_subject text, p_name text, p_given_name text, p_family_name text, p_email text, p_locale text, p_code bytea, p_return_url text, p_deep_link text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '250ms'
    AS $$
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
CREATE FUNCTION passerelle.deep_link_of(p_token bytea, OUT outcome text, OUT locale text, OUT deep_link text, OUT modules text) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
CREATE FUNCTION passerelle.delivery(p_enrolment uuid, p_completed integer DEFAULT NULL::integer, p_total integer DEFAULT NULL::integer) RETURNS json
    LANGUAGE plpgsql STABLE
    AS $$
declare
  answer json;
begin
  if p_completed is null then
    select s.completed, s.total into p_completed, p_total
      from passerelle.enrolments e
      join passerelle.activities a on a.id = e.activity
      cross join lateral passerelle.standing(e.learner, a.module, e.id) s
      where e.id = p_enrolment;
  end if;
  select json_build_object(
      'grade', e.id, 'lease', e.lease, 'version', e.leased_version,
      'score', passerelle.points(e.leased_ratio, m.maximum)::float8, 'maximum', m.maximum::float8,
      'ratio', e.leased_ratio::float8,
      'completed', p_completed, 'total', p_total, 'timestamp', e.last_timestamp,
      'doubtfulTimestamp', e.doubtful_timestamp,
      'confirms', e.confirm_at is not null and passerelle.is_over(e.confirm_at, interval '10 minutes'),
      'wasDelivered', exists (select from public.grades g where g.id = e.id and g.delivered_at is not null),
      'readsBack', coalesce(a.reads_back, true)
        or exists (select from public.grades g where g.id = e.id and g.moodle_score is not null),
      'maximumIsKnown', a.line_item_maximum is not null,
      'hasErredForADay', coalesce(e.erring_since < now() - interval '1 day', false),
      'subject', e.subject, 'locale', l.locale, 'title', a.title, 'resourceLink', a.resource_link_id,
      'lineItem', e.line_item, 'lineItems', e.line_items,
      -- Nothing is made for an activity whose line item is no more, unless somebody has just come from it.
      'mayBeMade', a.line_item is null or e.last_launch_at > now() - interval '12 hours',
      'lineItemIsStale', coalesce(a.line_item_read_at not between now() - interval '1 hour' and now(), true),
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
    where e.id = p_enrolment;
  return answer;
end $$;
CREATE FUNCTION passerelle.earned(p_weight numeric, p_score double precision) RETURNS numeric
    LANGUAGE sql IMMUTABLE
    AS $$
  select case when p_score is null then p_weight else p_weight * p_score::numeric end
$$;
CREATE FUNCTION passerelle.empty_activity(p_activity uuid, p_line_item text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
  with e as materialized (
    select t.id
      from passerelle.enrolments t join public.grades g on g.id = t.id
      where t.activity = p_activity and g.status = 'delivered' and t.delivered_to is distinct from p_line_item
        -- A sourcedid names no line item.
        and (t.delivered_to is null or t.delivered_to like 'http%')
      order by t.id
      limit 2000
      for no key update of t skip locked),
  emptied as (
    update public.grades g
      set status = 'emptied', moodle_score = null, moodle_read_at = now(),
          delivered_score = null, delivered_maximum = null, delivered_version = null, delivered_at = now()
      from e where g.id = e.id
      returning g.id)
  update passerelle.enrolments t set delivered_ratio = null, delivered_to = null, confirm_at = null
    from emptied where t.id = emptied.id;
end $$;
CREATE FUNCTION passerelle.field(p_text text) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
  select coalesce(translate(p_text, E'\x1F', ''), '')
$$;
CREATE FUNCTION passerelle.forget_corrector() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  perform passerelle.progress_unsign(e.learner, old.grain, old.corrected_by)
    from passerelle.enrolments e where e.id = old.enrolment;
  new.corrected_by := '–';
  return new;
end $$;
CREATE FUNCTION passerelle.forget_member() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  -- The list before its members, as whoever writes one does: two that lock in two orders can wait for each other.
  perform from passerelle.membership_lists s join passerelle.registrations r on r.id = s.registration
    where r.platform = old.platform order by s.id for update of s;
  delete from passerelle.members m
    using passerelle.membership_lists s join passerelle.registrations r on r.id = s.registration
    where m.list = s.id and m.subject = old.subject and r.platform = old.platform;
  return null;
end $$;
CREATE FUNCTION passerelle.forget_roster_marks() RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  last xid8;
  forgotten integer;
begin
  perform passerelle.read_committed();
  select k.xid into last from passerelle.roster_marks k where k.marked_at < now() - interval '1 hour'
    order by k.xid desc limit 1;
  if last is null then
    return 0;
  end if;
  insert into passerelle.roster_horizon as h (xid) values (last)
    on conflict (one) do update set xid = excluded.xid where h.xid < excluded.xid;
  delete from passerelle.roster_marks k where k.xid <= last;
  get diagnostics forgotten = row_count;
  return forgotten;
end $$;
CREATE FUNCTION passerelle.forget_runs() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  delete from passerelle.runs r using gone g where r.learner = g.id;
  return null;
end $$;
CREATE FUNCTION passerelle.forget_states() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  delete from passerelle.states t where t.learner = old.id;
  return null;
end $$;
CREATE FUNCTION passerelle.former_link_question(p_platform uuid, p_deployment uuid, p_resource_link_id text, p_line_item text, p_line_items text, p_scope text) RETURNS json
    LANGUAGE plpgsql STABLE
    AS $$
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
CREATE FUNCTION passerelle.former_link_told(p_activity uuid, p_link text, p_stands boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '250ms'
    AS $$
declare
  goes_back boolean;
begin
  perform passerelle.read_committed();
  select p_stands and not exists (
      select from passerelle.activities o where o.deployment = a.deployment and o.resource_link_id = p_link)
    into goes_back
    from passerelle.activities a where a.id = p_activity and a.link_is_doubtful for no key update;
  update passerelle.activities a
    set link_is_doubtful = false,
        resource_link_id = case when goes_back then p_link else a.resource_link_id end,
        former_link_ids = case when goes_back then array_remove(a.former_link_ids, p_link) else a.former_link_ids end,
        other_link_ids = case when goes_back then a.other_link_ids || a.resource_link_id else a.other_link_ids end
    where a.id = p_activity and goes_back is not null;
end $$;
CREATE FUNCTION passerelle.gone_since(p_instant timestamp with time zone, p_learner uuid) RETURNS TABLE(id uuid, name text, last_seen_at timestamp with time zone)
    LANGUAGE sql STABLE
    AS $$
  select l.id, l.name, s.seen
    from passerelle.learner_rows l
    cross join lateral (
      select greatest(
        l.date_created,
        (select max(greatest(e.last_launch_at, e.last_seen_at)) from passerelle.enrolments e where e.learner = l.id),
        (select max(p.completed_at) from passerelle.progress_rows p where p.learner = l.id),
        (select max(i.created_at) from passerelle.identities i where i.learner = l.id)) as seen) s
    where s.seen < p_instant and (p_learner is null or l.id = p_learner)
      -- Whom no platform ever named is an institution's own affair.
      and exists (select from passerelle.identities i where i.learner = l.id)
      and not exists (
        select from passerelle.enrolments e
        where e.learner = l.id
          and (e.instructor or e.listed_instructor_at is not null or e.previewed_at is not null
               or not passerelle.is_over(e.leased_until, interval '10 minutes')))
      and not exists (select from passerelle.sessions t where t.learner = l.id and t.role = 'instructor')
      and not exists (
        select from passerelle.sessions t join passerelle.enrolments e on e.id = t.enrolment
        where e.learner = l.id and t.expires_at > now())
$$;
CREATE FUNCTION passerelle.grade_delivered(p_grade uuid, p_lease uuid, p_version bigint, p_score numeric, p_maximum numeric, p_dated boolean, p_seconds integer, p_took double precision DEFAULT NULL::double precision, p_takes_more boolean DEFAULT false, p_delivered_to text DEFAULT NULL::text, OUT status text, OUT next text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
declare
  h record;
begin
  perform passerelle.read_committed();
  select * into h from passerelle.holds(p_grade, p_lease);
  status := h.status;
  if not h.held then
    return;
  end if;
  update passerelle.platforms p set breaker_until = null
    from passerelle.enrolments e
    join passerelle.activities a on a.id = e.activity
    where e.id = p_grade and p.id = a.platform and p.breaker_until is not null;
  update public.grades g
    set delivered_version = p_version, delivered_score = round(p_score, 5),
        delivered_maximum = round(p_maximum, 5), delivered_at = now(),
        status = case
          when g.version = p_version and not e.has_moved then 'delivered' when g.score is null then 'none' else 'pending' end,
        attempts = 0,
        next_attempt_at = case when g.version = p_version and not e.has_moved or g.score is null then null else now() end,
        -- A teacher's grade stands, whatever comes: where it was seen it is looked at again (read_back).
        moodle_score = case when p_dated then g.moodle_score end,
        moodle_read_at = case when p_dated or g.moodle_score is null then g.moodle_read_at else now() end,
        last_error_code = null, last_error = null, last_error_fr = null,
        -- A grade that was first owed while the maximum became known shows it from now on.
        score = case when g.score is not null then passerelle.points(e.owed_ratio, e.maximum) end,
        maximum = case when g.score is not null then e.maximum end
    from (
      select t.owed_ratio, coalesce(a.line_item_maximum, 100) as maximum,
             -- A launch named another line item while the grade was on its way to the former one.
             coalesce(p_dated and t.line_item <> p_delivered_to, false) as has_moved
      from passerelle.enrolments t join passerelle.activities a on a.id = t.activity where t.id = p_grade) e
    where g.id = p_grade
    returning g.status into grade_delivered.status;
  update passerelle.enrolments e
    -- Recorded twice, when the first answer was lost: what is leased by now may be the newer version.
    set delivered_ratio = case when e.leased_version = p_version then e.leased_ratio else e.delivered_ratio end,
        delivered_to = coalesce(p_delivered_to, e.delivered_to),
        doubtful_timestamp = null, failing_since = null, erring_since = null,
        confirm_at = case
          when e.doubtful_timestamp is not null and not p_dated then now() + interval '2 minutes'
          when e.confirm_at > now() then e.confirm_at end,
        lease = case when status = 'pending' then e.lease end,
        leased_until = case when status = 'pending' then clock_timestamp() + make_interval(secs => p_seconds) end,
        leased_ratio = e.owed_ratio, leased_version = e.owed_version,
        last_timestamp = case when status = 'pending' then passerelle.next_timestamp(e.last_timestamp) else e.last_timestamp end
    where e.id = p_grade;
  if status = 'pending' then
    next := passerelle.delivery(p_grade)::text;
  elsif p_takes_more then
    next := passerelle.take_next(p_grade, h.learner, p_seconds);
  end if;
  perform passerelle.count_attempt(p_grade, 'delivered', p_took);
end $$;
CREATE FUNCTION passerelle.grade_is_computed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  is_refused boolean;
begin
  -- Without a query in it plpgsql works an expression out by itself, at a fifth of the cost; and an edit of the catalogue changes
  -- thousands of grades.
  is_refused := new.version not in (old.version, old.version + 1)
     or (new.delivered_at is distinct from now()
         and (new.delivered_score, new.delivered_maximum, new.delivered_version, new.delivered_at) is distinct from
             (old.delivered_score, old.delivered_maximum, old.delivered_version, old.delivered_at))
     or (new.moodle_read_at is distinct from now()
         and (new.moodle_score, new.moodle_read_at) is distinct from (old.moodle_score, old.moodle_read_at))
     or (new.status <> old.status and new.status <> 'pending'
         and (new.version, new.delivered_at, new.attempts, new.moodle_read_at) is not distinct from
             (old.version, old.delivered_at, old.attempts, old.moodle_read_at));
  if not is_refused and new.version = old.version and (new.score, new.maximum) is distinct from (old.score, old.maximum) then
    is_refused := not exists (
      select from passerelle.enrolments e join passerelle.activities a on a.id = e.activity
      where e.id = new.id and round(new.maximum::numeric, 5) = coalesce(a.line_item_maximum, 100)
        and round(new.score::numeric, 5) = passerelle.points(e.owed_ratio, new.maximum::numeric));
  end if;
  if is_refused then
    perform passerelle.refuse('grades', 'status', 'grades_are_computed',
      'Une note suit la progression, où elle se corrige ; ici, mettre l’état à « En attente » la renvoie',
      'A grade follows the progress, where it is corrected; here setting the status to “Pending” sends it again');
  end if;
  return new;
end $$;
CREATE FUNCTION passerelle.grade_not_delivered(p_grade uuid, p_lease uuid, p_version bigint, p_permanent boolean, p_erring boolean, p_in_doubt boolean, p_platform_is_away boolean, p_retry_after integer, p_code text, p_words text, p_words_fr text, p_took double precision DEFAULT NULL::double precision, p_seconds integer DEFAULT 0, p_takes_more boolean DEFAULT false, OUT status text, OUT next text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
declare
  h record;
begin
  perform passerelle.read_committed();
  select * into h from passerelle.holds(p_grade, p_lease);
  status := h.status;
  if not h.held then
    return;
  end if;
  update passerelle.enrolments e
    set lease = null, leased_until = null,
        doubtful_timestamp = case when p_in_doubt then e.last_timestamp else e.doubtful_timestamp end,
        failing_since = case when not p_permanent then coalesce(e.failing_since, now()) end,
        erring_since = case when p_erring then coalesce(e.erring_since, now()) end
    where e.id = p_grade;
  if p_platform_is_away then
    update passerelle.platforms p set breaker_until = now() + interval '1 minute'
      from passerelle.enrolments e
      join passerelle.activities a on a.id = e.activity
      where e.id = p_grade and p.id = a.platform;
  end if;
  -- A newer version waits: it is due now, whatever became of this one.
  if h.version = p_version then
    update public.grades g
      set status = case when p_permanent then 'failed' else 'pending' end,
          attempts = g.attempts + 1,
          next_attempt_at = case
            when p_permanent then null
            else now() + make_interval(secs => greatest(
              coalesce(p_retry_after, 0),
              least(17280, 30 * power(2, least(g.attempts, 20))) * (1 + random() / 4))) end,
          last_error_code = p_code, last_error = p_words, last_error_fr = p_words_fr
      where g.id = p_grade
      returning g.status into grade_not_delivered.status;
  end if;
  perform passerelle.count_attempt(
    p_grade, case when h.version = p_version and p_permanent then 'failed' else 'pending' end, p_took);
  if p_takes_more and not p_platform_is_away then
    next := passerelle.take_next(p_grade, h.learner, p_seconds);
  end if;
end $$;
CREATE FUNCTION passerelle.grade_stays() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if tg_op <> 'INSERT' and exists (
       select from passerelle.enrolments e join passerelle.learner_rows l on l.id = e.learner
       where e.id = old.id and (e.learner, e.activity) = (old.learner, old.activity)
         and not exists (
           select from public.grades g where g.id = e.id and (g.learner, g.activity) = (e.learner, e.activity)))
  then
    perform passerelle.refuse('grades', 'id', 'grades_stay',
      'Une note reste tant que l’apprenant est inscrit à l’activité ; mettre son état à « En attente » la renvoie',
      'A grade stays while the learner is in the activity; setting its status to “Pending” sends it again');
  end if;
  if tg_op <> 'DELETE' and exists (
       select from public.grades g
       where g.id = new.id and (g.learner, g.activity) = (new.learner, new.activity)
         and not exists (
           select from passerelle.enrolments e
           where e.id = g.id and (e.learner, e.activity) = (g.learner, g.activity)))
  then
    perform passerelle.refuse('grades', 'learner', 'grades_are_of_an_enrolment',
      'Les notes se créent d’elles-mêmes, quand un apprenant ouvre une activité et y progresse',
      'Grades come by themselves, when a learner opens an activity and progresses');
  end if;
  return null;
end $$;
CREATE FUNCTION passerelle.grades_again(p_grades uuid[]) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '250ms'
    AS $$
declare
  taken_back record;
  again integer;
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  for taken_back in
    update passerelle.enrolments e set withdrawn_ratio = null, withdrawn_completed = null
      from passerelle.activities a
      where e.id = any (p_grades) and a.id = e.activity and e.withdrawn_ratio is not null
      returning e.learner, a.module
  loop
    perform passerelle.owe(taken_back.learner, taken_back.module);
  end loop;
  with again as (
    update public.grades g set status = 'pending', version = g.version + 1, attempts = 0, next_attempt_at = now(),
        last_error_code = null, last_error = null, last_error_fr = null
      where g.id = any (p_grades) and g.score is not null
      returning g.id, g.version),
  cleared as (
    update passerelle.enrolments e
      set owed_version = again.version, doubtful_timestamp = null, failing_since = null, erring_since = null,
          delivered_ratio = null
      from again where e.id = again.id)
  select count(*) into again from again;
  return again;
end $$;
CREATE FUNCTION passerelle.grain_is_possible() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
begin
  if btrim(new.title) = '' then
    perform passerelle.refuse('grains', 'title', 'grains_title_is_not_empty', 'Un grain a un titre', 'A grain has a title');
  end if;
  if new.slug !~ '^[A-Za-z0-9][A-Za-z0-9._~-]{0,99}$' then
    perform passerelle.refuse('grains', 'slug', 'grains_slug_is_url_safe',
      'Le nom dans les adresses a 100 signes au plus : lettres sans accent, chiffres, - . _ ~, d’abord une lettre ou un chiffre',
      'The name in addresses has at most 100 characters: letters without accents, digits, - . _ ~, first a letter or a digit');
  end if;
  if not (new.weight > 0 and new.weight < 1000000) then
    perform passerelle.refuse('grains', 'weight', 'grains_weight_is_positive',
      'Un poids est plus grand que 0 et plus petit qu’un million ; un grain qui ne doit pas compter s’archive',
      'A weight is greater than 0 and less than a million; a grain that is not to count is archived');
  end if;
  if new.status not in ('active', 'archived') then
    perform passerelle.refuse('grains', 'status', 'grains_status_is_known',
      'L’état est « active » ou « archived »', 'The status is “active” or “archived”');
  end if;
  return new;
end $_$;
CREATE FUNCTION passerelle.grains_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  m uuid;
begin
  for m in select distinct module from changed order by 1 loop
    perform passerelle.owe_module(m);
  end loop;
  return null;
end $$;
CREATE FUNCTION passerelle.grains_updated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  m uuid;
begin
  for m in
    select distinct u.module
    from changed c join former f on f.id = c.id
    cross join lateral (values (c.module), (f.module)) u (module)
    where (c.weight, c.status, c.module) is distinct from (f.weight, f.status, f.module)
    order by 1
  loop
    perform passerelle.owe_module(m);
  end loop;
  return null;
end $$;
CREATE FUNCTION passerelle.group_named(p_token bytea, p_number text, p_name text, OUT outcome text, OUT locale text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  s record;
  g record;
  a record;
begin
  perform passerelle.read_committed();
  select * into s from passerelle.session_of(p_token);
  outcome := case when s.outcome = 'accepted' and s.role <> 'instructor' then 'forbidden' else s.outcome end;
  locale := s.locale;
  if outcome <> 'accepted' then
    return;
  end if;
  select * into g from passerelle.teacher_groups(s.enrolment);
  select t.id, t.platform, t.context_id into a
    from passerelle.enrolments e join passerelle.activities t on t.id = e.activity where e.id = s.enrolment;
  if a.context_id is null or g.is_bound and not p_number = any (g.own) then
    outcome := 'forbidden';
    return;
  end if;
  if p_name is null then
    delete from passerelle.group_names n
      where n.platform = a.platform and n.context_id = a.context_id and n.number = p_number;
  else
    insert into passerelle.group_names as n (platform, context_id, number, name)
      values (a.platform, a.context_id, p_number, p_name)
      on conflict (platform, context_id, number) do update set name = excluded.name, date_updated = now();
  end if;
  perform passerelle.mark_rosters(array[passerelle.course_scope(a.platform, a.context_id)]);
end $$;
CREATE FUNCTION passerelle.group_words(p_platform uuid, p_context_id text, p_groups text[]) RETURNS text
    LANGUAGE sql STABLE
    AS $$
  select string_agg(coalesce(n.name, x.number), ', ' order by coalesce(n.name, x.number))
  from unnest(p_groups) x (number)
  left join passerelle.group_names n on n.platform = p_platform and n.context_id = p_context_id and n.number = x.number
$$;
CREATE FUNCTION passerelle.heartbeat(p_within interval DEFAULT '00:00:00'::interval) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET work_mem TO '64kB'
    SET temp_tablespaces TO ''
    AS $$
begin
  if exists (select from passerelle.heartbeats h where h.beaten_at > now() - p_within and h.beaten_at <= now()) then
    -- What costs nothing is asked each time: a standby that took over says so at once.
    if current_setting('transaction_read_only')::boolean then
      raise exception using errcode = '25006', message = 'this session may only read';
    end if;
    return;
  end if;
  insert into passerelle.heartbeats as h (beaten_at) values (now()) on conflict (one) do update set beaten_at = now();
  perform count(*)
    from (select i::text || repeat('.', 4000) as filling from generate_series(1, 64) i order by 1) x;
end $$;
CREATE FUNCTION passerelle.holder(p_own boolean, p_activity uuid, p_learner uuid) RETURNS uuid
    LANGUAGE sql IMMUTABLE
    AS $$
  select case when p_own then p_activity else p_learner end
$$;
CREATE FUNCTION passerelle.holds(p_grade uuid, p_lease uuid, OUT held boolean, OUT version bigint, OUT status text, OUT learner uuid) RETURNS record
    LANGUAGE plpgsql
    AS $$
begin
  select coalesce(e.lease = p_lease, false), e.learner into held, learner from passerelle.enrolments e where e.id = p_grade for no key update;
  perform set_config('lock_timeout', '250ms', true), set_config('passerelle.gives_way', 'on', true);
  select g.version, g.status into version, status from public.grades g where g.id = p_grade for no key update;
  held := found and coalesce(held, false);
  status := coalesce(status, 'none');
end $$;
CREATE FUNCTION passerelle.invite_of(p_invite bytea, OUT is_valid boolean, OUT replaces text) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  select true, p.issuer into is_valid, replaces
    from passerelle.invites i left join passerelle.platforms p on p.id = i.replaces
    where i.invite = p_invite and i.used_at is null and i.expires_at > now();
  is_valid := coalesce(is_valid, false);
end $$;
CREATE FUNCTION passerelle.is_better(p_status text, p_score double precision, p_other_status text, p_other_score double precision) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
  select case
    when p_status <> p_other_status then p_status = 'completed'
    else coalesce(p_other_score is not null and (p_score is null or p_score > p_other_score), false)
  end
$$;
CREATE FUNCTION passerelle.is_over(p_instant timestamp with time zone, p_reach interval) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
  select p_instant is null or p_instant <= now() or p_instant > now() + p_reach
$$;
CREATE FUNCTION passerelle.is_served(p_learner uuid, p_platform uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE
    AS $$
begin
  return exists (
    select from passerelle.enrolments o join passerelle.activities k on k.id = o.activity
    where o.learner = p_learner and k.platform = p_platform and o.lease is not null
      and not passerelle.is_over(o.leased_until, interval '10 minutes'));
end $$;
CREATE FUNCTION passerelle.is_shared(p_learner uuid, p_activity uuid, p_teacher uuid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
  select exists (
    select from passerelle.enrolments e
    join passerelle.activities a on a.id = e.activity
    join passerelle.enrolments o on o.learner = e.learner and o.id <> e.id
    join passerelle.activities b on b.id = o.activity and b.module = a.module
    where e.learner = p_learner and e.activity = p_activity
      and not e.own_progress and not o.own_progress and not passerelle.counts_apart(a.module)
      and not exists (
        select from passerelle.enrolments t where t.learner = p_teacher and t.activity = o.activity and t.instructor))
$$;
CREATE FUNCTION passerelle.join_activities(p_from uuid, p_into uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
  e record;
  own record;
begin
  for e in
    select f.learner, f.id as theirs, k.id as ours,
           k.id is null or (f.last_timestamp is not null, f.last_launch_at) > (k.last_timestamp is not null, k.last_launch_at) as stays
      from passerelle.enrolments f
      left join passerelle.enrolments k on k.learner = f.learner and k.activity = p_into
      where f.activity = p_from
      order by f.learner
  loop
    if e.ours is not null then
      perform passerelle.join_enrolments(
        case when e.stays then e.theirs else e.ours end, case when e.stays then e.ours else e.theirs end);
    end if;
    if e.stays then
      update public.grades g set activity = p_into where g.id = e.theirs;
      update passerelle.enrolments t set activity = p_into where t.id = e.theirs;
    end if;
    -- What counted in this activity alone.
    select array_agg(p.grain order by p.grain) as grains, array_agg(p.status::text order by p.grain) as statuses,
           array_agg(p.score::numeric order by p.grain) as scores, max(p.activity_title) as title
      into own
      from passerelle.progress_rows p where p.learner = e.learner and p.activity = p_from;
    if own.grains is not null then
      perform passerelle.progress_record(e.learner, own.grains, own.statuses, own.scores, p_into, own.title);
      perform passerelle.progress_remove(e.learner, own.grains, p_from);
    end if;
  end loop;
  update passerelle.runs r set activity = p_into where r.activity = p_from;
  update passerelle.states t set set_aside_at = now()
    from passerelle.states o
    where t.activity in (p_from, p_into) and o.activity in (p_from, p_into) and o.activity <> t.activity
      and o.learner = t.learner and o.grain = t.grain and t.set_aside_at is null and o.set_aside_at is null
      and (o.changed_at, o.id) > (t.changed_at, t.id);
  update passerelle.states t set activity = p_into where t.activity = p_from;
  delete from passerelle.activities a where a.id = p_from;
end $$;
CREATE FUNCTION passerelle.join_enrolments(p_stays uuid, p_goes uuid) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
declare
  is_mixed boolean;
begin
  update passerelle.codes c set enrolment = p_stays where c.enrolment = p_goes;
  update passerelle.sessions s set enrolment = p_stays where s.enrolment = p_goes;
  is_mixed := (select count(distinct e.own_progress) from passerelle.enrolments e where e.id in (p_stays, p_goes)) = 2;
  update passerelle.enrolments t
    set own_progress = t.own_progress or g.own_progress, first_launch_at = least(t.first_launch_at, g.first_launch_at),
        last_launch_at = greatest(t.last_launch_at, g.last_launch_at), last_seen_at = greatest(t.last_seen_at, g.last_seen_at)
    from passerelle.enrolments g where t.id = p_stays and g.id = p_goes;
  delete from public.grades g where g.id = p_goes;
  delete from passerelle.enrolments t where t.id = p_goes;
  return is_mixed;
end $$;
CREATE FUNCTION passerelle.join_learners(p_platform uuid, p_former uuid, p_present uuid, OUT outcome text, OUT kept uuid, OUT leaves uuid) RETURNS record
    LANGUAGE plpgsql
    AS $$
declare
  twice record;
  m uuid;
  modules uuid[];
begin
  kept := p_former;
  leaves := p_present;
  if not exists (select from passerelle.progress_rows p where p.learner = p_former)
     and exists (select from passerelle.progress_rows p where p.learner = p_present) then
    kept := p_present;
    leaves := p_former;
  end if;
  outcome := 'joined';
  if exists (select from passerelle.progress_rows p where p.learner = leaves)
     or exists (
       select from passerelle.enrolments e
       join passerelle.enrolments f on f.activity = e.activity
       join passerelle.activities a on a.id = f.activity
       where e.learner = kept and f.learner = leaves and a.platform = p_platform and f.last_timestamp is not null) then
    outcome := 'different';
    kept := p_present;
    leaves := p_former;
    return;
  end if;
  update passerelle.identities i set learner = kept where i.platform = p_platform and i.learner = leaves;
  -- In an activity that both were in, who is kept stays enrolled; open sessions go on as theirs.
  for twice in
    select k.id as stays, l.id as goes
      from passerelle.enrolments k
      join passerelle.enrolments l on l.activity = k.activity
      join passerelle.activities a on a.id = l.activity
      where k.learner = kept and l.learner = leaves and a.platform = p_platform
      order by l.id
  loop
    update passerelle.codes c set enrolment = twice.stays where c.enrolment = twice.goes;
    update passerelle.sessions s set enrolment = twice.stays where s.enrolment = twice.goes;
    delete from public.grades g where g.id = twice.goes;
    delete from passerelle.enrolments t where t.id = twice.goes;
  end loop;
  -- The enrolment before the grade, as everywhere.
  perform from passerelle.enrolments e join passerelle.activities a on a.id = e.activity
    where e.learner = leaves and a.platform = p_platform order by e.id for no key update of e;
  update public.grades g set learner = kept
    from passerelle.enrolments e join passerelle.activities a on a.id = e.activity
    where g.id = e.id and e.learner = leaves and a.platform = p_platform;
  with moved as (
    update passerelle.enrolments e set learner = kept
      from passerelle.activities a
      where a.id = e.activity and e.learner = leaves and a.platform = p_platform
      returning a.module)
  select array_agg(distinct moved.module order by moved.module) into modules from moved where moved.module is not null;
  foreach m in array coalesce(modules, '{}') loop
    perform passerelle.owe(kept, m);
  end loop;
end $$;
CREATE FUNCTION passerelle.known_as(p_platform uuid, p_subject text, p_former text, p_name text, p_given_name text, p_family_name text, p_email text, p_locale text, OUT outcome text, OUT learner uuid, OUT other uuid) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '250ms'
    AS $$
declare
  now_known uuid;
  formerly_known uuid;
  one bigint := hashtextextended(p_platform::text || p_subject, 0);
  two bigint := hashtextextended(p_platform::text || p_former, 0);
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  select i.learner into now_known from passerelle.identities i where i.platform = p_platform and i.subject = p_subject;
  select i.learner into formerly_known from passerelle.identities i where i.platform = p_platform and i.subject = p_former;
  if now_known = formerly_known then
    outcome := 'known';
    learner := now_known;
    return;
  end if;
  perform pg_advisory_xact_lock(least(one, two));
  perform pg_advisory_xact_lock(greatest(one, two));
  select i.learner into now_known from passerelle.identities i where i.platform = p_platform and i.subject = p_subject;
  select i.learner into formerly_known from passerelle.identities i where i.platform = p_platform and i.subject = p_former;
  outcome := case
    when now_known = formerly_known then 'known'
    when now_known is null and formerly_known is null then 'created'
    when now_known is null or formerly_known is null then 'linked'
  end;
  if outcome is null then
    select * into outcome, learner, other from passerelle.join_learners(p_platform, formerly_known, now_known);
    return;
  end if;
  if outcome = 'created' then
    now_known := passerelle.learner_of(p_platform, p_subject, p_name, p_given_name, p_family_name, p_email, p_locale);
  end if;
  -- What the platform last said comes along: a correction made by staff stands under the new name, too.
  insert into passerelle.identities
    (platform, subject, learner, seen_name, seen_given_name, seen_family_name, seen_email, seen_locale)
    select i.platform, s.subject, i.learner, i.seen_name, i.seen_given_name, i.seen_family_name, i.seen_email, i.seen_locale
      from passerelle.identities i
      cross join lateral (values (p_subject), (p_former)) s (subject)
      where i.platform = p_platform and i.subject in (p_subject, p_former)
    on conflict do nothing;
  learner := coalesce(now_known, formerly_known);
end $$;
CREATE FUNCTION passerelle.later_timestamp(p_grade uuid, p_lease uuid, p_at_least bigint) RETURNS bigint
    LANGUAGE sql
    AS $$
  update passerelle.enrolments e
    set last_timestamp = greatest(passerelle.next_timestamp(e.last_timestamp), coalesce(p_at_least, 0))
    where e.id = p_grade and e.lease = p_lease
    returning e.last_timestamp
$$;
CREATE FUNCTION passerelle.launch(p_state bytea, p_consumer uuid, p_nonce bytea, p_platform uuid, p_deployment uuid, p_subject text, p_name text, p_given_name text, p_family_name text, p_email text, p_locale text, p_resource_link_id text, p_title text, p_context_id text, p_context_label text, p_context_title text, p_memberships_url text, p_module_custom text, p_module_query text, p_module_path text, p_roles text[], p_instructor boolean, p_gradable boolean, p_line_item text, p_line_items text, p_scopes text[], p_token_scope text, p_outcome_url text, p_outcome_sourcedid text, p_code bytea, p_return_url text, p_lease_seconds integer DEFAULT NULL::integer, p_grain text DEFAULT NULL::text, p_history text[] DEFAULT NULL::text[], p_groups text[] DEFAULT NULL::text[], p_former text DEFAULT NULL::text, OUT outcome text, OUT slugs text[], OUT learner uuid, OUT module_slug text, OUT module_url text, OUT deliveries text, OUT question text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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
CREATE FUNCTION passerelle.launch_context(p_state bytea, p_browser bytea, p_deployment_id text, OUT state_is text, OUT stored boolean, OUT nonce bytea, OUT platform uuid, OUT platform_enabled boolean, OUT issuer text, OUT client_id text, OUT deployment uuid, OUT jwks_url text, OUT jwks text, OUT jwks_expired boolean) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
CREATE FUNCTION passerelle.learner_create(p_name text, p_given_name text, p_family_name text, p_email text, p_locale text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  v_email text := nullif(p_email, '');
  v_id uuid;
begin
  perform pg_advisory_xact_lock(hashtextextended('passerelle.learner_email' || lower(v_email), 0));
  if length(v_email) > 255 or exists (select from public."apprenants" l where lower(l."courriel") = lower(v_email)) then
    v_email := null;
  end if;
  insert into public."apprenants" as l ("prenom", "nom", "langue", "courriel")
    values ((p_given_name)::character varying(255), (coalesce(coalesce(p_family_name, case when p_given_name is null then p_name end), ''))::character varying(255), (p_locale)::character varying(10), (v_email)::character varying(255))
    returning l."passerelle_id" into v_id;
  return v_id;
end
$$;
CREATE FUNCTION passerelle.learner_delete(p_learner uuid) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  was_there boolean;
begin
  delete from public."progressions" p using public."apprenants" l
    where l."id" = p."apprenant" and l."passerelle_id" = p_learner;
  was_there := found;
  delete from public."apprenants" l where l."passerelle_id" = p_learner;
  was_there := was_there or found;
  return passerelle.learner_forget(p_learner) or was_there;
end
$$;
CREATE FUNCTION passerelle.learner_drop(p_learner uuid) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
begin
  return false;
end
$$;
CREATE FUNCTION passerelle.learner_forget(p_learner uuid) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
declare
  sessions integer;
  codes integer;
  grades integer;
  enrolments integer;
  identities integer;
  states integer;
begin
  delete from passerelle.sessions s where s.learner = p_learner;
  get diagnostics sessions = row_count;
  delete from passerelle.codes c where c.learner = p_learner;
  get diagnostics codes = row_count;
  -- The enrolment before the grade, as everywhere.
  perform from passerelle.enrolments e where e.learner = p_learner order by e.id for update;
  delete from public.grades g where g.learner = p_learner;
  get diagnostics grades = row_count;
  delete from passerelle.enrolments e where e.learner = p_learner;
  get diagnostics enrolments = row_count;
  delete from passerelle.identities i where i.learner = p_learner;
  get diagnostics identities = row_count;
  delete from passerelle.runs r where r.learner = p_learner;
  -- After the enrolments, for which whoever keeps something waits.
  delete from passerelle.states t where t.learner = p_learner;
  get diagnostics states = row_count;
  return sessions + codes + grades + enrolments + identities + states > 0;
end $$;
CREATE FUNCTION passerelle.learner_last_seen(p_learner uuid) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    AS $$
  select max(greatest(e.last_launch_at, e.last_seen_at)) from passerelle.enrolments e where e.learner = p_learner
$$;
CREATE FUNCTION passerelle.learner_match(p_platform uuid, p_subject text, p_email text) RETURNS uuid
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select pg_advisory_xact_lock(hashtextextended('passerelle.learner_email' || lower(p_email), 0));
  select f.ids[1] from (select array_agg(l."passerelle_id") as ids from public."apprenants" l where lower(l."courriel") = lower(p_email) and p_email <> '') f
  where cardinality(f.ids) = 1 and not exists (
    select from passerelle.identities i where i.platform = p_platform and i.learner = f.ids[1])
$$;
CREATE FUNCTION passerelle.learner_of(p_platform uuid, p_subject text, p_name text, p_given_name text, p_family_name text, p_email text, p_locale text) RETURNS uuid
    LANGUAGE plpgsql
    AS $$
declare
  i passerelle.identities;
  found_learner uuid;
begin
  -- Shared with whoever else comes, and not with whoever joins two learners.
  select * into i from passerelle.identities where platform = p_platform and subject = p_subject for key share;
  if not found then
    perform pg_advisory_xact_lock(hashtextextended(p_platform::text || p_subject, 0));
    select * into i from passerelle.identities where platform = p_platform and subject = p_subject for key share;
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
CREATE FUNCTION passerelle.learner_seen(p_learner uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
end
$$;
CREATE FUNCTION passerelle.learner_update(p_learner uuid, p_name text, p_given_name text, p_family_name text, p_email text, p_locale text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  update public."apprenants" l
    set "prenom" = coalesce((p_given_name)::character varying(255), l."prenom"),
        "nom" = coalesce((p_family_name)::character varying(255), l."nom"),
        "langue" = coalesce((p_locale)::character varying(10), l."langue"),
        "courriel" = coalesce((case when length(p_email) <= 255 and not exists (select from public."apprenants" o where lower(o."courriel") = lower(p_email) and o."passerelle_id" <> p_learner) then p_email end)::character varying(255), l."courriel")
    where l."passerelle_id" = p_learner
$$;
CREATE FUNCTION passerelle.lease(p_learner uuid, p_module uuid, p_seconds integer, p_known uuid DEFAULT NULL::uuid, p_completed integer DEFAULT NULL::integer, p_total integer DEFAULT NULL::integer) RETURNS text
    LANGUAGE plpgsql
    AS $$
declare
  free uuid[];
begin
  perform pg_advisory_xact_lock(passerelle.lock_of_learner(p_learner));
  select array_agg(x.id) into free from (
    select e.id
      from passerelle.enrolments e
      join public.grades g on g.learner = e.learner and g.activity = e.activity
      join passerelle.activities a on a.id = e.activity
      join passerelle.platforms p on p.id = a.platform
      where e.learner = p_learner and a.module = p_module and p.enabled
        -- What is_served asks, as a part of this plan.
        and not exists (
          select from passerelle.enrolments o join passerelle.activities k on k.id = o.activity
          where o.learner = p_learner and k.platform = a.platform and o.lease is not null
            and not passerelle.is_over(o.leased_until, interval '10 minutes'))
        and g.status = 'pending' and passerelle.is_over(g.next_attempt_at, interval '25 hours')
        and passerelle.is_over(p.breaker_until, interval '2 minutes')
        and passerelle.is_over(e.leased_until, interval '10 minutes')
      order by e.id
      for update of e skip locked) x;
  return passerelle.take(free, p_seconds, p_known, p_completed, p_total);
end $$;
CREATE FUNCTION passerelle.lease_due(p_now boolean, p_since timestamp with time zone, p_seconds integer) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '250ms'
    AS $$
declare
  c record;
  passed_over uuid[] := '{}';
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  for i in 1..50 loop
    select e.id, e.learner, a.platform into c
      from passerelle.enrolments e
      join public.grades g on g.learner = e.learner and g.activity = e.activity
      join passerelle.activities a on a.id = e.activity
      join passerelle.platforms p on p.id = a.platform
      where g.status = 'pending' and p.enabled
        and (p_now or (passerelle.is_over(g.next_attempt_at, interval '25 hours') and passerelle.is_over(p.breaker_until, interval '2 minutes')))
        and passerelle.is_over(e.leased_until, interval '10 minutes')
        and (e.leased_at is null or e.leased_at < p_since or e.leased_at > clock_timestamp())
        and e.learner <> all (passed_over) and not passerelle.is_served(e.learner, a.platform)
      order by g.next_attempt_at, g.id
      limit 1
      for update of e skip locked;
    if not found then
      select e.id, e.learner, a.platform into c
        from passerelle.enrolments e
        join public.grades g on g.learner = e.learner and g.activity = e.activity
        join passerelle.activities a on a.id = e.activity
        join passerelle.platforms p on p.id = a.platform
        where e.confirm_at is not null and passerelle.is_over(e.confirm_at, interval '10 minutes') and g.status = 'delivered' and p.enabled
          and passerelle.is_over(p.breaker_until, interval '2 minutes')
          and passerelle.is_over(e.leased_until, interval '10 minutes')
          and (e.leased_at is null or e.leased_at < p_since or e.leased_at > clock_timestamp())
          and e.learner <> all (passed_over) and not passerelle.is_served(e.learner, a.platform)
        order by e.confirm_at
        limit 1
        for update of e skip locked;
    end if;
    exit when not found;
    -- Another worker may have taken a grade of this learner's since the statement began.
    if pg_try_advisory_xact_lock(passerelle.lock_of_learner(c.learner))
       and not passerelle.is_served(c.learner, c.platform) then
      return passerelle.take(array[c.id], p_seconds);
    end if;
    passed_over := passed_over || c.learner;
  end loop;
  return '[]';
end $$;
CREATE FUNCTION passerelle.lease_for_reading(p_grade uuid, p_seconds integer) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '250ms'
    AS $$
declare
  c record;
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  select e.learner, a.platform into c
    from passerelle.enrolments e join passerelle.activities a on a.id = e.activity
    where e.id = p_grade
    for update of e skip locked;
  if not found or not pg_try_advisory_xact_lock(passerelle.lock_of_learner(c.learner))
     or passerelle.is_served(c.learner, c.platform) then
    return null;
  end if;
  return (passerelle.take(array[p_grade], p_seconds)::json -> 0)::text;
end $$;
CREATE FUNCTION passerelle.line_item_found(p_grade uuid, p_lease uuid, p_line_item text, p_maximum numeric) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '250ms'
    AS $$
declare
  v_activity uuid;
  v_module uuid;
  v_learner uuid;
  former numeric;
  former_item text;
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  select e.activity, a.module, e.learner, a.line_item_maximum, a.line_item
    into v_activity, v_module, v_learner, former, former_item
    from passerelle.enrolments e join passerelle.activities a on a.id = e.activity
    where e.id = p_grade and e.lease = p_lease;
  if not found then
    return null;
  end if;
  update passerelle.activities a
    set line_item_maximum = coalesce(p_maximum, a.line_item_maximum), line_item_read_at = now(),
        line_item = p_line_item, line_item_is_named = a.line_item_is_named and a.line_item = p_line_item
    where a.id = v_activity;
  -- Found after the former one was answered by 404: what that had is gone with it.
  if former_item <> p_line_item then
    perform passerelle.empty_activity(v_activity, p_line_item);
  end if;
  if p_maximum is distinct from coalesce(former, 100) and p_maximum is not null then
    if v_module is not null then
      perform passerelle.owe(v_learner, v_module);
      perform passerelle.owe_activity(v_activity, v_module);
    else
      update public.grades g set maximum = round(p_maximum, 5), score = passerelle.points(e.owed_ratio, round(p_maximum, 5))
        from passerelle.enrolments e
        where e.id = p_grade and g.id = e.id and g.score is not null and e.owed_ratio is not null;
    end if;
  end if;
  -- Others of the activity need not look for it; who is busy or one too many does.
  update passerelle.enrolments e set line_item = p_line_item
    where e.line_item is distinct from p_line_item and e.gradable
      and (e.id = p_grade or e.id = any (array(
        select t.id from passerelle.enrolments t
          where t.activity = v_activity and t.gradable and (t.line_item is null or t.line_item = former_item)
          limit 200 for no key update skip locked)));
  return passerelle.delivery(p_grade)::text;
end $$;
CREATE FUNCTION passerelle.line_item_launched(p_activity uuid, p_line_item text) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
  former passerelle.activities;
begin
  select * into former from passerelle.activities a where a.id = p_activity for no key update;
  update passerelle.activities a
    set line_item = p_line_item, line_item_is_named = p_line_item is not null, gone_at = null, reads_back = null,
        keeps_no_grade = false, verified_at = null,
        line_item_read_at = case when p_line_item = former.line_item then a.line_item_read_at end
    where a.id = p_activity;
  if former.gone_at is not null then
    with e as materialized (
      select t.id from passerelle.enrolments t join public.grades g on g.id = t.id
        where t.activity = p_activity and g.status = 'gone' order by t.id for no key update of t skip locked)
    update public.grades g
      set status = case when g.score is null then 'none' else 'emptied' end, moodle_score = null, moodle_read_at = now()
      from e where g.id = e.id;
    -- What was reported meanwhile is owed from now on.
    if former.module is not null then
      perform passerelle.owe_activity(p_activity, former.module);
    end if;
  end if;
  if former.line_item is not null and former.line_item is distinct from p_line_item then
    perform passerelle.empty_activity(p_activity, p_line_item);
  end if;
end $$;
CREATE FUNCTION passerelle.line_item_replaced(p_activity uuid, p_line_item text, p_maximum numeric) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '250ms'
    AS $$
declare
  former text;
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  select a.line_item into former from passerelle.activities a where a.id = p_activity for no key update;
  update passerelle.activities a
    set line_item = p_line_item, line_item_is_named = false, line_item_read_at = now(), reads_back = null,
        line_item_maximum = coalesce(p_maximum, a.line_item_maximum)
    where a.id = p_activity;
  perform passerelle.empty_activity(p_activity, p_line_item);
  update passerelle.enrolments e set line_item = p_line_item
    where e.id = any (array(
      select t.id from passerelle.enrolments t
        where t.activity = p_activity and t.gradable and t.line_item is distinct from p_line_item
        for no key update skip locked));
  return (
    select count(*) from passerelle.enrolments e join public.grades g on g.id = e.id
    where e.activity = p_activity and g.status = 'emptied');
end $$;
CREATE FUNCTION passerelle.lock_of_learner(p_learner uuid) RETURNS bigint
    LANGUAGE sql IMMUTABLE
    AS $$
  select hashtextextended('passerelle.learner' || p_learner::text, 0)
$$;
CREATE FUNCTION passerelle.lock_of_module(p_module uuid) RETURNS bigint
    LANGUAGE sql IMMUTABLE
    AS $$
  select hashtextextended('passerelle.module' || p_module::text, 0)
$$;
CREATE FUNCTION passerelle.login(p_issuer text, p_client_id text, p_deployment_id text, p_state bytea, p_nonce bytea, p_browser bytea, p_stored boolean, OUT outcome text, OUT client_id text, OUT auth_url text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
CREATE FUNCTION passerelle.mark_activity() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  perform passerelle.mark_rosters(array[
    new.id, passerelle.course_scope(old.platform, old.context_id), passerelle.course_scope(new.platform, new.context_id)]);
  return null;
end $$;
CREATE FUNCTION passerelle.mark_enrolment() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  v_learner uuid := coalesce(new.learner, old.learner);
  v_activity uuid := coalesce(new.activity, old.activity);
  v_course uuid;
begin
  if tg_op = 'DELETE' or old.instructor or old.learner <> new.learner or old.subject <> new.subject
    or exists (select from passerelle.enrolments e where e.learner = v_learner and e.instructor)
  then
    select passerelle.course_scope(a.platform, a.context_id) into v_course
      from passerelle.activities a where a.id = v_activity;
  end if;
  insert into passerelle.roster_marks (scope)
    select s.scope from unnest(array[v_activity, v_course]) s (scope) where s.scope is not null
    on conflict do nothing;
  return null;
end $$;
CREATE FUNCTION passerelle.mark_gone(p_activity uuid, p_grade uuid, p_code text, p_words text, p_words_fr text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '250ms'
    AS $$
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  update passerelle.activities a set gone_at = coalesce(a.gone_at, now()), verify_claimed_at = null where a.id = p_activity;
  with e as materialized (
    select t.id from passerelle.enrolments t join public.grades g on g.id = t.id
      where t.activity = p_activity and g.status not in ('none', 'gone')
        and (t.id = p_grade or passerelle.is_over(t.leased_until, interval '10 minutes'))
      order by t.id for no key update of t skip locked),
  gone as (
    update public.grades g
      set status = 'gone', moodle_score = null, moodle_read_at = now(), attempts = 0, next_attempt_at = null,
          last_error_code = p_code, last_error = p_words, last_error_fr = p_words_fr
      from e where g.id = e.id
      returning g.id)
  update passerelle.enrolments t
    set lease = null, leased_until = null, doubtful_timestamp = null, failing_since = null, erring_since = null,
        delivered_ratio = null, delivered_to = null, confirm_at = null
    from gone where t.id = gone.id;
end $$;
CREATE FUNCTION passerelle.mark_grades() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  insert into passerelle.roster_marks (scope) select distinct x.activity from changed x on conflict do nothing;
  return null;
end $$;
CREATE FUNCTION passerelle.mark_grains() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  perform passerelle.mark_rosters(array(select x.module from changed x));
  return null;
end $$;
CREATE FUNCTION passerelle.mark_identity() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  perform passerelle.mark_rosters(array(
    select e.activity from passerelle.enrolments e where e.learner in (old.learner, new.learner)));
  return null;
end $$;
CREATE FUNCTION passerelle.mark_learners() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  perform passerelle.mark_rosters(array(
    select e.activity from changed x join passerelle.enrolments e on e.learner = x.id));
  return null;
end $$;
CREATE FUNCTION passerelle.mark_modules() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  perform passerelle.mark_rosters(array(select x.id from changed x));
  return null;
end $$;
CREATE FUNCTION passerelle.mark_moved_grains() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  perform passerelle.mark_rosters(array(select x.module from changed x union select f.module from former f));
  return null;
end $$;
CREATE FUNCTION passerelle.mark_moved_progress() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  insert into passerelle.roster_marks (scope)
    select distinct g.module from (select x.grain from changed x union all select f.grain from former f) u
      join passerelle.grain_rows g on g.id = u.grain where g.module is not null
    on conflict do nothing;
  return null;
end $$;
CREATE FUNCTION passerelle.mark_progress() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  insert into passerelle.roster_marks (scope)
    select distinct g.module from changed x join passerelle.grain_rows g on g.id = x.grain where g.module is not null
    on conflict do nothing;
  return null;
end $$;
CREATE FUNCTION passerelle.mark_rosters(p_scopes uuid[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
  insert into passerelle.roster_marks (scope)
    select distinct s.scope from unnest(p_scopes) s (scope) where s.scope is not null
    on conflict do nothing;
end $$;
CREATE FUNCTION passerelle.memberships_failed(p_registration uuid, p_url text, p_seconds integer) RETURNS void
    LANGUAGE sql
    AS $$
  insert into passerelle.membership_lists as s (registration, url, retry_at)
    select r.id, p_url, now() + make_interval(secs => p_seconds)
    from passerelle.registrations r where r.id = p_registration
    on conflict on constraint membership_lists_once_per_registration_and_url do update set retry_at = excluded.retry_at
$$;
CREATE FUNCTION passerelle.memberships_of(p_activity uuid, OUT list uuid, OUT read_at timestamp with time zone, OUT is_fresh boolean, OUT may_ask boolean, OUT source text) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$
begin
  -- What lies ahead of what the program sets was set by a clock that has been put back since (helpers.sql).
  select s.id, s.read_at, coalesce(s.read_at between now() - interval '5 minutes' and now(), false),
         passerelle.is_over(s.retry_at, interval '10 minutes') and passerelle.is_over(p.breaker_until, interval '2 minutes'),
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
CREATE FUNCTION passerelle.memberships_read(p_registration uuid, p_url text, p_members json) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
CREATE FUNCTION passerelle.merge_learners(p_from uuid, p_into uuid, OUT outcome text, OUT identities integer, OUT enrolments integer, OUT progress integer, OUT removed boolean) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '250ms'
    AS $$
declare
  twice record;
  v_mixed uuid[] := '{}';
  m uuid;
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  if p_from = p_into then
    outcome := 'same';
    return;
  end if;
  if (select count(*) from passerelle.learner_rows l where l.id in (p_from, p_into)) < 2 then
    outcome := 'unknown';
    return;
  end if;
  perform from passerelle.enrolments e where e.learner in (p_from, p_into) order by e.learner, e.id for update;
  perform from passerelle.identities i where i.learner in (p_from, p_into) order by i.platform, i.subject for update;
  if exists (
    select from passerelle.enrolments e
    where e.learner in (p_from, p_into) and not passerelle.is_over(e.leased_until, interval '10 minutes'))
  then
    outcome := 'busy';
    return;
  end if;
  update passerelle.identities i set learner = p_into where i.learner = p_from;
  get diagnostics identities = row_count;
  for twice in
    select case when f.stays then f.theirs else f.ours end as stays, case when f.stays then f.ours else f.theirs end as goes
      from (
        select k.id as ours, l.id as theirs,
               (l.last_timestamp is not null, l.last_launch_at) > (k.last_timestamp is not null, k.last_launch_at) as stays
          from passerelle.enrolments k join passerelle.enrolments l on l.activity = k.activity
          where k.learner = p_into and l.learner = p_from) f
      order by 2
  loop
    if passerelle.join_enrolments(twice.stays, twice.goes) then
      v_mixed := v_mixed || twice.stays;
    end if;
  end loop;
  update public.grades g set learner = p_into from passerelle.enrolments e where g.id = e.id and e.learner = p_from;
  update passerelle.enrolments e set learner = p_into where e.learner = p_from;
  get diagnostics enrolments = row_count;
  update passerelle.sessions s set learner = p_into where s.learner = p_from;
  update passerelle.codes c set learner = p_into where c.learner = p_from;
  update passerelle.runs r set learner = p_into where r.learner = p_from;
  perform passerelle.merge_states(p_from, p_into);
  progress := passerelle.progress_give(p_from, p_into);
  perform passerelle.progress_copy(
      p_into, a.module, a.id, passerelle.title_of(a.title, a.context_title, a.context_label), false)
    from passerelle.enrolments e join passerelle.activities a on a.id = e.activity where e.id = any (v_mixed);
  for m in
    select distinct a.module from passerelle.enrolments e join passerelle.activities a on a.id = e.activity
      where e.learner = p_into and a.module is not null order by 1
  loop
    perform passerelle.owe(p_into, m);
  end loop;
  removed := passerelle.learner_drop(p_from);
  outcome := 'merged';
end $$;
CREATE FUNCTION passerelle.merge_states(p_from uuid, p_into uuid) RETURNS integer
    LANGUAGE plpgsql
    AS $$
declare
  states integer;
begin
  perform from passerelle.states t where t.learner in (p_from, p_into) order by t.id for update;
  update passerelle.states t set set_aside_at = now()
    from passerelle.states o
    where t.learner in (p_from, p_into) and o.learner in (p_from, p_into) and o.learner <> t.learner
      and o.grain = t.grain and o.activity is not distinct from t.activity
      and t.set_aside_at is null and o.set_aside_at is null
      and (o.changed_at, o.id) > (t.changed_at, t.id);
  update passerelle.states t set learner = p_into where t.learner = p_from;
  get diagnostics states = row_count;
  return states;
end $$;
CREATE FUNCTION passerelle.module_address_notice(p_module uuid, p_notice text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
end
$$;
CREATE FUNCTION passerelle.module_is_possible() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
begin
  if new.url = '' then
    new.url := null;
  end if;
  -- What was wrong with the former address is not said of the new one.
  if tg_op = 'UPDATE' and new.url is distinct from old.url and new.notice like '⚠%' then
    new.notice := null;
  end if;
  if btrim(new.title) = '' then
    perform passerelle.refuse('modules', 'title', 'modules_title_is_not_empty',
      'Un module a un titre', 'A module has a title');
  end if;
  if new.slug !~ '^[A-Za-z0-9][A-Za-z0-9._~-]{0,99}$' then
    perform passerelle.refuse('modules', 'slug', 'modules_slug_is_url_safe',
      'Le nom dans les adresses a 100 signes au plus : lettres sans accent, chiffres, - . _ ~, d’abord une lettre ou un chiffre',
      'The name in addresses has at most 100 characters: letters without accents, digits, - . _ ~, first a letter or a digit');
  end if;
  if new.url !~ '^https?://' then
    perform passerelle.refuse('modules', 'url', 'modules_url_is_http',
      'L’adresse commence par https:// ou http://', 'The address begins with https:// or http://');
  end if;
  if new.grading not in ('proportion', 'all-or-nothing') then
    perform passerelle.refuse('modules', 'grading', 'modules_grading_is_known',
      'La notation est « proportion » ou « all-or-nothing »', 'The grading is “proportion” or “all-or-nothing”');
  end if;
  if new.scope not in ('learner', 'activity') then
    perform passerelle.refuse('modules', 'scope', 'modules_scope_is_known',
      'La portée est « learner » ou « activity »', 'The scope is “learner” or “activity”');
  end if;
  if new.scope = 'activity' and not passerelle.progress_has_activities() then
    perform passerelle.refuse('modules', 'scope', 'modules_scope_is_possible',
      'La progression est dans une collection de l’établissement, dont les lignes ne disent pas l’activité : la portée reste « learner »',
      'Progress is in a collection of the institution’s own, whose rows do not name the activity: the scope stays “learner”');
  end if;
  if new.status not in ('active', 'archived') then
    perform passerelle.refuse('modules', 'status', 'modules_status_is_known',
      'L’état est « active » ou « archived »', 'The status is “active” or “archived”');
  end if;
  return new;
end $_$;
CREATE FUNCTION passerelle.module_notice(p_module uuid, p_notice text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
end
$$;
CREATE FUNCTION passerelle.module_of_launch(p_custom text, p_query text, p_path text) RETURNS uuid
    LANGUAGE plpgsql STABLE
    AS $$
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
CREATE FUNCTION passerelle.modules_updated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  m uuid;
begin
  for m in
    select c.id from changed c join former f on f.id = c.id
      where (c.grading, c.scope) is distinct from (f.grading, f.scope) order by 1
  loop
    if exists (select from changed c join former f on f.id = c.id where c.id = m and c.scope = 'learner' and f.scope <> 'learner')
    then
      perform passerelle.count_together(m);
    end if;
    perform passerelle.owe_module(m);
  end loop;
  return null;
end $$;
CREATE FUNCTION passerelle.moodle_has(p_score double precision, p_maximum double precision, p_read_at timestamp with time zone, p_is_scale boolean) RETURNS json
    LANGUAGE sql STABLE
    AS $$
  select case
    when p_score is null then null
    when p_is_scale then
      json_build_object('score', p_score, 'maximum', p_maximum, 'readAt', passerelle.utc(p_read_at), 'isScale', true)
    else json_build_object('score', p_score, 'maximum', p_maximum, 'readAt', passerelle.utc(p_read_at))
  end
$$;
CREATE FUNCTION passerelle.move_platform(p_platform uuid, p_old text, p_new text, OUT registrations integer, OUT activities integer, OUT enrolments integer, OUT elsewhere integer, OUT again integer) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  back record;
begin
  perform passerelle.read_committed();
  update passerelle.platforms p set issuer = p_new, breaker_until = null where p.id = p_platform;
  select count(*) into elsewhere
    from passerelle.registrations r
    where r.platform = p_platform and exists (
      select from unnest(array[r.auth_url, r.token_url, r.jwks_url]) u (url)
      where passerelle.moved(u.url, p_old, p_new) = u.url);
  update passerelle.registrations r
    set auth_url = passerelle.moved(r.auth_url, p_old, p_new), token_url = passerelle.moved(r.token_url, p_old, p_new),
        jwks_url = passerelle.moved(r.jwks_url, p_old, p_new)
    where r.platform = p_platform and exists (
      select from unnest(array[r.auth_url, r.token_url, r.jwks_url]) u (url)
      where passerelle.moved(u.url, p_old, p_new) <> u.url);
  get diagnostics registrations = row_count;
  delete from passerelle.access_tokens t using passerelle.registrations r
    where r.id = t.registration and r.platform = p_platform;
  update passerelle.activities a set memberships_url = passerelle.moved(a.memberships_url, p_old, p_new)
    where a.platform = p_platform and passerelle.moved(a.memberships_url, p_old, p_new) <> a.memberships_url;
  get diagnostics activities = row_count;
  update public.grades g set next_attempt_at = now()
    from passerelle.enrolments e join passerelle.activities a on a.id = e.activity
    where a.platform = p_platform and g.id = e.id and g.status = 'pending' and g.next_attempt_at > now();
  update passerelle.activities a set line_item = passerelle.moved(a.line_item, p_old, p_new)
    where a.platform = p_platform and passerelle.moved(a.line_item, p_old, p_new) <> a.line_item;
  -- What was given up because something answered at the old address, or nothing did.
  update public.grades g set status = 'pending'
    from passerelle.enrolments e join passerelle.activities a on a.id = e.activity
    where a.platform = p_platform and g.id = e.id and g.status in ('failed', 'gone')
      and (g.last_error_code in (
             'activity_gone',
             'grade_redirected', 'grade_intercepted', 'service_redirected', 'service_intercepted', 'token_redirected',
             'token_intercepted', 'grade_line_item_missing', 'service_not_found', 'grade_service_missing')
           or g.last_error_code like 'transport%');
  get diagnostics again = row_count;
  -- The old address's word that an activity is gone says nothing about the new one.
  for back in update passerelle.activities t set gone_at = null where t.platform = p_platform and t.gone_at is not null
    returning t.id, t.module
  loop
    if back.module is not null then
      perform passerelle.owe_activity(back.id, back.module);
    end if;
  end loop;
  update passerelle.enrolments e
    set line_item = passerelle.moved(e.line_item, p_old, p_new),
        delivered_to = passerelle.moved(e.delivered_to, p_old, p_new),
        line_items = passerelle.moved(e.line_items, p_old, p_new),
        outcome_url = passerelle.moved(e.outcome_url, p_old, p_new)
    from passerelle.activities a
    where a.id = e.activity and a.platform = p_platform and exists (
      select from unnest(array[e.line_item, e.line_items, e.outcome_url, e.delivered_to]) u (url)
      where passerelle.moved(u.url, p_old, p_new) <> u.url);
  get diagnostics enrolments = row_count;
end $$;
CREATE FUNCTION passerelle.moved(p_url text, p_old text, p_new text) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
  select case
    when p_url = p_old or starts_with(p_url, p_old || '/') or starts_with(p_url, p_old || '?')
      then p_new || substr(p_url, length(p_old) + 1)
    else p_url
  end
$$;
CREATE FUNCTION passerelle.next_timestamp(p_last bigint) RETURNS bigint
    LANGUAGE sql STABLE
    AS $$
  select greatest(extract(epoch from now())::bigint, coalesce(p_last, 0) + 1)
$$;
CREATE FUNCTION passerelle.only_watches(p_roles text[]) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE
    AS $_$
begin
  return coalesce(cardinality(p_roles), 0) > 0
    and not exists (select from unnest(p_roles) r (role) where r.role !~ '(^|[#/])(Mentor|Observer)([#/][A-Za-z]*)?$');
end $_$;
CREATE FUNCTION passerelle.owe(p_learner uuid, p_module uuid) RETURNS void
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
begin
  perform passerelle.owe_batch(p_module, array[p_learner]);
end $$;
CREATE FUNCTION passerelle.owe_activity(p_activity uuid, p_module uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
  step record;
begin
  select * into step from passerelle.owe_next(p_module, p_activity, null, 200);
  if step.computed = 200 then
    perform passerelle.recount_from(p_module, null,
      (select count(*)::integer from passerelle.enrolments t join passerelle.activities a on a.id = t.activity
         where a.module = p_module), 0);
  end if;
end $$;
CREATE FUNCTION passerelle.owe_batch(p_module uuid, p_learners uuid[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
  v_enrolments uuid[];
begin
  select array_agg(x.id) into v_enrolments from (
    select t.id from passerelle.enrolments t join passerelle.activities a on a.id = t.activity
      where t.learner = any (p_learners) and a.module = p_module
      order by t.learner, t.id
      for no key update of t) x;
  if v_enrolments is null then
    return;
  end if;
  with e as materialized (
    select t.id, t.learner, t.activity, a.title, m.maximum, s.ratio, g.id as grade,
           case
             -- Nothing to give and nothing ever sent of this run, or no place to send it to any more.
             when not (t.gradable and not t.instructor and (s.owed or (t.last_timestamp is not null and not t.set_aside))
                       and (t.withdrawn_ratio, t.withdrawn_completed) is distinct from (s.ratio, s.completed))
               then case when g.status <> 'none' then 'none' end
             when g.id is null then 'new'
             -- A grade that the platform has already is not sent again; one under way or in doubt is.
             when g.status = 'none' or t.owed_ratio is distinct from s.ratio
               then case when t.delivered_ratio = s.ratio and t.lease is null and t.doubtful_timestamp is null then 'delivered'
                         else 'pending' end
             -- The platform rescales by itself: the same part of another maximum, or of another module, is not another grade.
             when (round(g.maximum::numeric, 5), g.module) is distinct from (m.maximum, p_module) then 'rescaled'
           end as becomes
      from passerelle.standings(p_module, p_learners, v_enrolments) s
      -- Said twice, so that PostgreSQL knows how few enrolments these are and looks them up.
      join passerelle.enrolments t on t.id = s.enrolment and t.id = any (v_enrolments)
      -- Nothing more is owed to an activity that is gone.
      join passerelle.activities a on a.id = t.activity and a.module = p_module and a.gone_at is null
      left join public.grades g on g.learner = t.learner and g.activity = t.activity
      cross join lateral (select coalesce(a.line_item_maximum, 100)::numeric(12, 5) as maximum) m),
  made as (
    insert into public.grades (id, learner, activity, module, activity_title, status, score, maximum, next_attempt_at)
      select e.id, e.learner, e.activity, p_module, passerelle.title_text(e.title), 'pending', passerelle.points(e.ratio, e.maximum), e.maximum, now()
        from e where e.becomes = 'new'
      returning id, version),
  changed as (
    update public.grades g
      set module = case e.becomes when 'none' then g.module else p_module end,
          activity_title = case when e.becomes in ('pending', 'delivered') then passerelle.title_text(e.title) else g.activity_title end,
          score = case when e.becomes <> 'none' then passerelle.points(e.ratio, e.maximum) end,
          maximum = case when e.becomes <> 'none' then e.maximum end,
          version = case when e.becomes = 'rescaled' then g.version else g.version + 1 end,
          status = case when e.becomes = 'rescaled' then g.status else e.becomes end,
          attempts = case when e.becomes = 'rescaled' then g.attempts else 0 end,
          next_attempt_at = case e.becomes when 'rescaled' then g.next_attempt_at when 'pending' then now() end,
          last_error_code = case when e.becomes = 'rescaled' then g.last_error_code end,
          last_error = case when e.becomes = 'rescaled' then g.last_error end,
          last_error_fr = case when e.becomes = 'rescaled' then g.last_error_fr end
      from e
      where g.id = e.grade and e.becomes is not null
      returning g.id, g.version)
  update passerelle.enrolments t
    set owed_ratio = case when e.becomes <> 'none' then e.ratio end,
        owed_version = case when e.becomes <> 'none' then v.version end,
        failing_since = case when e.becomes = 'none' then t.failing_since end,
        erring_since = case when e.becomes = 'none' then t.erring_since end,
        withdrawn_ratio = case when e.becomes = 'none' then t.withdrawn_ratio end,
        withdrawn_completed = case when e.becomes = 'none' then t.withdrawn_completed end
    from e
    join (select id, version from made union all select id, version from changed) v on v.id = e.id
    where t.id = e.id and e.becomes <> 'rescaled';
end $$;
CREATE FUNCTION passerelle.owe_learners(p_module uuid, p_learners uuid[]) RETURNS void
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_custom_plan'
    SET work_mem TO '32MB'
    AS $$
begin
  for i in 0..(cardinality(p_learners) - 1) / 1000 loop
    perform passerelle.owe_batch(p_module, p_learners[i * 1000 + 1:(i + 1) * 1000]);
  end loop;
end $$;
CREATE FUNCTION passerelle.owe_module(p_module uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
  began timestamptz := clock_timestamp();
  step record;
  reached uuid;
  done integer := 0;
  enrolled integer;
begin
  perform pg_advisory_xact_lock(passerelle.lock_of_module(p_module));
  select count(*) into enrolled from passerelle.enrolments t join passerelle.activities a on a.id = t.activity
    where a.module = p_module;
  if enrolled <= 20000 then
    loop
      select * into step from passerelle.owe_next(p_module, null, reached, 1000);
      -- Fewer than were asked for are the last.
      if step.computed < 1000 then
        perform passerelle.recounted(p_module);
        return;
      end if;
      reached := step.last;
      done := done + step.computed;
      exit when clock_timestamp() - began > interval '1600 milliseconds';
    end loop;
  end if;
  perform passerelle.recount_from(p_module, reached, greatest(enrolled, done), done);
end $$;
CREATE FUNCTION passerelle.owe_next(p_module uuid, p_activity uuid, p_after uuid, p_limit integer, OUT last uuid, OUT computed integer) RETURNS record
    LANGUAGE plpgsql
    SET plan_cache_mode TO 'force_custom_plan'
    SET work_mem TO '32MB'
    AS $$
declare
  batch uuid[];
begin
  select array_agg(x.learner order by x.learner) into batch from (
    select distinct b.learner
      from passerelle.activities a
      cross join lateral (
        select t.learner from passerelle.enrolments t
          where t.activity = a.id and t.learner > coalesce(p_after, '00000000-0000-0000-0000-000000000000')
          order by t.learner limit p_limit) b
      where a.module = p_module and (p_activity is null or a.id = p_activity)
      order by b.learner limit p_limit) x;
  computed := coalesce(cardinality(batch), 0);
  if computed > 0 then
    last := batch[computed];
    perform passerelle.owe_batch(p_module, batch);
  end if;
end $$;
CREATE FUNCTION passerelle.place_of(p_enrolment uuid, p_module uuid, p_role text) RETURNS json
    LANGUAGE plpgsql STABLE
    AS $$
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
CREATE FUNCTION passerelle.plain(p_text text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    AS $$
begin
  return lower(regexp_replace(normalize(p_text, NFD), '[\u0300-\u036F]', '', 'g'));
exception when others then
  -- A database in another encoding knows no normal forms.
  return lower(p_text);
end $$;
CREATE FUNCTION passerelle.platform_merge(p_from uuid, p_into uuid, OUT people integer, OUT joined integer, OUT activities integer) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '250ms'
    AS $$
declare
  v_from passerelle.platforms;
  v_into passerelle.platforms;
  v_learner uuid;
  v_twin uuid;
  v_outcome text;
  v_deployment uuid;
  i record;
  d record;
  a record;
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  people := 0;
  joined := 0;
  activities := 0;
  perform from passerelle.enrolments e join passerelle.activities k on k.id = e.activity
    where k.platform in (p_from, p_into) order by e.learner, e.id for update of e;
  if exists (
    select from passerelle.enrolments e join passerelle.activities k on k.id = e.activity
    where k.platform in (p_from, p_into) and not passerelle.is_over(e.leased_until, interval '10 minutes'))
  then
    raise exception using errcode = 'lock_not_available', message = 'a grade is being delivered just now';
  end if;
  select * into v_from from passerelle.platforms p where p.id = p_from;
  select * into v_into from passerelle.platforms p where p.id = p_into;
  -- All its addresses become those of the other, as if it had moved; only one may have the issuer meanwhile.
  update passerelle.platforms p set issuer = p_into::text where p.id = p_into;
  perform passerelle.move_platform(p_from, v_from.issuer, v_into.issuer);
  for i in select t.subject from passerelle.identities t where t.platform = p_from order by t.subject loop
    people := people + 1;
    v_learner := (select t.learner from passerelle.identities t where t.platform = p_from and t.subject = i.subject);
    v_twin := (select t.learner from passerelle.identities t where t.platform = p_into and t.subject = i.subject);
    if v_twin is null then
      update passerelle.identities t set platform = p_into where t.platform = p_from and t.subject = i.subject;
      continue;
    end if;
    delete from passerelle.identities t where t.platform = p_from and t.subject = i.subject;
    if v_twin <> v_learner then
      select m.outcome into v_outcome from passerelle.merge_learners(v_learner, v_twin) m;
      if v_outcome <> 'merged' then
        raise exception using errcode = 'lock_not_available', message = 'a grade is being delivered just now';
      end if;
      joined := joined + 1;
    end if;
  end loop;
  update passerelle.registrations r set platform = p_into
    where r.platform = p_from
      and not exists (select from passerelle.registrations o where o.platform = p_into and o.client_id = r.client_id);
  for d in
    select t.id, t.deployment_id, o.id as registration
      from passerelle.deployments t
      join passerelle.registrations r on r.id = t.registration and r.platform = p_from
      join passerelle.registrations o on o.platform = p_into and o.client_id = r.client_id
      order by t.id
  loop
    insert into passerelle.deployments (registration, deployment_id) values (d.registration, d.deployment_id) on conflict do nothing;
    select t.id into v_deployment from passerelle.deployments t
      where t.registration = d.registration and t.deployment_id = d.deployment_id;
    for a in
      select t.id, t.module, k.id as twin
        from passerelle.activities t
        left join passerelle.activities k on k.deployment = v_deployment and k.resource_link_id = t.resource_link_id
        where t.deployment = d.id order by t.id
    loop
      activities := activities + 1;
      if a.twin is null then
        update passerelle.activities t set platform = p_into, deployment = v_deployment where t.id = a.id;
      else
        perform passerelle.join_activities(a.id, a.twin);
        perform passerelle.owe_activity(t.id, t.module) from passerelle.activities t where t.id = a.twin and t.module is not null;
      end if;
    end loop;
  end loop;
  -- What is left came by LTI 1.1, or by a registration that came along as a whole.
  for a in
    select t.id, k.id as twin
      from passerelle.activities t
      left join passerelle.activities k on k.platform = p_into and k.resource_link_id = t.resource_link_id
        and k.deployment is null and t.deployment is null
      where t.platform = p_from order by t.id
  loop
    activities := activities + 1;
    if a.twin is null then
      update passerelle.activities t set platform = p_into where t.id = a.id;
    else
      perform passerelle.join_activities(a.id, a.twin);
      perform passerelle.owe_activity(t.id, t.module) from passerelle.activities t where t.id = a.twin and t.module is not null;
    end if;
  end loop;
  update passerelle.consumers c set platform = p_into where c.platform = p_from;
  update passerelle.invites v set replaces = p_into where v.replaces = p_from;
  delete from passerelle.platforms p where p.id = p_from;
  update passerelle.platforms p set issuer = v_into.issuer where p.id = p_into;
end $$;
CREATE FUNCTION passerelle.platform_remove(p_platform uuid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS $$
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  perform from passerelle.enrolments e join passerelle.activities a on a.id = e.activity
    where a.platform = p_platform order by e.id for update of e;
  delete from passerelle.enrolments e using passerelle.activities a where a.id = e.activity and a.platform = p_platform;
  delete from public.grades g using passerelle.activities a where a.id = g.activity and a.platform = p_platform;
  delete from passerelle.platforms p where p.id = p_platform;
end $$;
CREATE FUNCTION passerelle.points(p_ratio numeric, p_maximum numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE
    AS $$
  select round(round(p_ratio * p_maximum, 22), 5)
$$;
CREATE FUNCTION passerelle.progress_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  c record;
begin
  -- A report of what is known already inserts nothing.
  if not exists (select from changed) then
    return null;
  end if;
  for c in
    select g.module, array_agg(distinct x.learner) as learners
      from changed x
      join passerelle.grain_rows g on g.id = x.grain
      join passerelle.learner_rows l on l.id = x.learner
      group by g.module order by g.module
  loop
    if cardinality(c.learners) = 1 then
      perform passerelle.owe(c.learners[1], c.module);
    else
      perform passerelle.owe_learners(c.module, c.learners);
    end if;
  end loop;
  return null;
end $$;
CREATE FUNCTION passerelle.progress_copy(p_learner uuid, p_module uuid, p_activity uuid, p_activity_title text, p_anew boolean) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
end
$$;
CREATE FUNCTION passerelle.progress_correct(p_token bytea, p_learner uuid, p_grain text, p_status text, p_score numeric, p_reason text, p_lease_seconds integer, OUT outcome text, OUT locale text, OUT activity uuid, OUT grades text, OUT deliveries text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS $$
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
CREATE FUNCTION passerelle.progress_fold(p_module uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
end
$$;
CREATE FUNCTION passerelle.progress_give(p_from uuid, p_into uuid) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  r record;
  given integer := 0;
begin
  for r in
    select p.activity, max(p.activity_title) as title, array_agg(p.grain) as grains, array_agg(p.status) as statuses,
           -- Beside a row of the other's, whole is the best score.
           array_agg(case when p.status = 'completed' then coalesce(p.score::numeric, 1) end) as scores
      from passerelle.progress_rows p where p.learner = p_from
      group by p.activity order by p.activity nulls first
  loop
    perform passerelle.progress_record(p_into, r.grains, r.statuses, r.scores, r.activity, r.title);
    perform passerelle.progress_remove(p_from, r.grains, coalesce(r.activity, p_from));
    given := given + cardinality(r.grains);
  end loop;
  return given;
end
$$;
CREATE FUNCTION passerelle.progress_has_activities() RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
  select false
$$;
CREATE FUNCTION passerelle.progress_of(p_enrolment uuid, p_module uuid, p_completed integer DEFAULT NULL::integer, p_total integer DEFAULT NULL::integer, p_ratio numeric DEFAULT NULL::numeric, OUT progress text, OUT grade text) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$
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
CREATE FUNCTION passerelle.progress_read(p_token bytea, OUT outcome text, OUT locale text, OUT progress text, OUT grade text) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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
CREATE FUNCTION passerelle.progress_record(p_learner uuid, p_grains uuid[], p_statuses text[], p_scores numeric[], p_activity uuid DEFAULT NULL::uuid, p_activity_title text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  v_learner integer;
  v_lost bigint;
begin
  -- Nothing in their table keeps two requests from inserting the same row: one at a time for each learner.
  perform pg_advisory_xact_lock(hashtextextended('passerelle.progress_record' || p_learner::text, 0));
  -- Whoever deletes learners locks this table first: nobody is deleted from here on.
  lock table public."progressions" in row exclusive mode;
  select l."id" into v_learner from public."apprenants" l where l."passerelle_id" = p_learner;
  if not found or exists (
    select from unnest(p_grains) x (grain)
    where not exists (select from public."grains" g where g."passerelle_id" = x.grain))
  then
    -- Raises 23503 as a foreign key would; the caller retries once and then reports the missing session or grain.
    raise exception using errcode = 'foreign_key_violation', message = 'the learner or a grain was deleted meanwhile';
  end if;
  for attempt in 1..2 loop
    -- What somebody is editing at this moment is waited for; the statement after this one sees it.
    perform from public."progressions" p
      where p."apprenant" = v_learner and p."grain" in (select w.grain from (
        select g."id" as grain, bool_or(x.status = 'completed') as completed,
           max(x.score) filter (where x.status = 'completed') as score
    from unnest(p_grains, p_statuses, p_scores) as x (grain, status, score)
    join public."grains" g on g."passerelle_id" = x.grain
    group by 1) w)
      order by p."id" for update;
    update public."progressions" p
      set "statut" = E'termine',
          "note" = case when coalesce(p."statut" in (E'termine'), false) then greatest(p."note", (b.score * 20)::numeric(14,10)) else (b.score * 20)::numeric(14,10) end
      from (
        select distinct on (w.grain) q."id" as key, w.score
        from (
        select g."id" as grain, bool_or(x.status = 'completed') as completed,
           max(x.score) filter (where x.status = 'completed') as score
    from unnest(p_grains, p_statuses, p_scores) as x (grain, status, score)
    join public."grains" g on g."passerelle_id" = x.grain
    group by 1) w
        join public."progressions" q on q."apprenant" = v_learner and q."grain" = w.grain
        where w.completed
        order by w.grain, (coalesce(q."statut" in (E'termine'), false)) desc, q."note" desc nulls first, q."id") b
      where p."id" = b.key
        and (not coalesce(p."statut" in (E'termine'), false) or (p."note" is not null and (b.score * 20)::numeric(14,10) > p."note"));
    with missing as (
      select w.grain, w.completed, w.score
      from (
        select g."id" as grain, bool_or(x.status = 'completed') as completed,
           max(x.score) filter (where x.status = 'completed') as score
    from unnest(p_grains, p_statuses, p_scores) as x (grain, status, score)
    join public."grains" g on g."passerelle_id" = x.grain
    group by 1) w
      where not exists (
        select from public."progressions" q
        where q."apprenant" = v_learner and q."grain" = w.grain)),
    made as (
      insert into public."progressions" ("apprenant", "grain", "statut", "note")
      select v_learner, m.grain,
             case when m.completed then E'termine'::character varying(20) else E'en_cours'::character varying(20) end,
             (m.score * 20)::numeric(14,10)
      from missing m order by m.grain
      on conflict do nothing returning 1)
    select (select count(*) from missing) - (select count(*) from made) into v_lost;
    -- Staff inserted one of them meanwhile: it is there to be updated now.
    exit when v_lost = 0;
  end loop;
end
$$;
CREATE FUNCTION passerelle.progress_remove(p_learner uuid, p_grains uuid[], p_holder uuid) RETURNS json
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  removed json;
begin
  with gone as (
    delete from public."progressions" t
      where t."id" in (
        select p."id" from public."progressions" p join public."apprenants" l on l."id" = p."apprenant" join public."grains" g on g."id" = p."grain"
          where l."passerelle_id" = p_learner and g."passerelle_id" = any (p_grains) and l."passerelle_id" = p_holder)
      returning t.*)
  select coalesce(json_agg(to_json(gone)), '[]') into removed from gone;
  return removed;
end
$$;
CREATE FUNCTION passerelle.progress_replace(p_learner uuid, p_grain uuid, p_status text, p_score numeric, p_by text, p_reason text, p_activity uuid DEFAULT NULL::uuid, p_activity_title text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if p_status = 'none' then
    delete from public."progressions" t where t."id" in (
      select p."id" from public."progressions" p join public."apprenants" l on l."id" = p."apprenant" join public."grains" g on g."id" = p."grain"
      where l."passerelle_id" = p_learner and g."passerelle_id" = p_grain);
    return;
  end if;
  update public."progressions" t
    set "statut" = case when p_status = 'completed' then E'termine'::character varying(20)
          else E'en_cours'::character varying(20) end,
        "note" = (p_score * 20)::numeric(14,10)
    where t."id" in (
      select p."id" from public."progressions" p join public."apprenants" l on l."id" = p."apprenant" join public."grains" g on g."id" = p."grain"
      where l."passerelle_id" = p_learner and g."passerelle_id" = p_grain);
  if not found then
    perform passerelle.progress_record(
      p_learner, array[p_grain], array[p_status], array[p_score], p_activity, p_activity_title);
  end if;
end
$$;
CREATE FUNCTION passerelle.progress_unsign(p_learner uuid, p_grain uuid, p_by text) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
end
$$;
CREATE FUNCTION passerelle.progress_updated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  c record;
begin
  if not exists (select from changed) then
    return null;
  end if;
  for c in
    select g.module, array_agg(distinct x.learner) as learners
    from (select learner, grain from changed union all select learner, grain from former) x
    join passerelle.grain_rows g on g.id = x.grain
    group by g.module order by g.module
  loop
    if cardinality(c.learners) = 1 then
      perform passerelle.owe(c.learners[1], c.module);
    else
      perform passerelle.owe_learners(c.module, c.learners);
    end if;
  end loop;
  return null;
end $$;
CREATE FUNCTION passerelle.progress_write(p_token bytea, p_entries json, p_lease_seconds integer, p_run integer DEFAULT NULL::integer, OUT outcome text, OUT unknown_slug text, OUT enrolment uuid, OUT locale text, OUT progress text, OUT grade text, OUT deliveries text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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
CREATE FUNCTION passerelle.ratio(p_earned numeric, p_weights numeric, p_falls_short boolean) RETURNS numeric
    LANGUAGE sql IMMUTABLE
    AS $$
  select case when p_falls_short or p_weights = 0 then 0 else round(coalesce(p_earned, 0), 30) / p_weights end
$$;
CREATE FUNCTION passerelle.read_back(p_grade uuid, p_version bigint, p_found numeric, p_is_equal boolean, p_code text, p_words text, p_words_fr text, OUT status text, OUT is_scale boolean) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '250ms'
    AS $$
declare
  v_keeps boolean;
  v_says_nothing boolean;
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  perform from passerelle.enrolments e where e.id = p_grade for no key update;
  select a.reads_back is false, p_is_equal and a.line_item_maximum <= 10 and p_found = trunc(p_found)
    into v_keeps, v_says_nothing
    from passerelle.enrolments e join passerelle.activities a on a.id = e.activity where e.id = p_grade;
  -- One grade says nothing of an activity that is known to keep what it is given.
  if v_keeps is not true and v_says_nothing is not true then
    update passerelle.activities a set reads_back = not p_is_equal, keeps_no_grade = p_found is null
      from passerelle.enrolments e
      where e.id = p_grade and a.id = e.activity
        and (a.reads_back, a.keeps_no_grade) is distinct from (not p_is_equal, p_found is null);
  end if;
  update public.grades g
    set moodle_score = case when not p_is_equal then round(p_found, 5) end, moodle_read_at = now(),
        status = case when p_found is not null then g.status when v_keeps then 'emptied' else 'none' end,
        delivered_score = case when p_found is not null then g.delivered_score end,
        delivered_maximum = case when p_found is not null then g.delivered_maximum end,
        delivered_version = case when p_found is not null then g.delivered_version end,
        delivered_at = case when p_found is not null then g.delivered_at else now() end,
        last_error_code = case when p_found is null and not v_keeps then p_code end,
        last_error = case when p_found is null and not v_keeps then p_words end,
        last_error_fr = case when p_found is null and not v_keeps then p_words_fr end
    where g.id = p_grade and g.version = p_version and g.status = 'delivered'
      and (p_found is null or not p_is_equal or g.moodle_score is not null)
    returning g.status into read_back.status;
  if p_found is null then
    update passerelle.enrolments e set delivered_ratio = null, delivered_to = null where e.id = p_grade;
  end if;
  select a.reads_back into is_scale
    from passerelle.enrolments e join passerelle.activities a on a.id = e.activity where e.id = p_grade;
end $$;
CREATE FUNCTION passerelle.read_committed() RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
  if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
    raise exception using errcode = 'PSA02', message = 'this needs the isolation level read committed';
  end if;
end $$;
CREATE FUNCTION passerelle.recompute(p_module uuid, p_activity uuid, p_after uuid, p_limit integer, OUT last uuid, OUT computed integer) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '250ms'
    AS $$
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  select * into last, computed from passerelle.owe_next(p_module, p_activity, p_after, p_limit);
end $$;
CREATE FUNCTION passerelle.recount(p_limit integer, OUT computed integer) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '50ms'
    AS $$
declare
  r passerelle.recounts;
  step record;
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  select * into r from passerelle.recounts t order by t.asked_at, t.module limit 1 for update skip locked;
  if not found then
    return;
  end if;
  perform pg_advisory_xact_lock(passerelle.lock_of_module(r.module));
  select * into step from passerelle.owe_next(r.module, null, r.done_to, p_limit);
  computed := step.computed;
  if step.last is null then
    perform passerelle.recounted(r.module);
  else
    update passerelle.recounts t set done_to = step.last, done = t.done + step.computed where t.module = r.module;
  end if;
end $$;
CREATE FUNCTION passerelle.recount_from(p_module uuid, p_after uuid, p_learners integer, p_done integer) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
  insert into passerelle.recounts as r (module, done_to, learners, done) values (p_module, p_after, p_learners, p_done)
    on conflict (module) do update
      set done_to = excluded.done_to, learners = excluded.learners, done = excluded.done, asked_at = now();
  perform passerelle.module_notice(p_module,
    'Les notes de ce module se recalculent ; cela finit de soi-même. · '
      'The grades of this module are being computed again; this ends by itself.');
end $$;
CREATE FUNCTION passerelle.recounted(p_module uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
begin
  delete from passerelle.recounts r where r.module = p_module;
  if found then
    perform passerelle.module_notice(p_module, null);
  end if;
end $$;
CREATE FUNCTION passerelle.refuse(p_table text, p_column text, p_constraint text, p_french text, p_english text) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
  words text := p_french || ' · ' || p_english;
begin
  raise exception using
    errcode = 'foreign_key_violation', message = words, detail = format('(%s)=(%s)', words, p_column),
    schema = 'public', table = p_table, column = p_column, constraint = p_constraint;
end $$;
CREATE FUNCTION passerelle.resend(p_token bytea, p_learners text[], p_statuses text[], OUT outcome text, OUT locale text, OUT done integer, OUT refused text, OUT grades text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '250ms'
    AS $$
declare
  s record;
  v_activity uuid;
  chosen uuid[];
begin
  perform passerelle.read_committed();
  select * into s from passerelle.session_of(p_token);
  outcome := case when s.outcome = 'accepted' and s.role <> 'instructor' then 'forbidden' else s.outcome end;
  locale := s.locale;
  if outcome <> 'accepted' then
    return;
  end if;
  select e.activity into v_activity from passerelle.enrolments e where e.id = s.enrolment;
  select coalesce(array_agg(g.id), '{}') into chosen
    from passerelle.enrolments e join public.grades g on g.id = e.id
    where e.activity = v_activity and not e.instructor and g.score is not null and g.status not in ('none', 'gone')
      and (p_learners is null or e.learner::text = any (p_learners))
      and (p_statuses is null or g.status = any (p_statuses))
      and g.last_error_code is distinct from 'learner_not_enrolled'
      and passerelle.teacher_sees(s.enrolment, e.learner);
  select coalesce(json_agg(json_build_object('learner', x.learner, 'code', x.code)), '[]')::text into refused from (
    select w.learner,
           case
             when e.id is null then 'learner_unknown'
             when g.last_error_code = 'learner_not_enrolled' then 'learner_not_enrolled'
             when g.status = 'gone' then 'activity_gone'
             else 'nothing_to_send'
           end as code
      from unnest(p_learners) with ordinality w (learner, place)
      left join passerelle.enrolments e on e.activity = v_activity and e.learner::text = w.learner
        and passerelle.teacher_sees(s.enrolment, e.learner)
      left join public.grades g on g.id = e.id
      where e.id is null or not e.id = any (chosen)
    union all
    select e.learner::text, 'learner_not_enrolled'
      from passerelle.enrolments e join public.grades g on g.id = e.id
      where p_learners is null and e.activity = v_activity and g.last_error_code = 'learner_not_enrolled'
        and (p_statuses is null or g.status = any (p_statuses)) and passerelle.teacher_sees(s.enrolment, e.learner)) x;
  done := passerelle.grades_again(chosen);
  select coalesce(json_object_agg(x.status, x.count), '{}')::text into grades from (
    select g.status, count(*) as count from passerelle.enrolments e join public.grades g on g.id = e.id
      where e.activity = v_activity and not e.instructor and passerelle.teacher_sees(s.enrolment, e.learner)
      group by g.status) x;
end $$;
CREATE FUNCTION passerelle.restart(p_learner uuid, p_module uuid, p_activity uuid, p_grade text, OUT outcome text, OUT grades uuid[]) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '250ms'
    AS $$
declare
  v_module uuid := p_module;
  v_grain uuid;
  v_holder uuid;
  v_grains uuid[];
  v_affected uuid[];
  v_removed json;
  v_apart boolean;
  v_detached boolean := false;
  v_busy boolean;
  v_holders uuid[];
  v_states integer;
  h record;
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  if p_activity is not null then
    select a.module, a.grain into v_module, v_grain from passerelle.activities a where a.id = p_activity;
  end if;
  perform from passerelle.enrolments t join passerelle.activities a on a.id = t.activity
    where t.learner = p_learner and a.module = v_module order by t.learner, t.id for no key update of t;
  v_apart := passerelle.counts_apart(v_module);
  if p_activity is not null then
    select passerelle.holder(t.own_progress, t.activity, t.learner), not t.own_progress and v_apart
      into v_holder, v_detached
      from passerelle.enrolments t where t.learner = p_learner and t.activity = p_activity;
  end if;
  if v_module is null or (p_activity is not null and v_holder is null) then
    outcome := 'unknown';
    return;
  end if;
  -- Whose standing changes. Where the person's progress still counts in an activity that is to count its own, the others keep it.
  select array_agg(t.id), bool_or(not passerelle.is_over(t.leased_until, interval '10 minutes'))
    into v_affected, v_busy
    from (
      select t.id, t.leased_until from passerelle.enrolments t join passerelle.activities a on a.id = t.activity
        where t.learner = p_learner and a.module = v_module
          and (p_activity is null or (v_detached and t.activity = p_activity)
               or (not v_detached and passerelle.holder(t.own_progress, t.activity, t.learner) = v_holder))) t;
  if v_busy then
    outcome := 'busy';
    return;
  end if;
  v_grains := array(select g.id from passerelle.grain_rows g where g.module = v_module and (v_grain is null or g.id = v_grain));
  outcome := 'nothing';
  -- What an activity counted before the module was the person's must not come back with another change of its scope.
  v_holders := array(
    select distinct p.holder from passerelle.progress_rows p
      where p.learner = p_learner and p.grain = any (v_grains)
        and (p_activity is null or not v_apart or p.holder in (v_holder, p_activity)));
  v_states := passerelle.set_aside_states(
    p_learner, v_grains,
    case when v_detached then array[p_activity] when p_activity is not null then array[v_holder, case when v_apart then p_activity end] end,
    (select count(*)::integer from passerelle.runs r where r.learner = p_learner and r.module = v_module));
  if v_holders = '{}' then
    if v_states > 0 then
      -- Nothing was recorded yet, and what the pages keep is of the former run.
      outcome := 'restarted';
      grades := '{}';
      insert into passerelle.runs (learner, module, activity, grain, grade, progress)
        values (p_learner, v_module, case when v_apart then p_activity end, v_grain, p_grade, '[]');
    end if;
    return;
  end if;
  update passerelle.enrolments t
    set set_aside = true, withdraw_at = case when p_grade = 'withdraw' and t.last_timestamp is not null then now() end
    where t.id = any (v_affected);
  for h in
    select p.holder, p.activity, max(p.activity_title) as title
      from passerelle.progress_rows p
      where p.learner = p_learner and p.grain = any (v_grains) and p.holder = any (v_holders)
      group by p.holder, p.activity order by p.holder
  loop
    outcome := 'restarted';
    if v_detached and h.holder = v_holder then
      v_removed := (
        select json_agg(to_json(p) order by p.grain) from passerelle.progress_rows p
          where p.learner = p_learner and p.grain = any (v_grains) and p.holder = h.holder);
      update passerelle.enrolments t set own_progress = true where t.learner = p_learner and t.activity = p_activity;
    else
      v_removed := passerelle.progress_remove(p_learner, v_grains, h.holder);
    end if;
    insert into passerelle.runs (learner, module, activity, grain, activity_title, grade, progress)
      values (p_learner, v_module, case when v_detached then p_activity else h.activity end, v_grain, h.title, p_grade, v_removed);
  end loop;
  perform passerelle.owe(p_learner, v_module);
  grades := array(
    select t.id from passerelle.enrolments t join public.grades g on g.id = t.id
      where t.id = any (v_affected) and t.last_timestamp is not null and g.status = 'none' order by t.id);
end $$;
CREATE FUNCTION passerelle.restart_taught(p_token bytea, p_learners uuid[], p_grade text) RETURNS TABLE(outcome text, locale text, learner uuid, done text, grades uuid[])
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '250ms'
    AS $$
declare
  s record;
  v_activity uuid;
  r record;
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  select * into s from passerelle.session_of(p_token);
  outcome := case when s.outcome = 'accepted' and s.role <> 'instructor' then 'forbidden' else s.outcome end;
  locale := s.locale;
  if outcome <> 'accepted' then
    return next;
    return;
  end if;
  select e.activity into v_activity from passerelle.enrolments e where e.id = s.enrolment;
  for learner in
    select e.learner from passerelle.enrolments e
      where e.activity = v_activity and not e.instructor and (p_learners is null or e.learner = any (p_learners))
        and passerelle.teacher_sees(s.enrolment, e.learner)
      order by 1
  loop
    if passerelle.is_shared(learner, v_activity, s.learner) then
      done := 'progress_shared';
      grades := null;
    else
      select x.outcome, x.grades into done, grades from passerelle.restart(learner, null, v_activity, p_grade) x;
    end if;
    return next;
  end loop;
  -- Whom the activity does not have, or this teacher does not see.
  done := 'unknown';
  grades := null;
  for learner in
    select x.id from unnest(p_learners) x (id)
      where not passerelle.teacher_sees(s.enrolment, x.id)
  loop
    return next;
  end loop;
end $$;
CREATE FUNCTION passerelle.roles_but_learner(p_roles text[]) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $_$
  select json_agg(r.word order by r.word)::text
  from (select distinct substring(x.role from '[^#/]*$') as word from unnest(p_roles) x (role)) r
  having bool_or(r.word <> 'Learner')
$_$;
CREATE FUNCTION passerelle.roster(p_token bytea, p_learner uuid, p_as_known boolean, p_form text, p_key text, p_snapshot pg_snapshot, p_filter json DEFAULT NULL::json, p_zone text DEFAULT 'UTC'::text) RETURNS TABLE(outcome text, locale text, source text, may_ask boolean, key text, snapshot text, unchanged boolean, module text, head text, read_at text, details text, line text, octets bigint, status text, score double precision, maximum double precision, error text, error_fr text, moodle text)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_custom_plan'
    SET jit TO 'off'
    AS $$
declare
  s record;
  m record;
  t record;
  v_activity uuid;
  v_only text[];
  v_has_groups boolean;
begin
  select * into s from passerelle.session_of(p_token);
  outcome := case when s.outcome = 'accepted' and s.role <> 'instructor' then 'forbidden' else s.outcome end;
  locale := s.locale;
  if outcome <> 'accepted' then
    return next;
    return;
  end if;
  if p_zone <> 'UTC' then
    begin
      perform now() at time zone p_zone;
    exception when invalid_parameter_value then
      outcome := 'zone_unknown';
      return next;
      return;
    end;
  end if;
  select e.activity into v_activity from passerelle.enrolments e where e.id = s.enrolment;
  select * into m from passerelle.memberships_of(v_activity);
  if p_learner is null and not p_as_known and m.source is not null and not m.is_fresh then
    source := m.source;
    may_ask := m.may_ask;
    return next;
    return;
  end if;
  select * into t from passerelle.teacher_groups(s.enrolment);
  v_only := case when t.is_bound then t.own end;
  v_has_groups := exists (select from passerelle.enrolments e where e.activity = v_activity and e.groups <> '{}');
  -- What the program cannot know: which groups are the teacher's own, and whether there are any.
  if p_filter is not null and p_filter->>'mine' = 'true' then
    p_filter := (p_filter::jsonb || jsonb_build_object('groups', coalesce(t.own, '{}')))::json;
  end if;
  if p_form = 'csv' and v_has_groups then
    p_filter := (coalesce(p_filter::jsonb, '{}') || '{"showsGroups": true}')::json;
  end if;
  key := passerelle.roster_key(
    v_activity, s.module, m.list, m.read_at, concat_ws('|', s.locale, array_to_string(t.own, ','), t.is_bound));
  snapshot := pg_current_snapshot()::text;
  unchanged := p_learner is null and coalesce(key = p_key, false)
    and not passerelle.roster_moved(v_activity, s.module, p_snapshot);
  if unchanged then
    return next;
    return;
  end if;
  read_at := passerelle.utc(m.read_at);
  select r.slug, case p_form
      when 'csv' then
        'name,email,completed,total,ratio,grade_status,grade_score,grade_maximum,last_seen'
          || coalesce((
            select string_agg(',' || passerelle.csv_text(g.slug), '' order by g.sort, g.slug)
            from passerelle.grain_rows g
            where g.module = s.module and g.status = 'active' and case when a.grain is null or a.module <> s.module then true else g.id = a.grain end),
            '') || case when v_has_groups then ',groups' else '' end || E'\r\n'
      else concat(
        '{"activity":{"title":', coalesce(to_json(a.title)::text, 'null'),
        ',"context":', coalesce(to_json(coalesce(a.context_title, a.context_label))::text, 'null'),
        ',"copyOf":' || to_json(passerelle.copied_course(a.platform, a.context_history))::text,
        ',"grain":' || to_json((select g.slug from passerelle.grain_rows g where g.id = a.grain and a.module = s.module))::text,
        '},"module":', case when r.id is null then 'null' else
          concat('{"slug":', to_json(r.slug)::text, ',"title":', to_json(r.title)::text, '}') end,
        ',"grains":[', (
          select string_agg(
            concat('{"slug":', to_json(g.slug)::text, ',"title":', to_json(g.title)::text, '}'), ',' order by g.sort, g.slug)
          from passerelle.grain_rows g
          where g.module = s.module and g.status = 'active' and case when a.grain is null or a.module <> s.module then true else g.id = a.grain end), ']',
        -- The same for everybody: once, and not with each learner.
        case when p_form = 'page' then concat(
          ',"teacher":', json_build_object('groups', coalesce(t.own, '{}'), 'isBound', t.is_bound),
          ',"groups":', passerelle.roster_groups(v_activity, v_only),
          ',"weeks":', passerelle.roster_weeks(v_activity, s.module, v_only)) end,
        case when p_form in ('compact', 'page') then concat(
          ',"total":', (
            select count(*) from passerelle.grain_rows g
            where g.module = s.module and g.status = 'active'
              and case when a.grain is null or a.module <> s.module then true else g.id = a.grain end),
          ',"maximum":', coalesce(a.line_item_maximum, 100)::float8) end,
        -- The maximum is a guess, as long as no line item says one.
        case when (p_form in ('compact', 'page') or p_learner is not null) and a.line_item_maximum is null then ',"isPercent":true' end)
    end
    into module, head
    from passerelle.activities a left join passerelle.module_rows r on r.id = s.module
    where a.id = v_activity;
  if exists (
    select from passerelle.enrolments e
    where e.activity = v_activity and e.learner = p_learner and not e.instructor and (v_only is null or e.groups && v_only))
  then
    select coalesce(json_agg(case when c.corrected_by is null then json_build_object(
        'slug', g.slug, 'title', g.title, 'weight', g.weight::float8,
        'status', coalesce(p.status, 'none'), 'score', p.score::float8,
        'completedAt', passerelle.utc(p.completed_at))
      else json_build_object(
        'slug', g.slug, 'title', g.title, 'weight', g.weight::float8,
        'status', coalesce(p.status, 'none'), 'score', p.score::float8,
        'completedAt', passerelle.utc(p.completed_at), 'correctedBy', c.corrected_by, 'correctionReason', c.reason)
      end order by g.sort, g.slug), '[]')::text
      into details
      from passerelle.grain_rows g
      join passerelle.enrolments e on e.learner = p_learner and e.activity = v_activity
      join passerelle.activities a on a.id = e.activity
      left join passerelle.progress_rows p on p.grain = g.id and p.learner = p_learner
        and passerelle.counts_for(p.activity, e.own_progress, e.activity)
      -- As long as nothing better came after it, in this run.
      left join lateral (
        select k.corrected_by, k.reason
          from passerelle.corrections k join passerelle.enrolments o on o.id = k.enrolment
          where o.learner = p_learner and k.grain = g.id
            and passerelle.holder(o.own_progress, o.activity, o.learner) = passerelle.holder(e.own_progress, e.activity, e.learner)
            and (k.status::text, k.score) is not distinct from (coalesce(p.status, 'none'), p.score)
            and not exists (
              select from passerelle.runs r
              where r.learner = p_learner and r.module = s.module and r.ended_at >= k.corrected_at
                and (r.grain is null or r.grain = g.id) and (r.activity is null or r.activity = e.activity))
          order by k.corrected_at desc limit 1) c on true
      where g.module = s.module and g.status = 'active' and case when a.grain is null or a.module <> s.module then true else g.id = a.grain end;
  end if;
  return next;
  return query
    select null::text, null::text, null::text, null::boolean, null::text, null::text, null::boolean, null::text, null::text,
           null::text, null::text, l.*
      from passerelle.roster_lines(v_activity, s.module, m.list, p_learner, p_form, v_only, p_filter, p_zone) l;
end $$;
CREATE FUNCTION passerelle.roster_filter(p_filter json, OUT groups text[], OUT ungrouped boolean, OUT terms text[], OUT kind text, OUT stop_at text, OUT days integer, OUT pass double precision, OUT shows_groups boolean) RETURNS record
    LANGUAGE plpgsql IMMUTABLE
    AS $$
begin
  days := 7;
  pass := 50;
  ungrouped := false;
  shows_groups := false;
  if p_filter is null then
    return;
  end if;
  if json_typeof(p_filter->'groups') = 'array' then
    groups := array(select json_array_elements_text(p_filter->'groups'));
    ungrouped := coalesce((p_filter->>'ungrouped')::boolean, false);
  end if;
  if json_typeof(p_filter->'terms') = 'array' and json_array_length(p_filter->'terms') > 0 then
    terms := array(
      select '%' || replace(replace(replace(passerelle.plain(t.term), '\', '\\'), '%', '\%'), '_', '\_') || '%'
      from json_array_elements_text(p_filter->'terms') t (term));
  end if;
  kind := p_filter->>'only';
  stop_at := p_filter->>'at';
  days := coalesce((p_filter->>'days')::integer, days);
  pass := coalesce((p_filter->>'pass')::float8, pass);
  shows_groups := coalesce((p_filter->>'showsGroups')::boolean, false);
end $$;
CREATE FUNCTION passerelle.roster_groups(p_activity uuid, p_only text[]) RETURNS text
    LANGUAGE sql STABLE
    AS $$
  select coalesce(json_agg(json_build_object('id', x.number, 'name', n.name) order by n.name, length(x.number), x.number), '[]')::text
  from (
    select distinct u.number from passerelle.enrolments e cross join lateral unnest(e.groups) u (number)
    where e.activity = p_activity and (p_only is null or u.number = any (p_only))) x
  join passerelle.activities a on a.id = p_activity
  left join passerelle.group_names n on n.platform = a.platform and n.context_id = a.context_id and n.number = x.number
$$;
CREATE FUNCTION passerelle.roster_key(p_activity uuid, p_module uuid, p_list uuid, p_read_at timestamp with time zone, p_locale text) RETURNS text
    LANGUAGE sql STABLE
    AS $$
  select md5(concat_ws('|', p_activity, p_module, coalesce(p_list::text, '-'), extract(epoch from p_read_at),
    coalesce(p_locale, '-'), extract(epoch from pg_postmaster_start_time()), 'passerelle.roster_marks'::regclass::oid))
$$;
CREATE FUNCTION passerelle.roster_lines(p_activity uuid, p_module uuid, p_list uuid, p_learner uuid, p_form text, p_only text[] DEFAULT NULL::text[], p_filter json DEFAULT NULL::json, p_zone text DEFAULT 'UTC'::text) RETURNS TABLE(line text, octets bigint, status text, score double precision, maximum double precision, error text, error_fr text, moodle text)
    LANGUAGE plpgsql STABLE
    AS $$
declare
  a record;
  v_total integer;
  v_weights numeric;
  v_all_or_nothing boolean;
  -- What our own page is given is the compact form, with more of each learner.
  v_is_compact boolean := p_form in ('compact', 'page');
  v_separator text := case when v_is_compact then '' when p_form = 'table' then E'\x1F' else ',' end;
  v_none text;
  v_is_listed boolean;
  f record;
begin
  select * into f from passerelle.roster_filter(p_filter);
  select t.platform, t.context_id, coalesce(t.line_item_maximum, 100) as maximum, t.reads_back,
         case when t.module = p_module then t.grain end as grain
    into a from passerelle.activities t where t.id = p_activity;
  -- Whether the platform has said who is in the course.
  select s.read_at is not null into v_is_listed from passerelle.membership_lists s where s.id = p_list;
  select m.grading = 'all-or-nothing' into v_all_or_nothing from passerelle.module_rows m where m.id = p_module;
  select count(*), coalesce(sum(g.weight::numeric), 0),
         coalesce(string_agg(
           case when v_is_compact then '--' when p_form = 'csv' then 'none' when p_form = 'table' then E'\x1F'
             else to_json(g.slug)::text || ':"none"' end,
           v_separator order by g.sort, g.slug), '')
    into v_total, v_weights, v_none
    from passerelle.grain_rows g
    where g.module = p_module and g.status = 'active' and case when a.grain is null then true else g.id = a.grain end;
  return query
  with grain as materialized (
    select g.id, g.weight::numeric as weight, row_number() over (order by g.sort, g.slug) as place,
           case p_form when 'full' then to_json(g.slug)::text || ':"' else '' end as before,
           case p_form when 'full' then '"' else '' end as after
      from passerelle.grain_rows g
      where g.module = p_module and g.status = 'active' and case when a.grain is null then true else g.id = a.grain end),
  came as materialized (
    select e.learner, e.roles, e.last_launch_at, l.name, l.given_name, l.family_name, l.email,
           e.subject, e.groups, e.first_launch_at, passerelle.holder(e.own_progress, e.activity, e.learner) as holder,
           coalesce(v_is_listed, false) and not exists (
             select from passerelle.members m where m.list = p_list and m.subject = e.subject and m.status = 'Active') as gone
      from passerelle.enrolments e
      join passerelle.learner_rows l on l.id = e.learner
      where e.activity = p_activity and not e.instructor and (p_learner is null or e.learner = p_learner)
        and not exists (
          select from passerelle.members m where m.list = p_list and m.subject = e.subject and m.instructor)
        and (p_only is null or e.groups && p_only)
        and (f.groups is null or coalesce(e.groups, '{}') && f.groups or f.ungrouped and coalesce(e.groups, '{}') = '{}')),
  person as (
    select c.learner as id, c.name, c.given_name, c.family_name, c.email, c.roles, c.last_launch_at, c.gone,
           coalesce(w.cells, '') as cells, w.completed,
           passerelle.ratio(w.earned, v_weights, v_all_or_nothing and w.completed < v_total) as ratio,
           coalesce(g.status::text, 'none') as grade, g.last_error, g.last_error_fr,
           passerelle.moodle_has(g.moodle_score, g.maximum, g.moodle_read_at, a.reads_back)::text as moodle,
           c.subject, c.groups, c.first_launch_at, w.progressed_at, w.stop, w.mean
      from came c
      cross join lateral (
        select string_agg(
                 case when p_form = 'table' then
                        case when p.status = 'completed' then coalesce(p.score, 1)::text when p.status is not null then 's' else '' end
                          || E'\x1F' || coalesce(passerelle.table_date(p.completed_at, p_zone), '')
                      when v_is_compact then
                        case
                          when p.status is null then '--'
                          when p.status <> 'completed' then 'ss'
                          when p.score is null then 'cc'
                          when p.score >= 1 then 'XX'
                          -- Nothing but the whole is 100 per cent.
                          else right((100 + least(99, round(p.score * 100)))::integer::text, 2)
                        end
                      else n.before || coalesce(p.status, 'none') || n.after end,
                 v_separator order by n.place) as cells,
               count(*) filter (where p.status = 'completed')::integer as completed,
               sum(passerelle.earned(n.weight, p.score)) filter (where p.status = 'completed') as earned,
               max(p.completed_at) as progressed_at,
               -- The first grain in which they have not got to the end.
               min(n.place) filter (where p.status is distinct from 'completed') as stop,
               -- As the cells say it, so that whoever has these comes to the same.
               avg(case when coalesce(p.score, 1) >= 1 then 100 else least(99, round(p.score * 100)) end)
                 filter (where p.status = 'completed') as mean
          from grain n
          left join passerelle.progress_rows p on p.grain = n.id and p.learner = c.learner and p.holder = c.holder) w
      left join public.grades g on g.learner = c.learner and g.activity = p_activity
    union all
    select null, m.name, m.given_name, m.family_name, m.email, m.roles, null, false, v_none, 0, 0, 'none', null, null, null,
           m.subject, null, null, null, null, null
      from passerelle.members m
      where m.list = p_list and p_learner is null and not m.instructor and m.status = 'Active'
        and not passerelle.only_watches(m.roles)
        -- Of whom never came it is not known in which groups they are.
        and p_only is null and (f.groups is null or f.ungrouped)
        and not exists (
          select from passerelle.enrolments e where e.activity = p_activity and e.subject = m.subject)
        and m.subject not in (
          select t.subject from (
            select distinct on (e.subject) e.subject, e.instructor
              from passerelle.enrolments e join passerelle.activities o on o.id = e.activity
              where o.platform = a.platform and o.context_id = a.context_id
              order by e.subject, e.last_launch_at desc) t
            where t.instructor)),
  state as (
    select p.*,
           p.id is not null and not (v_total > 0 and p.completed >= v_total)
             and coalesce(p.progressed_at, p.first_launch_at) < now() - make_interval(days => f.days) as is_still
      from person p),
  class as (
    select s.*, s.is_still and count(*) filter (where s.is_still) over (partition by s.stop) >= 3 as is_stuck from state s),
  asked as (
    select c.* from class c
      where (f.terms is null or passerelle.plain(concat_ws(' ', c.name, c.email)) like all (f.terms))
        and coalesce(case f.kind
          when 'absent' then c.id is null
          when 'underWay' then c.id is not null and not (v_total > 0 and c.completed >= v_total)
          when 'done' then c.id is not null and v_total > 0 and c.completed >= v_total
          when 'trouble' then c.grade in ('pending', 'failed', 'emptied')
          when 'still' then c.is_still
          when 'stuck' then c.is_stuck and (f.stop_at is null or c.stop = (
            select n.place from grain n join passerelle.grain_rows g on g.id = n.id where g.slug = f.stop_at))
          when 'below' then c.mean < f.pass
          else true end, false)),
  written as (
    select case p_form
        when 'full' then concat(
          '{"id":', coalesce(to_json(p.id)::text, 'null'), ',"name":', coalesce(to_json(p.name)::text, 'null'),
          ',"email":', coalesce(to_json(p.email)::text, 'null'), ',"roles":', to_json(p.roles)::text,
          ',"launched":', to_json(p.id is not null)::text, case when p.gone then ',"gone":true' end,
          -- One person's page calls whoever has no name as the table does.
          case when p_learner is not null and p.name is null then ',"subject":' || to_json(p.subject)::text end,
          ',"lastSeenAt":', coalesce(to_json(passerelle.utc(p.last_launch_at))::text, 'null'),
          ',"grains":{', p.cells, '},"completed":', p.completed, ',"total":', v_total, ',"ratio":', p.ratio::float8)
        when 'table' then concat_ws(E'\x1F',
          passerelle.field(p.family_name), passerelle.field(coalesce(p.given_name, case when p.family_name is null then p.name end)),
          passerelle.field(p.email), passerelle.field(p.subject),
          passerelle.field(passerelle.group_words(a.platform, a.context_id, p.groups)),
          case when p.id is null then 'absent' when v_total > 0 and p.completed >= v_total then 'done' else 'underWay' end,
          p.completed, v_total, p.ratio::float8, p.grade, passerelle.points(p.ratio, a.maximum)::float8, a.maximum::float8,
          coalesce(passerelle.table_date(p.last_launch_at, p_zone), ''), coalesce(passerelle.table_date(p.progressed_at, p_zone), ''),
          nullif(p.cells, ''))
        when 'csv' then concat_ws(',',
          passerelle.csv_text(p.name), passerelle.csv_text(p.email), p.completed, v_total, p.ratio::float8, p.grade,
          passerelle.points(p.ratio, a.maximum)::float8, a.maximum::float8,
          coalesce(passerelle.utc(p.last_launch_at), ''), nullif(p.cells, ''),
          case when f.shows_groups then coalesce(passerelle.csv_text(passerelle.group_words(a.platform, a.context_id, p.groups)), '')
          end) || E'\r\n'
        else '{' || concat_ws(',',
          '"id":' || to_json(p.id)::text, '"name":' || to_json(nullif(p.name, ''))::text,
          '"email":' || to_json(nullif(p.email, ''))::text,
          '"roles":' || passerelle.roles_but_learner(p.roles),
          case when p.id is null then '"launched":false' end, case when p.gone then '"gone":true' end,
          '"lastSeenAt":' || to_json(passerelle.utc(p.last_launch_at))::text,
          case when p.cells <> '' then '"cells":"' || p.cells || '"' end,
          '"completed":' || p.completed, '"ratio":' || round(p.ratio, 5)::float8,
          case when p_form = 'page' then nullif(concat_ws(',',
            '"progressedAt":' || to_json(passerelle.utc(p.progressed_at))::text,
            '"since":' || to_json(passerelle.utc(case when p.progressed_at is null then p.first_launch_at end))::text,
            '"subject":' || case when p.name is null then to_json(p.subject)::text end,
            '"groups":' || case when p.groups <> '{}' then to_json(p.groups)::text end), '') end)
      end as line, p.*
      from asked p)
  select w.line, case when p_form = 'csv' then sum(octet_length(w.line)) over () end, w.grade,
         passerelle.points(w.ratio, a.maximum)::float8, a.maximum::float8, w.last_error, w.last_error_fr, w.moodle
    from written w
    order by coalesce(nullif(w.family_name, ''), w.name) collate passerelle.people,
             w.given_name collate passerelle.people, w.name collate passerelle.people, w.email, w.id;
end $$;
CREATE FUNCTION passerelle.roster_moved(p_activity uuid, p_module uuid, p_snapshot pg_snapshot) RETURNS boolean
    LANGUAGE plpgsql STABLE
    AS $$
declare
  v_scopes uuid[];
begin
  select array[p_activity, p_module, t.module, passerelle.course_scope(t.platform, t.context_id)] into v_scopes
    from passerelle.activities t where t.id = p_activity;
  return exists (select from passerelle.roster_horizon h where h.xid >= pg_snapshot_xmin(p_snapshot))
    or exists (
      select from unnest(v_scopes) s (scope)
      join passerelle.roster_marks k on k.scope = s.scope and k.xid >= pg_snapshot_xmin(p_snapshot)
      where not pg_visible_in_snapshot(k.xid, p_snapshot));
end $$;
CREATE FUNCTION passerelle.roster_weeks(p_activity uuid, p_module uuid, p_only text[]) RETURNS text
    LANGUAGE sql STABLE
    AS $$
  select json_agg(coalesce(c.done, 0) order by w.week desc)::text
  from generate_series(0, 11) w (week)
  left join (
    select floor(extract(epoch from now() - p.completed_at) / 604800)::integer as week, count(*) as done
      from passerelle.enrolments e
      join passerelle.activities a on a.id = e.activity
      join passerelle.progress_rows p on p.learner = e.learner
        and passerelle.counts_for(p.activity, e.own_progress, e.activity)
      join passerelle.grain_rows g on g.id = p.grain and g.module = p_module and g.status = 'active'
        and case when a.grain is null or a.module <> p_module then true else g.id = a.grain end
      where e.activity = p_activity and not e.instructor and (p_only is null or e.groups && p_only)
        and p.completed_at > now() - interval '84 days'
      group by 1) c on c.week = w.week
$$;
CREATE FUNCTION passerelle.run_is_over(p_run integer, p_token bytea) RETURNS boolean
    LANGUAGE plpgsql STABLE
    AS $$
begin
  return (
    select count(*) > p_run and max(r.ended_at) > max(s.created_at)
      from passerelle.sessions s
      join passerelle.enrolments e on e.id = s.enrolment
      join passerelle.runs r on r.learner = e.learner and r.module = s.module
        and coalesce(r.activity, r.learner) = passerelle.holder(e.own_progress, e.activity, e.learner)
      where s.token = p_token);
end $$;
CREATE FUNCTION passerelle.send_again() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if new.score is null then
    new.status := old.status;
    return new;
  end if;
  new.version := old.version + 1;
  new.attempts := 0;
  new.next_attempt_at := now();
  new.last_error_code := null;
  new.last_error := null;
  new.last_error_fr := null;
  update passerelle.enrolments
    set owed_version = new.version, doubtful_timestamp = null, failing_since = null, erring_since = null,
        delivered_ratio = null
    where id = new.id;
  return new;
end $$;
CREATE FUNCTION passerelle.session_is_of(p_enrolment uuid, p_person uuid, p_deep_link json, p_platform uuid, p_learner uuid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
  select case
    when p_enrolment is null then
      coalesce(p_person = p_learner, true)
      and coalesce(p_deep_link ->> 'issuer' = (select p.issuer from passerelle.platforms p where p.id = p_platform), true)
    else exists (
      select from passerelle.enrolments e join passerelle.activities a on a.id = e.activity
      where e.id = p_enrolment and coalesce(e.learner = p_learner, true) and coalesce(a.platform = p_platform, true))
  end
$$;
CREATE FUNCTION passerelle.session_of(p_token bytea, OUT outcome text, OUT enrolment uuid, OUT module uuid, OUT role text, OUT learner uuid, OUT locale text, OUT preview boolean) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$
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
CREATE FUNCTION passerelle.session_open(p_code bytea, p_token bytea, p_hours integer, OUT outcome text, OUT role text, OUT learner_id uuid, OUT name text, OUT email text, OUT locale text, OUT return_url text, OUT expires_at timestamp with time zone, OUT expires text, OUT place text, OUT progress text, OUT grade text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
CREATE FUNCTION passerelle.sessions_end(p_platform uuid, p_learner uuid, OUT sessions integer, OUT codes integer) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
CREATE FUNCTION passerelle.set_aside_states(p_learner uuid, p_grains uuid[], p_holders uuid[], p_run integer) RETURNS integer
    LANGUAGE plpgsql
    AS $$
declare
  states integer;
begin
  update passerelle.states t set set_aside_at = now(), run = p_run
    where t.learner = p_learner and t.grain = any (p_grains) and t.set_aside_at is null
      and (p_holders is null or coalesce(t.activity, t.learner) = any (p_holders));
  get diagnostics states = row_count;
  return states;
end $$;
CREATE FUNCTION passerelle.shard() RETURNS smallint
    LANGUAGE sql STABLE
    AS $$
  select (pg_backend_pid() % 16)::smallint
$$;
CREATE FUNCTION passerelle.standing(p_learner uuid, p_module uuid, p_enrolment uuid, OUT completed integer, OUT total integer, OUT ratio numeric, OUT owed boolean) RETURNS record
    LANGUAGE plpgsql STABLE
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
begin
  select s.completed, s.total, s.ratio, s.owed into completed, total, ratio, owed
    from passerelle.standings(p_module, array[p_learner], array[p_enrolment]) s;
end $$;
CREATE FUNCTION passerelle.standings(p_module uuid, p_learners uuid[], p_enrolments uuid[]) RETURNS TABLE(enrolment uuid, completed integer, total integer, ratio numeric, owed boolean)
    LANGUAGE sql STABLE
    AS $$
  with g as materialized (
    select g.id, g.weight::numeric as weight from passerelle.grain_rows g where g.module = p_module and g.status = 'active')
  select t.id, r.completed, r.total,
         case when x.about_one then coalesce(o.score, 0) else passerelle.ratio(d.earned, c.weights, r.falls_short) end,
         r.completed > 0 and not r.falls_short
    from passerelle.enrolments t
    join passerelle.activities a on a.id = t.activity
    cross join (
      select count(*)::integer as total, coalesce(sum(g.weight), 0) as weights,
             coalesce((select m.grading = 'all-or-nothing' from passerelle.module_rows m where m.id = p_module), false) as needs_all
        from g) c
    cross join lateral (
      select passerelle.holder(t.own_progress, t.activity, t.learner) as holder,
             -- A session may still show the module that the activity had before.
             a.grain is not null and a.module = p_module as about_one) x
    left join (
      select p.learner, p.holder, count(*)::integer as completed,
             sum(passerelle.earned(g.weight, p.score)) as earned
        from passerelle.progress_rows p join g on g.id = p.grain
        where p.learner = any (p_learners) and p.status = 'completed'
        group by p.learner, p.holder) d on d.learner = t.learner and d.holder = x.holder
    cross join lateral (
      select count(*)::integer as total, max(coalesce(p.score::numeric, 1)) filter (where p.status = 'completed') as score
        from g left join passerelle.progress_rows p on p.grain = g.id and p.learner = t.learner and p.holder = x.holder
        where x.about_one and g.id = a.grain) o
    cross join lateral (
      select u.completed, u.total, not x.about_one and c.needs_all and u.completed < u.total as falls_short
        from (select case when x.about_one then (o.score is not null)::integer else coalesce(d.completed, 0) end as completed,
                     case when x.about_one then o.total else c.total end as total) u) r
    where t.id = any (p_enrolments)
$$;
CREATE FUNCTION passerelle.state_place(p_token bytea, p_grain text, OUT outcome text, OUT locale text, OUT enrolment uuid, OUT learner uuid, OUT grain uuid, OUT activity uuid, OUT goes_on boolean) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$
declare
  s record;
begin
  select * into s from passerelle.session_of(p_token);
  outcome := case
    when s.outcome <> 'accepted' then s.outcome
    when s.preview then 'teacher_preview'
    when s.role <> 'learner' then 'forbidden'
    else 'accepted'
  end;
  locale := s.locale;
  if outcome <> 'accepted' then
    return;
  end if;
  enrolment := s.enrolment;
  learner := s.learner;
  if passerelle.counts_apart(s.module) then
    select e.activity, not e.own_progress into activity, goes_on from passerelle.enrolments e where e.id = s.enrolment;
  end if;
  select g.id into grain from passerelle.grain_rows g
    where g.module = s.module and g.slug = p_grain and g.status = 'active';
  if grain is null then
    outcome := 'unknown_grain';
  end if;
end $$;
CREATE FUNCTION passerelle.state_read(p_token bytea, p_grain text, OUT outcome text, OUT locale text, OUT value text, OUT tag text) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
declare
  place record;
begin
  select * into place from passerelle.state_place(p_token, p_grain);
  outcome := place.outcome;
  locale := place.locale;
  if outcome <> 'accepted' then
    return;
  end if;
  select t.value::text, passerelle.state_tag(t.value) into value, tag
    from passerelle.states t
    where t.learner = place.learner and t.grain = place.grain and t.set_aside_at is null
      and (t.activity is not distinct from place.activity or t.activity is null and place.goes_on)
    order by t.activity nulls last limit 1;
  if not found then
    outcome := 'no_state';
  end if;
end $$;
CREATE FUNCTION passerelle.state_tag(p_value json) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
  select left(encode(sha256(convert_to(p_value::text, 'UTF8')), 'hex'), 32)
$$;
CREATE FUNCTION passerelle.state_write(p_token bytea, p_grain text, p_value json, p_matches text, p_is_new boolean, p_run integer DEFAULT NULL::integer, OUT outcome text, OUT locale text, OUT value text, OUT tag text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
declare
  place record;
  present record;
begin
  perform passerelle.read_committed();
  select * into place from passerelle.state_place(p_token, p_grain);
  outcome := place.outcome;
  locale := place.locale;
  if outcome <> 'accepted' then
    return;
  end if;
  -- Whoever is being forgotten keeps nothing any more.
  perform from passerelle.enrolments e where e.id = place.enrolment for key share;
  if not found then
    outcome := 'invalid_token';
    return;
  end if;
  if p_run is not null and passerelle.run_is_over(p_run, p_token) then
    outcome := 'run_ended';
    return;
  end if;
  loop
    select t.id, t.value, passerelle.state_tag(t.value) as tag into present
      from passerelle.states t
      where t.learner = place.learner and t.grain = place.grain and t.activity is not distinct from place.activity
        and t.set_aside_at is null
      for update;
    if found then
      if p_is_new or (p_matches is not null and p_matches <> '*'
                      and present.tag <> all (string_to_array(p_matches, ' '))) then
        outcome := 'state_changed';
        value := present.value::text;
        tag := present.tag;
        return;
      end if;
      update passerelle.states t set value = p_value, changed_at = clock_timestamp() where t.id = present.id;
      exit;
    end if;
    if p_matches is not null then
      outcome := 'state_changed';
      return;
    end if;
    insert into passerelle.states (learner, grain, activity, value, changed_at)
      values (place.learner, place.grain, place.activity, p_value, clock_timestamp())
      on conflict do nothing;
    exit when found;
  end loop;
  tag := passerelle.state_tag(p_value);
end $$;
CREATE FUNCTION passerelle.table_date(p_at timestamp with time zone, p_zone text) RETURNS text
    LANGUAGE sql STABLE
    AS $$
  select round(extract(epoch from date_trunc('second', p_at) at time zone p_zone)::numeric / 86400 + 25569, 11)::text
$$;
CREATE FUNCTION passerelle.take(p_enrolments uuid[], p_seconds integer, p_known uuid DEFAULT NULL::uuid, p_completed integer DEFAULT NULL::integer, p_total integer DEFAULT NULL::integer) RETURNS text
    LANGUAGE plpgsql
    AS $$
declare
  answer text;
begin
  if p_enrolments is null then
    return '[]';
  end if;
  update passerelle.enrolments e
    set doubtful_timestamp = case when e.lease is not null then e.last_timestamp else e.doubtful_timestamp end,
        lease = gen_random_uuid(), leased_at = now(),
        -- From this instant, not from the transaction's beginning: it may have waited for others.
        leased_until = clock_timestamp() + make_interval(secs => p_seconds),
        leased_ratio = e.owed_ratio, leased_version = e.owed_version,
        last_timestamp = passerelle.next_timestamp(e.last_timestamp), set_aside = false, withdraw_at = null
    where e.id = any (p_enrolments) and e.owed_ratio is not null;
  select coalesce(json_agg(case when e.id = p_known then passerelle.delivery(e.id, p_completed, p_total)
                                else passerelle.delivery(e.id) end), '[]')::text into answer
    from passerelle.enrolments e where e.id = any (p_enrolments) and e.owed_ratio is not null;
  return answer;
end $$;
CREATE FUNCTION passerelle.take_next(p_grade uuid, p_learner uuid, p_seconds integer) RETURNS text
    LANGUAGE plpgsql
    AS $$
declare
  free uuid[];
begin
  perform pg_advisory_xact_lock(passerelle.lock_of_learner(p_learner));
  select array_agg(x.id) into free from (
    select e.id
      from passerelle.enrolments t
      join passerelle.activities k on k.id = t.activity
      join passerelle.platforms p on p.id = k.platform
      join passerelle.enrolments e on e.learner = p_learner
      join passerelle.activities a on a.id = e.activity and a.platform = k.platform
      join public.grades g on g.learner = e.learner and g.activity = e.activity
      where t.id = p_grade and p.enabled and g.status = 'pending' and e.id <> p_grade
        and passerelle.is_over(g.next_attempt_at, interval '25 hours')
        and passerelle.is_over(p.breaker_until, interval '2 minutes')
        and passerelle.is_over(e.leased_until, interval '10 minutes')
        and not passerelle.is_served(p_learner, a.platform)
      order by g.next_attempt_at, e.id
      limit 1
      for update of e skip locked) x;
  if free is null then
    return null;
  end if;
  return (passerelle.take(free, p_seconds)::json -> 0)::text;
end $$;
CREATE FUNCTION passerelle.take_turn() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '5s'
    AS $$
begin
  perform pg_advisory_xact_lock(hashtextextended('passerelle.staff', 0));
  return null;
exception when lock_not_available then
  return null;
end $$;
CREATE FUNCTION passerelle.teacher_groups(p_enrolment uuid, OUT own text[], OUT is_bound boolean) RETURNS record
    LANGUAGE sql STABLE
    AS $$
  select nullif(e.groups, '{}'),
         coalesce(cardinality(e.groups), 0) > 0
           and (s.read_at is null or exists (
             select from passerelle.members m
             where m.list = s.id and m.subject = e.subject and m.status = 'Active' and not m.instructor))
    from passerelle.enrolments e
    join passerelle.activities a on a.id = e.activity
    left join passerelle.deployments d on d.id = a.deployment
    left join passerelle.membership_lists s on s.registration = d.registration and s.url = a.memberships_url
    where e.id = p_enrolment
$$;
CREATE FUNCTION passerelle.teacher_sees(p_enrolment uuid, p_learner uuid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
  select exists (
    select from passerelle.enrolments t
    cross join lateral passerelle.teacher_groups(t.id) g
    join passerelle.enrolments e on e.activity = t.activity and e.learner = p_learner and not e.instructor
    where t.id = p_enrolment and (not g.is_bound or e.groups && g.own))
$$;
CREATE FUNCTION passerelle.teachers_are_listed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
CREATE FUNCTION passerelle.teaches_no_more(p_enrolment uuid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
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
CREATE FUNCTION passerelle.title_of(p_title text, p_course text, p_course_label text) RETURNS text
    LANGUAGE sql STABLE
    AS $$
  select nullif(concat_ws(' · ', passerelle.title_text(p_title), passerelle.title_text(coalesce(p_course, p_course_label))), '')
$$;
CREATE FUNCTION passerelle.title_text(p_text text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  v_part constant text := '\{mlang ([^}]+?)\}(.*?)\{mlang\}';
  v_wanted text;
begin
  if p_text is null or p_text !~* v_part then
    return p_text;
  end if;
  select coalesce(max(t.tag) filter (where t.tag = 'other'), (array_agg(t.tag order by m.place, t.place))[1]) into v_wanted
    from regexp_matches(p_text, v_part, 'gi') with ordinality m (part, place)
    cross join lateral regexp_split_to_table(lower(m.part[1]), '[\s,]+') with ordinality t (tag, place);
  return (
    select btrim(string_agg(
        o.words || case when v_wanted = any (regexp_split_to_array(lower(m.part[1]), '[\s,]+')) then m.part[2] else '' end,
        '' order by o.place))
      from regexp_split_to_table(p_text, v_part, 'i') with ordinality o (words, place)
      left join regexp_matches(p_text, v_part, 'gi') with ordinality m (part, place) on m.place = o.place);
end $$;
CREATE FUNCTION passerelle.touch() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  new.date_updated := old.date_updated;
  if new *<> old then
    new.date_updated := now();
  end if;
  return new;
end $$;
CREATE FUNCTION passerelle.utc(p_instant timestamp with time zone) RETURNS text
    LANGUAGE sql STABLE
    AS $$
  select to_char(p_instant at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
$$;
CREATE FUNCTION passerelle.verified(p_activity uuid, p_began timestamp with time zone, p_results json, p_maximum numeric, p_only uuid, OUT equal integer, OUT emptied integer, OUT different integer, OUT restored integer, OUT passed_over integer) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '250ms'
    SET plan_cache_mode TO 'force_custom_plan'
    SET jit TO 'off'
    AS $$
declare
  v_module uuid;
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  with r as materialized (
    select x.subject, min(x.score) as score, min(x.maximum) as maximum
      from json_to_recordset(p_results) as x (subject text, score numeric, maximum numeric)
      where x.score is not null
      group by x.subject),
  t as materialized (
    select e.id, e.subject, case when s.is_restored then e.owed_ratio else coalesce(e.delivered_ratio, e.owed_ratio) end as ratio,
           case when s.is_restored then 'restored' else g.status end as status, g.maximum::numeric as own_maximum,
           g.moodle_score::numeric as moodle_score
      from passerelle.enrolments e join public.grades g on g.id = e.id
      cross join lateral (select g.status = 'failed' and g.last_error_code = 'grades_restored' as is_restored) s
      where e.activity = p_activity and (g.status in ('delivered', 'emptied') or s.is_restored) and (p_only is null or e.id = p_only)
        and passerelle.is_over(e.leased_until, interval '10 minutes') and e.doubtful_timestamp is null
        and (e.leased_at is null or e.leased_at < p_began or e.leased_at > clock_timestamp())
        and (g.delivered_at is null or g.delivered_at < p_began or g.delivered_at > clock_timestamp())
      order by e.id
      for no key update of e skip locked),
  judged as materialized (
    select t.*, r.maximum, k.keeps_no_grade,
           -- In points of the maximum that is shown here: another one rescales.
           case when r.maximum > 0 then round(r.score * t.own_maximum / r.maximum, 5) end as found,
           coalesce(abs(r.score - passerelle.points(t.ratio, r.maximum)) < 0.00002, false) as is_equal
      from t
      join passerelle.activities k on k.id = p_activity
      left join r on r.subject = t.subject),
  changed as (
    update public.grades g
      set status = case
            when j.status = 'restored' and not j.is_equal then 'failed'
            when j.found is not null then 'delivered' when j.keeps_no_grade then 'none' else 'emptied' end,
          attempts = case when j.status = 'restored' and j.is_equal then 0 else g.attempts end,
          last_error_code = case when j.status = 'restored' and j.is_equal then null else g.last_error_code end,
          last_error = case when j.status = 'restored' and j.is_equal then null else g.last_error end,
          last_error_fr = case when j.status = 'restored' and j.is_equal then null else g.last_error_fr end,
          moodle_score = case when not j.is_equal then j.found end, moodle_read_at = now(),
          delivered_score = case
            when j.found is null then null when j.status <> 'delivered' and j.is_equal then j.found else g.delivered_score end,
          delivered_maximum = case
            when j.found is null then null when j.status <> 'delivered' and j.is_equal then j.own_maximum else g.delivered_maximum end,
          delivered_version = case
            when j.found is null then null when j.status <> 'delivered' and j.is_equal then g.version else g.delivered_version end,
          delivered_at = case
            when j.status = 'restored' and not j.is_equal then g.delivered_at
            when (j.found is null) = (j.status = 'delivered') then now() else g.delivered_at end
      from judged j
      where g.id = j.id
        and ((j.found is null) = (j.status = 'delivered') and (j.status <> 'restored' or j.is_equal)
             or j.found is distinct from j.moodle_score and not j.is_equal
             or j.is_equal and j.moodle_score is not null)
      returning g.id, g.status),
  noted as (
    update passerelle.enrolments e
      set delivered_ratio = case
            when c.status = 'delivered' and j.status = 'restored' then e.owed_ratio
            when c.status = 'delivered' then coalesce(e.delivered_ratio, e.owed_ratio) end,
          delivered_to = case
            when c.status = 'delivered' then coalesce(
              e.delivered_to, (select coalesce(a.line_item, e.line_item) from passerelle.activities a where a.id = e.activity)) end,
          confirm_at = case when c.status = 'delivered' then e.confirm_at end
      from changed c join judged j on j.id = c.id where e.id = c.id and c.status <> 'failed'
      returning e.id)
  select count(*) filter (where j.is_equal and j.status = 'delivered'),
         count(*) filter (where j.found is null and not j.keeps_no_grade and j.status <> 'restored'),
         count(*) filter (where j.found is not null and not j.is_equal),
         count(*) filter (where j.is_equal and j.status <> 'delivered')
    into equal, emptied, different, restored
    from judged j;
  select count(*) - equal - emptied - different - restored into passed_over
    from public.grades g join passerelle.enrolments e on e.id = g.id
    where e.activity = p_activity and (p_only is null or e.id = p_only)
      and (g.status in ('delivered', 'emptied') or g.last_error_code = 'grades_restored' and g.moodle_score is not null);
  passed_over := greatest(passed_over, 0);
  if p_only is null then
    select a.module into v_module
      from passerelle.activities a where a.id = p_activity and p_maximum is distinct from coalesce(a.line_item_maximum, 100);
    update passerelle.activities a
      set verified_at = p_began, verify_claimed_at = null,
          line_item_maximum = coalesce(p_maximum, a.line_item_maximum),
          line_item_read_at = case when p_maximum is null then a.line_item_read_at else p_began end
      where a.id = p_activity;
    -- Another maximum changes every grade in its numbers, not in its worth.
    if p_maximum is not null and v_module is not null then
      perform passerelle.owe_activity(p_activity, v_module);
    end if;
  end if;
end $$;
CREATE FUNCTION passerelle.verify_begin(p_activity uuid, OUT claimed boolean, OUT began text, OUT source text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '250ms'
    AS $$
begin
  perform passerelle.read_committed();
  update passerelle.activities a set verify_claimed_at = clock_timestamp()
    where a.id = p_activity
      and (a.verify_claimed_at is null
           or a.verify_claimed_at not between clock_timestamp() - interval '2 minutes' and clock_timestamp());
  claimed := found;
  began := clock_timestamp()::text;
  if not claimed then
    return;
  end if;
  select json_build_object(
      'lineItem', coalesce(a.line_item, e.line_item), 'lineItems', e.line_items, 'resourceLink', a.resource_link_id,
      'formerLink', case
        when a.link_is_doubtful and e.token_scope like '%/scope/lineitem%' then a.former_link_ids[cardinality(a.former_link_ids)] end,
      'mayBeMade', false, 'lineItemIsStale', true,
      'host', substring(p.issuer from '^https?://([^/]*)'), 'registration', r.id, 'clientId', r.client_id,
      'tokenUrl', r.token_url, 'scope', e.token_scope,
      'token', (
        select encode(t.sealed, 'hex') from passerelle.access_tokens t
        where t.registration = r.id and t.scope = e.token_scope and t.expires_at > now() + interval '60 seconds'))::text
    into source
    from passerelle.activities a
    join passerelle.platforms p on p.id = a.platform
    join passerelle.deployments d on d.id = a.deployment
    join passerelle.registrations r on r.id = d.registration
    join lateral (
      select t.line_item, t.line_items, t.token_scope from passerelle.enrolments t
        where t.activity = a.id and t.token_scope like '%/scope/result.readonly%'
        order by t.last_launch_at desc limit 1) e on true
    where a.id = p_activity and p.enabled and coalesce(a.line_item, e.line_item) is not null;
end $$;
CREATE FUNCTION passerelle.verify_list(p_activity uuid, p_platform uuid, p_due boolean) RETURNS TABLE(activity uuid, has_line_item boolean)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  select a.id, k.is_known
    from passerelle.activities a
    join passerelle.platforms p on p.id = a.platform
    cross join lateral (
      select case when a.verified_at <= now() then a.verified_at else '-infinity' end as at,
             date_trunc('day', now()) + make_interval(mins => (hashtext(a.id::text) & 2147483647) % 300) as turn) v
    cross join lateral (
      select exists (
        select from passerelle.enrolments e
          where e.activity = a.id and coalesce(a.line_item, e.line_item) is not null
            and e.token_scope like '%/scope/result.readonly%') as is_known) k
    where p.enabled and a.gone_at is null
      and (p_activity is null or a.id = p_activity) and (p_platform is null or a.platform = p_platform)
      and (not p_due or k.is_known)
      and (not p_due or passerelle.is_over(p.breaker_until, interval '2 minutes'))
      and exists (
        select from passerelle.enrolments e join public.grades g on g.id = e.id
        where e.activity = a.id and (g.status in ('delivered', 'emptied') or g.last_error_code = 'grades_restored'))
      and (not p_due
           or v.at < case when v.turn <= now() then v.turn else v.turn - interval '1 day' end
           or v.at < now() - interval '1 hour'
              and exists (select from passerelle.enrolments e where e.activity = a.id and e.last_launch_at > v.at))
    order by v.at, a.id
$$;
CREATE FUNCTION passerelle.withdraw(p_grade uuid, p_seconds integer, OUT outcome text, OUT delivery text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '250ms'
    AS $$
declare
  current_version bigint;
  current_status text;
  e passerelle.enrolments;
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  -- The enrolment before the grade, as everywhere.
  select * into e from passerelle.enrolments t where t.id = p_grade for no key update;
  select g.version, g.status into current_version, current_status from public.grades g where g.id = p_grade for no key update;
  -- With the activity the grade is gone.
  if current_status = 'gone' then
    update public.grades g
      set status = 'none', score = null, maximum = null, version = g.version + 1, last_error_code = null, last_error = null,
          last_error_fr = null
      where g.id = p_grade;
    update passerelle.enrolments t set owed_ratio = null, owed_version = null, last_timestamp = null where t.id = p_grade;
    outcome := 'gone';
    return;
  end if;
  perform pg_advisory_xact_lock(passerelle.lock_of_learner(e.learner));
  if passerelle.is_served(e.learner, (select a.platform from passerelle.activities a where a.id = e.activity)) then
    outcome := 'busy';
    return;
  end if;
  if e.last_timestamp is null then
    outcome := 'nothing_sent';
    return;
  end if;
  outcome := 'leased';
  update passerelle.enrolments t
    set lease = gen_random_uuid(), leased_at = now(),
        leased_until = clock_timestamp() + make_interval(secs => p_seconds),
        leased_ratio = coalesce(t.owed_ratio, 0), leased_version = current_version, delivered_ratio = null,
        last_timestamp = passerelle.next_timestamp(t.last_timestamp)
    where t.id = p_grade;
  delivery := passerelle.delivery(p_grade)::text;
end $$;
CREATE FUNCTION passerelle.withdrawals_due(p_grades uuid[], p_now boolean) RETURNS SETOF uuid
    LANGUAGE sql STABLE
    AS $$
  select e.id
    from passerelle.enrolments e
    join public.grades g on g.id = e.id
    join passerelle.activities a on a.id = e.activity
    join passerelle.platforms p on p.id = a.platform
    where e.withdraw_at is not null and (p_now or e.withdraw_at <= now()) and e.last_timestamp is not null
      and g.status = 'none' and p.enabled and passerelle.is_over(e.leased_until, interval '10 minutes')
      and (p_grades is null or e.id = any (p_grades))
    order by e.withdraw_at, e.id limit 1000
$$;
CREATE FUNCTION passerelle.withdrawn(p_grade uuid, p_lease uuid, p_version bigint, p_is_gone boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '250ms'
    AS $$
declare
  h record;
begin
  perform passerelle.read_committed();
  select * into h from passerelle.holds(p_grade, p_lease);
  if not h.held then
    return;
  end if;
  update passerelle.enrolments e
    set lease = null, leased_until = null,
        withdraw_at = case when e.withdraw_at is not null then now() + interval '10 minutes' end
    where e.id = p_grade;
  if not p_is_gone then
    return;
  end if;
  update passerelle.enrolments e
    set last_timestamp = null, withdraw_at = null, doubtful_timestamp = null, confirm_at = null, failing_since = null, erring_since = null
    where e.id = p_grade;
  -- What the platform has since now: nothing.
  update public.grades g
    set delivered_score = null, delivered_maximum = null, delivered_version = null, delivered_at = now()
    where g.id = p_grade;
  if h.version = p_version then
    update passerelle.enrolments e
      set owed_ratio = null, owed_version = null, withdrawn_ratio = s.ratio, withdrawn_completed = s.completed
      from passerelle.enrolments t
      join passerelle.activities a on a.id = t.activity
      cross join lateral passerelle.standing(t.learner, a.module, t.id) s
      where t.id = p_grade and e.id = t.id;
    update public.grades g
      set status = 'none', score = null, maximum = null, version = g.version + 1, attempts = 0, next_attempt_at = null,
          last_error_code = null, last_error = null, last_error_fr = null
      where g.id = p_grade;
  end if;
end $$;
SET default_tablespace = '';
CREATE TABLE passerelle.access_tokens (
    registration uuid NOT NULL,
    scope text NOT NULL,
    sealed bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
CREATE TABLE passerelle.activities (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    platform uuid NOT NULL,
    deployment uuid,
    resource_link_id text NOT NULL,
    title text,
    context_id text,
    context_label text,
    context_title text,
    module uuid,
    memberships_url text,
    line_item_maximum numeric(12,5),
    line_item_read_at timestamp with time zone,
    line_item_claimed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    line_item text,
    line_item_is_named boolean DEFAULT false NOT NULL,
    former_link_ids text[] DEFAULT '{}'::text[] NOT NULL,
    gone_at timestamp with time zone,
    reads_back boolean,
    keeps_no_grade boolean DEFAULT false NOT NULL,
    verified_at timestamp with time zone,
    verify_claimed_at timestamp with time zone,
    grain uuid,
    context_history text[],
    other_link_ids text[] DEFAULT '{}'::text[] NOT NULL,
    link_is_doubtful boolean DEFAULT false NOT NULL
);
CREATE TABLE passerelle.adoption (
    one boolean DEFAULT true NOT NULL,
    map text NOT NULL,
    adopted_at timestamp with time zone DEFAULT now() NOT NULL,
    tables json NOT NULL,
    added text[] NOT NULL,
    undo text NOT NULL,
    resting json NOT NULL,
    removes boolean NOT NULL,
    CONSTRAINT adoption_is_one CHECK (one)
);
CREATE TABLE passerelle.codes (
    code bytea NOT NULL,
    enrolment uuid,
    module uuid,
    role character varying(20) NOT NULL,
    return_url text,
    expires_at timestamp with time zone NOT NULL,
    learner uuid,
    deep_link json,
    session_ends_at timestamp with time zone,
    CONSTRAINT codes_are_of_a_launch_or_a_deep_link CHECK (
CASE
    WHEN (deep_link IS NULL) THEN ((enrolment IS NOT NULL) AND (module IS NOT NULL) AND (learner IS NULL))
    ELSE ((enrolment IS NULL) AND (module IS NULL) AND (learner IS NOT NULL) AND ((role)::text = 'instructor'::text))
END),
    CONSTRAINT codes_role_is_known CHECK (((role)::text = ANY (ARRAY['learner'::text, 'instructor'::text])))
);
CREATE TABLE passerelle.consumers (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    platform uuid NOT NULL,
    consumer_key text NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE passerelle.corrections (
    enrolment uuid NOT NULL,
    grain uuid NOT NULL,
    status character varying(20) NOT NULL,
    score double precision,
    teacher uuid,
    corrected_by text NOT NULL,
    reason text NOT NULL,
    corrected_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT corrections_reason_is_short CHECK (((length(reason) >= 1) AND (length(reason) <= 500))),
    CONSTRAINT corrections_status_is_known CHECK (((status)::text = ANY (ARRAY['started'::text, 'completed'::text, 'none'::text])))
);
CREATE TABLE passerelle.counters (
    name character varying(40) NOT NULL,
    label character varying(40) NOT NULL,
    shard smallint NOT NULL,
    value bigint NOT NULL
)
WITH (fillfactor='40');
CREATE TABLE passerelle.deployments (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    registration uuid NOT NULL,
    deployment_id text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE passerelle.directus_rows (
    table_name text NOT NULL,
    row_id text NOT NULL,
    purpose text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE passerelle.enrolments (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    learner uuid NOT NULL,
    activity uuid NOT NULL,
    subject text NOT NULL,
    roles text[] DEFAULT '{}'::text[] NOT NULL,
    instructor boolean DEFAULT false NOT NULL,
    gradable boolean DEFAULT false NOT NULL,
    line_item text,
    line_items text,
    scopes text[] DEFAULT '{}'::text[] NOT NULL,
    token_scope text DEFAULT ''::text NOT NULL,
    outcome_url text,
    outcome_sourcedid text,
    consumer uuid,
    first_launch_at timestamp with time zone DEFAULT now() NOT NULL,
    last_launch_at timestamp with time zone DEFAULT now() NOT NULL,
    owed_ratio numeric,
    owed_version bigint,
    leased_ratio numeric,
    leased_version bigint,
    delivered_ratio numeric,
    lease uuid,
    leased_until timestamp with time zone,
    leased_at timestamp with time zone,
    last_timestamp bigint,
    doubtful_timestamp bigint,
    confirm_at timestamp with time zone,
    failing_since timestamp with time zone,
    erring_since timestamp with time zone,
    withdrawn_ratio numeric,
    withdrawn_completed integer,
    listed_instructor_at timestamp with time zone,
    delivered_to text,
    own_progress boolean DEFAULT false NOT NULL,
    set_aside boolean DEFAULT false NOT NULL,
    withdraw_at timestamp with time zone,
    previewed_at timestamp with time zone,
    last_seen_at timestamp with time zone,
    groups text[]
);
CREATE TABLE passerelle.functions_made (
    one boolean DEFAULT true NOT NULL,
    digest text NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT functions_made_is_one CHECK (one)
);
CREATE TABLE public.grades (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    learner uuid NOT NULL,
    activity uuid NOT NULL,
    module uuid,
    activity_title text,
    status character varying(20) DEFAULT 'pending'::character varying NOT NULL,
    score double precision,
    maximum double precision,
    version bigint DEFAULT 1 NOT NULL,
    delivered_score double precision,
    delivered_maximum double precision,
    delivered_version bigint,
    delivered_at timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    next_attempt_at timestamp with time zone,
    last_error_code text,
    last_error text,
    last_error_fr text,
    date_created timestamp with time zone DEFAULT now() NOT NULL,
    date_updated timestamp with time zone,
    moodle_score double precision,
    moodle_read_at timestamp with time zone,
    learner_key integer,
    CONSTRAINT grades_score_has_a_maximum CHECK (((score IS NULL) = (maximum IS NULL))),
    CONSTRAINT grades_status_is_known CHECK (((status)::text = ANY (ARRAY['none'::text, 'pending'::text, 'delivered'::text, 'failed'::text, 'emptied'::text, 'gone'::text])))
);
CREATE VIEW passerelle.grade_rows AS
 SELECT id
   FROM public.grades g;
CREATE TABLE public.grains (
    id bigint NOT NULL,
    module integer NOT NULL,
    code character varying(100) NOT NULL,
    titre character varying(255) NOT NULL,
    poids numeric(8,3) DEFAULT 1,
    statut character varying(20) DEFAULT 'publie'::character varying NOT NULL,
    ordre integer,
    passerelle_id uuid DEFAULT gen_random_uuid() NOT NULL,
    CONSTRAINT grains_statut_check CHECK (((statut)::text = ANY ((ARRAY['publie'::character varying, 'archive'::character varying])::text[])))
);
CREATE TABLE public.modules (
    id integer NOT NULL,
    code character varying(100) NOT NULL,
    titre character varying(255) NOT NULL,
    adresse character varying(500),
    regle character varying(20) DEFAULT 'proportion'::character varying NOT NULL,
    statut character varying(20) DEFAULT 'publie'::character varying NOT NULL,
    ordre integer,
    passerelle_id uuid DEFAULT gen_random_uuid() NOT NULL,
    CONSTRAINT modules_regle_check CHECK (((regle)::text = ANY ((ARRAY['proportion'::character varying, 'tout_ou_rien'::character varying])::text[]))),
    CONSTRAINT modules_statut_check CHECK (((statut)::text = ANY ((ARRAY['publie'::character varying, 'archive'::character varying])::text[])))
);
CREATE VIEW passerelle.grain_rows AS
 SELECT g.passerelle_id AS id,
    m.passerelle_id AS module,
    (g.code)::text AS slug,
    COALESCE(NULLIF((g.titre)::text, ''::text), (g.code)::text) AS title,
    (GREATEST(COALESCE(g.poids, (1)::numeric), (0)::numeric))::double precision AS weight,
        CASE
            WHEN COALESCE(((g.statut)::text = 'publie'::text), false) THEN 'active'::text
            ELSE 'archived'::text
        END AS status,
    g.ordre AS sort
   FROM (public.grains g
     JOIN public.modules m ON ((m.id = g.module)));
CREATE TABLE passerelle.group_names (
    platform uuid NOT NULL,
    context_id text NOT NULL,
    number text NOT NULL,
    name text NOT NULL,
    date_updated timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT group_names_name_is_short CHECK (((name <> ''::text) AND (length(name) <= 100)))
);
CREATE TABLE passerelle.heartbeats (
    one boolean DEFAULT true NOT NULL,
    beaten_at timestamp with time zone NOT NULL,
    CONSTRAINT heartbeats_is_one CHECK (one)
)
WITH (fillfactor='10');
CREATE TABLE passerelle.identities (
    platform uuid NOT NULL,
    subject text NOT NULL,
    learner uuid NOT NULL,
    seen_name text,
    seen_given_name text,
    seen_family_name text,
    seen_email text,
    seen_locale text,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE passerelle.invites (
    invite bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    registration uuid,
    replaces uuid
);
CREATE TABLE passerelle.key_sets (
    url text NOT NULL,
    document text,
    fetched_at timestamp with time zone,
    expires_at timestamp with time zone,
    attempted_at timestamp with time zone,
    failed boolean DEFAULT false NOT NULL
);
CREATE TABLE public.apprenants (
    id integer NOT NULL,
    nom character varying(255) NOT NULL,
    prenom character varying(255),
    courriel character varying(255),
    langue character varying(10),
    "Classe" character varying(50),
    date_created timestamp with time zone DEFAULT now(),
    date_updated timestamp with time zone,
    passerelle_id uuid DEFAULT gen_random_uuid() NOT NULL
);
CREATE VIEW passerelle.learner_rows AS
 SELECT passerelle_id AS id,
    NULLIF(btrim(concat_ws(' '::text, (prenom)::text, (nom)::text)), ''::text) AS name,
    (prenom)::text AS given_name,
    (nom)::text AS family_name,
    (courriel)::text AS email,
    COALESCE(NULLIF((langue)::text, ''::text), ( SELECT i.seen_locale
           FROM passerelle.identities i
          WHERE ((i.learner = l.passerelle_id) AND (i.seen_locale IS NOT NULL))
          ORDER BY i.created_at
         LIMIT 1)) AS locale,
    date_created
   FROM public.apprenants l;
CREATE TABLE passerelle.login_states (
    state bytea NOT NULL,
    nonce bytea NOT NULL,
    browser bytea NOT NULL,
    stored boolean DEFAULT false NOT NULL,
    registration uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    consumed_at timestamp with time zone
);
CREATE TABLE passerelle.members (
    list uuid NOT NULL,
    subject text NOT NULL,
    roles text[] NOT NULL,
    instructor boolean NOT NULL,
    status character varying(20) NOT NULL,
    name text,
    given_name text,
    family_name text,
    email text,
    CONSTRAINT members_status_is_known CHECK (((status)::text = ANY (ARRAY['Active'::text, 'Inactive'::text, 'Deleted'::text])))
);
CREATE TABLE passerelle.membership_lists (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    registration uuid NOT NULL,
    url text NOT NULL,
    read_at timestamp with time zone,
    retry_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE passerelle.migrations (
    number integer NOT NULL,
    name text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE VIEW passerelle.module_rows AS
 SELECT passerelle_id AS id,
    (code)::text AS slug,
    COALESCE(NULLIF((titre)::text, ''::text), (code)::text) AS title,
    NULLIF((adresse)::text, ''::text) AS url,
        CASE
            WHEN COALESCE(((regle)::text = 'tout_ou_rien'::text), false) THEN 'all-or-nothing'::text
            ELSE 'proportion'::text
        END AS grading,
        CASE
            WHEN COALESCE(((statut)::text = 'publie'::text), false) THEN 'active'::text
            ELSE 'archived'::text
        END AS status,
    ordre AS sort,
    'learner'::text AS scope
   FROM public.modules m;
CREATE TABLE passerelle.nonces (
    consumer uuid NOT NULL,
    nonce bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
CREATE TABLE passerelle.own_grains (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    module uuid NOT NULL,
    slug text NOT NULL,
    title text NOT NULL,
    weight double precision DEFAULT 1 NOT NULL,
    status character varying(20) DEFAULT 'active'::character varying NOT NULL,
    sort integer,
    date_created timestamp with time zone DEFAULT now() NOT NULL,
    date_updated timestamp with time zone,
    CONSTRAINT grains_slug_is_url_safe CHECK ((slug ~ '^[A-Za-z0-9][A-Za-z0-9._~-]{0,99}$'::text)),
    CONSTRAINT grains_status_is_known CHECK (((status)::text = ANY (ARRAY['active'::text, 'archived'::text]))),
    CONSTRAINT grains_title_is_not_empty CHECK ((title <> ''::text)),
    CONSTRAINT grains_weight_is_positive CHECK (((weight > (0)::double precision) AND (weight < (1000000)::double precision)))
);
CREATE TABLE passerelle.own_learners (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text,
    given_name text,
    family_name text,
    email text,
    locale text,
    date_created timestamp with time zone DEFAULT now() NOT NULL,
    date_updated timestamp with time zone,
    last_seen_at timestamp with time zone
);
CREATE TABLE passerelle.own_modules (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    slug text NOT NULL,
    title text NOT NULL,
    url text,
    grading character varying(20) DEFAULT 'proportion'::character varying NOT NULL,
    status character varying(20) DEFAULT 'active'::character varying NOT NULL,
    sort integer,
    date_created timestamp with time zone DEFAULT now() NOT NULL,
    date_updated timestamp with time zone,
    notice text,
    scope character varying(20) DEFAULT 'learner'::character varying NOT NULL,
    CONSTRAINT modules_grading_is_known CHECK (((grading)::text = ANY (ARRAY['proportion'::text, 'all-or-nothing'::text]))),
    CONSTRAINT modules_scope_is_known CHECK (((scope)::text = ANY (ARRAY['learner'::text, 'activity'::text]))),
    CONSTRAINT modules_slug_is_url_safe CHECK ((slug ~ '^[A-Za-z0-9][A-Za-z0-9._~-]{0,99}$'::text)),
    CONSTRAINT modules_status_is_known CHECK (((status)::text = ANY (ARRAY['active'::text, 'archived'::text]))),
    CONSTRAINT modules_title_is_not_empty CHECK ((title <> ''::text)),
    CONSTRAINT modules_url_is_http CHECK ((url ~ '^https?://'::text))
);
CREATE TABLE passerelle.own_progress (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    learner uuid NOT NULL,
    grain uuid NOT NULL,
    status character varying(20) DEFAULT 'started'::character varying NOT NULL,
    score double precision,
    completed_at timestamp with time zone,
    date_created timestamp with time zone DEFAULT now() NOT NULL,
    date_updated timestamp with time zone,
    activity uuid,
    activity_title text,
    corrected_by text,
    correction_reason text,
    CONSTRAINT progress_completed_has_a_date CHECK ((((status)::text = 'completed'::text) = (completed_at IS NOT NULL))),
    CONSTRAINT progress_score_is_between_0_and_1 CHECK (((score >= (0)::double precision) AND (score <= (1)::double precision))),
    CONSTRAINT progress_status_is_known CHECK (((status)::text = ANY (ARRAY['started'::text, 'completed'::text])))
);
CREATE TABLE passerelle.platform_calls (
    platform uuid NOT NULL,
    shard smallint NOT NULL,
    calls bigint NOT NULL,
    seconds double precision NOT NULL,
    recent_calls double precision NOT NULL,
    recent_seconds double precision NOT NULL
)
WITH (fillfactor='40');
CREATE TABLE passerelle.platforms (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    issuer text NOT NULL,
    enabled boolean DEFAULT true NOT NULL,
    breaker_until timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE public.progressions (
    id integer NOT NULL,
    apprenant integer NOT NULL,
    grain bigint NOT NULL,
    statut character varying(20) DEFAULT 'en_cours'::character varying NOT NULL,
    note numeric(14,10),
    date_fin timestamp with time zone,
    date_updated timestamp with time zone,
    CONSTRAINT progressions_note_check CHECK (((note >= (0)::numeric) AND (note <= (20)::numeric))),
    CONSTRAINT progressions_statut_check CHECK (((statut)::text = ANY ((ARRAY['en_cours'::character varying, 'termine'::character varying])::text[])))
);
CREATE VIEW passerelle.progress_rows AS
 SELECT DISTINCT ON (l.passerelle_id, g.passerelle_id) l.passerelle_id AS learner,
    g.passerelle_id AS grain,
        CASE
            WHEN COALESCE(((p.statut)::text = 'termine'::text), false) THEN 'completed'::text
            ELSE 'started'::text
        END AS status,
    (
        CASE
            WHEN (p.note < (0)::numeric) THEN (0)::numeric
            WHEN (p.note > (20)::numeric) THEN (1)::numeric
            ELSE (p.note / (20)::numeric)
        END)::double precision AS score,
    p.date_fin AS completed_at,
    NULL::uuid AS activity,
    l.passerelle_id AS holder,
    NULL::text AS activity_title
   FROM ((public.progressions p
     JOIN public.apprenants l ON ((l.id = p.apprenant)))
     JOIN public.grains g ON ((g.id = p.grain)))
  WHERE ((l.passerelle_id IS NOT NULL) AND (g.passerelle_id IS NOT NULL))
  ORDER BY l.passerelle_id, g.passerelle_id, COALESCE(((p.statut)::text = 'termine'::text), false) DESC, p.note DESC, p.id;
CREATE TABLE passerelle.recounts (
    module uuid NOT NULL,
    done_to uuid,
    learners integer NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    asked_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE passerelle.registrations (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    platform uuid NOT NULL,
    client_id text NOT NULL,
    auth_url text NOT NULL,
    token_url text NOT NULL,
    jwks_url text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE passerelle.roles (
    purpose character varying(20) NOT NULL,
    role text NOT NULL,
    named_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT roles_purpose_is_known CHECK (((purpose)::text = ANY (ARRAY['web'::text, 'directus'::text])))
);
CREATE TABLE passerelle.roster_horizon (
    one boolean DEFAULT true NOT NULL,
    xid xid8 NOT NULL,
    CONSTRAINT roster_horizon_is_one CHECK (one)
);
CREATE TABLE passerelle.roster_marks (
    scope uuid NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    marked_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE passerelle.runs (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    learner uuid NOT NULL,
    module uuid NOT NULL,
    activity uuid,
    grain uuid,
    activity_title text,
    ended_at timestamp with time zone DEFAULT now() NOT NULL,
    grade character varying(20) NOT NULL,
    progress json NOT NULL,
    CONSTRAINT runs_grade_is_known CHECK (((grade)::text = ANY (ARRAY['withdraw'::text, 'keep'::text])))
);
CREATE TABLE passerelle.sessions (
    token bytea NOT NULL,
    enrolment uuid,
    module uuid,
    role character varying(20) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    learner uuid,
    deep_link json,
    return_url text,
    CONSTRAINT sessions_are_of_a_launch_or_a_deep_link CHECK (
CASE
    WHEN (deep_link IS NULL) THEN ((enrolment IS NOT NULL) AND (module IS NOT NULL) AND (learner IS NULL))
    ELSE ((enrolment IS NULL) AND (module IS NULL) AND (learner IS NOT NULL) AND ((role)::text = 'instructor'::text))
END),
    CONSTRAINT sessions_role_is_known CHECK (((role)::text = ANY (ARRAY['learner'::text, 'instructor'::text])))
);
CREATE TABLE passerelle.states (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    learner uuid NOT NULL,
    grain uuid NOT NULL,
    activity uuid,
    value json NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    set_aside_at timestamp with time zone,
    run integer,
    CONSTRAINT states_are_small CHECK ((octet_length((value)::text) <= 65536))
);
CREATE TABLE passerelle.tool_keys (
    kid text NOT NULL,
    public_jwk text NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    retired_at timestamp with time zone
);
CREATE SEQUENCE public.apprenants_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.apprenants_id_seq OWNED BY public.apprenants.id;
ALTER TABLE public.grains ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.grains_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE SEQUENCE public.modules_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.modules_id_seq OWNED BY public.modules.id;
CREATE SEQUENCE public.progressions_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.progressions_id_seq OWNED BY public.progressions.id;
ALTER TABLE ONLY public.apprenants ALTER COLUMN id SET DEFAULT nextval('public.apprenants_id_seq'::regclass);
ALTER TABLE ONLY public.modules ALTER COLUMN id SET DEFAULT nextval('public.modules_id_seq'::regclass);
ALTER TABLE ONLY public.progressions ALTER COLUMN id SET DEFAULT nextval('public.progressions_id_seq'::regclass);
INSERT INTO passerelle.activities VALUES ('59d6dade-84c1-494c-8f17-c1e9f7b245fd', '108e26cf-a69d-4806-82ce-01a1ac2ebdd3', NULL, 'un', 'Un', '4', NULL, NULL, 'f4043202-7618-4289-b293-30c12651d279', NULL, 20.00000, NULL, NULL, '2026-11-30 16:09:14.529004+00', 'https://moodle.example/un', false, '{7}', NULL, NULL, false, NULL, NULL, NULL, '{3}', '{8}', false);
INSERT INTO passerelle.activities VALUES ('10dc840e-1e35-4329-b185-f792a4c4f763', '108e26cf-a69d-4806-82ce-01a1ac2ebdd3', NULL, 'deux', 'Deux', '4', NULL, NULL, 'a02107f9-ff9a-4f00-9155-228e1b4826ae', NULL, NULL, NULL, NULL, '2026-11-30 16:09:14.529004+00', 'https://moodle.example/deux', false, '{7}', NULL, NULL, false, NULL, NULL, NULL, '{3}', '{8}', false);
INSERT INTO passerelle.adoption VALUES (true, '[learners]
table       = apprenants
given_name  = prenom
family_name = nom
email       = courriel
locale      = langue
created     = date_created
match       = email
create      = yes
[modules]
table       = modules
slug        = code
title       = titre
url         = adresse
grading     = regle is tout_ou_rien     # otherwise in proportion
active      = statut is publie
sort        = ordre
[grains]
table       = grains
module      = module
slug        = code
title       = titre
weight      = poids
active      = statut is publie
sort        = ordre
[progress]
table        = progressions
learner      = apprenant
grain        = grain
completed    = statut is termine else en_cours
score        = note out of 20
completed_at = date_fin
', '2026-11-30 16:09:13.917756+00', '{"learners":"apprenants","modules":"modules","grains":"grains","progress":"progressions"}', '{"new column public.apprenants.passerelle_id uuid not null default gen_random_uuid() unique: the name by which Passerelle knows a row, whose key is integer","new column public.modules.passerelle_id uuid not null default gen_random_uuid() unique: the name by which Passerelle knows a row, whose key is integer","new column public.grains.passerelle_id uuid not null default gen_random_uuid() unique: the name by which Passerelle knows a row, whose key is bigint","new index on public.progressions (apprenant, grain): a learner''s rows are looked for at each call","new column public.grades.learner_key integer: the key of a grade''s learner in public.apprenants, by which Directus shows who that is","new trigger on public.apprenants: passerelle_await_turn","new trigger on public.modules: passerelle_await_turn","new trigger on public.grains: passerelle_await_turn","new trigger on public.progressions: passerelle_await_turn","new trigger on public.apprenants: passerelle_updated","new trigger on public.apprenants: passerelle_deleted","new trigger on public.grades: passerelle_keyed","new trigger on public.modules: passerelle_updated","new trigger on public.modules: passerelle_deleted","new trigger on public.grains: passerelle_inserted","new trigger on public.grains: passerelle_deleted","new trigger on public.grains: passerelle_updated","new trigger on public.progressions: passerelle_checked","new trigger on public.progressions: passerelle_inserted","new trigger on public.progressions: passerelle_deleted","new trigger on public.progressions: passerelle_updated","out of Directus''s sight: public.learners, empty, becomes passerelle.own_learners","out of Directus''s sight: public.modules, empty, becomes passerelle.own_modules","out of Directus''s sight: public.grains, empty, becomes passerelle.own_grains","out of Directus''s sight: public.progress, empty, becomes passerelle.own_progress"}', 'alter table public."apprenants" drop column if exists "passerelle_id";
alter table public."modules" drop column if exists "passerelle_id";
alter table public."grains" drop column if exists "passerelle_id";
drop index if exists public.passerelle_progress_learner', '[{"relation":"\"passerelle\".\"codes\"","name":"codes_learner_fkey","column":"learner","onDelete":"c","definition":"FOREIGN KEY (learner) REFERENCES passerelle.own_learners(id) ON DELETE CASCADE"},{"relation":"\"passerelle\".\"enrolments\"","name":"enrolments_learner_fkey","column":"learner","onDelete":"c","definition":"FOREIGN KEY (learner) REFERENCES passerelle.own_learners(id) ON DELETE CASCADE"},{"relation":"\"passerelle\".\"identities\"","name":"identities_learner_fkey","column":"learner","onDelete":"c","definition":"FOREIGN KEY (learner) REFERENCES passerelle.own_learners(id) ON DELETE CASCADE"},{"relation":"\"passerelle\".\"sessions\"","name":"sessions_learner_fkey","column":"learner","onDelete":"c","definition":"FOREIGN KEY (learner) REFERENCES passerelle.own_learners(id) ON DELETE CASCADE"},{"relation":"\"public\".\"grades\"","name":"grades_learner_fkey","column":"learner","onDelete":"c","definition":"FOREIGN KEY (learner) REFERENCES passerelle.own_learners(id) ON DELETE CASCADE"},{"relation":"\"passerelle\".\"activities\"","name":"activities_module_fkey","column":"module","onDelete":"n","definition":"FOREIGN KEY (module) REFERENCES passerelle.own_modules(id) ON DELETE SET NULL"},{"relation":"\"passerelle\".\"codes\"","name":"codes_module_fkey","column":"module","onDelete":"c","definition":"FOREIGN KEY (module) REFERENCES passerelle.own_modules(id) ON DELETE CASCADE"},{"relation":"\"passerelle\".\"sessions\"","name":"sessions_module_fkey","column":"module","onDelete":"c","definition":"FOREIGN KEY (module) REFERENCES passerelle.own_modules(id) ON DELETE CASCADE"},{"relation":"\"public\".\"grades\"","name":"grades_module_fkey","column":"module","onDelete":"n","definition":"FOREIGN KEY (module) REFERENCES passerelle.own_modules(id) ON DELETE SET NULL"}]', true);
INSERT INTO passerelle.corrections VALUES ('c4dd886d-70ef-42bf-86d8-d915407125a6', 'fd747226-516d-4f84-a383-91a1fc707f97', 'completed', 0.5, 'e3ee29ea-aa68-4b79-91c1-52537143ff02', 'Ada 3', 'oral', '2026-11-30 16:09:14.529004+00');
INSERT INTO passerelle.corrections VALUES ('a0322c68-7920-4c57-bb83-3befd0dda8f6', '7f147089-69d9-4eea-af51-14b3cf21fd87', 'completed', 0.5, '55f36b50-8a7b-46ad-8cd8-a94ef138cf59', 'Ada 3', 'oral', '2026-11-30 16:09:14.529004+00');
INSERT INTO passerelle.counters VALUES ('attempts', 'delivered', 9, 1);
INSERT INTO passerelle.counters VALUES ('launches', 'accepted', 0, 3);
INSERT INTO passerelle.enrolments VALUES ('3ef60f0a-2401-440a-851a-64f99aca3821', 'b93c9098-cd3e-43f8-95f8-3653fa0f6989', '10dc840e-1e35-4329-b185-f792a4c4f763', '2', '{}', false, true, NULL, NULL, '{}', '', NULL, NULL, NULL, '2026-11-30 16:09:14.529004+00', '2026-11-30 16:09:14.529004+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, false, NULL, NULL, NULL, NULL);
INSERT INTO passerelle.enrolments VALUES ('55f36b50-8a7b-46ad-8cd8-a94ef138cf59', 'be9b777b-5bb7-4720-84a8-85337107cfc6', '59d6dade-84c1-494c-8f17-c1e9f7b245fd', '3', '{}', false, true, NULL, NULL, '{}', '', NULL, NULL, NULL, '2026-11-30 16:09:14.529004+00', '2026-11-30 16:09:14.529004+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, false, NULL, NULL, NULL, NULL);
INSERT INTO passerelle.enrolments VALUES ('e3ee29ea-aa68-4b79-91c1-52537143ff02', 'be9b777b-5bb7-4720-84a8-85337107cfc6', '10dc840e-1e35-4329-b185-f792a4c4f763', '3', '{}', false, true, NULL, NULL, '{}', '', NULL, NULL, NULL, '2026-11-30 16:09:14.529004+00', '2026-11-30 16:09:14.529004+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, false, NULL, NULL, NULL, NULL);
INSERT INTO passerelle.enrolments VALUES ('032ff95e-1c6b-4e1b-8b12-35cfcc9a9acf', 'b93c9098-cd3e-43f8-95f8-3653fa0f6989', '59d6dade-84c1-494c-8f17-c1e9f7b245fd', '2', '{}', false, true, NULL, NULL, '{}', '', NULL, NULL, NULL, '2026-11-30 16:09:14.529004+00', '2026-11-30 16:09:14.529004+00', 0.046153846153846153846153846154, 1, 0.046153846153846153846153846154, 1, 0.046153846153846153846153846154, NULL, NULL, NULL, 1700000000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, false, NULL, NULL, NULL, NULL);
INSERT INTO passerelle.enrolments VALUES ('c4dd886d-70ef-42bf-86d8-d915407125a6', '55757328-6862-41fe-a47d-338afc5a63e6', '10dc840e-1e35-4329-b185-f792a4c4f763', '1', '{}', false, true, NULL, NULL, '{}', '', NULL, NULL, NULL, '2026-11-30 16:09:14.529004+00', '2026-11-30 16:09:14.529004+00', 0.461538461538461538461538461538, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, false, NULL, NULL, '2026-11-30 16:09:14.529004+00', '{1}');
INSERT INTO passerelle.enrolments VALUES ('a0322c68-7920-4c57-bb83-3befd0dda8f6', '55757328-6862-41fe-a47d-338afc5a63e6', '59d6dade-84c1-494c-8f17-c1e9f7b245fd', '1', '{}', false, true, NULL, NULL, '{}', '', NULL, NULL, NULL, '2026-11-30 16:09:14.529004+00', '2026-11-30 16:09:14.529004+00', 0.435897435897692307692307692308, 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, false, NULL, NULL, '2026-11-30 16:09:14.529004+00', '{1}');
INSERT INTO passerelle.functions_made VALUES (true, 'e9d1269cf46684567a302b45de67213e7c6d47053368a6dcf7ae5cdef77a99e5', '2026-11-30 16:09:13.917756+00');
INSERT INTO passerelle.group_names VALUES ('108e26cf-a69d-4806-82ce-01a1ac2ebdd3', '4', '1', 'A', '2026-11-30 16:09:14.529004+00');
INSERT INTO passerelle.heartbeats VALUES (true, '2026-11-30 16:09:14.529004+00');
INSERT INTO passerelle.identities VALUES ('108e26cf-a69d-4806-82ce-01a1ac2ebdd3', '1', '55757328-6862-41fe-a47d-338afc5a63e6', 'Ada 1', 'Ada', '1', 'ada1@example.org', 'fr', '2026-11-30 16:09:14.529004+00');
INSERT INTO passerelle.identities VALUES ('108e26cf-a69d-4806-82ce-01a1ac2ebdd3', '2', 'b93c9098-cd3e-43f8-95f8-3653fa0f6989', 'Ada 2', 'Ada', '2', 'ada2@example.org', 'fr', '2026-11-30 16:09:14.529004+00');
INSERT INTO passerelle.identities VALUES ('108e26cf-a69d-4806-82ce-01a1ac2ebdd3', '3', 'be9b777b-5bb7-4720-84a8-85337107cfc6', 'Ada 3', 'Ada', '3', 'ada3@example.org', 'fr', '2026-11-30 16:09:14.529004+00');
INSERT INTO passerelle.migrations VALUES (1, 'tables', '2026-11-30 16:09:13.917756+00');
INSERT INTO passerelle.migrations VALUES (2, 'recounts', '2026-11-30 16:09:13.917756+00');
INSERT INTO passerelle.migrations VALUES (3, 'rosters', '2026-11-30 16:09:13.917756+00');
INSERT INTO passerelle.migrations VALUES (4, 'roles', '2026-11-30 16:09:13.917756+00');
INSERT INTO passerelle.migrations VALUES (5, 'heartbeats', '2026-11-30 16:09:13.917756+00');
INSERT INTO passerelle.migrations VALUES (6, 'deliveries', '2026-11-30 16:09:13.917756+00');
INSERT INTO passerelle.migrations VALUES (7, 'people', '2026-11-30 16:09:13.917756+00');
INSERT INTO passerelle.migrations VALUES (8, 'states', '2026-11-30 16:09:13.917756+00');
INSERT INTO passerelle.migrations VALUES (10, 'metrics', '2026-11-30 16:09:13.917756+00');
INSERT INTO passerelle.migrations VALUES (11, 'classes', '2026-11-30 16:09:13.917756+00');
INSERT INTO passerelle.migrations VALUES (12, 'links', '2026-11-30 16:09:13.917756+00');
INSERT INTO passerelle.migrations VALUES (13, 'corrections', '2026-11-30 16:09:13.917756+00');
INSERT INTO passerelle.platform_calls VALUES ('108e26cf-a69d-4806-82ce-01a1ac2ebdd3', 0, 1, 0.5, 1, 0.5);
INSERT INTO passerelle.platforms VALUES ('108e26cf-a69d-4806-82ce-01a1ac2ebdd3', 'Moodle', 'https://moodle.example', true, NULL, '2026-11-30 16:09:14.529004+00');
INSERT INTO passerelle.roster_marks VALUES ('a02107f9-ff9a-4f00-9155-228e1b4826ae', '767', '2026-11-30 16:09:14.521764+00');
INSERT INTO passerelle.roster_marks VALUES ('f4043202-7618-4289-b293-30c12651d279', '767', '2026-11-30 16:09:14.521764+00');
INSERT INTO passerelle.roster_marks VALUES ('59d6dade-84c1-494c-8f17-c1e9f7b245fd', '768', '2026-11-30 16:09:14.529004+00');
INSERT INTO passerelle.roster_marks VALUES ('10dc840e-1e35-4329-b185-f792a4c4f763', '768', '2026-11-30 16:09:14.529004+00');
INSERT INTO passerelle.roster_marks VALUES ('a02107f9-ff9a-4f00-9155-228e1b4826ae', '768', '2026-11-30 16:09:14.529004+00');
INSERT INTO passerelle.roster_marks VALUES ('f4043202-7618-4289-b293-30c12651d279', '768', '2026-11-30 16:09:14.529004+00');
INSERT INTO passerelle.runs VALUES ('0b58087e-b1a2-4eb0-af01-7ccef4caf81e', 'b93c9098-cd3e-43f8-95f8-3653fa0f6989', 'f4043202-7618-4289-b293-30c12651d279', NULL, NULL, 'Un', '2026-11-30 16:09:14.529004+00', 'keep', '[{}]');
INSERT INTO passerelle.states VALUES ('5513a3ec-1cae-41e9-bf0c-bea9daaeac52', '55757328-6862-41fe-a47d-338afc5a63e6', '7f147089-69d9-4eea-af51-14b3cf21fd87', NULL, '{"page": 2}', '2026-11-30 16:09:14.529004+00', '2026-11-30 16:09:14.529004+00', NULL, NULL);
INSERT INTO public.apprenants VALUES (1, '1', 'Ada', 'ada1@example.org', 'fr', NULL, '2026-11-30 16:09:14.529004+00', NULL, '55757328-6862-41fe-a47d-338afc5a63e6');
INSERT INTO public.apprenants VALUES (2, '2', 'Ada', 'ada2@example.org', 'fr', NULL, '2026-11-30 16:09:14.529004+00', NULL, 'b93c9098-cd3e-43f8-95f8-3653fa0f6989');
INSERT INTO public.apprenants VALUES (3, '3', 'Ada', 'ada3@example.org', 'fr', NULL, '2026-11-30 16:09:14.529004+00', NULL, 'be9b777b-5bb7-4720-84a8-85337107cfc6');
INSERT INTO public.grades VALUES ('c4dd886d-70ef-42bf-86d8-d915407125a6', '55757328-6862-41fe-a47d-338afc5a63e6', '10dc840e-1e35-4329-b185-f792a4c4f763', 'a02107f9-ff9a-4f00-9155-228e1b4826ae', 'Deux', 'pending', 46.15385, 100, 1, NULL, NULL, NULL, NULL, 0, '2026-11-30 16:09:14.529004+00', NULL, NULL, NULL, '2026-11-30 16:09:14.529004+00', NULL, NULL, NULL, 1);
INSERT INTO public.grades VALUES ('a0322c68-7920-4c57-bb83-3befd0dda8f6', '55757328-6862-41fe-a47d-338afc5a63e6', '59d6dade-84c1-494c-8f17-c1e9f7b245fd', 'f4043202-7618-4289-b293-30c12651d279', 'Un', 'pending', 8.71795, 20, 2, NULL, NULL, NULL, NULL, 0, '2026-11-30 16:09:14.529004+00', NULL, NULL, NULL, '2026-11-30 16:09:14.529004+00', '2026-11-30 16:09:14.529004+00', NULL, NULL, 1);
INSERT INTO public.grades VALUES ('032ff95e-1c6b-4e1b-8b12-35cfcc9a9acf', 'b93c9098-cd3e-43f8-95f8-3653fa0f6989', '59d6dade-84c1-494c-8f17-c1e9f7b245fd', 'f4043202-7618-4289-b293-30c12651d279', 'Un', 'delivered', 0.92308, 20, 1, 0.92308, 20, 1, '2026-11-30 16:09:14.529004+00', 0, NULL, NULL, NULL, NULL, '2026-11-30 16:09:14.529004+00', '2026-11-30 16:09:14.529004+00', NULL, NULL, 2);
INSERT INTO public.grains VALUES (1, 1, 'una', 'a', 1.000, 'publie', NULL, '7f147089-69d9-4eea-af51-14b3cf21fd87');
INSERT INTO public.grains VALUES (2, 1, 'unb', 'b', 2.500, 'publie', NULL, '4360272b-2826-4a72-920c-76bbb1921604');
INSERT INTO public.grains VALUES (3, 1, 'unc', 'c', 3.000, 'publie', NULL, 'a1c8e3ab-3032-4fc9-8814-f864e70e71a3');
INSERT INTO public.grains VALUES (4, 2, 'deuxa', 'a', 1.000, 'publie', NULL, 'fd747226-516d-4f84-a383-91a1fc707f97');
INSERT INTO public.grains VALUES (5, 2, 'deuxb', 'b', 2.500, 'publie', NULL, 'efc5a458-a135-433d-98b1-bb7e3bf0e869');
INSERT INTO public.grains VALUES (6, 2, 'deuxc', 'c', 3.000, 'publie', NULL, 'c7d4e91b-2a02-427e-88c6-7782619bcc43');
INSERT INTO public.modules VALUES (1, 'un', 'Un', NULL, 'proportion', 'publie', NULL, 'f4043202-7618-4289-b293-30c12651d279');
INSERT INTO public.modules VALUES (2, 'deux', 'Deux', NULL, 'tout_ou_rien', 'publie', NULL, 'a02107f9-ff9a-4f00-9155-228e1b4826ae');
INSERT INTO public.progressions VALUES (1, 1, 6, 'termine', 5.0000000000, '2026-11-30 16:09:14.529004+00', NULL);
INSERT INTO public.progressions VALUES (2, 1, 5, 'termine', 10.0000000000, '2026-11-30 16:09:14.529004+00', NULL);
INSERT INTO public.progressions VALUES (3, 1, 4, 'termine', 20.0000000000, '2026-11-30 16:09:14.529004+00', NULL);
INSERT INTO public.progressions VALUES (4, 1, 2, 'termine', NULL, '2026-11-30 16:09:14.529004+00', NULL);
INSERT INTO public.progressions VALUES (5, 1, 1, 'termine', 6.6666666667, '2026-11-30 16:09:14.529004+00', NULL);
INSERT INTO public.progressions VALUES (6, 2, 3, 'termine', 2.0000000000, '2026-11-30 16:09:14.529004+00', NULL);
INSERT INTO public.progressions VALUES (7, 2, 1, 'en_cours', NULL, NULL, NULL);
INSERT INTO public.progressions VALUES (8, 3, 4, 'termine', 18.0000000000, '2026-11-30 16:09:14.529004+00', NULL);
SELECT pg_catalog.setval('public.apprenants_id_seq', 3, true);
SELECT pg_catalog.setval('public.grains_id_seq', 6, true);
SELECT pg_catalog.setval('public.modules_id_seq', 2, true);
SELECT pg_catalog.setval('public.progressions_id_seq', 8, true);
ALTER TABLE ONLY passerelle.access_tokens
    ADD CONSTRAINT access_tokens_pkey PRIMARY KEY (registration, scope);
ALTER TABLE ONLY passerelle.activities
    ADD CONSTRAINT activities_pkey PRIMARY KEY (id);
ALTER TABLE ONLY passerelle.activities
    ADD CONSTRAINT activities_resource_link_unique UNIQUE (deployment, resource_link_id);
ALTER TABLE ONLY passerelle.adoption
    ADD CONSTRAINT adoption_pkey PRIMARY KEY (one);
ALTER TABLE ONLY passerelle.codes
    ADD CONSTRAINT codes_pkey PRIMARY KEY (code);
ALTER TABLE ONLY passerelle.consumers
    ADD CONSTRAINT consumers_key_unique UNIQUE (consumer_key);
ALTER TABLE ONLY passerelle.consumers
    ADD CONSTRAINT consumers_pkey PRIMARY KEY (id);
ALTER TABLE ONLY passerelle.corrections
    ADD CONSTRAINT corrections_pkey PRIMARY KEY (enrolment, grain);
ALTER TABLE ONLY passerelle.counters
    ADD CONSTRAINT counters_pkey PRIMARY KEY (name, label, shard);
ALTER TABLE ONLY passerelle.deployments
    ADD CONSTRAINT deployments_pkey PRIMARY KEY (id);
ALTER TABLE ONLY passerelle.deployments
    ADD CONSTRAINT deployments_unique_in_registration UNIQUE (registration, deployment_id);
ALTER TABLE ONLY passerelle.directus_rows
    ADD CONSTRAINT directus_rows_pkey PRIMARY KEY (table_name, row_id);
ALTER TABLE ONLY passerelle.enrolments
    ADD CONSTRAINT enrolments_once_per_learner_and_activity UNIQUE (learner, activity);
ALTER TABLE ONLY passerelle.enrolments
    ADD CONSTRAINT enrolments_pkey PRIMARY KEY (id);
ALTER TABLE ONLY passerelle.functions_made
    ADD CONSTRAINT functions_made_pkey PRIMARY KEY (one);
ALTER TABLE ONLY passerelle.own_grains
    ADD CONSTRAINT grains_pkey PRIMARY KEY (id);
ALTER TABLE ONLY passerelle.own_grains
    ADD CONSTRAINT grains_slug_unique_in_module UNIQUE (module, slug);
ALTER TABLE ONLY passerelle.group_names
    ADD CONSTRAINT group_names_pkey PRIMARY KEY (platform, context_id, number);
ALTER TABLE ONLY passerelle.heartbeats
    ADD CONSTRAINT heartbeats_pkey PRIMARY KEY (one);
ALTER TABLE ONLY passerelle.identities
    ADD CONSTRAINT identities_pkey PRIMARY KEY (platform, subject);
ALTER TABLE ONLY passerelle.invites
    ADD CONSTRAINT invites_pkey PRIMARY KEY (invite);
ALTER TABLE ONLY passerelle.key_sets
    ADD CONSTRAINT key_sets_pkey PRIMARY KEY (url);
ALTER TABLE ONLY passerelle.own_learners
    ADD CONSTRAINT learners_pkey PRIMARY KEY (id);
ALTER TABLE ONLY passerelle.login_states
    ADD CONSTRAINT login_states_nonce_unique UNIQUE (nonce);
ALTER TABLE ONLY passerelle.login_states
    ADD CONSTRAINT login_states_pkey PRIMARY KEY (state);
ALTER TABLE ONLY passerelle.members
    ADD CONSTRAINT members_pkey PRIMARY KEY (list, subject);
ALTER TABLE ONLY passerelle.membership_lists
    ADD CONSTRAINT membership_lists_once_per_registration_and_url UNIQUE (registration, url);
ALTER TABLE ONLY passerelle.membership_lists
    ADD CONSTRAINT membership_lists_pkey PRIMARY KEY (id);
ALTER TABLE ONLY passerelle.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (number);
ALTER TABLE ONLY passerelle.own_modules
    ADD CONSTRAINT modules_pkey PRIMARY KEY (id);
ALTER TABLE ONLY passerelle.own_modules
    ADD CONSTRAINT modules_slug_unique UNIQUE (slug);
ALTER TABLE ONLY passerelle.nonces
    ADD CONSTRAINT nonces_pkey PRIMARY KEY (consumer, nonce);
ALTER TABLE ONLY passerelle.platform_calls
    ADD CONSTRAINT platform_calls_pkey PRIMARY KEY (platform, shard);
ALTER TABLE ONLY passerelle.platforms
    ADD CONSTRAINT platforms_issuer_unique UNIQUE (issuer);
ALTER TABLE ONLY passerelle.platforms
    ADD CONSTRAINT platforms_pkey PRIMARY KEY (id);
ALTER TABLE ONLY passerelle.own_progress
    ADD CONSTRAINT progress_pkey PRIMARY KEY (id);
ALTER TABLE ONLY passerelle.recounts
    ADD CONSTRAINT recounts_pkey PRIMARY KEY (module);
ALTER TABLE ONLY passerelle.registrations
    ADD CONSTRAINT registrations_client_unique_in_platform UNIQUE (platform, client_id);
ALTER TABLE ONLY passerelle.registrations
    ADD CONSTRAINT registrations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY passerelle.roles
    ADD CONSTRAINT roles_pkey PRIMARY KEY (purpose);
ALTER TABLE ONLY passerelle.roster_horizon
    ADD CONSTRAINT roster_horizon_pkey PRIMARY KEY (one);
ALTER TABLE ONLY passerelle.roster_marks
    ADD CONSTRAINT roster_marks_pkey PRIMARY KEY (scope, xid);
ALTER TABLE ONLY passerelle.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY passerelle.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (token);
ALTER TABLE ONLY passerelle.states
    ADD CONSTRAINT states_pkey PRIMARY KEY (id);
ALTER TABLE ONLY passerelle.tool_keys
    ADD CONSTRAINT tool_keys_pkey PRIMARY KEY (kid);
ALTER TABLE ONLY public.apprenants
    ADD CONSTRAINT apprenants_courriel_key UNIQUE (courriel);
ALTER TABLE ONLY public.apprenants
    ADD CONSTRAINT apprenants_passerelle_id_key UNIQUE (passerelle_id);
ALTER TABLE ONLY public.apprenants
    ADD CONSTRAINT apprenants_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.grades
    ADD CONSTRAINT grades_once_per_learner_and_activity UNIQUE (learner, activity);
ALTER TABLE ONLY public.grades
    ADD CONSTRAINT grades_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.grains
    ADD CONSTRAINT grains_module_code_key UNIQUE (module, code);
ALTER TABLE ONLY public.grains
    ADD CONSTRAINT grains_passerelle_id_key UNIQUE (passerelle_id);
ALTER TABLE ONLY public.grains
    ADD CONSTRAINT grains_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.modules
    ADD CONSTRAINT modules_code_key UNIQUE (code);
ALTER TABLE ONLY public.modules
    ADD CONSTRAINT modules_passerelle_id_key UNIQUE (passerelle_id);
ALTER TABLE ONLY public.modules
    ADD CONSTRAINT modules_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.progressions
    ADD CONSTRAINT progressions_pkey PRIMARY KEY (id);
CREATE INDEX activities_context ON passerelle.activities USING btree (platform, context_id);
CREATE INDEX activities_line_item ON passerelle.activities USING btree (platform, line_item);
CREATE INDEX activities_module ON passerelle.activities USING btree (module);
CREATE UNIQUE INDEX activities_resource_link_unique_in_1p1 ON passerelle.activities USING btree (platform, resource_link_id) WHERE (deployment IS NULL);
CREATE INDEX codes_enrolment ON passerelle.codes USING btree (enrolment);
CREATE INDEX codes_expiry ON passerelle.codes USING btree (expires_at);
CREATE INDEX corrections_teacher ON passerelle.corrections USING btree (teacher);
CREATE INDEX enrolments_activity_learner ON passerelle.enrolments USING btree (activity, learner);
CREATE INDEX enrolments_confirmation ON passerelle.enrolments USING btree (confirm_at) WHERE (confirm_at IS NOT NULL);
CREATE INDEX enrolments_failing ON passerelle.enrolments USING btree (failing_since) WHERE (failing_since IS NOT NULL);
CREATE INDEX enrolments_withdrawal ON passerelle.enrolments USING btree (withdraw_at) WHERE (withdraw_at IS NOT NULL);
CREATE INDEX identities_learner ON passerelle.identities USING btree (learner);
CREATE INDEX invites_expiry ON passerelle.invites USING btree (expires_at);
CREATE INDEX invites_replaces ON passerelle.invites USING btree (replaces) WHERE (replaces IS NOT NULL);
CREATE INDEX login_states_expiry ON passerelle.login_states USING btree (expires_at);
CREATE INDEX nonces_expiry ON passerelle.nonces USING btree (expires_at);
CREATE INDEX progress_grain ON passerelle.own_progress USING btree (grain);
CREATE UNIQUE INDEX progress_once_per_learner_and_grain ON passerelle.own_progress USING btree (learner, grain, COALESCE(activity, learner));
CREATE INDEX runs_learner ON passerelle.runs USING btree (learner, module);
CREATE INDEX sessions_enrolment ON passerelle.sessions USING btree (enrolment);
CREATE INDEX sessions_expiry ON passerelle.sessions USING btree (expires_at);
CREATE INDEX states_activity ON passerelle.states USING btree (activity) WHERE (activity IS NOT NULL);
CREATE UNIQUE INDEX states_current ON passerelle.states USING btree (learner, grain, COALESCE(activity, '00000000-0000-0000-0000-000000000000'::uuid)) WHERE (set_aside_at IS NULL);
CREATE INDEX grades_due ON public.grades USING btree (next_attempt_at) WHERE ((status)::text = 'pending'::text);
CREATE INDEX grades_emptied ON public.grades USING btree (status) WHERE ((status)::text = 'emptied'::text);
CREATE INDEX grades_failed ON public.grades USING btree (status) WHERE ((status)::text = 'failed'::text);
CREATE INDEX grades_learner_key ON public.grades USING btree (learner_key);
CREATE INDEX passerelle_progress_learner ON public.progressions USING btree (apprenant, grain);
CREATE TRIGGER forget_corrector BEFORE UPDATE OF teacher ON passerelle.corrections FOR EACH ROW WHEN (((new.teacher IS NULL) AND (old.teacher IS NOT NULL))) EXECUTE FUNCTION passerelle.forget_corrector();
CREATE TRIGGER forget_member AFTER DELETE ON passerelle.identities FOR EACH ROW EXECUTE FUNCTION passerelle.forget_member();
CREATE TRIGGER mark AFTER UPDATE ON passerelle.activities FOR EACH ROW WHEN ((((((((((old.platform IS DISTINCT FROM new.platform) OR (old.title IS DISTINCT FROM new.title)) OR (old.context_id IS DISTINCT FROM new.context_id)) OR (old.context_label IS DISTINCT FROM new.context_label)) OR (old.context_title IS DISTINCT FROM new.context_title)) OR (old.module IS DISTINCT FROM new.module)) OR (old.line_item_maximum IS DISTINCT FROM new.line_item_maximum)) OR (old.grain IS DISTINCT FROM new.grain)) OR (old.context_history IS DISTINCT FROM new.context_history))) EXECUTE FUNCTION passerelle.mark_activity();
CREATE TRIGGER mark AFTER INSERT OR DELETE OR UPDATE OF learner, activity, subject, roles, instructor, previewed_at, own_progress, last_launch_at ON passerelle.enrolments FOR EACH ROW EXECUTE FUNCTION passerelle.mark_enrolment();
CREATE TRIGGER mark AFTER INSERT OR DELETE OR UPDATE OF learner, seen_email ON passerelle.identities FOR EACH ROW EXECUTE FUNCTION passerelle.mark_identity();
CREATE TRIGGER members_inserted AFTER INSERT ON passerelle.members REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION passerelle.teachers_are_listed();
CREATE TRIGGER members_updated AFTER UPDATE ON passerelle.members REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION passerelle.teachers_are_listed();
CREATE TRIGGER await_turn BEFORE INSERT OR DELETE OR UPDATE ON public.grades FOR EACH STATEMENT WHEN ((current_setting('passerelle.gives_way'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION passerelle.take_turn();
CREATE TRIGGER mark_deleted AFTER DELETE ON public.grades REFERENCING OLD TABLE AS changed FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION passerelle.mark_grades();
CREATE TRIGGER mark_inserted AFTER INSERT ON public.grades REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION passerelle.mark_grades();
CREATE TRIGGER mark_updated AFTER UPDATE ON public.grades REFERENCING NEW TABLE AS changed FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION passerelle.mark_grades();
CREATE TRIGGER passerelle_await_turn BEFORE INSERT OR DELETE OR UPDATE ON public.apprenants FOR EACH STATEMENT WHEN ((current_setting('passerelle.gives_way'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION passerelle.take_turn();
CREATE TRIGGER passerelle_await_turn BEFORE INSERT OR DELETE OR UPDATE ON public.grains FOR EACH STATEMENT WHEN ((current_setting('passerelle.gives_way'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION passerelle.take_turn();
CREATE TRIGGER passerelle_await_turn BEFORE INSERT OR DELETE OR UPDATE ON public.modules FOR EACH STATEMENT WHEN ((current_setting('passerelle.gives_way'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION passerelle.take_turn();
CREATE TRIGGER passerelle_await_turn BEFORE INSERT OR DELETE OR UPDATE ON public.progressions FOR EACH STATEMENT WHEN ((current_setting('passerelle.gives_way'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION passerelle.take_turn();
CREATE TRIGGER passerelle_checked BEFORE INSERT OR UPDATE ON public.progressions FOR EACH ROW EXECUTE FUNCTION passerelle.adopted_progress_checked();
CREATE TRIGGER passerelle_deleted AFTER DELETE ON public.apprenants REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION passerelle.adopted_learners_deleted();
CREATE TRIGGER passerelle_deleted AFTER DELETE ON public.grains REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION passerelle.adopted_grains_deleted();
CREATE TRIGGER passerelle_deleted AFTER DELETE ON public.modules REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION passerelle.adopted_modules_deleted();
CREATE TRIGGER passerelle_deleted AFTER DELETE ON public.progressions REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION passerelle.adopted_progress_deleted();
CREATE TRIGGER passerelle_inserted AFTER INSERT ON public.grains REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION passerelle.adopted_grains_inserted();
CREATE TRIGGER passerelle_inserted AFTER INSERT ON public.progressions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION passerelle.adopted_progress_inserted();
CREATE TRIGGER passerelle_keyed BEFORE INSERT OR UPDATE OF learner, learner_key ON public.grades FOR EACH ROW EXECUTE FUNCTION passerelle.adopted_grades_keyed();
CREATE TRIGGER passerelle_updated AFTER UPDATE ON public.apprenants REFERENCING OLD TABLE AS former NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION passerelle.adopted_learners_updated();
CREATE TRIGGER passerelle_updated AFTER UPDATE ON public.grains REFERENCING OLD TABLE AS former NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION passerelle.adopted_grains_updated();
CREATE TRIGGER passerelle_updated AFTER UPDATE ON public.modules REFERENCING OLD TABLE AS former NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION passerelle.adopted_modules_updated();
CREATE TRIGGER passerelle_updated AFTER UPDATE ON public.progressions REFERENCING OLD TABLE AS former NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION passerelle.adopted_progress_updated();
CREATE TRIGGER refuse BEFORE UPDATE ON public.grades FOR EACH ROW EXECUTE FUNCTION passerelle.grade_is_computed();
CREATE TRIGGER send_again BEFORE UPDATE OF status ON public.grades FOR EACH ROW WHEN ((((new.status)::text = 'pending'::text) AND ((old.status)::text <> 'pending'::text) AND (new.version = old.version))) EXECUTE FUNCTION passerelle.send_again();
CREATE CONSTRAINT TRIGGER stay AFTER INSERT OR DELETE OR UPDATE OF id, learner, activity ON public.grades DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION passerelle.grade_stays();
CREATE TRIGGER touch BEFORE UPDATE ON public.grades FOR EACH ROW EXECUTE FUNCTION passerelle.touch();
ALTER TABLE ONLY passerelle.access_tokens
    ADD CONSTRAINT access_tokens_registration_fkey FOREIGN KEY (registration) REFERENCES passerelle.registrations(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.activities
    ADD CONSTRAINT activities_deployment_fkey FOREIGN KEY (deployment) REFERENCES passerelle.deployments(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.activities
    ADD CONSTRAINT activities_platform_fkey FOREIGN KEY (platform) REFERENCES passerelle.platforms(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.codes
    ADD CONSTRAINT codes_enrolment_fkey FOREIGN KEY (enrolment) REFERENCES passerelle.enrolments(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.consumers
    ADD CONSTRAINT consumers_platform_fkey FOREIGN KEY (platform) REFERENCES passerelle.platforms(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.corrections
    ADD CONSTRAINT corrections_enrolment_fkey FOREIGN KEY (enrolment) REFERENCES passerelle.enrolments(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.corrections
    ADD CONSTRAINT corrections_teacher_fkey FOREIGN KEY (teacher) REFERENCES passerelle.enrolments(id) ON DELETE SET NULL;
ALTER TABLE ONLY passerelle.deployments
    ADD CONSTRAINT deployments_registration_fkey FOREIGN KEY (registration) REFERENCES passerelle.registrations(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.enrolments
    ADD CONSTRAINT enrolments_activity_fkey FOREIGN KEY (activity) REFERENCES passerelle.activities(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.enrolments
    ADD CONSTRAINT enrolments_consumer_fkey FOREIGN KEY (consumer) REFERENCES passerelle.consumers(id) ON DELETE SET NULL;
ALTER TABLE ONLY passerelle.own_grains
    ADD CONSTRAINT grains_module_fkey FOREIGN KEY (module) REFERENCES passerelle.own_modules(id) ON DELETE RESTRICT;
ALTER TABLE ONLY passerelle.group_names
    ADD CONSTRAINT group_names_platform_fkey FOREIGN KEY (platform) REFERENCES passerelle.platforms(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.identities
    ADD CONSTRAINT identities_platform_fkey FOREIGN KEY (platform) REFERENCES passerelle.platforms(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.invites
    ADD CONSTRAINT invites_registration_fkey FOREIGN KEY (registration) REFERENCES passerelle.registrations(id) ON DELETE SET NULL;
ALTER TABLE ONLY passerelle.invites
    ADD CONSTRAINT invites_replaces_fkey FOREIGN KEY (replaces) REFERENCES passerelle.platforms(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.login_states
    ADD CONSTRAINT login_states_registration_fkey FOREIGN KEY (registration) REFERENCES passerelle.registrations(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.members
    ADD CONSTRAINT members_list_fkey FOREIGN KEY (list) REFERENCES passerelle.membership_lists(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.membership_lists
    ADD CONSTRAINT membership_lists_registration_fkey FOREIGN KEY (registration) REFERENCES passerelle.registrations(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.nonces
    ADD CONSTRAINT nonces_consumer_fkey FOREIGN KEY (consumer) REFERENCES passerelle.consumers(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.platform_calls
    ADD CONSTRAINT platform_calls_platform_fkey FOREIGN KEY (platform) REFERENCES passerelle.platforms(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.own_progress
    ADD CONSTRAINT progress_grain_fkey FOREIGN KEY (grain) REFERENCES passerelle.own_grains(id) ON DELETE RESTRICT;
ALTER TABLE ONLY passerelle.own_progress
    ADD CONSTRAINT progress_learner_fkey FOREIGN KEY (learner) REFERENCES passerelle.own_learners(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.registrations
    ADD CONSTRAINT registrations_platform_fkey FOREIGN KEY (platform) REFERENCES passerelle.platforms(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.sessions
    ADD CONSTRAINT sessions_enrolment_fkey FOREIGN KEY (enrolment) REFERENCES passerelle.enrolments(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.states
    ADD CONSTRAINT states_activity_fkey FOREIGN KEY (activity) REFERENCES passerelle.activities(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.grades
    ADD CONSTRAINT grades_learner_key_fkey FOREIGN KEY (learner_key) REFERENCES public.apprenants(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE ONLY public.grains
    ADD CONSTRAINT grains_module_fkey FOREIGN KEY (module) REFERENCES public.modules(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.progressions
    ADD CONSTRAINT progressions_apprenant_fkey FOREIGN KEY (apprenant) REFERENCES public.apprenants(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.progressions
    ADD CONSTRAINT progressions_grain_fkey FOREIGN KEY (grain) REFERENCES public.grains(id) ON DELETE CASCADE;
REVOKE ALL ON FUNCTION passerelle.adopted_grades_keyed() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.adopted_grains_deleted() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.adopted_grains_inserted() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.adopted_grains_updated() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.adopted_learners_deleted() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.adopted_learners_updated() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.adopted_modules_deleted() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.adopted_modules_updated() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.adopted_progress_checked() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.adopted_progress_deleted() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.adopted_progress_inserted() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.adopted_progress_updated() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.complete() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.forget_corrector() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.forget_member() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.forget_runs() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.forget_states() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.grade_is_computed() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.grade_stays() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.grain_is_possible() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.grains_changed() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.grains_updated() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.learner_create(p_name text, p_given_name text, p_family_name text, p_email text, p_locale text) FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.learner_match(p_platform uuid, p_subject text, p_email text) FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.learner_update(p_learner uuid, p_name text, p_given_name text, p_family_name text, p_email text, p_locale text) FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.mark_activity() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.mark_enrolment() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.mark_grades() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.mark_grains() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.mark_identity() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.mark_learners() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.mark_modules() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.mark_moved_grains() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.mark_moved_progress() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.mark_progress() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.module_is_possible() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.modules_updated() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.progress_changed() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.progress_give(p_from uuid, p_into uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.progress_record(p_learner uuid, p_grains uuid[], p_statuses text[], p_scores numeric[], p_activity uuid, p_activity_title text) FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.progress_remove(p_learner uuid, p_grains uuid[], p_holder uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.progress_replace(p_learner uuid, p_grain uuid, p_status text, p_score numeric, p_by text, p_reason text, p_activity uuid, p_activity_title text) FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.progress_updated() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.send_again() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.take_turn() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.teachers_are_listed() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.touch() FROM PUBLIC;
