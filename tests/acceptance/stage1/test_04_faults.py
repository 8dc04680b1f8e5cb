"""What goes wrong around a release: a clear error each, and the release that runs is not touched."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.ansible import Played
from tests.support.report import Report
from tests.support.site import REGISTRY, Site, rehearsal

REGISTRY_IP = "10.213.0.3"
SHORT = {"watch_seconds": 1, "drain_seconds": 1}
STATE = "/var/lib/stairway"
ROOM_BYTES = 300 * 1024**2


@pytest.fixture
def stands_on_1(faulty: Site) -> Iterator[None]:
    faulty.write_inventory(release=SHORT)
    faulty.stand_on("1")
    yield
    faulty.write_inventory()


ON_1 = pytest.mark.usefixtures("stands_on_1")


@contextmanager
def untouched(site: Site, mix: str | None = None) -> Iterator[list[Report]]:
    """The block may do anything, and users must notice nothing: same containers, same record, no failed request."""
    before, record = site.containers(), site.record()
    reports: list[Report] = []
    with site.under_load(rate=50, mix=mix) as observed:
        yield reports
    reports.append(observed.report)
    assert observed.report.summary.sent > 100
    assert observed.report.summary.failed == 0, observed.report.why()
    assert {version for version, _at in observed.report.versions()} == {"1"}
    assert site.containers() == before
    assert {**site.record(), "releases": None} == {**record, "releases": None}


def push_fat_image() -> None:
    """``chat-api:fat``: version 2 and 250 MB that do not compress, so that its pull needs more than there is."""
    image = f"{REGISTRY}/chat-api:fat"
    if subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False).returncode:
        dockerfile = f"FROM {REGISTRY}/chat-api:2\nUSER root\nRUN head -c 250M /dev/urandom > /fat\nUSER node\n"
        subprocess.run(["docker", "build", "-q", "-t", image, "-"], input=dockerfile, text=True, check=True)
    rehearsal("push", image)


def says(played: Played, *parts: str) -> None:
    """It failed, and its message has every one of ``parts`` and an advice."""
    assert played.rc != 0, played.tail()
    missing = [part for part in (*parts, "do next") if part.lower() not in played.text.lower()]
    assert not missing, f"the message lacks {missing}:\n{played.tail()}"
    assert "Traceback" not in played.text, played.tail()
    assert "MODULE FAILURE" not in played.text, played.tail()


@ON_1
def test_an_image_that_does_not_exist(faulty: Site) -> None:
    with untouched(faulty):
        played = faulty.play("release.yml", version="no-such-version")
    says(played, f"{REGISTRY}/chat-api:no-such-version", "no-such-version was not released", "Users are on 1")


@ON_1
def test_a_registry_that_is_down(faulty: Site) -> None:
    with untouched(faulty):
        faulty.sh(f"ip route add unreachable {REGISTRY_IP}/32")
        try:
            played = faulty.play("release.yml", version="2")
        finally:
            faulty.sh(f"ip route del unreachable {REGISTRY_IP}/32")
    says(played, REGISTRY, "was not released", "Users are on 1")
    # a release that does everything is the measure: how busy this machine is, both feel
    assert played.seconds < 60 + faulty.good("release.yml", version="2").seconds


@ON_1
def test_an_edge_configuration_that_does_not_validate(faulty: Site) -> None:
    faulty.write_inventory(release=SHORT, edge={"acme_ca": "/etc/stairway/no-such-ca.pem"})
    config = faulty.sh("cat /etc/caddy/Caddyfile")
    with untouched(faulty):
        played = faulty.play("stage1.yml")
    says(played, "no-such-ca.pem", "caddy")
    assert faulty.sh("cat /etc/caddy/Caddyfile") == config
    faulty.write_inventory(release=SHORT)
    assert faulty.good("stage1.yml").changed() == 0


@ON_1
def test_a_disk_that_is_full_where_the_records_are(faulty: Site) -> None:
    """A small filesystem in place of the folder of the records, filled to its last byte: a real ENOSPC."""
    folder, kept = f"{STATE}/chat/releases", "/root/releases.kept"
    with untouched(faulty):
        faulty.sh(f"rm -rf {kept}; cp -a {folder} {kept} && mount -t tmpfs -o size=512k,mode=700 tmpfs {folder}")
        try:
            faulty.sh(f"cp -a {kept}/. {folder}/; dd if=/dev/zero of={folder}/.fill bs=1k 2>/dev/null; true")
            played = faulty.play("release.yml", version="2")
        finally:
            faulty.sh(f"umount -l {folder}")
    says(played, "no space left", f"{STATE}/chat/releases", "was not released", "Users are on 1")
    faulty.good("release.yml", version="2")


@ON_1
def test_a_disk_that_is_full_where_images_are_pulled_to(faulty: Site) -> None:
    """Docker's own filesystem, made small and then filled: less room than the smallest release needs."""
    if "tmpfs" not in faulty.sh("findmnt -n -o FSTYPE -T /var/lib/docker", check=False):
        pytest.fail("this host's Docker does not stand on a small filesystem of its own; see the fixture «faulty»")
    filler = "/var/lib/docker/.fill"
    push_fat_image()
    faulty.sh(f"docker image rm {REGISTRY}/chat-api:fat 2>/dev/null; true")
    # the database stands on the same disk, so it can store nothing meanwhile, release or not: users only read here
    with untouched(faulty, mix="GET /messages:4,GET /:1"):
        # room enough for the check before the pull, too little for the pull itself
        faulty.sh(f"fallocate -l $(( $(df --output=avail -B1 /var/lib/docker | tail -1) - {ROOM_BYTES} )) {filler}")
        try:
            in_the_pull = faulty.play("release.yml", version="fat")
        finally:
            faulty.sh(f"rm -f {filler}")
        faulty.sh(f"fallocate -l $(( $(df --output=avail -B1 /var/lib/docker | tail -1) - 1000000 )) {filler}")
        try:
            before_the_pull = faulty.play("release.yml", version="2")
        finally:
            faulty.sh(f"rm -f {filler}")
    says(in_the_pull, "full", "was not released")
    says(before_the_pull, "/var/lib/docker")
    faulty.good("release.yml", version="2")


def test_a_reboot_in_the_middle(caddy: Site) -> None:
    caddy.stand_on("1")
    caddy.write_inventory(release={"watch_seconds": 30})  # or it may be over before the host goes down
    try:
        running = caddy.start_play("release.yml", version="2")
        until = time.monotonic() + 240
        while len(caddy.containers()) < 2:
            assert time.monotonic() < until, "the new colour never appeared"
            time.sleep(0.1)
        rehearsal("host", "reboot", caddy.name)
        played = running.wait(240)
    finally:
        caddy.write_inventory()
    assert played.rc != 0, played.tail()
    assert "UNREACHABLE" in played.text or "unreachable" in played.text, played.tail()
    assert caddy.wait_until_served(240) == "1"
    caddy.good("release.yml", version="2")
    assert caddy.version() == "2"
    assert len(caddy.containers()) == 1
