"""MariaDB as RDS sets it up; it stands for MySQL too. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from . import CONFIG, Wanted, value_of

# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.MasterAccounts.html
_GRANTS = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES, "
    "CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, REPLICATION CLIENT, CREATE VIEW, SHOW VIEW, "
    "CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER"
)
_WAITS = "1238"  # ERROR 1238: a read only variable
_OURS = {"port", "datadir", "ssl_cert", "ssl_key", "socket", "bind_address"}


class MariaDb:
    data = "/var/lib/mysql"
    port = 3306

    def image(self, version: str) -> str:
        return "mariadb:11"

    def command(self) -> list[str]:
        return ["mariadbd", f"--defaults-file={CONFIG}/my.cnf"]

    def environment(self, admin: str) -> dict[str, str]:
        return {"MARIADB_ROOT_PASSWORD": admin}

    def files(self, wanted: Wanted, known: frozenset[str]) -> dict[str, str]:
        return {"my.cnf": "\n".join(self._settings(wanted)) + "\n"}

    def known(self) -> list[str]:
        return []  # a name that begins with «loose» may be unknown

    def answers(self, port: int) -> list[str]:
        # whoever has no password is refused by a server that serves, which is all that is asked here
        options = ["--protocol=tcp", "--host=127.0.0.1", f"--port={port}", "--user=nobody", "--skip-ssl"]
        return ["mariadb-admin", "--no-defaults", *options, "ping"]

    def client(self, admin: str) -> list[str]:
        return [f"--env=MYSQL_PWD={admin}", "mariadb", "--no-defaults", "--user=root", "--batch", "--force"]

    def setup(self, wanted: Wanted, *, first: bool) -> str:
        user = f"{_text(wanted.user)}@'%'"
        lines = [
            *(["DROP USER IF EXISTS 'root'@'%';"] if wanted.user != "root" and first else []),
            f"CREATE USER IF NOT EXISTS {user} IDENTIFIED BY {_text(wanted.password)};",
            f"ALTER USER {user} IDENTIFIED BY {_text(wanted.password)};",
            f"GRANT {_GRANTS} ON *.* TO {user} WITH GRANT OPTION;",
        ]
        if first and wanted.database:
            lines.append(f"CREATE DATABASE IF NOT EXISTS {_name(wanted.database)};")
        return "\n".join(lines) + "\n"

    def reload(self, wanted: Wanted) -> str:
        """A variable that MariaDB does not know fails with another error, and is nothing to wait for."""
        return "".join(f"SET GLOBAL {name} = {_value(value)};\n" for name, value in self._given(wanted))

    def waits(self, output: str) -> bool:
        return f"ERROR {_WAITS}" in output

    def stamp(self) -> str:
        return ""  # without a binary log there is only now

    def written(self) -> str:
        return ""

    def rewound(self, until: str) -> dict[str, str]:
        return {}

    def _given(self, wanted: Wanted) -> Iterator[tuple[str, str]]:
        for name, given in sorted(wanted.parameters.items()):
            if name.replace("-", "_") not in _OURS:
                yield name, value_of(given, wanted.memory)

    def _settings(self, wanted: Wanted) -> Iterator[str]:
        yield "[mariadbd]"
        yield "user = mysql"
        yield f"datadir = {self.data}"
        yield "socket = /run/mysqld/mysqld.sock"
        yield "bind_address = 0.0.0.0"
        yield f"port = {wanted.port}"
        yield "skip_name_resolve"
        yield f"ssl_cert = {CONFIG}/server.crt"
        yield f"ssl_key = {CONFIG}/server.key"
        yield f"max_connections = {min(wanted.memory // 12582880, 16000)}"
        for name, value in self._given(wanted):
            yield f"loose_{name} = {value}"


def _value(value: str) -> str:
    return value if value.lstrip("-").replace(".", "", 1).isdigit() or value.upper() in ("ON", "OFF") else _text(value)


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _name(value: str) -> str:
    return "`" + value.replace("`", "``") + "`"
