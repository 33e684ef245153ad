# shellcheck shell=bash disable=SC1091
# The installation guide (en), by hand, with a database of its own, to its end.
source Tests/Scenarios/guide.sh
guide apache-conf/README.md own
all_is_gone postgres
