-- Every row that the benchmarked requests leave behind, without what differs by nature (ids, times, digests of random
-- codes): the same for every contender, or they did not do the same work.
select 'learner', l.name, l.given_name, l.family_name, l.email, l.locale, l.last_seen_at is not null
  from public.learners l order by 2;
select 'progress', l.name, g.slug, p.status, p.score, p.completed_at is not null, p.date_updated is not null
  from public.progress p join public.learners l on l.id = p.learner join public.grains g on g.id = p.grain order by 2, 3;
select 'identity', i.subject, l.name, i.seen_name, i.seen_given_name, i.seen_family_name, i.seen_email, i.seen_locale
  from passerelle.identities i join public.learners l on l.id = i.learner order by 2;
select 'activity', a.resource_link_id, a.title, a.context_id, a.context_label, a.context_title, m.slug, a.memberships_url,
       a.line_item, a.line_item_is_named
  from passerelle.activities a left join public.modules m on m.id = a.module order by 2;
select 'enrolment', e.subject, a.resource_link_id, l.name, e.roles, e.instructor, e.gradable, e.line_item, e.line_items, e.scopes,
       e.token_scope, e.outcome_url, e.outcome_sourcedid, e.lease is null, e.last_timestamp is null, e.last_launch_at > e.first_launch_at,
       e.groups, e.previewed_at is not null, e.own_progress
  from passerelle.enrolments e join passerelle.activities a on a.id = e.activity join public.learners l on l.id = e.learner
  order by 2, 3;
select 'counter', c.name, c.label, sum(c.value) from passerelle.counters c group by 2, 3 order by 2, 3;
select 'states', count(*), count(consumed_at) from passerelle.login_states;
select 'codes', e.subject, m.slug, c.role, c.return_url, count(*)
  from passerelle.codes c join passerelle.enrolments e on e.id = c.enrolment join public.modules m on m.id = c.module
  group by 2, 3, 4, 5 order by 2;
select 'grade', l.name, g.status, g.score, g.maximum, g.version, g.attempts
  from public.grades g join public.learners l on l.id = g.learner order by 2;
