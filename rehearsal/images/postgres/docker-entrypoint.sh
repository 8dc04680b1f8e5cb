#!/bin/bash
# The part of the official entrypoint that people use: POSTGRES_* (also as _FILE), and /docker-entrypoint-initdb.d at first boot.
set -eu -o pipefail

value() { # value NAME DEFAULT: $NAME, else the content of the file $NAME_FILE, else DEFAULT
  local file_name="$1_FILE"
  if [ -n "${!1:-}" ]; then printf '%s' "${!1}"
  elif [ -n "${!file_name:-}" ]; then printf '%s' "$(< "${!file_name}")"
  else printf '%s' "$2"; fi
}

if [ "${1#-}" != "$1" ]; then set -- postgres "$@"; fi
if [ "$1" != postgres ]; then exec "$@"; fi

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /var/run/postgresql
  # Secrets that only root may read are read here, before root is given up.
  POSTGRES_USER=$(value POSTGRES_USER postgres); export POSTGRES_USER
  POSTGRES_PASSWORD=$(value POSTGRES_PASSWORD ''); export POSTGRES_PASSWORD
  POSTGRES_DB=$(value POSTGRES_DB "$POSTGRES_USER"); export POSTGRES_DB
  unset POSTGRES_USER_FILE POSTGRES_PASSWORD_FILE POSTGRES_DB_FILE
  chown postgres:postgres "$PGDATA" /var/run/postgresql
  chmod 700 "$PGDATA"
  exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$0" "$@"
fi

user=$(value POSTGRES_USER postgres)
password=$(value POSTGRES_PASSWORD '')
database=$(value POSTGRES_DB "$user")

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  if [ -z "$password" ] && [ "${POSTGRES_HOST_AUTH_METHOD:-}" != trust ]; then
    echo 'Error: the database is empty and no password for its superuser was given: set POSTGRES_PASSWORD.' >&2
    exit 1
  fi
  # shellcheck disable=SC2086 # the official image splits this variable too
  initdb --username="$user" --pwfile=<(printf '%s\n' "$password") ${POSTGRES_INITDB_ARGS:-}
  printf "\nlisten_addresses = '*'\n" >> "$PGDATA/postgresql.conf"
  printf '\nhost all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >> "$PGDATA/pg_hba.conf"
  # Not reachable from outside until it is set up, so that nobody takes it for ready.
  pg_ctl -D "$PGDATA" -w -o "-c listen_addresses='' -p ${PGPORT:-5432}" start
  export PGUSER="$user" PGPASSWORD="$password"
  if [ "$database" != postgres ]; then
    printf 'CREATE DATABASE :"db";' | psql -v ON_ERROR_STOP=1 --no-psqlrc --dbname postgres --set db="$database"
  fi
  export PGDATABASE="$database"
  for script in /docker-entrypoint-initdb.d/*; do
    # shellcheck disable=SC1090 # the scripts are the user's
    case "$script" in
      *.sh) echo "$0: running $script"; if [ -x "$script" ]; then "$script"; else . "$script"; fi ;;
      *.sql) echo "$0: running $script"; psql -v ON_ERROR_STOP=1 --no-psqlrc -f "$script" ;;
      *.sql.gz) echo "$0: running $script"; gunzip -c "$script" | psql -v ON_ERROR_STOP=1 --no-psqlrc ;;
    esac
  done
  unset PGUSER PGPASSWORD PGDATABASE
  pg_ctl -D "$PGDATA" -m fast -w stop
  echo 'PostgreSQL init process complete; ready for start up.'
fi
unset POSTGRES_PASSWORD
exec "$@"
