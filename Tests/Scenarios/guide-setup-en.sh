# shellcheck shell=bash disable=SC1091
# The installation guide (en): the guided set-up, and its way back.
source Tests/Scenarios/guide.sh
make_certificate lti 90 lti.example.org formation.example.org
printf '%s\n' https://lti.example.org/passerelle local /tls/lti.pem /tls/lti.key formation.example.org '' all >/tmp/answers
guide apache-conf/README.md setup
check "no file of it is left but settings, secret and log" bash -c 'find /etc /usr /var/lib -xdev -name "*passerelle*" -not -path "/var/lib/apache2/*" \
  -not -path "/var/lib/postgresql/*" -not -path "/etc/passerelle*" | { ! grep .; }'
