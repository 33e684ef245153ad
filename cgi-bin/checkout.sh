# shellcheck shell=bash
# shellcheck source=cgi-bin/words.sh
source "$(dirname "${BASH_SOURCE[0]}")/words.sh"

# What every script that builds asks of the checkout first, and of apt. Sourced from the project's root, with `say` and `fail` as
# functions that tell and end.

# Ends with one sentence where a build would fail after minutes: checkout_ready SCRATCH
checkout_ready() {
  local scratch=$1 here place
  here=$(pwd -P)
  if ! mkdir -p "$scratch" 2>/dev/null || ! { : >"$scratch/.writable"; } 2>/dev/null; then
    fail_in "$here cannot be written by $(id -un), and the build needs $scratch in it: copy the project to a folder of your own, or chown it" \
      "$here n’est pas modifiable par $(id -un), et la compilation a besoin d’y écrire $scratch : copiez le projet dans un dossier à vous, ou chown"
  fi
  rm -f "$scratch/.writable"
  # Compiled modules know the folder that they were made in, and say of another only that a module is missing.
  place=$(cat "$scratch/.place" 2>/dev/null) || place=
  if [ -n "$place" ] && [ "$place" != "$here" ]; then
    fail_in "$scratch was built in $place, and a copied or moved build cannot go on; remove it and start again: rm -rf $scratch" \
      "$scratch a été compilé dans $place, et une compilation copiée ou déplacée ne peut pas continuer ; retirez-la et recommencez : rm -rf $scratch"
  fi
  printf '%s\n' "$here" >"$scratch/.place"
}

# Prints the folder, made, that a build gets as its TMPDIR: SwiftPM leaves dozens of folders and lock files there, which go with the
# scratch folder.
checkout_temporary() { # checkout_temporary SCRATCH
  mkdir -p "$1/temporary"
  (cd "$1/temporary" && pwd)
}

# The words before apt-get: another apt, such as unattended-upgrades, is waited for.
# shellcheck disable=SC2034
APT_WAITS=(-o DPkg::Lock::Timeout=600)

# The package that holds a shared library which a program could not be started without; nothing when it is not known.
package_of_library() {
  case $1 in
    libncurses.so.6 | libtinfo.so.6 | libform.so.6 | libpanel.so.6) echo libncurses6 ;;
    libxml2.so.2) echo libxml2 ;;
    libcurl.so.4) echo libcurl4 ;;
    libedit.so.2) echo libedit2 ;;
    libsqlite3.so.0) echo libsqlite3-0 ;;
    libz3.so.4) echo libz3-4 ;;
    libz.so.1) echo zlib1g ;;
    libstdc++.so.6) echo libstdc++6 ;;
    libpython3.*.so.1.0) printf '%s\n' "$1" | sed 's/^\(libpython3\.[0-9]*\)\.so.*/\1/' ;;
  esac
}

# Sets SWIFT_VERSION; ends with Swift's own error where it does not start: swift_version SCRATCH
swift_version() {
  local words library package
  if ! words=$(TMPDIR=$(checkout_temporary "$1") swift --version 2>&1); then
    printf '%s\n' "$words" >&2
    library=$(printf '%s\n' "$words" | sed -n 's/.*loading shared libraries: \([^:]*\):.*/\1/p' | head -n 1)
    package=$(package_of_library "$library")
    fail_in "Swift is here ($(command -v swift)) and does not start${library:+: $library is missing}. As root: apt-get install ${package:-libncurses6 libxml2 libcurl4 libedit2 libsqlite3-0}" \
      "Swift est là ($(command -v swift)) et ne démarre pas${library:+ : il manque $library}. En tant que root : apt-get install ${package:-libncurses6 libxml2 libcurl4 libedit2 libsqlite3-0}"
  fi
  # shellcheck disable=SC2034
  SWIFT_VERSION=$(printf '%s\n' "$words" | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
}
