# shellcheck shell=bash
# What cgi-bin/setup says of itself, and the manual page that the package makes of it. Sourced after words.sh.

setup_help() {
  in_words "Turns a Debian into a running Passerelle, asking what it must know:

  cgi-bin/setup [OPTION…]

  --base-url URL              the public address of the program: https://lti.example.org/passerelle
  --database KIND             local (of its own, on this machine), directus (Directus's, on this machine), remote
  --directus-database NAME    the name of Directus's database (directus)
  --cluster VERSION/NAME      the PostgreSQL of this machine, where there are several (17/main)
  --owner-url-file FILE       remote: a file with the URL of the role that owns the tables
  --web-url-file FILE         remote: a file with the URL of the web server's role
  --certificate FILE          the certificate with its chain; later: there is none yet; proxy: another server does TLS
  --key FILE                  its key
  --minisite-folder DIR       the mini-site, served from here (/var/www/minisite)
  --minisite-host NAME        under a host name of its own; none: no mini-site
  --minisite-certificate FILE where the mini-site's host is not in the program's certificate
  --minisite-key FILE         its key
  --minisite-url URL          a mini-site that another server has
  --dry-run                   shows what would be changed, and changes nothing
  --yes                       makes the changes without asking, and takes what has a default
  --undo                      takes back what it changed (cgi-bin/uninstall does that first)
  --help                      these lines

It installs packages and programs, makes roles and database, PgBouncer, pg_hba.conf, the settings, the tables, Apache's site, the
mini-site's and the timers, then runs passerelle doctor and makes an invite for a Moodle. Each change is shown before it is made, passwords
hidden. Run again, it changes what is not as it should be, and remembers the answers. Exit status 0 when doctor finds nothing wrong." \
    "Fait d’un Debian un Passerelle qui fonctionne, en demandant ce qu’il doit savoir :

  cgi-bin/setup [OPTION…]

  --base-url URL              l’adresse publique du programme : https://lti.example.org/passerelle
  --database GENRE            local (à part, sur cette machine), directus (celle de Directus, sur cette machine), remote (ailleurs)
  --directus-database NOM     le nom de la base de Directus (directus)
  --cluster VERSION/NOM       le PostgreSQL de cette machine, s’il y en a plusieurs (17/main)
  --owner-url-file FICHIER    remote : un fichier contenant l’URL du rôle propriétaire des tables
  --web-url-file FICHIER      remote : un fichier contenant l’URL du rôle du serveur web
  --certificate FICHIER       le certificat avec sa chaîne ; later : il n’y en a pas encore ; proxy : un autre serveur fait TLS
  --key FICHIER               sa clé
  --minisite-folder DOSSIER   le mini-site, servi d’ici (/var/www/minisite)
  --minisite-host NOM         sous un nom d’hôte à lui ; none : pas de mini-site
  --minisite-certificate FICHIER si l’hôte du mini-site n’est pas dans le certificat du programme
  --minisite-key FICHIER      sa clé
  --minisite-url URL          un mini-site que sert un autre serveur
  --dry-run                   montre ce qui serait changé, et ne change rien
  --yes                       fait les changements sans demander, et prend ce qui a une valeur par défaut
  --undo                      revient sur ce qu’il a changé (cgi-bin/uninstall le fait d’abord)
  --help                      ces lignes

Il installe les paquets et les programmes, crée les rôles et la base, règle PgBouncer et pg_hba.conf, écrit les réglages, crée les tables,
active le site d’Apache, celui du mini-site et les minuteries, puis lance passerelle doctor et crée une invitation pour un Moodle. Chaque
changement est montré avant d’être fait, mots de passe cachés. Relancé, il change ce qui n’est pas en ordre, et se souvient des réponses.
Statut 0 quand doctor ne trouve rien à redire."
}

# The same as a manual page: setup_manual VERSION
setup_manual() {
  printf '.TH PASSERELLE-SETUP 8 "" "passerelle %s"\n.SH %s\npasserelle-setup \\- %s\n.SH %s\n.B passerelle-setup\n.RI [ OPTION ...]\n.SH DESCRIPTION\n' \
    "$1" "$(in_words NAME NOM)" "$(in_words "set up Passerelle on this machine, or take that back" "installer Passerelle sur cette machine, ou revenir en arrière")" \
    SYNOPSIS
  # An option is two spaces in, its description after the next gap.
  setup_help | sed -e '/^  [^-]/d' -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^\\([.']\\)/\\\\\\&\\1/" \
    -e 's/^  \(\\-\\-[^ ]*\( [A-Z][A-Z\/]*\)\{0,1\}\)  *\(.*\)$/.TP\n.B \1\n\3/' -e 's/^$/.PP/'
}
