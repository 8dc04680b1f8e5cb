"""Every kind of change that an app can make, at random and at once, while the store moves: both sides hold the same."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._moves.move import cut_over
from ansible_collections.stairway.cloud.plugins.module_utils._moves.postgresql.engine import Postgresql
from ansible_collections.stairway.cloud.plugins.module_utils._moves.postgresql.wire import SqlError
from tests.acceptance.moves.conftest import Pair
from tests.support.moving import Tap, a_move, nothing_left

SHAPE = """SET ROLE shop; SET search_path = public;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE a (id bigserial PRIMARY KEY, v text, big text, n numeric, m mood, ar text[], b bytea, f float8,
  g text GENERATED ALWAYS AS (upper(v)) STORED, ts timestamptz DEFAULT now());
ALTER TABLE a ALTER big SET STORAGE EXTERNAL;
CREATE TABLE child (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  a_id bigint NOT NULL REFERENCES a ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE part (d date, v int, w text, PRIMARY KEY (d, v)) PARTITION BY RANGE (d);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2026-01-01') TO ('2026-06-01');
CREATE TABLE part_2 PARTITION OF part DEFAULT;
CREATE TABLE keyless (x int, y text, z json, yes boolean, ip inet, c char(20));
ALTER TABLE keyless REPLICA IDENTITY FULL;
CREATE TABLE "Strange ""name" ("a key" char(6), "ä" boolean NOT NULL, v text, UNIQUE ("a key", "ä"));
ALTER TABLE "Strange ""name" ALTER "a key" SET NOT NULL;
ALTER TABLE "Strange ""name" REPLICA IDENTITY USING INDEX "Strange ""name_a key_ä_key";
CREATE TABLE emptied (id int PRIMARY KEY, v text);
CREATE TABLE log (id bigserial PRIMARY KEY, what text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
  'begin insert into public.log (what) values (tg_op || coalesce(new.v, old.v, '''')); return null; end';
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON a FOR EACH ROW EXECUTE FUNCTION note();
INSERT INTO a (v, big) SELECT 'v' || i, repeat(md5(i::text), 200) FROM generate_series(1, 300) i;
INSERT INTO child (a_id) SELECT i FROM generate_series(1, 300) i;
INSERT INTO part SELECT '2026-01-01'::date + i, i FROM generate_series(1, 300) i;
INSERT INTO keyless SELECT i % 3, 'y', '{"a": 1}', i % 2 = 0, '10.0.0.1', 'k' FROM generate_series(1, 60) i;
INSERT INTO "Strange ""name" SELECT 'k' || i, i % 2 = 0, 'v' FROM generate_series(1, 300) i;
"""
# {r} is a number from 1 to 300, {q} a text that has to be quoted well
CHANGES = [
    "INSERT INTO a (v, big, n, m, ar, b, f) "
    "VALUES ({q}, repeat({q}, 900), {r} / 7.0, 'ok', ARRAY[{q}, NULL], '\\x00ff', {r} / 3.0)",
    "UPDATE a SET v = {q} WHERE id = {r}",
    "UPDATE a SET big = NULL, n = 'NaN', f = '-Infinity' WHERE id = {r}",
    "UPDATE a SET id = id + 100000 WHERE id = {r} AND NOT EXISTS (SELECT FROM child WHERE a_id = {r})",
    "DELETE FROM a WHERE id = {r}",
    "INSERT INTO child (a_id) SELECT id FROM a ORDER BY random() LIMIT 3",
    "UPDATE child SET a_id = a_id WHERE id = {r}",
    "UPDATE child SET id = DEFAULT WHERE id = {r}",
    "UPDATE part SET d = d + 200 WHERE v = {r}",
    "UPDATE part SET w = {q} WHERE v BETWEEN {r} AND {r} + 20",
    "INSERT INTO part VALUES ('2026-02-01', 1000 + {r}, {q}) ON CONFLICT (d, v) DO UPDATE SET w = excluded.w",
    "INSERT INTO keyless VALUES ({r} % 3, {q}, '[1,  2]', {r} % 2 = 0, '10.0.0.0/8', {q})",
    "UPDATE keyless SET y = {q} WHERE ctid IN (SELECT ctid FROM keyless LIMIT 2)",
    "DELETE FROM keyless WHERE ctid IN (SELECT ctid FROM keyless ORDER BY random() LIMIT 1)",
    'UPDATE "Strange ""name" SET v = {q}, "ä" = NOT "ä" WHERE "a key" = \'k{r}\'',
    'DELETE FROM "Strange ""name" WHERE "a key" = \'k{r}\'',
    "INSERT INTO emptied VALUES ({r}, {q}) ON CONFLICT DO NOTHING",
    "SAVEPOINT s; DELETE FROM a; ROLLBACK TO s",
    "INSERT INTO log (what) SELECT {q} FROM generate_series(1, 300)",
]
TEXTS = ["it's", 'a "b"', "back\\slash", "é\U0001f600", "", "line\nbreak\ttab", "$$", "NULL", "{}", "%s;--"]


def change(pair: Pair, stop: threading.Event, seed: int, count: list[int], wrong: list[str]) -> None:
    chance = random.Random(seed)
    connection = pair[0].connect()
    while not stop.wait(0.03):
        parts = chance.choices(CHANGES, k=chance.randint(1, 4))
        quoted = ["'" + text.replace("'", "''") + "'" for text in chance.choices(TEXTS, k=4)]
        statements = [one.format(r=chance.randint(1, 300), q=text) for one, text in zip(parts, quoted, strict=False)]
        end = chance.choices(["COMMIT", "ROLLBACK"], [9, 1])[0]
        try:
            connection.run("; ".join(["BEGIN", *statements, end]))
            count[0] += 1
        except SqlError as error:
            connection.run("ROLLBACK")
            # deadlocks, keys that are there and the like are the app's own
            if error.state not in ("40P01", "40001", "23505", "23503"):
                wrong.append(str(error))


@pytest.mark.long
def test_both_sides_hold_the_same(pair: Pair, tap: Tap, tmp_path: Path) -> None:
    pair[0].psql(SHAPE)
    stop, count = threading.Event(), [0]
    wrong: list[str] = []
    threads = [threading.Thread(target=change, args=(pair, stop, seed, count, wrong), daemon=True) for seed in range(4)]
    for thread in threads:
        thread.start()
    move = a_move(tmp_path, *pair)
    try:
        move.begin()
        threads[0].join(8)
        stop.set()
        for thread in threads:
            thread.join(20)
        pair[0].psql("TRUNCATE public.emptied; INSERT INTO public.emptied VALUES (1, 'again')")
        cut_over([move], tap)
        engine = move.engine
        assert isinstance(engine, Postgresql)
        found = engine.compared()
        # the source may not be written to any more, and its rights say so
        assert [str(one) for one in found.differences if one.kind != "grant"] == []
        carried = sum(one["source_rows"] for one in found.tables.values())
        move.finish()
    finally:
        stop.set()
        move.engine.close()
    steps = {one["name"]: one.get("seconds") for one in move.journal.data["steps"]}
    print(f"{count[0]} transactions while it moved, {carried} rows, {steps}")
    assert wrong == []
    assert count[0] > 100
    nothing_left(*pair)
