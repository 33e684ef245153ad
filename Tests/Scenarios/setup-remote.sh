# shellcheck shell=bash disable=SC2016,SC2154
# cgi-bin/setup with a database that a provider manages: it takes TLS alone, and nobody here is its superuser.

quiet_install openssl curl apache2 postgresql binutils cron
make_certificate lti 90 lti.example.org
make_certificate database 90 db.example.org
version=$(basename /usr/lib/postgresql/*)
folder=/etc/postgresql/$version/remote
pg_createcluster "$version" remote -p 5433 -o ssl=on -o "ssl_cert_file=$folder/server.pem" -o "ssl_key_file=$folder/server.key" >/dev/null
install -o postgres -g postgres -m 600 /tls/database.pem "$folder/server.pem"
install -o postgres -g postgres -m 600 /tls/database.key "$folder/server.key"
printf '%s\n' 'local all postgres peer' 'hostssl all all 127.0.0.1/32 scram-sha-256' >"$folder/pg_hba.conf"
pg_ctlcluster "$version" remote start
provider() { (cd / && runuser -u postgres -- psql -X -q -At -v ON_ERROR_STOP=1 -p 5433 "$@"); }
provider -c "create role passerelle login password 'owner:1'" -c "create role passerelle_web login password 'web'" -c "create role directus" \
  -c "create database passerelle owner directus" -c "grant all on database passerelle to passerelle"
provider -d passerelle -c "alter schema public owner to directus" -c "grant all on schema public to passerelle"
install -D -m 644 /tls/ca.crt /etc/passerelle/database-ca.pem
tail="db.example.org:5433/passerelle?sslmode=verify-full&sslrootcert=/etc/passerelle/database-ca.pem"
printf '%s\n' "postgresql://passerelle:owner%3A1@$tail" >/owner.url
printf '%s\n' "postgresql://passerelle_web:web@$tail" >/web.url
options=(--base-url https://lti.example.org/passerelle --database remote --owner-url-file /owner.url --web-url-file /web.url
  --certificate /tls/lti.pem --key /tls/lti.key --minisite-url https://formation.example.org/ --yes)

check "it sets up everything but the database's server" bash -c 'cgi-bin/setup "$@" >/tmp/setup.log 2>&1' setup "${options[@]}"
check "no password is shown" refused grep -q 'owner%3A1\|_web:web@' /tmp/setup.log
check "nothing of PostgreSQL or PgBouncer is changed here" refused grep -q '^+++ .*\(pg_hba\|/etc/pgbouncer\)' /tmp/setup.log
cd / || exit
check "doctor is content as the web server's user" runuser -u www-data -- passerelle doctor
check "doctor is content as root" passerelle doctor
check "the web server's role owns nothing" test "$(provider -d passerelle -c "select count(*) from pg_class c join pg_roles r on r.oid = c.relowner
  where r.rolname = 'passerelle_web'")" = 0

# Directus's tables come, and belong to somebody else: only they can give what is missing.
{ printf 'set role directus;\n' && cat /root/passerelle/Tests/Fixtures/directus/system_tables_11.sql; } | provider -d passerelle >/dev/null
cd /root/passerelle || exit
check "where Directus's tables are somebody else's it stops" ends 1 bash -c 'cgi-bin/setup --yes >/tmp/grants.log 2>&1'
check "and prints whole what their owner is to run, and where" bash -c 'grep -qF "psql \"postgresql://OWNER@$1\";" /tmp/grants.log &&
  grep -q "^GRANT SELECT, DELETE ON public.directus_activity TO passerelle;" /tmp/grants.log' grants "$tail"
check "which then is enough" bash -c 'sed -n "/^GRANT/p" /tmp/grants.log >/tmp/grants.sql'
provider -d passerelle </tmp/grants.sql
check "it goes on" bash -c 'cgi-bin/setup --yes >/tmp/after.log 2>&1'

check "uninstalling says how the data go from the other server, and no line for a database of this machine" bash -c 'cgi-bin/uninstall >/tmp/gone.log 2>&1 &&
  ! grep "dropdb\|runuser" /tmp/gone.log && ! grep "owner%3A1\|:web@" /tmp/gone.log'
provider -d passerelle -c "create role chief superuser login password 'chief'" -c "create table public.of_directus ()"
check "its lines drop data and roles" bash -c 'sed -n "s/^      //p" /tmp/gone.log | sed "s/ADMIN@/chief@/" >/tmp/drop.sh &&
  [ "$(grep -c . /tmp/drop.sh)" = 1 ] && PGPASSWORD=chief bash -e /tmp/drop.sh'
check "no role is left, and what is not Passerelle's is" test "$(provider -d passerelle -c "select (select count(*) from pg_roles where rolname like 'passerelle%'),
  to_regclass('public.grades'), to_regclass('public.of_directus')")" = "0||of_directus"
