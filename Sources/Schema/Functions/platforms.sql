-- Platforms: invites to register (1EdTech LTI Dynamic Registration 1.0), a move to another address, key sets.

-- Whether an invite may still be used, for nothing is fetched for one that may not; and the issuer whose addresses it may
-- replace, which is then the only one that it lets in.
create function passerelle.invite_of(p_invite bytea, out is_valid boolean, out replaces text)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  select true, p.issuer into is_valid, replaces
    from passerelle.invites i left join passerelle.platforms p on p.id = i.replaces
    where i.invite = p_invite and i.used_at is null and i.expires_at > now();
  is_valid := coalesce(is_valid, false);
end $$;

-- A platform under a new URL, which is its issuer and begins all its addresses: people, activities and grades stay whose
-- they are. Answers how many rows held an address of the old site, and in how many registrations one stood elsewhere and
-- stays. What waits to be delivered is due at once: it may be waiting because the old site does not answer any more.
create function passerelle.move_platform(p_platform uuid, p_old text, p_new text,
  out registrations integer, out activities integer, out enrolments integer, out elsewhere integer, out again integer)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  back record;
begin
  perform passerelle.read_committed();
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
  update passerelle.activities a set line_item = passerelle.moved(a.line_item, p_old, p_new)
    where a.platform = p_platform and passerelle.moved(a.line_item, p_old, p_new) <> a.line_item;
  -- What was given up because something answered at the old address, or nothing did.
  update public.grades g set status = 'pending'
    from passerelle.enrolments e join passerelle.activities a on a.id = e.activity
    where a.platform = p_platform and g.id = e.id and g.status in ('failed', 'gone')
      and (g.last_error_code in (
             'activity_gone',
             'grade_redirected', 'grade_intercepted', 'service_redirected', 'service_intercepted', 'token_redirected',
             'token_intercepted', 'grade_line_item_missing', 'service_not_found', 'grade_service_missing')
           or g.last_error_code like 'transport%');
  get diagnostics again = row_count;
  -- The old address's word that an activity is gone says nothing about the new one.
  for back in update passerelle.activities t set gone_at = null where t.platform = p_platform and t.gone_at is not null
    returning t.id, t.module
  loop
    if back.module is not null then
      perform passerelle.owe_activity(back.id, back.module);
    end if;
  end loop;
  update passerelle.enrolments e
    set line_item = passerelle.moved(e.line_item, p_old, p_new),
        delivered_to = passerelle.moved(e.delivered_to, p_old, p_new),
        line_items = passerelle.moved(e.line_items, p_old, p_new),
        outcome_url = passerelle.moved(e.outcome_url, p_old, p_new)
    from passerelle.activities a
    where a.id = e.activity and a.platform = p_platform and exists (
      select from unnest(array[e.line_item, e.line_items, e.outcome_url, e.delivered_to]) u (url)
      where passerelle.moved(u.url, p_old, p_new) <> u.url);
  get diagnostics enrolments = row_count;
end $$;

-- Forgets a platform and all that is its own. Grades are no row of its, so they go first; learners and their progress stay.
create function passerelle.platform_remove(p_platform uuid) returns void
language plpgsql
set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  perform from passerelle.enrolments e join passerelle.activities a on a.id = e.activity
    where a.platform = p_platform order by e.id for update of e;
  delete from passerelle.enrolments e using passerelle.activities a where a.id = e.activity and a.platform = p_platform;
  delete from public.grades g using passerelle.activities a where a.id = g.activity and a.platform = p_platform;
  delete from passerelle.platforms p where p.id = p_platform;
end $$;

-- Asks the platform's key set to be fetched, at most once in 30 seconds whoever asks: true for the one that may.
create function passerelle.claim_key_set(p_url text) returns boolean
language sql as $$
  insert into passerelle.key_sets as k (url, attempted_at) values (p_url, clock_timestamp())
  on conflict (url) do update set attempted_at = clock_timestamp(), failed = false
    where k.attempted_at is null or k.attempted_at < clock_timestamp() - interval '30 seconds'
  returning true
$$;
