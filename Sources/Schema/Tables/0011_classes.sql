-- What a teacher sees of a class: its groups, and the corrections that teachers made.

-- The groups of the course that the platform said this person is in, by the platform's own ids; null where it said nothing of groups.
alter table passerelle.enrolments add column groups text[];

-- What people call the groups of a course: the platform gives numbers alone.
create table passerelle.group_names (
  platform uuid not null references passerelle.platforms (id) on delete cascade,
  context_id text not null,
  number text not null,
  name text not null,
  date_updated timestamptz not null default now(),
  primary key (platform, context_id, number),
  constraint group_names_name_is_short check (name <> '' and length(name) <= 100)
);

-- The last correction that a teacher made to a learner's grain, and what they made of it.
create table passerelle.corrections (
  enrolment uuid not null references passerelle.enrolments (id) on delete cascade,
  grain uuid not null,
  status varchar(20) not null,
  score double precision,
  -- The teacher, as long as they are there, and what they are called.
  teacher uuid references passerelle.enrolments (id) on delete set null,
  corrected_by text not null,
  reason text not null,
  corrected_at timestamptz not null default now(),
  primary key (enrolment, grain),
  constraint corrections_reason_is_short check (length(reason) between 1 and 500)
);

create index corrections_teacher on passerelle.corrections (teacher);

-- The same for whoever looks at the row itself. They are empty again once the learner has bettered what was corrected.
alter table public.progress add column corrected_by text, add column correction_reason text;
