-- What grows inside Directus: people are its users, keys are uuids that Directus makes itself (no default), completion is
-- a date, and one of the links is a plain text that holds a slug. Needs Directus's own tables.
create table public.courses (
  id uuid not null primary key,
  status varchar(255) not null default 'draft',
  slug varchar(255) unique,
  title varchar(255),
  all_required boolean default false,
  sort integer,
  user_created uuid references public.directus_users (id),
  date_created timestamptz
);

create table public.lessons (
  id uuid not null primary key,
  status varchar(255) not null default 'draft',
  course uuid references public.courses (id) on delete set null,
  slug varchar(255) not null unique,
  title varchar(255),
  weight double precision,
  sort integer
);

create table public.lesson_progress (
  id uuid not null primary key,
  "user" uuid references public.directus_users (id) on delete cascade,
  lesson varchar(255),
  completed_at timestamptz,
  last_position_seconds integer,
  date_updated timestamptz
);
create index lesson_progress_user on public.lesson_progress ("user");
