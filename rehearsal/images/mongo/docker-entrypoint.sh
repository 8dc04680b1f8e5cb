#!/bin/bash
# MONGO_INITDB_ROOT_USERNAME and _PASSWORD (also as _FILE) switch authentication on, as in the official image.
# FerretDB runs no JavaScript: for scripts of /docker-entrypoint-initdb.d stands STAIRWAY_USER, STAIRWAY_PASSWORD, STAIRWAY_DATABASE.
set -eu -o pipefail

value() { # value NAME: $NAME, else the content of the file $NAME_FILE
  local file_name="$1_FILE"
  if [ -n "${!1:-}" ]; then printf '%s' "${!1}"; elif [ -n "${!file_name:-}" ]; then printf '%s' "$(< "${!file_name}")"; fi
}

if [ "${1#-}" != "$1" ]; then set -- mongod "$@"; fi
if [ "$1" != mongod ]; then exec "$@"; fi

if [ "$(id -u)" = 0 ]; then
  MONGO_INITDB_ROOT_USERNAME=$(value MONGO_INITDB_ROOT_USERNAME); export MONGO_INITDB_ROOT_USERNAME
  MONGO_INITDB_ROOT_PASSWORD=$(value MONGO_INITDB_ROOT_PASSWORD); export MONGO_INITDB_ROOT_PASSWORD
  unset MONGO_INITDB_ROOT_USERNAME_FILE MONGO_INITDB_ROOT_PASSWORD_FILE
  chown -R mongodb:mongodb /data/db
  exec setpriv --reuid=mongodb --regid=mongodb --init-groups -- "$0" "$@"
fi

root=$(value MONGO_INITDB_ROOT_USERNAME)
password=$(value MONGO_INITDB_ROOT_PASSWORD)
done_file=/data/db/.stairway-initialised
if [ -n "$root" ] && [ -n "$password" ]; then export FERRETDB_TEST_ENABLE_NEW_AUTH=true; fi

if [ ! -e "$done_file" ]; then
  if [ -n "${FERRETDB_TEST_ENABLE_NEW_AUTH:-}" ]; then
    # Only inside the container until the users exist, so that nobody takes it for ready.
    FERRETDB_SETUP_DATABASE=admin FERRETDB_SETUP_USERNAME=$root FERRETDB_SETUP_PASSWORD=$password \
      FERRETDB_LISTEN_ADDR=127.0.0.1:27017 ferretdb &
    server=$!
    MONGO_INITDB_ROOT_USERNAME=$root MONGO_INITDB_ROOT_PASSWORD=$password python3 -I /usr/local/bin/create_user.py
    kill -TERM "$server"
    wait "$server" || true
  fi
  for script in /docker-entrypoint-initdb.d/*.js; do
    [ ! -e "$script" ] || echo "docker-entrypoint.sh: $script is not run: FerretDB knows no JavaScript" >&2
  done
  touch "$done_file"
fi
unset MONGO_INITDB_ROOT_PASSWORD STAIRWAY_PASSWORD
FERRETDB_LISTEN_ADDR=0.0.0.0:27017 exec ferretdb
