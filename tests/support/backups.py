"""An app's stores in containers of this machine, with the settings that a host would have, all below one folder.

Names begin with ``mv-backups-``, so that what a killed test leaves is found; ``Stand.down`` takes everything away.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._app.model import App
from ansible_collections.stairway.cloud.plugins.module_utils._app.parse import parse
from ansible_collections.stairway.cloud.plugins.module_utils._backups.model import Settings, settings_of
from ansible_collections.stairway.cloud.plugins.module_utils._backups.places import Host, target
from ansible_collections.stairway.cloud.plugins.module_utils._backups.run import Report, Wish, backup, drills
from ansible_collections.stairway.cloud.plugins.module_utils._backups.target import Target
from ansible_collections.stairway.cloud.plugins.module_utils._docker import compose
from ansible_collections.stairway.cloud.plugins.module_utils._stages import backups as stage
from ansible_collections.stairway.cloud.plugins.module_utils._stages.app_files import stores_files
from tests.support.ansible import ROOT

STORES: dict[str, dict[str, Any]] = {
    "postgresql": {"version": "17", "database": "chat", "user": "chat", "memory": "1g"},
    "mariadb": {"version": "11.8", "database": "chat", "user": "chat"},
    "redis": {"version": "7"},
}
# Images of this machine are named by the line alone.
IMAGES = {"mariadb": "mariadb:11"}
_POSTGRESQL = """
CREATE TABLE users (id bigserial PRIMARY KEY, name text NOT NULL, data bytea, at timestamptz DEFAULT now());
CREATE TABLE "Odd name" (id int PRIMARY KEY REFERENCES users (id), worth numeric(20,6));
CREATE INDEX users_name ON users (name);
CREATE VIEW names AS SELECT name FROM users;
INSERT INTO users (name, data) SELECT '이름 ' || md5(i::text), decode(md5(i::text), 'hex')
  FROM generate_series(1, ROWS) i;
