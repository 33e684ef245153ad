# shellcheck shell=bash
# Bare Debians by debootstrap, for .ci/debian and Tests/trees. Sourced, with `say`, `fail` and `skip` as functions that tell and end.

# The first mirror of Debian itself among this machine's sources, of either form; nothing where there is none.
tree_mirror() {
  {
    { cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null || true; } |
      sed -n 's/^deb \(\[[^]]*\] \)\{0,1\}\([a-z+]*:[^ ]*\) .*/\2/p'
    # There may be files of one form alone.
    { cat /etc/apt/sources.list.d/*.sources 2>/dev/null || true; } | sed -n 's/^URIs: *\([^ ]*\).*/\1/p'
  } | grep -v security | head -n 1 || true
}

# Quiet unless it fails.
quietly() {
  local log
  log=$(mktemp)
  "$@" >"$log" 2>&1 || { cat "$log" >&2 && rm -f "$log" && return 1; }
  rm -f "$log"
}

# Debian VERSION in TREE, which must not be there; no service starts in it: tree_make 12|13 TREE [MIRROR] [DEBOOTSTRAP_OPTION…]
tree_make() {
  local version=$1 tree=$2 mirror=${3:-} suite
  shift $(($# < 3 ? $# : 3))
  case $version in 12) suite=bookworm ;; *) suite=trixie ;; esac
  [ -n "$mirror" ] || mirror=$(tree_mirror)
  [ -n "$mirror" ] || skip "this machine's apt sources name no mirror; --mirror URL does"
  say "making a Debian $version in $tree"
  command -v debootstrap >/dev/null ||
    { quietly apt-get -q update && quietly apt-get -o DPkg::Lock::Timeout=300 -q -y --no-install-recommends install debootstrap; } ||
    fail "apt-get could not install debootstrap"
  rm -rf "$tree.new"
  mkdir -p "$tree.new"
  quietly debootstrap --variant=minbase "$@" "$suite" "$tree.new" "$mirror" || fail "debootstrap could not make a Debian $version"
  printf '#!/bin/sh\nexit 101\n' >"$tree.new/usr/sbin/policy-rc.d"
  chmod +x "$tree.new/usr/sbin/policy-rc.d"
  mv "$tree.new" "$tree"
}
