-- Staff write with plain SQL, through Directus or psql. What they may write counts at once (migration 3); what cannot be is
-- refused here in words, in front of the constraints, which stay as the last wall.

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

-- A write that changes nothing leaves the date. Images are compared, because a column that staff added may be of a type
-- without equality.
create or replace function passerelle.touch() returns trigger language plpgsql as $$
begin
  new.date_updated := old.date_updated;
  if new *<> old then
    new.date_updated := now();
  end if;
  return new;
end $$;

-- Staff tick "completed" and expect the date to follow. A date or a score on a grain that is not completed would be saved and
-- count for nothing, so it is refused; reopening a grain takes its date, and keeps its score for when it is completed again.
create or replace function passerelle.complete() returns trigger language plpgsql as $$
begin
  if new.status not in ('started', 'completed') then
    perform passerelle.refuse('progress', 'status', 'progress_status_is_known',
      'L’état est « started » ou « completed »', 'The status is “started” or “completed”');
  end if;
  -- NaN is greater than every number.
  if new.score not between 0 and 1 then
    perform passerelle.refuse('progress', 'score', 'progress_score_is_between_0_and_1',
      'Un résultat va de 0 à 1', 'A score is between 0 and 1');
  end if;
  if new.status = 'completed' then
    if new.completed_at is null and tg_op = 'UPDATE' then
      new.completed_at := old.completed_at;
    end if;
    new.completed_at := coalesce(new.completed_at, now());
    return new;
  end if;
  if tg_op = 'UPDATE' then
    if new.completed_at is not distinct from old.completed_at then
      new.completed_at := null;
    end if;
    if new.score is not distinct from old.score and new.completed_at is null then
      return new;
    end if;
  end if;
  if new.completed_at is not null then
    perform passerelle.refuse('progress', 'completed_at', 'progress_completed_has_a_date',
      'Une date de fin va avec l’état « Terminé »', 'A completion date goes with the status “Completed”');
  end if;
  if new.score is not null then
    perform passerelle.refuse('progress', 'score', 'progress_score_is_of_a_completed_grain',
      'Un résultat ne compte qu’avec l’état « Terminé »', 'A score counts only with the status “Completed”');
  end if;
  return new;
end $$;

create function passerelle.module_is_possible() returns trigger language plpgsql as $$
begin
  if new.url = '' then
    new.url := null;
  end if;
  if btrim(new.title) = '' then
    perform passerelle.refuse('modules', 'title', 'modules_title_is_not_empty',
      'Un module a un titre', 'A module has a title');
  end if;
  if new.slug !~ '^[A-Za-z0-9][A-Za-z0-9._~-]{0,99}$' then
    perform passerelle.refuse('modules', 'slug', 'modules_slug_is_url_safe',
      'Le nom dans les adresses a 100 signes au plus : lettres sans accent, chiffres, - . _ ~, d’abord une lettre ou un chiffre',
      'The name in addresses has at most 100 characters: letters without accents, digits, - . _ ~, first a letter or a digit');
  end if;
  if new.url !~ '^https?://' then
    perform passerelle.refuse('modules', 'url', 'modules_url_is_http',
      'L’adresse commence par https:// ou http://', 'The address begins with https:// or http://');
  end if;
  if new.grading not in ('proportion', 'all-or-nothing') then
    perform passerelle.refuse('modules', 'grading', 'modules_grading_is_known',
      'La notation est « proportion » ou « all-or-nothing »', 'The grading is “proportion” or “all-or-nothing”');
  end if;
  if new.status not in ('active', 'archived') then
    perform passerelle.refuse('modules', 'status', 'modules_status_is_known',
      'L’état est « active » ou « archived »', 'The status is “active” or “archived”');
  end if;
  return new;
end $$;
create trigger refuse before insert or update on public.modules
  for each row execute function passerelle.module_is_possible();

