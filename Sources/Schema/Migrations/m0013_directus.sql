-- Directus writes to the collections with a database role of its own, which has no business in schema passerelle. What
-- its writes set off works there all the same: the trigger functions run as their owner, and so does what they call.
-- Nobody can run them but as triggers. Their search path is fixed, because whoever sets off a trigger chooses the path by
-- which it would otherwise look up functions and operators; nothing of ours is named without its schema.
--
-- The functions that the program calls have the same path, because a session plans a function's statements anew whenever
-- the path is another than at the last call, and both share what they call. What only they call has none of its own: a path
-- costs 15 µs at each call (pgbench: a launch takes 0.60 ms without any path and with these, 0.72 ms with one everywhere).
-- A function that is replaced loses these properties and must be given them again.
do $$
declare
  f record;
begin
  for f in
    select p.oid::regprocedure as name, p.prorettype = 'trigger'::regtype as is_trigger
    from pg_catalog.pg_proc p join pg_catalog.pg_language l on l.oid = p.prolang
    where p.pronamespace = 'passerelle'::regnamespace and l.lanname = 'plpgsql'
      and (p.prorettype = 'trigger'::regtype or p.proname in (
        'code_for', 'deep_link', 'deep_link_of', 'grade_delivered', 'grade_not_delivered', 'grades_again', 'known_as', 'launch',
        'launch_context', 'learner_delete', 'lease_due', 'line_item_found', 'login', 'memberships_read', 'move_platform',
        'progress_read', 'progress_write', 'register', 'roster', 'session_open', 'withdraw', 'withdrawn'))
  loop
    execute format('alter function %s set search_path = pg_catalog, pg_temp', f.name);
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
