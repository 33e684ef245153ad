# shellcheck shell=bash disable=SC2016,SC2154
# The build on a bare Debian: as somebody with sudo, in French, in a folder with a blank; then as root, without a locale. What is missing
# is told in one line each time, and those lines are followed.

locale_of() { sed -i "s/^# $1/$1/" /etc/locale.gen && locale-gen >/dev/null; }
quiet_install sudo locales
locale_of "fr_FR.UTF-8 UTF-8"
useradd --create-home --shell /bin/bash alice
printf 'alice ALL=(ALL) NOPASSWD: ALL\n' >/etc/sudoers.d/alice
mkdir "/home/alice/mes projets"
cp -r "$HOME/passerelle" "/home/alice/mes projets/passerelle"
[ ! -e "$HOME/.swiftpm" ] || cp -r "$HOME/.swiftpm" /home/alice/
chown -R alice: /home/alice

# demo_of USER HOME FOLDER LOCALE: the demonstration, whatever it takes. Each time it stops, the last line names what root is to type;
# somebody with sudo types that, and no more than three times.
demo_of() {
  local log=/tmp/demo-$1.log line
  for _ in 1 2 3 4; do
    if (cd "$3" && runuser -u "$1" -- env -u LC_ALL HOME="$2" LANG="$4" apache-conf/demo --once >"$log" 2>&1); then
      return 0
    fi
    tail -n 3 "$log"
    line=$(grep -o 'apt-get install [a-z0-9. +-]*$' "$log" | tail -n 1)
    [ -n "$line" ] || { tail -n 40 "$log" && return 1; }
    printf '%s types: sudo %s\n' "$1" "$line"
    runuser -u "$1" -- bash -c "sudo DEBIAN_FRONTEND=noninteractive $line -q -y --no-install-recommends" >/tmp/apt.log 2>&1 ||
      { tail /tmp/apt.log && return 1; }
  done
  return 1
}

if grep -q '^VERSION_ID="12"' /etc/os-release; then
  apt-get -q update >/dev/null
  for script in "apache-conf/demo --once" Tests/run; do
    check "where the distribution has no Swift 6, $script stops at once with the one line that installs it" env LANG=C SCRIPT="$script" bash -c '
      ! $SCRIPT >/tmp/twelve.log 2>&1 && tail -n 1 /tmp/twelve.log | grep -q "^curl .*swiftly"'
    check "and has installed no server before" bash -c '! dpkg-query -W -f "\${db:Status-Status}" postgresql 2>/dev/null | grep -qx installed'
  done
else
  check "somebody with sudo builds and sees it, in French, in a folder with a blank" demo_of alice /home/alice "/home/alice/mes projets/passerelle" fr_FR.UTF-8
  check "what was missing is said in French" grep -rqE "paquets|construction|compil" /tmp/demo-alice.log
  check "the grades arrived" grep -q '100 / 100' /tmp/demo-alice.log
  check "the CGI needs no library of Swift's" bash -c '! ldd "/home/alice/mes projets/passerelle/cgi-bin/passerelle.cgi" 2>/dev/null | grep -i swift'
  check "nothing of the build lies outside of the folder" bash -c '! find /tmp /var/tmp -user alice \( -name "*.o" -o -name "*.swift" -o -name "TemporaryDirectory*" \) | grep .'
  check "root builds and sees it, without a locale" demo_of root "$HOME" "$HOME/passerelle" C
  check "the grades arrived for root, too" grep -q '100 / 100' /tmp/demo-root.log
fi
