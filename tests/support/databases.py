"""Real PostgreSQL servers in containers: one as stage 1 starts it, one as AWS runs it (TLS, no superuser to be had)."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import Side
from ansible_collections.stairway.cloud.plugins.module_utils._moves.postgresql.wire import Connection
from ansible_collections.stairway.cloud.plugins.module_utils._stores import postgresql
from ansible_collections.stairway.cloud.plugins.module_utils._stores.model import Login, Server

NETWORK, SUBNET = "mv-pg-net", "10.214.77.0/24"
PASSWORDS = {"app": "mrk3r-move:app\\pass'word", "admin": "mrk3r-move-admin-pass"}
APP, DATABASE = "shop", "shop"
# What a managed server's administrator has: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.MasterAccounts.html
_ADMIN = """psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 -U postgres -d postgres <<'SQL'
CREATE ROLE stairway LOGIN NOSUPERUSER CREATEDB CREATEROLE REPLICATION PASSWORD '{password}';
GRANT SET ON PARAMETER session_replication_role TO stairway;
GRANT pg_signal_backend, pg_monitor TO stairway;
SQL
cp /certificates/server.pem /certificates/server.key "$PGDATA"/ && chmod 600 "$PGDATA"/server.key
printf "ssl = on\\nssl_cert_file = 'server.pem'\\nssl_key_file = 'server.key'\\n" >> "$PGDATA"/postgresql.conf
printf "local all all trust\\nhostssl all all all scram-sha-256\\n" > "$PGDATA"/pg_hba.conf
"""


def docker(*arguments: str, given: str | None = None, seconds: float = 120) -> str:
    """:raises subprocess.CalledProcessError: when it failed."""
    done = subprocess.run(
        ["docker", *arguments], input=given, text=True, capture_output=True, timeout=seconds, check=False
    )
    if done.returncode:
        raise AssertionError(f"docker {' '.join(arguments)}: {done.stdout}{done.stderr}")
    return done.stdout.strip()


def network() -> None:
    if not docker("network", "ls", "--quiet", "--filter", f"name=^{NETWORK}$"):
        docker("network", "create", "--subnet", SUBNET, NETWORK)


def certificates(folder: Path, address: str) -> None:
    """An authority (``stores.pem``), and a server's certificate for ``address``."""
    (folder / "server").mkdir(parents=True, exist_ok=True)

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    if not (folder / "stores.pem").exists():
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=test authority",
                "-keyout", "ca.key", "-out", "stores.pem")  # fmt: skip
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={address}",
            "-keyout", "server/server.key", "-out", "server.csr")  # fmt: skip
    (folder / "names").write_text(f"subjectAltName=IP:{address}\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "stores.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "30", "-extfile", "names", "-out", "server/server.pem")  # fmt: skip
    (folder / "server" / "server.key").chmod(0o644)  # the container's user reads it, and keeps a copy of its own


class AppConnection(Connection):
    """One that no move takes for its own, and that takes from the server what an app's driver would."""

    begins_with: ClassVar[Mapping[str, str]] = {"application_name": "shop", "client_encoding": "UTF8"}


@dataclass
class Postgres:
    """A server; ``managed`` has TLS, and an administrator who is no superuser."""

    name: str
    address: str
    version: str
    managed: bool
    folder: Path

    def start(self, *options: str, arguments: tuple[str, ...] = ()) -> Postgres:
        self.remove()
        network()
        self.folder.mkdir(parents=True, exist_ok=True)
        mounts: list[str] = []
        if self.managed:
            certificates(self.folder, self.address)
            (self.folder / "init.sh").write_text(_ADMIN.format(password=PASSWORDS["admin"]))
            mounts = ["--volume", f"{self.folder}/server:/certificates:ro"]
            mounts += ["--volume", f"{self.folder}/init.sh:/docker-entrypoint-initdb.d/init.sh:ro"]
        docker(
            *("run", "--detach", "--name", self.name, "--network", NETWORK, "--ip", self.address),
            *("--cpu-shares", "64", "--shm-size", "128m", "--env", f"POSTGRES_PASSWORD={PASSWORDS['admin']}"),
            *(*mounts, *options, f"postgres:{self.version}", "postgres", "-c", "wal_level=logical"),
            *("-c", "max_wal_size=2GB", "-c", "fsync=off", *arguments),
        )
        self.wait()
        made = postgresql.make(Login(APP, PASSWORDS["app"], DATABASE))
        self.psql(made, user="stairway" if self.managed else "postgres", database="postgres")
        return self

    def wait(self, seconds: float = 240) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with contextlib.suppress(AssertionError):
                docker("exec", self.name, "pg_isready", "--quiet", "--host", "127.0.0.1")
                return
            time.sleep(0.2)
        raise AssertionError(f"{self.name} does not answer: {docker('logs', self.name)[-2000:]}")

    def psql(self, script: str, *, user: str = "postgres", database: str = DATABASE) -> str:
        """What a superuser's script prints, by the socket inside the container."""
        line = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-U", user, "-d", database]
        return docker("exec", "--interactive", "--user", "postgres", self.name, *line, given=script, seconds=900)

    @property
    def server(self) -> Server:
        ca = str(self.folder / "stores.pem")
        return Server("db", "postgresql", self.address, 5432, self.managed, f"postgres:{self.version}", ca)

    @property
    def admin(self) -> Login:
        return Login("stairway" if self.managed else "postgres", PASSWORDS["admin"], DATABASE)

    @property
    def app(self) -> Login:
        return Login(APP, PASSWORDS["app"], DATABASE)

    def side(self) -> Side:
        return Side("managed" if self.managed else "container", self.server, self.app, self.admin)

    def connect(self) -> Connection:
        """As the app."""
        connection = AppConnection(self.server, self.app)
        connection.run("SET search_path = public")
        return connection

    def empty(self) -> None:
        """The app's database anew."""
        self.psql(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE);", database="postgres")
        made = postgresql.make(Login(APP, PASSWORDS["app"], DATABASE))
        self.psql(made, user=self.admin.user, database="postgres")

    def left(self) -> list[str]:
        """What a move could have left here."""
        return self.psql(
            "SELECT 'slot ' || slot_name FROM pg_replication_slots UNION ALL "
            "SELECT 'publication ' || pubname FROM pg_publication UNION ALL "
            "SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname LIKE 'stairway%' UNION ALL "
            "SELECT 'session ' || pid FROM pg_stat_activity WHERE application_name = 'stairway_move'"
        ).splitlines()

    def kill(self) -> None:
        docker("kill", self.name)

    def again(self) -> None:
        docker("start", self.name)
        self.wait()

    def remove(self) -> None:
        subprocess.run(["docker", "rm", "--force", "--volumes", self.name], capture_output=True, check=False)


__all__ = ["Postgres", "StairwayError", "docker"]
