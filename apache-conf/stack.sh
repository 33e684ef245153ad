# shellcheck shell=bash
# A throwaway stack on loopback for the demo, the tests and the benchmarks: PostgreSQL, PgBouncer and Apache with the
# shipped configuration, all under one temporary directory (the tests' cluster may lie in memory, with a link to it there), none of
# them a service of the machine.
#
#   source apache-conf/stack.sh
#   stack_install_packages              # what is missing, with apt-get
#   stack_begin demo                    # STACK_DIR; everything stops when the calling script ends, however it ends
#   stack_start_postgres                # STACK_DATABASE_URL (superuser), STACK_PG_SOCKETS, STACK_PG_PORT
#   stack_start_pgbouncer               # STACK_PGBOUNCER_URL, STACK_PGBOUNCER_SOCKETS, STACK_PGBOUNCER_PORT
#   stack_install_site cgi [minisite [command]]   # copies them, and the command's scripts, where the CGI's user can read them
#   stack_start_apache event event      # STACK_APACHE_URL, STACK_APACHE_TLS_URL, STACK_APACHE_SETTINGS, STACK_MINISITE_URL
#   stack_restart postgres|pgbouncer    # as an update of the machine would, in the middle of everything
#   stack_run name command…             # any further server; its output goes to STACK_DIR/logs/name.log
#   stack_stop
#
# Nothing here asks for service or systemctl, and nothing is enabled in /etc/apache2. Works as root (the servers then
# run as postgres and www-data) and as an ordinary user when the packages are there.

STACK_HOME=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
STACK_DIR=${STACK_DIR:-}
STACK_GUARD=
# Set by whoever sources this, never taken from the environment: stack_stop deletes it.
STACK_PG_DATA=
STACK_PG_USER=postgres
STACK_WEB_USER=www-data
if [ "$(id -u)" -ne 0 ]; then
  STACK_PG_USER=$(id -un)
  STACK_WEB_USER=$STACK_PG_USER
fi

# shellcheck source=cgi-bin/words.sh
source "$STACK_HOME/../cgi-bin/words.sh"
stack_say() { printf '• %s\n' "$*" >&2; }
stack_fail() {
  printf '✗ %s\n' "$*" >&2
  return 1
}
stack_say_in() { stack_say "$(in_words "$@")"; }
stack_fail_in() { stack_fail "$(in_words "$@")"; }

# Installs the Debian packages that are missing among the stack's own and those named as arguments.
stack_install_packages() {
  local package missing=()
  for package in apache2-bin media-types postgresql pgbouncer curl openssl ca-certificates procps "$@"; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    stack_fail_in "missing packages; run as root: apt-get install ${missing[*]}" \
      "il manque des paquets ; lancez en tant que root : apt-get install ${missing[*]}" || return 1
  fi
  stack_say_in "installing ${missing[*]}" "installation de ${missing[*]}"
  stack_apt "${missing[@]}"
}

# apt-get install without starting any service, now or at the next boot; its output is shown when it fails.
stack_apt() {
  (
    log=$(mktemp)
    policy='' cluster='' enabled=''
    before=$(stack_enabled)
    trap 'stack_restore' EXIT
    # shellcheck disable=SC2317
    stack_restore() {
      rm -f "$log" ${policy:+"$policy"} ${cluster:+"$cluster"}
      enabled=$(comm -13 <(printf '%s\n' "$before") <(stack_enabled))
      [ -z "$enabled" ] || printf '%s\n' "$enabled" | tr '\n' '\0' | xargs -0 rm -f
    }
    # Without this, Debian starts each server as a service as soon as it is unpacked.
    if [ ! -e /usr/sbin/policy-rc.d ]; then
      policy=/usr/sbin/policy-rc.d
      printf '#!/bin/sh\nexit 101\n' >"$policy"
      chmod 755 "$policy"
    fi
    # Nor a database cluster of the machine's own, which the next boot would start.
    if [ ! -d /etc/postgresql ]; then
      cluster=/etc/postgresql-common/createcluster.d/passerelle.conf
      mkdir -p "${cluster%/*}"
      printf 'create_main_cluster = false\n' >"$cluster"
    fi
    export DEBIAN_FRONTEND=noninteractive LC_ALL=C
    for try in {1..120}; do
      apt-get update </dev/null >"$log" 2>&1 && break
      grep -q 'Could not get lock\|Unable to lock' "$log" || break
      [ "$try" -gt 1 ] || stack_say_in "waiting for another apt to end" "attente de la fin d’un autre apt"
      sleep 5
    done
    apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends "$@" </dev/null >>"$log" 2>&1 || {
      tail -n 20 "$log" >&2
      stack_fail_in "apt-get install $* failed" "apt-get install $* a échoué"
    }
  )
}

