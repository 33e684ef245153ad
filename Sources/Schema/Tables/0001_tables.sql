-- The tables of version 1.0.0. Tables, columns, constraints and indexes only: a file of this folder runs once, and what it
-- called would be another function by the time that somebody installs it. Functions, views and triggers are in Functions/.

-- The five collections that people see and edit in Directus. Plain types, single-column uuid keys, states as varchar(20)
-- with CHECK (never enums or domains; Directus 10 shows no labels on text), numbers as double precision (a numeric comes out
-- of Directus's API as text with trailing zeros). They refer to nothing outside this schema.
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
  grading varchar(20) not null default 'proportion',
  status varchar(20) not null default 'active',
  sort integer,
  date_created timestamptz not null default now(),
  date_updated timestamptz,
  constraint modules_slug_unique unique (slug),
  constraint modules_slug_is_url_safe check (slug ~ '^[A-Za-z0-9][A-Za-z0-9._~-]{0,99}$'),
  constraint modules_title_is_not_empty check (title <> ''),
  constraint modules_url_is_http check (url ~ '^https?://'),
  constraint modules_grading_is_known check (grading::text in ('proportion', 'all-or-nothing')),
  constraint modules_status_is_known check (status::text in ('active', 'archived'))
);

create table public.grains (
  id uuid primary key default gen_random_uuid(),
  module uuid not null references public.modules (id) on delete restrict,
  slug text not null,
  title text not null,
  weight double precision not null default 1,
  status varchar(20) not null default 'active',
  sort integer,
  date_created timestamptz not null default now(),
  date_updated timestamptz,
  constraint grains_slug_unique_in_module unique (module, slug),
  constraint grains_slug_is_url_safe check (slug ~ '^[A-Za-z0-9][A-Za-z0-9._~-]{0,99}$'),
  constraint grains_title_is_not_empty check (title <> ''),
  constraint grains_weight_is_positive check (weight > 0 and weight < 1000000),
  constraint grains_status_is_known check (status::text in ('active', 'archived'))
);

create table public.progress (
  id uuid primary key default gen_random_uuid(),
  learner uuid not null references public.learners (id) on delete cascade,
  grain uuid not null references public.grains (id) on delete restrict,
  status varchar(20) not null default 'started',
  score double precision,
  completed_at timestamptz,
  date_created timestamptz not null default now(),
  date_updated timestamptz,
  constraint progress_once_per_learner_and_grain unique (learner, grain),
  constraint progress_status_is_known check (status::text in ('started', 'completed')),
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
  status varchar(20) not null default 'pending',
  score double precision,
  maximum double precision,
  version bigint not null default 1,
  delivered_score double precision,
  delivered_maximum double precision,
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
  constraint grades_status_is_known check (status::text in ('none', 'pending', 'delivered', 'failed')),
  constraint grades_score_has_a_maximum check ((score is null) = (maximum is null))
);
create index grades_due on public.grades (next_attempt_at) where status = 'pending';
create index grades_failed on public.grades (status) where status = 'failed';

-- The machinery, out of Directus's sight. Random secrets that come back from browsers (states, nonces, codes, session
-- tokens) are kept as SHA-256 digests; keys and access tokens are sealed by the program before they get here.
create table passerelle.platforms (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  issuer text not null constraint platforms_issuer_unique unique,
  enabled boolean not null default true,
  -- Until then requests do not wait for this platform: it failed within the last minute.
  breaker_until timestamptz,
  created_at timestamptz not null default now()
);

create table passerelle.registrations (
  id uuid primary key default gen_random_uuid(),
  platform uuid not null references passerelle.platforms (id) on delete cascade,
  client_id text not null,
  auth_url text not null,
  token_url text not null,
  jwks_url text not null,
  created_at timestamptz not null default now(),
  constraint registrations_client_unique_in_platform unique (platform, client_id)
);

create table passerelle.deployments (
  id uuid primary key default gen_random_uuid(),
  registration uuid not null references passerelle.registrations (id) on delete cascade,
  deployment_id text not null,
  created_at timestamptz not null default now(),
  constraint deployments_unique_in_registration unique (registration, deployment_id)
);

-- The LTI 1.1 credentials of a platform (its consumer key; the secret sealed).
create table passerelle.consumers (
  id uuid primary key default gen_random_uuid(),
  platform uuid not null references passerelle.platforms (id) on delete cascade,
  consumer_key text not null constraint consumers_key_unique unique,
  sealed bytea not null,
  created_at timestamptz not null default now()
);

-- OAuth nonces that were seen: each may come once (RFC 5849, section 3.3).
create table passerelle.nonces (
  consumer uuid not null references passerelle.consumers (id) on delete cascade,
  nonce bytea not null,
  expires_at timestamptz not null,
  primary key (consumer, nonce)
);
create index nonces_expiry on passerelle.nonces (expires_at);

