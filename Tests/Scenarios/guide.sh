# shellcheck shell=bash disable=SC2016,SC2154
# Executes an installation guide word by word, for the scenarios guide-*: read before them, after common.sh.
#
#   guide FILE PATH      PATH: setup, package, own, directus or managed, the readers that the guide has
#
# A comment above each block of the guide says who executes it, and how:
#
#   <!-- run: own directus -->                          these readers, from where the block before left them
#   <!-- run: own, from: the project -->                in the project's folder
#   <!-- run: managed, from: the folder of the download -->  where the reader downloaded something
#   <!-- run: managed, into: FILE -->                   these lines are written in that file, in place of those of the same setting
#   <!-- run: own, after: COMMAND -->                   when the test has done that, which stands for what happened to the reader
#   <!-- not run: REASON -->                            by nobody
#
# Simulated, because a bare tree has neither systemd nor a name on the Internet: systemctl (by init scripts, and by the links of
# timers), certbot (certificates of an authority that the machine trusts), cgi-bin/build (the programs are there), and the project's
# origin on GitHub. Everything else is the real thing.

project=$HOME/passerelle

simulate() {
  mkdir -p /usr/local/sbin "$HOME/downloads"
  cat >/usr/local/sbin/systemctl <<'END'
#!/bin/sh
set -e
action=$1
shift
links=/etc/systemd/system/timers.target.wants
case $action in
  daemon-reload) exit 0 ;;
  enable | disable)
    [ "$1" = --now ] && shift
    mkdir -p "$links"
    for unit in "$@"; do
      [ -e "/etc/systemd/system/$unit" ] || { echo "Unit $unit does not exist" >&2; exit 1; }
      if [ "$action" = enable ]; then ln -sf "/etc/systemd/system/$unit" "$links/$unit"; else rm "$links/$unit"; fi
    done
    ;;
  reload | restart | start | stop) for unit in "$@"; do service "$unit" "$action"; done ;;
  *) echo "not simulated: $action" >&2; exit 1 ;;
esac
END
  cat >/usr/local/sbin/certbot <<'END'
#!/bin/bash
set -euo pipefail
[ "$1" = certonly ]
while [ $# -gt 0 ]; do
  case $1 in --domain) name=$2; shift ;; --webroot-path) [ -d "$2" ]; shift ;; esac
  shift
done
# The authority asks the server over http.
mkdir -p /var/www/html/.well-known/acme-challenge
echo proof >/var/www/html/.well-known/acme-challenge/token
[ "$(curl -sS "http://$name/.well-known/acme-challenge/token")" = proof ]
source "$HOME/passerelle/Tests/Scenarios/common.sh"
make_certificate "$name" 90 "$name"
mkdir -p "/etc/letsencrypt/live/$name"
cp "/tls/$name.pem" "/etc/letsencrypt/live/$name/fullchain.pem"
cp "/tls/$name.key" "/etc/letsencrypt/live/$name/privkey.pem"
END
  chmod 755 /usr/local/sbin/systemctl /usr/local/sbin/certbot
  # Nobody answers apt's question here, and its services start as on any Debian.
  printf 'APT::Get::Assume-Yes "true";\n' >/etc/apt/apt.conf.d/90guide
  printf '#!/bin/sh\nexit 0\n' >/usr/sbin/policy-rc.d
  printf '#!/bin/bash\n# What a build installs besides Swift.\n[ -x cgi-bin/passerelle.cgi ] && [ -x .build/release/passerelle ]\napt-get -q update >/dev/null 2>&1\nDEBIAN_FRONTEND=noninteractive apt-get -q -y install binutils >/dev/null 2>&1\n' \
    >"$project/cgi-bin/build"
  (
    cd "$project" || exit
    printf '.build\ncgi-bin/passerelle.cgi\n' >.gitignore
    git init -q && git add --all && git -c user.name=t -c user.email=t@t commit -q -m "The project"
    git clone -q --bare . "$HOME/origin.git"
    git remote add origin "$HOME/origin.git" && git fetch -q && git branch -q --set-upstream-to=origin/master
  )
}

