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
CREATE FUNCTION passerelle.activity_of(p_platform uuid, p_deployment uuid, p_resource_link_id text, p_title text, p_context_id text, p_context_label text, p_context_title text, p_memberships_url text, p_module uuid, OUT activity uuid, OUT former_module uuid) RETURNS record
    LANGUAGE plpgsql
    AS $$
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
        and (a.line_item_claimed_at is null or a.line_item_claimed_at < clock_timestamp() - interval '30 seconds')
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
CREATE FUNCTION passerelle.deep_link(p_state bytea, p_platform uuid, p_subject text, p_name text, p_given_name text, p_family_name text, p_email text, p_locale text, p_code bytea, p_return_url text, p_deep_link text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
  select coalesce(json_agg(json_build_object(
      'slug', m.slug, 'title', m.title,
      'grains', (
        select coalesce(json_agg(json_build_object('slug', g.slug, 'title', g.title) order by g.sort, g.slug), '[]')
        from passerelle.grain_rows g where g.module = m.id and g.status = 'active'))
      order by m.sort, m.title, m.slug), '[]')::text
    into modules
    from passerelle.module_rows m where m.status = 'active';
end $$;
CREATE FUNCTION passerelle.delivery(p_enrolment uuid) RETURNS json
    LANGUAGE plpgsql STABLE
    AS $$
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
CREATE FUNCTION passerelle.grade_delivered(p_grade uuid, p_lease uuid, p_version bigint, p_score numeric, p_maximum numeric, p_dated boolean, p_seconds integer, OUT status text, OUT next text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  h record;
begin
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
        status = case when g.version = p_version then 'delivered' when g.score is null then 'none' else 'pending' end,
        attempts = 0, next_attempt_at = case when g.version = p_version or g.score is null then null else now() end,
        last_error_code = null, last_error = null, last_error_fr = null,
        -- A grade that was first owed while the maximum became known shows it from now on.
        score = case when g.score is not null then passerelle.points(e.owed_ratio, e.maximum) end,
        maximum = case when g.score is not null then e.maximum end
    from (
      select t.owed_ratio, coalesce(a.line_item_maximum, 100) as maximum
      from passerelle.enrolments t join passerelle.activities a on a.id = t.activity where t.id = p_grade) e
    where g.id = p_grade
    returning g.status into grade_delivered.status;
  update passerelle.enrolments e
    -- Recorded twice, when the first answer was lost: what is leased by now may be the newer version.
    set delivered_ratio = case when e.leased_version = p_version then e.leased_ratio else e.delivered_ratio end,
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
  end if;
end $$;
CREATE FUNCTION passerelle.grade_is_computed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if new.version not in (old.version, old.version + 1)
     or (new.delivered_at is distinct from now()
         and (new.delivered_score, new.delivered_maximum, new.delivered_version, new.delivered_at) is distinct from
             (old.delivered_score, old.delivered_maximum, old.delivered_version, old.delivered_at))
     or (new.status <> old.status and new.status <> 'pending'
         and (new.version, new.delivered_at, new.attempts) is not distinct from (old.version, old.delivered_at, old.attempts))
     or (new.version = old.version and (new.score, new.maximum) is distinct from (old.score, old.maximum)
         and not exists (
           select from passerelle.enrolments e join passerelle.activities a on a.id = e.activity
           where e.id = new.id and round(new.maximum::numeric, 5) = coalesce(a.line_item_maximum, 100)
             and round(new.score::numeric, 5) = passerelle.points(e.owed_ratio, new.maximum::numeric)))
  then
    perform passerelle.refuse('grades', 'status', 'grades_are_computed',
      'Une note suit la progression, où elle se corrige ; ici, mettre l’état à « En attente » la renvoie',
      'A grade follows the progress, where it is corrected; here setting the status to “Pending” sends it again');
  end if;
  return new;
end $$;
CREATE FUNCTION passerelle.grade_not_delivered(p_grade uuid, p_lease uuid, p_version bigint, p_permanent boolean, p_erring boolean, p_in_doubt boolean, p_platform_is_away boolean, p_retry_after integer, p_code text, p_words text, p_words_fr text, OUT status text) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  h record;
begin
  select * into h from passerelle.holds(p_grade, p_lease);
  status := h.status;
  if not h.held then
    return;
  end if;
  update passerelle.enrolments e
    set lease = null, leased_until = null,
        doubtful_timestamp = case when p_in_doubt then e.last_timestamp else e.doubtful_timestamp end,
        failing_since = coalesce(e.failing_since, now()),
        erring_since = case when p_erring then coalesce(e.erring_since, now()) end
    where e.id = p_grade;
  if p_platform_is_away then
    update passerelle.platforms p set breaker_until = now() + interval '1 minute'
      from passerelle.enrolments e
      join passerelle.activities a on a.id = e.activity
      where e.id = p_grade and p.id = a.platform;
  end if;
  -- A newer version waits: it is due now, whatever became of this one.
  if h.version <> p_version then
    return;
  end if;
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
    AS $$
declare
  taken_back record;
  again integer;
begin
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
CREATE FUNCTION passerelle.grain_is_needed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if exists (select from passerelle.progress_rows p where p.grain = old.id) then
    perform passerelle.refuse('grains', 'id', 'progress_grain_fkey',
      'Des apprenants ont commencé ce grain : archivez-le, il ne comptera plus et leur travail reste',
      'Learners have begun this grain: archive it, then it no longer counts and their work stays');
  end if;
  return old;
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
CREATE FUNCTION passerelle.holds(p_grade uuid, p_lease uuid, OUT held boolean, OUT version bigint, OUT status text) RETURNS record
    LANGUAGE plpgsql
    AS $$
begin
  select g.version, g.status into version, status from public.grades g where g.id = p_grade for update;
  held := found and exists (select from passerelle.enrolments e where e.id = p_grade and e.lease = p_lease);
  status := coalesce(status, 'none');
end $$;
CREATE FUNCTION passerelle.invite_is_valid(p_invite bytea) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
  select exists (
    select from passerelle.invites i where i.invite = p_invite and i.used_at is null and i.expires_at > now())
$$;
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
  -- The grade before the enrolment, as everywhere.
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
    AS $$
declare
  now_known uuid;
  formerly_known uuid;
  one bigint := hashtextextended(p_platform::text || p_subject, 0);
  two bigint := hashtextextended(p_platform::text || p_former, 0);
begin
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
CREATE FUNCTION passerelle.launch(p_state bytea, p_consumer uuid, p_nonce bytea, p_platform uuid, p_deployment uuid, p_subject text, p_name text, p_given_name text, p_family_name text, p_email text, p_locale text, p_resource_link_id text, p_title text, p_context_id text, p_context_label text, p_context_title text, p_memberships_url text, p_module_custom text, p_module_query text, p_module_path text, p_roles text[], p_instructor boolean, p_gradable boolean, p_line_item text, p_line_items text, p_scopes text[], p_token_scope text, p_outcome_url text, p_outcome_sourcedid text, p_code bytea, p_return_url text, OUT outcome text, OUT slugs text[], OUT learner uuid, OUT module_slug text, OUT module_url text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
    LANGUAGE sql
    AS $$
  insert into public.learners (name, given_name, family_name, email, locale)
  values (p_name, p_given_name, p_family_name, p_email, p_locale) returning id
$$;
CREATE FUNCTION passerelle.learner_delete(p_learner uuid) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  was_there boolean;
begin
  delete from public.learners l where l.id = p_learner;
  was_there := found;
  return passerelle.learner_forget(p_learner) or was_there;
end $$;
CREATE FUNCTION passerelle.learner_forget(p_learner uuid) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
declare
  sessions integer;
  codes integer;
  grades integer;
  enrolments integer;
  identities integer;
begin
  delete from passerelle.sessions s where s.learner = p_learner;
  get diagnostics sessions = row_count;
  delete from passerelle.codes c where c.learner = p_learner;
  get diagnostics codes = row_count;
  -- The grade before the enrolment, as everywhere.
  delete from public.grades g where g.learner = p_learner;
  get diagnostics grades = row_count;
  delete from passerelle.enrolments e where e.learner = p_learner;
  get diagnostics enrolments = row_count;
  delete from passerelle.identities i where i.learner = p_learner;
  get diagnostics identities = row_count;
  return sessions + codes + grades + enrolments + identities > 0;
end $$;
CREATE FUNCTION passerelle.learner_match(p_platform uuid, p_subject text, p_email text) RETURNS uuid
    LANGUAGE sql STABLE
    AS $$
  select null::uuid
$$;
CREATE FUNCTION passerelle.learner_of(p_platform uuid, p_subject text, p_name text, p_given_name text, p_family_name text, p_email text, p_locale text) RETURNS uuid
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION passerelle.learner_update(p_learner uuid, p_name text, p_given_name text, p_family_name text, p_email text, p_locale text) RETURNS void
    LANGUAGE sql
    AS $$
  update public.learners l
    set name = coalesce(p_name, l.name), given_name = coalesce(p_given_name, l.given_name),
        family_name = coalesce(p_family_name, l.family_name), email = coalesce(p_email, l.email),
        locale = coalesce(p_locale, l.locale)
    where l.id = p_learner
$$;
CREATE FUNCTION passerelle.learners_leave() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  lock table public.progress in share row exclusive mode;
  return null;
end $$;
CREATE FUNCTION passerelle.lease(p_learner uuid, p_module uuid, p_seconds integer) RETURNS text
    LANGUAGE plpgsql
    AS $$
declare
  free uuid[];
begin
  select array_agg(x.id) into free from (
    select e.id
      from passerelle.enrolments e
      join public.grades g on g.learner = e.learner and g.activity = e.activity
      join passerelle.activities a on a.id = e.activity
      join passerelle.platforms p on p.id = a.platform
      where e.learner = p_learner and a.module = p_module and p.enabled
        and g.status = 'pending' and g.next_attempt_at <= now()
        and (p.breaker_until is null or p.breaker_until <= now())
        and (e.leased_until is null or e.leased_until <= now())
      order by e.id
      for update of e skip locked) x;
  return passerelle.take(free, p_seconds);
end $$;
CREATE FUNCTION passerelle.lease_due(p_now boolean, p_since timestamp with time zone, p_seconds integer) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  free uuid[];
begin
  select array_agg(x.id) into free from (
    select e.id
      from passerelle.enrolments e
      join public.grades g on g.learner = e.learner and g.activity = e.activity
      join passerelle.activities a on a.id = e.activity
      join passerelle.platforms p on p.id = a.platform
      where g.status = 'pending' and p.enabled
        and (p_now or (g.next_attempt_at <= now() and (p.breaker_until is null or p.breaker_until <= now())))
        and (e.leased_until is null or e.leased_until <= now())
        and (e.leased_at is null or e.leased_at < p_since)
      order by g.next_attempt_at, g.id
      limit 1
      for update of e skip locked) x;
  if free is null then
    -- Nothing is due: then results that are to be read once more.
    select array_agg(x.id) into free from (
      select e.id
        from passerelle.enrolments e
        join public.grades g on g.learner = e.learner and g.activity = e.activity
        join passerelle.activities a on a.id = e.activity
        join passerelle.platforms p on p.id = a.platform
        where e.confirm_at <= now() and g.status = 'delivered' and p.enabled
          and (p.breaker_until is null or p.breaker_until <= now())
          and (e.leased_until is null or e.leased_until <= now())
          and (e.leased_at is null or e.leased_at < p_since)
        order by e.confirm_at
        limit 1
        for update of e skip locked) x;
  end if;
  return passerelle.take(free, p_seconds);
end $$;
CREATE FUNCTION passerelle.line_item_found(p_grade uuid, p_lease uuid, p_line_item text, p_maximum numeric) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  v_activity uuid;
  former numeric;
begin
  select e.activity, a.line_item_maximum into v_activity, former
    from passerelle.enrolments e join passerelle.activities a on a.id = e.activity
    where e.id = p_grade and e.lease = p_lease;
  if not found then
    return null;
  end if;
  update passerelle.activities a
    set line_item_maximum = coalesce(p_maximum, a.line_item_maximum), line_item_read_at = now()
    where a.id = v_activity;
  if p_maximum is distinct from coalesce(former, 100) and p_maximum is not null then
    -- What is owed changes under these locks only; the statement after them sees it as it is.
    perform from public.grades g where g.activity = v_activity order by g.id for update;
    update public.grades g set maximum = round(p_maximum, 5), score = passerelle.points(e.owed_ratio, round(p_maximum, 5))
      from passerelle.enrolments e
      where e.activity = v_activity and g.id = e.id and g.score is not null and e.owed_ratio is not null;
  end if;
  update passerelle.enrolments e set line_item = p_line_item
    where e.activity = v_activity and e.gradable and (e.id = p_grade or e.line_item is null)
      and e.line_item is distinct from p_line_item;
  return passerelle.delivery(p_grade)::text;
end $$;
CREATE FUNCTION passerelle.login(p_issuer text, p_client_id text, p_deployment_id text, p_state bytea, p_nonce bytea, p_browser bytea, p_stored boolean, OUT outcome text, OUT client_id text, OUT auth_url text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  site record;
  found_registration uuid;
  candidates integer;
begin
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
CREATE FUNCTION passerelle.memberships_read(p_registration uuid, p_url text, p_members json) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  v_list uuid;
begin
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
CREATE FUNCTION passerelle.module_is_needed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if exists (select from passerelle.grain_rows g where g.module = old.id) then
    perform passerelle.refuse('modules', 'id', 'grains_module_fkey',
      'Ce module a des grains : archivez-le, ou supprimez d’abord ses grains',
      'This module has grains: archive it, or delete its grains first');
  end if;
  return old;
end $$;
CREATE FUNCTION passerelle.module_is_possible() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
begin
  if new.url = '' then
    new.url := null;
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
  if new.status not in ('active', 'archived') then
    perform passerelle.refuse('modules', 'status', 'modules_status_is_known',
      'L’état est « active » ou « archived »', 'The status is “active” or “archived”');
  end if;
  return new;
end $_$;
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
    select c.id from changed c join former f on f.id = c.id where c.grading is distinct from f.grading order by 1
  loop
    perform passerelle.owe_module(m);
  end loop;
  return null;
end $$;
CREATE FUNCTION passerelle.move_platform(p_platform uuid, p_old text, p_new text, OUT registrations integer, OUT activities integer, OUT enrolments integer, OUT elsewhere integer) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
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
  update passerelle.enrolments e
    set line_item = passerelle.moved(e.line_item, p_old, p_new),
        line_items = passerelle.moved(e.line_items, p_old, p_new),
        outcome_url = passerelle.moved(e.outcome_url, p_old, p_new)
    from passerelle.activities a
    where a.id = e.activity and a.platform = p_platform and exists (
      select from unnest(array[e.line_item, e.line_items, e.outcome_url]) u (url)
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
CREATE FUNCTION passerelle.owe(p_learner uuid, p_module uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
  s record;
  e record;
  new_version bigint;
begin
  if not exists (
    select from passerelle.enrolments t join passerelle.activities a on a.id = t.activity
    where t.learner = p_learner and a.module = p_module) then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtextextended(p_learner::text || p_module::text, 0));
  -- Whoever records a delivery locks the grade first, too: what is read of the lease below holds until commit.
  perform from public.grades g
    where g.learner = p_learner
      and g.activity in (select a.id from passerelle.activities a where a.module = p_module)
    order by g.id for update;
  select * into s from passerelle.standing(p_learner, p_module);
  for e in
    select t.id, t.activity, t.owed_ratio, a.title, coalesce(a.line_item_maximum, 100)::numeric(12, 5) as maximum,
           g.id as grade, g.status, round(g.maximum::numeric, 5) as former_maximum, g.module as former_module,
           t.gradable and not t.instructor and (s.owed or t.last_timestamp is not null)
             and (t.withdrawn_ratio, t.withdrawn_completed) is distinct from (s.ratio, s.completed) as is_owed,
           t.delivered_ratio = s.ratio and t.lease is null and t.doubtful_timestamp is null as is_there
    from passerelle.enrolments t
    join passerelle.activities a on a.id = t.activity
    left join public.grades g on g.learner = t.learner and g.activity = t.activity
    where t.learner = p_learner and a.module = p_module
    order by t.id
  loop
    if not e.is_owed then
      -- Nothing to give and nothing ever sent, or no place to send it to any more.
      if e.status <> 'none' then
        update public.grades
          set status = 'none', score = null, maximum = null, version = version + 1, attempts = 0,
              next_attempt_at = null, last_error_code = null, last_error = null, last_error_fr = null
          where id = e.grade;
        update passerelle.enrolments set owed_ratio = null, owed_version = null where id = e.id;
      end if;
    elsif e.grade is null then
      insert into public.grades (id, learner, activity, module, activity_title, status, score, maximum, next_attempt_at)
        values (e.id, p_learner, e.activity, p_module, e.title, 'pending', passerelle.points(s.ratio, e.maximum), e.maximum, now())
        returning version into new_version;
      update passerelle.enrolments
        set owed_ratio = s.ratio, owed_version = new_version, withdrawn_ratio = null, withdrawn_completed = null
        where id = e.id;
    elsif e.status = 'none' or e.owed_ratio is distinct from s.ratio then
      -- A grade that the platform has already is not sent again; one under way or in doubt is.
      update public.grades
        set module = p_module, activity_title = e.title, score = passerelle.points(s.ratio, e.maximum), maximum = e.maximum,
            version = version + 1, attempts = 0,
            status = case when e.is_there then 'delivered' else 'pending' end,
            next_attempt_at = case when e.is_there then null else now() end,
            last_error_code = null, last_error = null, last_error_fr = null
        where id = e.grade
        returning version into new_version;
      update passerelle.enrolments
        set owed_ratio = s.ratio, owed_version = new_version, failing_since = null, erring_since = null,
            withdrawn_ratio = null, withdrawn_completed = null
        where id = e.id;
    elsif (e.former_maximum, e.former_module) is distinct from (e.maximum, p_module) then
      -- The platform rescales by itself: the same part of another maximum, or of another module, is not another grade.
      update public.grades
        set module = p_module, score = passerelle.points(s.ratio, e.maximum), maximum = e.maximum where id = e.grade;
    end if;
  end loop;
end $$;
CREATE FUNCTION passerelle.owe_module(p_module uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
  l uuid;
begin
  for l in
    select distinct e.learner from passerelle.enrolments e join passerelle.activities a on a.id = e.activity
    where a.module = p_module and not e.instructor order by e.learner
  loop
    perform passerelle.owe(l, p_module);
  end loop;
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
  for c in
    select distinct g.module, x.learner
      from changed x
      join passerelle.grain_rows g on g.id = x.grain
      join passerelle.learner_rows l on l.id = x.learner
      order by 1, 2
  loop
    perform passerelle.owe(c.learner, c.module);
  end loop;
  return null;
end $$;
CREATE FUNCTION passerelle.progress_of(p_enrolment uuid, p_module uuid) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
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
            'completedAt', passerelle.utc(p.completed_at))
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
CREATE FUNCTION passerelle.progress_read(p_token bytea, OUT outcome text, OUT locale text, OUT progress text) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
CREATE FUNCTION passerelle.progress_record(p_learner uuid, p_grains uuid[], p_statuses text[], p_scores numeric[]) RETURNS void
    LANGUAGE sql
    AS $$
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
CREATE FUNCTION passerelle.progress_updated() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  c record;
begin
  for c in
    select g.module, x.learner
    from (select learner, grain from changed union select learner, grain from former) x
    join passerelle.grain_rows g on g.id = x.grain
    group by 1, 2 order by 1, 2
  loop
    perform passerelle.owe(c.learner, c.module);
  end loop;
  return null;
end $$;
CREATE FUNCTION passerelle.progress_write(p_token bytea, p_entries json, p_lease_seconds integer, OUT outcome text, OUT unknown_slug text, OUT enrolment uuid, OUT locale text, OUT progress text, OUT deliveries text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
CREATE FUNCTION passerelle.register(p_invite bytea, p_name text, p_issuer text, p_client_id text, p_deployment_id text, p_auth_url text, p_token_url text, p_jwks_url text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  v_platform uuid;
  v_registration uuid;
begin
  update passerelle.invites i set used_at = now()
    where i.invite = p_invite and i.used_at is null and i.expires_at > now();
  if not found then
    return false;
  end if;
  insert into passerelle.platforms as p (name, issuer) values (p_name, p_issuer)
    on conflict (issuer) do update set enabled = true
    returning p.id into v_platform;
  insert into passerelle.registrations as r (platform, client_id, auth_url, token_url, jwks_url)
    values (v_platform, p_client_id, p_auth_url, p_token_url, p_jwks_url)
    on conflict (platform, client_id) do update
      set auth_url = excluded.auth_url, token_url = excluded.token_url, jwks_url = excluded.jwks_url
    returning r.id into v_registration;
  if p_deployment_id is not null then
    insert into passerelle.deployments (registration, deployment_id) values (v_registration, p_deployment_id)
      on conflict do nothing;
  end if;
  update passerelle.invites i set registration = v_registration where i.invite = p_invite;
  return true;
end $$;
CREATE FUNCTION passerelle.roster(p_token bytea, p_learner uuid, p_as_known boolean, OUT outcome text, OUT locale text, OUT source text, OUT may_ask boolean, OUT read_at text, OUT roster text, OUT details text) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
CREATE FUNCTION passerelle.roster_of(p_activity uuid, p_module uuid, p_list uuid, p_learner uuid) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
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
CREATE FUNCTION passerelle.send_again() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
begin
  if new.status = 'pending' and old.status <> 'pending' and new.version = old.version then
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
  end if;
  return new;
end $$;
CREATE FUNCTION passerelle.session_of(p_token bytea, OUT outcome text, OUT enrolment uuid, OUT module uuid, OUT role text, OUT learner uuid, OUT locale text) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$
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
CREATE FUNCTION passerelle.session_open(p_code bytea, p_token bytea, p_hours integer, OUT outcome text, OUT role text, OUT learner_id uuid, OUT name text, OUT email text, OUT locale text, OUT return_url text, OUT expires_at timestamp with time zone, OUT expires text, OUT progress text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  c record;
begin
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
  progress := passerelle.progress_of(c.enrolment, c.module);
end $$;
CREATE FUNCTION passerelle.standing(p_learner uuid, p_module uuid, OUT completed integer, OUT total integer, OUT ratio numeric, OUT owed boolean) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$
declare
  earned numeric;
  weights numeric;
  grading_rule text;
begin
  select count(*), count(p.grain), coalesce(sum(g.weight::numeric), 0),
         coalesce(sum(g.weight::numeric * coalesce(p.score::numeric, 1)) filter (where p.grain is not null), 0)
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
CREATE FUNCTION passerelle.take(p_enrolments uuid[], p_seconds integer) RETURNS text
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
        last_timestamp = passerelle.next_timestamp(e.last_timestamp)
    where e.id = any (p_enrolments) and e.owed_ratio is not null;
  select coalesce(json_agg(passerelle.delivery(e.id)), '[]')::text into answer
    from passerelle.enrolments e where e.id = any (p_enrolments) and e.owed_ratio is not null;
  return answer;
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
CREATE FUNCTION passerelle.withdraw(p_grade uuid, p_seconds integer, OUT outcome text, OUT delivery text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  current_version bigint;
  e passerelle.enrolments;
begin
  -- The grade before the enrolment, as everywhere.
  select g.version into current_version from public.grades g where g.id = p_grade for update;
  select * into e from passerelle.enrolments t where t.id = p_grade for update;
  if e.leased_until > now() then
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
CREATE FUNCTION passerelle.withdrawn(p_grade uuid, p_lease uuid, p_version bigint, p_is_gone boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
declare
  h record;
begin
  select * into h from passerelle.holds(p_grade, p_lease);
  if not h.held then
    return;
  end if;
  update passerelle.enrolments e set lease = null, leased_until = null where e.id = p_grade;
  if not p_is_gone then
    return;
  end if;
  update passerelle.enrolments e
    set last_timestamp = null, doubtful_timestamp = null, confirm_at = null, failing_since = null, erring_since = null
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
      cross join lateral passerelle.standing(t.learner, a.module) s
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
    created_at timestamp with time zone DEFAULT now() NOT NULL
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
    withdrawn_completed integer
);
CREATE TABLE passerelle.functions_made (
    one boolean DEFAULT true NOT NULL,
    digest text NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT functions_made_is_one CHECK (one)
);
CREATE TABLE public.grains (
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
CREATE VIEW passerelle.grain_rows AS
 SELECT id,
    module,
    slug,
    title,
    weight,
    (status)::text AS status,
    sort
   FROM public.grains g;
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
    registration uuid
);
CREATE TABLE passerelle.key_sets (
    url text NOT NULL,
    document text,
    fetched_at timestamp with time zone,
    expires_at timestamp with time zone,
    attempted_at timestamp with time zone,
    failed boolean DEFAULT false NOT NULL
);
CREATE TABLE public.learners (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text,
    given_name text,
    family_name text,
    email text,
    locale text,
    date_created timestamp with time zone DEFAULT now() NOT NULL,
    date_updated timestamp with time zone
);
CREATE VIEW passerelle.learner_rows AS
 SELECT id,
    name,
    given_name,
    family_name,
    email,
    locale,
    date_created
   FROM public.learners l;
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
CREATE TABLE public.modules (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    slug text NOT NULL,
    title text NOT NULL,
    url text,
    grading character varying(20) DEFAULT 'proportion'::character varying NOT NULL,
    status character varying(20) DEFAULT 'active'::character varying NOT NULL,
    sort integer,
    date_created timestamp with time zone DEFAULT now() NOT NULL,
    date_updated timestamp with time zone,
    CONSTRAINT modules_grading_is_known CHECK (((grading)::text = ANY (ARRAY['proportion'::text, 'all-or-nothing'::text]))),
    CONSTRAINT modules_slug_is_url_safe CHECK ((slug ~ '^[A-Za-z0-9][A-Za-z0-9._~-]{0,99}$'::text)),
    CONSTRAINT modules_status_is_known CHECK (((status)::text = ANY (ARRAY['active'::text, 'archived'::text]))),
    CONSTRAINT modules_title_is_not_empty CHECK ((title <> ''::text)),
    CONSTRAINT modules_url_is_http CHECK ((url ~ '^https?://'::text))
);
CREATE VIEW passerelle.module_rows AS
 SELECT id,
    slug,
    title,
    url,
    (grading)::text AS grading,
    (status)::text AS status,
    sort
   FROM public.modules m;
CREATE TABLE passerelle.nonces (
    consumer uuid NOT NULL,
    nonce bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
CREATE TABLE passerelle.platforms (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    issuer text NOT NULL,
    enabled boolean DEFAULT true NOT NULL,
    breaker_until timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE public.progress (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    learner uuid NOT NULL,
    grain uuid NOT NULL,
    status character varying(20) DEFAULT 'started'::character varying NOT NULL,
    score double precision,
    completed_at timestamp with time zone,
    date_created timestamp with time zone DEFAULT now() NOT NULL,
    date_updated timestamp with time zone,
    CONSTRAINT progress_completed_has_a_date CHECK ((((status)::text = 'completed'::text) = (completed_at IS NOT NULL))),
    CONSTRAINT progress_score_is_between_0_and_1 CHECK (((score >= (0)::double precision) AND (score <= (1)::double precision))),
    CONSTRAINT progress_status_is_known CHECK (((status)::text = ANY (ARRAY['started'::text, 'completed'::text])))
);
CREATE VIEW passerelle.progress_rows AS
 SELECT learner,
    grain,
    (status)::text AS status,
    score,
    completed_at
   FROM public.progress p;
CREATE TABLE passerelle.registrations (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    platform uuid NOT NULL,
    client_id text NOT NULL,
    auth_url text NOT NULL,
    token_url text NOT NULL,
    jwks_url text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
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
CREATE TABLE passerelle.tool_keys (
    kid text NOT NULL,
    public_jwk text NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    retired_at timestamp with time zone
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
    CONSTRAINT grades_score_has_a_maximum CHECK (((score IS NULL) = (maximum IS NULL))),
    CONSTRAINT grades_status_is_known CHECK (((status)::text = ANY (ARRAY['none'::text, 'pending'::text, 'delivered'::text, 'failed'::text])))
);
INSERT INTO passerelle.activities VALUES ('5e326312-c569-4558-9753-09d0c8620c92', '983d6289-39f3-4838-a897-e6e480a6816f', NULL, 'un', 'Un', NULL, NULL, NULL, 'a451411a-8f7a-4951-9ca6-bdfe8c3ec1d0', NULL, 20.00000, NULL, NULL, '2026-11-29 14:06:46.815383+00');
INSERT INTO passerelle.activities VALUES ('c428a157-0d06-4ba3-8eca-5a7e85ce2dc2', '983d6289-39f3-4838-a897-e6e480a6816f', NULL, 'deux', 'Deux', NULL, NULL, NULL, '63387be9-4fb3-4eca-8837-9b77c164028b', NULL, NULL, NULL, NULL, '2026-11-29 14:06:46.815383+00');
INSERT INTO passerelle.enrolments VALUES ('d3a8c4b7-ccc7-4852-967a-fcff0fc76f75', 'f173b84e-ebc7-4d26-914c-eca927825330', 'c428a157-0d06-4ba3-8eca-5a7e85ce2dc2', '2', '{}', false, true, NULL, NULL, '{}', '', NULL, NULL, NULL, '2026-11-29 14:06:46.815383+00', '2026-11-29 14:06:46.815383+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO passerelle.enrolments VALUES ('e81b7f7d-d7b5-4d15-b1bf-5a00db3e4921', '3391c0fd-fd8e-441c-b37d-8995d7e2fd6e', '5e326312-c569-4558-9753-09d0c8620c92', '3', '{}', false, true, NULL, NULL, '{}', '', NULL, NULL, NULL, '2026-11-29 14:06:46.815383+00', '2026-11-29 14:06:46.815383+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO passerelle.enrolments VALUES ('b6b496cc-6cb9-4de9-a8d9-cc07d20b3933', '3391c0fd-fd8e-441c-b37d-8995d7e2fd6e', 'c428a157-0d06-4ba3-8eca-5a7e85ce2dc2', '3', '{}', false, true, NULL, NULL, '{}', '', NULL, NULL, NULL, '2026-11-29 14:06:46.815383+00', '2026-11-29 14:06:46.815383+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO passerelle.enrolments VALUES ('02ef2532-76f3-4b9b-8756-72c0b16f74b3', '069409b7-bcb4-4928-916d-31735dff2cf2', '5e326312-c569-4558-9753-09d0c8620c92', '1', '{}', false, true, NULL, NULL, '{}', '', NULL, NULL, NULL, '2026-11-29 14:06:46.815383+00', '2026-11-29 14:06:46.815383+00', 0.435897435897435846153846153846, 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO passerelle.enrolments VALUES ('664bd664-a915-43fd-8f2c-db96207a2adc', '069409b7-bcb4-4928-916d-31735dff2cf2', 'c428a157-0d06-4ba3-8eca-5a7e85ce2dc2', '1', '{}', false, true, NULL, NULL, '{}', '', NULL, NULL, NULL, '2026-11-29 14:06:46.815383+00', '2026-11-29 14:06:46.815383+00', 0.461538461538461538461538461538, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO passerelle.enrolments VALUES ('6440ccce-fcc9-429f-801a-dd526dabc4de', 'f173b84e-ebc7-4d26-914c-eca927825330', '5e326312-c569-4558-9753-09d0c8620c92', '2', '{}', false, true, NULL, NULL, '{}', '', NULL, NULL, NULL, '2026-11-29 14:06:46.815383+00', '2026-11-29 14:06:46.815383+00', 0.046153846153846153846153846154, 1, 0.046153846153846153846153846154, 1, 0.046153846153846153846153846154, NULL, NULL, NULL, 1700000000, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO passerelle.functions_made VALUES (true, '1a1ad9a3f90721f63e6dcb5b6a9697e757035c33dcbf21ee86a2d3af187e3e3a', '2026-11-29 14:06:46.237244+00');
INSERT INTO passerelle.identities VALUES ('983d6289-39f3-4838-a897-e6e480a6816f', '1', '069409b7-bcb4-4928-916d-31735dff2cf2', 'Ada 1', 'Ada', '1', 'ada1@example.org', 'fr', '2026-11-29 14:06:46.815383+00');
INSERT INTO passerelle.identities VALUES ('983d6289-39f3-4838-a897-e6e480a6816f', '2', 'f173b84e-ebc7-4d26-914c-eca927825330', 'Ada 2', 'Ada', '2', 'ada2@example.org', 'fr', '2026-11-29 14:06:46.815383+00');
INSERT INTO passerelle.identities VALUES ('983d6289-39f3-4838-a897-e6e480a6816f', '3', '3391c0fd-fd8e-441c-b37d-8995d7e2fd6e', 'Ada 3', 'Ada', '3', 'ada3@example.org', 'fr', '2026-11-29 14:06:46.815383+00');
INSERT INTO passerelle.migrations VALUES (1, 'tables', '2026-11-29 14:06:46.237244+00');
INSERT INTO passerelle.platforms VALUES ('983d6289-39f3-4838-a897-e6e480a6816f', 'Moodle', 'https://moodle.example', true, NULL, '2026-11-29 14:06:46.815383+00');
INSERT INTO public.grades VALUES ('02ef2532-76f3-4b9b-8756-72c0b16f74b3', '069409b7-bcb4-4928-916d-31735dff2cf2', '5e326312-c569-4558-9753-09d0c8620c92', 'a451411a-8f7a-4951-9ca6-bdfe8c3ec1d0', 'Un', 'pending', 8.71795, 20, 2, NULL, NULL, NULL, NULL, 0, '2026-11-29 14:06:46.815383+00', NULL, NULL, NULL, '2026-11-29 14:06:46.815383+00', '2026-11-29 14:06:46.815383+00');
INSERT INTO public.grades VALUES ('664bd664-a915-43fd-8f2c-db96207a2adc', '069409b7-bcb4-4928-916d-31735dff2cf2', 'c428a157-0d06-4ba3-8eca-5a7e85ce2dc2', '63387be9-4fb3-4eca-8837-9b77c164028b', 'Deux', 'pending', 46.15385, 100, 1, NULL, NULL, NULL, NULL, 0, '2026-11-29 14:06:46.815383+00', NULL, NULL, NULL, '2026-11-29 14:06:46.815383+00', NULL);
INSERT INTO public.grades VALUES ('6440ccce-fcc9-429f-801a-dd526dabc4de', 'f173b84e-ebc7-4d26-914c-eca927825330', '5e326312-c569-4558-9753-09d0c8620c92', 'a451411a-8f7a-4951-9ca6-bdfe8c3ec1d0', 'Un', 'delivered', 0.92308, 20, 1, 0.92308, 20, 1, '2026-11-29 14:06:46.815383+00', 0, NULL, NULL, NULL, NULL, '2026-11-29 14:06:46.815383+00', '2026-11-29 14:06:46.815383+00');
INSERT INTO public.grains VALUES ('5396c783-b76e-4f59-af41-7396e1d10c9c', 'a451411a-8f7a-4951-9ca6-bdfe8c3ec1d0', 'una', 'a', 1, 'active', NULL, '2026-11-29 14:06:46.791718+00', NULL);
INSERT INTO public.grains VALUES ('1f7c342f-f4cd-4ea8-93a4-46a5de54cd35', 'a451411a-8f7a-4951-9ca6-bdfe8c3ec1d0', 'unb', 'b', 2.5, 'active', NULL, '2026-11-29 14:06:46.791718+00', NULL);
INSERT INTO public.grains VALUES ('5fbfa5d2-c596-4987-97b9-5614f806fff3', 'a451411a-8f7a-4951-9ca6-bdfe8c3ec1d0', 'unc', 'c', 3, 'active', NULL, '2026-11-29 14:06:46.791718+00', NULL);
INSERT INTO public.grains VALUES ('42bc8c99-c627-4349-8657-419c5f50a304', '63387be9-4fb3-4eca-8837-9b77c164028b', 'deuxa', 'a', 1, 'active', NULL, '2026-11-29 14:06:46.791718+00', NULL);
INSERT INTO public.grains VALUES ('53649aa3-091d-431e-b0c2-9c0c76bacab8', '63387be9-4fb3-4eca-8837-9b77c164028b', 'deuxb', 'b', 2.5, 'active', NULL, '2026-11-29 14:06:46.791718+00', NULL);
INSERT INTO public.grains VALUES ('5dc7a0d6-cb9b-42cf-9554-2ddf005173e2', '63387be9-4fb3-4eca-8837-9b77c164028b', 'deuxc', 'c', 3, 'active', NULL, '2026-11-29 14:06:46.791718+00', NULL);
INSERT INTO public.learners VALUES ('069409b7-bcb4-4928-916d-31735dff2cf2', 'Ada 1', 'Ada', '1', 'ada1@example.org', 'fr', '2026-11-29 14:06:46.815383+00', NULL);
INSERT INTO public.learners VALUES ('f173b84e-ebc7-4d26-914c-eca927825330', 'Ada 2', 'Ada', '2', 'ada2@example.org', 'fr', '2026-11-29 14:06:46.815383+00', NULL);
INSERT INTO public.learners VALUES ('3391c0fd-fd8e-441c-b37d-8995d7e2fd6e', 'Ada 3', 'Ada', '3', 'ada3@example.org', 'fr', '2026-11-29 14:06:46.815383+00', NULL);
INSERT INTO public.modules VALUES ('a451411a-8f7a-4951-9ca6-bdfe8c3ec1d0', 'un', 'Un', NULL, 'proportion', 'active', NULL, '2026-11-29 14:06:46.791718+00', NULL);
INSERT INTO public.modules VALUES ('63387be9-4fb3-4eca-8837-9b77c164028b', 'deux', 'Deux', NULL, 'all-or-nothing', 'active', NULL, '2026-11-29 14:06:46.791718+00', NULL);
INSERT INTO public.progress VALUES ('0f2ebbed-153f-4e73-8bcf-954501af3075', 'f173b84e-ebc7-4d26-914c-eca927825330', '5396c783-b76e-4f59-af41-7396e1d10c9c', 'started', NULL, NULL, '2026-11-29 14:06:46.815383+00', NULL);
INSERT INTO public.progress VALUES ('41f7ee90-d96f-4b5e-9b2a-d60725db005a', '069409b7-bcb4-4928-916d-31735dff2cf2', '5396c783-b76e-4f59-af41-7396e1d10c9c', 'completed', 0.3333333333333333, '2026-11-29 14:06:46.815383+00', '2026-11-29 14:06:46.815383+00', NULL);
INSERT INTO public.progress VALUES ('97f56147-8553-450f-b9d6-bdce3769b485', '069409b7-bcb4-4928-916d-31735dff2cf2', '1f7c342f-f4cd-4ea8-93a4-46a5de54cd35', 'completed', NULL, '2026-11-29 14:06:46.815383+00', '2026-11-29 14:06:46.815383+00', NULL);
INSERT INTO public.progress VALUES ('5f790a36-e021-45c0-aacf-eac44b03acfb', 'f173b84e-ebc7-4d26-914c-eca927825330', '5fbfa5d2-c596-4987-97b9-5614f806fff3', 'completed', 0.1, '2026-11-29 14:06:46.815383+00', '2026-11-29 14:06:46.815383+00', NULL);
INSERT INTO public.progress VALUES ('f5d617ec-75ae-4565-a4b1-9904b8e45897', '3391c0fd-fd8e-441c-b37d-8995d7e2fd6e', '42bc8c99-c627-4349-8657-419c5f50a304', 'completed', 0.9, '2026-11-29 14:06:46.815383+00', '2026-11-29 14:06:46.815383+00', NULL);
INSERT INTO public.progress VALUES ('fd6486ca-b53f-4ada-80d0-21c15b5f9d01', '069409b7-bcb4-4928-916d-31735dff2cf2', '42bc8c99-c627-4349-8657-419c5f50a304', 'completed', 1, '2026-11-29 14:06:46.815383+00', '2026-11-29 14:06:46.815383+00', NULL);
INSERT INTO public.progress VALUES ('6a478c2c-6162-4cc0-88d4-5b2299135fb0', '069409b7-bcb4-4928-916d-31735dff2cf2', '53649aa3-091d-431e-b0c2-9c0c76bacab8', 'completed', 0.5, '2026-11-29 14:06:46.815383+00', '2026-11-29 14:06:46.815383+00', NULL);
INSERT INTO public.progress VALUES ('4d4dfa96-6f55-4eac-86b3-ccf5f94e9ef4', '069409b7-bcb4-4928-916d-31735dff2cf2', '5dc7a0d6-cb9b-42cf-9554-2ddf005173e2', 'completed', 0.25, '2026-11-29 14:06:46.815383+00', '2026-11-29 14:06:46.815383+00', NULL);
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
ALTER TABLE ONLY passerelle.identities
    ADD CONSTRAINT identities_pkey PRIMARY KEY (platform, subject);
ALTER TABLE ONLY passerelle.invites
    ADD CONSTRAINT invites_pkey PRIMARY KEY (invite);
ALTER TABLE ONLY passerelle.key_sets
    ADD CONSTRAINT key_sets_pkey PRIMARY KEY (url);
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
ALTER TABLE ONLY passerelle.nonces
    ADD CONSTRAINT nonces_pkey PRIMARY KEY (consumer, nonce);
ALTER TABLE ONLY passerelle.platforms
    ADD CONSTRAINT platforms_issuer_unique UNIQUE (issuer);
ALTER TABLE ONLY passerelle.platforms
    ADD CONSTRAINT platforms_pkey PRIMARY KEY (id);
ALTER TABLE ONLY passerelle.registrations
    ADD CONSTRAINT registrations_client_unique_in_platform UNIQUE (platform, client_id);
ALTER TABLE ONLY passerelle.registrations
    ADD CONSTRAINT registrations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY passerelle.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (token);
ALTER TABLE ONLY passerelle.tool_keys
    ADD CONSTRAINT tool_keys_pkey PRIMARY KEY (kid);
ALTER TABLE ONLY public.grades
    ADD CONSTRAINT grades_once_per_learner_and_activity UNIQUE (learner, activity);
ALTER TABLE ONLY public.grades
    ADD CONSTRAINT grades_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.grains
    ADD CONSTRAINT grains_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.grains
    ADD CONSTRAINT grains_slug_unique_in_module UNIQUE (module, slug);
ALTER TABLE ONLY public.learners
    ADD CONSTRAINT learners_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.modules
    ADD CONSTRAINT modules_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.modules
    ADD CONSTRAINT modules_slug_unique UNIQUE (slug);
ALTER TABLE ONLY public.progress
    ADD CONSTRAINT progress_once_per_learner_and_grain UNIQUE (learner, grain);
ALTER TABLE ONLY public.progress
    ADD CONSTRAINT progress_pkey PRIMARY KEY (id);
CREATE INDEX activities_module ON passerelle.activities USING btree (module);
CREATE UNIQUE INDEX activities_resource_link_unique_in_1p1 ON passerelle.activities USING btree (platform, resource_link_id) WHERE (deployment IS NULL);
CREATE INDEX codes_enrolment ON passerelle.codes USING btree (enrolment);
CREATE INDEX codes_expiry ON passerelle.codes USING btree (expires_at);
CREATE INDEX enrolments_activity ON passerelle.enrolments USING btree (activity);
CREATE INDEX enrolments_confirmation ON passerelle.enrolments USING btree (confirm_at) WHERE (confirm_at IS NOT NULL);
CREATE INDEX identities_learner ON passerelle.identities USING btree (learner);
CREATE INDEX invites_expiry ON passerelle.invites USING btree (expires_at);
CREATE INDEX login_states_expiry ON passerelle.login_states USING btree (expires_at);
CREATE INDEX nonces_expiry ON passerelle.nonces USING btree (expires_at);
CREATE INDEX sessions_enrolment ON passerelle.sessions USING btree (enrolment);
CREATE INDEX sessions_expiry ON passerelle.sessions USING btree (expires_at);
CREATE INDEX grades_due ON public.grades USING btree (next_attempt_at) WHERE ((status)::text = 'pending'::text);
CREATE INDEX grades_failed ON public.grades USING btree (status) WHERE ((status)::text = 'failed'::text);
CREATE INDEX progress_grain ON public.progress USING btree (grain);
CREATE TRIGGER forget_member AFTER DELETE ON passerelle.identities FOR EACH ROW EXECUTE FUNCTION passerelle.forget_member();
CREATE TRIGGER complete BEFORE INSERT OR UPDATE ON public.progress FOR EACH ROW EXECUTE FUNCTION passerelle.complete();
CREATE TRIGGER grains_deleted AFTER DELETE ON public.grains REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION passerelle.grains_changed();
CREATE TRIGGER grains_inserted AFTER INSERT ON public.grains REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION passerelle.grains_changed();
CREATE TRIGGER grains_updated AFTER UPDATE ON public.grains REFERENCING OLD TABLE AS former NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION passerelle.grains_updated();
CREATE TRIGGER leave BEFORE DELETE ON public.learners FOR EACH STATEMENT EXECUTE FUNCTION passerelle.learners_leave();
CREATE TRIGGER modules_updated AFTER UPDATE ON public.modules REFERENCING OLD TABLE AS former NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION passerelle.modules_updated();
CREATE TRIGGER progress_deleted AFTER DELETE ON public.progress REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION passerelle.progress_changed();
CREATE TRIGGER progress_inserted AFTER INSERT ON public.progress REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION passerelle.progress_changed();
CREATE TRIGGER progress_updated AFTER UPDATE ON public.progress REFERENCING OLD TABLE AS former NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION passerelle.progress_updated();
CREATE TRIGGER refuse BEFORE UPDATE ON public.grades FOR EACH ROW EXECUTE FUNCTION passerelle.grade_is_computed();
CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON public.grains FOR EACH ROW EXECUTE FUNCTION passerelle.grain_is_possible();
CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON public.modules FOR EACH ROW EXECUTE FUNCTION passerelle.module_is_possible();
CREATE TRIGGER refuse_deletion BEFORE DELETE ON public.grains FOR EACH ROW EXECUTE FUNCTION passerelle.grain_is_needed();
CREATE TRIGGER refuse_deletion BEFORE DELETE ON public.modules FOR EACH ROW EXECUTE FUNCTION passerelle.module_is_needed();
CREATE TRIGGER send_again BEFORE UPDATE OF status ON public.grades FOR EACH ROW EXECUTE FUNCTION passerelle.send_again();
CREATE CONSTRAINT TRIGGER stay AFTER INSERT OR DELETE OR UPDATE OF id, learner, activity ON public.grades DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION passerelle.grade_stays();
CREATE TRIGGER touch BEFORE UPDATE ON public.grades FOR EACH ROW EXECUTE FUNCTION passerelle.touch();
CREATE TRIGGER touch BEFORE UPDATE ON public.grains FOR EACH ROW EXECUTE FUNCTION passerelle.touch();
CREATE TRIGGER touch BEFORE UPDATE ON public.learners FOR EACH ROW EXECUTE FUNCTION passerelle.touch();
CREATE TRIGGER touch BEFORE UPDATE ON public.modules FOR EACH ROW EXECUTE FUNCTION passerelle.touch();
CREATE TRIGGER touch BEFORE UPDATE ON public.progress FOR EACH ROW EXECUTE FUNCTION passerelle.touch();
ALTER TABLE ONLY passerelle.access_tokens
    ADD CONSTRAINT access_tokens_registration_fkey FOREIGN KEY (registration) REFERENCES passerelle.registrations(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.activities
    ADD CONSTRAINT activities_deployment_fkey FOREIGN KEY (deployment) REFERENCES passerelle.deployments(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.activities
    ADD CONSTRAINT activities_module_fkey FOREIGN KEY (module) REFERENCES public.modules(id) ON DELETE SET NULL;
ALTER TABLE ONLY passerelle.activities
    ADD CONSTRAINT activities_platform_fkey FOREIGN KEY (platform) REFERENCES passerelle.platforms(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.codes
    ADD CONSTRAINT codes_enrolment_fkey FOREIGN KEY (enrolment) REFERENCES passerelle.enrolments(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.codes
    ADD CONSTRAINT codes_learner_fkey FOREIGN KEY (learner) REFERENCES public.learners(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.codes
    ADD CONSTRAINT codes_module_fkey FOREIGN KEY (module) REFERENCES public.modules(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.consumers
    ADD CONSTRAINT consumers_platform_fkey FOREIGN KEY (platform) REFERENCES passerelle.platforms(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.deployments
    ADD CONSTRAINT deployments_registration_fkey FOREIGN KEY (registration) REFERENCES passerelle.registrations(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.enrolments
    ADD CONSTRAINT enrolments_activity_fkey FOREIGN KEY (activity) REFERENCES passerelle.activities(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.enrolments
    ADD CONSTRAINT enrolments_consumer_fkey FOREIGN KEY (consumer) REFERENCES passerelle.consumers(id) ON DELETE SET NULL;
ALTER TABLE ONLY passerelle.enrolments
    ADD CONSTRAINT enrolments_learner_fkey FOREIGN KEY (learner) REFERENCES public.learners(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.identities
    ADD CONSTRAINT identities_learner_fkey FOREIGN KEY (learner) REFERENCES public.learners(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.identities
    ADD CONSTRAINT identities_platform_fkey FOREIGN KEY (platform) REFERENCES passerelle.platforms(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.invites
    ADD CONSTRAINT invites_registration_fkey FOREIGN KEY (registration) REFERENCES passerelle.registrations(id) ON DELETE SET NULL;
ALTER TABLE ONLY passerelle.login_states
    ADD CONSTRAINT login_states_registration_fkey FOREIGN KEY (registration) REFERENCES passerelle.registrations(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.members
    ADD CONSTRAINT members_list_fkey FOREIGN KEY (list) REFERENCES passerelle.membership_lists(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.membership_lists
    ADD CONSTRAINT membership_lists_registration_fkey FOREIGN KEY (registration) REFERENCES passerelle.registrations(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.nonces
    ADD CONSTRAINT nonces_consumer_fkey FOREIGN KEY (consumer) REFERENCES passerelle.consumers(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.registrations
    ADD CONSTRAINT registrations_platform_fkey FOREIGN KEY (platform) REFERENCES passerelle.platforms(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.sessions
    ADD CONSTRAINT sessions_enrolment_fkey FOREIGN KEY (enrolment) REFERENCES passerelle.enrolments(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.sessions
    ADD CONSTRAINT sessions_learner_fkey FOREIGN KEY (learner) REFERENCES public.learners(id) ON DELETE CASCADE;
ALTER TABLE ONLY passerelle.sessions
    ADD CONSTRAINT sessions_module_fkey FOREIGN KEY (module) REFERENCES public.modules(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.grades
    ADD CONSTRAINT grades_learner_fkey FOREIGN KEY (learner) REFERENCES public.learners(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.grades
    ADD CONSTRAINT grades_module_fkey FOREIGN KEY (module) REFERENCES public.modules(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.grains
    ADD CONSTRAINT grains_module_fkey FOREIGN KEY (module) REFERENCES public.modules(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.progress
    ADD CONSTRAINT progress_grain_fkey FOREIGN KEY (grain) REFERENCES public.grains(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.progress
    ADD CONSTRAINT progress_learner_fkey FOREIGN KEY (learner) REFERENCES public.learners(id) ON DELETE CASCADE;
REVOKE ALL ON FUNCTION passerelle.complete() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.forget_member() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.grade_is_computed() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.grade_stays() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.grain_is_needed() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.grain_is_possible() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.grains_changed() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.grains_updated() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.learners_leave() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.module_is_needed() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.module_is_possible() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.modules_updated() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.progress_changed() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.progress_updated() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.send_again() FROM PUBLIC;
REVOKE ALL ON FUNCTION passerelle.touch() FROM PUBLIC;