INSERT INTO "Odd name" SELECT id, id * 1.000001 FROM users WHERE id % 10 = 0;
"""
_MARIADB = """
CREATE TABLE users (id bigint AUTO_INCREMENT PRIMARY KEY, name varchar(99) NOT NULL, data blob, KEY (name));
CREATE TABLE `Odd name` (id bigint PRIMARY KEY, worth decimal(20,6), FOREIGN KEY (id) REFERENCES users (id));
CREATE VIEW names AS SELECT name FROM users;
INSERT INTO users (name, data) SELECT CONCAT('이름 ', MD5(seq)), UNHEX(MD5(seq)) FROM seq_1_to_ROWS;
INSERT INTO `Odd name` SELECT id, id * 1.000001 FROM users WHERE id % 10 = 0;
"""
PASSWORD = "mrk3r-st0re-pass"
# What is asked before and after: content, not only how much of it.
DIGEST = {
    "postg": "SELECT md5(string_agg(u::text, ',' ORDER BY id)) FROM users u;"
    ' SELECT sum(worth) FROM "Odd name"; SELECT count(*) FROM names;',
    "maria": "SELECT MD5(GROUP_CONCAT(MD5(CONCAT_WS('|', id, name, HEX(data))) ORDER BY id)) FROM users;"
    " SELECT SUM(worth) FROM `Odd name`; SELECT COUNT(*) FROM names;",
    "redis": "DBSIZE\nGET key:17\nHGETALL hash\nSCARD set",
}
_PROGRAM = """import sys
from pathlib import Path
sys.path[:0] = [{collections!r}, {root!r}]
from ansible_collections.stairway.cloud.plugins.module_utils._backups.places import Host, settings
host = Host({app!r}, Path({etc!r}), Path({var!r}), Path({run!r}))
"""


def age_key(folder: Path) -> tuple[str, str]:
    """A fresh pair: the public key, and the private one as its owner keeps it."""
    private = subprocess.run(["age-keygen"], check=True, capture_output=True, text=True).stdout
    public = next(line.split(": ")[1] for line in private.splitlines() if "public key" in line)
    (folder / "age.key").write_text(private)
    return public, private


def spec(name: str, engines: Iterable[str], backups: Mapping[str, Any]) -> App:
    stores = {engine[:5]: {"engine": engine, "password": PASSWORD, **STORES[engine]} for engine in engines}
    services = {"api": {"image": "x", "port": 8000, "volumes": [{"name": "files", "path": "/files"}]}}
    given = {"name": name, "domains": ["a.example.com"], "services": services, "stores": stores, "backups": backups}
    return parse(given)


@dataclass
class Stand:
    """The stores of one app, and where their backups go."""

    root: Path
    engines: tuple[str, ...]
    backups: dict[str, Any]
    versions: dict[str, str] = field(default_factory=dict)
    s3: Any = None  # a client of the bucket, where a test has one
    name: str = field(default_factory=lambda: f"mv-backups-{secrets.token_hex(3)}")

    def __post_init__(self) -> None:
        self.host = Host(self.name, self.root / "etc", self.root / "var", self.root / "run")
        self.app = spec(self.name, self.engines, self.backups)
        self.write()

    # --- what a stage would do ---------------------------------------------------------------------------------------

    def write(self, **changes: Any) -> None:
        """The host's settings; ``changes`` are merged over them."""
        data = stage.settings(self.app, "stage1", str(self.host.etc))
        for store in data["stores"]:
            store["image"] = self.image(store["engine"], store["image"])
        data["volumes"] = [{"name": "files", "path": str(self.root / "files")}]
        self.host.settings.parent.mkdir(parents=True, exist_ok=True)
        self.host.settings.write_text(json.dumps({**data, **changes}))

    def image(self, engine: str, image: str) -> str:
        return (
            f"{image.partition(':')[0]}:{self.versions[engine]}"
            if engine in self.versions
            else IMAGES.get(engine, image)
        )

    def up(self) -> None:
        for entry in stores_files(self.app, "stage1", str(self.host.etc)):
            path = Path(entry["path"])
            if entry.get("state") == "directory":
                path.mkdir(parents=True, exist_ok=True)
                continue
            text = entry.get("content") or entry.get("secret_content") or ""
            if path.name == "compose.yml":
                for engine in self.engines:
                    wanted = f"image: {engine.replace('postgresql', 'postgres')}:"
                    lines = [line.split(wanted)[0] + "image: " + self.image(engine, line.split("image: ")[1])
                             if wanted in line else line for line in text.splitlines()]  # fmt: skip
                    text = "\n".join(lines) + "\n"
            path.write_text(text)
            path.chmod(int(entry["mode"], 8))
        subprocess.run(["docker", "network", "create", self.name], check=True, capture_output=True)
        compose.converge(compose.Project(f"{self.name}-stores", self.host.compose), set(self.stores))

    def down(self) -> None:
        for kind, remove in (("ps", ["rm", "-fv"]), ("volume", ["volume", "rm", "-f"]), ("network", ["network", "rm"])):
            words = ["ps", "-a", "--format", "{{.Names}}"] if kind == "ps" else [kind, "ls", "--format", "{{.Name}}"]
            found = subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout.split()
            ours = [one for one in found if one.startswith(self.name)]
            if ours:
                subprocess.run(["docker", *remove, *ours], capture_output=True, check=False)

    # --- what a person or a timer would do ---------------------------------------------------------------------------

    @property
    def stores(self) -> list[str]:
        return [store.name for store in self.app.stores]

    @property
    def settings(self) -> Settings:
        return settings_of(json.loads(self.host.settings.read_text()))

    @property
    def target(self) -> Target:
        return target(self.name, self.settings.place)

    def backup(self, *only: str, accept: bool = False) -> Report:
        return backup(self.host, Wish(only or tuple(self.stores), accept, "test"))

    def drill(self, *only: str, identity: str | None = None) -> Report:
        return drills(self.host, Wish(only or tuple(self.stores), False, "test"), forced=True, identity=identity)

    def process(self, program: str, **given: str) -> subprocess.Popen[str]:
        """``program`` in a process of its own, as a timer has it; ``host`` and ``settings(host)`` are there for it."""
        host = self.host
        places = {"app": self.name, "etc": str(host.etc), "var": str(host.var), "run": str(host.run)}
        text = (_PROGRAM + program).format(collections=str(ROOT / ".collections"), root=str(ROOT), **places, **given)
        words = [sys.executable, "-c", text]
        return subprocess.Popen(words, text=True, stderr=subprocess.PIPE, start_new_session=True)

    # --- the stores --------------------------------------------------------------------------------------------------

    def container(self, store: str) -> str:
        return f"{self.name}-{store}"

    def sh(self, store: str, script: str, text: str = "", *, container: str | None = None) -> str:
        words = ["docker", "exec", "-i", container or self.container(store), "sh", "-c", script]
        done = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        return done.stdout.strip()

    def ask(self, store: str, question: str) -> str:
        """As the app, with the app's own password."""
        login = {
            "postg": 'PGPASSWORD="$(cat /stairway/password)" psql -XAtq -h 127.0.0.1 -U chat -d chat',
            "maria": 'MYSQL_PWD="$(cat /stairway/password)" mariadb -h 127.0.0.1 -u chat -N -B chat',
            "redis": 'REDISCLI_AUTH="$(cat /stairway/password)" redis-cli -h 127.0.0.1',
        }[store]
        return self.sh(store, login, question + "\n")

    def wait(self, store: str, seconds: float = 60) -> None:
        """Until the app can log in."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with suppress(AssertionError):
                self.ask(store, "PING" if store == "redis" else "SELECT 1;")
                return
            time.sleep(0.3)
        raise AssertionError(f"{store} does not let the app in")

    def fill(self, rows: int = 20_000) -> None:
        """Some of what apps have: keys, indexes, a view, texts beyond ASCII, binary data."""
        for store in self.stores:
            self.wait(store)
            {"postg": self._postgresql, "maria": self._mariadb, "redis": self._redis}[store](rows)

    def _postgresql(self, rows: int) -> None:
        self.ask("postg", _POSTGRESQL.replace("ROWS", str(rows)))

    def _mariadb(self, rows: int) -> None:
        self.ask("maria", _MARIADB.replace("ROWS", str(rows)))

    def _redis(self, rows: int) -> None:
        lines = [f"SET key:{number} value-{number}" for number in range(rows // 10)]
        lines += ["HSET hash a 1 b 2", "SADD set x y z", "SET short-lived 1 EX 100000"]
        self.ask("redis", "\n".join(lines))


def there(stand: Stand) -> set[str]:
    """Containers and volumes."""
    found = subprocess.run(["docker", "ps", "-a", "--format", "{{.Names}}"], capture_output=True, text=True, check=True)
    volumes = subprocess.run(["docker", "volume", "ls", "-q"], capture_output=True, text=True, check=True)
    names = [*found.stdout.split(), *volumes.stdout.split()]
    return {name for name in names if name.startswith(stand.name)}
