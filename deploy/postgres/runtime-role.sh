#!/bin/sh
# Once, when the container's database is made: the role with which web and workers run. It owns
# nothing, and gets its rights from `grant_runtime`.
set -eu

psql --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" \
    --set=password="$(cat /run/secrets/database_password)" <<'SQL'
CREATE ROLE pakta LOGIN PASSWORD :'password';
SQL