-- A platform's JWK set, kept past its expiry so that launches go on while the platform's endpoint is down.
create table passerelle.key_sets (
  url text primary key,
  document text,
  fetched_at timestamptz,
  expires_at timestamptz,
  attempted_at timestamptz,
  failed boolean not null default false
);

create table passerelle.access_tokens (
  registration uuid not null references passerelle.registrations (id) on delete cascade,
  scope text not null,
  sealed bytea not null,
  expires_at timestamptz not null,
  primary key (registration, scope)
);

create table passerelle.tool_keys (
  kid text primary key,
  public_jwk text not null,
  sealed bytea not null,
  created_at timestamptz not null default now(),
  retired_at timestamptz
);

create table passerelle.login_states (
  state bytea primary key,
  nonce bytea not null constraint login_states_nonce_unique unique,
  browser bytea not null,
  -- The proof was also given to the browser's storage, because the login ran in a frame.
  stored boolean not null default false,
  registration uuid not null references passerelle.registrations (id) on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  consumed_at timestamptz
);
create index login_states_expiry on passerelle.login_states (expires_at);

-- Who a person is to a platform, and what the platform last said of them: a correction made in Directus stands until
-- the platform's own value changes.
create table passerelle.identities (
  platform uuid not null references passerelle.platforms (id) on delete cascade,
  subject text not null,
  learner uuid not null references public.learners (id) on delete cascade,
  seen_name text,
  seen_given_name text,
  seen_family_name text,
  seen_email text,
  seen_locale text,
  created_at timestamptz not null default now(),
  primary key (platform, subject)
);
create index identities_learner on passerelle.identities (learner);

-- A Moodle activity: LTI's resource link, whose id is unique within its deployment (LTI 1.3 Core, section 5.3.5), or
-- within the platform where LTI 1.1 knows no deployment.
create table passerelle.activities (
  id uuid primary key default gen_random_uuid(),
  platform uuid not null references passerelle.platforms (id) on delete cascade,
  deployment uuid references passerelle.deployments (id) on delete cascade,
  resource_link_id text not null,
  title text,
  context_id text,
  context_label text,
  context_title text,
  module uuid references public.modules (id) on delete set null,
  memberships_url text,
  -- What the platform's line item says; null until it was read.
  line_item_maximum numeric(12, 5),
  line_item_read_at timestamptz,
  -- When a process began to make a line item, so that two do not make two.
  line_item_claimed_at timestamptz,
  created_at timestamptz not null default now(),
  constraint activities_resource_link_unique unique (deployment, resource_link_id)
);
create unique index activities_resource_link_unique_in_1p1
  on passerelle.activities (platform, resource_link_id) where deployment is null;
create index activities_module on passerelle.activities (module);

-- A learner in an activity, with the addresses their grade goes to. The row of public.grades has the same id.
create table passerelle.enrolments (
  id uuid primary key default gen_random_uuid(),
  learner uuid not null references public.learners (id) on delete cascade,
  activity uuid not null references passerelle.activities (id) on delete cascade,
  subject text not null,
  roles text[] not null default '{}',
  instructor boolean not null default false,
  -- The platform takes grades for this activity: it named a line item, or lets the tool look for one.
  gradable boolean not null default false,
  line_item text,
  line_items text,
  scopes text[] not null default '{}',
  token_scope text not null default '',
  -- Basic Outcomes: with the consumer's signature (LTI 1.1) or an access token (LTI 1.3).
  outcome_url text,
  outcome_sourcedid text,
  consumer uuid references passerelle.consumers (id) on delete set null,
  first_launch_at timestamptz not null default now(),
  last_launch_at timestamptz not null default now(),
  -- The grade as a part of the whole, exactly: owed now (owed_version is public.grades.version), under way with the
  -- lease, last accepted by the platform. One row, so that a lease takes ratio and version of one moment.
  owed_ratio numeric,
  owed_version bigint,
  leased_ratio numeric,
  leased_version bigint,
  delivered_ratio numeric,
  lease uuid,
  leased_until timestamptz,
  leased_at timestamptz,
  -- The timestamp of the last score sent, in whole seconds: the next one must be strictly later.
  last_timestamp bigint,
  -- The timestamp of the last score of which nobody knows whether it was stored, or still will be: the result is read
  -- before another is sent. Only a score that was accepted ends the doubt, because the platform refuses older ones then.
  doubtful_timestamp bigint,
  -- Basic Outcomes keep no dates: a result that was in doubt may still land after a newer one. From then on the result is
  -- read once more.
  confirm_at timestamptz,
  failing_since timestamptz,
  -- Since when the platform has answered every attempt with an error 500, as it does for a locked grade.
  erring_since timestamptz,
  -- What the progress said when the platform's grade was taken back: none is owed until it says something else.
  withdrawn_ratio numeric,
  withdrawn_completed integer,
  constraint enrolments_once_per_learner_and_activity unique (learner, activity)
);
create index enrolments_activity on passerelle.enrolments (activity);
create index enrolments_confirmation on passerelle.enrolments (confirm_at) where confirm_at is not null;

