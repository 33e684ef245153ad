-- Where a grade was delivered to, what Moodle was read to have, and what is there no more.
alter table public.grades
  add column moodle_score double precision,
  add column moodle_read_at timestamptz,
  drop constraint grades_status_is_known,
  add constraint grades_status_is_known
    check (status::text in ('none', 'pending', 'delivered', 'failed', 'emptied', 'gone'));
create index grades_emptied on public.grades (status) where status = 'emptied';

-- The line item or the sourcedid that took the grade; of one that was delivered before this was kept, nobody knows.
alter table passerelle.enrolments add column delivered_to text;

alter table passerelle.activities
  -- The activity's line item, and whether a launch named it or this tool found it: one that launches named, and name no more,
  -- is there no more.
  add column line_item text,
  add column line_item_is_named boolean not null default false,
  -- Resource link ids under which the activity was known before.
  add column former_link_ids text[] not null default '{}',
  -- Moodle no longer has the activity.
  add column gone_at timestamptz,
  -- What Moodle made of a grade is read back: null until it was, true where it makes something else of it (a scale), false where
  -- it keeps what it is given.
  add column reads_back boolean,
  -- Moodle took a score and has none: the activity has no grade.
  add column keeps_no_grade boolean not null default false,
  -- When what Moodle has was last compared, and when somebody last began to.
  add column verified_at timestamptz,
  add column verify_claimed_at timestamptz;
update passerelle.activities a
  set line_item = e.line_item
  from (
    select distinct on (t.activity) t.activity, t.line_item from passerelle.enrolments t
      where t.line_item is not null order by t.activity, t.last_launch_at desc) e
  where e.activity = a.id;
create index activities_line_item on passerelle.activities (platform, line_item);