# The links by which systemd and sysvinit start something at boot.
stack_enabled() {
  find /etc/systemd/system /etc/rc[0-6S].d -type l \( -path '*.wants/*' -o -path '*.requires/*' -o -path '/etc/rc*' \) 2>/dev/null | sort
}

# Makes STACK_DIR and arranges that the stack stops when the calling script ends: by itself, by a signal (traps), or
# killed outright (a guard process that waits for it).
stack_begin() {
  STACK_DIR=$(mktemp -d "/tmp/passerelle-${1:-stack}.XXXXXX")
  export STACK_DIR
  chmod 755 "$STACK_DIR"
  mkdir "$STACK_DIR/run" "$STACK_DIR/logs" "$STACK_DIR/settings"
  [ "$(id -u)" -ne 0 ] || chgrp "$STACK_WEB_USER" "$STACK_DIR/settings"
  chmod 2750 "$STACK_DIR/settings"
  trap 'stack_stop' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  # shellcheck disable=SC2016
  setsid bash -c 'tail --pid="$1" -f /dev/null; STACK_DIR=$2; source "$3/stack.sh"; stack_stop' \
    guard "$$" "$STACK_DIR" "$STACK_HOME" </dev/null >/dev/null 2>&1 &
  STACK_GUARD=$!
  disown "$STACK_GUARD"
}

# Starts a server in its own session, so that Ctrl-C reaches the script only and the script stops things in order.
# usage: stack_run NAME COMMAND…; sets STACK_PID.
stack_run() {
  local name=$1
  shift
  (cd / && exec env "STACK_DIR=$STACK_DIR" setsid "$@" </dev/null >>"$STACK_DIR/logs/$name.log" 2>&1) &
  STACK_PID=$!
  disown "$STACK_PID"
  stack_register "$STACK_PID" "$name"
}

# Runs a command that takes long, its output left alone; a signal to the script ends it too, at once. Its status is returned.
stack_do() {
  setsid "$@" </dev/null &
  local pid=$!
  stack_register "$pid" task
  wait "$pid"
}

# Number and start time together name a process even after its number is used again.
stack_register() {
  printf '%s %s %s\n' "$1" "$(stack_started "$1")" "$2" >>"$STACK_DIR/run/started"
}

# Start time of a process in clock ticks since boot; empty when there is no such process.
stack_started() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
  local fields
  read -ra fields <<<"${stat##*) }"
  printf '%s' "${fields[19]}"
}

stack_as() { # stack_as USER COMMAND…: without the forked watcher that runuser and su leave in between
  local user=$1
  shift
  if [ "$(id -u)" -eq 0 ]; then
    setpriv --reuid="$user" --regid="$user" --init-groups -- "$@"
  else
    "$@"
  fi
}

# The words that stack_run needs before a command to start it as USER; sets STACK_AS.
stack_become() {
  STACK_AS=()
  [ "$(id -u)" -ne 0 ] || STACK_AS=(setpriv "--reuid=$1" "--regid=$1" --init-groups --)
}

