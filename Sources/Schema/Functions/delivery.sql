-- Delivery of grades. A lease is a column with an expiry, not a database lock: it survives the transaction, works under
-- transaction pooling, and a holder that dies delays its grade by no more than the lease.

-- What the program needs to deliver one leased grade, and nothing it would have to ask for. How many grains are completed, of how
-- many, is worked out where the caller does not know it yet.
create function passerelle.delivery(p_enrolment uuid, p_completed integer default null, p_total integer default null)
returns json language plpgsql stable as $$
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

-- Moodle fails when two grades of one learner in one course arrive at once: the rows of the course total collide. So one holder at
-- a time has leases on a learner's grades at one platform, and takes them there one after the other. Whoever takes leases, or ends
-- one and looks for more, has this lock until the transaction ends; nobody waits for a row while holding it.
create function passerelle.lock_of_learner(p_learner uuid) returns bigint language sql immutable as $$
  select hashtextextended('passerelle.learner' || p_learner::text, 0)
$$;

-- Whether somebody holds a lease on one of a learner's grades at a platform. (Not in SQL: PostgreSQL would plan it at each call.)
create function passerelle.is_served(p_learner uuid, p_platform uuid) returns boolean language plpgsql stable as $$
begin
  return exists (
    select from passerelle.enrolments o join passerelle.activities k on k.id = o.activity
    where o.learner = p_learner and k.platform = p_platform and o.lease is not null
      and not passerelle.is_over(o.leased_until, interval '10 minutes'));
end $$;

-- Takes a lease on each of these enrolments, and answers a JSON array of deliveries. A lease that is still there has
-- run out: its holder died, perhaps after sending. Of the enrolment `p_known` the caller knows how many grains are completed.
create function passerelle.take(
  p_enrolments uuid[], p_seconds integer, p_known uuid default null, p_completed integer default null,
  p_total integer default null) returns text
language plpgsql as $$
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

-- Leases what one learner is owed for one module, for the request that has just recorded progress and knows how many grains are
-- completed in its own activity, `p_known`. A platform that failed within the last minute is not waited for; where the learner is
-- served already, the grade is left to that holder, who looks for it before letting go.
create function passerelle.lease(
  p_learner uuid, p_module uuid, p_seconds integer, p_known uuid default null, p_completed integer default null,
  p_total integer default null)
returns text language plpgsql as $$
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

-- Leases what a learner is owed at the platform of a grade whose lease has just ended, one grade: what somebody left to its
-- holder. Null when there is nothing.
create function passerelle.take_next(p_grade uuid, p_learner uuid, p_seconds integer) returns text
language plpgsql as $$
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

-- Leases the grade that has been due longest (with `p_now` any that is pending) and was not leased since `p_since`, when
-- the run of `grade sync` began that asks: what failed in a run is not tried twice in it. When nothing is due, a result that is
-- to be read once more.
create function passerelle.lease_due(p_now boolean, p_since timestamptz, p_seconds integer) returns text
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '250ms' as $$
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

-- Whether the lease still is the caller's, and where the grade stands. Locks the enrolment, then the grade, so a concurrent
-- change is either seen by the holder or finds the lease released. Only the first lock is waited for with patience, because
-- nothing is held then that somebody could wait for (staff_edits.sql).
create function passerelle.holds(
  p_grade uuid, p_lease uuid, out held boolean, out version bigint, out status text, out learner uuid)
language plpgsql as $$
begin
  select coalesce(e.lease = p_lease, false), e.learner into held, learner from passerelle.enrolments e where e.id = p_grade for no key update;
  perform set_config('lock_timeout', '250ms', true), set_config('passerelle.gives_way', 'on', true);
  select g.version, g.status into version, status from public.grades g where g.id = p_grade for no key update;
  held := found and coalesce(held, false);
  status := coalesce(status, 'none');
end $$;

