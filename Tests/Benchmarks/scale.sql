-- One module of 100 grains, in one activity, for as many learners as the variable says: everybody has completed every grain but
-- the last, with a score or without, and Moodle has everybody's grade. The platform is disabled, so that nothing is sent.
set session_replication_role = replica;
set synchronous_commit = off;
insert into passerelle.platforms (name, issuer, enabled) values ('Scale', 'https://moodle.example.org', false);
insert into passerelle.registrations (platform, client_id, auth_url, token_url, jwks_url)
  select id, 'scale', 'https://moodle.example.org/a', 'https://moodle.example.org/t', 'https://moodle.example.org/k' from passerelle.platforms;
insert into passerelle.deployments (registration, deployment_id) select id, '1' from passerelle.registrations;
insert into public.modules (slug, title, url) values ('scale', 'Scale', 'https://www.example.org/');
insert into public.grains (module, slug, title) select m.id, 'g' || n, 'Grain number ' || n from public.modules m, generate_series(0, 99) n;
insert into passerelle.activities (platform, deployment, resource_link_id, title, module)
  select p.id, d.id, 'scale', 'Scale', m.id from passerelle.platforms p, passerelle.deployments d, public.modules m;
insert into public.learners (name, email, locale) select 'L ' || n, 'l' || n || '@example.org', 'fr' from generate_series(0, :learners - 1) n;
insert into passerelle.identities (platform, subject, learner, seen_name, seen_email, seen_locale)
  select p.id, l.name, l.id, l.name, l.email, 'fr' from public.learners l, passerelle.platforms p;
insert into passerelle.enrolments (learner, activity, subject, roles, gradable, line_item, scopes, token_scope, last_timestamp)
  select l.id, a.id, l.name, array['Learner'], true, 'https://moodle.example.org/lineitem', array['s'], 's', 1
  from public.learners l, passerelle.activities a;
insert into public.progress (learner, grain, status, score, completed_at)
  select l.id, g.id, 'completed', case when random() < 0.7 then round(random()::numeric, 2) end, now()
  from public.learners l, public.grains g where g.slug <> 'g99';
insert into passerelle.sessions (token, enrolment, module, role, expires_at)
  select convert_to(e.subject, 'UTF8'), e.id, a.module, 'learner', now() + interval '1 day'
  from passerelle.enrolments e join passerelle.activities a on a.id = e.activity
  where substr(e.subject, 3)::integer < 1000 or substr(e.subject, 3)::integer % 100 = 0;
insert into passerelle.login_states (state, nonce, browser, registration, expires_at)
  select int4send(n), int4send(n), 'x', r.id, now() + interval '1 day' from generate_series(1, 20000) n, passerelle.registrations r;
create sequence public.launches;
analyze;
do $$
declare
  people uuid[] := array(select l.id from public.learners l order by 1);
  batch uuid[];
begin
  -- Some at a time, with plans for so many: of everybody at once PostgreSQL would think that they are ten.
  set local plan_cache_mode = force_custom_plan;
  for i in 0..(cardinality(people) - 1) / 1000 loop
    batch := people[i * 1000 + 1:(i + 1) * 1000];
    update passerelle.enrolments e set owed_ratio = s.ratio, owed_version = 1, delivered_ratio = s.ratio
      from (select a.module, array_agg(t.id) as enrolments
              from passerelle.activities a join passerelle.enrolments t on t.activity = a.id and t.learner = any (batch)
              group by a.module) b
      cross join lateral passerelle.standings(b.module, batch, b.enrolments) s
      where e.id = s.enrolment;
  end loop;
end $$;
insert into public.grades (id, learner, activity, module, activity_title, status, score, maximum,
    delivered_score, delivered_maximum, delivered_version, delivered_at)
  select e.id, e.learner, e.activity, a.module, a.title, 'delivered', passerelle.points(e.owed_ratio, 100), 100,
         passerelle.points(e.owed_ratio, 100), 100, 1, now()
  from passerelle.enrolments e join passerelle.activities a on a.id = e.activity;
reset session_replication_role;
vacuum analyze;
