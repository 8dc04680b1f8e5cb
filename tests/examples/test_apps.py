"""The tests of the example apps, run inside their images with the stores they are made for."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from examples import build

EXAMPLES = build.HERE
NETWORK = f"stairway-examples-{os.getpid()}"
STORES = {
    "db": ["postgres:15"],
    "documents": ["mongo:7"],
    "sales": ["mariadb:11"],
    "cache": ["redis:7-alpine"],
}
ENVIRONMENT = {
    "POSTGRES_PASSWORD": "examples",
    "DATABASE_URL": "postgresql://postgres:examples@db:5432/postgres",
    "MONGO_URI": "mongodb://documents:27017/chatdb",
    "REDIS_URL": "redis://cache:6379/0",
    "MARIADB_ROOT_PASSWORD": "examples",
    "MARIADB_DATABASE": "ecommerce",
    "SPRING_DATASOURCE_URL": "jdbc:mysql://sales:3306/ecommerce",
    "SPRING_DATASOURCE_USERNAME": "root",
    "SPRING_DATASOURCE_PASSWORD": "examples",
    "JWT_SIGNING_KEY": "only-for-the-tests-of-examples",
}

pytestmark = [
    pytest.mark.skipif(shutil.which("docker") is None, reason="docker is not installed"),
]


def docker(*arguments: str, timeout: int = 300, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=timeout, check=False)
    if check:
        assert done.returncode == 0, f"docker {arguments[0]}: {done.stdout[-6000:]}{done.stderr[-3000:]}"
    return done


def take_away() -> None:
    docker("rm", "--force", "--volumes", *(f"{NETWORK}-{name}" for name in STORES), check=False)
    docker("network", "rm", NETWORK, check=False)


def wait_for(store: str, *command: str) -> None:
    deadline = time.monotonic() + 300  # its first start makes a database
    while docker("exec", f"{NETWORK}-{store}", *command, check=False).returncode != 0:
        assert time.monotonic() < deadline, docker("logs", f"{NETWORK}-{store}").stderr
        time.sleep(0.5)


@pytest.fixture(scope="module")
def stores() -> Iterator[list[str]]:
    """Options of ``docker run`` for a container that reaches the stores."""
    environment = [f"--env={name}={value}" for name, value in ENVIRONMENT.items()]
    try:
        docker("network", "create", NETWORK)
        for name, image in STORES.items():
            options = [f"--name={NETWORK}-{name}", f"--network={NETWORK}", f"--network-alias={name}", *environment]
            docker("run", "--detach", *options, *image)
        # Over TCP: while it makes its database, the image's server listens on its socket only.
        wait_for("db", "pg_isready", "--host=127.0.0.1")
        wait_for("sales", "mariadb-admin", "--host=127.0.0.1", "--password=examples", "ping")
        yield [f"--network={NETWORK}", *environment]
    finally:
        take_away()


def built(app: str) -> list[str]:
    """The tags of an app's version 1."""
    assert build.main([app, "1"]) == 0
    return [each.tag for each in build.builds(app, ["1"], build.REGISTRY)]


def mounted(folder: Path, target: str, *names: str) -> list[str]:
    return [f"--volume={folder / name}:{target}/{name}:ro" for name in names]


def test_chat(stores: list[str]) -> None:
    (image,) = built("chat")
    done = docker(
        "run",
        "--rm",
        *stores,
        *mounted(EXAMPLES / "chat", "/app", "test"),
        image,
        "node",
        "--test",
        "--test-reporter=spec",
    )
    assert "skipped 0" in done.stdout, "the stores were not used"


def test_resee_api(stores: list[str]) -> None:
    image, _web = built("resee")
    api = EXAMPLES / "resee" / "api"
    files = mounted(api, "/app", "tests", "pytest.ini", "requirements-test.txt")
    settings = mounted(api / "resee", "/app/resee", "settings_for_tests.py")
    script = (
        "pip install -q --no-cache-dir --target /tmp/t -r requirements-test.txt && PYTHONPATH=/tmp/t python -m pytest"
    )
    done = docker("run", "--rm", *stores, *files, *settings, image, "sh", "-c", script)
    assert " passed" in done.stdout


def test_resee_web() -> None:
    web = mounted(EXAMPLES / "resee" / "web", "/web", "site", "test", "package.json")
    docker("run", "--rm", *web, "--workdir=/web", "node:20", "node", "--test")


def test_shop(stores: list[str]) -> None:
    """In the stage that has a compiler; what it compiles is what the image has."""
    built("shop")
    tests = f"{NETWORK}-shop"
    shop = EXAMPLES / "shop"
    files = ["--env=DEBIAN_FRONTEND=noninteractive", *mounted(shop, "/build", "test")]
    docker("build", "--target=build", f"--tag={tests}", "--", str(shop), timeout=900)
    script = (
        "apt-get update -qq && apt-get install -qq --no-install-recommends junit4 >/dev/null && mkdir tests"
        " && export CLASSPATH='classes:tests:lib/*:/usr/share/java/junit4.jar:/usr/share/java/hamcrest.jar'"
        " && javac -Xlint:all -Werror -d tests test/shop/*.java"
        " && java org.junit.runner.JUnitCore $(basename -s .java test/shop/*.java | sed s/^/shop./)"
    )
    try:
        done = docker("run", "--rm", *stores, *files, tests, "sh", "-c", script)
        assert "\nOK (" in done.stdout
    finally:
        docker("rmi", "--no-prune", tests, check=False)
