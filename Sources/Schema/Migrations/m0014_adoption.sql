-- What `passerelle directus adopt` put in force: at most one row. The views and functions of migration 9 stand on tables
-- of an institution's own while it is there.
create table passerelle.adoption (
  one boolean primary key default true constraint adoption_is_one check (one),
  map text not null,
  adopted_at timestamptz not null default now(),
  -- The table of each role that is adopted.
  tables json not null,
  -- What was added, in words.
  added text[] not null,
  -- The statements that take it back.
  undo text not null,
  -- Foreign keys of the machinery that are not there for now.
  resting json not null,
  -- Taking it back takes Passerelle out of the database, because the names of its own tables are taken.
  removes boolean not null
);
