"""Real MariaDB servers in containers: one as stage 1 starts it, one as AWS runs it (TLS, no SUPER to be had)."""

from __future__ import annotations

import contextlib
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import Side
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mysql.wire import SETTINGS, Connection
from ansible_collections.stairway.cloud.plugins.module_utils._stages.stores import COMMANDS
from ansible_collections.stairway.cloud.plugins.module_utils._stores import mysql
from ansible_collections.stairway.cloud.plugins.module_utils._stores.model import Login, Server
from tests.support.databases import certificates, docker
from tests.support.moving import App

NETWORK, SUBNET = "mv-sql-net", "10.214.78.0/24"
PASSWORDS = {"app": "mrk3r-move:app\\pass'word", "admin": "mrk3r-move-admin-pass"}
APP, DATABASE = "shop", "shop"
IMAGE = "mariadb:11"
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.MasterAccounts.html, RDS for MariaDB; and what RDS
# gives in the place of what it does not: it ends sessions and keeps the binary log by procedures.
_RIGHTS = """SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES,
  CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, BINLOG MONITOR, CREATE VIEW, SHOW VIEW,
  CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER, DELETE HISTORY, SHOW CREATE ROUTINE"""
_MANAGED = f"""CREATE USER stairway@'%' IDENTIFIED BY '{PASSWORDS["admin"]}';
GRANT {_RIGHTS} ON *.* TO stairway@'%' WITH GRANT OPTION;
CREATE TABLE mysql.rds_configuration (name varchar(100) PRIMARY KEY, value varchar(100), description varchar(300));
INSERT INTO mysql.rds_configuration VALUES ('binlog retention hours', NULL, '');
DELIMITER //
CREATE PROCEDURE mysql.rds_kill(IN thread bigint) SQL SECURITY DEFINER KILL thread //
CREATE PROCEDURE mysql.rds_set_configuration(IN asked varchar(100), IN given varchar(100)) SQL SECURITY DEFINER
  UPDATE mysql.rds_configuration SET value = given WHERE name = asked //
DELIMITER ;
"""


def network() -> None:
    if not docker("network", "ls", "--quiet", "--filter", f"name=^{NETWORK}$"):
        docker("network", "create", "--subnet", SUBNET, NETWORK)


class AppConnection(Connection):
    """One that no move takes for its own."""

    begins_with = SETTINGS


@dataclass
class Maria:
    """A server; ``managed`` has TLS, and an administrator without SUPER."""

    name: str
    address: str
    managed: bool
    folder: Path
    version: str = "11"

    def start(self, *options: str, arguments: tuple[str, ...] = ()) -> Maria:
        self.remove()
        network()
        self.folder.mkdir(parents=True, exist_ok=True)
        mounts: list[str] = []
        command = list(COMMANDS["mariadb"])
        if self.managed:
            certificates(self.folder, self.address)
            (self.folder / "init.sql").write_text(_MANAGED)
            mounts = ["--volume", f"{self.folder}/server:/certificates:ro"]
            mounts += ["--volume", f"{self.folder}/init.sql:/docker-entrypoint-initdb.d/init.sql:ro"]
            command += ["--ssl-cert=/certificates/server.pem", "--ssl-key=/certificates/server.key"]
            command += ["--require-secure-transport=ON"]
        docker(
            *("run", "--detach", "--name", self.name, "--network", NETWORK, "--ip", self.address),
            *("--cpu-shares", "64", "--env", f"MARIADB_ROOT_PASSWORD={PASSWORDS['admin']}"),
            *(*mounts, *options, IMAGE, *command, "--innodb-flush-log-at-trx-commit=2", "--sync-binlog=0", *arguments),
        )
        self.wait()
        self.sql(mysql.make(self.app), database="")
        return self

    def wait(self, seconds: float = 120) -> None:
        """Until it answers by TCP: while an image sets itself up it listens on a socket only."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with contextlib.suppress(StairwayError):
                Connection(self.server, Login(self.admin.user, self.admin.password, "")).close()
                return
            time.sleep(0.3)
        raise AssertionError(f"{self.name} does not answer: {docker('logs', self.name)[-2000:]}")

    def sql(self, script: str, *, database: str = DATABASE) -> str:
        """What root's script prints, by the socket inside the container."""
        line = ["mariadb", "-uroot", "--default-character-set=utf8mb4", "-N", "-B", *([database] if database else [])]
        password = ["--env", f"MYSQL_PWD={PASSWORDS['admin']}"]
        return docker("exec", "--interactive", *password, self.name, *line, given=script, seconds=900)

    @property
    def server(self) -> Server:
        ca = str(self.folder / "stores.pem")
        return Server("db", "mariadb", self.address, 3306, self.managed, IMAGE, ca)

    @property
    def admin(self) -> Login:
        return Login("stairway" if self.managed else "root", PASSWORDS["admin"], DATABASE)

    @property
    def app(self) -> Login:
        return Login(APP, PASSWORDS["app"], DATABASE)

    def side(self) -> Side:
        return Side("managed" if self.managed else "container", self.server, self.app, self.admin)

    def connect(self) -> Connection:
        """As the app."""
        return AppConnection(self.server, self.app)

    def empty(self) -> None:
        """The app's database anew."""
        gone = "".join(f"DROP DATABASE IF EXISTS {name};" for name in (DATABASE, "stairway_shop_db"))
        gone += f"DROP USER IF EXISTS {APP}@'%';"
        retention = "UPDATE mysql.rds_configuration SET value = NULL;" if self.managed else ""
        self.sql(gone + retention, database="")
        self.sql(mysql.make(self.app), database="")

    def left(self) -> list[str]:
        """What a move could have left here."""
        return self.sql(
            "SELECT CONCAT('database ', schema_name) FROM information_schema.schemata WHERE schema_name LIKE "
            "'stairway%' UNION ALL SELECT CONCAT('session ', id, ' ', command) FROM information_schema.processlist "
            "WHERE user = 'stairway' OR (user = 'root' AND host <> 'localhost')"
            + (
                " UNION ALL SELECT CONCAT('retention ', value) FROM mysql.rds_configuration WHERE value IS NOT NULL"
                if self.managed
                else ""
            )
        ).splitlines()

    def dump(self) -> None:
        """Keep what is there, for :meth:`load`."""
        password = ["--env", f"MYSQL_PWD={PASSWORDS['admin']}"]
        options = "--single-transaction --routines --triggers --events --databases"
        line = f"mariadb-dump -uroot {options} {DATABASE} > /tmp/good.sql"
        docker("exec", *password, self.name, "sh", "-c", line)

    def load(self) -> None:
        """What was kept, and nothing else."""
        self.sql(f"DROP DATABASE IF EXISTS {DATABASE};\nSOURCE /tmp/good.sql", database="")

    def kill(self) -> None:
        docker("kill", self.name)

    def again(self) -> None:
        docker("start", self.name)
        self.wait()

    def remove(self) -> None:
        subprocess.run(["docker", "rm", "--force", "--volumes", self.name], capture_output=True, check=False)


