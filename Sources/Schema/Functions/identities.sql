-- Who a platform's people are here: found, made, joined and forgotten.

-- Finds or creates the learner whom a platform calls `p_subject`. The lock makes simultaneous first launches of one
-- person wait for each other; the second look then finds what the first one made. A value that the platform does not
-- send changes nothing, and one that it sent before does not undo a correction made by staff.
create function passerelle.learner_of(
  p_platform uuid, p_subject text, p_name text, p_given_name text, p_family_name text, p_email text, p_locale text)
returns uuid language plpgsql as $$
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
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '250ms' as $$
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

-- Gives what one of two learners did at a platform to the other, if one of them has no progress; `p_former` is kept when
-- neither has any. Who is left stays in the table of learners, which may be an institution's own, without that platform's ids.
-- Known race: progress being recorded now stays with the old learner.
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

-- Whoever is forgotten is forgotten here, too.
create function passerelle.forget_member() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  -- The list before its members, as whoever writes one does: two that lock in two orders can wait for each other.
  perform from passerelle.membership_lists s join passerelle.registrations r on r.id = s.registration
    where r.platform = old.platform order by s.id for update of s;
  delete from passerelle.members m
    using passerelle.membership_lists s join passerelle.registrations r on r.id = s.registration
    where m.list = s.id and m.subject = old.subject and r.platform = old.platform;
  return null;
end $$;
revoke all on function passerelle.forget_member() from public;

-- Forgets what this program keeps of a learner beside the learner's own row and their progress: sessions and codes, grades,
-- enrolments, identities (and with these what the platforms' lists of members say of them), states. Answers whether there was
-- anything. Where adopted collections hold the learners, their deletion calls it: no foreign key leads there.
create function passerelle.learner_forget(p_learner uuid) returns boolean language plpgsql as $$
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

create trigger forget_member after delete on passerelle.identities
  for each row execute function passerelle.forget_member();

-- Learners who were last here before an instant: launched, reporting, or finishing a grain. Nobody who ever taught an activity, who
-- chooses content, or for whom something is under way. `p_learner` narrows it to one.
create function passerelle.gone_since(p_instant timestamptz, p_learner uuid)
returns table (id uuid, name text, last_seen_at timestamptz)
language sql stable as $$
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
