-- Staff write with plain SQL, through Directus or psql. What they may write counts at once (grading.sql); triggers reject
-- impossible values with a sentence, and the tables' CHECKs are the backstop.
--
-- Directus writes with a database role of its own, which has no business in schema passerelle. Every trigger function is
-- therefore `security definer`, and nobody can run it but as a trigger. Its search path is fixed, because whoever sets off a
-- trigger chooses the path by which it would otherwise look up functions and operators.
--
-- The functions that the program calls have the same path, because a session plans a function's statements anew whenever
-- the path is another than at the last call, and both share what they call. What only they call has none of its own: a path
-- costs 15 µs at each call (pgbench: a launch takes 0.60 ms without any path and with these, 0.72 ms with one everywhere).

-- Nobody who edits in Directus may see "deadlock detected", and Directus does not try again. So staff take turns: a transaction
-- waits for those before it before it touches a row, for five seconds at most. And the program gives way to staff: its functions
-- wait with patience for their first lock only, holding nothing, and then for moments shorter than PostgreSQL's
-- deadlock_timeout (set lock_timeout); whoever runs out of patience is called again by the program. The setting
-- passerelle.gives_way says who is who until the transaction ends (as an attribute of a function it would need a superuser); a role
-- that sets it itself has lost its turn, and nothing else.
create function passerelle.take_turn() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('passerelle.staff', 0));
  return null;
exception when lock_not_available then
  return null;
end $$;
revoke all on function passerelle.take_turn() from public;

-- A write that changes nothing leaves the date. Images are compared, because a column that staff added may be of a type
-- without equality.
create function passerelle.touch() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  new.date_updated := old.date_updated;
  if new *<> old then
    new.date_updated := now();
  end if;
  return new;
end $$;
revoke all on function passerelle.touch() from public;

-- Staff tick "completed" and expect the date to follow. A date or a score on a grain that is not completed would be saved and
-- count for nothing, so it is refused; reopening a grain takes its date, and keeps its score for when it is completed again.
create function passerelle.complete() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
revoke all on function passerelle.complete() from public;

create function passerelle.module_is_possible() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if new.url = '' then
    new.url := null;
  end if;
  -- What was wrong with the former address is not said of the new one.
  if tg_op = 'UPDATE' and new.url is distinct from old.url and new.notice like '⚠%' then
    new.notice := null;
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
  if new.scope not in ('learner', 'activity') then
    perform passerelle.refuse('modules', 'scope', 'modules_scope_is_known',
      'La portée est « learner » ou « activity »', 'The scope is “learner” or “activity”');
  end if;
  if new.scope = 'activity' and not passerelle.progress_has_activities() then
    perform passerelle.refuse('modules', 'scope', 'modules_scope_is_possible',
      'La progression est dans une collection de l’établissement, dont les lignes ne disent pas l’activité : la portée reste « learner »',
      'Progress is in a collection of the institution’s own, whose rows do not name the activity: the scope stays “learner”');
  end if;
  if new.status not in ('active', 'archived') then
    perform passerelle.refuse('modules', 'status', 'modules_status_is_known',
      'L’état est « active » ou « archived »', 'The status is “active” or “archived”');
  end if;
  return new;
end $$;
revoke all on function passerelle.module_is_possible() from public;

create function passerelle.grain_is_possible() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
revoke all on function passerelle.grain_is_possible() from public;

-- A grade is what the progress says, and where its delivery stands. Staff may set its status to "pending" (send_again); what
-- else they change would not reach Moodle, or would say that it did. The program's own writes are told by what they keep true:
-- a new version is the next one, a score without a new version is the part owed of the maximum, a delivery, or what was read in
-- Moodle, is dated now, and another status comes with a version, a delivery, an attempt or such a reading.
create function passerelle.grade_is_computed() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  is_refused boolean;
begin
  -- Without a query in it plpgsql works an expression out by itself, at a fifth of the cost; and an edit of the catalogue changes
  -- thousands of grades.
  is_refused := new.version not in (old.version, old.version + 1)
     or (new.delivered_at is distinct from now()
         and (new.delivered_score, new.delivered_maximum, new.delivered_version, new.delivered_at) is distinct from
             (old.delivered_score, old.delivered_maximum, old.delivered_version, old.delivered_at))
     or (new.moodle_read_at is distinct from now()
         and (new.moodle_score, new.moodle_read_at) is distinct from (old.moodle_score, old.moodle_read_at))
     or (new.status <> old.status and new.status <> 'pending'
         and (new.version, new.delivered_at, new.attempts, new.moodle_read_at) is not distinct from
             (old.version, old.delivered_at, old.attempts, old.moodle_read_at));
  if not is_refused and new.version = old.version and (new.score, new.maximum) is distinct from (old.score, old.maximum) then
    is_refused := not exists (
      select from passerelle.enrolments e join passerelle.activities a on a.id = e.activity
      where e.id = new.id and round(new.maximum::numeric, 5) = coalesce(a.line_item_maximum, 100)
        and round(new.score::numeric, 5) = passerelle.points(e.owed_ratio, new.maximum::numeric));
  end if;
  if is_refused then
    perform passerelle.refuse('grades', 'status', 'grades_are_computed',
      'Une note suit la progression, où elle se corrige ; ici, mettre l’état à « En attente » la renvoie',
      'A grade follows the progress, where it is corrected; here setting the status to “Pending” sends it again');
  end if;
  return new;
end $$;
revoke all on function passerelle.grade_is_computed() from public;

-- Looked at when the transaction ends: a learner is forgotten, and two are joined, row by row.
create function passerelle.grade_stays() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
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
revoke all on function passerelle.grade_stays() from public;

create trigger await_turn before insert or update or delete on public.grades
  for each statement when (current_setting('passerelle.gives_way', true) is distinct from 'on')
  execute function passerelle.take_turn();
create trigger touch before update on public.grades for each row execute function passerelle.touch();
create trigger refuse before update on public.grades for each row execute function passerelle.grade_is_computed();
create constraint trigger stay after insert or delete or update of id, learner, activity on public.grades
  deferrable initially deferred for each row execute function passerelle.grade_stays();

-- Nobody reads it: while it stands, the table of grades cannot be dropped from Directus's data model, as the other four cannot.
create view passerelle.grade_rows as select g.id from public.grades g;
