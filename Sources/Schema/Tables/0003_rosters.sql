-- How it is known that a roster has not changed since somebody looked at it. Each change of what a roster shows leaves a row with
-- the number of its transaction; whoever looks again asks for one that their snapshot has not seen.
create table passerelle.roster_marks (
  -- An activity, a module, or a course (`course_scope`).
  scope uuid not null,
  xid xid8 not null default pg_current_xact_id(),
  marked_at timestamptz not null default now(),
  primary key (scope, xid)
);

-- The last transaction whose marks were forgotten.
create table passerelle.roster_horizon (
  one boolean primary key default true constraint roster_horizon_is_one check (one),
  xid xid8 not null
);

-- The other activities of a course.
create index activities_context on passerelle.activities (platform, context_id);
