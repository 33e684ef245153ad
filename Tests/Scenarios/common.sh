# shellcheck shell=bash
# What the scenarios of Tests/trees share. They run in a bare Debian, as root, from the project's folder; this file is read first.

failures=0
# check WORDS COMMAND…: says whether the command succeeds, and shows what it wrote where it does not.
check() {
  local words=$1
  shift
  if "$@" >/tmp/check.log 2>&1; then
    printf '✔ %s\n' "$words"
  else
    printf '✘ %s (%s)\n' "$words" "$*"
    sed 's/^/    /' /tmp/check.log | tail -n 40
    failures=$((failures + 1))
  fi
}
# The last line of a scenario.
end_of_scenario() { [ "$failures" -eq 0 ] || { printf '✘ %s not as expected\n' "$failures" && exit 1; }; }

refused() { ! "$@"; }
says() { grep -qF -- "$1" "$2"; }
silent_of() { ! grep -qF -- "$1" "$2"; }
# ends STATUS COMMAND…
ends() {
  local status=0
  "${@:2}" || status=$?
  [ "$status" -eq "$1" ] || { printf 'status %s\n' "$status" && return 1; }
}
answers() { # answers STATUS URL: what the web server answers
  local got
  got=$(curl -sS -o /dev/null -w '%{http_code}' --max-time 20 "$2")
  [ "$got" = "$1" ] || { printf '%s answers %s\n' "$2" "$got" && return 1; }
}

quiet_install() {
  apt-get -q update >/tmp/apt.log 2>&1 && apt-get -q -y --no-install-recommends install "$@" >>/tmp/apt.log 2>&1 ||
    { cat /tmp/apt.log && exit 1; }
}

# make_certificate NAME DAYS [HOST…]: /tls/NAME.pem and NAME.key, of an authority that this machine trusts.
make_certificate() {
  local name=$1 days=$2 host names=''
  shift 2
  mkdir -p /tls
  for host in "$@"; do names+=${names:+,}DNS:$host; done
  {
    if [ ! -e /tls/ca.crt ]; then
      openssl req -x509 -newkey rsa:2048 -nodes -days 90 -subj '/CN=Throwaway CA' -keyout /tls/ca.key -out /tls/ca.crt \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
      cp /tls/ca.crt /usr/local/share/ca-certificates/throwaway.crt
      update-ca-certificates
    fi
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "/tls/$name.key" -out "/tls/$name.csr"
    printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' "$names" >"/tls/$name.ext"
    openssl x509 -req -in "/tls/$name.csr" -CA /tls/ca.crt -CAkey /tls/ca.key -CAcreateserial -days "$days" -extfile "/tls/$name.ext" \
      -out "/tls/$name.pem"
  } >/tmp/tls.log 2>&1 || { cat /tmp/tls.log && exit 1; }
}

# What there is in /etc, to be compared: names, modes, owners and sums, but for what packages write by themselves.
etc_now() {
  (cd /etc && find . \( -type f -o -type l \) -not -path './passerelle/*' -not -path './ssl/certs/*' -not -path './rc*' \
    -printf '%p %m %u:%g %l\n' | sort && find . -type f -not -path './passerelle/*' -not -path './ssl/certs/*' -print0 | sort -z | xargs -0 sha256sum)
}

# A Directus 11 on this machine: its tables, in a database of its role's.
make_directus() {
  service postgresql start >/dev/null
  (cd / && runuser -u postgres -- psql -q -c "create role directus login password 'of-directus'" -c "create database directus owner directus")
  { printf 'set role directus;\n' && cat Tests/Fixtures/directus/system_tables_11.sql; } |
    (cd / && runuser -u postgres -- psql -q -v ON_ERROR_STOP=1 -d directus) >/dev/null
}
# One value from the database, as the superuser: superuser_says DATABASE WANTED QUERY
superuser_says() {
  local got
  got=$(cd / && runuser -u postgres -- psql -X -At -d "$1" -c "$3")
  [ "$got" = "$2" ] || { printf 'got %s\n' "$got" && return 1; }
}
