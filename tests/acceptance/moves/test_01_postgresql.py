"""Issue 5, 1: up and down under writes; nothing lost, nothing doubled, no request failed, the fence at most 5 s."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._moves.move import Move
from tests.acceptance.moves.conftest import Pair
from tests.support.databases import Postgres
from tests.support.moving import PATIENT_SECONDS, App, Tap, a_move, fill, moved, nothing_left

SMALL, LARGE = 60_000, 5_000_000


def up_and_down(pair: Pair, tap: Tap, folder: Path) -> None:
    """There and back, while the app writes on."""
    here, there = pair
    with App(pair, tap) as app:
        up = moved(folder, here, there, tap)
        assert_moved(app, up, here, there)
    second = folder / "down"
    second.mkdir()
    back = Tap(second)
    with App((there, here), back, first=10) as app:
        # the journal says that what is here is ours: what the first move has left
        (second / "db.json").write_text((folder / "db.json").read_text())
        down = moved(second, there, here, back, replace_target=True)
        assert_moved(app, down, there, here)


def assert_moved(app: App, move: Move, source: Postgres, target: Postgres) -> None:
    app.__exit__()
    assert app.failed == []
    assert app.read_back(target) == (0, 0)
    fence = move.journal.data["fence_seconds"]
    print(f"fence {fence:.2f} s, slowest request {app.slowest:.2f} s, {sum(map(len, app.written))} writes")
    assert fence < 5
    nothing_left(source, target)
    assert sum(map(len, app.written)) > 100


@pytest.mark.quiet
def test_small(pair: Pair, tap: Tap, tmp_path: Path) -> None:
    fill(pair[0], SMALL)
    up_and_down(pair, tap, tmp_path)


# One of each kind that an app's own user can make; an extension brings its own.
KINDS = """CREATE EXTENSION hstore; SET ROLE shop; SET search_path = public;
CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE couple AS (a int, b text);
CREATE TYPE hours AS RANGE (subtype = time); CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE FUNCTION apart(float8, float8) RETURNS float8 IMMUTABLE LANGUAGE sql RETURN $1 - $2;
CREATE TYPE span AS RANGE (subtype = float8, subtype_diff = apart);
CREATE PROCEDURE nothing() LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
CREATE AGGREGATE counted(*) (SFUNC = int8inc, STYPE = bigint, INITCOND = '0');
CREATE OPERATOR <-> (LEFTARG = float8, RIGHTARG = float8, FUNCTION = apart);
CREATE COLLATION by_byte (LOCALE = 'C');
CREATE TEXT SEARCH DICTIONARY plain (TEMPLATE = simple);
CREATE TEXT SEARCH CONFIGURATION plain (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION plain ALTER MAPPING FOR word WITH plain;
CREATE SEQUENCE numbers;
CREATE TABLE things (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number int DEFAULT nextval('numbers'), m mood,
  ms mood[], two couple, size positive, at span, times span[], free span_multirange, word text COLLATE by_byte,
  h hstore, open hours, found tsvector GENERATED ALWAYS AS (to_tsvector('plain', 'word')) STORED, made serial);
INSERT INTO things (m, ms, two, size, at, times, free, word, h)
  SELECT 'ok', '{sad,ok}', '(1,b)', i, span(i, i + 1), ARRAY[span(0, i)],
  span_multirange(span(i, i + 1), span(i + 2, i + 3)), 'w', 'a=>1' FROM generate_series(1, 50) i;
CREATE INDEX ON things USING gist (at); CREATE STATISTICS more ON id, number FROM things;
CREATE TABLE typed OF couple (PRIMARY KEY (a)); CREATE TABLE older (more int) INHERITS (things);
ALTER TABLE older ADD PRIMARY KEY (id);
CREATE TABLE parts (day date PRIMARY KEY) PARTITION BY RANGE (day);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE VIEW seen AS SELECT at, total(number) FROM things GROUP BY at;
CREATE MATERIALIZED VIEW kept AS SELECT counted(*) FROM things;
CREATE FUNCTION pass() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
CREATE TRIGGER pass BEFORE INSERT ON things FOR EACH ROW EXECUTE FUNCTION pass();
CREATE RULE quiet AS ON DELETE TO typed DO ALSO NOTHING;
"""
INSIDE = " UNION ALL ".join(
    f"SELECT '{catalogue} ' || {kind}name FROM {catalogue} WHERE {kind}namespace = 'public'::regnamespace"
    for catalogue, kind in {
        **{"pg_class": "rel", "pg_proc": "pro", "pg_type": "typ", "pg_operator": "opr", "pg_collation": "coll"},
        **{"pg_ts_config": "cfg", "pg_ts_dict": "dict", "pg_statistic_ext": "stx"},
    }.items()
)


def test_nothing_stays_of_any_kind(pair: Pair, tap: Tap, tmp_path: Path) -> None:
    """What is given up, and what a later move replaces; of what stayed, the next one would be in its own way."""
    here, there = pair
    here.psql(KINDS)
    for _time in range(2):
        move = a_move(tmp_path, here, there)
        move.begin()
        assert {*there.psql(INSIDE).splitlines()} == {*here.psql(INSIDE).splitlines()}
        assert move.abort()
        move.engine.close()
        assert there.psql(INSIDE) == ""
    moved(tmp_path, here, there, tap, fence_seconds=PATIENT_SECONDS)
    back = tmp_path / "back"
    back.mkdir()
    (back / "db.json").write_text((tmp_path / "db.json").read_text())
    moved(back, there, here, Tap(back), replace_target=True, fence_seconds=PATIENT_SECONDS)
    assert here.psql("SELECT count(*) FROM things") == "50"


@pytest.mark.long
@pytest.mark.quiet
def test_a_gigabyte_of_five_million_rows(pair: Pair, tap: Tap, tmp_path: Path) -> None:
    fill(pair[0], LARGE)
    up_and_down(pair, tap, tmp_path)
