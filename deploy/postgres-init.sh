#!/bin/sh
# Run once by the postgres image, on an empty volume: a role of the vault's own that is no superuser, and its database.
set -eu
url=$(head -n 1 /run/secrets/database_url)
# postgres://user:password@host/name; the password is letters and digits, which need no escaping.
password=$(printf '%s' "$url" | sed -n 's#^postgres://cloakroom:\([A-Za-z0-9]\{16,\}\)@.*#\1#p')
if [ -z "$password" ]; then
  echo 'cloakroom: database_url must be postgres://cloakroom:PASSWORD@postgres/cloakroom, the password 16 letters and digits or more' >&2
  exit 1
fi
psql --quiet --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres <<SQL
create role cloakroom login password '$password';
create database cloakroom owner cloakroom;
revoke connect on database cloakroom from public;
SQL