# A port of 127.0.0.1 on which nobody listens and which this stack has not given out yet; sets STACK_PORT.
# Below 32768, so that no outgoing connection takes it in the meantime.
stack_free_port() {
  local try
  for try in {1..200}; do
    STACK_PORT=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
    grep -qsx "$STACK_PORT" "$STACK_DIR/run/ports" && continue
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$STACK_PORT") 2>/dev/null; then
      printf '%s\n' "$STACK_PORT" >>"$STACK_DIR/run/ports"
      return 0
    fi
  done
  stack_fail_in "no free port found on 127.0.0.1 after $try attempts" "aucun port libre sur 127.0.0.1 après $try essais"
}

# Waits until a command succeeds: stack_wait PID SECONDS COMMAND…; fails as soon as the process is gone.
stack_wait() {
  local pid=$1 tries=$(($2 * 20)) try
  shift 2
  for ((try = 0; try < tries; try++)); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    kill -0 "$pid" 2>/dev/null || return 1
    sleep 0.05
  done
  return 1
}

stack_listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

stack_start_postgres() {
  local initdb data=$STACK_DIR/postgres/data
  initdb=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)
  [ -x "$initdb" ] || 
    stack_fail_in "PostgreSQL's initdb is not in /usr/lib/postgresql/*/bin" \
      "l’initdb de PostgreSQL n’est pas dans /usr/lib/postgresql/*/bin" || return 1
  STACK_PG_BIN=$(dirname "$initdb")
  STACK_PG_SOCKETS=$STACK_DIR/postgres
  STACK_PASSWORD=$(openssl rand -hex 16)
  mkdir "$STACK_PG_SOCKETS"
  # Sockets need no password, so only the servers' users (and root) may walk in.
  [ "$(id -u)" -ne 0 ] || chown "$STACK_PG_USER:$STACK_WEB_USER" "$STACK_PG_SOCKETS"
  chmod 750 "$STACK_PG_SOCKETS"
  # An empty folder of the server's user elsewhere, which goes with STACK_DIR.
  [ -z "$STACK_PG_DATA" ] || ln -s "$STACK_PG_DATA" "$data"
  (cd / && stack_as "$STACK_PG_USER" "$initdb" -D "$data" --username=postgres --encoding=UTF8 --locale=C.UTF-8 \
    --auth=trust --no-sync --no-instructions) >"$STACK_DIR/logs/initdb.log" 2>&1 ||
    { tail -n 20 "$STACK_DIR/logs/initdb.log" >&2; stack_fail_in "initdb failed" "initdb a échoué"; return 1; }
  printf '%s\n' 'local all all trust' 'host all all 127.0.0.1/32 scram-sha-256' >"$data/pg_hba.conf"
  local attempt
  for attempt in 1 2 3; do
    stack_free_port || return 1
    STACK_PG_PORT=$STACK_PORT
    stack_become "$STACK_PG_USER"
    stack_run postgres ${STACK_AS[@]+"${STACK_AS[@]}"} "$STACK_PG_BIN/postgres" -D "$data" \
      -c listen_addresses=127.0.0.1 -c "port=$STACK_PG_PORT" -c "unix_socket_directories=$STACK_PG_SOCKETS" \
      -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200 -c shared_buffers=64MB \
      -c timezone=UTC
    stack_wait "$STACK_PID" 30 stack_psql -c 'select 1' && break
    [ "$attempt" -lt 3 ] ||
      { tail -n 20 "$STACK_DIR/logs/postgres.log" >&2; stack_fail_in "PostgreSQL did not start" "PostgreSQL n’a pas démarré"; return 1; }
  done
  stack_psql -c "alter role postgres password '$STACK_PASSWORD'" -c "create role passerelle login password '$STACK_PASSWORD'" \
    -c "create role passerelle_web login password '$STACK_PASSWORD'"
  export STACK_DATABASE_URL="postgresql://postgres:$STACK_PASSWORD@127.0.0.1:$STACK_PG_PORT/postgres"
  export STACK_PG_BIN STACK_PG_SOCKETS STACK_PG_PORT
  stack_say_in "PostgreSQL $("$STACK_PG_BIN/postgres" -V | sed 's/[^0-9]*\([0-9.]*\).*/\1/') on port $STACK_PG_PORT" \
    "PostgreSQL $("$STACK_PG_BIN/postgres" -V | sed 's/[^0-9]*\([0-9.]*\).*/\1/') sur le port $STACK_PG_PORT"
}

