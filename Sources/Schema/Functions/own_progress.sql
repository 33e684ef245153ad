-- Seam: progress in Passerelle's own table (see own_learners.sql).

create view passerelle.progress_rows as
  select p.learner, p.grain, p.status::text as status, p.score, p.completed_at,
         p.activity, coalesce(p.activity, p.learner) as holder, p.activity_title
    from public.progress p;

-- Whether a row can say of which activity it is: a module of scope `activity` needs that.
create function passerelle.progress_has_activities() returns boolean language sql immutable as $$
  select true
$$;

-- Records progress: completed never goes back to started, the best score is kept, and a grain completed without a score
-- counts whole, which no later score can better. `p_activity` is null for the person's progress. (plpgsql keeps the plan; a
-- function in SQL is planned at each call.)
create function passerelle.progress_record(p_learner uuid, p_grains uuid[], p_statuses text[], p_scores numeric[],
  p_activity uuid default null, p_activity_title text default null)
returns void language plpgsql as $$
begin
  insert into public.progress as p (learner, grain, activity, activity_title, status, score)
    select p_learner, x.grain, p_activity, p_activity_title,
           case when bool_or(x.status = 'completed') then 'completed' else 'started' end,
           max(x.score) filter (where x.status = 'completed')
    from unnest(p_grains, p_statuses, p_scores) as x (grain, status, score)
    group by x.grain
    order by x.grain
    on conflict (learner, grain, (coalesce(activity, learner))) do update
      set status = 'completed',
          score = case when p.status = 'started' then excluded.score else greatest(p.score, excluded.score) end,
          corrected_by = null, correction_reason = null
      where excluded.status = 'completed'
        and (p.status = 'started' or (p.score is not null and excluded.score > p.score));
end $$;

-- What a teacher says of a grain, in place of what was there: it may be less. `none` is as if it had never been begun. `p_activity`
-- is null for the person's progress.
create function passerelle.progress_replace(
  p_learner uuid, p_grain uuid, p_status text, p_score numeric, p_by text, p_reason text,
  p_activity uuid default null, p_activity_title text default null) returns void
language plpgsql as $$
begin
  if p_status = 'none' then
    delete from public.progress p
      where p.learner = p_learner and p.grain = p_grain and coalesce(p.activity, p.learner) = coalesce(p_activity, p_learner);
    return;
  end if;
  insert into public.progress as p (learner, grain, activity, activity_title, status, score, corrected_by, correction_reason)
    values (p_learner, p_grain, p_activity, p_activity_title, p_status, p_score, p_by, p_reason)
    on conflict (learner, grain, (coalesce(activity, learner))) do update
      set status = excluded.status, score = excluded.score, corrected_by = excluded.corrected_by,
          correction_reason = excluded.correction_reason;
end $$;

-- Takes the name of a teacher from the rows that they corrected, whichever activity they count for: a row may have been copied.
create function passerelle.progress_unsign(p_learner uuid, p_grain uuid, p_by text) returns void
language plpgsql as $$
begin
  update public.progress p set corrected_by = '–'
    where p.learner = p_learner and p.grain = p_grain and p.corrected_by = p_by;
end $$;

-- What the person has done so far counts as an activity's own, too; with `p_anew` in the place of what the activity counted when it
-- last had progress of its own.
create function passerelle.progress_copy(p_learner uuid, p_module uuid, p_activity uuid, p_activity_title text, p_anew boolean)
returns void language plpgsql as $$
begin
  if p_anew then
    delete from public.progress p using passerelle.grain_rows g
      where p.learner = p_learner and p.activity = p_activity and g.id = p.grain and g.module = p_module;
  end if;
  insert into public.progress as p (
      learner, grain, activity, activity_title, status, score, completed_at, corrected_by, correction_reason)
    select o.learner, o.grain, p_activity, p_activity_title, o.status, o.score, o.completed_at,
           o.corrected_by, o.correction_reason
      from public.progress o join passerelle.grain_rows g on g.id = o.grain
      where o.learner = p_learner and o.activity is null and g.module = p_module
      order by o.grain
    on conflict (learner, grain, (coalesce(activity, learner))) do update
      set status = excluded.status, score = excluded.score, completed_at = excluded.completed_at,
          corrected_by = excluded.corrected_by, correction_reason = excluded.correction_reason
      where passerelle.is_better(excluded.status, excluded.score, p.status, p.score);
