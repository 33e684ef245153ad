-- Directus writes to the collections with a database role of its own, which has no business in schema passerelle. What
-- its writes set off works there all the same: the trigger functions run as their owner, and so does what they call.
-- Nobody can run them but as triggers. Their search path is fixed, because whoever sets off a trigger chooses the path by
-- which it would otherwise look up functions and operators.
--
-- The path is fixed for the other functions too, to the same value: a session plans a function's statements anew whenever
-- the path is another than at the last call, and a request's own functions share the inner ones with the triggers.
-- Measured: 0.60 ms of processor time for a progress_write without any of this, 0.85 with the triggers' path alone,
-- 0.60 with both. A function that is replaced loses all three properties and must be given them again.
do $$
declare
  f record;
begin
  for f in
    select p.oid::regprocedure as name, p.prorettype = 'trigger'::regtype as is_trigger
    from pg_catalog.pg_proc p join pg_catalog.pg_language l on l.oid = p.prolang
    where p.pronamespace = 'passerelle'::regnamespace and l.lanname = 'plpgsql'
  loop
    execute format('alter function %s set search_path = pg_catalog, passerelle, public, pg_temp', f.name);
    if f.is_trigger then
      execute format('alter function %s security definer', f.name);
      execute format('revoke all on function %s from public', f.name);
    end if;
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
