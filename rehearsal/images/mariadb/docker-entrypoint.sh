#!/bin/bash
# The part of the official entrypoint that people use: MARIADB_* and MYSQL_* (also as _FILE), and /docker-entrypoint-initdb.d
# at first boot. As there, the first boot answers on no port until it is set up.
set -eu -o pipefail

value() { # value NAME DEFAULT: $MARIADB_NAME, $MYSQL_NAME or the content of the file that the same with _FILE names
  local prefix name file
  for prefix in MARIADB MYSQL; do
    name="${prefix}_$1" file="${prefix}_$1_FILE"
    if [ -n "${!name:-}" ]; then printf '%s' "${!name}"; return; fi
    if [ -n "${!file:-}" ]; then printf '%s' "$(< "${!file}")"; return; fi
  done
  printf '%s' "$2"
}
quoted() { local text=${1//\\/\\\\}; printf "'%s'" "${text//\'/\\\'}"; }

if [ "${1#-}" != "$1" ]; then set -- mariadbd "$@"; fi
if [ "$1" = mysqld ]; then shift; set -- mariadbd "$@"; fi
if [ "$1" != mariadbd ]; then exec "$@"; fi

data=/var/lib/mysql
mkdir -p "$data" /run/mysqld
chown mysql:mysql "$data" /run/mysqld
if [ ! -d "$data/mysql" ]; then
  root=$(value ROOT_PASSWORD '')
  if [ -z "$root" ] && [ -z "${MARIADB_ALLOW_EMPTY_ROOT_PASSWORD:-}${MARIADB_RANDOM_ROOT_PASSWORD:-}" ]; then
    echo 'Error: the database is empty and no password for root was given: set MARIADB_ROOT_PASSWORD.' >&2
    exit 1
  fi
  mariadb-install-db --user=mysql --datadir="$data" --skip-test-db --auth-root-authentication-method=normal > /dev/null
  setpriv --reuid=mysql --regid=mysql --init-groups -- mariadbd --skip-networking --datadir="$data" &
  setup=$!
  for _ in $(seq 120); do
    if mariadb -uroot -e 'SELECT 1' > /dev/null 2>&1; then break; fi
    sleep 0.25
  done
  user=$(value USER '') password=$(value PASSWORD '') database=$(value DATABASE '')
  {
    if [ -n "$database" ]; then echo "CREATE DATABASE IF NOT EXISTS \`$database\`;"; fi
    if [ -n "$user" ]; then
      echo "CREATE USER $(quoted "$user")@'%' IDENTIFIED BY $(quoted "$password");"
      if [ -n "$database" ]; then echo "GRANT ALL ON \`$database\`.* TO $(quoted "$user")@'%';"; fi
    fi
    echo "CREATE USER 'root'@'%' IDENTIFIED BY $(quoted "$root"); GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;"
    echo "ALTER USER 'root'@'localhost' IDENTIFIED BY $(quoted "$root");"
  } | mariadb -uroot
  export MYSQL_PWD=$root
  # shellcheck disable=SC2329 # for scripts that are sourced, as in the official image
  docker_process_sql() { mariadb -uroot ${database:+"--database=$database"} "$@"; }
  for script in /docker-entrypoint-initdb.d/*; do
    # shellcheck disable=SC1090 # the scripts are the user's
    case "$script" in
      *.sh) echo "$0: running $script"; if [ -x "$script" ]; then "$script"; else . "$script"; fi ;;
      *.sql) echo "$0: running $script"; mariadb -uroot ${database:+"$database"} < "$script" ;;
      *.sql.gz) echo "$0: running $script"; gunzip -c "$script" | mariadb -uroot ${database:+"$database"} ;;
    esac
  done
  mariadb-admin -uroot shutdown
  unset MYSQL_PWD
  wait "$setup"
  echo 'MariaDB init process done. Ready for start up.'
fi
unset MARIADB_ROOT_PASSWORD MARIADB_PASSWORD MYSQL_ROOT_PASSWORD MYSQL_PASSWORD
exec setpriv --reuid=mysql --regid=mysql --init-groups -- "$@"
