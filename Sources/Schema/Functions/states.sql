-- What pages keep for learners (GET and PUT /api/state).

-- The entity tag of a value: of its bytes, so that the same value has the same tag (RFC 9110, section 8.8.3).
create function passerelle.state_tag(p_value json) returns text
language sql immutable as $$
  select left(encode(sha256(convert_to(p_value::text, 'UTF8')), 'hex'), 32)
$$;

-- What a session may keep: whose, for which grain, in which activity (null: the person's). `goes_on` says that the activity is
-- to keep its own, and shows the person's until then. An instructor keeps nothing, nor does one who only looks.
create function passerelle.state_place(p_token bytea, p_grain text,
  out outcome text, out locale text, out enrolment uuid, out learner uuid, out grain uuid, out activity uuid, out goes_on boolean)
language plpgsql stable as $$
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

-- The state of a session's learner; `outcome` may be `no_state`.
create function passerelle.state_read(p_token bytea, p_grain text,
  out outcome text, out locale text, out value text, out tag text)
language plpgsql stable set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
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

-- Keeps a value. With `p_matches` (tags, or `*`; parted by spaces) only over one of these, with `p_is_new` only where there is
-- none; `state_changed` answers what is there, if anything. With `p_run`, the run that the page knows, nothing is kept where that
-- was ended since.
create function passerelle.state_write(p_token bytea, p_grain text, p_value json, p_matches text, p_is_new boolean,
  p_run integer default null,
  out outcome text, out locale text, out value text, out tag text)
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '5s' set plan_cache_mode = force_generic_plan as $$
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

-- Sets aside what a learner keeps for these grains, because the run that it belongs to is ended: of these holders (an activity,
-- or the learner for what is the person's), or of all where they are null. Answers how many.
create function passerelle.set_aside_states(p_learner uuid, p_grains uuid[], p_holders uuid[], p_run integer) returns integer
language plpgsql as $$
declare
  states integer;
begin
  update passerelle.states t set set_aside_at = now(), run = p_run
    where t.learner = p_learner and t.grain = any (p_grains) and t.set_aside_at is null
      and (p_holders is null or coalesce(t.activity, t.learner) = any (p_holders));
  get diagnostics states = row_count;
  return states;
end $$;

-- Gives what one learner keeps to another, who is the same person. Of two for one grain and activity the one that was changed
-- last goes on counting; the other is set aside. Answers how many changed hands.
create function passerelle.merge_states(p_from uuid, p_into uuid) returns integer
language plpgsql as $$
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

-- Whoever is deleted by plain SQL, as Directus does it, is forgotten here, too.
create function passerelle.forget_states() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  delete from passerelle.states t where t.learner = old.id;
  return null;
end $$;
revoke all on function passerelle.forget_states() from public;
