-- The teacher's view: who is in an activity and how far they are, with the course's members as the platform named them; and
-- how it is known, without looking at anybody, that nothing of it has changed (the triggers at the end).

-- Keeps what a platform answered, in place of what it answered before: an array of objects with the columns of a member.
create function passerelle.memberships_read(p_registration uuid, p_url text, p_members json) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  v_list uuid;
begin
  perform passerelle.read_committed();
  -- This row's lock lets one writer at a time replace the members.
  insert into passerelle.membership_lists as s (registration, url, read_at)
    select r.id, p_url, now() from passerelle.registrations r where r.id = p_registration
    on conflict on constraint membership_lists_once_per_registration_and_url
      do update set read_at = excluded.read_at, retry_at = null
    returning s.id into v_list;
  delete from passerelle.members m where m.list = v_list;
  insert into passerelle.members (list, subject, roles, instructor, status, name, given_name, family_name, email)
    select v_list, x.subject, x.roles, x.instructor, x.status, x.name, x.given_name, x.family_name, x.email
    from json_to_recordset(p_members) as x (
      subject text, roles text[], instructor boolean, status text, name text, given_name text, family_name text, email text)
    where v_list is not null;
end $$;

-- The platform did not answer: it is left in peace for so many seconds.
create function passerelle.memberships_failed(p_registration uuid, p_url text, p_seconds integer) returns void
language sql as $$
  insert into passerelle.membership_lists as s (registration, url, retry_at)
    select r.id, p_url, now() + make_interval(secs => p_seconds)
    from passerelle.registrations r where r.id = p_registration
    on conflict on constraint membership_lists_once_per_registration_and_url do update set retry_at = excluded.retry_at
$$;

-- Where the members of an activity's course are read, as far as anything is known of them: nothing for LTI 1.1, for an
-- activity whose launches name no service, and for a platform that is disabled.
create function passerelle.memberships_of(p_activity uuid,
  out list uuid, out read_at timestamptz, out is_fresh boolean, out may_ask boolean, out source text)
language plpgsql stable as $$
begin
  -- What lies ahead of what the program sets was set by a clock that has been put back since (helpers.sql).
  select s.id, s.read_at, coalesce(s.read_at between now() - interval '5 minutes' and now(), false),
         passerelle.is_over(s.retry_at, interval '10 minutes') and passerelle.is_over(p.breaker_until, interval '2 minutes'),
         json_build_object(
           'url', a.memberships_url, 'host', substring(p.issuer from '^https?://([^/]*)'), 'registration', r.id,
           'clientId', r.client_id, 'tokenUrl', r.token_url, 'scope', n.scope,
           'token', (
             select encode(t.sealed, 'hex') from passerelle.access_tokens t
             where t.registration = r.id and t.scope = n.scope and t.expires_at > now() + interval '60 seconds'))::text
    into list, read_at, is_fresh, may_ask, source
    from passerelle.activities a
    join passerelle.platforms p on p.id = a.platform
    join passerelle.deployments d on d.id = a.deployment
    join passerelle.registrations r on r.id = d.registration
    left join passerelle.membership_lists s on s.registration = r.id and s.url = a.memberships_url
    cross join (values ('https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly')) n (scope)
    where a.id = p_activity and a.memberships_url is not null and p.enabled;
end $$;

-- The learners of an activity × the grains of a module, a row for each learner in the order of their names, as the API writes
-- them in one of three forms: `full` and `compact` are JSON objects less the grade and the last brace, which the program adds
-- with words; `csv` is a record with its line end, and `octets` how long all records are together. Learners are those who came
-- as such, and the active members of the course who did not come. Whoever teaches is left out: who was launched as an
-- instructor last, here or elsewhere in the course, and who is one in the list of members.
--
-- Everybody is looked at once and by themselves, in the same steps as `standing` (RosterScaleTests compares the two): the
-- work grows with the learners, whatever else the tables hold.
create function passerelle.roster_lines(p_activity uuid, p_module uuid, p_list uuid, p_learner uuid, p_form text)
returns table (line text, octets bigint, status text, score float8, maximum float8, error text, error_fr text)
language plpgsql stable as $$
declare
  a record;
  v_total integer;
  v_weights numeric;
  v_all_or_nothing boolean;
  v_separator text := case p_form when 'compact' then '' else ',' end;
  v_none text;
