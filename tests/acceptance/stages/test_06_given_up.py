"""A move cut off before its switch is given up, through the playbooks: nothing of it stays on either side, and the app
never noticed. Begun anew, it comes to its end, and back.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from rehearsal.account import layout
from tests.support.bodies import containers, wait
from tests.support.roads import RESEE, Road, walking

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("account")]
JOURNAL = "/var/lib/stairway/resee/moves/db.json"
TO_MANAGED = ("move", "-e", "store=db", "-e", "to=managed")
LEFT = """
SELECT 'slot ' || slot_name FROM pg_replication_slots WHERE database = current_database()
UNION ALL SELECT 'publication ' || pubname FROM pg_publication
UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname LIKE 'stairway%';
"""


@pytest.fixture(scope="module")
def resee(account: None) -> Iterator[Road]:
    for road in walking(RESEE):
        road.play("stage1")
        wait(road.version, "1", 300)
        yield road


def here(road: Road, sql: str) -> list[str]:
    """Lines of the answer of the store in its container."""
    asked = f"docker exec -i resee-db psql -XqAt -U postgres -d resee <<'END'\n{sql}\nEND"
    return road.shell(asked).splitlines()


def there(sql: str) -> list[str]:
    """Lines of the answer of the database that AWS runs."""
    (key,) = [one.partition("/")[2] for one in containers("database/resee-db-") if "replica" not in one]
    argv = ["docker", "exec", "-i", "--user=postgres", layout.container("database", key)]
    argv += ["psql", "-XqAt", "--username=rdsadmin", "resee"]
    return subprocess.run(argv, input=sql, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()


def journal(road: Road) -> dict[str, Any]:
    text = road.shell(f"cat {JOURNAL} 2>/dev/null || true")
    return json.loads(text) if text.strip() else {}


def follows(road: Road) -> bool:
    """Whether only the switch is left."""
    found = journal(road)
    steps = [one["name"] for one in found.get("steps", [])]
    return found.get("state") == "open" and steps[-1:] == ["follow"]


def cut_off(road: Road, *playbook: str) -> None:
    """The run dies as soon as its move follows."""
    running = road.begin(*playbook)
    until = time.monotonic() + 900
    while not follows(road):
        assert running.process.poll() is None, running.wait(10).tail(80)
        assert time.monotonic() < until
        time.sleep(0.2)
    running.kill()
    running.wait(60)


def cards(road: Road) -> int:
    status, _headers, body = road.ask("/api/cards/")
    assert status == 200
    return int(json.loads(body)["count"])


def more_than(road: Road, before: int) -> bool:
    return cards(road) > before


def given_up(road: Road, *playbook: str) -> None:
    played = road.play(*playbook, "-e", "abort=true")
    assert "Given up: db. The app stays where it is." in played.output, played.tail(40)
    assert journal(road)["state"] == "aborted"
    assert here(road, LEFT) == []
    assert there(LEFT) == []
    assert there("SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == []
    again = road.play(*playbook, "-e", "abort=true")
    assert "No move on this way was under way." in again.output, again.tail(40)


def test_it_is_given_up_and_begun_anew(resee: Road) -> None:
    with resee.under_load() as seen:
        for playbook in (TO_MANAGED, ("stage2",)):
            cut_off(resee, *playbook)
            given_up(resee, *playbook)
            assert resee.version() == "1"
            before = cards(resee)
            wait(partial(more_than, resee, before), True, 60)
    assert seen.report.summary.failed == 0, seen.report.why()

    # what was built for it stays, as all that may hold data, and the stage that the app is on says so
    told = resee.play("stage1")
    assert "the run does not give up database/db" in " ".join(told.text.split()), told.tail(80)

    # the whole way, by move.yml, and back
    goes(resee, "db, there", "managed")
    goes(resee, "db, back", "container", "replace_target=db")

    # the same with a way back, which carries only what was written since
    goes(resee, "db, there, with a way back", "managed", "replace_target=db", "way_back=db")
    told = resee.play("status")
    assert "-e to=container -e way_back=db" in " ".join(told.text.split()), told.tail(80)
    goes(resee, "db, back by it", "container", "way_back=db")
    assert (here(resee, LEFT), there(LEFT)) == ([], [])

    # or not gone, and given up
    goes(resee, "db, there to stay", "managed", "replace_target=db", "way_back=db")
    assert there(LEFT) == ["slot stairway_resee_db_back", "publication stairway_resee_db_back"]
    played = resee.play("move", "-e", "store=db", "-e", "to=container", "-e", "abort=true")
    assert "Given up: db. The app stays where it is." in played.output, played.tail(40)
    assert there(LEFT) == []
    assert cards(resee) > 0


def goes(road: Road, title: str, to: str, *more: str) -> None:
    """Nobody notices, and everything that was said to be written is there."""
    before = cards(road)
    leg = road.leg(title, "move", "-e", "store=db", "-e", f"to={to}", *(word for one in more for word in ("-e", one)))
    assert leg.report.summary.failed == 0, leg.report.why()
    made = sum(row.number >= 0 and row.status == 201 for row in leg.report.samples)
    assert cards(road) == before + made
    assert journal(road)["state"] == "moved"
    assert journal(road)["fence_seconds"] < 5
