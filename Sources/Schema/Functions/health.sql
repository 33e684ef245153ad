-- What monitoring asks.

-- Writes for good, and fails as a learner's report would: with 25006 where nothing is written, 42501 without the right,
-- 53100 on a full disk. One row is written again and again in its place, which needs no room, so room is looked for apart:
-- a sort that does not fit into its memory goes to the disk that the tables are on, and is gone when the call ends.
--
-- Monitoring may ask as often as it likes: what was written less than `p_within` ago is taken for an answer.
create function passerelle.heartbeat(p_within interval default '0') returns void
language plpgsql
set search_path = pg_catalog, pg_temp set work_mem = '64kB' set temp_tablespaces = '' as $$
begin
  if exists (select from passerelle.heartbeats h where h.beaten_at > now() - p_within and h.beaten_at <= now()) then
    -- What costs nothing is asked each time: a standby that took over says so at once.
    if current_setting('transaction_read_only')::boolean then
      raise exception using errcode = '25006', message = 'this session may only read';
    end if;
    return;
  end if;
  insert into passerelle.heartbeats as h (beaten_at) values (now()) on conflict (one) do update set beaten_at = now();
  perform count(*)
    from (select i::text || repeat('.', 4000) as filling from generate_series(1, 64) i order by 1) x;
end $$;
