"""Issue 5, 1: tables as apps have them, which PostgreSQL treats in ways of its own, are followed too."""

from __future__ import annotations

import contextlib
from pathlib import Path

from ansible_collections.stairway.cloud.plugins.module_utils._moves.move import cut_over
from tests.acceptance.moves.conftest import Pair
from tests.support.databases import docker
from tests.support.moving import PATIENT_SECONDS, Tap, a_move, moved, nothing_left

SHAPES = """DROP ROLE IF EXISTS worker; CREATE ROLE worker;
SET ROLE shop; SET search_path = public;
CREATE TABLE numbered (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, big text, word text);
ALTER TABLE numbered ALTER big SET STORAGE EXTERNAL;
INSERT INTO numbered (big, word) SELECT repeat(md5(i::text), 200), 'w' FROM generate_series(1, 20) i;
CREATE TABLE beside (name text PRIMARY KEY, number int GENERATED ALWAYS AS IDENTITY, word text);
INSERT INTO beside (name) SELECT 'n' || i FROM generate_series(1, 20) i;
CREATE TABLE whole (yes boolean, ip inet, c char(6), t text, j json, a int); ALTER TABLE whole REPLICA IDENTITY FULL;
INSERT INTO whole SELECT i % 2 = 0, '10.0.0.1', 'k', nullif('', repeat('x', i % 2)), '{"a":  1}', i
  FROM generate_series(1, 20) i;
CREATE TABLE ranked (place int PRIMARY KEY DEFERRABLE, word text); ALTER TABLE ranked REPLICA IDENTITY FULL;
INSERT INTO ranked SELECT i FROM generate_series(1, 20) i;
CREATE TABLE doubled (id int PRIMARY KEY, word text, state text); INSERT INTO doubled VALUES (1, 'x'), (2, 'x');
GRANT SELECT, INSERT, UPDATE (state) ON doubled TO worker; GRANT UPDATE (word) ON ranked TO worker;
"""
CHANGES = """SET ROLE shop; SET search_path = public;
UPDATE numbered SET word = 'changed' WHERE id < 5; UPDATE numbered SET id = DEFAULT WHERE id = 7;
DELETE FROM numbered WHERE id = 9; INSERT INTO numbered (word) VALUES ('new');
UPDATE beside SET word = 'changed' WHERE name < 'n5'; UPDATE beside SET number = DEFAULT WHERE name = 'n7';
UPDATE whole SET a = a + 1 WHERE a < 9; UPDATE whole SET t = NULL WHERE a = 15; DELETE FROM whole WHERE a > 18;
UPDATE ranked SET place = place + 1; UPDATE ranked SET place = 21 - place; DELETE FROM ranked WHERE place = 3;
"""
MAY = """SELECT string_agg(t || ' ' || p, ', ' ORDER BY t, p) FROM unnest('{doubled,ranked}'::text[]) t,
unnest('{SELECT,INSERT,UPDATE}'::text[]) p WHERE has_any_column_privilege('worker', t, p)"""


def test_are_followed(pair: Pair, tap: Tap, tmp_path: Path) -> None:
    """Also a role that may write some columns only: it has the same rights there, and none any more at the source."""
    here, there = pair
    there.psql("DROP ROLE IF EXISTS worker; CREATE ROLE worker")
    here.psql(SHAPES)
    with contextlib.suppress(AssertionError):  # the rows are doubled
        here.psql("CREATE UNIQUE INDEX CONCURRENTLY never ON doubled (word)")
    may = here.psql(MAY)
    move = a_move(tmp_path, *pair, fence_seconds=PATIENT_SECONDS)
    try:
        said = [one.what for one in move.survey().findings]
        assert any("public.never was never finished" in one for one in said), said
        assert move.begin()
        assert there.psql(MAY) == "doubled SELECT"
        here.psql(CHANGES)
        cut_over([move], tap)
        move.finish()
    finally:
        move.engine.close()
    assert there.psql(MAY) == may == "doubled INSERT, doubled SELECT, doubled UPDATE, ranked UPDATE"
    assert here.psql(MAY) == "doubled SELECT"
    for table in ("numbered", "beside", "whole", "ranked"):
        rows = f"SELECT string_agg(t::text, '|' ORDER BY t::text) FROM {table} t"
        assert here.psql(rows) == there.psql(rows), table
    nothing_left(*pair)
    for one in pair:
        one.empty()
        one.psql("DROP ROLE worker")


CONTROL = "default_version = '1.0'\nrelocatable = false\nschema = mv_kept"
SCRIPT = """CREATE TABLE jobs (id int PRIMARY KEY, what text); INSERT INTO jobs VALUES (1, 'the extension''s own');
SELECT pg_catalog.pg_extension_config_dump('jobs', 'WHERE id > 1');"""


def test_rows_that_an_app_keeps_in_an_extension(pair: Pair, tap: Tap, tmp_path: Path) -> None:
    """No move copies them: they have to be there before, and have to be the same behind the fence."""
    for one in pair:
        folder = f"/usr/share/postgresql/{one.version}/extension"
        for name, text in (("mv_kept.control", CONTROL), ("mv_kept--1.0.sql", SCRIPT)):
            docker("exec", "--interactive", one.name, "sh", "-c", f"cat > {folder}/{name}", given=text)
    pair[0].psql("CREATE SCHEMA mv_kept; CREATE EXTENSION mv_kept")
    looked = a_move(tmp_path, *pair)
    assert looked.survey().refusals == []  # it has what the extension has brought itself
    pair[0].psql("INSERT INTO mv_kept.jobs VALUES (2, 'nightly')")
    refused = [f"{one.what} {one.fix}" for one in looked.survey().refusals]
    assert len(refused) == 1
    assert "mv_kept.jobs belongs to an extension and has rows of the app's own" in refused[0]
    assert "--data-only --table=mv_kept.jobs" in refused[0]
    looked.engine.close()
    pair[1].psql("CREATE SCHEMA mv_kept; CREATE EXTENSION mv_kept; INSERT INTO mv_kept.jobs VALUES (2, 'nightly')")
    pair[1].psql("GRANT USAGE ON SCHEMA mv_kept TO PUBLIC; GRANT SELECT ON mv_kept.jobs TO PUBLIC")
    moved(tmp_path, *pair, tap, fence_seconds=PATIENT_SECONDS)
    assert pair[1].psql("SELECT what FROM mv_kept.jobs WHERE id = 2") == "nightly"
