-- Directus writes to the collections with a database role of its own, which has no business in schema passerelle. What
-- its writes set off works there all the same: the trigger functions run as their owner. Nobody can call them but as
-- triggers, and no other function needs to: what they call runs as the owner too. Their search path is fixed, because
-- whoever sets off a trigger also chooses the path it would otherwise look things up by.
do $$
declare
  f regprocedure;
begin
  for f in
    select p.oid from pg_catalog.pg_proc p
    where p.pronamespace = 'passerelle'::regnamespace and p.prorettype = 'trigger'::regtype
  loop
    execute format('alter function %s security definer set search_path = pg_catalog, passerelle, public, pg_temp', f);
    execute format('revoke all on function %s from public', f);
  end loop;
end $$;

-- The rows that this program put into Directus's system tables, so that it takes away its own and nobody else's.
create table passerelle.directus_rows (
  table_name text not null,
  row_id text not null,
  purpose text not null,
  created_at timestamptz not null default now(),
  primary key (table_name, row_id)
);
