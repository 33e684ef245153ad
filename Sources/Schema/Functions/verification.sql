-- Whether Moodle still has what it was given: line items that changed, activities that are gone, and results that were read.

-- The grades that went to another line item than the one that an activity has now are not in Moodle any more. Whoever launches or
-- reports sends their own again; a person decides for the others. Whose enrolment somebody works on is left to the verification.
create function passerelle.empty_activity(p_activity uuid, p_line_item text) returns void language plpgsql as $$
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

-- A launch that says another thing of its activity's line item than is known, or that brings back an activity that was gone.
create function passerelle.line_item_launched(p_activity uuid, p_line_item text) returns void language plpgsql as $$
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

-- Moodle no longer has this activity: nothing of it is owed until somebody launches it. `p_grade` is one that the caller has leased.
create function passerelle.mark_gone(p_activity uuid, p_grade uuid, p_code text, p_words text, p_words_fr text) returns void
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '250ms' as $$
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

-- The same, found by the holder of a leased grade.
create function passerelle.activity_is_gone(
  p_grade uuid, p_lease uuid, p_code text, p_words text, p_words_fr text, out status text, out next text)
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
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

-- The verification found that an activity has another line item than the one that was known. Answers how many grades went with
-- that one.
create function passerelle.line_item_replaced(p_activity uuid, p_line_item text, p_maximum numeric) returns integer
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '250ms' as $$
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

-- Begins to compare what Moodle has for an activity: true for the one that may, until two minutes have passed. `source` is where
-- its results are read; null where no line item is known, or its results may not be read.
create function passerelle.verify_begin(p_activity uuid, out claimed boolean, out began text, out source text)
language plpgsql set search_path = pg_catalog, pg_temp set lock_timeout = '250ms' as $$
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

-- What the platform's list says of the resource link id that an activity had before: one that still stands has the activity again,
-- and the other id is another activity's from its next launch on.
create function passerelle.former_link_told(p_activity uuid, p_link text, p_stands boolean) returns void
language plpgsql set search_path = pg_catalog, pg_temp set lock_timeout = '250ms' as $$
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

-- What Moodle has, against what it was given: an array of objects with `subject`, `score` and `maximum`, everybody's of the
-- activity, or with `p_only` one person's. Whatever was sent, or is under way, since the reading began is passed over, and so is
-- whom somebody works on: that is another time's. A grade that differs is a teacher's, or another tool's: it is told, and stays.
-- Of grades whose table was lost (grades_restored) nobody knows whether they were given: who has what is owed has it, the others wait.
create function passerelle.verified(
  p_activity uuid, p_began timestamptz, p_results json, p_maximum numeric, p_only uuid,
  out equal integer, out emptied integer, out different integer, out restored integer, out passed_over integer)
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '250ms' set plan_cache_mode = force_custom_plan set jit = off as $$
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

-- What Moodle was read to have a moment after a grade was delivered: nothing, where the activity has no grade, or something
-- else, where its grade is a scale or a teacher's. Where it is what was sent, it is not read after every delivery any more, unless
-- it may be a whole level of a scale by chance.
create function passerelle.read_back(
  p_grade uuid, p_version bigint, p_found numeric, p_is_equal boolean, p_code text, p_words text, p_words_fr text,
  out status text, out is_scale boolean)
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '250ms' as $$
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

-- The activities that are to be compared: of a choice, or (`p_due`) those that somebody launched since, an hour after the last
-- time at the earliest, and all others once a night, each at its own minute between midnight and five.
create function passerelle.verify_list(p_activity uuid, p_platform uuid, p_due boolean)
returns table (activity uuid, has_line_item boolean)
language sql stable set search_path = pg_catalog, pg_temp as $$
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

-- Leases a grade that was delivered through Basic Outcomes, to read what Moodle has; null where its learner is served just now.
create function passerelle.lease_for_reading(p_grade uuid, p_seconds integer) returns text
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '250ms' as $$
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

-- What a teacher sends again, within the activity of their session: the grade of everybody whom they see or these learners', of these statuses.
-- Whoever is no longer enrolled in the course is left alone, and named with those who have nothing to send.
create function passerelle.resend(
  p_token bytea, p_learners text[], p_statuses text[],
  out outcome text, out locale text, out done integer, out refused text, out grades text)
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '250ms' as $$
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

-- Forgets an activity with its enrolments, sessions and grades; progress stays, because it is the learners'. Answers how many
-- enrolments went with it.
create function passerelle.activity_forget(p_activity uuid) returns integer
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
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
