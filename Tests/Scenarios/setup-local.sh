# shellcheck shell=bash disable=SC2016,SC2154
# cgi-bin/setup on a Debian that has nothing, with a database of its own; then again; then cgi-bin/uninstall.

quiet_install openssl curl
make_certificate lti 90 lti.example.org formation.example.org
options=(--base-url https://lti.example.org/passerelle --database local --certificate /tls/lti.pem --key /tls/lti.key
  --minisite-host formation.example.org)

before=$(etc_now)
check "a dry run on a bare machine ends well" cgi-bin/setup --dry-run "${options[@]}"
cp /tmp/check.log /tmp/dry.log
check "it names the packages, the roles and the rule of pg_hba.conf" \
  bash -c 'grep -q "install apache2 .*postgresql pgbouncer" /tmp/dry.log && grep -q "create role passerelle_web" /tmp/dry.log &&
    grep -q "scram-sha-256" /tmp/dry.log'
check "and changes nothing" test "$before" = "$(etc_now)"

begin=$SECONDS
# What the set-up would install first, so that what packages leave in /etc is known.
quiet_install apache2 postgresql pgbouncer binutils cron
packages_etc=$(etc_now)
# The questions: which database, which certificate, which folder; then the first change is made, and all others.
check "it sets up everything, asking its questions" bash -c \
  'printf "\n/tls/lti.pem\n/tls/lti.key\nformation.example.org\n\ny\nall\n" | cgi-bin/setup --base-url https://lti.example.org'
cp /tmp/check.log /tmp/setup.log
check "within ten minutes ($((SECONDS - begin)) s, with the packages from a folder of this machine, without the build)" test $((SECONDS - begin)) -lt 600
grep -o '^[^+-].*\]: \|^[^+-].*: $' /tmp/setup.log | sed 's/^/    question: /' || true
check "every file that it changes is shown first" bash -c 'for file in /etc/postgresql/1?/main/pg_hba.conf /etc/pgbouncer/pgbouncer.ini \
  /etc/pgbouncer/userlist.txt /etc/passerelle/passerelle.env /etc/passerelle/owner.env /etc/apache2/conf-available/passerelle-local.conf; do
    grep -q "^+++ $file" /tmp/setup.log || exit 1; done'
password=$(sed -n 's|^PASSERELLE_OWNER_DATABASE_URL="postgresql://passerelle:\([^@]*\)@.*|\1|p' /etc/passerelle/owner.env)
web_password=$(sed -n 's/^"passerelle_web" "\(.*\)"/\1/p' /etc/pgbouncer/userlist.txt)
secret=$(sed -n 's/^PASSERELLE_SECRET=//p' /etc/passerelle/passerelle.env)
for hidden in "$password" "$web_password" "$secret"; do
  check "no password or secret is shown" bash -c '[ ${#1} -ge 32 ] && ! grep -qF "$1" /tmp/setup.log' hidden "$hidden"
done
check "the settings have their owners and modes" bash -c '[ "$(stat -c "%U:%G %a" /etc/passerelle/passerelle.env)" = "root:www-data 640" ] &&
  [ "$(stat -c "%U:%G %a" /etc/passerelle/owner.env)" = "root:root 600" ] && [ "$(stat -c "%U %a" /etc/pgbouncer/userlist.txt)" = "postgres 640" ]'
cd / || exit
check "doctor is content as the web server's user" runuser -u www-data -- passerelle doctor
check "doctor is content as root" passerelle doctor
check "it sees the rights of the web server's role" bash -c 'passerelle doctor | grep -q "^ok .*passerelle_web"'
check "the invite is there to paste" says 'https://lti.example.org/passerelle/lti/register?invite=' /tmp/setup.log
check "health is public over https" answers 200 https://lti.example.org/passerelle/health
check "http leads to https" answers 301 http://lti.example.org/passerelle/health
check "certificates can be renewed over http" bash -c 'install -d /var/www/html/.well-known/acme-challenge &&
  echo proof >/var/www/html/.well-known/acme-challenge/token && [ "$(curl -sS http://lti.example.org/.well-known/acme-challenge/token)" = proof ] &&
  [ "$(curl -sS http://formation.example.org/.well-known/acme-challenge/token)" = proof ]'
