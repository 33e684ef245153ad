# shellcheck shell=bash
# Bare Debians in which a set-up, a guide or a package is tried, for Tests/trees. Sourced from the project's root.
#
#   tree_bare 13 [MIRROR]            # TREE: a minimal Debian (debootstrap --variant=minbase, git and the certificate bundle) that is kept
#   tree_run SCRIPT [ARGUMENT…]      # runs bash text in a throwaway copy of it; its status is returned
#
# The copy has namespaces of its own for mounts, processes, host name, shared memory and the network: its servers listen on their usual ports
# beside those of this machine, and reach nothing outside. So apt takes its packages from a folder that was filled when the tree was made.
# There is no systemd in it; services are started by their init scripts.
#
# With TREE_OUTSIDE=MIRROR it has this machine's network instead, that mirror for apt, and room for a build: what is built there fetches
# what it needs by itself.

# What the installation guide and the tests install there.
TREE_PACKAGES=(apache2 postgresql pgbouncer openssl cron logrotate binutils certbot curl jq sudo locales lintian)

tree_bare() {
  TREE=${PASSERELLE_TREES:-/var/cache/passerelle}/bare-$1
  [ -e "$TREE/etc/debian_version" ] || tree_make "$1" "$TREE" "${2:-}" --include=git,ca-certificates
  [ -e "$TREE/var/local/packages/Packages" ] || {
    say "fetching the packages that are installed in it"
    # shellcheck disable=SC2016
    quietly unshare --mount -- bash -euc '
      tree=$1
      shift
      mount --make-rprivate /
      mount -t proc proc "$tree/proc"
      mount --rbind /dev "$tree/dev"
      cp -L /etc/resolv.conf "$tree/etc/"
      exec chroot "$tree" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive \
        ${http_proxy:+"http_proxy=$http_proxy"} ${https_proxy:+"https_proxy=$https_proxy"} bash -euc "
          apt-get -q update
          rm -f /var/cache/apt/archives/*.deb
          apt-get -q -y --download-only install \"\$@\"" fetch "$@"' fetch "$TREE" "${TREE_PACKAGES[@]}" ||
      fail "the packages could not be fetched into $TREE"
    tree_index
  }
}

# The fetched packages become the only source of apt in the tree.
tree_index() {
  local folder=$TREE/var/local/packages package
  mkdir -p "$folder"
  mv "$TREE"/var/cache/apt/archives/*.deb "$folder/"
  for package in "$folder"/*.deb; do
    dpkg-deb -f "$package"
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "${package##*/}" "$(stat -c %s "$package")" "$(sha256sum <"$package" | cut -d ' ' -f 1)"
  done >"$folder/Packages.new"
  rm -rf "$TREE"/etc/apt/sources.list.d/* "$TREE"/var/lib/apt/lists/*
  printf 'deb [trusted=yes] file:/var/local/packages ./\n' >"$TREE/etc/apt/sources.list"
  mv "$folder/Packages.new" "$folder/Packages"
}

# Sets TREE_MOODLE, the demonstration Moodle that the tests' build left, and TREE_SWIFT, the folder of the libraries that it needs; nothing
# where there is none.
tree_moodle() {
  TREE_MOODLE=${PASSERELLE_TREE_MOODLE:-.build/tests/debug/demo-moodle}
  TREE_SWIFT=${PASSERELLE_TREE_SWIFT:-}
  if [ -z "$TREE_SWIFT" ] && command -v swift >/dev/null; then
    TREE_SWIFT=$(swift -print-target-info | sed -n '/"runtimeLibraryPaths"/{n; s/^ *"\(.*\)".*/\1/p}')
  fi
  # That of the tree in which .ci/debian builds.
  [ -n "$TREE_SWIFT" ] || TREE_SWIFT=${PASSERELLE_TREE:-/var/cache/passerelle/debian-13}/usr/libexec/swift/lib/swift/linux
  [ -x "$TREE_MOODLE" ] && [ -e "$TREE_SWIFT/libswiftCore.so" ] || TREE_MOODLE=''
  export TREE_MOODLE TREE_SWIFT
}

# The project lies in root's home directory, as the guide has it, with the programs that were built here.
tree_run() {
  local script=$1 network=(--net)
  shift
  [ -z "${TREE_OUTSIDE:-}" ] || network=()
  # shellcheck disable=SC2016
  unshare --mount --pid ${network[@]+"${network[@]}"} --uts --ipc --fork --kill-child -- bash -euc '
    project=$1 tree=$2 script=$3
    shift 3
    mount --make-rprivate /
    [ -n "${TREE_OUTSIDE:-}" ] || ip link set lo up 2>/dev/null || true
    memory=$(mktemp -d)
    mount -t tmpfs -o size="${TREE_OUTSIDE:+1}4g,mode=755" tmpfs "$memory"
    mkdir "$memory/upper" "$memory/work" "$memory/root"
    mount -t overlay overlay -o "lowerdir=$tree,upperdir=$memory/upper,workdir=$memory/work" "$memory/root"
    root=$memory/root
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount -t tmpfs tmpfs "$root/dev/shm"
    mount --rbind /sys "$root/sys"
    hostname bare.example.org
    printf "127.0.0.1 localhost bare.example.org lti.example.org formation.example.org db.example.org\n" >"$root/etc/hosts"
    mkdir -p "$root/root/passerelle/.build/release"
    (cd "$project" && tar -c --exclude=./.build --exclude=./.git --exclude=./cgi-bin/passerelle.cgi .) | tar -x -C "$root/root/passerelle"
    cp "${PASSERELLE_TREE_CGI:-$project/cgi-bin/passerelle.cgi}" "$root/root/passerelle/cgi-bin/passerelle.cgi"
    cp "${PASSERELLE_TREE_COMMAND:-$project/.build/release/passerelle}" "$root/root/passerelle/.build/release/passerelle"
    if [ -n "${TREE_OUTSIDE:-}" ]; then
      cp -L /etc/resolv.conf "$root/etc/"
      rm -rf "$root/root/passerelle/.build" "$root/root/passerelle/cgi-bin/passerelle.cgi"
      suite=$(sed -n "s/^VERSION_CODENAME=//p" "$root/etc/os-release")
      printf "deb %s %s main\n" "$TREE_OUTSIDE" "$suite" >"$root/etc/apt/sources.list"
      # Where GitHub cannot be reached, .ci/debian has made a mirror of the only dependency.
      parser=var/cache/swift-argument-parser made=${PASSERELLE_TREE:-/var/cache/passerelle/debian-13}
      if [ -e "$made/$parser" ]; then
        cp -r "$made/$parser" "$root/$parser"
        mkdir -p "$root/root/.swiftpm/configuration"
        cp "$made/root/.swiftpm/configuration/mirrors.json" "$root/root/.swiftpm/configuration/"
        printf "[safe]\n\tdirectory = *\n" >"$root/etc/gitconfig"
      fi
    fi
    if [ -n "${TREE_MOODLE:-}" ]; then
      # Built for the tests, it leans on the Swift libraries of this machine.
      mkdir -p "$root/opt/demo"
      cp "$TREE_MOODLE" "$root/opt/demo/demo-moodle"
      cp "$TREE_SWIFT"/*.so "$root/usr/local/lib/"
      chroot "$root" ldconfig
    fi
    exec chroot "$root" env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG="${TREE_LANG:-C.UTF-8}" \
      TERM=dumb DEBIAN_FRONTEND=noninteractive bash -euo pipefail -c "cd /root/passerelle
$script" tree "$@"' run "$PWD" "$TREE" "$script" "$@"
}
