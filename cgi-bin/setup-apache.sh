# shellcheck shell=bash
# The web part of cgi-bin/setup: certificate, Apache's modules and sites, the mini-site, timers. Sourced after setup-changes.sh. It reads
# the answers `host`, `path`, `certificate`, `key`, `minisite_host`, `minisite_folder`, `minisite_certificate`, `minisite_key`.

# shellcheck disable=SC2154
# Ends unless the certificate is one for HOST, lasts, and belongs to the key: check_certificate CERTIFICATE KEY HOST
check_certificate() {
  local certificate=$1 key=$2 name=$3
  [ -r "$certificate" ] && [ -f "$certificate" ] ||
    fail_in "there is no file $certificate" "il n’y a pas de fichier $certificate"
  [ -r "$key" ] && [ -f "$key" ] || fail_in "there is no file $key" "il n’y a pas de fichier $key"
  openssl x509 -in "$certificate" -noout 2>/dev/null ||
    fail_in "$certificate holds no certificate (PEM)" "$certificate ne contient pas de certificat (PEM)"
  openssl x509 -in "$certificate" -noout -checkend 0 >/dev/null ||
    fail_in "the certificate $certificate has ended" "le certificat $certificate est périmé"
  openssl x509 -in "$certificate" -noout -checkhost "$name" | grep -q 'does match' ||
    fail_in "the certificate $certificate is not for $name" "le certificat $certificate n’est pas pour $name"
  [ "$(openssl x509 -in "$certificate" -noout -pubkey)" = "$(openssl pkey -in "$key" -pubout 2>/dev/null)" ] ||
    fail_in "the key $key does not belong to the certificate $certificate" "la clé $key ne va pas avec le certificat $certificate"
}

# Where things are on this machine, for the shipped files, which stay as they are and follow updates. Read before them, by its name.
local_definitions() {
  printf '%s\n' "# Written by cgi-bin/setup, taken away by cgi-bin/uninstall: where things are on this machine. Run cgi-bin/setup again to change it." \
    "Define PASSERELLE_PATH $path" "Define PASSERELLE_HOST $host"
  case $certificate in
    later | proxy) ;;
    *) printf '%s\n' "Define PASSERELLE_CERTIFICATE \"$certificate\"" "Define PASSERELLE_CERTIFICATE_KEY \"$key\"" ;;
  esac
  [ -z "$minisite_host" ] || printf '%s\n' "Define PASSERELLE_MINISITE_HOST $minisite_host" \
    "Define PASSERELLE_MINISITE_FOLDER \"$minisite_folder\"" "Define PASSERELLE_MINISITE_CERTIFICATE \"$minisite_certificate\"" \
    "Define PASSERELLE_MINISITE_CERTIFICATE_KEY \"$minisite_key\""
}

enable() { # enable mod|conf|site NAME
  local folder=${1}s kind=$1
  [ "$kind" != conf ] || folder=conf
  case $kind in
    mod) [ ! -e "/etc/apache2/mods-enabled/$2.load" ] || return 0 ;;
    *) [ ! -e "/etc/apache2/$folder-enabled/$2.conf" ] || return 0 ;;
  esac
  local before
  before=$(enabled_modules)
  act "a2en$kind" -q "$2"
  enabled+=("$kind:$2")
  if [ "$kind" != mod ]; then
    note "$kind" "$2"
    return 0
  fi
  # A module brings others along.
  local module
  while read -r module; do
    [ -z "$module" ] || note module "${module%.load}"
  done < <(comm -13 <(printf '%s\n' "$before") <(enabled_modules))
}
enabled_modules() { [ ! -d /etc/apache2/mods-enabled ] || find /etc/apache2/mods-enabled -name '*.load' -printf '%f\n' | sort; }

# A site that this script enabled and that the answers no longer ask for.
disable_site() {
  [ -L "/etc/apache2/sites-enabled/$1.conf" ] && noted site "$1" || return 0
  act a2dissite -q "$1"
}