create table passerelle.codes (
  code bytea primary key,
  enrolment uuid references passerelle.enrolments (id) on delete cascade,
  module uuid references public.modules (id) on delete cascade,
  role varchar(20) not null,
  return_url text,
  expires_at timestamptz not null,
  learner uuid references public.learners (id) on delete cascade,
  deep_link json,
  -- A code that a session asked for opens a session that ends when theirs does: a session cannot be made to last by asking
  -- again and again.
  session_ends_at timestamptz,
  constraint codes_role_is_known check (role::text in ('learner', 'instructor')),
  constraint codes_are_of_a_launch_or_a_deep_link check (
    case when deep_link is null then enrolment is not null and module is not null and learner is null
         else enrolment is null and module is null and learner is not null and role = 'instructor' end)
);
create index codes_expiry on passerelle.codes (expires_at);
create index codes_enrolment on passerelle.codes (enrolment);

create table passerelle.sessions (
  token bytea primary key,
  enrolment uuid references passerelle.enrolments (id) on delete cascade,
  module uuid references public.modules (id) on delete cascade,
  role varchar(20) not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  learner uuid references public.learners (id) on delete cascade,
  -- What the response is made of: an object that the program writes and reads.
  deep_link json,
  -- The way back to the platform, for the codes that the session asks for.
  return_url text,
  constraint sessions_role_is_known check (role::text in ('learner', 'instructor')),
  constraint sessions_are_of_a_launch_or_a_deep_link check (
    case when deep_link is null then enrolment is not null and module is not null and learner is null
         else enrolment is null and module is null and learner is not null and role = 'instructor' end)
);
create index sessions_expiry on passerelle.sessions (expires_at);
create index sessions_enrolment on passerelle.sessions (enrolment);

-- Dynamic Registration (1EdTech LTI Dynamic Registration 1.0): a platform registers itself with an invite that an
-- administrator made. Like every secret that comes back from a browser, the invite is kept as a SHA-256 digest.
create table passerelle.invites (
  invite bytea primary key,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  -- What it let in.
  registration uuid references passerelle.registrations (id) on delete set null
);
create index invites_expiry on passerelle.invites (expires_at);

-- The teacher's view: who is in an activity and how far they are, with the course's members as the platform named them.

-- Names in the order in which people look for them: accents and capitals are no letters of their own. A server without ICU
-- sorts by bytes.
do $$
begin
  create collation passerelle.people (provider = icu, locale = 'und');
exception when others then
  create collation passerelle.people from "C";
end $$;

-- The members of a course (NRPS 2.0) as one registration was given them, kept for some minutes; `passerelle sweep` deletes
-- them after a day.
create table passerelle.membership_lists (
  id uuid primary key default gen_random_uuid(),
  registration uuid not null references passerelle.registrations (id) on delete cascade,
  url text not null,
  -- Null until the platform gave it.
  read_at timestamptz,
  -- Until then the platform is not asked again: it kept somebody waiting, or said so.
  retry_at timestamptz,
  created_at timestamptz not null default now(),
  constraint membership_lists_once_per_registration_and_url unique (registration, url)
);

create table passerelle.members (
  list uuid not null references passerelle.membership_lists (id) on delete cascade,
  subject text not null,
  roles text[] not null,
  instructor boolean not null,
  status varchar(20) not null,
  name text,
  given_name text,
  family_name text,
  email text,
  primary key (list, subject),
  constraint members_status_is_known check (status::text in ('Active', 'Inactive', 'Deleted'))
);

-- The rows that this program put into Directus's system tables, so that it takes away its own and nobody else's.
create table passerelle.directus_rows (
  table_name text not null,
  row_id text not null,
  purpose text not null,
  created_at timestamptz not null default now(),
  primary key (table_name, row_id)
);

-- What `passerelle directus adopt` put in force: at most one row. While it is there, module Adoption makes the seams of the
-- roles that it names, over tables of an institution's own.
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

-- What the last `migrate` made of Functions/ and of the map in force: a SHA-256 digest of the statements.
create table passerelle.functions_made (
  one boolean primary key default true constraint functions_made_is_one check (one),
  digest text not null,
  made_at timestamptz not null default now()
);
