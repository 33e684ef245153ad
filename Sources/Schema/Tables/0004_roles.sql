-- Who works in this database beside its owner, by the names that `migrate` was told: `web`, the role of the web server, and
-- `directus`, the role of Directus. A later `migrate` gives them what is new.
create table passerelle.roles (
  purpose varchar(20) primary key,
  role text not null,
  named_at timestamptz not null default now(),
  constraint roles_purpose_is_known check (purpose::text in ('web', 'directus'))
);

-- The platform whose addresses an invite may replace; null for one that replaces none.
alter table passerelle.invites add column replaces uuid references passerelle.platforms (id) on delete cascade;
create index invites_replaces on passerelle.invites (replaces) where replaces is not null;

-- When a list of the course's members last named this person an instructor.
alter table passerelle.enrolments add column listed_instructor_at timestamptz;
