-- The row that /health and doctor write to see that writing works: at most one.
create table passerelle.heartbeats (
  one boolean primary key default true constraint heartbeats_is_one check (one),
  beaten_at timestamptz not null
) with (fillfactor = 10);
