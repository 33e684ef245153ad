-- The five collections that people see and edit in Directus. Plain types, single-column uuid keys and text with CHECK
-- (never enums or domains), because that is what Directus can show. They refer to nothing outside this schema.

create schema if not exists passerelle;

create table public.learners (
  id uuid primary key default gen_random_uuid(),
  name text,
  given_name text,
  family_name text,
  email text,
  locale text,
  date_created timestamptz not null default now(),
  date_updated timestamptz
);

create table public.modules (
  id uuid primary key default gen_random_uuid(),
  slug text not null,
  title text not null,
  url text,
  grading text not null default 'proportion',
  status text not null default 'active',
  sort integer,
  date_created timestamptz not null default now(),
  date_updated timestamptz,
  constraint modules_slug_unique unique (slug),
  constraint modules_slug_is_url_safe check (slug ~ '^[A-Za-z0-9][A-Za-z0-9._~-]{0,99}$'),
  constraint modules_title_is_not_empty check (title <> ''),
  constraint modules_url_is_http check (url ~ '^https?://'),
  constraint modules_grading_is_known check (grading in ('proportion', 'all-or-nothing')),
  constraint modules_status_is_known check (status in ('active', 'archived'))
);

create table public.grains (
  id uuid primary key default gen_random_uuid(),
  module uuid not null references public.modules (id) on delete restrict,
  slug text not null,
  title text not null,
  weight numeric(12, 5) not null default 1,
  status text not null default 'active',
  sort integer,
  date_created timestamptz not null default now(),
  date_updated timestamptz,
  constraint grains_slug_unique_in_module unique (module, slug),
  constraint grains_slug_is_url_safe check (slug ~ '^[A-Za-z0-9][A-Za-z0-9._~-]{0,99}$'),
  constraint grains_title_is_not_empty check (title <> ''),
  constraint grains_weight_is_positive check (weight > 0 and weight < 1000000),
  constraint grains_status_is_known check (status in ('active', 'archived'))
);

-- Ten decimals: a third of a maximum of 20 must still round to 6.66667, the five decimals Moodle stores.
create table public.progress (
  id uuid primary key default gen_random_uuid(),
  learner uuid not null references public.learners (id) on delete cascade,
  grain uuid not null references public.grains (id) on delete restrict,
  status text not null default 'started',
  score numeric(12, 10),
  completed_at timestamptz,
  date_created timestamptz not null default now(),
  date_updated timestamptz,
  constraint progress_once_per_learner_and_grain unique (learner, grain),
  constraint progress_status_is_known check (status in ('started', 'completed')),
  constraint progress_score_is_between_0_and_1 check (score between 0 and 1),
  constraint progress_completed_has_a_date check ((status = 'completed') = (completed_at is not null))
);
create index progress_grain on public.progress (grain);

-- One row per learner and Moodle activity; `activity` is passerelle.activities.id and deliberately no foreign key:
-- Directus would look for that table among its own.
create table public.grades (
  id uuid primary key default gen_random_uuid(),
  learner uuid not null references public.learners (id) on delete cascade,
  activity uuid not null,
  module uuid references public.modules (id) on delete set null,
  activity_title text,
  status text not null default 'pending',
  score numeric(12, 5),
  maximum numeric(12, 5),
  version bigint not null default 1,
  delivered_score numeric(12, 5),
  delivered_maximum numeric(12, 5),
  delivered_version bigint,
  delivered_at timestamptz,
  attempts integer not null default 0,
  next_attempt_at timestamptz,
  last_error_code text,
  last_error text,
  last_error_fr text,
  date_created timestamptz not null default now(),
  date_updated timestamptz,
  constraint grades_once_per_learner_and_activity unique (learner, activity),
  constraint grades_status_is_known check (status in ('none', 'pending', 'delivered', 'failed')),
  constraint grades_score_has_a_maximum check ((score is null) = (maximum is null))
);
create index grades_due on public.grades (next_attempt_at) where status = 'pending';
create index grades_failed on public.grades (status) where status = 'failed';

-- Directus fills date_updated itself; other writers (this program, psql) rely on the trigger. Both mean now.
create function passerelle.touch() returns trigger language plpgsql as $$
begin
  new.date_updated := now();
  return new;
end $$;

create trigger touch before update on public.learners for each row execute function passerelle.touch();
create trigger touch before update on public.modules for each row execute function passerelle.touch();
create trigger touch before update on public.grains for each row execute function passerelle.touch();
create trigger touch before update on public.progress for each row execute function passerelle.touch();
create trigger touch before update on public.grades for each row execute function passerelle.touch();

-- Staff tick "completed" and expect the date to follow.
create function passerelle.complete() returns trigger language plpgsql as $$
begin
  if new.status = 'completed' then
    new.completed_at := coalesce(new.completed_at, now());
  else
    new.completed_at := null;
  end if;
  return new;
end $$;
create trigger complete before insert or update on public.progress for each row execute function passerelle.complete();
