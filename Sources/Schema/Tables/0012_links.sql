-- Activities that a platform names by another resource link id than before.
alter table passerelle.activities
  -- Ids that came with this activity's line item and are another activity's all the same.
  add column other_link_ids text[] not null default '{}',
  -- It was taken to have another id without the platform having said whether the former one still stands.
  add column link_is_doubtful boolean not null default false;
