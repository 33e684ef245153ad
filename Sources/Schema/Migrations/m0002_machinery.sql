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
  constraint enrolments_once_per_learner_and_activity unique (learner, activity)
);
create index enrolments_activity on passerelle.enrolments (activity);
create index enrolments_confirmation on passerelle.enrolments (confirm_at) where confirm_at is not null;

create table passerelle.codes (
  code bytea primary key,
  enrolment uuid not null references passerelle.enrolments (id) on delete cascade,
  module uuid not null references public.modules (id) on delete cascade,
  role text not null,
  return_url text,
  expires_at timestamptz not null,
  constraint codes_role_is_known check (role in ('learner', 'instructor'))
);
create index codes_expiry on passerelle.codes (expires_at);
create index codes_enrolment on passerelle.codes (enrolment);

create table passerelle.sessions (
  token bytea primary key,
  enrolment uuid not null references passerelle.enrolments (id) on delete cascade,
  module uuid not null references public.modules (id) on delete cascade,
  role text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  constraint sessions_role_is_known check (role in ('learner', 'instructor'))
);
create index sessions_expiry on passerelle.sessions (expires_at);
create index sessions_enrolment on passerelle.sessions (enrolment);
