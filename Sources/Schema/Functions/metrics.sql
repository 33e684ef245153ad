-- What monitoring counts, within the statement that is made anyway and as its last step: nothing is waited for with a counter in
-- hand but the next counter, in one order, so that nobody can be waited for in a circle.

-- Where this session counts.
create function passerelle.shard() returns smallint language sql stable as $$
  select (pg_backend_pid() % 16)::smallint
$$;

-- One more of a kind.
create function passerelle.count_one(p_name text, p_label text) returns void language plpgsql as $$
begin
  update passerelle.counters c set value = c.value + 1
    where c.name = p_name and c.label = p_label and c.shard = passerelle.shard();
  if not found then
    insert into passerelle.counters as c (name, label, shard, value) values (p_name, p_label, passerelle.shard(), 1)
      on conflict (name, label, shard) do update set value = c.value + 1;
  end if;
end $$;

-- One more attempt to deliver a grade: delivered, pending or failed; `p_took` is how many seconds the platform took, null when
-- it was not asked.
create function passerelle.count_attempt(p_grade uuid, p_outcome text, p_took double precision)
returns void language plpgsql as $$
declare
  v_platform uuid;
begin
  perform passerelle.count_one('attempts', p_outcome);
  if p_took is null then
    return;
  end if;
  select a.platform into v_platform
    from passerelle.enrolments e join passerelle.activities a on a.id = e.activity where e.id = p_grade;
  update passerelle.platform_calls c
    set calls = c.calls + 1, seconds = c.seconds + p_took,
        recent_calls = c.recent_calls * 0.9 + 1, recent_seconds = c.recent_seconds * 0.9 + p_took
    where c.platform = v_platform and c.shard = passerelle.shard();
  if not found then
    insert into passerelle.platform_calls as c (platform, shard, calls, seconds, recent_calls, recent_seconds)
      values (v_platform, passerelle.shard(), 1, p_took, 1, p_took)
      on conflict (platform, shard) do update
        set calls = c.calls + 1, seconds = c.seconds + p_took,
            recent_calls = c.recent_calls * 0.9 + 1, recent_seconds = c.recent_seconds * 0.9 + p_took;
  end if;
end $$;