create function passerelle.grain_is_possible() returns trigger language plpgsql as $$
begin
  if btrim(new.title) = '' then
    perform passerelle.refuse('grains', 'title', 'grains_title_is_not_empty', 'Un grain a un titre', 'A grain has a title');
  end if;
  if new.slug !~ '^[A-Za-z0-9][A-Za-z0-9._~-]{0,99}$' then
    perform passerelle.refuse('grains', 'slug', 'grains_slug_is_url_safe',
      'Le nom dans les adresses a 100 signes au plus : lettres sans accent, chiffres, - . _ ~, d’abord une lettre ou un chiffre',
      'The name in addresses has at most 100 characters: letters without accents, digits, - . _ ~, first a letter or a digit');
  end if;
  if not (new.weight > 0 and new.weight < 1000000) then
    perform passerelle.refuse('grains', 'weight', 'grains_weight_is_positive',
      'Un poids est plus grand que 0 et plus petit qu’un million ; un grain qui ne doit pas compter s’archive',
      'A weight is greater than 0 and less than a million; a grain that is not to count is archived');
  end if;
  if new.status not in ('active', 'archived') then
    perform passerelle.refuse('grains', 'status', 'grains_status_is_known',
      'L’état est « active » ou « archived »', 'The status is “active” or “archived”');
  end if;
  return new;
end $$;
create trigger refuse before insert or update on public.grains
  for each row execute function passerelle.grain_is_possible();

create function passerelle.grain_is_needed() returns trigger language plpgsql as $$
begin
  if exists (select from passerelle.progress_rows p where p.grain = old.id) then
    perform passerelle.refuse('grains', 'id', 'progress_grain_fkey',
      'Des apprenants ont commencé ce grain : archivez-le, il ne comptera plus et leur travail reste',
      'Learners have begun this grain: archive it, then it no longer counts and their work stays');
  end if;
  return old;
end $$;
create trigger refuse_deletion before delete on public.grains
  for each row execute function passerelle.grain_is_needed();

create function passerelle.module_is_needed() returns trigger language plpgsql as $$
begin
  if exists (select from passerelle.grain_rows g where g.module = old.id) then
    perform passerelle.refuse('modules', 'id', 'grains_module_fkey',
      'Ce module a des grains : archivez-le, ou supprimez d’abord ses grains',
      'This module has grains: archive it, or delete its grains first');
  end if;
  return old;
end $$;
create trigger refuse_deletion before delete on public.modules
  for each row execute function passerelle.module_is_needed();

-- A grade is what the progress says, and where its delivery stands. Staff may set its status to "pending" (migration 3); what
-- else they change would not reach Moodle, or would say that it did. The program's own writes are told by what they keep true:
-- a new version is the next one, a score without a new version is the part owed of the maximum, a delivery is dated now, and
-- another status comes with a version, a delivery or an attempt.
create function passerelle.grade_is_computed() returns trigger language plpgsql as $$
begin
  if new.version not in (old.version, old.version + 1)
     or (new.delivered_at is distinct from now()
         and (new.delivered_score, new.delivered_maximum, new.delivered_version, new.delivered_at) is distinct from
             (old.delivered_score, old.delivered_maximum, old.delivered_version, old.delivered_at))
     or (new.status <> old.status and new.status <> 'pending'
         and (new.version, new.delivered_at, new.attempts) is not distinct from (old.version, old.delivered_at, old.attempts))
     or (new.version = old.version and (new.score, new.maximum) is distinct from (old.score, old.maximum)
         and not exists (
           select from passerelle.enrolments e join passerelle.activities a on a.id = e.activity
           where e.id = new.id and abs(new.maximum - coalesce(a.line_item_maximum, 100)) < 0.0001
             and abs(new.score - passerelle.points(e.owed_ratio, new.maximum)) < 0.0001))
  then
    perform passerelle.refuse('grades', 'status', 'grades_are_computed',
      'Une note suit la progression, où elle se corrige ; ici, mettre l’état à « En attente » la renvoie',
      'A grade follows the progress, where it is corrected; here setting the status to “Pending” sends it again');
  end if;
  return new;
end $$;
create trigger refuse before update on public.grades for each row execute function passerelle.grade_is_computed();

-- Looked at when the transaction ends: a learner is forgotten, and two are joined, row by row.
create function passerelle.grade_stays() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' and exists (
       select from passerelle.enrolments e join passerelle.learner_rows l on l.id = e.learner
       where e.id = old.id and (e.learner, e.activity) = (old.learner, old.activity)
         and not exists (
           select from public.grades g where g.id = e.id and (g.learner, g.activity) = (e.learner, e.activity)))
  then
    perform passerelle.refuse('grades', 'id', 'grades_stay',
      'Une note reste tant que l’apprenant est inscrit à l’activité ; mettre son état à « En attente » la renvoie',
      'A grade stays while the learner is in the activity; setting its status to “Pending” sends it again');
  end if;
  if tg_op <> 'DELETE' and exists (
       select from public.grades g
       where g.id = new.id and (g.learner, g.activity) = (new.learner, new.activity)
         and not exists (
           select from passerelle.enrolments e
           where e.id = g.id and (e.learner, e.activity) = (g.learner, g.activity)))
  then
    perform passerelle.refuse('grades', 'learner', 'grades_are_of_an_enrolment',
      'Les notes se créent d’elles-mêmes, quand un apprenant ouvre une activité et y progresse',
      'Grades come by themselves, when a learner opens an activity and progresses');
  end if;
  return null;
