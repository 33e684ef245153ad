-- Seam: grains in Passerelle's own table (see own_learners.sql).

create view passerelle.grain_rows as
  select g.id, g.module, g.slug, g.title, g.weight, g.status::text as status, g.sort from public.grains g;

-- As for modules: what learners have begun is put away, not deleted.
create function passerelle.grain_is_needed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if exists (select from passerelle.progress_rows p where p.grain = old.id) then
    update public.grains g set status = 'archived' where g.id = old.id and g.status <> 'archived';
    return null;
  end if;
  return old;
end $$;
revoke all on function passerelle.grain_is_needed() from public;

create trigger await_turn before insert or update or delete on public.grains
  for each statement when (current_setting('passerelle.gives_way', true) is distinct from 'on')
  execute function passerelle.take_turn();
create trigger touch before update on public.grains for each row execute function passerelle.touch();
create trigger grains_inserted after insert on public.grains
  referencing new table as changed for each statement execute function passerelle.grains_changed();
create trigger grains_deleted after delete on public.grains
  referencing old table as changed for each statement execute function passerelle.grains_changed();
create trigger grains_updated after update on public.grains
  referencing old table as former new table as changed for each statement execute function passerelle.grains_updated();
create trigger refuse before insert or update on public.grains
  for each row execute function passerelle.grain_is_possible();
create trigger refuse_deletion before delete on public.grains
  for each row execute function passerelle.grain_is_needed();
create trigger mark_inserted after insert on public.grains
  referencing new table as changed for each statement execute function passerelle.mark_grains();
create trigger mark_deleted after delete on public.grains
  referencing old table as changed for each statement execute function passerelle.mark_grains();
create trigger mark_updated after update on public.grains
  referencing old table as former new table as changed for each statement execute function passerelle.mark_moved_grains();
