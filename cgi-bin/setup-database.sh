# shellcheck shell=bash
# The database part of cgi-bin/setup: roles, database, pg_hba.conf, PgBouncer and the two settings files. Sourced after
# setup-changes.sh. It reads the answers `database` (local, directus, remote), `directus_database`, `cluster`, `owner_url`, `web_url`.

# shellcheck disable=SC2154
settings=/etc/passerelle/passerelle.env
owner_settings=/etc/passerelle/owner.env

# The value of KEY in a settings file, without its quotes; nothing where there is none.
setting_of() { # setting_of FILE KEY
  [ -r "$1" ] || return 0
  sed -n "s/^$2=//p" "$1" | tail -n 1 | sed 's/^"\(.*\)"$/\1/'
}

# Prints a settings file with KEY set: on its line, in place of its example, or at the end.
with_setting() { # with_setting KEY VALUE, the file as input
  KEY=$1 VALUE=$2 awk '
    BEGIN { key = ENVIRON["KEY"]; line = key "=" ENVIRON["VALUE"] }
    { lines[NR] = $0 }
    index($0, key "=") == 1 { at = NR }
    index($0, "#" key "=") == 1 && !example { example = NR }
    END {
      if (!at) at = example
      for (i = 1; i <= NR; i++) print (i == at ? line : lines[i])
      if (!at) print line
    }'
}

# psql as the superuser of this machine's cluster: superuser DATABASE, statements as input.
superuser() { (cd / && runuser -u postgres -- psql -X -q -At -v ON_ERROR_STOP=1 -p "$port" -d "$1"); }

# Runs statements as the superuser, shown first: sql DATABASE TEXT
sql() {
  changed=$((changed + 1))
  printf '\n'
  say_in "database $1, as its superuser:" "base $1, en superutilisateur :"
  printf '%s\n' "$2" | mask | sed 's/^/    /'
  [ -z "$dry" ] || return 0
  confirm
  superuser "$1" <<<"$2" >/dev/null
}

