"""Changes as SQL: every value quoted, every row told by its key, every statement with the answer that it has to get."""

from __future__ import annotations

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.postgresql.pgoutput import (
    UNCHANGED,
    Change,
    Relation,
    Truncate,
)
from ansible_collections.stairway.cloud.plugins.module_utils._moves.postgresql.statements import ALL, ROWS, Script

KEYED = Relation(1, "public", 'a "b"', "d", ("id", "note"), (True, False))
WHOLE = Relation(2, "public", "w", "f", ("x", "y"), (True, True))
NAME = '"public"."a ""b"""'


def script(*changes, relation=KEYED, keys=("id",)):
    found = Script()
    for change in changes:
        found.add(relation, change, keys)
    found.finish()
    return found


def test_inserts_go_together_in_their_order():
    found = script(Change("I", 1, None, ("1", "it's")), Change("I", 1, None, ("2", None)))
    assert found.statements == [
        f"INSERT INTO {NAME} (\"id\", \"note\") OVERRIDING SYSTEM VALUE VALUES ('1', 'it''s'), ('2', NULL)"
    ]
    assert found.expected == ["INSERT 0 2"]
    assert found.changed == {'public.a "b"': {'["1"]', '["2"]'}}
    assert found.counts == {'public.a "b"': [2, 0, 0]}


def test_an_insert_has_a_bound():
    found = script(*(Change("I", 1, None, (str(number), "")) for number in range(ROWS + 1)))
    assert found.expected == [f"INSERT 0 {ROWS}", "INSERT 0 1"]


def test_order_is_kept_across_kinds():
    found = script(
        Change("I", 1, None, ("1", "a")),
        Change("U", 1, None, ("1", "b")),
        Change("D", 1, ("1", None), None),
        Change("I", 1, None, ("1", "c")),
    )
    assert [one.split()[0] for one in found.statements] == ["INSERT", "UPDATE", "DELETE", "INSERT"]
    assert found.expected == ["INSERT 0 1", "UPDATE 1", "DELETE 1", "INSERT 0 1"]
    assert found.counts == {'public.a "b"': [2, 1, 1]}


def test_an_update_that_changes_the_key_is_told_by_the_old_one():
    found = script(Change("U", 1, ("1", None), ("2", UNCHANGED)))
    assert found.statements == [f"UPDATE ONLY {NAME} SET \"id\" = '2' WHERE \"id\" = '1'"]
    assert found.changed == {'public.a "b"': {'["1"]', '["2"]'}}


def test_a_row_without_a_key_is_one_of_those_that_are_the_same():
    found = script(Change("D", 2, ("1", None), None), relation=WHOLE, keys=())
    assert found.statements == [
        'DELETE FROM ONLY "public"."w" WHERE ctid = (SELECT ctid FROM ONLY "public"."w" WHERE '
        'concat("x") COLLATE "C" = \'1\' AND "y" IS NOT DISTINCT FROM NULL LIMIT 1)'
    ]
    assert found.changed == {"public.w": {ALL}}


def test_an_empty_text_is_not_null_though_both_are_written_as_nothing():
    found = script(Change("D", 2, ("", "2"), None), relation=WHOLE, keys=())
    assert '"x" IS DISTINCT FROM NULL AND concat("x") COLLATE "C" = \'\' AND concat("y")' in found.statements[0]


@pytest.mark.parametrize(
    ("change", "done"),
    [
        (Change("U", 1, None, ("1", "b")), "UPDATE 1"),
        (Change("U", 1, ("1", None), ("2", "b")), "INSERT 0 1"),  # SET id = DEFAULT
        (Change("U", 1, None, ("1", UNCHANGED)), "INSERT 0 1"),  # nothing is left to set
    ],
)
def test_what_the_server_alone_numbers_is_set_by_an_insert(change, done):
    found = Script()
    found.add(KEYED, change, ("id",), {"id"})
    assert found.expected == [done]
    assert 'SET "id"' not in found.statements[0]
    assert found.counts == {'public.a "b"': [0, 1, 0] if done == "UPDATE 1" else [1, 0, 1]}


def test_a_number_that_no_change_tells_of_is_taken_for_another():
    other = Relation(4, "public", "o", "d", ("id", "number"), (True, False))
    found = Script()
    found.add(other, Change("U", 4, None, ("1", "7")), ("id",), {"number"})
    assert found.statements == [
        'WITH gone AS (DELETE FROM ONLY "public"."o" WHERE "id" = \'1\' RETURNING *) INSERT INTO "public"."o" '
        "(\"id\", \"number\") OVERRIDING SYSTEM VALUE SELECT '1', '7' FROM gone"
    ]


def test_emptying_is_told_of_the_whole_table():
    found = Script()
    found.empty([KEYED, WHOLE], Truncate((1, 2), cascade=True, restart=False))
    assert found.statements == [f'TRUNCATE ONLY {NAME}, "public"."w" CASCADE']
    assert found.changed == {'public.a "b"': {ALL}, "public.w": {ALL}}


def test_a_change_that_tells_no_row_is_refused():
    nothing = Relation(3, "public", "n", "n", ("x",), (False,))
    with pytest.raises(StairwayError, match="does not say which row"):
        script(Change("U", 3, None, ("1",)), relation=nothing, keys=())
