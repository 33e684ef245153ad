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
