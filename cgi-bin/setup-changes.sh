# shellcheck shell=bash
# How cgi-bin/setup changes a machine: it shows each change before it makes it, does nothing twice, and remembers what it did, so that
# cgi-bin/setup --undo (which cgi-bin/uninstall calls) can take it back. Sourced after words.sh. It knows these variables:
#
#   dry    set: only show        yes   set: do not ask        changed   counts what was changed, or would be

# What was done, one line each: KIND, NAME and, for files, the sum of what was written. The files that were there before are under originals.
# shellcheck disable=SC2154
state=/var/lib/passerelle/setup
journal=$state/journal
dry='' yes='' changed=0
# Never shown.
secrets=()
# Where answers come from, also while something else is read.
exec 3<&0

# Hides them, and the passwords of URLs, which may be as short as a word.
mask() {
  local text secret
  text=$(sed 's|\(postgres[a-z]*://[^:/@]*\):[^@]*@|\1:********@|g')
  for secret in ${secrets[@]+"${secrets[@]}"}; do text=${text//"$secret"/********}; done
  printf '%s\n' "$text"
}

# One line from whoever runs this, in `answer`.
read_answer() {
  printf '%s ' "$1"
  IFS= read -r answer <&3 || {
    printf '\n'
    fail_in "nobody answers; --yes makes the changes without asking, --help has the options" \
      "personne ne répond ; --yes fait les changements sans demander, --help donne les options"
  }
}

# Goes on when the change that was just shown may be made.
confirm() {
  [ -z "$yes" ] || return 0
  read_answer "$(in_words "Make this change? [Y/n/all]" "Faire ce changement ? [O/n/tous]")"
  case $answer in
    '' | [YyOo]*) ;;
    [AaTt]*) yes=1 ;;
    *) fail_in "stopped; what was changed so far stays. Run this again to go on, or with --undo to take it back" \
      "arrêté ; ce qui a été changé jusqu’ici reste. Relancez pour continuer, ou avec --undo pour revenir en arrière" ;;
  esac
}

# note KIND NAME [SUM]: what undo has to know.
note() {
  [ -z "$dry" ] || return 0
  (umask 077 && mkdir -p "$state/originals")
  printf '%s\t%s\t%s\n' "$1" "$2" "${3:-}" >>"$journal"
}
noted() { grep -q "^$1	$2	" "$journal" 2>/dev/null; }

# What is shown of a file: pages of comments in a file that is replaced whole hide what matters.
shown() { if [ -n "${without_comments:-}" ]; then grep -v '^;\|^$'; else cat; fi; }

# put FILE MODE OWNER:GROUP TEXT [keep]: a file with these lines. `keep` is for what is the institution's own and never undone.
put() {
  local file=$1 mode=$2 owner=$3 next kind=changed-file
  next=$(mktemp "$work/next.XXXXXX")
  printf '%s\n' "$4" >"$next"
  if [ -e "$file" ] && cmp -s "$next" "$file"; then
    [ "$(stat -c %U:%G "$file")" = "$owner" ] || act chown "$owner" "$file"
    [ "$(stat -c %a "$file")" = "$mode" ] || act chmod "$mode" "$file"
    return 0
  fi
  changed=$((changed + 1))
  printf '\n'
  if [ -e "$file" ]; then
    { diff -u --label "$file" --label "$file" <(shown <"$file") <(shown <"$next") || true; } | mask
  else
    kind=new-file
    { diff -u --label /dev/null --label "$file" /dev/null <(shown <"$next") || true; } | mask
  fi
  [ -z "$dry" ] || return 0
  confirm
  if [ "${5:-}" != keep ]; then
    noted new-file "$file" && kind=new-file
    if [ "$kind" = changed-file ] && ! noted changed-file "$file"; then
      (umask 077 && mkdir -p "$state/originals${file%/*}")
      cp -a "$file" "$state/originals$file"
    fi
  fi
  mkdir -p "$(dirname "$file")"
  install -m "$mode" -o "${owner%:*}" -g "${owner#*:}" "$next" "$file.passerelle-new"
  mv -f "$file.passerelle-new" "$file"
  [ "${5:-}" = keep ] || note "$kind" "$file" "$(sha256sum <"$file" | cut -d ' ' -f 1)"
}

