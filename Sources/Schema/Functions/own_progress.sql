-- Seam: progress in Passerelle's own table (see own_learners.sql).

create view passerelle.progress_rows as
  select p.learner, p.grain, p.status::text as status, p.score, p.completed_at from public.progress p;

-- Records progress: completed never goes back to started, the best score is kept, and a grain completed without a score
-- counts whole, which no later score can better. (plpgsql keeps the plan; a function in SQL is planned at each call.)
create function passerelle.progress_record(p_learner uuid, p_grains uuid[], p_statuses text[], p_scores numeric[])
returns void language plpgsql as $$
begin
  insert into public.progress as p (learner, grain, status, score)
    select p_learner, x.grain,
           case when bool_or(x.status = 'completed') then 'completed' else 'started' end,
           max(x.score) filter (where x.status = 'completed')
    from unnest(p_grains, p_statuses, p_scores) as x (grain, status, score)
    group by x.grain
    order by x.grain
    on conflict on constraint progress_once_per_learner_and_grain do update
      set status = 'completed',
          score = case when p.status = 'started' then excluded.score else greatest(p.score, excluded.score) end
      where excluded.status = 'completed'
        and (p.status = 'started' or (p.score is not null and excluded.score > p.score));
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
