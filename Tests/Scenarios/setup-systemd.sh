# shellcheck shell=bash disable=SC2016,SC2154
# cgi-bin/setup where systemd runs: a stand-in for systemctl, which knows what the set-up asks of it, by init scripts and by links.

quiet_install openssl curl apache2 postgresql pgbouncer binutils
make_certificate lti 90 lti.example.org
mkdir -p /run/systemd/system
cat >/usr/bin/systemctl <<'END'
#!/bin/sh
set -e
printf '%s\n' "$*" >>/tmp/systemctl.log
links=/etc/systemd/system/timers.target.wants
# The scripts below would ask systemctl again.
export SYSTEMCTL_SKIP_REDIRECT=1 _SYSTEMCTL_SKIP_REDIRECT=1
action=$1
shift
while :; do case ${1-} in --*) shift ;; *) break ;; esac; done
case $action in
  daemon-reload) ;;
  is-enabled) [ -L "$links/$1" ] ;;
  is-active) [ -e "/run/$1/$1.pid" ] ;;
  enable) mkdir -p "$links" && for unit in "$@"; do ln -sf "/etc/systemd/system/$unit" "$links/$unit"; done ;;
  disable) for unit in "$@"; do rm -f "$links/$unit"; done ;;
  reload | restart | start | stop)
    case $1 in
      postgresql*) pg_ctlcluster --skip-systemctl-redirect "$(basename /etc/postgresql/*)" main "$action" ;;
      *) "/etc/init.d/$1" "$action" ;;
    esac
    ;;
  *) exit 1 ;;
esac
END
chmod 755 /usr/bin/systemctl
before=$(etc_now)
check "it sets up everything" bash -c 'cgi-bin/setup --base-url https://lti.example.org/passerelle --database local --certificate /tls/lti.pem \
  --key /tls/lti.key --minisite-host none --yes >/tmp/setup.log 2>&1 || { cat /tmp/setup.log && exit 1; }'
links=/etc/systemd/system/timers.target.wants
check "the three timers run, and the one that erases people does not" test "$(find "$links" -name 'passerelle-*' -printf '%f\n' | sort | xargs)" = \
  "passerelle-grade-sync.timer passerelle-grade-verify.timer passerelle-sweep.timer"
check "systemd reads the units first" bash -c 'grep -n "^daemon-reload\|^enable" /tmp/systemctl.log | head -n 1 | grep -q daemon-reload'
check "cron has nothing to do" refused test -e /etc/cron.d/passerelle
: >/tmp/systemctl.log
check "run again it starts and enables nothing" bash -c 'cgi-bin/setup --yes >/tmp/again.log 2>&1 && grep -q "nothing was changed" /tmp/again.log &&
  ! grep -q "^enable\|restart\|reload" /tmp/systemctl.log'
check "uninstalling disables them" bash -c 'cgi-bin/uninstall >/tmp/gone.log 2>&1 || { cat /tmp/gone.log && exit 1; }'
check "nothing is left in /etc but settings and secret" bash -c 'diff <(printf "%s\n" "$1") <(printf "%s\n" "$2")' etc "$before" "$(etc_now)"
