-- Two modules, of 4 grains and of 100, each with a learner who is owed a grade, and whose platform is not asked for now.
update passerelle.platforms set enabled = false;
insert into public.modules (slug, title) values ('of-4', 'Four'), ('of-100', 'A hundred');
insert into public.grains (module, slug, title)
  select m.id, 'g' || n, 'Grain number ' || n from public.modules m, generate_series(0, 99) n
  where m.slug = 'of-100' or (m.slug = 'of-4' and n < 4);
insert into passerelle.activities (platform, deployment, resource_link_id, title, module)
  select r.platform, d.id, m.slug, m.title, m.id
  from passerelle.deployments d join passerelle.registrations r on r.id = d.registration, public.modules m
  where m.slug in ('of-4', 'of-100');
with people as (insert into public.learners (name) values ('of-4'), ('of-100') returning id, name)
insert into passerelle.enrolments (learner, activity, subject, gradable, line_item, token_scope)
  select p.id, a.id, p.name, true, 'https://moodle.example.org/lineitem', 's'
  from people p join passerelle.activities a on a.resource_link_id = p.name;
insert into passerelle.sessions (token, enrolment, module, role, expires_at)
  select sha256(convert_to(rpad(e.subject || '-', 43, '0'), 'UTF8')), e.id, a.module, 'learner', now() + interval '1 day'
  from passerelle.enrolments e join passerelle.activities a on a.id = e.activity where e.subject in ('of-4', 'of-100');
vacuum analyze;