begin
  select t.platform, t.context_id, coalesce(t.line_item_maximum, 100) as maximum
    into a from passerelle.activities t where t.id = p_activity;
  select m.grading = 'all-or-nothing' into v_all_or_nothing from passerelle.module_rows m where m.id = p_module;
  select count(*), coalesce(sum(g.weight::numeric), 0),
         coalesce(string_agg(
           case p_form
             when 'compact' then '--' when 'csv' then 'none' else to_json(g.slug)::text || ':"none"' end,
           v_separator order by g.sort, g.slug), '')
    into v_total, v_weights, v_none
    from passerelle.grain_rows g where g.module = p_module and g.status = 'active';

  return query
  with grain as materialized (
    select g.id, g.weight::numeric as weight, row_number() over (order by g.sort, g.slug) as place,
           case p_form when 'full' then to_json(g.slug)::text || ':"' else '' end as before,
           case p_form when 'full' then '"' else '' end as after
      from passerelle.grain_rows g
      where g.module = p_module and g.status = 'active'),
  came as materialized (
    select e.learner, e.roles, e.last_launch_at, l.name, l.given_name, l.family_name, l.email
      from passerelle.enrolments e
      join passerelle.learner_rows l on l.id = e.learner
      where e.activity = p_activity and not e.instructor and (p_learner is null or e.learner = p_learner)
        and not exists (
          select from passerelle.members m where m.list = p_list and m.subject = e.subject and m.instructor)),
  person as (
    select c.learner as id, c.name, c.given_name, c.family_name, c.email, c.roles, c.last_launch_at,
           coalesce(w.cells, '') as cells, w.completed,
           case
             when v_all_or_nothing and w.completed < v_total or v_weights = 0 then 0
             else round(w.earned, 30) / v_weights
           end as ratio,
           coalesce(g.status::text, 'none') as grade, g.last_error, g.last_error_fr
      from came c
      cross join lateral (
        select string_agg(
                 case when p_form = 'compact' then
                        case
                          when p.status is null then '--'
                          when p.status <> 'completed' then 'ss'
                          when p.score is null then 'cc'
                          when p.score >= 1 then 'XX'
                          -- Nothing but the whole is 100 per cent.
                          else right((100 + least(99, round(p.score * 100)))::integer::text, 2)
                        end
                      else n.before || coalesce(p.status, 'none') || n.after end,
                 v_separator order by n.place) as cells,
               count(*) filter (where p.status = 'completed')::integer as completed,
               coalesce(sum(n.weight * coalesce(p.score::numeric, 1)) filter (where p.status = 'completed'), 0) as earned
          from grain n
          left join passerelle.progress_rows p on p.grain = n.id and p.learner = c.learner) w
      left join public.grades g on g.learner = c.learner and g.activity = p_activity
    union all
    select null, m.name, m.given_name, m.family_name, m.email, m.roles, null, v_none, 0, 0, 'none', null, null
      from passerelle.members m
      where m.list = p_list and p_learner is null and not m.instructor and m.status = 'Active'
        and not exists (
          select from passerelle.enrolments e where e.activity = p_activity and e.subject = m.subject)
        and m.subject not in (
          select t.subject from (
            select distinct on (e.subject) e.subject, e.instructor
              from passerelle.enrolments e join passerelle.activities o on o.id = e.activity
              where o.platform = a.platform and o.context_id = a.context_id
              order by e.subject, e.last_launch_at desc) t
            where t.instructor)),
  written as (
    select case p_form
        when 'full' then concat(
          '{"id":', coalesce(to_json(p.id)::text, 'null'), ',"name":', coalesce(to_json(p.name)::text, 'null'),
          ',"email":', coalesce(to_json(p.email)::text, 'null'), ',"roles":', to_json(p.roles)::text,
          ',"launched":', to_json(p.id is not null)::text,
          ',"lastSeenAt":', coalesce(to_json(passerelle.utc(p.last_launch_at))::text, 'null'),
          ',"grains":{', p.cells, '},"completed":', p.completed, ',"total":', v_total, ',"ratio":', p.ratio::float8)
        when 'compact' then '{' || concat_ws(',',
          '"id":' || to_json(p.id)::text, '"name":' || to_json(nullif(p.name, ''))::text,
          '"email":' || to_json(nullif(p.email, ''))::text,
          '"roles":' || passerelle.roles_but_learner(p.roles),
          case when p.id is null then '"launched":false' end,
          '"lastSeenAt":' || to_json(passerelle.utc(p.last_launch_at))::text,
          case when p.cells <> '' then '"cells":"' || p.cells || '"' end,
          '"completed":' || p.completed, '"ratio":' || round(p.ratio, 5)::float8)
        else concat_ws(',',
          passerelle.csv_text(p.name), passerelle.csv_text(p.email), p.completed, v_total, p.ratio::float8, p.grade,
          passerelle.points(p.ratio, a.maximum)::float8, a.maximum::float8,
          coalesce(passerelle.utc(p.last_launch_at), ''), nullif(p.cells, '')) || E'\r\n'
      end as line, p.*
      from person p)
  select w.line, case when p_form = 'csv' then sum(octet_length(w.line)) over () end, w.grade,
         passerelle.points(w.ratio, a.maximum)::float8, a.maximum::float8, w.last_error, w.last_error_fr
    from written w
    order by coalesce(nullif(w.family_name, ''), w.name) collate passerelle.people,
             w.given_name collate passerelle.people, w.name collate passerelle.people, w.email, w.id;
