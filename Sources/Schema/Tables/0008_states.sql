-- What a page keeps for a learner: one small JSON value for each grain, so that a learner goes on where they left off. No
-- foreign key leads to learners and grains, which may be an institution's own: whoever is forgotten is forgotten by
-- passerelle.learner_forget.
create table passerelle.states (
  id uuid primary key default gen_random_uuid(),
  learner uuid not null,
  grain uuid not null,
  -- The activity, where the module keeps each activity's progress apart; null where it is the learner's.
  activity uuid references passerelle.activities (id) on delete cascade,
  -- The JSON as the page wrote it.
  value json not null,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  -- Since when it counts no more: the run that it belonged to was ended, or another learner's newer one took its place.
  set_aside_at timestamptz,
  -- The run that was ended.
  run integer,
  constraint states_are_small check (octet_length(value::text) <= 65536)
);
-- One that counts for each learner, grain and activity; the nil UUID stands for none.
create unique index states_current
  on passerelle.states (learner, grain, (coalesce(activity, '00000000-0000-0000-0000-000000000000'::uuid)))
  where set_aside_at is null;
create index states_activity on passerelle.states (activity) where activity is not null;
