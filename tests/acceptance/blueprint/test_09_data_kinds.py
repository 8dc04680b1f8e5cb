"""No path from one blueprint to another loses data that the run did not name; with a name, a last snapshot is there
first.

Pairs of blueprints are drawn at random: entries come and go, are renamed, get another engine version, smaller storage,
another shape. After each run everything that held data is there under the id that it had, or the run said that it
gives it up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.stairway.cloud.plugins.module_utils._aws.account import Account
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.apply import ApplyError
from ansible_collections.stairway.cloud.plugins.module_utils._blueprint.survey import survey
from ansible_collections.stairway.cloud.plugins.module_utils._kinds.registry import kind as kind_of
from ansible_collections.stairway.cloud.plugins.module_utils._resource.problems import BlueprintError
from tests.support.aws.emulators import EmulatedAccount, Emulator
from tests.support.aws.runs import converge

DATA = ("database", "cache", "bucket", "secret", "repository")
GROUND: list[dict[str, Any]] = [
    {"vpc": "main", "cidr": "10.0.0.0/16"},
    {"subnet": "a", "vpc": "main", "cidr": "10.0.1.0/24", "zone": "ap-northeast-2a"},
    {"subnet": "c", "vpc": "main", "cidr": "10.0.2.0/24", "zone": "ap-northeast-2c"},
    {"security_group": "data", "vpc": "main"},
    {"secret": "password", "generate": {"length": 32}},
]
NAMES = st.sampled_from(["main", "other"])
databases = st.fixed_dictionaries(
    {
        "database": NAMES,
        "engine": st.sampled_from(["postgresql", "mysql"]),
        "version": st.sampled_from(["15", "16", "8.0", "8.4"]),
        "size": st.sampled_from(["db.t4g.micro", "db.t4g.medium"]),
        "storage_gb": st.sampled_from([20, 50, 100]),
        "encrypted": st.booleans(),
        "subnets": st.just(["a", "c"]),
        "security_groups": st.just(["data"]),
        "username": st.just("app"),
        "password_secret": st.just("password"),
        "protect": st.booleans(),
    }
)
caches = st.fixed_dictionaries(
    {
        "cache": NAMES,
        "engine": st.just("redis"),
        "version": st.sampled_from(["7.0", "7.1"]),
        "size": st.sampled_from(["cache.t4g.small", "cache.t4g.medium"]),
        "shape": st.sampled_from(["single", "replicated"]),
        "subnets": st.just(["a", "c"]),
        "security_groups": st.just(["data"]),
        "snapshot_keep_days": st.sampled_from([1, 3]),
    }
)
buckets = st.fixed_dictionaries({"bucket": NAMES, "versioned": st.booleans()})
secrets = st.fixed_dictionaries({"secret": NAMES, "generate": st.just({"length": 20})})
repositories = st.fixed_dictionaries({"repository": NAMES, "immutable_tags": st.booleans()})


def first(kind: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The kind in front, where an entry has it; hypothesis draws the keys in an order of its own."""
    return lambda drawn: {kind: drawn[kind], **drawn}


entries = st.lists(
    st.one_of(
        databases.map(first("database")),
        caches.map(first("cache")),
        buckets.map(first("bucket")),
        secrets.map(first("secret")),
        repositories.map(first("repository")),
    ),
    max_size=4,
    unique_by=lambda one: next(iter(one.items())),
)


@st.composite
def blueprints(draw: st.DrawFn) -> list[dict[str, Any]]:
    """With the network or, when nothing stands in it, without: going all the way down."""
    drawn = draw(entries)
    return [*GROUND, *drawn] if drawn or draw(st.booleans()) else []


def data_of(account: Account) -> dict[str, set[str]]:
    """Ids of all that holds data, by ``kind/name``."""
    known = {name: kind_of(name) for name in DATA}
    world = survey(account, "shop", (), known, DATA)
    result: dict[str, set[str]] = {}
    for found in (one for several in world.values() for one in several):
        if found.app == "shop" and found.state != "deleting":
            result.setdefault(f"{found.kind}/{found.name}", set()).add(found.id)
    return result


def attempt(account: Account, blueprint: list[dict[str, Any]], give_up: dict[str, str]) -> None:
    """A run; a refusal or a failure is an answer too."""
    try:
        converge(account, blueprint, give_up=give_up)
    except (BlueprintError, ApplyError):
        return


def snapshots(account: Account) -> Iterator[str]:
    for one in account.pages("rds", "describe_db_snapshots", "DBSnapshots"):
        yield str(one["DBInstanceIdentifier"])


COMMON = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def account(moto_server: Emulator) -> EmulatedAccount:
    """One for all examples: making its clients takes longer than an example."""
    return moto_server.account()


@COMMON
@given(first=blueprints(), second=blueprints(), third=blueprints())
def test_what_is_not_named_stays(
    moto_server: Emulator,
    account: EmulatedAccount,
    first: list[dict[str, Any]],
    second: list[dict[str, Any]],
    third: list[dict[str, Any]],
) -> None:
    moto_server.reset()
    account.forget()
    for blueprint in (first, second, third, []):
        before = data_of(account)
        attempt(account, blueprint, {})
        after = data_of(account)
        for key, ids in before.items():
            assert ids <= after.get(key, set()), f"{key} was lost"


@COMMON
@given(first=blueprints(), second=blueprints(), named=st.lists(st.sampled_from(DATA), unique=True))
def test_only_what_is_named_goes_and_leaves_a_snapshot(
    moto_server: Emulator,
    account: EmulatedAccount,
    first: list[dict[str, Any]],
    second: list[dict[str, Any]],
    named: list[str],
) -> None:
    moto_server.reset()
    account.forget()
    attempt(account, first, {})
    before = data_of(account)
    give_up = {
        key: "final_snapshot" for key in before if key.split("/")[0] in named and kind_of(key.split("/")[0]).snapshot
    }
    attempt(account, second, give_up)
    after = data_of(account)
    kept = set(snapshots(account))
    for key, ids in before.items():
        gone = ids - after.get(key, set())
        assert not gone or key in give_up, f"{key} was lost and was not named"
        if gone and key.startswith("database/"):
            assert any(one in kept for one in gone), f"{key} went without a snapshot"


@pytest.mark.parametrize("kind", DATA)
def test_every_data_kind_says_so(kind: str) -> None:
    assert kind_of(kind).data
