from __future__ import annotations

import json
import stat

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._rollout import record
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.layout import Layout
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.record import Records, Release


def release(number, version, state=record.GOOD, rollback_of=None):
    return Release(
        number=number,
        version=version,
        state=state,
        at="2026-11-21T04:00:00Z",
        actor="me",
        mark=f"m{version}",
        rollback_of=rollback_of,
    )


@pytest.fixture
def records(tmp_path):
    return Records(Layout("chat", tmp_path))


@pytest.mark.parametrize(
    ("kept", "current", "expected"),
    [
        ([release(1, "1")], 1, None),
        ([release(1, "1"), release(2, "2")], 2, 1),
        ([release(1, "1"), release(2, "x", record.BAD), release(3, "3")], 3, 1),
        ([release(1, "1"), release(2, "2"), release(3, "3", record.WITHDRAWN), release(4, "2", rollback_of=2)], 4, 1),
        (
            [
                release(1, "1"),
                release(2, "2"),
                release(3, "3", record.WITHDRAWN),
                release(4, "2", rollback_of=2),
                release(5, "5"),
            ],
            5,
            2,
        ),
        ([release(1, "1"), release(2, "2", record.WITHDRAWN), release(3, "1", rollback_of=1)], 3, None),
        ([release(2, "x", record.UNFINISHED), release(3, "3")], 3, None),
    ],
    ids=[
        "only-one",
        "previous",
        "skips-bad",
        "twice-goes-down",
        "after-a-rollback",
        "twice-from-two",
        "never-unfinished",
    ],
)
def test_a_rollback_goes_to_the_last_good_one(kept, current, expected):
    standing = next(one for one in kept if one.number == current)
    target = record.rollback_target(kept, standing)
    assert (target.number if target else None) == expected


def test_the_newest_good_ones_are_kept_and_bad_ones_go_with_their_time():
    kept = [release(1, "1"), release(2, "2", record.BAD), release(3, "3"), release(4, "4", record.BAD), release(5, "5")]
    assert [one.number for one in record.to_forget(kept, keep=2, current=5)] == [1, 2]
    assert record.to_forget(kept, keep=9, current=5) == []


def test_what_a_rollback_returned_to_is_kept():
    kept = [
        release(1, "1"),
        release(2, "2", record.WITHDRAWN),
        *[release(n, str(n), record.BAD) for n in range(3, 9)],
        release(9, "1", rollback_of=1),
    ]
    assert 1 not in [one.number for one in record.to_forget(kept, keep=1, current=9)]


def test_a_release_comes_back_as_it_was_saved_and_only_root_may_read_it(records):
    saved = release(1, "1")
    records.save(saved)
    assert records.all() == [saved]
    mode = (records.layout.releases / "1.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_the_record_is_for_all_and_names_no_mark(records):
    records.save(release(1, "1"))
    records.stand(release(1, "1"), colour="green")
    assert stat.S_IMODE(records.layout.record.stat().st_mode) == 0o644
    assert "m1" not in records.layout.record.read_text()
    assert records.current() == release(1, "1")


def test_numbers_never_come_twice_even_after_a_bad_one(records):
    records.save(release(1, "1"))
    records.save(release(2, "2", record.BAD))
    assert records.next_number() == 3


def test_what_was_cut_off_is_closed_as_bad(records):
    records.save(release(1, "1", record.UNFINISHED))
    records.close_unfinished()
    assert records.all()[0].state == record.BAD


def test_what_is_forgotten_while_somebody_looks_is_no_broken_file(records):
    """Who asks where an app stands holds no lock; a release that runs forgets old ones meanwhile."""
    records.save(release(1, "1"))
    records.save(release(2, "2"))
    (records.layout.releases / "3.json").symlink_to("gone since it was listed")
    assert [one.number for one in records.all()] == [1, 2]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"number": 1}'])
def test_a_broken_file_is_named_with_what_to_type(records, text):
    records.layout.releases.mkdir(parents=True)
    path = records.layout.releases / "1.json"
    path.write_text(text)
    with pytest.raises(StairwayError) as caught:
        records.all()
    assert caught.value.where == str(path)


def test_the_audit_trail_only_grows(records):
    records.note("started", number=1)
    records.note("failed", number=1, reason="no")
    lines = [json.loads(line) for line in records.layout.history.read_text().splitlines()]
    assert [line["event"] for line in lines] == ["started", "failed"]
