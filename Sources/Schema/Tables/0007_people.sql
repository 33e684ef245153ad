-- Whose progress counts where, runs that were begun anew, and when people were last seen.

-- `learner`: done is done, in every activity. `activity`: each activity counts its own progress.
alter table public.modules add column scope varchar(20) not null default 'learner',
  add constraint modules_scope_is_known check (scope::text in ('learner', 'activity'));

-- The activity whose progress this is (passerelle.activities.id; no foreign key, as in public.grades); null: the person's.
alter table public.progress add column activity uuid, add column activity_title text;
alter table public.progress drop constraint progress_once_per_learner_and_grain;
create unique index progress_once_per_learner_and_grain on public.progress (learner, grain, (coalesce(activity, learner)));

-- Written at most once an hour.
alter table public.learners add column last_seen_at timestamptz;

-- The grain that the activity is about; null: its whole module. (No foreign key: the role of the grains may be adopted.)
alter table passerelle.activities add column grain uuid;
-- The courses that this one was copied from, as Moodle names them (Context.id.history), the nearest first.
alter table passerelle.activities add column context_history text[];

alter table passerelle.enrolments
  -- Whether the activity's own progress counts here, or the person's.
  add column own_progress boolean not null default false,
  -- What was sent is of a run that was set aside: it says nothing of the present run.
  add column set_aside boolean not null default false,
  -- When the grade of such a run is to be taken back, unless the present run sends one before; null: it is not.
  add column withdraw_at timestamptz,
  -- Since when somebody who is known as an instructor here looks at it as a learner; null as soon as they are one thing.
  add column previewed_at timestamptz,
  -- When a report came last; written at most once an hour.
  add column last_seen_at timestamptz;

create index enrolments_withdrawal on passerelle.enrolments (withdraw_at) where withdraw_at is not null;

-- Runs that were set aside, so that somebody begins anew: kept, and never counted.
create table passerelle.runs (
  id uuid primary key default gen_random_uuid(),
  -- Learners, modules and activities may be adopted or forgotten: no foreign keys.
  learner uuid not null,
  module uuid not null,
  -- Null where the progress was the person's.
  activity uuid,
  -- Null where all grains of the module were set aside.
  grain uuid,
  activity_title text,
  ended_at timestamptz not null default now(),
  -- What became of the grades: taken back, or left in the platform until the next run owes one.
  grade varchar(20) not null,
  -- The rows as they were: an array of objects.
  progress json not null,
  constraint runs_grade_is_known check (grade::text in ('withdraw', 'keep'))
);
create index runs_learner on passerelle.runs (learner, module);
