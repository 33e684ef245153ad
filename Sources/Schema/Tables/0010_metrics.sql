-- What monitoring counts, in few rows: each is spread over as many as there may be sessions that count at once, because a row that
-- everybody changes would let launches wait for one another. Room is left in each page for the next version of a row.
create table passerelle.counters (
  name varchar(40) not null,
  label varchar(40) not null,
  shard smallint not null,
  value bigint not null,
  primary key (name, label, shard)
) with (fillfactor = 40);

-- How long platforms took. The recent ones fade: each newer call makes the former ones count a tenth less.
create table passerelle.platform_calls (
  platform uuid not null references passerelle.platforms on delete cascade,
  shard smallint not null,
  calls bigint not null,
  seconds double precision not null,
  recent_calls double precision not null,
  recent_seconds double precision not null,
  primary key (platform, shard)
) with (fillfactor = 40);
