-- A class for Tests/directus, written as plain SQL by the owner of the five tables: psql -v seed=1 -f class.sql
--
-- The same seed is the same class, counted back from now. Every age is some hours and 30 to 45 minutes: what is asked within a quarter of
-- an hour falls on the same side of "7 days ago" and "30 days ago".
\set ON_ERROR_STOP 1
begin;
set local search_path = pg_catalog, pg_temp;
select set_config('class.seed', :'seed', true) \g /dev/null

-- A number from 0 to n - 1 that depends on the seed and the key alone.
create function pg_temp.pick(key text, n integer) returns integer language sql stable as $$
  select ('x' || substr(md5(current_setting('class.seed') || '/' || key), 1, 7))::bit(28)::integer % n
$$;
-- Instants that differ, because lists are sorted by them.
create function pg_temp.hours_ago(hours integer, key text) returns timestamptz language sql stable as $$
  select date_trunc('second', now()) - hours * interval '1 hour' - interval '30 minutes' - pg_temp.pick('second' || key, 900) * interval '1 second'
$$;

insert into public.modules (slug, title, grading, status, scope, sort) values
  ('accueil', 'Accueil', 'proportion', 'active', 'learner', 2),
  ('hygiene', 'Hygiène & sécurité', 'all-or-nothing', 'active', 'learner', 1),
  ('atelier', 'L’atelier', 'proportion', 'active', 'activity', null),
  ('ancien', 'Ancien module', 'proportion', 'archived', 'learner', 3);

-- The quizzes of all modules have one title. Nobody ever gets a score in a "Lecture"; nobody is in the last grain; one is archived.
insert into public.grains (module, slug, title, weight, status, sort)
  select m.id, m.slug || '-' || g.slug, g.title, g.weight, g.status, g.sort
  from public.modules m,
    (values ('lecture', 'Lecture', 1, 'active', 1), ('video', 'Vidéo', 2.5, 'active', 2), ('quiz', 'Quiz', 3, 'active', 3),
            ('retire', 'Grain retiré', 1, 'archived', 4), ('neuf', 'Grain neuf', 1, 'active', 5)) g (slug, title, weight, status, sort)
  where g.slug <> 'retire' or m.slug = 'accueil';

-- 40 people. The first six were here last more than 30 days ago. Two were never seen: one was entered long ago, one last week.
insert into public.learners (name, given_name, family_name, email, locale, date_created, last_seen_at)
  select format('%s %s', n.given, n.family), n.given, n.family, format('p%s@example.org', n.i), 'fr', pg_temp.hours_ago(24 * (n.i % 9 + 60), n.family || n.given),
         case when n.i <= 6 then pg_temp.hours_ago(24 * (30 + 3 * n.i), n.family || n.given)
              when n.i < 39 then pg_temp.hours_ago(pg_temp.pick('seen' || n.i, 24 * 29), n.family || n.given) end
  from (select i, (array['Ada', 'Blaise', 'Chloé', 'Denis', 'Émilie'])[1 + i % 5] as given,
               (array['Martin', 'd’Ormesson', 'Le Goff', 'Nguyễn', 'O"Neill', 'Petit', 'Roy', 'Zola'])[1 + i / 5] as family
        from generate_series(0, 39) i) x
  cross join lateral (select x.i + 1 as i, x.given, x.family) n;
update public.learners set date_created = pg_temp.hours_ago(24 * 5, 'entered') where email = 'p40@example.org';

-- Moodle's activities: two show one module, one takes no grades.
insert into passerelle.platforms (name, issuer) values ('Moodle', 'https://moodle.example.org');
insert into passerelle.activities (platform, resource_link_id, title, module)
  select p.id, a.link, a.title, m.id
  from passerelle.platforms p,
    (values ('1', 'Bienvenue', 'accueil'), ('2', 'Bienvenue, groupe « B »', 'accueil'), ('3', 'Hygiène', 'hygiene'),
            ('4', 'Atelier', 'atelier'), ('5', 'Sans note', 'ancien')) a (link, title, slug)
    join public.modules m on m.slug = a.slug;

