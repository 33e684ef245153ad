-- Seam: modules in Passerelle's own table (see own_learners.sql).

create view passerelle.module_rows as
  select m.id, m.slug, m.title, m.url, m.grading::text as grading, m.status::text as status, m.sort from public.modules m;

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
