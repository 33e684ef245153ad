# shellcheck shell=bash disable=SC2016,SC2154
# cgi-bin/setup in the database of a Directus that is there.

quiet_install openssl curl apache2 postgresql pgbouncer binutils cron
make_certificate lti 90 lti.example.org
make_directus
options=(--base-url https://lti.example.org/passerelle --certificate /tls/lti.pem --key /tls/lti.key --minisite-host none --yes)

check "a database without Directus is told" bash -c \
  '! cgi-bin/setup --database directus --directus-database postgres "$@" >/tmp/no.log 2>&1 && grep -q "holds no Directus" /tmp/no.log' \
  setup "${options[@]}"
check "it sets up everything in Directus's database" bash -c 'cgi-bin/setup --database directus "$@" >/tmp/setup.log 2>&1' setup "${options[@]}"
check "the rights that its owner must give are given and shown, those for erasing a learner among them" bash -c \
  'grep -q "GRANT SELECT, UPDATE, DELETE ON public.directus_revisions TO passerelle;" /tmp/setup.log &&
    grep -q "GRANT SELECT, DELETE ON public.directus_activity TO passerelle;" /tmp/setup.log'
cd / || exit
check "doctor is content as root" bash -c 'passerelle doctor >/tmp/doctor.log'
check "and finds no right of Directus's missing" bash -c '! grep "GRANT\|REVOKE" /tmp/doctor.log'
check "Directus knows the collections" superuser_says directus 5 "select count(*) from directus_collections
  where collection in ('learners', 'modules', 'grains', 'progress', 'grades')"
check "its role edits them, and sees nothing of the machinery" superuser_says directus 't|f' "select
  has_table_privilege('directus', 'public.progress', 'update'), has_schema_privilege('directus', 'passerelle', 'usage')"
check "neither role of Passerelle's is a member of another, or has one" superuser_says directus 0 "select count(*) from pg_auth_members m
  join pg_roles r on r.oid in (m.roleid, m.member) where r.rolname like 'passerelle%' and m.member <> 10"
superuser_says directus 1 "with one as (insert into learners (name) values ('Camille') returning id),
  trace as (insert into directus_activity (action, collection, item) select 'update', 'learners', id::text from one returning id)
  select count(*) from trace" >/dev/null
id=$(runuser -u postgres -- psql -X -At -d directus -c "select id from learners where name = 'Camille'")
check "a learner is erased with Directus's own records, at once" passerelle learner erase "$id" --yes
check "no trace is left there" superuser_says directus 0 "select count(*) from directus_activity where item = '$id'"
cd /root/passerelle || exit
check "run again it changes nothing" bash -c 'cgi-bin/setup --yes >/tmp/again.log && grep -q "nothing was changed" /tmp/again.log'

cd / || exit
check "Directus forgets the collections before all goes" passerelle directus remove
cd /root/passerelle || exit
check "uninstalling names Directus's database" bash -c 'cgi-bin/uninstall >/tmp/gone.log && grep -q "psql -d directus" /tmp/gone.log'
check "its lines drop the data, and leave Directus alone" bash -c \
  'sed -n "s/^      //p" /tmp/gone.log | tail -n 4 >/tmp/drop.sh && bash -e /tmp/drop.sh'
check "no role and no table is left" superuser_says directus '0|0' "select (select count(*) from pg_roles where rolname like 'passerelle%'),
  (select count(*) from pg_tables where tablename in ('learners', 'grades'))"
check "Directus's own tables are there" superuser_says directus t "select count(*) > 20 from pg_tables where tablename like 'directus%'"
