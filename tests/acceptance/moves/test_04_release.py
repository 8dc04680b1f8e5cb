"""The whole way on a real host: an app behind its edge, with workers, goes to another database with its release."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import databases
from tests.support.databases import PASSWORDS, Postgres
from tests.support.site import REGISTRY, STATE, Site, rehearsal

DOMAIN = "resee.stairway.test"


class Resee(Site):
    """The app ``resee`` on one host: Django, a Celery worker and its beat, PostgreSQL and Redis."""

    @property
    def domain(self) -> str:
        return DOMAIN

    def base_overrides(self) -> dict[str, Any]:
        found = super().base_overrides()
        images = {"api": "api", "web": "web", "worker": "api", "beat": "api"}
        services = {name: {"image": f"{REGISTRY}/resee-{image}"} for name, image in images.items()}
        return {**found, "services": services, "env": {"DJANGO_ALLOWED_HOSTS": DOMAIN}}

    def base_variables(self) -> dict[str, Any]:
        return {**super().base_variables(), "vault_django_secret_key": "k" * 50}


@pytest.fixture
def resee(parts: None) -> Iterator[Resee]:
    rehearsal("app", "resee", "1")
    site = Resee("accept-moves", "10.213.0.104", "caddy", app="resee")
    site.up(fresh=True)
    site.write_inventory()
    site.good("stage1.yml")
    yield site
    site.down()


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postgres]:
    """A server as AWS runs it, in the network of the rehearsal's hosts."""
    monkeypatch.setattr(databases, "NETWORK", "stairway")
    server = Postgres("mv-pg-resee", "10.213.0.204", "15", True, tmp_path / "server")
    yield server.start()
    server.remove()


class Users:
    """They make cards, and look at them, as fast as they are let."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.made: list[str] = []
        self.failed: list[str] = []
        self.slowest = 0.0
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(number,), daemon=True) for number in range(3)]

    def __enter__(self) -> Users:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_what: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _work(self, number: int) -> None:
        count = 0
        while not self._stop.is_set():
            count += 1
            question, begun = f"{number}/{count}", time.monotonic()
            try:
                status = self._post({"question": question, "answer": "yes"})
            except OSError as error:
                status, question = 0, f"{question} {error}"
            if status == 201:
                self.made.append(question)
            else:
                self.failed.append(f"{question}: {status}")
            self.slowest = max(self.slowest, time.monotonic() - begun)
            time.sleep(0.1)

    def _post(self, card: dict[str, str]) -> int:
        context = ssl.create_default_context(cafile=str(STATE / "ca.pem"))
        plain = socket.create_connection((self.address, 443), 60)
        with context.wrap_socket(plain, server_hostname=DOMAIN) as secure:
            connection = http.client.HTTPConnection(DOMAIN)
            connection.sock = secure
            connection.request("POST", "/api/cards/", json.dumps(card), {"Content-Type": "application/json"})
            return connection.getresponse().status


@pytest.mark.long
def test_an_app_goes_with_its_store(resee: Resee, there: Postgres, tmp_path: Path) -> None:
    variables = {
        "there": {"host": there.address, "port": 5432, "tls": True, "secret": "here"},
        "there_password": PASSWORDS["admin"],
        "authorities": str(there.folder / "stores.pem"),
    }
    (tmp_path / "there.json").write_text(json.dumps(variables))
    before = resee.containers()
    with Users(resee.ip) as users:
        time.sleep(3)
        played = resee.play("../tests/acceptance/moves/walk.yml", "-e", f"@{tmp_path}/there.json")
        time.sleep(3)
    print(f"{len(users.made)} cards, slowest {users.slowest:.2f} s, {played.seconds:.0f} s in all")
    assert played.rc == 0, played.tail()
    assert users.failed == []
    cards = there.psql("SELECT question, count(*) FROM cards_card GROUP BY 1", database="resee").splitlines()
    assert {line.split("|")[0] for line in cards} == set(users.made)
    assert {line.split("|")[1] for line in cards} == {"1"}
    journal = json.loads(resee.sh("cat /var/lib/stairway/resee/moves/db.json"))
    print(f"fence {journal['fence_seconds']} s", {one["name"]: one.get("seconds") for one in journal["steps"]})
    assert journal["state"] == "moved"
    assert journal["fence_seconds"] < 5
    now = resee.containers()
    assert {name.rsplit("-", 2)[0] for name in now} == {name.rsplit("-", 2)[0] for name in before}
    assert not set(now) & set(before), "every service, workers too, is of the other colour"
    held = resee.sh("docker exec resee-db psql -XAtq -U postgres -d resee -c 'SELECT count(*) FROM cards_card'")
    assert int(held) < len(users.made), "the source stands still since the switch"
    refused = resee.sh(
        'docker exec resee-db psql -XAtq -U resee -d resee -c "DELETE FROM cards_card" 2>&1', check=False
    )
    assert "permission denied" in refused or "read-only" in refused
    for secret in PASSWORDS["admin"], "mrk3r-db-pass":
        found = resee.sh(f"grep -rl {secret} /var/lib/stairway /run/stairway /var/log 2>/dev/null", check=False)
        assert found == ""
    kept = resee.sh("cat /etc/stairway/resee/settings/*/api")
    assert there.address in kept, "a rollback goes on with the store that serves"
    back = {"app_overrides": {**resee.base_overrides(), "stage": {"database": "container"}}}
    refused = resee.play("release.yml", "-e", "version=1", "-e", json.dumps(back)).tail()
    assert "db is at managed, and app.yml puts it at container" in " ".join(refused.split())
    assert set(resee.containers()) == set(now)
    again = resee.play("../tests/acceptance/moves/walk.yml", "-e", f"@{tmp_path}/there.json")
    assert again.rc == 0, again.tail()
    assert set(resee.containers()) == set(now)
