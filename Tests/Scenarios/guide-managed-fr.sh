# shellcheck shell=bash disable=SC1091
# The installation guide (fr), by hand, with a database that a provider manages: db.example.org, by TLS alone.
source Tests/Scenarios/guide.sh
quiet_install postgresql
make_certificate database 90 db.example.org
version=$(basename /usr/lib/postgresql/*)
pg_dropcluster "$version" main --stop
pg_createcluster "$version" provider -p 5432 -o ssl=on -o "ssl_cert_file=/etc/postgresql/$version/provider/server.pem" \
  -o "ssl_key_file=/etc/postgresql/$version/provider/server.key" >/dev/null
install -o postgres -g postgres -m 600 /tls/database.pem "/etc/postgresql/$version/provider/server.pem"
install -o postgres -g postgres -m 600 /tls/database.key "/etc/postgresql/$version/provider/server.key"
printf '%s\n' 'local all postgres peer' 'hostssl all all 127.0.0.1/32 scram-sha-256' >"/etc/postgresql/$version/provider/pg_hba.conf"
pg_ctlcluster "$version" provider start
provider() { (cd / && runuser -u postgres -- psql -X -q "$@"); }
# What the guide's table has of the two users, made in the provider's console.
provider -c "create role provider" -c "create role passerelle login password 'PASSWORD'" -c "create role passerelle_web login password 'WEB_PASSWORD'" \
  -c "create database passerelle owner provider" -c "revoke all on database passerelle from public" \
  -c "grant all on database passerelle to passerelle" -c "grant connect on database passerelle to passerelle_web"
provider -d passerelle -c "grant all on schema public to passerelle"
cp /tls/ca.crt "$HOME"/downloads/database-ca.pem
export LANG=fr_FR.UTF-8
guide apache-conf/README.fr.md managed
