# shellcheck shell=bash disable=SC1091
# The installation guide (en), by hand, in the database of a Directus, to its end.
source Tests/Scenarios/guide.sh
quiet_install postgresql
make_directus
guide apache-conf/README.md directus
all_is_gone directus
