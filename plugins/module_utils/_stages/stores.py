"""The files of a store in a container. Pure: texts only.

No password stands in the compose file, in an image's environment as Docker shows it, or in a command line. It lies in
a file of root's with mode 0600,
mounted at ``/stairway/password``; ``start.sh`` runs as root in the container, exports it for the image's own
entrypoint, and that drops to
the engine's user. The administrator's password is random and made there once; nobody needs to know it.

The app's own user may do what it likes in its one database and nothing elsewhere. The scripts take the password from
the environment, through
what each client has for that, so there is nothing to quote; names are plain identifiers, checked by the spec.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._app.engines import ENGINES

_INITS = "/docker-entrypoint-initdb.d"
_BANNER = "# Managed by Stairway: changes here are overwritten.\n"


@dataclass(frozen=True)
class StoreFile:
    """A file below the store's folder; ``target`` is where the container sees it. ``mode`` is octal in a text."""

    name: str
    target: str
    text: str
    mode: str
    secret: bool = False


_PASSWORDS = """#!/bin/sh
{banner}set -eu
STAIRWAY_DATABASE={database}
STAIRWAY_USER={user}
STAIRWAY_PASSWORD="$(cat /stairway/password)"
export STAIRWAY_DATABASE STAIRWAY_USER STAIRWAY_PASSWORD
if [ ! -s /stairway/admin/password ]; then
  umask 077
  od -An -N24 -tx1 /dev/urandom | tr -d ' \\n' > /stairway/admin/password.new
  mv /stairway/admin/password.new /stairway/admin/password
fi
"""

_START = (
    _PASSWORDS
    + """exec docker-entrypoint.sh "$@"
"""
)

# A replica set of one: only such a mongod tells of its changes, which is how a move follows it to its next home.
# Members know each other by a key; there is only this one, so it may be another one in each container. mongosh asks
# until there is a server to ask: the image sets itself up first, and then starts the one that stays.
_MONGODB_START = (
    _PASSWORDS
    + """key=/data/configdb/stairway.key
rm -f "$key"
(umask 077 && od -An -N48 -tx1 /dev/urandom | tr -d ' \\n' > "$key")
chown mongodb "$key"
if command -v mongosh > /dev/null; then
  (
    unset STAIRWAY_PASSWORD
    tries=0
    while [ "$tries" -lt 600 ] && ! mongosh --quiet --nodb --file /stairway/replica.js > /dev/null 2>&1; do
      tries=$((tries + 1))
      sleep 1
    done
  ) &
fi
exec docker-entrypoint.sh "$@"
"""
)

# An error ends it, and it is asked again; 94 is a server that was told to be a replica set and is none yet.
_REPLICA = """// Managed by Stairway: changes here are overwritten.
const password = encodeURIComponent(require("fs").readFileSync("/stairway/admin/password", "utf8").trim());
const admin = connect("mongodb://stairway_admin:" + password + "@127.0.0.1/admin?directConnection=true");
let code = 0;
try {{
  code = admin.runCommand({{replSetGetStatus: 1}}).code || 0;
}} catch (error) {{
  code = error.code || -1;
}}
if (code === 94) {{
  const member = {{_id: 0, host: "{name}:27017"}};
  code = admin.runCommand({{replSetInitiate: {{_id: "stairway", members: [member]}}}}).code || 0;
}}
if (code !== 0) {{
  throw new Error("no replica set yet: " + code);
}}
"""

_REDIS_START = """#!/bin/sh
{banner}set -eu
# the configuration comes on standard input: the password is in it, and the user redis could not read root's file
exec docker-entrypoint.sh redis-server - < /stairway/redis.conf
"""

_POSTGRESQL = """{banner}psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d postgres <<'SQL'
SET log_min_error_statement = panic;
\\set password `printf %s "$STAIRWAY_PASSWORD"`
SELECT 'CREATE ROLE "{user}" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION'
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{user}') \\gexec
ALTER ROLE "{user}" PASSWORD :'password';
SELECT 'CREATE DATABASE "{database}" OWNER "{user}"'
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{database}') \\gexec
REVOKE ALL ON DATABASE "{database}" FROM PUBLIC;
\\connect "{database}"
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO "{user}";
SQL
"""

