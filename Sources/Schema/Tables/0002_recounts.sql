-- The modules whose grades are computed again by the timer, because an edit of the catalogue concerned too many learners to do
-- it at once: at most one row a module. (No foreign key: the role of the modules may be adopted.)
create table passerelle.recounts (
  module uuid primary key,
  -- Learners up to this id are done; null when none is.
  done_to uuid,
  -- How many learners there were when it was asked for, and how many are done.
  learners integer not null,
  done integer not null default 0,
  asked_at timestamptz not null default now()
);

-- What is being done to a module at this moment, as a sentence for staff.
alter table public.modules add column notice text;

-- The learners of an activity in their order, from any of them on.
create index enrolments_activity_learner on passerelle.enrolments (activity, learner);
drop index passerelle.enrolments_activity;

-- Since when what is still to be sent could not be: only grades that are asked for again have it.
create index enrolments_failing on passerelle.enrolments (failing_since) where failing_since is not null;
