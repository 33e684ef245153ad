# shellcheck shell=bash disable=SC2016,SC2154
# What cgi-bin/setup meets on machines that have a past, and what it refuses before it changes anything.

quiet_install openssl curl apache2 postgresql pgbouncer binutils cron
make_certificate lti 90 lti.example.org
make_certificate other 90 other.example.org
before=$(etc_now)
options=(--base-url https://lti.example.org/passerelle --database local --key /tls/lti.key --minisite-host none --yes)
refuses() { # refuses SENTENCE OPTION…
  local sentence=$1 status=0
  shift
  cgi-bin/setup "$@" </dev/null >/tmp/refused.log 2>&1 || status=$?
  cat /tmp/refused.log
  [ "$status" -eq 1 ] && grep -qF -- "✗ $sentence" /tmp/refused.log
}
check "another host's certificate is refused" refuses "the certificate /tls/other.pem is not for lti.example.org" "${options[@]}" \
  --certificate /tls/other.pem --key /tls/other.key
check "a key that is not the certificate's" refuses "the key /tls/other.key does not belong to" "${options[@]}" --certificate /tls/lti.pem \
  --key /tls/other.key
check "a certificate that is not there" refuses "there is no file /tls/none.pem" "${options[@]}" --certificate /tls/none.pem
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=lti.example.org -addext subjectAltName=DNS:lti.example.org -keyout /tls/old.key -out /tls/old.pem \
  -not_before 20200101000000Z -not_after 20200201000000Z 2>/dev/null || cp /tls/lti.pem /tls/old.pem
if refused openssl x509 -in /tls/old.pem -noout -checkend 0 >/dev/null; then
  check "a certificate that has ended" refuses "the certificate /tls/old.pem has ended" "${options[@]}" --certificate /tls/old.pem --key /tls/old.key
fi
check "an address without TLS" refuses "the public address is https://HOST/PATH" --base-url http://lti.example.org/passerelle --yes
check "an address with a port" refuses "the public address is https://HOST/PATH" --base-url https://lti.example.org:8443/passerelle --yes
check "the mini-site under the name of the dashboard" refuses "the mini-site needs a host name of its own" --base-url \
  https://lti.example.org/passerelle --database local --certificate /tls/lti.pem --key /tls/lti.key --minisite-host lti.example.org --yes
check "questions that nobody answers" refuses "nobody answers" --base-url https://lti.example.org/passerelle
check "an unknown option is a usage error" ends 64 cgi-bin/setup --force
check "somebody who is not root" bash -c 'cp -r . /tmp/copy && ! runuser -u www-data -- /tmp/copy/cgi-bin/setup --yes >/tmp/nobody.log 2>&1 &&
  grep -q "needs root" /tmp/nobody.log'
check "in French where the locale is French" bash -c '! LC_ALL=fr_FR.UTF-8 cgi-bin/setup --base-url http://x --yes >/tmp/fr.log 2>&1 &&
  grep -q "adresse publique a la forme" /tmp/fr.log'
check "none of it changed anything" test "$before" = "$(etc_now)"

check "no first change is made when it is refused" bash -c '! printf "n\n" | cgi-bin/setup "$@" >/tmp/stopped.log 2>&1 &&
  { grep -q "✗ stopped" /tmp/stopped.log || { cat /tmp/stopped.log && exit 1; }; }' setup --base-url https://lti.example.org/passerelle --database local --certificate /tls/lti.pem \
  --key /tls/lti.key --minisite-host none
check "nothing was" test "$before" = "$(etc_now)"

# A PgBouncer that works for others, and a second PostgreSQL.
version=$(basename /usr/lib/postgresql/*)
pg_createcluster "$version" second -p 5433 >/dev/null
printf '[databases]\nshop = host=/var/run/postgresql\n[pgbouncer]\nlisten_port = 6432\nunix_socket_dir = /var/run/postgresql\nauth_type = trust\nauth_file = /etc/pgbouncer/userlist.txt\npidfile = /var/run/postgresql/pgbouncer.pid\n' \
  >/etc/pgbouncer/pgbouncer.ini
# A site that somebody left broken: Apache runs, and would not start again.
service apache2 start >/dev/null 2>&1
printf 'Include /etc/apache2/not-there.conf\n' >/etc/apache2/sites-available/broken.conf
a2ensite -q broken
sites=$(ls /etc/apache2/sites-enabled)
check "several PostgreSQL and no word which: the one of port 5432 is meant; a broken Apache is not restarted" \
  refuses "Apache does not understand its configuration" "${options[@]}" --certificate /tls/lti.pem
check "what was enabled before is, and no more" test "$sites" = "$(ls /etc/apache2/sites-enabled)"
check "Apache goes on" answers 200 http://localhost/
a2dissite -q broken
check "mended, it goes on from there" bash -c 'cgi-bin/setup "$@" >/tmp/setup.log 2>&1' setup "${options[@]}" --certificate /tls/lti.pem
check "the other's PgBouncer is left alone, and that is said" bash -c 'grep -q "is left alone" /tmp/setup.log &&
  grep -q "^shop = " /etc/pgbouncer/pgbouncer.ini'
cd / || exit
check "doctor is content without it" runuser -u www-data -- passerelle doctor
check "roles and rule are in the PostgreSQL that was meant" bash -c 'grep -q "BEGIN passerelle" /etc/postgresql/*/main/pg_hba.conf &&
  ! grep -q "BEGIN passerelle" /etc/postgresql/*/second/pg_hba.conf'
cd /root/passerelle || exit
printf 'local all nobody reject\n' >>"/etc/postgresql/$version/main/pg_hba.conf"
check "uninstalling takes its block out of a pg_hba.conf that was changed since, and leaves the rest" bash -c 'cgi-bin/uninstall 2>&1 | tee /tmp/gone.log &&
  ! grep -q passerelle /etc/postgresql/*/main/pg_hba.conf && grep -q "nobody reject" /etc/postgresql/*/main/pg_hba.conf'

# prefork, and no certificate yet.
{ a2dismod -q -f mpm_event cgid || true; } >/dev/null 2>&1
a2enmod -q mpm_prefork >/dev/null
service apache2 restart >/dev/null 2>&1
check "without a certificate it prepares all, says how to get one, and ends 1" bash -c '! cgi-bin/setup "$@" >/tmp/later.log 2>&1; cat /tmp/later.log
  grep -q "certbot certonly --webroot --webroot-path /var/www/html --domain lti.example.org" /tmp/later.log' setup "${options[@]}" --certificate later
check "Apache has no site whose certificate is missing" refused test -e /etc/apache2/sites-enabled/passerelle-tls.conf
check "with it, all is well" bash -c 'cgi-bin/setup --yes --certificate /tls/lti.pem --key /tls/lti.key >/tmp/done.log 2>&1'
check "under prefork with mod_cgi" test -e /etc/apache2/mods-enabled/cgi.load
check "health answers" answers 200 https://lti.example.org/passerelle/health

# Another server does TLS.
check "behind a proxy that does TLS, doctor says what is missing in front" bash -c '! cgi-bin/setup --yes --certificate proxy >/tmp/proxy.log 2>&1 &&
  grep -q "doctor names something to mend" /tmp/proxy.log'
check "this Apache answers it over http, and has no site of its own for TLS" bash -c 'curl -sSf -o /dev/null http://lti.example.org/passerelle/health &&
  [ ! -e /etc/apache2/sites-enabled/passerelle-tls.conf ]'
