"""No secret in any output at -vvv, in process arguments, or in a file that others can read: searched by marker."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.ansible import ROOT, Played
from tests.support.secrets import Arguments, hits, spellings
from tests.support.site import HOOK_MARKER, MARKERS, STATE, Site

CONTROL, CONTROL_FILE = "mrk3r-control", "/var/tmp/control"
# A container's environment, as Docker itself keeps it: folders that only root can enter.
ENGINE = ("/var/lib/docker/", "/var/lib/containerd/", "/run/containerd/", "/run/docker/")


def secrets() -> dict[str, str]:
    return {
        **MARKERS,
        "webhook": HOOK_MARKER,
        "registry": (STATE / "registry-password").read_text().strip(),
    }


def words() -> list[str]:
    return sorted({spelling for secret in secrets().values() for spelling in spellings(secret)})


@dataclass
class Seen:
    """The plays and the arguments of every process that ran meanwhile."""

    site: Site
    plays: list[Played] = field(default_factory=list)
    arguments: set[str] = field(default_factory=set)
    looks: int = 0


@pytest.fixture(scope="module", params=["caddy", "nginx"])
def seen(request: pytest.FixtureRequest) -> Iterator[Seen]:
    """stage1, release, a release that fails, rollback and status, each as talkative as Ansible gets."""
    site: Site = request.getfixturevalue(request.param)
    site.write_inventory(
        release={"watch_seconds": 1, "drain_seconds": 1},
        services={"api": {"env": {"LOG_LEVEL": "debug"}}},
    )
    site.stand_on("1")
    found = Seen(site)
    with Arguments(words()) as arguments:
        for playbook, variables in (
            ("stage1.yml", {}),
            ("release.yml", {"version": "2"}),
            ("release.yml", {"version": "broken-boot"}),
            ("rollback.yml", {}),
            ("status.yml", {}),
        ):
            found.plays.append(site.start_play(playbook, "-vvv", "--diff", **variables).wait())
    found.arguments, found.looks = arguments.found, arguments.looks
    yield found
    site.write_inventory()


def test_the_plays_did_what_was_meant(seen: Seen) -> None:
    assert [played.rc == 0 for played in seen.plays] == [True, True, False, True, True], [
        played.tail(30) for played in seen.plays
    ]
    assert all(len(played.output) > 2000 for played in seen.plays), "-vvv says more than this"
    assert seen.looks > 100


def test_no_output_has_one(seen: Seen) -> None:
    for played in seen.plays:
        assert not hits(played.output, words()), played.argv


def test_no_process_had_one_in_its_arguments(seen: Seen) -> None:
    assert not seen.arguments


def search(site: Site, wanted: list[str], *, as_user: str, group: str) -> list[str]:
    """Files on the host that ``as_user`` can read and that have one of ``wanted``."""
    patterns = " ".join(f"-e {shlex.quote(word)}" for word in wanted)
    find = (
        f"find / \\( -path /proc -o -path /sys -o -path /dev \\) -prune -o -type f -readable -size -20M -print0"
        f" 2>/dev/null | xargs -0 -r grep -laF {patterns} -- 2>/dev/null"
    )
    script = f"cd / && setpriv --reuid={as_user} --regid={group} --clear-groups sh -c {shlex.quote(find)}"
    return site.sh(script, check=False, seconds=180).split()


def test_no_file_that_others_can_read_has_one(seen: Seen) -> None:
    site = seen.site
    # first that the search finds what is there
    site.sh(f"echo {CONTROL} > {CONTROL_FILE} && chmod 644 {CONTROL_FILE}")
    try:
        assert search(site, [CONTROL], as_user="nobody", group="nogroup") == [CONTROL_FILE]
        site.sh(f"chmod 600 {CONTROL_FILE}")
        assert search(site, [CONTROL], as_user="nobody", group="nogroup") == []
    finally:
        site.sh(f"rm -f {CONTROL_FILE}")
    assert search(site, words(), as_user="nobody", group="nogroup") == []


def test_files_that_have_one_are_root_s_alone(seen: Seen) -> None:
    """And they are where they belong: nothing is left in temporary folders, logs or the journal."""
    site = seen.site
    paths = [path for path in search(site, words(), as_user="root", group="root") if not path.startswith(ENGINE)]
    assert any(path.startswith("/etc/stairway/chat/env/") for path in paths), paths
    belongs = ("/etc/stairway/chat/", "/root/.docker/config.json")
    strange = [path for path in paths if not path.startswith(belongs)]
    assert not strange, strange
    modes = site.sh("stat -c '%a %U %n' " + " ".join(paths)).splitlines()
    assert all(mode.startswith("600 root ") for mode in modes), modes


def test_no_log_has_one(seen: Seen) -> None:
    site = seen.site
    assert len(site.sh("journalctl --no-pager -o cat | tail -n 50").splitlines()) > 10
    texts = {"journal": site.sh("journalctl --no-pager -o verbose -a", seconds=120)}
    for name in site.containers(of_app=False):
        texts[f"log of {name}"] = site.sh(f"docker logs {name} 2>&1")
    for where, text in texts.items():
        assert not hits(text, words()), where


def test_docker_shows_one_to_root_and_in_the_environment_only(seen: Seen) -> None:
    site = seen.site
    found = json.loads(site.sh("docker inspect $(docker ps -aq)"))
    assert len(found) >= 3
    environments = "".join(str(one["Config"].pop("Env")) for one in found)
    assert hits(environments, words()), "the app has no secret at all, so nothing was proven"
    assert not hits(json.dumps(found), words())
    images = site.sh("docker image inspect $(docker images -q)")
    assert not hits(images, words())


def test_the_controller_keeps_none(seen: Seen) -> None:
    """Ansible's temporary files on the controller; the test's own inventory is where the secrets come from."""
    places = (Path.home(), Path("/tmp"), ROOT / ".cache")
    folders = [str(path) for place in places for path in (*place.glob(".ansible"), *place.glob("ansible*"))]
    assert folders, "Ansible keeps its temporary files somewhere else now"
    patterns = [part for word in words() for part in ("-e", word)]
    argv = ["grep", "-rlaF", *patterns, "--", *folders]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert not done.stdout