_MONGODB = """// Managed by Stairway: changes here are overwritten.
const database = db.getSiblingDB("{database}");
const account = {{pwd: process.env.STAIRWAY_PASSWORD, roles: [{{role: "readWrite", db: "{database}"}}]}};
if (database.getUser("{user}")) {{
  database.updateUser("{user}", account);
}} else {{
  database.createUser({{user: "{user}", ...account}});
}}
"""

# CREATE USER takes no expression, so the statement is put together by the server, which quotes the password itself.
# In a GRANT an underscore stands for any character, hence the backslash.
_MYSQL = """{banner}docker_process_sql --database=mysql <<SQL
SET @password = CONVERT(FROM_BASE64('$(printf %s "$STAIRWAY_PASSWORD" | base64 | tr -d '\\n')') USING utf8mb4);
CREATE DATABASE IF NOT EXISTS \\`{database}\\` CHARACTER SET utf8mb4;
SET @statement = CONCAT('CREATE USER IF NOT EXISTS ''{user}''@''%'' IDENTIFIED BY ', QUOTE(@password));
PREPARE statement FROM @statement;
EXECUTE statement;
SET @statement = CONCAT('ALTER USER ''{user}''@''%'' IDENTIFIED BY ', QUOTE(@password));
PREPARE statement FROM @statement;
EXECUTE statement;
DEALLOCATE PREPARE statement;
GRANT ALL PRIVILEGES ON \\`{grant}\\`.* TO '{user}'@'%';
SQL
"""


def redis_quoted(text: str) -> str:
    """A text as redis.conf takes it in double quotes: every byte that is no letter or digit as ``\\xhh``."""
    return (
        '"'
        + "".join(chr(byte) if chr(byte).isalnum() and byte < 128 else f"\\x{byte:02x}" for byte in text.encode())
        + '"'
    )


def redis_configuration(store: Mapping[str, Any], password: str, memory_bytes: int) -> str:
    """redis.conf: snapshots and an append-only file, and no more data than leaves room for a snapshot's copy."""
    user = store.get("user")
    lines = [
        _BANNER.rstrip(),
        "bind 0.0.0.0",
        "protected-mode yes",
        "dir /data",
        "save 900 1 300 10 60 10000",
        "appendonly yes",
        "appendfsync everysec",
        f"maxmemory {memory_bytes * 3 // 4}",
        "# queues live here too: refuse new data rather than throw away old",
        "maxmemory-policy noeviction",
    ]
    if user in (None, "default"):
        lines.append(f"requirepass {redis_quoted(password)}")
    else:
        # sync, psync and replconf are how a backup reads what is there
        rights = "~* &* +@all -@admin -@dangerous +info +keys +flushdb +sync +psync +replconf"
        lines += ["user default off", f"user {user} on {rights} {redis_quoted('>' + password)}"]
    return "\n".join(lines) + "\n"


def store_files(store: Mapping[str, Any], password: str, memory_bytes: int) -> list[StoreFile]:
    """The files of one store; ``store`` is one of ``host_facts``' stores."""
    secret = StoreFile("password", "/stairway/password", password, "0600", secret=True)
    if store["engine"] == "redis":
        configuration = redis_configuration(store, password, memory_bytes)
        return [
            secret,
            StoreFile("start.sh", "/stairway/start.sh", _REDIS_START.format(banner=_BANNER), "0644"),
            StoreFile("redis.conf", "/stairway/redis.conf", configuration, "0600", secret=True),
        ]
    names = {"banner": _BANNER, "database": store["database"], "user": store["user"]}
    if store["engine"] == "mongodb":
        replica = StoreFile("replica.js", "/stairway/replica.js", _REPLICA.format(name=store["name"]), "0644")
        start = StoreFile("start.sh", "/stairway/start.sh", _MONGODB_START.format(**names), "0644")
        return [secret, start, replica, _init("mongodb", names)]
    start = StoreFile("start.sh", "/stairway/start.sh", _START.format(**names), "0644")
    return [secret, start, _init(store["engine"], names)]