-- Of ten, three grains are not touched, two are started and five are completed, with a score in four of five; over the last 40 days.
create table pg_temp.work as
  select l.id as learner, g.id as grain, g.module, g.title, a.id as activity, a.title as activity_title, l.email || g.slug || coalesce(a.title, '') as key
  from public.learners l cross join public.grains g join public.modules m on m.id = g.module
  left join passerelle.activities a on a.module = m.id and m.scope = 'activity'
  where g.title <> 'Grain neuf' and pg_temp.pick('does' || l.email || m.slug, 4) > 0;
insert into public.progress (learner, grain, activity, activity_title, status, score, completed_at)
  select w.learner, w.grain, w.activity, w.activity_title, case when d.done then 'completed' else 'started' end,
         case when d.done and w.title <> 'Lecture' and pg_temp.pick('scored' || w.key, 5) > 0
           then round(pg_temp.pick('score' || w.key, 101) / 100.0, 2) end,
         case when d.done then pg_temp.hours_ago(pg_temp.pick('hours' || w.key, 24 * 40), w.key) end
  from pg_temp.work w cross join lateral (select pg_temp.pick('what' || w.key, 10) as what) x
  cross join lateral (select x.what >= 5 as done) d
  where x.what >= 3;
-- What staff did: grains are open again and keep their scores, some were completed last spring, and one date is next year's.
update public.progress set status = 'started'
  where id in (select id from public.progress where score is not null order by completed_at, id limit 9);
update public.progress set completed_at = completed_at - interval '5 months'
  where id in (select id from public.progress where status = 'completed' order by completed_at, id limit 7);
update public.progress set completed_at = completed_at + interval '1 year'
  where id in (select id from public.progress where status = 'completed' order by completed_at desc, id limit 1);

-- A grade for whoever completed something in an activity that takes grades, in every state.
insert into passerelle.enrolments (learner, activity, subject, gradable)
  select distinct on (p.learner, a.id) p.learner, a.id, l.email, a.title <> 'Sans note'
  from public.progress p join public.grains g on g.id = p.grain join passerelle.activities a on a.module = g.module
  join public.learners l on l.id = p.learner
  where a.resource_link_id <> '2' or pg_temp.pick('copy' || l.email, 3) = 0;
insert into public.grades (id, learner, activity, module, activity_title, status, score, maximum, attempts, next_attempt_at,
    delivered_score, delivered_maximum, delivered_version, delivered_at, last_error_code, last_error, last_error_fr, date_created, date_updated)
  select e.id, e.learner, e.activity, a.module, a.title, s.status, s.score, case when s.status <> 'none' then 20 end,
         case s.status when 'failed' then 8 when 'pending' then 1 else 0 end, case s.status when 'pending' then now() end,
         case when s.sent then s.score end, case when s.sent then 20 end, case when s.sent then 1 end, case when s.sent then d.at end,
         r.code, r.en, r.fr, d.at - interval '1 day', d.at
  from passerelle.enrolments e join passerelle.activities a on a.id = e.activity
  cross join lateral (select pg_temp.pick('state' || e.subject || a.title, 10) as n) x
  cross join lateral (
    select y.status, y.status in ('delivered', 'emptied', 'gone') as sent,
           case when y.status <> 'none' then pg_temp.pick('grade' || e.subject || a.title, 21) end as score
    from (select (array['delivered', 'delivered', 'delivered', 'pending', 'pending', 'failed', 'failed', 'emptied', 'gone', 'none'])[1 + x.n] as status) y) s
  cross join lateral (
    select pg_temp.hours_ago(pg_temp.pick('sent' || e.subject || a.title, 24 * 30), e.subject || a.title) as at) d
  left join (values ('failed', 'unknown_user', 'Moodle does not know this person any more: "404".', 'Moodle ne connaît plus cette personne : « 404 ».'),
                    ('emptied', 'emptied_in_moodle', 'The grade was emptied in Moodle.', 'La note a été effacée dans Moodle.'),
                    ('gone', 'activity_gone', 'The activity was deleted.', 'L’activité a été supprimée.')) r (status, code, en, fr)
    on r.status = s.status
  where e.gradable and exists (
    select from public.progress p join public.grains g on g.id = p.grain
    where p.learner = e.learner and g.module = a.module and p.status = 'completed');
commit;