class MariaApp(App):
    """The same app on MariaDB."""

    def _one(self, connection: Any, thread: int, number: int) -> None:
        table = f"t{number % self.tables}"
        kind = number % 10
        also = ""
        if kind < 3:
            also = f"UPDATE {table} SET word = 'changed {number}', score = score + 0.1 WHERE id = {1 + number % 97}; "
        elif kind == 3:
            # by its key: a scan would lock what the other threads insert, which no move is to blame for
            also = f"DELETE FROM {table} WHERE id = {98 + number // self.tables % 3}; "
        connection.run(
            f"BEGIN; {also}INSERT INTO {table} (word, score, writer, number) "
            f"VALUES ('by {thread}', {number}/7.0, {self.first + thread}, {number}); COMMIT"
        )

    def read_back(self, store: Any) -> tuple[int, int]:
        union = " UNION ALL ".join(f"SELECT writer, number FROM t{n} WHERE number > 0" for n in range(self.tables))
        lost = doubled = 0
        for thread, told in enumerate(self.written):
            rows = store.sql(
                f"SELECT number, COUNT(*) FROM ({union}) x WHERE writer = {self.first + thread} GROUP BY 1"
            )
            found = {int(line.split("\t")[0]): int(line.split("\t")[1]) for line in rows.splitlines()}
            lost += len(told - found.keys())
            doubled += sum(count - 1 for count in found.values())
        return lost, doubled


def fill_maria(store: Maria, rows: int, tables: int = 30, width: int = 100) -> None:
    """``rows`` rows over ``tables`` tables, each with two indexes; the last has a foreign key that takes rows along."""
    each = max(100, rows // tables)
    parts = []
    for number in range(tables):
        parts.append(
            f"CREATE TABLE t{number} (id bigint AUTO_INCREMENT PRIMARY KEY, word text, score double, note json, "
            "data varbinary(100), price decimal(12, 4), writer int, number int, "
            "made timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6), "
            "KEY (writer, number));"
            f"INSERT INTO t{number} (word, score, note, data, price) SELECT "
            f"REPEAT(MD5(seq), {max(1, width // 32)}), seq / 3.0, JSON_OBJECT('i', seq), UNHEX(MD5(seq)), seq / 7.0 "
            f"FROM seq_1_to_{each};"
        )
    parts.append(
        "CREATE TABLE child (id int AUTO_INCREMENT PRIMARY KEY, parent bigint, FOREIGN KEY (parent) "
        f"REFERENCES t{min(3, tables - 1)} (id) ON DELETE CASCADE); "
        "INSERT INTO child (parent) SELECT 90 + seq FROM seq_1_to_10;"
    )
    store.sql("\n".join(parts))