# psql as the superuser, quiet, stopping at the first error.
stack_psql() { "$STACK_PG_BIN/psql" -X -q -v ON_ERROR_STOP=1 -h "$STACK_PG_SOCKETS" -p "$STACK_PG_PORT" -U postgres "$@" </dev/null; }

# A database that the ordinary role passerelle owns, as in a real installation.
stack_create_database() { stack_psql -c "create database \"$1\" owner passerelle"; }

# The shipped pgbouncer.ini, its places and its authentication replaced by the stack's.
stack_start_pgbouncer() {
  local dir=$STACK_DIR/pgbouncer attempt
  mkdir "$dir"
  [ "$(id -u)" -ne 0 ] || chown "$STACK_PG_USER:$STACK_WEB_USER" "$dir"
  chmod 750 "$dir"
  printf '%s\n' 'local all all trust' 'host all all 127.0.0.1/32 scram-sha-256' >"$dir/hba.conf"
  printf '"%s" "%s"\n' postgres "$STACK_PASSWORD" passerelle "$STACK_PASSWORD" passerelle_web "$STACK_PASSWORD" \
    >"$dir/users.txt"
  for attempt in 1 2 3; do
    stack_free_port || return 1
    STACK_PGBOUNCER_PORT=$STACK_PORT
    # The shipped file ends in its [pgbouncer] section, which goes on here: opening the section a second time, or
    # including the file, would set all of it back to PgBouncer's defaults.
    cat "$STACK_HOME/pgbouncer.ini" - >"$dir/pgbouncer.ini" <<END
listen_addr = 127.0.0.1
listen_port = $STACK_PGBOUNCER_PORT
unix_socket_dir = $dir
auth_type = hba
auth_hba_file = $dir/hba.conf
auth_file = $dir/users.txt
logfile =
pidfile =
[databases]
passerelle = host=$STACK_PG_SOCKETS port=$STACK_PG_PORT user=passerelle
* = host=$STACK_PG_SOCKETS port=$STACK_PG_PORT
END
    stack_become "$STACK_PG_USER"
    stack_run pgbouncer ${STACK_AS[@]+"${STACK_AS[@]}"} /usr/sbin/pgbouncer "$dir/pgbouncer.ini"
    stack_wait "$STACK_PID" 10 "$STACK_PG_BIN/psql" -X -h "$dir" -p "$STACK_PGBOUNCER_PORT" -U postgres -c 'select 1' \
      postgres && break
    [ "$attempt" -lt 3 ] ||
      { tail -n 20 "$STACK_DIR/logs/pgbouncer.log" >&2; stack_fail_in "PgBouncer did not start" "PgBouncer n’a pas démarré"; return 1; }
  done
  STACK_PGBOUNCER_SOCKETS=$dir
  export STACK_PGBOUNCER_URL="postgresql://postgres@/postgres?host=$dir&port=$STACK_PGBOUNCER_PORT"
  export STACK_PGBOUNCER_SOCKETS STACK_PGBOUNCER_PORT
  stack_say_in "PgBouncer, transaction pooling, on port $STACK_PGBOUNCER_PORT" \
    "PgBouncer, par transaction, sur le port $STACK_PGBOUNCER_PORT"
}