# The blocks of a guide, one folder each: mark, language, line, text.
cut_blocks() {
  rm -rf /tmp/blocks
  mkdir /tmp/blocks
  awk -v folder=/tmp/blocks '
    /^```/ {
      if (open) { open = 0; close(file "/text"); next }
      open = 1; number++; file = sprintf("%s/%03d", folder, number)
      system("mkdir " file)
      print mark >(file "/mark"); print substr($0, 4) >(file "/language"); print NR >(file "/line")
      printf "" >(file "/text"); close(file "/mark"); close(file "/language"); close(file "/line")
      next
    }
    open { print >(file "/text"); next }
    { mark = /^<!-- (not )?run: / ? $0 : "" }' "$1"
}

# These lines in that file, as the guide means it: in place of those of the same setting.
write_lines() { # write_lines FILE LINES
  local line
  while IFS= read -r line; do
    grep -q "^${line%%=*}=" "$2" && sed -i "/^${line%%=*}=/d" "$2"
    printf '%s\n' "$line" >>"$2"
  done <"$1"
}

guide() {
  local file=$1 reader=$2 block mark readers rest line status=0 executed=0 folder=$project
  cut_blocks "$file"
  for block in /tmp/blocks/*; do
    mark=$(cat "$block/mark") line=$(cat "$block/line")
    case $mark in
      '<!-- not run: '*) continue ;;
      '<!-- run: '*) ;;
      *)
        check "the block of $file, line $line, says who executes it" false
        continue
        ;;
    esac
    readers=${mark#<!-- run: } readers=${readers% -->} rest=''
    case $readers in *', '*) rest=${readers#*, } readers=${readers%%, *} ;; esac
    case " $readers " in *" $reader "*) ;; *) continue ;; esac
    executed=$((executed + 1))
    case $rest in
      'into: '*)
        check "$reader, line $line: written in ${rest#into: }" write_lines "$block/text" "${rest#into: }"
        continue
        ;;
      'from: the project') folder=$project ;;
      'from: the folder of the download') folder=$HOME/downloads ;;
      'after: '*) check "what happened to the reader before line $line" bash -ec "cd /; ${rest#after: }" ;;
      '') ;;
      *) check "the mark of line $line is understood" false ;;
    esac
    # As somebody types it: line by line, stopping at the first that fails; where they are afterwards, they stay.
    status=0
    (cd "$folder" && { cat "$block/text" && printf '\npwd >/tmp/folder\n'; } >/tmp/block.sh &&
      bash -e /tmp/block.sh </tmp/answers) >/tmp/block.log 2>&1 || status=$?
    if [ "$status" -eq 0 ]; then
      printf '✔ %s, line %s: %s\n' "$reader" "$line" "$(grep -v '^cd ' "$block/text" | head -n 1 | cut -c 1-100)"
      folder=$(cat /tmp/folder)
    else
      printf '✘ %s, line %s (status %s)\n' "$reader" "$line" "$status"
      sed 's/^/    | /' "$block/text"
      tail -n 30 /tmp/block.log | sed 's/^/    /'
      failures=$((failures + 1))
      return 0
    fi
    after_block "$reader" "$block"
  done
  check "$reader executes something of $file" test "$executed" -gt 0
}

# What must be true after some of the blocks.
after_block() {
  case $(cat "$2/text") in
    *'passerelle doctor'*)
      check "what the guide set up answers over https" answers 200 https://lti.example.org/passerelle/health
      check "and the second door is shut" answers 403 https://lti.example.org/cgi-bin/passerelle.cgi/health
      ;;
    *'cgi-bin/setup'* | *passerelle-setup*)
      check "what was set up answers over https" answers 200 https://lti.example.org/passerelle/health
      ;;
    *'a2dissite passerelle-tls'*) check "the server's other site answers" answers 200 http://localhost/ ;;
    *'pg_restore'*)
      check "what was backed up is there" superuser_says passerelle 1 "select count(*) from public.modules where slug = 'decouverte'"
      ;;
  esac
}

# After all of it: programs, configuration, roles and tables are gone. all_is_gone DATABASE
all_is_gone() {
  check "no file of it is left" bash -c 'find /etc /usr /var/lib /var/log/passerelle -xdev -name "*passerelle*" -not -path "/var/lib/apache2/*" \
    -not -path "/var/lib/postgresql/*" 2>/dev/null | { ! grep .; }'
  check "no role and no table is left" superuser_says "$1" '0|0' "select (select count(*) from pg_roles where rolname like 'passerelle%'),
    (select count(*) from pg_tables where tablename in ('learners', 'grades'))"
}

: >/tmp/answers
simulate
quiet_install curl openssl
make_certificate authority 1 localhost
