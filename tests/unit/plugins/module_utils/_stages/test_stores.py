"""The files of stores. That the scripts do what they say is tested on the rehearsal, with real servers."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._stages.stores import (
    COMMANDS,
    data_folder,
    health_check,
    redis_configuration,
    redis_quoted,
    store_files,
)

MARKER = "MARKER'\"$`\\ü"
STORES: dict[str, dict[str, Any]] = {
    engine: {"name": "db", "engine": engine, "version": version, "database": "my_data", "user": "app", "memory": "512m"}
    for engine, version in (
        ("mongodb", "7"),
        ("postgresql", "16"),
        ("mysql", "8.4"),
        ("mariadb", "11.4"),
        ("redis", "7"),
    )
}


@pytest.mark.parametrize("engine", STORES)
def test_only_secret_files_hold_the_password(engine: str) -> None:
    files = store_files(STORES[engine], MARKER, 2**29)
    assert {file.mode for file in files if file.secret} == {"0600"}
    for file in files:
        assert file.secret or "MARKER" not in file.text


@pytest.mark.parametrize("engine", STORES)
def test_the_password_file_is_the_password(engine: str) -> None:
    (password,) = [file for file in store_files(STORES[engine], MARKER, 2**29) if file.name == "password"]
    assert password.text == MARKER


@pytest.mark.parametrize("engine", STORES)
def test_shell_scripts_have_no_syntax_errors(engine: str) -> None:
    for file in store_files(STORES[engine], MARKER, 2**29):
        if file.name.endswith(".sh"):
            shell = "sh" if file.name == "start.sh" else "bash"
            done = subprocess.run([shell, "-n"], input=file.text, text=True, capture_output=True, check=False)
            assert (done.returncode, done.stderr) == (0, "")


def test_start_hands_the_password_over_and_makes_the_administrators_once(tmp_path: Any) -> None:
    (start,) = [file for file in store_files(STORES["postgresql"], MARKER, 2**29) if file.name == "start.sh"]
    (tmp_path / "password").write_text(MARKER, encoding="utf-8")
    (tmp_path / "admin").mkdir()
    (tmp_path / "docker-entrypoint.sh").write_text(
        '#!/bin/sh\nprintf "%s|%s|%s" "$STAIRWAY_USER" "$STAIRWAY_PASSWORD" "$*"\n'
    )
    (tmp_path / "docker-entrypoint.sh").chmod(0o755)
    script = start.text.replace("/stairway/", f"{tmp_path}/")
    seen = set()
    for _attempt in range(2):
        done = subprocess.run(
            ["sh", "-s", "postgres", "-c", "x"], input=script, text=True, capture_output=True, check=True,
            env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        )  # fmt: skip
        assert done.stdout == f"app|{MARKER}|postgres -c x"
        seen.add((tmp_path / "admin" / "password").read_text())
    (password,) = seen
    assert len(password) == 48
    assert (tmp_path / "admin" / "password").stat().st_mode & 0o777 == 0o600


ENTRYPOINT = """#!/bin/sh
until [ -e "$0.replica" ]; do sleep 0.1; done
stat -c %a "$KEY"; wc -c < "$KEY"; printf "%s|%s" "$STAIRWAY_USER" "$*"
"""
MONGOSH = """#!/bin/sh
[ -z "${STAIRWAY_PASSWORD:-}" ] || exit 9
echo "$*" >> "$0.asked"
[ "$(wc -l < "$0.asked")" -ge 3 ] && touch "${0%mongosh}docker-entrypoint.sh.replica"
"""


def test_mongodb_becomes_a_replica_set_of_one(tmp_path: Any) -> None:
    """The server is asked until it is there; nothing else waits for that."""
    files = {file.name: file.text for file in store_files(STORES["mongodb"], MARKER, 2**29)}
    (tmp_path / "password").write_text(MARKER, encoding="utf-8")
    (tmp_path / "admin").mkdir()
    for name, text in (("docker-entrypoint.sh", ENTRYPOINT), ("mongosh", MONGOSH), ("chown", "#!/bin/sh\n")):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    script = files["start.sh"].replace("/stairway/", f"{tmp_path}/").replace("/data/configdb/", f"{tmp_path}/")
    done = subprocess.run(
        ["sh", "-s", *COMMANDS["mongodb"]], input=script, text=True, capture_output=True, check=True, timeout=30,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "KEY": f"{tmp_path}/stairway.key"},
    )  # fmt: skip
    mode, size, words = done.stdout.splitlines()
    assert (mode, size) == ("600", "96")
    assert words.startswith("app|mongod --replSet stairway --keyFile ")
    asked = (tmp_path / "mongosh.asked").read_text().splitlines()
    assert asked == [f"--quiet --nodb --file {tmp_path}/replica.js"] * 3
    assert 'host: "db:27017"' in files["replica.js"]
    assert "{{" not in files["replica.js"]


def test_the_underscore_of_a_database_is_no_wildcard_in_a_grant() -> None:
    (init,) = [file for file in store_files(STORES["mysql"], MARKER, 2**29) if file.name == "init.sh"]
    script = "docker_process_sql() { cat; }\nSTAIRWAY_PASSWORD=secret\n" + init.text
    sql = subprocess.run(["bash"], input=script, text=True, capture_output=True, check=True).stdout
    assert "GRANT ALL PRIVILEGES ON `my\\_data`.* TO 'app'@'%';" in sql
    assert "CREATE DATABASE IF NOT EXISTS `my_data`" in sql
    assert "FROM_BASE64('c2VjcmV0')" in sql


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abc1", '"abc1"'),
        ('a"b', '"a\\x22b"'),
        ("a\\b", '"a\\x5cb"'),
        ("a b#$", '"a\\x20b\\x23\\x24"'),
        ("ü", '"\\xc3\\xbc"'),
    ],
)
def test_redis_quoted(text: str, expected: str) -> None:
    assert redis_quoted(text) == expected


def test_redis_keeps_what_it_has() -> None:
    lines = redis_configuration(STORES["redis"] | {"user": None}, "pw", 128 * 2**20).splitlines()
    assert "appendonly yes" in lines
    assert "save 900 1 300 10 60 10000" in lines
    assert "maxmemory-policy noeviction" in lines
    assert f"maxmemory {96 * 2**20}" in lines
    assert 'requirepass "pw"' in lines


def test_a_user_of_redis_replaces_the_default_one() -> None:
    lines = redis_configuration(STORES["redis"], "pw", 2**27).splitlines()
    assert "user default off" in lines
    assert not any(line.startswith("requirepass") for line in lines)


@pytest.mark.parametrize("engine", STORES)
def test_no_health_check_has_a_password_in_its_arguments(engine: str) -> None:
    check = " ".join(health_check(STORES[engine]))
    assert "MARKER" not in check
    assert "{" not in check


@pytest.mark.parametrize(
    ("version", "folder"),
    [("13", "/var/lib/postgresql/data"), ("17.2", "/var/lib/postgresql/data"), ("18", "/var/lib/postgresql")],
)
def test_the_folder_of_postgresql_moved_in_18(version: str, folder: str) -> None:
    assert data_folder(STORES["postgresql"] | {"version": version}) == folder
