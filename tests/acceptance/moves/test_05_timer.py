"""The timers on a real host with systemd: what a stage puts there runs by itself, and the playbooks ask it.

Its app is the chat with Redis; MongoDB's tools are not in the image that stands for MongoDB, so that store's backup
fails here, and stops no other.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.support.backups import age_key
from tests.support.site import Site, forget_notices, notices

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def host(parts: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The chat on a host of its own, whose cache is backed up to a folder of that host."""
    public, _private = age_key(tmp_path_factory.mktemp("key"))
    backups = {"to": "file:///var/backups", "timezone": "Asia/Seoul", "encrypt": {"age": [public]}}
    site = Site("accept-backups", "10.213.0.104", "caddy", overrides={"backups": backups})
    site.up(fresh=True)
    site.write_inventory()
    site.good("stage1.yml")
    yield site
    site.down()


def test_a_stage_leaves_timers_in_the_apps_own_time(host: Site) -> None:
    shown = host.sh("systemctl list-timers --all --no-legend 'stairway-*'")
    assert "stairway-backup-chat.timer" in shown
    assert "stairway-drill-chat.timer" in shown
    elapse = host.sh("systemctl show -p NextElapseUSecRealtime --value stairway-backup-chat.timer")
    assert "17:00:" in elapse, "02:00 in Seoul"
    again = host.good("stage1.yml")
    assert again.changed() == 0, again.text


def test_a_run_of_systemd_leaves_a_backup_that_a_playbook_proves(host: Site) -> None:
    host.sh("python3 -I -B /usr/local/lib/stairway/backups chat backup cache")
    played = host.good("backup.yml", store="cache", prove="true")
    assert "good" in played.text
    assert "never" not in played.text.split("cache")[-1].splitlines()[0]


def test_a_run_that_is_killed_is_told_and_counts_for_nothing(host: Site) -> None:
    forget_notices()
    before = host.sh("python3 -I -B /usr/local/lib/stairway/backups chat list cache")
    host.sh("systemctl start --no-block stairway-backup-chat; sleep 1.5; systemctl kill -s KILL stairway-backup-chat")
    end = time.monotonic() + 60
    while "ended from outside" not in "".join(notices()) and time.monotonic() < end:
        time.sleep(0.5)
    assert "ended from outside" in "".join(notices())
    assert host.sh("python3 -I -B /usr/local/lib/stairway/backups chat list cache") == before
    assert host.sh("ls /run/stairway/backups-chat 2>/dev/null", check=False) == ""


def test_a_restore_asks_first_holds_users_and_can_be_undone(host: Site) -> None:
    asked = host.play("restore.yml", store="cache")
    assert asked.rc != 0
    assert "Nothing that the app uses was touched" in asked.text
    before = host.sh("docker inspect --format '{{.Id}}' chat-cache")
    with host.under_load(120, rate=20) as observed:
        host.good("restore.yml", store="cache", confirm="chat")
    assert observed.report.failures == [], observed.report.why()
    assert host.sh("docker inspect --format '{{.Id}}' chat-cache") != before
    host.good("restore.yml", store="cache", undo="true", confirm="chat")
    host.good("restore.yml", store="cache", discard="true", confirm="chat")
    assert host.sh("docker volume ls -q --filter name=chat-cache").split() == ["chat-cache"]
    assert "RTO" in host.good("status.yml").text