# Sends a database server away, its clients with it, and starts it again: stack_restart postgres|pgbouncer
stack_restart() {
  local pid started name words=() server=() try
  while read -r pid started name; do
    [ "$name" != "$1" ] || server=("$pid" "$started")
  done <"$STACK_DIR/run/started"
  [ ${#server[@]} -eq 2 ] || stack_fail_in "no $1 was started" "aucun $1 n’a été démarré" || return 1
  mapfile -d '' -t words <"/proc/${server[0]}/cmdline"
  if [ "$1" = postgres ]; then kill -INT "${server[0]}"; else kill -TERM "${server[0]}"; fi
  for ((try = 0; try < 100; try++)); do
    [ "$(stack_started "${server[0]}")" = "${server[1]}" ] || break
    sleep 0.05
  done
  kill -KILL -- "-${server[0]}" 2>/dev/null || true
  stack_become "$STACK_PG_USER"
  stack_run "$1" ${STACK_AS[@]+"${STACK_AS[@]}"} "${words[@]}"
  local host=$STACK_PG_SOCKETS port=$STACK_PG_PORT
  [ "$1" = postgres ] || { host=$STACK_PGBOUNCER_SOCKETS port=$STACK_PGBOUNCER_PORT; }
  stack_wait "$STACK_PID" 30 "$STACK_PG_BIN/psql" -X -h "$host" -p "$port" -U postgres -c 'select 1' postgres ||
    stack_fail_in "$1 did not come back" "$1 n’est pas revenu"
}

# A checkout below /root is closed to the CGI's user, so the stack serves copies: stack_install_site CGI [MINISITE [COMMAND]].
stack_install_site() {
  mkdir "$STACK_DIR/cgi-bin" "$STACK_DIR/minisite" "$STACK_DIR/share" "$STACK_DIR/script"
  install -m 644 "$STACK_HOME/../Sources/Passerelle/Resources/openapi.json" "$STACK_DIR/share/openapi.json"
  install -m 755 "$1" "$STACK_DIR/cgi-bin/passerelle.cgi"
  [ -z "${2:-}" ] || cp -R "$2/." "$STACK_DIR/minisite/"
  [ -z "${3:-}" ] || "$3" script --to "$STACK_DIR/script" >/dev/null
  chmod -R a+rX "$STACK_DIR/script"
}

# A throwaway certificate authority and a certificate for localhost and 127.0.0.1; STACK_CA_DIR is a trust store
# directory as OpenSSL reads it.
stack_make_certificates() {
  [ -z "${STACK_CA_DIR:-}" ] || return 0
  local dir=$STACK_DIR/tls
  mkdir "$dir" "$dir/ca"
  {
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=Throwaway CA' -keyout "$dir/ca.key" \
      -out "$dir/ca/ca.pem" -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign &&
      openssl req -newkey rsa:2048 -nodes -subj '/CN=localhost' -keyout "$dir/server.key" -out "$dir/server.csr" &&
      printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n' >"$dir/server.ext" &&
      openssl x509 -req -in "$dir/server.csr" -CA "$dir/ca/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial -days 2 \
        -extfile "$dir/server.ext" -out "$dir/server.pem" &&
      openssl rehash "$dir/ca"
  } >"$STACK_DIR/logs/openssl.log" 2>&1 ||
    { tail -n 20 "$STACK_DIR/logs/openssl.log" >&2; stack_fail_in "the throwaway certificates could not be made" "les certificats jetables n’ont pas pu être créés"; return 1; }
  export STACK_CA_DIR=$dir/ca
}

# Apache with the shipped configuration: stack_start_apache NAME event|prefork [tls]
# The CGI reads its settings from STACK_APACHE_SETTINGS (STACK_DIR/settings/NAME.env) at each request; whoever started
# the stack writes that file. The mini-site is served at /minisite/ on a second port: another origin, as in real life.
stack_start_apache() {
  local name=$1 mpm=$2 tls=${3:-} dir=$STACK_DIR/apache-$1 attempt
  mkdir -p "$dir/htdocs"
  STACK_APACHE_SETTINGS=$STACK_DIR/settings/$name.env
  [ -e "$STACK_APACHE_SETTINGS" ] || : >"$STACK_APACHE_SETTINGS"
  [ -z "$tls" ] || stack_make_certificates || return 1
  for attempt in 1 2 3; do
    stack_free_port && local port=$STACK_PORT && stack_free_port && local minisite=$STACK_PORT && stack_free_port ||
      return 1
    local https=$STACK_PORT
    stack_apache_conf "$dir" "$mpm" "$port" "$minisite" "${tls:+$https}" >"$dir/apache2.conf"
    stack_run "apache-$name" /usr/sbin/apache2 -d "$dir" -f "$dir/apache2.conf" -D FOREGROUND
    stack_wait "$STACK_PID" 15 stack_listening "$port" && break
    [ "$attempt" -lt 3 ] ||
      { tail -n 20 "$STACK_DIR/logs/apache-$name.log" "$dir/error.log" >&2 2>/dev/null || true; stack_fail_in "Apache did not start" "Apache n’a pas démarré"; return 1; }
  done
  STACK_APACHE_URL=http://127.0.0.1:$port/passerelle
  STACK_APACHE_TLS_URL=${tls:+https://localhost:$https/passerelle}
  STACK_MINISITE_URL=http://127.0.0.1:$minisite/minisite/
  [ -z "$tls" ] || STACK_MINISITE_URL=https://localhost:$https/minisite/
  # A mini-site served from elsewhere names the script's full URL, as its own comment says.
  cp -R "$STACK_DIR/minisite" "$dir/minisite"
  sed -i "s|src=\"/passerelle/passerelle.js\"|src=\"${STACK_APACHE_TLS_URL:-$STACK_APACHE_URL}/passerelle.js\"|" \
    "$dir/minisite/"*.html "$dir/minisite/examples/"*.html "$dir/minisite/examples/"*/*.html
  chmod -R a+rX "$dir/minisite"
  export STACK_APACHE_URL STACK_APACHE_TLS_URL STACK_APACHE_SETTINGS STACK_MINISITE_URL
  stack_say_in "Apache ($mpm) at ${STACK_APACHE_TLS_URL:-$STACK_APACHE_URL}" \
    "Apache ($mpm) à ${STACK_APACHE_TLS_URL:-$STACK_APACHE_URL}"
}

# Settings for a throwaway site: stack_write_settings NAME DATABASE BASE_URL MINISITE_URL
stack_write_settings() {
  local file=$STACK_DIR/settings/$1.env
  # Written beside and renamed: a request reads the old settings or the new ones.
  cat >"$file.new" <<END
PASSERELLE_DATABASE_URL="postgresql://passerelle@/$2?host=$STACK_PGBOUNCER_SOCKETS&port=$STACK_PGBOUNCER_PORT"
PASSERELLE_BASE_URL=$3
PASSERELLE_SECRET=$(openssl rand -hex 32)
PASSERELLE_MINISITE_URL=$4
PASSERELLE_ALLOW_INSECURE_HTTP=1
PASSERELLE_LOG_LEVEL=debug
END
  chmod 640 "$file.new"
  mv "$file.new" "$file"
}

# The configuration of one throwaway Apache, to standard output. What a Debian machine does with a2enmod, ports.conf and
# apache2.conf stands here; everything about Passerelle is the shipped files.
stack_apache_conf() {
  local dir=$1 mpm=$2 port=$3 minisite=$4 https=$5 module modules
  modules="mpm_$mpm authz_core alias deflate dir env filter headers mime reqtimeout setenvif"
  local snippet=mpm-event-cgid.conf cgi=cgid
  if [ "$mpm" = prefork ]; then
    snippet="mpm-prefork-cgi.conf"
    cgi=cgi
  fi
  [ -z "$https" ] || modules+=" ssl socache_shmcb"
  printf 'ServerRoot "%s"\nServerName 127.0.0.1\nPidFile apache2.pid\nDefaultRuntimeDir .\n' "$dir"
  for module in $modules "$cgi"; do
    printf 'LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n' "$module" "$module"
  done
  [ "$cgi" = cgi ] || printf 'ScriptSock cgid.sock\n'
  [ "$(id -u)" -ne 0 ] || printf 'User %s\nGroup %s\n' "$STACK_WEB_USER" "$STACK_WEB_USER"
  cat <<END
ErrorLog error.log
LogLevel info
TypesConfig /etc/mime.types
DirectoryIndex index.html
DocumentRoot $dir/htdocs
<Directory />
  AllowOverride None
  Require all denied
</Directory>
# Empty; Apache looks the PATH_INFO of each CGI request up in it, for PATH_TRANSLATED.
<Directory $dir/htdocs>
  Require all granted
</Directory>
Listen 127.0.0.1:$port
Listen 127.0.0.1:$minisite
Define PASSERELLE_CGI "$STACK_DIR/cgi-bin/passerelle.cgi"
Define PASSERELLE_SETTINGS "$STACK_APACHE_SETTINGS"
Define PASSERELLE_MINISITE "$dir/minisite"
Define PASSERELLE_SCRIPTS "$STACK_DIR/script"
Define PASSERELLE_SHARE "$STACK_DIR/share"
Include "$STACK_HOME/$snippet"
Include "$STACK_HOME/passerelle.conf"
CustomLog access.log passerelle
END
  [ -z "$https" ] || cat <<END
Listen 127.0.0.1:$https
Define PASSERELLE_HOST localhost
Define PASSERELLE_HTTP_PORT $port
Define PASSERELLE_HTTPS_PORT $https
Define PASSERELLE_CERTIFICATE $STACK_DIR/tls/server.pem
Define PASSERELLE_CERTIFICATE_KEY $STACK_DIR/tls/server.key
Define PASSERELLE_LOG_DIR $dir
SSLSessionCache shmcb:ssl_cache(512000)
Include "$STACK_HOME/passerelle-tls.conf"
END
}

# Stops what stack_run and stack_do started, last first, and removes STACK_DIR. STACK_KEEP=1 leaves it to be looked at,
# STACK_KEEP=logs all of it but the databases and the programs.
stack_stop() {
  trap - EXIT HUP INT TERM
  [ -n "$STACK_DIR" ] && [ -d "$STACK_DIR/run" ] || return 0
  [ -z "$STACK_GUARD" ] || kill -KILL -- "-$STACK_GUARD" 2>/dev/null || true
  STACK_GUARD=
  local entries=() entry pid started name try servers=
  [ ! -e "$STACK_DIR/run/started" ] || mapfile -t entries < <(tac "$STACK_DIR/run/started")
  for entry in ${entries[@]+"${entries[@]}"}; do
    read -r pid started name <<<"$entry"
    [ "$name" = task ] || servers=1
    if [ -z "$name" ] || [ "$(stack_started "$pid")" != "$started" ]; then continue; fi
    case $name in
      postgres) kill -INT "$pid" 2>/dev/null || true ;; # fast shutdown: clients are sent away
      task) kill -TERM -- "-$pid" 2>/dev/null || true ;;
      *) kill -TERM "$pid" 2>/dev/null || true ;;
    esac
    for ((try = 0; try < 100; try++)); do
      [ "$(stack_started "$pid")" = "$started" ] || break
      sleep 0.05
    done
    # Each has its own session: whatever it left behind, or all of it when it would not go.
    kill -KILL -- "-$pid" 2>/dev/null || true
  done
  [ ! -L "$STACK_DIR/postgres/data" ] || rm -rf "$(readlink "$STACK_DIR/postgres/data")"
  [ "${STACK_KEEP:-}" != logs ] || rm -rf "$STACK_DIR"/{postgres,cgi-bin}
  if [ -n "${STACK_KEEP:-}" ]; then
    stack_say_in "stopped; logs are kept in $STACK_DIR" "arrêté ; les journaux restent dans $STACK_DIR"
  else
    rm -rf "$STACK_DIR"
    # A build that says what to type has the last word.
    [ -z "$servers" ] || stack_say_in "stopped; nothing is left running" "arrêté ; plus rien ne tourne"
  fi
}
