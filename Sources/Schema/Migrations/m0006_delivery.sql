-- Delivery of grades. A lease is a column with an expiry, not a database lock: it survives the transaction, works under
-- transaction pooling, and a holder that dies delays its grade by no more than the lease.

-- What the program needs to deliver one leased grade, and nothing it would have to ask for.
create function passerelle.delivery(p_enrolment uuid, p_lease uuid) returns json
language plpgsql stable as $$
declare
  answer json;
begin
  select json_build_object(
      'grade', g.id, 'lease', p_lease, 'activity', e.activity, 'learner', e.learner, 'version', g.version,
      'score', g.score::float8, 'maximum', g.maximum::float8, 'completed', s.completed, 'total', s.total,
      'timestamp', e.last_timestamp, 'subject', e.subject, 'lineItem', e.line_item, 'locale', l.locale,
      'registration', r.id, 'clientId', r.client_id, 'tokenUrl', r.token_url, 'scope', e.token_scope,
      'token', (
        select encode(t.sealed, 'hex') from passerelle.access_tokens t
        where t.registration = r.id and t.scope = e.token_scope and t.expires_at > now() + interval '60 seconds'))
    into answer
    from passerelle.enrolments e
    join public.learners l on l.id = e.learner
    join public.grades g on g.learner = e.learner and g.activity = e.activity
    join passerelle.activities a on a.id = e.activity
    join passerelle.deployments d on d.id = a.deployment
    join passerelle.registrations r on r.id = d.registration
    cross join lateral passerelle.standing(e.learner, a.module) s
    where e.id = p_enrolment;
  return answer;
end $$;

-- Scores must carry rising timestamps in whole seconds (Moodle answers 409 otherwise), also when two are sent within one.
create function passerelle.next_timestamp(p_last bigint) returns bigint
language sql stable as $$
  select greatest(extract(epoch from now())::bigint, coalesce(p_last, 0) + 1)
$$;

-- Leases what one learner is owed for one module, for the request that has just recorded progress.
create function passerelle.lease(p_learner uuid, p_module uuid, p_seconds integer) returns text
language plpgsql as $$
declare
  leased uuid[];
  answer text;
begin
  with taken as (
    update passerelle.enrolments e
      set lease = gen_random_uuid(), leased_until = now() + make_interval(secs => p_seconds),
          last_timestamp = passerelle.next_timestamp(e.last_timestamp)
      from public.grades g, passerelle.activities a, passerelle.platforms p
      where e.learner = p_learner and g.learner = e.learner and g.activity = e.activity
        and a.id = e.activity and a.module = p_module and p.id = a.platform and p.enabled
        and g.status = 'pending' and g.next_attempt_at <= now()
        and (e.leased_until is null or e.leased_until <= now())
      returning e.id)
  select array_agg(taken.id) into leased from taken;
  if leased is null then
    return '[]';
  end if;
  select coalesce(json_agg(passerelle.delivery(e.id, e.lease)), '[]')::text into answer
    from passerelle.enrolments e where e.id = any (leased);
  return answer;
end $$;

-- Leases up to `p_limit` grades that are due (all that are pending when `p_now`), oldest first, for `grade sync`.
create function passerelle.lease_due(p_limit integer, p_now boolean, p_seconds integer) returns text
language plpgsql as $$
declare
  leased uuid[];
  answer text;
begin
  with due as (
    select e.id
      from passerelle.enrolments e
      join public.grades g on g.learner = e.learner and g.activity = e.activity
      join passerelle.activities a on a.id = e.activity
      join passerelle.platforms p on p.id = a.platform
      where g.status = 'pending' and (p_now or g.next_attempt_at <= now()) and p.enabled
        and (e.leased_until is null or e.leased_until <= now())
      order by g.next_attempt_at
      limit p_limit
      for update of e skip locked),
  taken as (
    update passerelle.enrolments e
      set lease = gen_random_uuid(), leased_until = now() + make_interval(secs => p_seconds),
          last_timestamp = passerelle.next_timestamp(e.last_timestamp)
      from due where e.id = due.id
      returning e.id)
  select array_agg(taken.id) into leased from taken;
  if leased is null then
    return '[]';
  end if;
  select coalesce(json_agg(passerelle.delivery(e.id, e.lease)), '[]')::text into answer
    from passerelle.enrolments e where e.id = any (leased);
  return answer;
end $$;

-- Moodle accepted `p_version`. The grade's row is locked before the lease is let go: progress that commits meanwhile
-- either shows its newer version here (and the holder goes on with it) or finds the lease free.
create function passerelle.grade_delivered(
  p_grade uuid, p_lease uuid, p_version bigint, p_score numeric, p_maximum numeric, p_seconds integer,
  out status text, out next text)
language plpgsql as $$
declare
  g record;
begin
  select t.version, t.status into g from public.grades t where t.id = p_grade for update;
  if not found or not exists (select from passerelle.enrolments e where e.id = p_grade and e.lease = p_lease) then
    status := 'lease_lost';
    return;
  end if;
  update public.grades t
    set delivered_version = p_version, delivered_score = p_score, delivered_maximum = p_maximum, delivered_at = now(),
        status = case when t.version = p_version then 'delivered' else t.status end,
        attempts = 0, next_attempt_at = case when t.version = p_version then null else now() end,
        last_error_code = null, last_error = null, last_error_fr = null
    where t.id = p_grade
    returning t.status into grade_delivered.status;
  if status = 'pending' then
    update passerelle.enrolments e
      set leased_until = now() + make_interval(secs => p_seconds),
          last_timestamp = passerelle.next_timestamp(e.last_timestamp)
      where e.id = p_grade;
    next := passerelle.delivery(p_grade, p_lease)::text;
  else
    update passerelle.enrolments e set lease = null, leased_until = null where e.id = p_grade;
  end if;
end $$;

-- Moodle did not accept `p_version`: parked when asking again cannot help, otherwise asked again after a pause that
-- doubles from 30 seconds to 6 hours, with jitter so that a thousand learners do not return together.
create function passerelle.grade_not_delivered(
  p_grade uuid, p_lease uuid, p_version bigint, p_permanent boolean, p_retry_after integer,
  p_code text, p_words text, p_words_fr text,
  out status text)
language plpgsql as $$
begin
  perform from public.grades t where t.id = p_grade for update;
  if not found or not exists (select from passerelle.enrolments e where e.id = p_grade and e.lease = p_lease) then
    status := 'lease_lost';
    return;
  end if;
  update public.grades t
    set status = case when t.version = p_version and p_permanent then 'failed' else t.status end,
        attempts = t.attempts + 1,
        next_attempt_at = case
          when t.version <> p_version then t.next_attempt_at
          when p_permanent then null
          else now() + make_interval(secs => greatest(
            coalesce(p_retry_after, 0),
            least(21600, 30 * power(2, least(t.attempts, 20))) * (0.75 + random() / 2))) end,
        last_error_code = p_code, last_error = p_words, last_error_fr = p_words_fr
    where t.id = p_grade
    returning t.status into grade_not_delivered.status;
  update passerelle.enrolments e set lease = null, leased_until = null where e.id = p_grade;
end $$;

-- Asks the platform's key set to be fetched, at most once in 30 seconds whoever asks: true for the one that may.
create function passerelle.claim_key_set(p_url text) returns boolean
language sql as $$
  insert into passerelle.key_sets as k (url, attempted_at) values (p_url, clock_timestamp())
  on conflict (url) do update set attempted_at = clock_timestamp()
    where k.attempted_at is null or k.attempted_at < clock_timestamp() - interval '30 seconds'
  returning true
$$;
