-- Former ids, and grades taken back.
--
-- One person under two ids of one platform: a platform that migrates from LTI 1.1 may name people anew in LTI 1.3, and says
-- in a signed claim who was who (LTI 1.3 Migration Guide, "LTI 1.1 Migration Claim").

-- Makes both subjects lead to one learner, whichever came first; the locks are those of learner_of, so that launches by either
-- that come at once agree. `outcome` says what was found:
--   known      both lead to `learner` already
--   created    neither led anywhere; `learner` is new
--   linked     one was known; the other leads there from now on
--   joined     they led to two learners, of whom `other` has no progress: what was theirs at this platform is `learner`'s now
--   different  they lead to two learners, `learner` and `other`, who both have progress, or a grade sent for one activity:
--              nothing is changed, because that would mix what two people may have done
create function passerelle.known_as(
  p_platform uuid, p_subject text, p_former text,
  p_name text, p_given_name text, p_family_name text, p_email text, p_locale text,
  out outcome text, out learner uuid, out other uuid)
language plpgsql as $$
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

-- Gives what one of two learners did at a platform to the other, if one of them has no progress; `p_former` is kept when
-- neither has any. Who is left stays in the table of learners, which may be an institution's own, without that platform's ids.
-- (Progress that a session of theirs is recording in this very instant stays with them.)
create function passerelle.join_learners(p_platform uuid, p_former uuid, p_present uuid,
  out outcome text, out kept uuid, out leaves uuid)
language plpgsql as $$
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

-- What the progress said when the platform's grade was taken back: none is owed until it says something else.
alter table passerelle.enrolments add column withdrawn_ratio numeric, add column withdrawn_completed integer;

-- Brings every grade of a learner for a module up to date, as before, but for those taken back. The lock orders concurrent
-- changes of one learner; the statements after it see what the others committed.
create or replace function passerelle.owe(p_learner uuid, p_module uuid) returns void language plpgsql as $$
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
           g.id as grade, g.status, g.maximum as former_maximum, g.module as former_module,
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

-- Sends these grades again, whatever the platform has: a teacher may have reset the gradebook, or one was taken back that
-- should not have been.
create or replace function passerelle.grades_again(p_grades uuid[]) returns integer
language plpgsql as $$
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

-- Taking a grade back. It is leased like a delivery, so that no other is under way meanwhile; `outcome` says leased, busy or
-- nothing_sent. From here on nobody can say what the platform has, until `withdrawn` or a delivery says it.
create function passerelle.withdraw(p_grade uuid, p_seconds integer, out outcome text, out delivery text)
language plpgsql as $$
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

-- Ends that lease. A grade that is gone counts as never sent, and none is owed until the progress says something else. What
-- became owed meanwhile stays owed.
create function passerelle.withdrawn(p_grade uuid, p_lease uuid, p_version bigint, p_is_gone boolean) returns void
language plpgsql as $$
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
