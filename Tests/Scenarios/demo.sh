# shellcheck shell=bash disable=SC2016,SC2154
# apache-conf/demo on a bare Debian, with programs that were built elsewhere: what it installs, what it leaves, as root and as somebody
# else, in a folder with a blank, in a locale that the machine does not have.

programs="STACK_CGI=$HOME/passerelle/cgi-bin/passerelle.cgi STACK_COMMAND=$HOME/passerelle/.build/release/passerelle STACK_DEMO_MOODLE=/opt/demo/demo-moodle"
useradd --create-home --shell /bin/bash alice
mkdir -p "/home/alice/mes projets" /opt/programs
cp -r "$HOME/passerelle" "/home/alice/mes projets/passerelle"
cp cgi-bin/passerelle.cgi .build/release/passerelle /opt/programs/
chown -R alice: "/home/alice/mes projets"
theirs="STACK_CGI=/opt/programs/passerelle.cgi STACK_COMMAND=/opt/programs/passerelle STACK_DEMO_MOODLE=/opt/demo/demo-moodle"

check "who is not root is told the one line to type where packages are missing, at once" bash -c '
  cd "/home/alice/mes projets/passerelle"
  ! runuser -u alice -- env HOME=/home/alice $1 apache-conf/demo --once >/tmp/missing.log 2>&1 && grep -q "apt-get install .*postgresql" /tmp/missing.log' \
  missing "$theirs"
check "root sees the whole of it on a machine that had nothing" bash -c '
  env $1 apache-conf/demo --once >/tmp/demo.log 2>&1 || { tail -n 40 /tmp/demo.log; exit 1; }' demo "$programs"
check "the grades arrived" grep -q '100 / 100' /tmp/demo.log
check "nothing that it installed starts at the next boot, and no cluster was made" bash -c \
  '! ls /etc/systemd/system/*.wants/postgresql.service /etc/systemd/system/*.wants/pgbouncer.service /etc/rc?.d/S*postgresql /etc/rc?.d/S*pgbouncer 2>/dev/null &&
    ! ls /etc/postgresql/*/main 2>/dev/null'
check "no process and no folder is left" bash -c 'sleep 3; ! ls -d /tmp/passerelle-* 2>/dev/null && ! ls -l /proc/[0-9]*/exe 2>/dev/null | grep "apache2\|postgres\|pgbouncer\|demo-moodle"'
for locale in fr_FR.UTF-8 C; do
  check "somebody who is not root sees it, in a folder with a blank, locale $locale" bash -c '
    cd "/home/alice/mes projets/passerelle"
    runuser -u alice -- env HOME=/home/alice LANG=$2 $1 apache-conf/demo --once >/tmp/alice.log 2>&1 || { tail -n 40 /tmp/alice.log; exit 1; }' \
    alice "$theirs" "$locale"
done
check "a folder that cannot be written is told in one sentence" bash -c '
  cd "/home/alice/mes projets/passerelle" && chown -R root . && rm -rf .build
  ! runuser -u alice -- env HOME=/home/alice apache-conf/demo --once >/tmp/readonly.log 2>&1 && [ "$(grep -c . /tmp/readonly.log)" = 1 ] &&
    grep -q "/home/alice/mes projets/passerelle cannot be written by alice" /tmp/readonly.log'
