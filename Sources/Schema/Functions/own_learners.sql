-- Seam: learners in Passerelle's own table. Where a map of `passerelle directus adopt` gives the role to another table, module
-- Adoption makes the view and the functions of this file over that one, and this file is not run. Only the four files
-- own_*.sql name the four tables.

create view passerelle.learner_rows as
  select l.id, l.name, l.given_name, l.family_name, l.email, l.locale, l.date_created from public.learners l;

-- The learner who is already there for a person that the platform names for the first time; null when nobody is. The five
-- tables know no rule for that; an adopted collection may.
create function passerelle.learner_match(p_platform uuid, p_subject text, p_email text) returns uuid
language sql stable as $$
  select null::uuid
$$;

create function passerelle.learner_create(
  p_name text, p_given_name text, p_family_name text, p_email text, p_locale text) returns uuid
language sql as $$
  insert into public.learners (name, given_name, family_name, email, locale, last_seen_at)
  values (p_name, p_given_name, p_family_name, p_email, p_locale, now()) returning id
$$;

-- The learner is here: written at most once an hour, and not while somebody edits their row. (Looked at first, because an update
-- runs the table's triggers also where it changes no row.)
create function passerelle.learner_seen(p_learner uuid) returns void language plpgsql as $$
begin
  if exists (
    select from public.learners o
    where o.id = p_learner and (o.last_seen_at is null or o.last_seen_at < now() - interval '1 hour'))
  then
    update public.learners l set last_seen_at = now()
      where l.id = (
        select o.id from public.learners o
          where o.id = p_learner and (o.last_seen_at is null or o.last_seen_at < now() - interval '1 hour')
          for no key update skip locked);
  end if;
end $$;

-- When the learner was here last, as their row says it.
create function passerelle.learner_last_seen(p_learner uuid) returns timestamptz language sql stable as $$
  select l.last_seen_at from public.learners l where l.id = p_learner
$$;

-- Takes away the row of a learner who became another, with whom nothing is left; answers whether it is gone.
create function passerelle.learner_drop(p_learner uuid) returns boolean language plpgsql as $$
begin
  delete from public.learners l where l.id = p_learner;
  return found;
end $$;

-- Changes what is not null.
create function passerelle.learner_update(
  p_learner uuid, p_name text, p_given_name text, p_family_name text, p_email text, p_locale text) returns void
language sql as $$
  update public.learners l
    set name = coalesce(p_name, l.name), given_name = coalesce(p_given_name, l.given_name),
        family_name = coalesce(p_family_name, l.family_name), email = coalesce(p_email, l.email),
        locale = coalesce(p_locale, l.locale)
    where l.id = p_learner
$$;

-- The seam at which a learner is erased; answers whether there was one. The five tables' foreign keys forget the rest.
-- (Adoption makes this anew. What it must do for other collections: delete the learner's progress; delete the learner's own
-- row where it is a learner and nothing else, but never a row of directus_users, who may be staff as well; then call
-- learner_forget.)
create function passerelle.learner_delete(p_learner uuid) returns boolean
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  was_there boolean;
begin
  delete from public.learners l where l.id = p_learner;
  was_there := found;
  return passerelle.learner_forget(p_learner) or was_there;
end $$;

create trigger await_turn before insert or update or delete on public.learners
  for each statement when (current_setting('passerelle.gives_way', true) is distinct from 'on')
  execute function passerelle.take_turn();
create trigger forget_states after delete on public.learners for each row execute function passerelle.forget_states();
-- That somebody was seen is no change of theirs.
create trigger touch before update on public.learners for each row
  when (old.last_seen_at is not distinct from new.last_seen_at) execute function passerelle.touch();
create trigger forget_runs after delete on public.learners
  referencing old table as gone for each statement execute function passerelle.forget_runs();
create trigger mark_updated after update on public.learners
  referencing new table as changed for each statement execute function passerelle.mark_learners();
