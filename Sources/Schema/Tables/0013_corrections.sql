-- The states of a correction, which file 11 left open: a report's two, and `none`, by which a teacher takes the row of progress away.
-- What no function writes is a mistake, and is refused where it is made, like the states of every other table.
alter table passerelle.corrections
  add constraint corrections_status_is_known check (status::text in ('started', 'completed', 'none'));
