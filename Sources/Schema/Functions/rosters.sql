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

-- The learners of an activity × the grains of a module, a row for each learner in the order of their names, in one of the forms
-- of `Rosters.Form`: `full`, `compact` and `page` are JSON objects less the grade and the last brace, which the program adds
-- with words; `csv` is a record with its line end, and `octets` how long all records are together; `table` are fields between
-- unit separators (U+001F), of which the program makes a spreadsheet. `p_only` are the groups whose members alone are listed, and
-- `p_filter` what is asked for (`roster_filter`); both null for everybody. Learners are those who came
-- as such, and the active members of the course who did not come. Whoever teaches is left out: who was launched as an
-- instructor last, here or elsewhere in the course, and who is one in the list of members.
--
-- Everybody is looked at once and by themselves, with the arithmetic of `standing` (RosterScaleTests compares the two): the
-- work grows with the learners, whatever else the tables hold.
create function passerelle.roster_lines(
  p_activity uuid, p_module uuid, p_list uuid, p_learner uuid, p_form text,
  p_only text[] default null, p_filter json default null, p_zone text default 'UTC')
returns table (
  line text, octets bigint, status text, score float8, maximum float8, error text, error_fr text, moodle text)
language plpgsql stable as $$
declare
  a record;
  v_total integer;
  v_weights numeric;
  v_all_or_nothing boolean;
  -- What our own page is given is the compact form, with more of each learner.
  v_is_compact boolean := p_form in ('compact', 'page');
  v_separator text := case when v_is_compact then '' when p_form = 'table' then E'\x1F' else ',' end;
  v_none text;
  v_is_listed boolean;
  f record;
