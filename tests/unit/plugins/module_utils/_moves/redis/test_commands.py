"""What is sent to a Redis, and what its figures mean."""

from __future__ import annotations

from ansible_collections.stairway.cloud.plugins.module_utils._moves.redis.survey import keys_of, version
from ansible_collections.stairway.cloud.plugins.module_utils._moves.redis.wire import encoded


def test_a_command() -> None:
    assert encoded(("SET", b"\0\r\n", 7)) == b"*3\r\n$3\r\nSET\r\n$3\r\n\0\r\n\r\n$1\r\n7\r\n"


def test_keys_of_all_databases() -> None:
    facts = {"db0": "keys=12,expires=2,avg_ttl=5", "db3": "keys=1,expires=0,avg_ttl=0", "dbsize": "x"}
    assert keys_of(facts) == 13
    assert keys_of(facts, lasting=True) == 11


def test_versions_are_ordered() -> None:
    assert (
        version({"redis_version": "7.0.15"}) < version({"redis_version": "7.2.4"}) < version({"redis_version": "10.1"})
    )
