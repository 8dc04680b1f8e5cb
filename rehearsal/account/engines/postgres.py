"""PostgreSQL as RDS sets it up. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from . import ADMIN, ARCHIVE, CONFIG, Wanted, value_of

_LIBRARIES = {"pg_stat_statements", "auto_explain", "pg_prewarm"}  # of those that RDS has, what Debian has too
_OURS = {
    *("port", "ssl", "ssl_cert_file", "ssl_key_file", "data_directory", "hba_file", "listen_addresses"),
    *("archive_mode", "archive_command", "restore_command"),
}


class Postgres:
    data = "/var/lib/postgresql/data"
    port = 5432

    def image(self, version: str) -> str:
        return "postgres:15" if int(version.partition(".")[0] or 15) <= 15 else "postgres:17"

    def command(self) -> list[str]:
        return ["postgres", "-c", f"config_file={CONFIG}/postgresql.conf"]

    def environment(self, admin: str) -> dict[str, str]:
        return {"POSTGRES_USER": ADMIN, "POSTGRES_PASSWORD": admin, "POSTGRES_DB": ADMIN}

    def files(self, wanted: Wanted, known: frozenset[str]) -> dict[str, str]:
        return {"postgresql.conf": "\n".join(self._settings(wanted, known)) + "\n", "pg_hba.conf": _access(wanted)}

    def known(self) -> list[str]:
        return ["sh", "-c", "setpriv --reuid=postgres postgres --describe-config | cut -f1"]

    def answers(self, port: int) -> list[str]:
        return ["pg_isready", "--quiet", "--host=127.0.0.1", f"--port={port}"]

    def client(self, admin: str) -> list[str]:
        return [
            "--user=postgres",
            "psql",
            "--no-psqlrc",
            "--quiet",
            "-At",
            "-v",
            "ON_ERROR_STOP=1",
            f"--username={ADMIN}",
            ADMIN,
        ]

    def setup(self, wanted: Wanted, *, first: bool) -> str:
        user, name = _text(wanted.user), _name(wanted.user)
        lines = [
            "SET default_transaction_read_only = off;",  # on in a replica
            _unless("CREATE ROLE rds_superuser", "pg_roles WHERE rolname = 'rds_superuser'"),
            _unless(f"CREATE ROLE {name}", f"pg_roles WHERE rolname = {user}"),
            f"ALTER ROLE {name} LOGIN CREATEDB CREATEROLE PASSWORD {_text(wanted.password)};",
            "GRANT pg_monitor, pg_signal_backend, pg_checkpoint TO rds_superuser WITH ADMIN OPTION;",
            f"GRANT rds_superuser TO {name};",
            # RDS's servers ask for these where others ask for a superuser, or for the attribute REPLICATION
            _unless("CREATE ROLE rds_replication", "pg_roles WHERE rolname = 'rds_replication'"),
            f"GRANT rds_replication TO {name};",
            f"ALTER ROLE {name} REPLICATION;",
            "GRANT SET ON PARAMETER session_replication_role TO rds_superuser;",
        ]
        if first:
            lines.append(f"ALTER DATABASE postgres OWNER TO {name};")
        if first and wanted.database and wanted.database not in ("postgres", ADMIN):
            made = f"CREATE DATABASE {_name(wanted.database)} OWNER {name}"
            lines.append(_unless(made, f"pg_database WHERE datname = {_text(wanted.database)}"))
        return "\n".join(lines) + "\n"

    def reload(self, wanted: Wanted) -> str:
        return (
            "SELECT pg_reload_conf() \\g /dev/null\nSELECT pg_sleep(0.3) \\g /dev/null\n"
            "SELECT 'waits: ' || name FROM pg_settings WHERE pending_restart;\n"
        )

    def waits(self, output: str) -> bool:
        return "waits: " in output

    def stamp(self) -> str:
        """Recovery ends with an error when nothing was committed after its target."""
        return "SELECT pg_logical_emit_message(true, 'stairway', 'restore') \\g /dev/null\n"

    def written(self) -> str:
        return "pg_wal"

    def rewound(self, until: str) -> dict[str, str]:
        """https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-PITR-RECOVERY"""
        lines = [
            f"restore_command = 'cp {ARCHIVE}/%f %p'",
            f"recovery_target_time = {_text(until)}",
            "recovery_target_action = 'promote'",
            "hot_standby = off",  # nobody is let in before it is as it was
        ]
        return {"recovery.signal": "", "postgresql.auto.conf": "\n".join(lines) + "\n"}

    def _settings(self, wanted: Wanted, known: frozenset[str]) -> Iterator[str]:
        connections = min(wanted.memory // 9531392, 5000)
        yield f"data_directory = '{self.data}'"
        yield f"hba_file = '{CONFIG}/pg_hba.conf'"
        yield "listen_addresses = '*'"
        yield f"port = {wanted.port}"
        yield "ssl = on"
        yield f"ssl_cert_file = '{CONFIG}/server.crt'"
        yield f"ssl_key_file = '{CONFIG}/server.key'"
        yield f"max_connections = {connections}"
        yield "archive_mode = on"
        yield f"archive_command = 'cp %p {ARCHIVE}/%f'"
        if wanted.parameters.get("rds.logical_replication") in ("1", "on", "true"):
            yield "wal_level = logical"
        for name, given in sorted(wanted.parameters.items()):
            value = value_of(given, wanted.memory)
            if name == "shared_preload_libraries":
                value = ",".join(one for one in value.replace(" ", "").split(",") if one in _LIBRARIES)
            if name not in _OURS and (name in known or name.partition(".")[0] in _LIBRARIES):
                yield f"{name} = {_text(value)}"


def _access(wanted: Wanted) -> str:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html"""
    by_default = "1" if int(wanted.version.partition(".")[0] or 15) >= 15 else "0"
    forced = wanted.parameters.get("rds.force_ssl", by_default) in ("1", "on", "true")
    lines = ["local all all trust", f"host all {ADMIN} all reject", "hostssl all all all scram-sha-256"]
    return "\n".join([*lines, *([] if forced else ["hostnossl all all all scram-sha-256"])]) + "\n"


def _unless(statement: str, found: str) -> str:
    """Run it only when there is nothing of that kind."""
    return f"SELECT {_text(statement)} WHERE NOT EXISTS (SELECT FROM {found}) \\gexec"  # noqa: S608  all quoted


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
