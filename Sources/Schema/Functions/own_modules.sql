-- Seam: modules in Passerelle's own table (see own_learners.sql).

create view passerelle.module_rows as
  select m.id, m.slug, m.title, m.url, m.grading::text as grading, m.status::text as status, m.sort, m.scope::text as scope from public.modules m;

-- Directus says "unexpected error" to everybody but administrators when a deletion is refused, whatever the reason. So what may
-- not go is put away instead, as by the archive button: it is out of the list, and nothing is lost.
create function passerelle.module_is_needed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if exists (select from passerelle.grain_rows g where g.module = old.id) then
    update public.modules m set status = 'archived' where m.id = old.id and m.status <> 'archived';
    return null;
  end if;
  return old;
end $$;
revoke all on function passerelle.module_is_needed() from public;

create trigger await_turn before insert or update or delete on public.modules
  for each statement when (current_setting('passerelle.gives_way', true) is distinct from 'on')
  execute function passerelle.take_turn();
create trigger touch before update on public.modules for each row execute function passerelle.touch();
create trigger modules_updated after update on public.modules
  referencing old table as former new table as changed for each statement execute function passerelle.modules_updated();
create trigger refuse before insert or update on public.modules
  for each row execute function passerelle.module_is_possible();
create trigger refuse_deletion before delete on public.modules
  for each row execute function passerelle.module_is_needed();
create trigger mark_updated after update on public.modules
  referencing new table as changed for each statement execute function passerelle.mark_modules();

-- Tells staff what is being done to a module; null ends it.
create function passerelle.module_notice(p_module uuid, p_notice text) returns void language plpgsql as $$
begin
  update public.modules m set notice = p_notice where m.id = p_module and m.notice is distinct from p_notice;
end $$;

-- Tells staff what is wrong with a module's address; null says that nothing is. Such a notice begins with ⚠, and gives way to any
-- other.
create function passerelle.module_address_notice(p_module uuid, p_notice text) returns void
language plpgsql set search_path = pg_catalog, pg_temp set lock_timeout = '250ms' as $$
begin
  perform passerelle.read_committed();
  perform set_config('passerelle.gives_way', 'on', true);
  update public.modules m set notice = '⚠ ' || p_notice
    where m.id = p_module and m.notice is distinct from '⚠ ' || p_notice and coalesce(m.notice, '⚠') like '⚠%';
end $$;
