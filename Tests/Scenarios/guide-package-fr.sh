# shellcheck shell=bash disable=SC1091
# The installation guide (fr): the Debian package, and the guided set-up in it.
source Tests/Scenarios/guide.sh
make_certificate lti 90 lti.example.org formation.example.org
printf '%s\n' https://lti.example.org/passerelle local /tls/lti.pem /tls/lti.key formation.example.org '' all >/tmp/answers
export LANG=fr_FR.UTF-8
guide apache-conf/README.fr.md package