begin
  select * into f from passerelle.roster_filter(p_filter);
  select t.platform, t.context_id, coalesce(t.line_item_maximum, 100) as maximum, t.reads_back,
         case when t.module = p_module then t.grain end as grain
    into a from passerelle.activities t where t.id = p_activity;
  -- Whether the platform has said who is in the course.
  select s.read_at is not null into v_is_listed from passerelle.membership_lists s where s.id = p_list;
  select m.grading = 'all-or-nothing' into v_all_or_nothing from passerelle.module_rows m where m.id = p_module;
  select count(*), coalesce(sum(g.weight::numeric), 0),
         coalesce(string_agg(
           case when v_is_compact then '--' when p_form = 'csv' then 'none' when p_form = 'table' then E'\x1F'
             else to_json(g.slug)::text || ':"none"' end,
           v_separator order by g.sort, g.slug), '')
    into v_total, v_weights, v_none
    from passerelle.grain_rows g
    where g.module = p_module and g.status = 'active' and case when a.grain is null then true else g.id = a.grain end;

  return query
  with grain as materialized (
    select g.id, g.weight::numeric as weight, row_number() over (order by g.sort, g.slug) as place,
           case p_form when 'full' then to_json(g.slug)::text || ':"' else '' end as before,
           case p_form when 'full' then '"' else '' end as after
      from passerelle.grain_rows g
      where g.module = p_module and g.status = 'active' and case when a.grain is null then true else g.id = a.grain end),
  came as materialized (
    select e.learner, e.roles, e.last_launch_at, l.name, l.given_name, l.family_name, l.email,
           e.subject, e.groups, e.first_launch_at, passerelle.holder(e.own_progress, e.activity, e.learner) as holder,
           coalesce(v_is_listed, false) and not exists (
             select from passerelle.members m where m.list = p_list and m.subject = e.subject and m.status = 'Active') as gone
      from passerelle.enrolments e
      join passerelle.learner_rows l on l.id = e.learner
      where e.activity = p_activity and not e.instructor and (p_learner is null or e.learner = p_learner)
        and not exists (
          select from passerelle.members m where m.list = p_list and m.subject = e.subject and m.instructor)
        and (p_only is null or e.groups && p_only)
        and (f.groups is null or coalesce(e.groups, '{}') && f.groups or f.ungrouped and coalesce(e.groups, '{}') = '{}')),
  person as (
    select c.learner as id, c.name, c.given_name, c.family_name, c.email, c.roles, c.last_launch_at, c.gone,
           coalesce(w.cells, '') as cells, w.completed,
           passerelle.ratio(w.earned, v_weights, v_all_or_nothing and w.completed < v_total) as ratio,
           coalesce(g.status::text, 'none') as grade, g.last_error, g.last_error_fr,
           passerelle.moodle_has(g.moodle_score, g.maximum, g.moodle_read_at, a.reads_back)::text as moodle,
           c.subject, c.groups, c.first_launch_at, w.progressed_at, w.stop, w.mean
      from came c
      cross join lateral (
        select string_agg(
                 case when p_form = 'table' then
                        case when p.status = 'completed' then coalesce(p.score, 1)::text when p.status is not null then 's' else '' end
                          || E'\x1F' || coalesce(passerelle.table_date(p.completed_at, p_zone), '')
                      when v_is_compact then
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
               sum(passerelle.earned(n.weight, p.score)) filter (where p.status = 'completed') as earned,
               max(p.completed_at) as progressed_at,
               -- The first grain in which they have not got to the end.
               min(n.place) filter (where p.status is distinct from 'completed') as stop,
               -- As the cells say it, so that whoever has these comes to the same.
               avg(case when coalesce(p.score, 1) >= 1 then 100 else least(99, round(p.score * 100)) end)
                 filter (where p.status = 'completed') as mean
          from grain n
          left join passerelle.progress_rows p on p.grain = n.id and p.learner = c.learner and p.holder = c.holder) w
      left join public.grades g on g.learner = c.learner and g.activity = p_activity
    union all
    select null, m.name, m.given_name, m.family_name, m.email, m.roles, null, false, v_none, 0, 0, 'none', null, null, null,
           m.subject, null, null, null, null, null
      from passerelle.members m
      where m.list = p_list and p_learner is null and not m.instructor and m.status = 'Active'
        and not passerelle.only_watches(m.roles)
        -- Of whom never came it is not known in which groups they are.
        and p_only is null and (f.groups is null or f.ungrouped)
        and not exists (
          select from passerelle.enrolments e where e.activity = p_activity and e.subject = m.subject)
        and m.subject not in (
          select t.subject from (
            select distinct on (e.subject) e.subject, e.instructor
              from passerelle.enrolments e join passerelle.activities o on o.id = e.activity
              where o.platform = a.platform and o.context_id = a.context_id
              order by e.subject, e.last_launch_at desc) t
            where t.instructor)),
  state as (
    select p.*,
           p.id is not null and not (v_total > 0 and p.completed >= v_total)
             and coalesce(p.progressed_at, p.first_launch_at) < now() - make_interval(days => f.days) as is_still
      from person p),
  class as (
    select s.*, s.is_still and count(*) filter (where s.is_still) over (partition by s.stop) >= 3 as is_stuck from state s),
  asked as (
    select c.* from class c
      where (f.terms is null or passerelle.plain(concat_ws(' ', c.name, c.email)) like all (f.terms))
        and coalesce(case f.kind
          when 'absent' then c.id is null
          when 'underWay' then c.id is not null and not (v_total > 0 and c.completed >= v_total)
          when 'done' then c.id is not null and v_total > 0 and c.completed >= v_total
          when 'trouble' then c.grade in ('pending', 'failed', 'emptied')
          when 'still' then c.is_still
          when 'stuck' then c.is_stuck and (f.stop_at is null or c.stop = (
            select n.place from grain n join passerelle.grain_rows g on g.id = n.id where g.slug = f.stop_at))
          when 'below' then c.mean < f.pass
          else true end, false)),
  written as (
    select case p_form
        when 'full' then concat(
          '{"id":', coalesce(to_json(p.id)::text, 'null'), ',"name":', coalesce(to_json(p.name)::text, 'null'),
          ',"email":', coalesce(to_json(p.email)::text, 'null'), ',"roles":', to_json(p.roles)::text,
          ',"launched":', to_json(p.id is not null)::text, case when p.gone then ',"gone":true' end,
          -- One person's page calls whoever has no name as the table does.
          case when p_learner is not null and p.name is null then ',"subject":' || to_json(p.subject)::text end,
          ',"lastSeenAt":', coalesce(to_json(passerelle.utc(p.last_launch_at))::text, 'null'),
          ',"grains":{', p.cells, '},"completed":', p.completed, ',"total":', v_total, ',"ratio":', p.ratio::float8)
        when 'table' then concat_ws(E'\x1F',
          passerelle.field(p.family_name), passerelle.field(coalesce(p.given_name, case when p.family_name is null then p.name end)),
          passerelle.field(p.email), passerelle.field(p.subject),
          passerelle.field(passerelle.group_words(a.platform, a.context_id, p.groups)),
          case when p.id is null then 'absent' when v_total > 0 and p.completed >= v_total then 'done' else 'underWay' end,
          p.completed, v_total, p.ratio::float8, p.grade, passerelle.points(p.ratio, a.maximum)::float8, a.maximum::float8,
          coalesce(passerelle.table_date(p.last_launch_at, p_zone), ''), coalesce(passerelle.table_date(p.progressed_at, p_zone), ''),
          nullif(p.cells, ''))
        when 'csv' then concat_ws(',',
          passerelle.csv_text(p.name), passerelle.csv_text(p.email), p.completed, v_total, p.ratio::float8, p.grade,
          passerelle.points(p.ratio, a.maximum)::float8, a.maximum::float8,
          coalesce(passerelle.utc(p.last_launch_at), ''), nullif(p.cells, ''),
          case when f.shows_groups then coalesce(passerelle.csv_text(passerelle.group_words(a.platform, a.context_id, p.groups)), '')
          end) || E'\r\n'
        else '{' || concat_ws(',',
          '"id":' || to_json(p.id)::text, '"name":' || to_json(nullif(p.name, ''))::text,
          '"email":' || to_json(nullif(p.email, ''))::text,
          '"roles":' || passerelle.roles_but_learner(p.roles),
          case when p.id is null then '"launched":false' end, case when p.gone then '"gone":true' end,
          '"lastSeenAt":' || to_json(passerelle.utc(p.last_launch_at))::text,
          case when p.cells <> '' then '"cells":"' || p.cells || '"' end,
          '"completed":' || p.completed, '"ratio":' || round(p.ratio, 5)::float8,
          case when p_form = 'page' then nullif(concat_ws(',',
            '"progressedAt":' || to_json(passerelle.utc(p.progressed_at))::text,
            '"since":' || to_json(passerelle.utc(case when p.progressed_at is null then p.first_launch_at end))::text,
            '"subject":' || case when p.name is null then to_json(p.subject)::text end,
            '"groups":' || case when p.groups <> '{}' then to_json(p.groups)::text end), '') end)
      end as line, p.*
      from asked p)
  select w.line, case when p_form = 'csv' then sum(octet_length(w.line)) over () end, w.grade,
         passerelle.points(w.ratio, a.maximum)::float8, a.maximum::float8, w.last_error, w.last_error_fr, w.moodle
    from written w
    order by coalesce(nullif(w.family_name, ''), w.name) collate passerelle.people,
             w.given_name collate passerelle.people, w.name collate passerelle.people, w.email, w.id;
end $$;

-- What a roster is narrowed to, from an object of the program's with `groups`, `mine`, `ungrouped`, `terms`, `only`, `at`, `days`,
-- `pass`, `showsGroups`: `groups` null is everybody's; whoever is in none comes too when `ungrouped`. Terms become patterns of
-- plain text.
create function passerelle.roster_filter(p_filter json,
  out groups text[], out ungrouped boolean, out terms text[], out kind text, out stop_at text, out days integer, out pass float8,
  out shows_groups boolean)
language plpgsql immutable as $$
begin
  days := 7;
  pass := 50;
  ungrouped := false;
  shows_groups := false;
  if p_filter is null then
    return;
  end if;
  if json_typeof(p_filter->'groups') = 'array' then
    groups := array(select json_array_elements_text(p_filter->'groups'));
    ungrouped := coalesce((p_filter->>'ungrouped')::boolean, false);
  end if;
  if json_typeof(p_filter->'terms') = 'array' and json_array_length(p_filter->'terms') > 0 then
    terms := array(
      select '%' || replace(replace(replace(passerelle.plain(t.term), '\', '\\'), '%', '\%'), '_', '\_') || '%'
      from json_array_elements_text(p_filter->'terms') t (term));
  end if;
  kind := p_filter->>'only';
  stop_at := p_filter->>'at';
  days := coalesce((p_filter->>'days')::integer, days);
  pass := coalesce((p_filter->>'pass')::float8, pass);
  shows_groups := coalesce((p_filter->>'showsGroups')::boolean, false);
end $$;

-- Text as people look for it: without accents and capitals.
create function passerelle.plain(p_text text) returns text
language plpgsql immutable as $$
begin
  return lower(regexp_replace(normalize(p_text, NFD), '[\u0300-\u036F]', '', 'g'));
exception when others then
  -- A database in another encoding knows no normal forms.
  return lower(p_text);
end $$;

-- A text between separators: without them.
create function passerelle.field(p_text text) returns text
language sql immutable as $$
  select coalesce(translate(p_text, E'\x1F', ''), '')
$$;

-- An instant as spreadsheets count: days since 30 December 1899 on the clocks of a zone.
create function passerelle.table_date(p_at timestamptz, p_zone text) returns text
language sql stable as $$
  select round(extract(epoch from date_trunc('second', p_at) at time zone p_zone)::numeric / 86400 + 25569, 11)::text
$$;

-- The names of groups, or their numbers where nobody has named them.
create function passerelle.group_words(p_platform uuid, p_context_id text, p_groups text[]) returns text
language sql stable as $$
  select string_agg(coalesce(n.name, x.number), ', ' order by coalesce(n.name, x.number))
  from unnest(p_groups) x (number)
  left join passerelle.group_names n on n.platform = p_platform and n.context_id = p_context_id and n.number = x.number
$$;

-- A teacher's own groups (null where none are known), and whether they see nobody else: whoever is an instructor at launch and a
-- learner in the platform's list, which is what Moodle calls a teacher without editing rights; and until a list was read whoever
-- has groups.
create function passerelle.teacher_groups(p_enrolment uuid, out own text[], out is_bound boolean)
language sql stable as $$
  select nullif(e.groups, '{}'),
         coalesce(cardinality(e.groups), 0) > 0
           and (s.read_at is null or exists (
             select from passerelle.members m
             where m.list = s.id and m.subject = e.subject and m.status = 'Active' and not m.instructor))
    from passerelle.enrolments e
    join passerelle.activities a on a.id = e.activity
    left join passerelle.deployments d on d.id = a.deployment
    left join passerelle.membership_lists s on s.registration = d.registration and s.url = a.memberships_url
    where e.id = p_enrolment
$$;

-- Whether a teacher may see, and act for, a learner of their activity.
create function passerelle.teacher_sees(p_enrolment uuid, p_learner uuid) returns boolean
language sql stable as $$
  select exists (
    select from passerelle.enrolments t
    cross join lateral passerelle.teacher_groups(t.id) g
    join passerelle.enrolments e on e.activity = t.activity and e.learner = p_learner and not e.instructor
    where t.id = p_enrolment and (not g.is_bound or e.groups && g.own))
$$;

-- Names a group of the course of a teacher's session, or takes the name away; one whose groups are all that they see names
-- only those.
create function passerelle.group_named(p_token bytea, p_number text, p_name text, out outcome text, out locale text)
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  s record;
  g record;
  a record;
begin
  perform passerelle.read_committed();
  select * into s from passerelle.session_of(p_token);
  outcome := case when s.outcome = 'accepted' and s.role <> 'instructor' then 'forbidden' else s.outcome end;
  locale := s.locale;
  if outcome <> 'accepted' then
    return;
  end if;
  select * into g from passerelle.teacher_groups(s.enrolment);
  select t.id, t.platform, t.context_id into a
    from passerelle.enrolments e join passerelle.activities t on t.id = e.activity where e.id = s.enrolment;
  if a.context_id is null or g.is_bound and not p_number = any (g.own) then
    outcome := 'forbidden';
    return;
  end if;
  if p_name is null then
    delete from passerelle.group_names n
      where n.platform = a.platform and n.context_id = a.context_id and n.number = p_number;
  else
    insert into passerelle.group_names as n (platform, context_id, number, name)
      values (a.platform, a.context_id, p_number, p_name)
      on conflict (platform, context_id, number) do update set name = excluded.name, date_updated = now();
  end if;
  perform passerelle.mark_rosters(array[passerelle.course_scope(a.platform, a.context_id)]);
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
  -- Full-width signs, too: East Asian spreadsheets take them for the narrow ones.
  from (select case when p_text ~ E'^[-=+@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]' then '''' else '' end || coalesce(p_text, '') as harmless) t
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
  p_token bytea, p_learner uuid, p_as_known boolean, p_form text, p_key text, p_snapshot pg_snapshot,
  p_filter json default null, p_zone text default 'UTC')
returns table (
  outcome text, locale text, source text, may_ask boolean, key text, snapshot text, unchanged boolean, module text, head text,
  read_at text, details text, line text, octets bigint, status text, score float8, maximum float8, error text, error_fr text,
  moodle text)
language plpgsql stable set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan set jit = off as $$
declare
  s record;
  m record;
  t record;
  v_activity uuid;
  v_only text[];
  v_has_groups boolean;
begin
  select * into s from passerelle.session_of(p_token);
  outcome := case when s.outcome = 'accepted' and s.role <> 'instructor' then 'forbidden' else s.outcome end;
  locale := s.locale;
  if outcome <> 'accepted' then
    return next;
    return;
  end if;
  if p_zone <> 'UTC' then
    begin
      perform now() at time zone p_zone;
    exception when invalid_parameter_value then
      outcome := 'zone_unknown';
      return next;
      return;
    end;
  end if;
  select e.activity into v_activity from passerelle.enrolments e where e.id = s.enrolment;
  select * into m from passerelle.memberships_of(v_activity);
  if p_learner is null and not p_as_known and m.source is not null and not m.is_fresh then
    source := m.source;
    may_ask := m.may_ask;
    return next;
    return;
  end if;
  select * into t from passerelle.teacher_groups(s.enrolment);
  v_only := case when t.is_bound then t.own end;
  v_has_groups := exists (select from passerelle.enrolments e where e.activity = v_activity and e.groups <> '{}');
  -- What the program cannot know: which groups are the teacher's own, and whether there are any.
  if p_filter is not null and p_filter->>'mine' = 'true' then
    p_filter := (p_filter::jsonb || jsonb_build_object('groups', coalesce(t.own, '{}')))::json;
  end if;
  if p_form = 'csv' and v_has_groups then
    p_filter := (coalesce(p_filter::jsonb, '{}') || '{"showsGroups": true}')::json;
  end if;
  key := passerelle.roster_key(
    v_activity, s.module, m.list, m.read_at, concat_ws('|', s.locale, array_to_string(t.own, ','), t.is_bound));
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
            from passerelle.grain_rows g
            where g.module = s.module and g.status = 'active' and case when a.grain is null or a.module <> s.module then true else g.id = a.grain end),
            '') || case when v_has_groups then ',groups' else '' end || E'\r\n'
      else concat(
        '{"activity":{"title":', coalesce(to_json(a.title)::text, 'null'),
        ',"context":', coalesce(to_json(coalesce(a.context_title, a.context_label))::text, 'null'),
        ',"copyOf":' || to_json(passerelle.copied_course(a.platform, a.context_history))::text,
        ',"grain":' || to_json((select g.slug from passerelle.grain_rows g where g.id = a.grain and a.module = s.module))::text,
        '},"module":', case when r.id is null then 'null' else
          concat('{"slug":', to_json(r.slug)::text, ',"title":', to_json(r.title)::text, '}') end,
        ',"grains":[', (
          select string_agg(
            concat('{"slug":', to_json(g.slug)::text, ',"title":', to_json(g.title)::text, '}'), ',' order by g.sort, g.slug)
          from passerelle.grain_rows g
          where g.module = s.module and g.status = 'active' and case when a.grain is null or a.module <> s.module then true else g.id = a.grain end), ']',
        -- The same for everybody: once, and not with each learner.
        case when p_form = 'page' then concat(
          ',"teacher":', json_build_object('groups', coalesce(t.own, '{}'), 'isBound', t.is_bound),
          ',"groups":', passerelle.roster_groups(v_activity, v_only),
          ',"weeks":', passerelle.roster_weeks(v_activity, s.module, v_only)) end,
        case when p_form in ('compact', 'page') then concat(
          ',"total":', (
            select count(*) from passerelle.grain_rows g
            where g.module = s.module and g.status = 'active'
              and case when a.grain is null or a.module <> s.module then true else g.id = a.grain end),
          ',"maximum":', coalesce(a.line_item_maximum, 100)::float8) end,
        -- The maximum is a guess, as long as no line item says one.
        case when (p_form in ('compact', 'page') or p_learner is not null) and a.line_item_maximum is null then ',"isPercent":true' end)
    end
    into module, head
    from passerelle.activities a left join passerelle.module_rows r on r.id = s.module
    where a.id = v_activity;
  if exists (
    select from passerelle.enrolments e
    where e.activity = v_activity and e.learner = p_learner and not e.instructor and (v_only is null or e.groups && v_only))
  then
    select coalesce(json_agg(case when c.corrected_by is null then json_build_object(
        'slug', g.slug, 'title', g.title, 'weight', g.weight::float8,
        'status', coalesce(p.status, 'none'), 'score', p.score::float8,
        'completedAt', passerelle.utc(p.completed_at))
      else json_build_object(
        'slug', g.slug, 'title', g.title, 'weight', g.weight::float8,
        'status', coalesce(p.status, 'none'), 'score', p.score::float8,
        'completedAt', passerelle.utc(p.completed_at), 'correctedBy', c.corrected_by, 'correctionReason', c.reason)
      end order by g.sort, g.slug), '[]')::text
      into details
      from passerelle.grain_rows g
      join passerelle.enrolments e on e.learner = p_learner and e.activity = v_activity
      join passerelle.activities a on a.id = e.activity
      left join passerelle.progress_rows p on p.grain = g.id and p.learner = p_learner
        and passerelle.counts_for(p.activity, e.own_progress, e.activity)
      -- As long as nothing better came after it, in this run.
      left join lateral (
        select k.corrected_by, k.reason
          from passerelle.corrections k join passerelle.enrolments o on o.id = k.enrolment
          where o.learner = p_learner and k.grain = g.id
            and passerelle.holder(o.own_progress, o.activity, o.learner) = passerelle.holder(e.own_progress, e.activity, e.learner)
            and (k.status::text, k.score) is not distinct from (coalesce(p.status, 'none'), p.score)
            and not exists (
              select from passerelle.runs r
              where r.learner = p_learner and r.module = s.module and r.ended_at >= k.corrected_at
                and (r.grain is null or r.grain = g.id) and (r.activity is null or r.activity = e.activity))
          order by k.corrected_at desc limit 1) c on true
      where g.module = s.module and g.status = 'active' and case when a.grain is null or a.module <> s.module then true else g.id = a.grain end;
  end if;
  return next;
  return query
    select null::text, null::text, null::text, null::boolean, null::text, null::text, null::boolean, null::text, null::text,
           null::text, null::text, l.*
      from passerelle.roster_lines(v_activity, s.module, m.list, p_learner, p_form, v_only, p_filter, p_zone) l;
end $$;

-- The groups of an activity's learners, JSON: number, and name where somebody gave one.
create function passerelle.roster_groups(p_activity uuid, p_only text[]) returns text
language sql stable as $$
  select coalesce(json_agg(json_build_object('id', x.number, 'name', n.name) order by n.name, length(x.number), x.number), '[]')::text
  from (
    select distinct u.number from passerelle.enrolments e cross join lateral unnest(e.groups) u (number)
    where e.activity = p_activity and (p_only is null or u.number = any (p_only))) x
  join passerelle.activities a on a.id = p_activity
  left join passerelle.group_names n on n.platform = a.platform and n.context_id = a.context_id and n.number = x.number
$$;

-- How many grains the class completed in each of its last twelve weeks, JSON: the oldest first, weeks of seven days that end now.
create function passerelle.roster_weeks(p_activity uuid, p_module uuid, p_only text[]) returns text
language sql stable as $$
  select json_agg(coalesce(c.done, 0) order by w.week desc)::text
  from generate_series(0, 11) w (week)
  left join (
    select floor(extract(epoch from now() - p.completed_at) / 604800)::integer as week, count(*) as done
      from passerelle.enrolments e
      join passerelle.activities a on a.id = e.activity
      join passerelle.progress_rows p on p.learner = e.learner
        and passerelle.counts_for(p.activity, e.own_progress, e.activity)
      join passerelle.grain_rows g on g.id = p.grain and g.module = p_module and g.status = 'active'
        and case when a.grain is null or a.module <> p_module then true else g.id = a.grain end
      where e.activity = p_activity and not e.instructor and (p_only is null or e.groups && p_only)
        and p.completed_at > now() - interval '84 days'
      group by 1) c on c.week = w.week
$$;

-- The title of the nearest course that this one was copied from, as far as one of them is known here.
create function passerelle.copied_course(p_platform uuid, p_history text[]) returns text
language sql stable as $$
  select coalesce(a.context_title, a.context_label)
    from unnest(p_history) with ordinality h (id, place)
    join passerelle.activities a on a.platform = p_platform and a.context_id = h.id
    where coalesce(a.context_title, a.context_label) is not null
    order by h.place, a.created_at desc limit 1
$$;

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
  insert into passerelle.roster_marks (scope)
    select s.scope from unnest(array[v_activity, v_course]) s (scope) where s.scope is not null
    on conflict do nothing;
  return null;
end $$;
revoke all on function passerelle.mark_enrolment() from public;

create trigger mark
  after insert or delete or update of learner, activity, subject, roles, instructor, previewed_at, own_progress, last_launch_at
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
  when ((old.platform, old.title, old.context_id, old.context_label, old.context_title, old.module, old.line_item_maximum,
         old.grain, old.context_history)
    is distinct from
    (new.platform, new.title, new.context_id, new.context_label, new.context_title, new.module, new.line_item_maximum,
     new.grain, new.context_history))
  execute function passerelle.mark_activity();