# Runs a command that changes something, shown first; quiet unless it fails.
act() {
  local log=$work/act.log
  changed=$((changed + 1))
  printf '\n+ %s\n' "$*"
  [ -z "$dry" ] || return 0
  confirm
  # Perl complains at length of a locale that this machine does not have.
  LC_ALL=C.UTF-8 "$@" </dev/null >"$log" 2>&1 || {
    cat "$log" >&2
    return 1
  }
}

# service_do ACTION NAME: by systemd, or by the init script where there is none.
service_do() {
  if [ -d /run/systemd/system ]; then
    act systemctl "$1" "$2"
  else
    act service "$2" "$1"
  fi
}

# The lines between the marks of this script, and the marks, taken out of a text.
without_block() { sed '/^# BEGIN passerelle/,/^# END passerelle/d'; }

# --- taking it back ---------------------------------------------------------------------------------------------------

undo_file() { # undo_file KIND FILE SUM
  local file=$2 original=$state/originals$2
  [ -e "$file" ] || return 0
  if [ "$(sha256sum <"$file" | cut -d ' ' -f 1)" = "$3" ]; then
    if [ "$1" = new-file ]; then act rm -f "$file"; else act cp -a "$original" "$file"; fi
  elif grep -q '^# BEGIN passerelle' "$file"; then
    put "$file" "$(stat -c %a "$file")" "$(stat -c %U:%G "$file")" "$(without_block <"$file")" keep
  else
    say_in "$file was changed since and is kept (as it was before, if it was: $original)" \
      "$file a changé depuis et reste (tel qu’il était avant, s’il existait : $original)"
    kept=1
  fi
}

# Takes back all that the journal names, the last first. What people made, and what the program keeps, stays.
undo() {
  local kind name sum seen=' ' apache='' postgres='' pgbouncer='' kept=''
  if [ ! -s "$journal" ]; then
    say_in "cgi-bin/setup changed nothing here" "cgi-bin/setup n’a rien changé ici"
    return 0
  fi
  # What is enabled goes before the files that it needs.
  while IFS=$'\t' read -r kind name sum; do
    case $seen in *" $kind:$name "*) continue ;; esac
    seen+="$kind:$name "
    case $kind in
      site) [ ! -L "/etc/apache2/sites-enabled/$name.conf" ] || { act a2dissite -q "$name" && apache=1; } ;;
      conf) [ ! -L "/etc/apache2/conf-enabled/$name.conf" ] || { act a2disconf -q "$name" && apache=1; } ;;
      module) undo_module "$name" && apache=1 ;;
      timer) [ ! -d /run/systemd/system ] || act systemctl disable --now "$name" ;;
    esac
  done < <(tac "$journal")
  while IFS=$'\t' read -r kind name sum; do
    case $seen in *" $kind:$name:undone "*) continue ;; esac
    seen+="$kind:$name:undone "
    case $kind in
      folder) [ ! -d "$name" ] || [ -n "$(ls -A "$name")" ] || act rmdir "$name" ;;
      new-file | changed-file)
        undo_file "$kind" "$name" "$sum"
        case $name in /etc/postgresql/*/*/pg_hba.conf) postgres+=" ${name#/etc/postgresql/}" ;; /etc/pgbouncer/*) pgbouncer=1 ;; /etc/apache2/*) apache=1 ;; esac
        ;;
    esac
  done < <(tac "$journal")
  [ -z "$apache" ] || [ ! -e /var/run/apache2/apache2.pid ] || service_do restart apache2
  for name in $postgres; do
    name=${name%/pg_hba.conf}
    act pg_ctlcluster "${name%/*}" "${name#*/}" reload || true
  done
  [ -z "$pgbouncer" ] || service_do restart pgbouncer
  [ -z "$dry" ] || return 0
  rm -f "$journal"
  [ -n "$kept" ] || rm -rf "$state"
  rmdir "${state%/*}" 2>/dev/null || true
}

# A module that somebody else's site has come to need stays.
undo_module() {
  [ -e "/etc/apache2/mods-enabled/$1.load" ] || return 1
  act a2dismod -q -f "$1"
  [ -z "$dry" ] || return 0
  apache2ctl configtest >/dev/null 2>&1 || {
    LC_ALL=C.UTF-8 a2enmod -q "$1" >/dev/null
    say_in "Apache's module $1 is needed by another site and stays" "le module $1 d’Apache sert à un autre site et reste"
  }
}