# The cluster to work in: `version`, `cluster_name`, `port`; started if need be. Nothing where PostgreSQL is not installed yet (--dry-run).
find_cluster() {
  local lines line found=()
  version='' port=5432
  command -v pg_lsclusters >/dev/null || { [ -n "$dry" ] && return 0; }
  lines=$(LC_ALL=C.UTF-8 pg_lsclusters -h)
  while read -r line; do
    [ -z "$line" ] || found+=("$line")
  done <<<"$lines"
  if [ ${#found[@]} -gt 1 ] && [ -z "$cluster" ]; then
    ask cluster "$(in_words "There are several PostgreSQL here. Which one" "Il y a plusieurs PostgreSQL ici. Lequel")" \
      "$(awk '$3 == 5432 { print $1 "/" $2 }' <<<"$lines" | head -n 1)"
  fi
  line=$(awk -v wanted="$cluster" 'wanted == "" || $1 "/" $2 == wanted' <<<"$lines" | head -n 1)
  [ -n "$line" ] || fail_in "there is no PostgreSQL cluster ${cluster:-} here: pg_lsclusters lists them, pg_createcluster makes one" \
    "il n’y a pas ici d’instance PostgreSQL ${cluster:-} : pg_lsclusters les liste, pg_createcluster en crée une"
  read -r version cluster_name port status _ <<<"$line"
  if [ "$status" != online ]; then act pg_ctlcluster "$version" "$cluster_name" start || service_do start postgresql; fi
}

# The two roles of Passerelle and its place. Sets owner_password and web_password.
make_roles() {
  local roles='' statements='' name
  owner_password=$(setting_of "$owner_settings" PASSERELLE_OWNER_DATABASE_URL | sed -n 's|^postgresql://passerelle:\([^@/]*\)@.*|\1|p')
  web_password=''
  [ ! -e /etc/pgbouncer/userlist.txt ] || web_password=$(sed -n 's/^"passerelle_web" "\(.*\)"$/\1/p' /etc/pgbouncer/userlist.txt | head -n 1)
  [ -n "$web_password" ] ||
    web_password=$(setting_of "$settings" PASSERELLE_DATABASE_URL | sed -n 's|^postgresql://passerelle_web:\([^@/]*\)@.*|\1|p')
  case $owner_password in PASSWORD) owner_password= ;; esac
  case $web_password in WEB_PASSWORD) web_password= ;; esac
  [ -z "$version" ] || [ -n "$dry" ] && ! superuser postgres <<<'select 1' >/dev/null 2>&1 ||
    roles=$(superuser postgres <<<"select rolname from pg_roles")
  for name in owner_password:passerelle web_password:passerelle_web; do
    local variable=${name%:*} role=${name#*:} known
    known=${!variable}
    [ -n "$known" ] || printf -v "$variable" %s "$(openssl rand -hex 24)"
    secrets+=("${!variable}")
    if ! grep -qx "$role" <<<"$roles"; then
      statements+="create role $role login password '${!variable}';"$'\n'
    elif [ -z "$known" ]; then
      statements+="alter role $role login password '${!variable}';"$'\n'
    fi
  done
  if [ "$database" = directus ]; then
    place=$directus_database
    make_place_in_directus
    return
  fi
  place=passerelle
  grep -qx passerelle <<<"$(superuser_list 'select datname from pg_database')" ||
    statements+="create database passerelle owner passerelle;"$'\n'
  [ -z "$statements" ] || sql postgres "${statements%$'\n'}"
}

# A list from the cluster; nothing while there is none (--dry-run).
superuser_list() {
  if [ -n "$dry" ]; then superuser "${2:-postgres}" <<<"$1" 2>/dev/null || true; else superuser "${2:-postgres}" <<<"$1"; fi
}

# In Directus's database: the right to make a schema, and tables beside Directus's own.
make_place_in_directus() {
  local lacks
  [ -n "$(superuser_list "select 1 where to_regclass('public.directus_collections') is not null" "$place")" ] ||
    fail_in "the database $place of this PostgreSQL holds no Directus (no table public.directus_collections); --directus-database names another" \
      "la base $place de ce PostgreSQL ne contient pas de Directus (pas de table public.directus_collections) ; --directus-database en nomme une autre"
  lacks=$(superuser_list "select 1 from pg_roles r where rolname = 'passerelle' and has_database_privilege(r.oid, current_database(), 'create')
    and has_schema_privilege(r.oid, 'public', 'usage') and has_schema_privilege(r.oid, 'public', 'create')" "$place")
  [ -n "$lacks" ] ||
    statements+="grant create on database \"$place\" to passerelle;"$'\n'"grant usage, create on schema public to passerelle;"$'\n'
  [ -z "$statements" ] || sql "$place" "${statements%$'\n'}"
}

# PostgreSQL takes passwords of the two roles on its socket, where Debian asks the kernel instead. In a block of its own, above all rules.
allow_passwords() {
  local file text rule block
  rule="local   \"$place\"   passerelle,passerelle_web   scram-sha-256"
  block="# BEGIN passerelle: written by cgi-bin/setup, taken out by cgi-bin/uninstall"$'\n'"$rule"$'\n'"# END passerelle"
  file=$(superuser_list 'show hba_file')
  [ -n "$file" ] || file=/etc/postgresql/${version:-VERSION}/${cluster_name:-main}/pg_hba.conf
  if [ ! -e "$file" ]; then
    changed=$((changed + 1))
    printf '\n%s\n%s\n' "$(in_words "$file gets, above its first rule:" "$file reçoit, au-dessus de sa première règle :")" "$block"
    return 0
  fi
  text=$(without_block <"$file" | BLOCK=$block awk '
    !done && /^[ \t]*(local|host|include)/ { print ENVIRON["BLOCK"]; done = 1 }
    { print }
    END { if (!done) print ENVIRON["BLOCK"] }')
  local before=$changed wrong
  put "$file" 640 postgres:postgres "$text"
  [ "$changed" != "$before" ] || return 0
  act pg_ctlcluster "$version" "$cluster_name" reload
  [ -z "$dry" ] || return 0
  wrong=$(superuser postgres <<<"select line_number || ': ' || error from pg_hba_file_rules where error is not null")
  [ -z "$wrong" ] || fail_in "PostgreSQL does not understand $file, line $wrong" "PostgreSQL ne comprend pas $file, ligne $wrong"
}

# PgBouncer as shipped. One that somebody configured for something else is left alone, and said; the program then goes straight to PostgreSQL.
set_up_pgbouncer() {
  local file=/etc/pgbouncer/pgbouncer.ini before=$changed pristine from=$shipped/pgbouncer.ini
  pristine=$({ dpkg-query -W -f '${Conffiles}\n' pgbouncer 2>/dev/null || true; } | awk '$1 == "/etc/pgbouncer/pgbouncer.ini" { print $2 }')
  if [ -e "$file" ] && [ "$(md5sum <"$file" | cut -d ' ' -f 1)" != "$pristine" ] &&
    ! head -n 1 "$file" | grep -q '^; PgBouncer between the CGI and PostgreSQL'; then
    say_in "$file was written for something else and is left alone: requests connect straight to PostgreSQL, a few milliseconds slower. \
To use it all the same: $share/pgbouncer.ini" \
      "$file a été écrit pour autre chose et reste tel quel : les requêtes vont directement à PostgreSQL, quelques millisecondes plus \
lentement. Pour l’utiliser malgré tout : $share/pgbouncer.ini"
    web_url="postgresql://passerelle_web:$web_password@/$place?host=/var/run/postgresql&port=$port"
    return
  fi
  # What somebody tuned in the shipped file stays.
  ! head -n 1 "$file" 2>/dev/null | grep -q '^; PgBouncer between the CGI and PostgreSQL' || from=$file
  without_comments=1 put "$file" 640 postgres:postgres \
    "$(sed "s|^passerelle = .*|passerelle = host=/var/run/postgresql port=$port dbname=$place user=passerelle_web|" "$from")"
  put /etc/pgbouncer/pgbouncer_hba.conf 640 postgres:postgres "local   passerelle   www-data   peer"
  put /etc/pgbouncer/userlist.txt 640 postgres:postgres "\"www-data\" \"\""$'\n'"\"passerelle_web\" \"$web_password\""
  web_url='postgresql://www-data@/passerelle?host=/var/run/postgresql&port=6432'
  if [ "$changed" != "$before" ] || [ ! -S /var/run/postgresql/.s.PGSQL.6432 ]; then service_do restart pgbouncer; fi
}

# Both settings files. What stands in them besides stays.
write_settings() {
  local text
  text=$(cat "$settings" 2>/dev/null || cat "$shipped/passerelle.env")
  text=$(with_setting PASSERELLE_DATABASE_URL "\"$web_url\"" <<<"$text")
  text=$(with_setting PASSERELLE_BASE_URL "$base_url" <<<"$text")
  [ -z "$minisite_url" ] || text=$(with_setting PASSERELLE_MINISITE_URL "$minisite_url" <<<"$text")
  if [ -z "$(sed -n 's/^PASSERELLE_SECRET=//p' <<<"$text")" ]; then
    local secret
    secret=$(openssl rand -hex 32)
    secrets+=("$secret")
    text=$(with_setting PASSERELLE_SECRET "$secret" <<<"$text")
  else
    secrets+=("$(sed -n 's/^PASSERELLE_SECRET=//p' <<<"$text" | tail -n 1)")
  fi
  put "$settings" 640 root:www-data "$text" keep
  text=$(cat "$owner_settings" 2>/dev/null || cat "$shipped/owner.env")
  put "$owner_settings" 600 root:root "$(with_setting PASSERELLE_OWNER_DATABASE_URL "\"$owner_url\"" <<<"$text")" keep
}

# The tables, and Directus's knowledge of them. What Passerelle may not do in Directus's tables yet, Directus's owner is to allow: done here
# where that is this machine's superuser, printed whole elsewhere.
migrate() {
  local words grants
  if [ -x "$command" ] && (cd / && "$command" migrate --check </dev/null) >/dev/null 2>&1; then return 0; fi
  changed=$((changed + 1))
  printf '\n+ passerelle migrate --web-role %s\n' "$web_role"
  [ -z "$dry" ] || return 0
  confirm
  if words=$(cd / && "$command" migrate --web-role "$web_role" 2>&1 </dev/null); then
    printf '%s\n' "$words" | sed 's/^/    /'
    return 0
  fi
  grants=$(sed -n '/^GRANT [A-Za-z].* TO .*;$/p' <<<"$words")
  if [ -z "$grants" ]; then
    printf '%s\n' "$words" >&2
    fail_in "the tables could not be made" "les tables n’ont pas pu être créées"
  fi
  if [ "$database" = remote ]; then
    say_in "in Directus's own tables rights are missing. Give these statements to whoever owns them, who runs them in this database as a role of their own: psql \"$(url_of_role OWNER)\"; \
then run this again:" \
      "il manque des droits dans les tables de Directus. Donnez ces instructions à leur propriétaire, qui les exécute dans cette base \
sous un rôle à lui : psql \"$(url_of_role PROPRIÉTAIRE)\" ; puis relancez :"
    printf '%s\n' "$grants"
    exit 1
  fi
  sql "$place" "$grants"
  (cd / && "$command" migrate --web-role "$web_role" </dev/null) | sed 's/^/    /'
}

# The URL of the remote database for another role than Passerelle's, without a password.
# shellcheck disable=SC2001
url_of_role() { sed "s|^\(postgres[a-z]*://\)[^@]*@|\1$1@|" <<<"$owner_url"; }
