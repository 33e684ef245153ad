# shellcheck shell=bash disable=SC1091
# The installation guide (fr), by hand, in the database of a Directus, to its end.
source Tests/Scenarios/guide.sh
quiet_install postgresql
make_directus
export LANG=fr_FR.UTF-8
guide apache-conf/README.fr.md directus
all_is_gone directus
