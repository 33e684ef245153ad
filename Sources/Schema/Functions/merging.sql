-- Two records of one person become one, and so do two of one site.

-- Everything of one learner becomes another's: identities, enrolments with their grades, progress (of a grain that both have, the
-- better row), runs, sessions, what pages keep. In an activity that both were in, the enrolment stays whose grade the platform
-- has, or which was launched last; nothing is sent that the platform has already. `outcome` says merged; same, unknown, or busy: a
-- grade of theirs is on its way just now, to be asked again.
--
-- Whoever works meanwhile holds their enrolment, and goes on as the other learner afterwards (progress_write); whoever is launched
-- holds the identity (learner_of).
create function passerelle.merge_learners(p_from uuid, p_into uuid,
  out outcome text, out identities integer, out enrolments integer, out progress integer, out removed boolean)
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '250ms' as $$
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

-- One of two enrolments of a learner takes the place of both. Answers whether one counted the activity's own progress, and the other
-- still the person's, which comes along then.
create function passerelle.join_enrolments(p_stays uuid, p_goes uuid) returns boolean
language plpgsql as $$
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

-- One activity that is known twice, because its platform was: everything of the one becomes the other's.
create function passerelle.join_activities(p_from uuid, p_into uuid) returns void
language plpgsql as $$
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

-- One site that was registered twice, because it has another address: everything of one platform becomes the other's. People are the
-- same by their subject, activities by deployment and resource link. Fails with 55P03 while a grade of theirs is on its way.
create function passerelle.platform_merge(p_from uuid, p_into uuid, out people integer, out joined integer, out activities integer)
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '250ms' as $$
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
