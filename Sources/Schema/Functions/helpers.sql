-- What the other files share: how things are written, and how a row is refused.

-- An instant as the API, people's exports and the command write it: RFC 3339, in whole seconds.
create function passerelle.utc(p_instant timestamptz) returns text
language sql stable as $$
  select to_char(p_instant at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
$$;

-- Refuses a row in words that reach whoever wrote it. Of a database's error Directus shows people without administrator's
-- rights nothing but what it recognises of five SQLSTATEs, and only in one of them, 23503, something that can hold words:
-- the first parentheses of the detail, which it takes for a field's name. Hence this code for every refusal, no parentheses in
-- the words, and no values either: errors reach logs.
create function passerelle.refuse(p_table text, p_column text, p_constraint text, p_french text, p_english text)
returns void language plpgsql as $$
declare
  words text := p_french || ' · ' || p_english;
begin
  raise exception using
    errcode = 'foreign_key_violation', message = words, detail = format('(%s)=(%s)', words, p_column),
    schema = 'public', table = p_table, column = p_column, constraint = p_constraint;
end $$;

-- The first thing that a function does which changes something after it waited for others: its statements must see what
-- they committed. Where the database's or the role's level is another, the program says the level itself and calls again
-- (Sources/Store/Database.swift). Nothing is asked of staff: their edits run at the level of whatever they use.
create function passerelle.read_committed() returns void language plpgsql as $$
begin
  if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
    raise exception using errcode = 'PSA02', message = 'this needs the isolation level read committed';
  end if;
end $$;

-- Whether an instant that the program set at most `p_reach` ahead is past, or was never set. One that lies further ahead was set by
-- a clock that has been put back since: nothing waits for it.
create function passerelle.is_over(p_instant timestamptz, p_reach interval) returns boolean
language sql stable as $$
  select p_instant is null or p_instant <= now() or p_instant > now() + p_reach
$$;

-- A part of a maximum, in the five decimals that Moodle stores. A ratio such as 5/12 is cut off at its thirtieth decimal,
-- which alone would round a half down; the first rounding makes it whole again, and is too fine to make a half of less.
create function passerelle.points(p_ratio numeric, p_maximum numeric) returns numeric
language sql immutable as $$
  select round(round(p_ratio * p_maximum, 22), 5)
$$;

-- What Moodle was read to have, where it is not what it was given; null where it was not read, or is. On a scale it makes something
-- else of every grade; otherwise a teacher's stands there.
create function passerelle.moodle_has(
  p_score double precision, p_maximum double precision, p_read_at timestamptz, p_is_scale boolean) returns json
language sql stable as $$
  select case
    when p_score is null then null
    when p_is_scale then
      json_build_object('score', p_score, 'maximum', p_maximum, 'readAt', passerelle.utc(p_read_at), 'isScale', true)
    else json_build_object('score', p_score, 'maximum', p_maximum, 'readAt', passerelle.utc(p_read_at))
  end
$$;

-- A title in several languages as Moodle's filter writes it ({mlang fr}…{mlang}), for readers of whom nothing is known: what is
-- for `other`, else the first language; what stands outside is for everybody. All quantifiers are lazy, because the first decides
-- for the whole pattern.
create function passerelle.title_text(p_text text) returns text
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  v_part constant text := '\{mlang ([^}]+?)\}(.*?)\{mlang\}';
  v_wanted text;
begin
  if p_text is null or p_text !~* v_part then
    return p_text;
  end if;
  select coalesce(max(t.tag) filter (where t.tag = 'other'), (array_agg(t.tag order by m.place, t.place))[1]) into v_wanted
    from regexp_matches(p_text, v_part, 'gi') with ordinality m (part, place)
    cross join lateral regexp_split_to_table(lower(m.part[1]), '[\s,]+') with ordinality t (tag, place);
  return (
    select btrim(string_agg(
        o.words || case when v_wanted = any (regexp_split_to_array(lower(m.part[1]), '[\s,]+')) then m.part[2] else '' end,
        '' order by o.place))
      from regexp_split_to_table(p_text, v_part, 'i') with ordinality o (words, place)
      left join regexp_matches(p_text, v_part, 'gi') with ordinality m (part, place) on m.place = o.place);
end $$;

-- An activity as staff know it: its title and its course's. (As `immutable` it would be no part of the statement that asks, since
-- concat_ws is not, and planned at each call.)
create function passerelle.title_of(p_title text, p_course text, p_course_label text) returns text
language sql stable as $$
  select nullif(concat_ws(' · ', passerelle.title_text(p_title), passerelle.title_text(coalesce(p_course, p_course_label))), '')
$$;

-- Whether one row of progress is worth more than another: completed before started, and without a score is whole.
create function passerelle.is_better(p_status text, p_score float8, p_other_status text, p_other_score float8) returns boolean
language sql immutable as $$
  select case
    when p_status <> p_other_status then p_status = 'completed'
    else coalesce(p_other_score is not null and (p_score is null or p_score > p_other_score), false)
  end
$$;

-- Scores must carry rising timestamps in whole seconds (Moodle answers 409 otherwise), also when two are sent within one.
create function passerelle.next_timestamp(p_last bigint) returns bigint
language sql stable as $$
  select greatest(extract(epoch from now())::bigint, coalesce(p_last, 0) + 1)
$$;

-- An address under a site's new URL: the old one, or what stands below it, changes its beginning; any other stays.
create function passerelle.moved(p_url text, p_old text, p_new text) returns text
language sql immutable as $$
  select case
    when p_url = p_old or starts_with(p_url, p_old || '/') or starts_with(p_url, p_old || '?')
      then p_new || substr(p_url, length(p_old) + 1)
    else p_url
  end
$$;
