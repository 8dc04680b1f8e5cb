"""How many keys a snapshot says that it holds, on headers as servers of these versions write them."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._backups.engines.redis import first_database

AUX = b"\xfa\x09redis-ver\x057.0.0\xfa\x0aredis-bits\xc0\x40\xfa\x05ctime\xc2\x00\x00\x00\x60\xfa\x08aof-base\xc0\x00"


@pytest.mark.parametrize(
    ("head", "keys"),
    [
        (b"REDIS0010" + AUX + b"\xfe\x00\xfb\x05\x00", 5),
        (b"REDIS0011" + AUX + b"\xfe\x00\xfb\x47\xd3\x40\x01", 2003),
        (b"REDIS0010" + AUX + b"\xfe\x00\xfb\x80\x00\x0f\x42\x40\x00", 1_000_000),
        (b"REDIS0010" + AUX + b"\xfe\x00\xfb\x81\x00\x00\x00\x01\x00\x00\x00\x00\x00", 2**32),
        (b"REDIS0010" + AUX + b"\xff12345678", 0),
        (b"REDIS0010" + AUX + b"\xf5\x03lib\xfe\x00\xfb\x01\x00", 1),
        (b"REDIS0010" + AUX + b"\xfe\x03\xfb\x05\x00", None),
        (b"REDIS0010" + AUX[:10], None),
        (b"no snapshot at all", None),
        (b"", None),
    ],
    ids=["6 bits", "14 bits", "32 bits", "64 bits", "empty", "functions", "another database", "cut", "none", "nothing"],
)
def test_keys(head: bytes, keys: int | None) -> None:
    assert first_database(head) == keys