end $$;

-- The last words of somebody's roles, as a JSON array; null where they say nothing but Learner.
create function passerelle.roles_but_learner(p_roles text[]) returns text
language sql immutable as $$
  select json_agg(r.word order by r.word)::text
  from (select distinct substring(x.role from '[^#/]*$') as word from unnest(p_roles) x (role)) r
  having bool_or(r.word <> 'Learner')
$$;

-- A text that people wrote as a field of a record (RFC 4180), made harmless for spreadsheets, which run a cell that begins like
-- a formula: an apostrophe before it says that it is text.
create function passerelle.csv_text(p_text text) returns text
language sql immutable as $$
  select case when t.harmless ~ E'[",\r\n]' then '"' || replace(t.harmless, '"', '""') || '"' else t.harmless end
  from (select case when p_text ~ E'^[-=+@\t\r\n]' then '''' else '' end || coalesce(p_text, '') as harmless) t
$$;

-- What the whole roster depends on beside what is marked: whose it is, and how it is told. Marks of another server, or of a
-- database that was restored, say nothing: hence when this one started, and the table's own number.
create function passerelle.roster_key(
  p_activity uuid, p_module uuid, p_list uuid, p_read_at timestamptz, p_locale text) returns text
language sql stable as $$
  select md5(concat_ws('|', p_activity, p_module, coalesce(p_list::text, '-'), extract(epoch from p_read_at),
    coalesce(p_locale, '-'), extract(epoch from pg_postmaster_start_time()), 'passerelle.roster_marks'::regclass::oid))
$$;

-- Whether anything was marked, of what a roster shows, by a transaction that the snapshot did not see: it was still running
-- then, or began later. Exact, and nobody waits for anybody: who marks only ever adds a row.
create function passerelle.roster_moved(p_activity uuid, p_module uuid, p_snapshot pg_snapshot) returns boolean
language plpgsql stable as $$
declare
  v_scopes uuid[];
begin
  select array[p_activity, p_module, t.module, passerelle.course_scope(t.platform, t.context_id)] into v_scopes
    from passerelle.activities t where t.id = p_activity;
  return exists (select from passerelle.roster_horizon h where h.xid >= pg_snapshot_xmin(p_snapshot))
    or exists (
      select from unnest(v_scopes) s (scope)
      join passerelle.roster_marks k on k.scope = s.scope and k.xid >= pg_snapshot_xmin(p_snapshot)
      where not pg_visible_in_snapshot(k.xid, p_snapshot));
end $$;

-- What a teacher asks for, in one of the forms of `roster_lines`: a first row with everything but the learners, then a row for
-- each. Without `p_as_known` nothing but the source is answered while the members are not fresh: they are to be read first. One
-- learner is known already. Who names the key and the snapshot that came with the last answer is told whether it still holds,
-- and nothing else then.
--
-- A plan that was made for a class of ten must not be used for one of two thousand: each is planned for itself, and none is
-- compiled, which would take longer than to run it.
create function passerelle.roster(
  p_token bytea, p_learner uuid, p_as_known boolean, p_form text, p_key text, p_snapshot pg_snapshot)
returns table (
  outcome text, locale text, source text, may_ask boolean, key text, snapshot text, unchanged boolean, module text, head text,
  read_at text, details text, line text, octets bigint, status text, score float8, maximum float8, error text, error_fr text)
language plpgsql stable set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan set jit = off as $$
declare
  s record;
  m record;
  v_activity uuid;
begin
  select * into s from passerelle.session_of(p_token);
  outcome := case when s.outcome = 'accepted' and s.role <> 'instructor' then 'forbidden' else s.outcome end;
  locale := s.locale;
  if outcome <> 'accepted' then
    return next;
    return;
  end if;
  select e.activity into v_activity from passerelle.enrolments e where e.id = s.enrolment;
  select * into m from passerelle.memberships_of(v_activity);
  if p_learner is null and not p_as_known and m.source is not null and not m.is_fresh then
    source := m.source;
    may_ask := m.may_ask;
    return next;
    return;
  end if;
  key := passerelle.roster_key(v_activity, s.module, m.list, m.read_at, s.locale);
  snapshot := pg_current_snapshot()::text;
  unchanged := p_learner is null and coalesce(key = p_key, false)
    and not passerelle.roster_moved(v_activity, s.module, p_snapshot);
  if unchanged then
    return next;
    return;
  end if;
  read_at := passerelle.utc(m.read_at);
  select r.slug, case p_form
      when 'csv' then
        'name,email,completed,total,ratio,grade_status,grade_score,grade_maximum,last_seen'
          || coalesce((
            select string_agg(',' || passerelle.csv_text(g.slug), '' order by g.sort, g.slug)
            from passerelle.grain_rows g where g.module = s.module and g.status = 'active'), '') || E'\r\n'
      else concat(
        '{"activity":{"title":', coalesce(to_json(a.title)::text, 'null'),
        ',"context":', coalesce(to_json(coalesce(a.context_title, a.context_label))::text, 'null'),
        '},"module":', case when r.id is null then 'null' else
          concat('{"slug":', to_json(r.slug)::text, ',"title":', to_json(r.title)::text, '}') end,
        ',"grains":[', (
          select string_agg(
            concat('{"slug":', to_json(g.slug)::text, ',"title":', to_json(g.title)::text, '}'), ',' order by g.sort, g.slug)
          from passerelle.grain_rows g where g.module = s.module and g.status = 'active'), ']',
        -- The same for everybody: once, and not with each learner.
        case when p_form = 'compact' then concat(
          ',"total":', (
            select count(*) from passerelle.grain_rows g where g.module = s.module and g.status = 'active'),
          ',"maximum":', coalesce(a.line_item_maximum, 100)::float8) end)
    end
    into module, head
    from passerelle.activities a left join passerelle.module_rows r on r.id = s.module
    where a.id = v_activity;
  if exists (
    select from passerelle.enrolments e where e.activity = v_activity and e.learner = p_learner and not e.instructor)
  then
    select coalesce(json_agg(json_build_object(
        'slug', g.slug, 'title', g.title, 'weight', g.weight::float8,
        'status', coalesce(p.status, 'none'), 'score', p.score::float8,
        'completedAt', passerelle.utc(p.completed_at))
        order by g.sort, g.slug), '[]')::text
      into details
      from passerelle.grain_rows g
      left join passerelle.progress_rows p on p.grain = g.id and p.learner = p_learner
      where g.module = s.module and g.status = 'active';
  end if;
  return next;
  return query
    select null::text, null::text, null::text, null::boolean, null::text, null::text, null::boolean, null::text, null::text,
           null::text, null::text, l.*
      from passerelle.roster_lines(v_activity, s.module, m.list, p_learner, p_form) l;
end $$;

-- The course of an activity as a scope of marks: who teaches in one of its activities is left out of all its rosters.
create function passerelle.course_scope(p_platform uuid, p_context_id text) returns uuid
language sql immutable as $$
  select md5(p_platform::text || '|' || p_context_id)::uuid
$$;

-- Marks that rosters show something else now: of an activity, of every activity that shows a module, of a course. Once for each
-- transaction and scope.
create function passerelle.mark_rosters(p_scopes uuid[]) returns void
language plpgsql as $$
begin
  insert into passerelle.roster_marks (scope)
    select distinct s.scope from unnest(p_scopes) s (scope) where s.scope is not null
    on conflict do nothing;
end $$;

-- Forgets marks older than an hour; answers how many. Whoever looked at a roster before them finds it changed.
create function passerelle.forget_roster_marks() returns integer
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  last xid8;
  forgotten integer;
begin
  perform passerelle.read_committed();
  select k.xid into last from passerelle.roster_marks k where k.marked_at < now() - interval '1 hour'
    order by k.xid desc limit 1;
  if last is null then
    return 0;
  end if;
  insert into passerelle.roster_horizon as h (xid) values (last)
    on conflict (one) do update set xid = excluded.xid where h.xid < excluded.xid;
  delete from passerelle.roster_marks k where k.xid <= last;
  get diagnostics forgotten = row_count;
  return forgotten;
end $$;

-- Progress, of whoever: every roster of its module. The grades that are owed differently now need no mark of their own.
create function passerelle.mark_progress() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into passerelle.roster_marks (scope)
    select distinct g.module from changed x join passerelle.grain_rows g on g.id = x.grain where g.module is not null
    on conflict do nothing;
  return null;
end $$;
revoke all on function passerelle.mark_progress() from public;

create function passerelle.mark_moved_progress() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into passerelle.roster_marks (scope)
    select distinct g.module from (select x.grain from changed x union all select f.grain from former f) u
      join passerelle.grain_rows g on g.id = u.grain where g.module is not null
    on conflict do nothing;
  return null;
end $$;
revoke all on function passerelle.mark_moved_progress() from public;

create function passerelle.mark_grains() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform passerelle.mark_rosters(array(select x.module from changed x));
  return null;
end $$;
revoke all on function passerelle.mark_grains() from public;

create function passerelle.mark_moved_grains() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform passerelle.mark_rosters(array(select x.module from changed x union select f.module from former f));
  return null;
end $$;
revoke all on function passerelle.mark_moved_grains() from public;

create function passerelle.mark_modules() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform passerelle.mark_rosters(array(select x.id from changed x));
  return null;
end $$;
revoke all on function passerelle.mark_modules() from public;

-- A learner's name or address: every activity that they are in.
create function passerelle.mark_learners() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform passerelle.mark_rosters(array(
    select e.activity from changed x join passerelle.enrolments e on e.learner = x.id));
  return null;
end $$;
revoke all on function passerelle.mark_learners() from public;

-- What a platform says of a person is shown where an adopted collection has no column for it.
create function passerelle.mark_identity() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform passerelle.mark_rosters(array(
    select e.activity from passerelle.enrolments e where e.learner in (old.learner, new.learner)));
  return null;
end $$;
revoke all on function passerelle.mark_identity() from public;

create trigger mark after insert or delete or update of learner, seen_email on passerelle.identities
  for each row execute function passerelle.mark_identity();

create function passerelle.mark_grades() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into passerelle.roster_marks (scope) select distinct x.activity from changed x on conflict do nothing;
  return null;
end $$;
revoke all on function passerelle.mark_grades() from public;

-- Not for what a trigger does: that follows from a change of progress, grains, modules or people, which is marked itself.
create trigger mark_inserted after insert on public.grades
  referencing new table as changed for each statement when (pg_trigger_depth() = 0)
  execute function passerelle.mark_grades();
create trigger mark_updated after update on public.grades
  referencing new table as changed for each statement when (pg_trigger_depth() = 0)
  execute function passerelle.mark_grades();
create trigger mark_deleted after delete on public.grades
  referencing old table as changed for each statement when (pg_trigger_depth() = 0)
  execute function passerelle.mark_grades();

-- Somebody came, left, or came otherwise. Who teaches, or did, matters to the whole course.
create function passerelle.mark_enrolment() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  v_learner uuid := coalesce(new.learner, old.learner);
  v_activity uuid := coalesce(new.activity, old.activity);
  v_course uuid;
begin
  if tg_op = 'DELETE' or old.instructor or old.learner <> new.learner or old.subject <> new.subject
    or exists (select from passerelle.enrolments e where e.learner = v_learner and e.instructor)
  then
    select passerelle.course_scope(a.platform, a.context_id) into v_course
      from passerelle.activities a where a.id = v_activity;
  end if;
  perform passerelle.mark_rosters(array[v_activity, v_course]);
  return null;
end $$;
revoke all on function passerelle.mark_enrolment() from public;

create trigger mark after insert or delete or update of learner, activity, subject, roles, instructor, last_launch_at
  on passerelle.enrolments for each row execute function passerelle.mark_enrolment();

create function passerelle.mark_activity() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform passerelle.mark_rosters(array[
    new.id, passerelle.course_scope(old.platform, old.context_id), passerelle.course_scope(new.platform, new.context_id)]);
  return null;
end $$;
revoke all on function passerelle.mark_activity() from public;

create trigger mark after update on passerelle.activities for each row
  when ((old.platform, old.title, old.context_id, old.context_label, old.context_title, old.module, old.line_item_maximum)
    is distinct from
    (new.platform, new.title, new.context_id, new.context_label, new.context_title, new.module, new.line_item_maximum))
  execute function passerelle.mark_activity();
