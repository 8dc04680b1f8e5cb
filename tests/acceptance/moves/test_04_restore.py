"""Restores: nothing is touched before the switch, each can be undone, and one that is cut off loses no way back."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._backups import catalogue, restore
from ansible_collections.stairway.cloud.plugins.module_utils._backups.keys import ring
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from tests.support.backups import DIGEST, Stand, there

STORES = ["postg", "maria", "redis"]
HARM = {"postg": "DROP TABLE users CASCADE;", "maria": "DELETE FROM `Odd name`;", "redis": "FLUSHDB"}
SWITCH = """from ansible_collections.stairway.cloud.plugins.module_utils._backups import restore
from ansible_collections.stairway.cloud.plugins.module_utils._backups.places import target
{call}
"""
# Between the two, the store has no container.
KILLED = """import os
restore.compose.converge = lambda *_any: os.kill(os.getpid(), 9)
{call}"""


@pytest.mark.parametrize("store", STORES)
def test_a_restore_touches_nothing_before_the_switch_and_can_be_undone(folder: Stand, store: str) -> None:
    before = folder.ask(store, DIGEST[store])
    folder.ask(store, HARM[store])
    with contextlib.suppress(AssertionError):
        assert folder.ask(store, DIGEST[store]) != before, "the harm was done"
    with ring(folder.host, folder.settings) as keys:
        found = restore.prepare(folder.host, folder.settings, folder.target, keys, store, "latest")
        again = restore.prepare(folder.host, folder.settings, folder.target, keys, store, "latest")
    assert not found["again"]
    assert again["again"], "what was restored is not restored twice"
    with contextlib.suppress(AssertionError):
        assert folder.ask(store, DIGEST[store]) != before, "the store in use is as it was"
    restore.switch(folder.host, folder.settings, store, found["volume"])
    folder.wait(store)
    assert folder.ask(store, DIGEST[store]) == before
    subprocess.run(["docker", "restart", folder.container(store)], check=True, capture_output=True)
    folder.wait(store)
    assert folder.ask(store, DIGEST[store]) == before, "it is on the disk"
    restore.back(folder.host, folder.settings, store)
    folder.wait(store)
    with contextlib.suppress(AssertionError):
        assert folder.ask(store, DIGEST[store]) != before, "the volume before is there with its harm"
    restore.switch(folder.host, folder.settings, store, found["volume"])
    assert restore.discard(folder.host, folder.settings, store)["gone"] == [folder.container(store)]
    folder.wait(store)
    assert folder.ask(store, DIGEST[store]) == before


def test_what_the_app_has_written_to_is_not_taken_for_the_backup(folder: Stand) -> None:
    """And there are never two ways back: a volume that nobody knows of any more may hold what was written last."""
    host, settings, store = folder.host, folder.settings, "redis"

    def prepare() -> dict[str, Any]:
        with ring(host, settings) as keys:
            return restore.prepare(host, settings, folder.target, keys, store, "latest")

    look = prepare()["volume"]
    old = restore.switch(host, settings, store, look)["before"]
    folder.wait(store)
    folder.ask(store, "SET later 1")
    standing = prepare()
    assert standing["standing"], "the same confirmation typed twice"
    assert restore.switch(host, settings, store, standing["volume"]) == {
        "changed": False,
        "volume": look,
        "before": old,
    }
    assert folder.backup(store).failed == {}
    with pytest.raises(StairwayError, match="not come to its end") as caught:
        prepare()  # of the newer backup
    assert old in str(caught.value)
    restore.back(host, settings, store)
    catalogue.remove(folder.target, catalogue.read(folder.target, store).find("latest"))
    with pytest.raises(StairwayError, match="not come to its end"):
        prepare()  # of the first one, where the app has been
    assert restore.discard(host, settings, store)["gone"] == [look]
    fresh = prepare()
    assert not fresh["again"]
    restore.switch(host, settings, store, fresh["volume"])
    folder.wait(store)
    assert folder.ask(store, "GET later") == ""
    assert restore.discard(host, settings, store)["gone"] == [old]
    anew = prepare()
    assert not anew["again"], "in another year"
    restore.discard(host, settings, store)


def test_a_restore_that_was_killed_leaves_no_volume(folder: Stand) -> None:
    host, settings, store = folder.host, folder.settings, "redis"
    known = there(folder)
    call = f"""from ansible_collections.stairway.cloud.plugins.module_utils._backups.keys import ring
import os
restore.settled = lambda *_any: os.kill(os.getpid(), 9)
given = settings(host)
with ring(host, given) as keys:
    restore.prepare(host, given, target(given.app, given.place), keys, {store!r}, "latest")"""
    assert folder.process(SWITCH, call=call).wait() == -signal.SIGKILL
    assert len(there(folder) - known) == 2, "a container and its volume are left"
    with ring(host, settings) as keys:
        found = restore.prepare(host, settings, folder.target, keys, store, "latest")
    assert there(folder) - known == {found["volume"]}
    restore.discard(host, settings, store)
    assert there(folder) == known


def cut_off_without_a_container(stand: Stand, store: str, call: str) -> None:
    """Run ``call`` in a process of its own, which is killed where the store has no container."""
    process = stand.process(SWITCH, call=KILLED.format(call=call))
    assert process.wait() == -signal.SIGKILL
    assert stand.container(store) not in there(stand)


def test_a_switch_that_was_killed_is_gone_on_with_or_undone(folder: Stand) -> None:
    host, settings, store = folder.host, folder.settings, "redis"
    folder.ask(store, "SET harm 1")
    with ring(host, settings) as keys:
        volume = restore.prepare(host, settings, folder.target, keys, store, "latest")["volume"]
    used = restore.in_use(host, restore.store_of(settings, store))

    def harmed() -> bool:
        folder.wait(store)
        return folder.ask(store, "GET harm") == "1"

    there = f"restore.switch(host, settings(host), {store!r}, {volume!r})"
    cut_off_without_a_container(folder, store, there)
    with pytest.raises(StairwayError, match="was cut off"):
        restore.discard(host, settings, store)
    with ring(host, settings) as keys:
        assert restore.prepare(host, settings, folder.target, keys, store, "latest")["again"], "it is not restored anew"
    assert restore.switch(host, settings, store, volume)["before"] == used, "the way back is not lost"
    assert not harmed()
    cut_off_without_a_container(folder, store, f"restore.back(host, settings(host), {store!r})")
    assert restore.back(host, settings, store)["volume"] == used, "the way back is gone on with, and not turned round"
    assert harmed()
    cut_off_without_a_container(folder, store, there)
    assert restore.back(host, settings, store)["volume"] == used, "undone"
    assert harmed()
    assert restore.discard(host, settings, store)["gone"] == [volume]
    folder.ask(store, "DEL harm")