# Nothing is left enabled with which Apache would not start: its other sites would stay away, too.
test_configuration() {
  local words entry
  [ -z "$dry" ] || return 0
  words=$(apache2ctl configtest 2>&1) && return 0
  for entry in ${enabled[@]+"${enabled[@]}"}; do
    case $entry in
      site:*) LC_ALL=C.UTF-8 a2dissite -q "${entry#*:}" >/dev/null ;;
      conf:*) LC_ALL=C.UTF-8 a2disconf -q "${entry#*:}" >/dev/null ;;
    esac
  done
  printf '%s\n' "$words" >&2
  fail_in "Apache does not understand its configuration with the sites of Passerelle; they are disabled again, and nothing was restarted" \
    "Apache ne comprend pas sa configuration avec les sites de Passerelle ; ils sont de nouveau désactivés, et rien n’a été redémarré"
}

set_up_apache() {
  local module cgi=cgid before=$changed
  enabled=()
  [ ! -e /etc/apache2/mods-enabled/mpm_prefork.load ] || cgi=cgi
  put /etc/apache2/conf-available/passerelle-local.conf 644 root:root "$(local_definitions)"
  for module in $cgi headers reqtimeout deflate filter alias env; do enable mod "$module"; done
  enable conf passerelle-local
  enable conf passerelle
  case $certificate in
    later | proxy)
      disable_site passerelle-tls
      disable_site passerelle-minisite
      ;;
    *)
      enable mod ssl
      enable site passerelle-tls
      if [ -n "$minisite_host" ]; then enable site passerelle-minisite; else disable_site passerelle-minisite; fi
      ;;
  esac
  test_configuration
  if [ "$changed" != "$before" ] || [ -n "$programs_changed" ] || [ ! -e /var/run/apache2/apache2.pid ]; then service_do restart apache2; fi
  if [ -e /etc/apache2/conf-enabled/serve-cgi-bin.conf ]; then
    say_in "Debian's serve-cgi-bin opens a second address, /cgi-bin/passerelle.cgi: passerelle.conf keeps it shut" \
      "serve-cgi-bin de Debian ouvre une deuxième adresse, /cgi-bin/passerelle.cgi : passerelle.conf la garde fermée"
  fi
}

# The folder exists or nothing points there. A page that says so stands in an empty one.
set_up_minisite() {
  [ -n "$minisite_host" ] || return 0
  if [ ! -d "$minisite_folder" ]; then
    act install -d -m 755 "$minisite_folder"
    note folder "$minisite_folder"
  fi
  if [ ! -d "$minisite_folder" ] || [ -z "$(ls -A "$minisite_folder")" ]; then
    put "$minisite_folder/index.html" 644 root:root "<!doctype html>
<html lang=\"fr\">
<meta charset=\"utf-8\"><title>Passerelle</title>
<script src=\"$base_url/passerelle.js\"></script>
<h1>Le mini-site se place ici · The mini-site goes here</h1>
<p><code>$minisite_folder</code> <b data-passerelle-learner></b></p>
<p data-passerelle-message></p>
</html>"
  fi
}

timers=(passerelle-grade-sync.timer passerelle-grade-verify.timer passerelle-sweep.timer)

# By systemd, or by cron where there is none.
set_up_timers() {
  local timer missing=()
  if [ -d /run/systemd/system ]; then
    for timer in "${timers[@]}"; do systemctl is-enabled --quiet "$timer" 2>/dev/null || missing+=("$timer"); done
    [ ${#missing[@]} -gt 0 ] || return 0
    act systemctl daemon-reload
    act systemctl enable --now "${missing[@]}"
    for timer in "${missing[@]}"; do note timer "$timer"; done
  else
    put /etc/cron.d/passerelle 644 root:root "$(cat "$shipped/cron.d/passerelle")"
    [ -e /var/run/crond.pid ] || service_do start cron
  fi
}