end $$;

-- A module's progress is the person's from now on: the best of what each activity counted. The activities' own rows stay.
create function passerelle.progress_fold(p_module uuid) returns void language plpgsql as $$
begin
  insert into public.progress as p (learner, grain, status, score, completed_at, corrected_by, correction_reason)
    select distinct on (o.learner, o.grain) o.learner, o.grain, o.status, o.score, o.completed_at,
           o.corrected_by, o.correction_reason
      from public.progress o join passerelle.grain_rows g on g.id = o.grain
      where o.activity is not null and g.module = p_module
      -- `completed` comes before `started`; without a score is whole.
      order by o.learner, o.grain, o.status, o.score desc nulls first, o.completed_at
    on conflict (learner, grain, (coalesce(activity, learner))) do update
      set status = excluded.status, score = excluded.score, completed_at = excluded.completed_at,
          corrected_by = excluded.corrected_by, correction_reason = excluded.correction_reason
      where passerelle.is_better(excluded.status, excluded.score, p.status, p.score);
end $$;

-- Takes a learner's rows of these grains away, of the person or of one activity, and answers them as they were, less the name of a
-- teacher who corrected them: a JSON array.
create function passerelle.progress_remove(p_learner uuid, p_grains uuid[], p_holder uuid) returns json
language plpgsql as $$
declare
  removed json;
begin
  with gone as (
    delete from public.progress p
      where p.learner = p_learner and p.grain = any (p_grains) and coalesce(p.activity, p.learner) = p_holder
      returning p.*)
  select coalesce(json_agg(to_jsonb(gone) - 'corrected_by' order by gone.grain), '[]') into removed from gone;
  return removed;
end $$;

-- Gives everything of one learner to another: of a grain that both have, the better row counts.
create function passerelle.progress_give(p_from uuid, p_into uuid) returns integer language plpgsql as $$
declare
  given integer;
begin
  insert into public.progress as p (
      learner, grain, activity, activity_title, status, score, completed_at, corrected_by, correction_reason)
    select p_into, o.grain, o.activity, o.activity_title, o.status, o.score, o.completed_at,
           o.corrected_by, o.correction_reason
      from public.progress o where o.learner = p_from order by o.grain
    on conflict (learner, grain, (coalesce(activity, learner))) do update
      set status = excluded.status, score = excluded.score, completed_at = excluded.completed_at,
          corrected_by = excluded.corrected_by, correction_reason = excluded.correction_reason
      where passerelle.is_better(excluded.status, excluded.score, p.status, p.score);
  delete from public.progress o where o.learner = p_from;
  get diagnostics given = row_count;
  return given;
end $$;

create trigger await_turn before insert or update or delete on public.progress
  for each statement when (current_setting('passerelle.gives_way', true) is distinct from 'on')
  execute function passerelle.take_turn();
create trigger touch before update on public.progress for each row execute function passerelle.touch();
create trigger complete before insert or update on public.progress for each row execute function passerelle.complete();
create trigger progress_inserted after insert on public.progress
  referencing new table as changed for each statement execute function passerelle.progress_changed();
create trigger progress_deleted after delete on public.progress
  referencing old table as changed for each statement execute function passerelle.progress_changed();
create trigger progress_updated after update on public.progress
  referencing old table as former new table as changed for each statement execute function passerelle.progress_updated();
create trigger mark_inserted after insert on public.progress
  referencing new table as changed for each statement execute function passerelle.mark_progress();
create trigger mark_deleted after delete on public.progress
  referencing old table as changed for each statement execute function passerelle.mark_progress();
create trigger mark_updated after update on public.progress
  referencing old table as former new table as changed for each statement execute function passerelle.mark_moved_progress();
