# shellcheck shell=bash disable=SC2016,SC2154
# The Debian package: made, looked at by lintian, installed, set up, taken away.

quiet_install openssl curl binutils lintian
make_certificate lti 90 lti.example.org
# As anybody, who need not be root.
cp -r "$HOME/passerelle" /tmp/project && chown -R nobody /tmp/project && install -d -o nobody /tmp/package
check "the package is made without root" runuser -u nobody -- env HOME=/tmp DEBFULLNAME="Ada Lovelace" DEBEMAIL=ada@univ-provence.fr bash -c \
  'cd /tmp/project && cgi-bin/deb /tmp/package'
package=$(echo /tmp/package/passerelle_*.deb)
check "lintian finds nothing, but for the exceptions that are named with their reasons" bash -c \
  'lintian --allow-root --display-info --pedantic --fail-on error,warning,info,pedantic "$1" >/tmp/lintian.log 2>&1 || { cat /tmp/lintian.log && exit 1; }
    grep -v "^N:" /tmp/lintian.log | { ! grep .; }' lintian "$package"
check "each exception is still one" bash -c 'lintian --allow-root --no-override "$1" >/tmp/tags.log 2>&1
  for tag in statically-linked-binary embedded-library web-application-works-only-with-apache; do grep -q " $tag" /tmp/tags.log || { echo "no $tag" && cat /tmp/tags.log && exit 1; }; done' tags "$package"
check "nothing lies under /usr/local, and no secret in it" bash -c 'dpkg-deb -x "$1" /tmp/x && ! ls /tmp/x/usr/local 2>/dev/null &&
  ! grep -rqE "^PASSERELLE_SECRET=." /tmp/x/etc /tmp/x/usr/share && ! grep -rq /usr/local /tmp/x/etc /tmp/x/usr/lib/systemd /tmp/x/usr/share/passerelle' x "$package"
check "its copyright file says that the licence is still to be chosen" grep -q "still the owner's to choose" /tmp/x/usr/share/doc/passerelle/copyright
check "the manual of each command reads without a warning" bash -c 'for page in /tmp/x/usr/share/man/man8/passerelle-setup.8.gz $(find /tmp/x/usr/share/man -name "passerelle*.gz"); do
  LC_ALL=C.UTF-8 MANROFFSEQ="" MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null | { ! grep .; } || exit 1; done'
check "man passerelle is there" test -e /tmp/x/usr/share/man/man1/passerelle.1.gz -o -e /tmp/x/usr/share/man/man8/passerelle.8.gz

check "it installs" bash -c 'apt-get -q -y --no-install-recommends install "$1" >/tmp/apt.log 2>&1 || { tail /tmp/apt.log && exit 1; }' apt "$package"
check "it enables and starts nothing" bash -c '! ls /etc/apache2/conf-enabled/passerelle* /etc/apache2/sites-enabled/passerelle* /etc/cron.d/passerelle \
  /etc/systemd/system/timers.target.wants/passerelle* 2>/dev/null'
check "the settings have a secret of this machine's own" grep -qxE 'PASSERELLE_SECRET=[0-9a-f]{64}' /etc/passerelle/passerelle.env
check "for the web server alone" bash -c '[ "$(stat -c "%U:%G %a" /etc/passerelle/passerelle.env)" = "root:www-data 640" ] &&
  [ "$(stat -c "%U:%G %a" /etc/passerelle/owner.env)" = "root:root 600" ] && [ "$(stat -c "%U:%G %a" /var/log/passerelle)" = "www-data:adm 750" ]'
check "passerelle-setup sets it up, from anywhere" bash -c 'cd / && passerelle-setup --base-url https://lti.example.org/passerelle --database local \
  --certificate /tls/lti.pem --key /tls/lti.key --minisite-host none --yes >/tmp/setup.log 2>&1 || { cat /tmp/setup.log && exit 1; }'
cd / || exit
check "doctor is content as the web server's user" runuser -u www-data -- passerelle doctor
check "doctor is content as root" passerelle doctor
check "the mini-sites' script is served as a file" bash -c \
  'curl -sSi https://lti.example.org/passerelle/passerelle.js | grep -qi "^etag:"'
check "health answers" answers 200 https://lti.example.org/passerelle/health
secret=$(sed -n 's/^PASSERELLE_SECRET=//p' /etc/passerelle/passerelle.env)
check "installed again it keeps the settings" bash -c 'LC_ALL=C.UTF-8 apt-get -q -y --reinstall install "$1" >/tmp/apt.log 2>&1 &&
  grep -q "$2" /etc/passerelle/passerelle.env && grep -q "^passerelle: if this version brings new tables" /tmp/apt.log' apt "$package" "$secret"
check "in French where the locale is French" bash -c 'LC_ALL=fr_FR.UTF-8 apt-get -q -y --reinstall install "$1" >/tmp/apt.log 2>&1 &&
  grep -q "^passerelle: si cette version apporte de nouvelles tables" /tmp/apt.log' apt "$package"
check "removed without further ado it leaves Apache in order" bash -c 'apt-get -q -y remove passerelle >/tmp/apt.log 2>&1 && apache2ctl configtest &&
  ! ls /etc/apache2/conf-enabled/passerelle* /etc/apache2/sites-enabled/passerelle* /etc/cron.d/passerelle 2>/dev/null && test -e /etc/passerelle/passerelle.env'
check "and comes back" bash -c 'apt-get -q -y install "$1" >/tmp/apt.log 2>&1 && passerelle-setup --yes >/tmp/setup.log 2>&1 || { cat /tmp/setup.log && exit 1; }' apt "$package"
check "what the set-up changed is taken back" bash -c 'passerelle-setup --undo >/tmp/undo.log 2>&1 && ! grep -q passerelle /etc/postgresql/*/main/pg_hba.conf'
check "purged, nothing of it is left but the database and Apache's own log" bash -c 'apt-get -q -y purge passerelle >/tmp/apt.log 2>&1 || { cat /tmp/apt.log; exit 1; }
  find / -xdev -name "*passerelle*" -not -path "$HOME/*" -not -path "/tmp/*" -not -path "/var/log/apache2/*" -not -path "/var/lib/apache2/*" \
    -not -path "/proc/*" | { ! grep .; }'
check "the server's other site answers" bash -c 'service apache2 restart >/dev/null && curl -sSf -o /dev/null http://localhost/'
