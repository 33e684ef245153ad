# shellcheck shell=bash
# How the stack of the tests is made, for Tests/stack and Tests/run. Run from the project's root.
#
#   source apache-conf/stack.sh
#   source Tests/stack.sh
#   tests_clean_environment
#   stack_begin tests
#   tests_start_stack CGI COMMAND MOODLE  # exports what is named below
#
# What the tests find in their environment:
#   PASSERELLE_TEST_CGI, _COMMAND         the CGI and the administrator's command under test
#   PASSERELLE_TEST_DEMO_MOODLE           the demonstration Moodle
#   PASSERELLE_TEST_DATABASE_URL          PostgreSQL, a superuser, database postgres: make databases of your own
#   PASSERELLE_TEST_PGBOUNCER_URL         the same role through PgBouncer, transaction pooling, unix socket
#   PASSERELLE_TEST_APACHES               names: event (mod_cgid), prefork (mod_cgi), tls; and event-2, … of the same kind
#   for each name, in capitals, - as _:
#     PASSERELLE_TEST_APACHE_NAME_URL     base URL of the script
#     PASSERELLE_TEST_SETTINGS_NAME       the settings file that its CGI reads at each request; rewrite at will
#     PASSERELLE_TEST_MINISITE_NAME_URL   the mini-site, on another port and so another origin
#   PASSERELLE_TEST_CA_DIR                trust store of the throwaway authority behind the TLS URLs
#   PASSERELLE_TEST_APACHE_TLS_PLAIN_URL  the first of these Apaches over plain http, which sends everybody to https
#   STACK_DIR                             where the servers' logs are: apache-event/access.log, error.log, …; and in
#                                         failed/ what is kept of tests that failed

# A developer's own settings would answer in place of the ones under test.
tests_clean_environment() {
  local variable
  for variable in "${!PASSERELLE_@}"; do
    case $variable in
      PASSERELLE_SOAK_SECONDS | PASSERELLE_SOAK_SEED | PASSERELLE_TEST_SEED | PASSERELLE_TEST_SCREENSHOTS) ;;
      PASSERELLE_SIMULATOR_SECONDS | PASSERELLE_SIMULATOR_SEED) ;;
      *) unset "$variable" ;;
    esac
  done
}

tests_install_packages() {
  stack_install_packages jq chromium chromium-driver firefox-esr webkit2gtk-driver xvfb xauth dbus-daemon poppler-utils \
    libreoffice-calc-nogui
}

# The cluster lies in memory where that is plentiful: a tenth of the tests' time went to the file system, which makes and removes
# three hundred files with each of their databases. Not where the stack is kept: it would keep the memory.
tests_cluster_in_memory() {
  local room memory
  [ "${STACK_KEEP:-}" != 1 ] || return 0
  room=$(df --output=avail -B 1M /dev/shm 2>/dev/null | tail -n 1)
  memory=$(awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo)
  [ "${room:-0}" -ge 6144 ] && [ "${memory:-0}" -ge 12288 ] || return 0
  STACK_PG_DATA=$(mktemp -d "/dev/shm/${STACK_DIR##*/}.XXXXXX")
  [ "$(id -u)" -ne 0 ] || chown "$STACK_PG_USER" "$STACK_PG_DATA"
}

# The servers, for these programs: tests_start_stack CGI COMMAND DEMO_MOODLE
tests_start_stack() {
  tests_cluster_in_memory
  stack_start_postgres
  stack_start_pgbouncer
  stack_install_site "$1" apache-conf/minisite "$2"
  export PASSERELLE_TEST_CGI=$1 PASSERELLE_TEST_COMMAND=$2 PASSERELLE_TEST_DEMO_MOODLE=$3
  export PASSERELLE_TEST_DATABASE_URL=$STACK_DATABASE_URL PASSERELLE_TEST_PGBOUNCER_URL=$STACK_PGBOUNCER_URL
  export PASSERELLE_TEST_APACHES=

  # An Apache serves one world of a test at a time, so there are as many of each kind as tests run at once.
  local number count kind
  # Tests/run works with two processes of tests: 1 and 2 are for the one, 3 and 4 for the other.
  count=4
  for ((number = 1; number <= count; number++)); do
    for kind in event prefork tls; do tests_start_apache "$kind" "$number"; done
  done
  export PASSERELLE_TEST_CA_DIR=$STACK_CA_DIR
}

# One Apache, with a database of its own to begin with.
tests_start_apache() {
  local kind=$1 name=$1 url variable
  [ "$2" = 1 ] || name=$1-$2
  stack_create_database "passerelle_$name"
  if [ "$kind" = tls ]; then
    stack_start_apache "$name" event tls
  else
    stack_start_apache "$name" "$kind"
  fi
  url=${STACK_APACHE_TLS_URL:-$STACK_APACHE_URL}
  stack_write_settings "$name" "passerelle_$name" "$url" "$STACK_MINISITE_URL"
  variable=${name^^}
  variable=${variable//-/_}
  export "PASSERELLE_TEST_APACHE_${variable}_URL=$url" "PASSERELLE_TEST_SETTINGS_$variable=$STACK_APACHE_SETTINGS" \
    "PASSERELLE_TEST_MINISITE_${variable}_URL=$STACK_MINISITE_URL"
  [ "$name" != tls ] || export PASSERELLE_TEST_APACHE_TLS_PLAIN_URL=$STACK_APACHE_URL
  PASSERELLE_TEST_APACHES+=${PASSERELLE_TEST_APACHES:+ }$name
}
