# shellcheck shell=bash disable=SC1091
# The installation guide (fr), by hand, with a database of its own, to its end.
source Tests/Scenarios/guide.sh
export LANG=fr_FR.UTF-8
guide apache-conf/README.fr.md own
all_is_gone postgres