def _init(engine: str, names: dict[str, str]) -> StoreFile:
    if engine == "mongodb":
        return StoreFile("init.js", f"{_INITS}/stairway.js", _MONGODB.format(**names), "0644")
    if engine == "postgresql":
        return StoreFile("init.sh", f"{_INITS}/stairway.sh", _POSTGRESQL.format(**names), "0644")
    # two backslashes: the shell's here-document takes one away
    grant = names["database"].replace("_", "\\\\_")
    return StoreFile("init.sh", f"{_INITS}/stairway.sh", _MYSQL.format(**names, grant=grant), "0644")


_ADMIN = "/stairway/admin/password"
ENVIRONMENT: dict[str, dict[str, str]] = {
    "mongodb": {"MONGO_INITDB_ROOT_USERNAME": "stairway_admin", "MONGO_INITDB_ROOT_PASSWORD_FILE": _ADMIN},
    "postgresql": {"POSTGRES_USER": "postgres", "POSTGRES_PASSWORD_FILE": _ADMIN},
    "mysql": {"MYSQL_ROOT_PASSWORD_FILE": _ADMIN},
    "mariadb": {"MARIADB_ROOT_PASSWORD_FILE": _ADMIN},
    "redis": {},
}

# How a move follows these two: whole rows, in the order of their commits, none lost with the power. A day of them
# is more than a move needs. Without the last no app could make a trigger or a function any more.
_BINARY_LOG = [
    *("--server-id=1", "--log-bin=binlog", "--binlog-format=ROW", "--sync-binlog=1"),
    *("--binlog-expire-logs-seconds=86400", "--log-bin-trust-function-creators=1"),
]

COMMANDS: dict[str, list[str]] = {
    # half a gigabyte of changes is hours of an app's; the server would take a twentieth of the disk
    "mongodb": ["mongod", "--replSet", "stairway", "--keyFile", "/data/configdb/stairway.key", "--oplogSize", "512"],
    # logical replication is how a move follows the database to its next home, and turning it on later would need a
    # restart
    "postgresql": ["postgres", "-c", "wal_level=logical"],
    "mysql": ["mysqld", *_BINARY_LOG],
    "mariadb": ["mariadbd", *_BINARY_LOG],
    "redis": [],
}

# Over TCP, because while an image sets itself up its server listens on a socket or on 127.0.0.1 only.
HEALTH: dict[str, list[str]] = {
    # mongosh takes a second of CPU for each question, an open port costs nothing
    "mongodb": ["CMD", "bash", "-c", 'exec 3<>"/dev/tcp/$HOSTNAME/27017"'],
    "postgresql": ["CMD", "pg_isready", "--quiet", "--host", "127.0.0.1", "--username", "postgres"],
    "mysql": [
        "CMD-SHELL",
        'MYSQL_PWD="$(cat /stairway/password)" mysqladmin ping --silent --host 127.0.0.1 --user {user}',
    ],
    "mariadb": [
        "CMD-SHELL",
        'MYSQL_PWD="$(cat /stairway/password)" mariadb-admin ping --silent --host 127.0.0.1 --user {user}',
    ],
    "redis": ["CMD-SHELL", 'REDISCLI_AUTH="$(cat /stairway/password)" redis-cli {login}ping | grep -q PONG'],
}


def health_check(store: Mapping[str, Any]) -> list[str]:
    """The health check's command, as Docker takes it."""
    user = store.get("user") or ""
    login = f"--user {user} " if user and user != "default" else ""
    names = {"{user}": user, "{login}": login}
    command = HEALTH[store["engine"]]
    for marker, name in names.items():
        command = [part.replace(marker, name) for part in command]
    return command


def data_folder(store: Mapping[str, Any]) -> str:
    return ENGINES[store["engine"]].data_of(store["version"])