end $$;
create constraint trigger stay after insert or delete or update of id, learner, activity on public.grades
  deferrable initially deferred for each row execute function passerelle.grade_stays();

-- Modules first, then learners, in every statement that changes what several are owed: two such statements cannot wait for
-- each other. Nothing is owed any more for a learner who is being deleted.
create or replace function passerelle.progress_changed() returns trigger language plpgsql as $$
declare
  c record;
begin
  for c in
    select distinct g.module, x.learner
      from changed x
      join passerelle.grain_rows g on g.id = x.grain
      join passerelle.learner_rows l on l.id = x.learner
      order by 1, 2
  loop
    perform passerelle.owe(c.learner, c.module);
  end loop;
  return null;
end $$;

-- A row moved to another learner or grain changes two standings.
create or replace function passerelle.progress_updated() returns trigger language plpgsql as $$
declare
  c record;
begin
  for c in
    select g.module, x.learner
    from (select learner, grain from changed union select learner, grain from former) x
    join passerelle.grain_rows g on g.id = x.grain
    group by 1, 2 order by 1, 2
  loop
    perform passerelle.owe(c.learner, c.module);
  end loop;
  return null;
end $$;

create or replace function passerelle.modules_updated() returns trigger language plpgsql as $$
declare
  m uuid;
begin
  for m in
    select c.id from changed c join former f on f.id = c.id where c.grading is distinct from f.grading order by 1
  loop
    perform passerelle.owe_module(m);
  end loop;
  return null;
end $$;

-- A deletion holds the learner's row and wants their progress; a click holds progress and wants the learner's row, for its first
-- grade. So whoever deletes learners first lets the clicks under way finish, and new ones wait: this fires before any row is
-- locked.
create function passerelle.learners_leave() returns trigger language plpgsql as $$
begin
  lock table public.progress in share row exclusive mode;
  return null;
end $$;
create trigger leave before delete on public.learners for each statement execute function passerelle.learners_leave();

-- Forgets what this program keeps of a learner beside the learner's own row and their progress: sessions and codes, grades,
-- enrolments, identities (and with these what the platforms' lists of members say of them). Answers whether there was
-- anything. Where adopted collections hold the learners, their deletion calls it: no foreign key leads there.
create function passerelle.learner_forget(p_learner uuid) returns boolean language plpgsql as $$
declare
  sessions integer;
  codes integer;
  grades integer;
  enrolments integer;
  identities integer;
begin
  delete from passerelle.sessions s where s.learner = p_learner;
  get diagnostics sessions = row_count;
  delete from passerelle.codes c where c.learner = p_learner;
  get diagnostics codes = row_count;
  -- The grade before the enrolment, as everywhere.
  delete from public.grades g where g.learner = p_learner;
  get diagnostics grades = row_count;
  delete from passerelle.enrolments e where e.learner = p_learner;
  get diagnostics enrolments = row_count;
  delete from passerelle.identities i where i.learner = p_learner;
  get diagnostics identities = row_count;
  return sessions + codes + grades + enrolments + identities > 0;
end $$;

-- The seam at which a learner is erased; answers whether there was one. The five tables' foreign keys forget the rest.
-- (Adoption makes this anew. What it must do for other collections: delete the learner's progress; delete the learner's own
-- row where it is a learner and nothing else, but never a row of directus_users, who may be staff as well; then call
-- learner_forget.)
create function passerelle.learner_delete(p_learner uuid) returns boolean language plpgsql as $$
declare
  was_there boolean;
begin
  delete from public.learners l where l.id = p_learner;
  was_there := found;
  return passerelle.learner_forget(p_learner) or was_there;
end $$;

-- An instant as people's exports and the API write it.
create function passerelle.utc(p_instant timestamptz) returns text
language sql immutable as $$
  select to_char(p_instant at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
$$;