-- The platform accepted `p_version`; `p_dated` says whether it refuses what is older from now on. `next` is what the holder is to
-- deliver now: a newer version, or, where `p_takes_more` says so, another grade of the learner's that was left to it.
create function passerelle.grade_delivered(
  p_grade uuid, p_lease uuid, p_version bigint, p_score numeric, p_maximum numeric, p_dated boolean, p_seconds integer,
  p_took double precision default null, p_takes_more boolean default false, p_delivered_to text default null,
  out status text, out next text)
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '5s' set plan_cache_mode = force_generic_plan as $$
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

-- The platform did not accept `p_version`: parked when asking again cannot help, otherwise asked again after a pause that
-- doubles from 30 seconds to 6 hours, with jitter so that a thousand learners do not return together.
create function passerelle.grade_not_delivered(
  p_grade uuid, p_lease uuid, p_version bigint, p_permanent boolean, p_erring boolean, p_in_doubt boolean,
  p_platform_is_away boolean, p_retry_after integer, p_code text, p_words text, p_words_fr text,
  p_took double precision default null, p_seconds integer default 0, p_takes_more boolean default false,
  out status text, out next text)
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '5s' set plan_cache_mode = force_generic_plan as $$
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

-- A later timestamp under the same lease, after the platform said that it has a score of `p_at_least` or that ours was
-- not later.
create function passerelle.later_timestamp(p_grade uuid, p_lease uuid, p_at_least bigint) returns bigint
language sql as $$
  update passerelle.enrolments e
    set last_timestamp = greatest(passerelle.next_timestamp(e.last_timestamp), coalesce(p_at_least, 0))
    where e.id = p_grade and e.lease = p_lease
    returning e.last_timestamp
$$;

-- What the platform says about the line item of a leased grade's activity. Another maximum changes every grade of the
-- activity in its numbers, not in its worth, so nothing becomes due; of more than a class, the timer computes them. Answers the
-- delivery anew.
create function passerelle.line_item_found(p_grade uuid, p_lease uuid, p_line_item text, p_maximum numeric)
returns text language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '250ms' as $$
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

-- Asks to make the line item of a leased grade's activity: true for the one that may, until half a minute has passed.
create function passerelle.claim_line_item(p_grade uuid, p_lease uuid) returns boolean
language sql as $$
  with claimed as (
    update passerelle.activities a set line_item_claimed_at = clock_timestamp()
      from passerelle.enrolments e
      where e.id = p_grade and e.lease = p_lease and a.id = e.activity
        and (a.line_item_claimed_at is null
             or a.line_item_claimed_at not between clock_timestamp() - interval '30 seconds' and clock_timestamp())
      returning a.id)
  select exists (select from claimed)
$$;

-- Sends these grades again, whatever the platform has: a teacher may have reset the gradebook, or one was taken back that
-- should not have been.
create function passerelle.grades_again(p_grades uuid[]) returns integer
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '250ms' as $$
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

-- Taking a grade back. It is leased like a delivery, so that no other is under way meanwhile; `outcome` says leased, busy, gone
-- (with its activity: nothing is to be done in Moodle) or nothing_sent. From here on nobody can say what the platform has, until `withdrawn` or a delivery says it.
create function passerelle.withdraw(p_grade uuid, p_seconds integer, out outcome text, out delivery text)
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '250ms' as $$
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

-- Ends that lease. A grade that is gone counts as never sent, and none is owed until the progress says something else. What
-- became owed meanwhile stays owed.
create function passerelle.withdrawn(p_grade uuid, p_lease uuid, p_version bigint, p_is_gone boolean) returns void
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '250ms' as $$
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

-- Staff set a grade's status to "pending" in Directus to have it sent again, whatever it is.
create function passerelle.send_again() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
revoke all on function passerelle.send_again() from public;

create trigger send_again before update of status on public.grades
  for each row when (new.status = 'pending' and old.status <> 'pending' and new.version = old.version)
  execute function passerelle.send_again();
