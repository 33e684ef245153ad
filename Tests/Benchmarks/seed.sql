-- What the benchmarks start from, beside the platform, module and grains that the command has added: 40 learners who owe
-- no grade (no line item), 40 who do, each with a session. Variables: jwks, line_item.
insert into passerelle.key_sets (url, document, fetched_at, expires_at)
  select r.jwks_url, :'jwks', now(), now() + interval '1 day' from passerelle.registrations r;

insert into passerelle.activities (platform, deployment, resource_link_id, title, module)
  select r.platform, d.id, link, 'Activity ' || link, m.id
  from passerelle.deployments d join passerelle.registrations r on r.id = d.registration, public.modules m,
       unnest(array['ungraded', 'graded']) link;

with people as (
  insert into public.learners (name, email, locale)
    select kind || ' ' || n, kind || n || '@example.org', 'fr' from unnest(array['ungraded', 'graded']) kind, generate_series(0, 39) n
    returning id, name)
insert into passerelle.enrolments (learner, activity, subject, roles, gradable, line_item, scopes, token_scope)
  select p.id, a.id, p.name, array['http://purl.imsglobal.org/vocab/lis/v2/membership#Learner'],
         a.resource_link_id = 'graded', case when a.resource_link_id = 'graded' then :'line_item' end,
         array['https://purl.imsglobal.org/spec/lti-ags/scope/score'], 'https://purl.imsglobal.org/spec/lti-ags/scope/score'
  from people p join passerelle.activities a on p.name like a.resource_link_id || ' %';

-- The token of learner 7 of a kind is the kind and the number, filled up to 43 characters.
insert into passerelle.sessions (token, enrolment, module, role, expires_at)
  select sha256(convert_to(rpad(replace(l.name, ' ', '-') || '-', 43, '0'), 'UTF8')), e.id, a.module, 'learner', now() + interval '1 day'
  from passerelle.enrolments e join public.learners l on l.id = e.learner join passerelle.activities a on a.id = e.activity;