check "the mini-site has a host name of its own" answers 200 https://formation.example.org/
check "Debian's second door is shut" answers 403 https://lti.example.org/cgi-bin/passerelle.cgi/health
check "PgBouncer lets in www-data alone" refused runuser -u nobody -- psql -h /var/run/postgresql -p 6432 -U www-data passerelle -c 'select 1'
check "the web server's role makes nothing" bash -c \
  '! runuser -u www-data -- psql -h /var/run/postgresql -p 6432 -U www-data passerelle -c "create table public.mine ()" 2>/tmp/denied &&
    grep -q "permission denied" /tmp/denied'
check "grades are sent by cron where there is no systemd" grep -q 'www-data  passerelle grade sync' /etc/cron.d/passerelle
check "a module is there as soon as it is added" bash -c 'runuser -u www-data -- passerelle module add decouverte --title Découverte &&
  runuser -u www-data -- passerelle doctor | grep -q "^ok .*modules: 1 active"'

cd /root/passerelle || exit
installed=$(etc_now)
check "run again it changes nothing" bash -c 'cgi-bin/setup --yes >/tmp/again.log'
check "and says so" says "nothing was changed" /tmp/again.log
check "really nothing" test "$installed" = "$(etc_now)"
check "nor would it" bash -c 'cgi-bin/setup --dry-run >/tmp/would.log && grep -q "nothing would be changed" /tmp/would.log && ! grep "^+" /tmp/would.log'
echo "tampered with" >>/usr/local/share/man/man1/passerelle.1
check "a file of an older version is named, and replaced alone" bash -c 'cgi-bin/setup --yes >/tmp/older.log && [ "$(grep -c "^    /usr" /tmp/older.log)" = 1 ] &&
  grep -q "^    /usr/local/share/man/man1/passerelle.1$" /tmp/older.log && ! grep -q tampered /usr/local/share/man/man1/passerelle.1 &&
  [ "$(grep -c "^+ " /tmp/older.log)" = 1 ] || { cat /tmp/older.log && exit 1; }'
chmod 644 /etc/passerelle/owner.env
sed -i 's/^default_pool_size = .*/default_pool_size = 33/' /etc/pgbouncer/pgbouncer.ini
check "a password that everybody could read is closed again, and PgBouncer stays as it was tuned" bash -c 'cgi-bin/setup --yes >/tmp/mended.log &&
  [ "$(stat -c %a /etc/passerelle/owner.env)" = 600 ] && grep -q "^default_pool_size = 33" /etc/pgbouncer/pgbouncer.ini && ! grep -q "^+++" /tmp/mended.log'
sed -i 's/^default_pool_size = .*/default_pool_size = 20/' /etc/pgbouncer/pgbouncer.ini
check "another answer changes what hangs on it, and no more" bash -c 'cgi-bin/setup --yes --minisite-url https://elsewhere.example.org/ >/tmp/other.log &&
  grep -q "^PASSERELLE_MINISITE_URL=https://elsewhere.example.org/" /etc/passerelle/passerelle.env &&
  [ "$(grep -c "^+++" /tmp/other.log)" = 2 ] && [ ! -e /etc/apache2/sites-enabled/passerelle-minisite.conf ]'

check "and back" bash -c 'cgi-bin/setup --yes --minisite-host formation.example.org >/tmp/back.log && curl -sS https://formation.example.org/ | grep -q mini-site'

check "uninstalling says first what it would do" bash -c 'cgi-bin/uninstall --dry-run >/tmp/would.log && test -e /usr/local/bin/passerelle'
check "uninstalling takes it back" bash -c 'cgi-bin/uninstall >/tmp/gone.log 2>&1'
check "nothing is left in /etc but settings and secret" bash -c 'diff <(printf "%s\n" "$1") <(printf "%s\n" "$2")' etc "$packages_etc" "$(etc_now)"
check "programs and units are gone" bash -c '! ls /usr/lib/cgi-bin/passerelle.cgi /usr/local/bin/passerelle /usr/local/share/passerelle /var/lib/passerelle'
check "the server's other site answers" answers 200 http://localhost/
check "it names what stays" bash -c 'grep -q "rm -rf /etc/passerelle" /tmp/gone.log && grep -q "dropdb --force passerelle" /tmp/gone.log'
check "data and secret are there" superuser_says passerelle 1 "select count(*) from public.modules"
check "and the lines that drop them do" bash -c 'sed -n "s/^      //p" /tmp/gone.log | head -n 4 >/tmp/drop.sh && bash -e /tmp/drop.sh'
check "no role is left" superuser_says postgres 0 "select count(*) from pg_roles where rolname like 'passerelle%'"
