-- Databases that were migrated before version 1.0.0 was finished have earlier texts of the migrations 2, 3 and 6: a result in
-- doubt was not read once more, and a half was rounded down where a ratio has no end. This makes them equal to all others,
-- on which it changes nothing.

alter table passerelle.enrolments add column if not exists confirm_at timestamptz;
create index if not exists enrolments_confirmation on passerelle.enrolments (confirm_at) where confirm_at is not null;

drop function if exists passerelle.grade_delivered(uuid, uuid, bigint, numeric, numeric, integer);

-- A part of a maximum, in the five decimals that Moodle stores. A ratio such as 5/12 is cut off at its thirtieth decimal,
-- which alone would round a half down; the first rounding makes it whole again, and is too fine to make a half of less.
create or replace function passerelle.points(p_ratio numeric, p_maximum numeric) returns numeric
language sql immutable as $$
  select round(round(p_ratio * p_maximum, 22), 5)
$$;

-- Leases the grade that has been due longest (with `p_now` any that is pending) and was not leased since `p_since`, when
-- the run of `grade sync` began that asks: what failed in a run is not tried twice in it.
create or replace function passerelle.lease_due(p_now boolean, p_since timestamptz, p_seconds integer) returns text
language plpgsql as $$
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

-- The platform accepted `p_version`; `p_dated` says whether it refuses what is older from now on.
create or replace function passerelle.grade_delivered(
  p_grade uuid, p_lease uuid, p_version bigint, p_score numeric, p_maximum numeric, p_dated boolean, p_seconds integer,
  out status text, out next text)
language plpgsql as $$
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
    set delivered_version = p_version, delivered_score = p_score, delivered_maximum = p_maximum, delivered_at = now(),
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

-- What the platform says about the line item of a leased grade's activity. Another maximum changes every grade of the
-- activity in its numbers, not in its worth, so nothing becomes due. Answers the delivery anew.
create or replace function passerelle.line_item_found(p_grade uuid, p_lease uuid, p_line_item text, p_maximum numeric)
returns text language plpgsql as $$
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
    update public.grades g set maximum = p_maximum, score = passerelle.points(e.owed_ratio, p_maximum)
      from passerelle.enrolments e
      where e.activity = v_activity and g.id = e.id and g.score is not null and e.owed_ratio is not null;
  end if;
  update passerelle.enrolments e set line_item = p_line_item
    where e.activity = v_activity and e.gradable and (e.id = p_grade or e.line_item is null)
      and e.line_item is distinct from p_line_item;
  return passerelle.delivery(p_grade)::text;
end $$;

-- As migration 13 has it: replaced functions have lost it.
alter function passerelle.lease_due(boolean, timestamptz, integer) set search_path = pg_catalog, pg_temp;
alter function passerelle.grade_delivered(uuid, uuid, bigint, numeric, numeric, boolean, integer)
  set search_path = pg_catalog, pg_temp;
alter function passerelle.line_item_found(uuid, uuid, text, numeric) set search_path = pg_catalog, pg_temp;
