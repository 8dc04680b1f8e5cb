"""Issue 5, 3: a verification that cannot fail is worthless. Each of these is planted in a good copy, and found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import Verification
from ansible_collections.stairway.cloud.plugins.module_utils._moves.postgresql import verify
from ansible_collections.stairway.cloud.plugins.module_utils._moves.postgresql.engine import Postgresql
from tests.acceptance.moves.conftest import Pair
from tests.support.databases import Postgres
from tests.support.moving import a_move

GOOD = "shop_good"
SOURCE = """
CREATE ROLE reader; SET ROLE shop; SET search_path = public;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy'); CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TABLE sample (id int PRIMARY KEY, t text, c char(8), n numeric, f float8, r real, b bytea, j jsonb, js json,
  ts timestamptz, tl timestamp, d date, iv interval, yes boolean, ar int[], u uuid, ip inet, m mood DEFAULT 'ok',
  p positive NOT NULL DEFAULT 1, g int GENERATED ALWAYS AS (id * 2) STORED, other int UNIQUE, CHECK (id > 0));
INSERT INTO sample (id, t, c, n, f, r, b, j, js, ts, tl, d, iv, yes, ar, u, ip, other)
  SELECT i, 'Caf' || chr(233) || i, 'k' || i, i + 1.50, '0.1'::float8 + '0.2'::float8, i / 3.0,
  decode(repeat(md5(i::text), 4), 'hex'), jsonb_build_object('a', i, 'b', 1.0), '{"a":  1}',
  '2026-03-01 00:00+00'::timestamptz + i * interval '1 hour', '2026-03-01'::timestamp + i * interval '1 hour',
  '2026-03-01'::date + i, '1 day', i % 2 = 0, ARRAY[i, 2, 3], md5(i::text)::uuid, '10.0.0.0/8', i
  FROM generate_series(1, 3000) i;
UPDATE sample SET t = '' WHERE id = 10; UPDATE sample SET t = NULL WHERE id = 11;
UPDATE sample SET f = 'NaN', ts = 'infinity' WHERE id = 12; UPDATE sample SET f = '-0' WHERE id = 13;
CREATE INDEX sample_t ON sample (t); CREATE UNIQUE INDEX sample_u ON sample (u);
CREATE TABLE child (id bigserial PRIMARY KEY, sample_id int NOT NULL REFERENCES sample ON DELETE CASCADE);
INSERT INTO child (sample_id) SELECT i FROM generate_series(1, 100) i;
CREATE TABLE keyless (a int, b text); ALTER TABLE keyless REPLICA IDENTITY FULL;
INSERT INTO keyless SELECT i % 5, 'x' FROM generate_series(1, 50) i;
CREATE TABLE part (d date, v int, PRIMARY KEY (d, v)) PARTITION BY RANGE (d);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2026-01-01') TO ('2026-06-01');
CREATE TABLE part_2 PARTITION OF part DEFAULT;
INSERT INTO part SELECT '2026-01-01'::date + i, i FROM generate_series(1, 300) i;
CREATE SEQUENCE numbers INCREMENT 5; SELECT nextval('numbers'); CREATE SEQUENCE unused;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'begin new.t := trim(new.t); return new; end';
CREATE TRIGGER touch BEFORE INSERT ON sample FOR EACH ROW EXECUTE FUNCTION touch();
CREATE VIEW good AS SELECT id FROM sample WHERE yes; CREATE RULE quiet AS ON DELETE TO keyless DO ALSO NOTHING;
GRANT SELECT ON sample TO reader; GRANT SELECT (b) ON keyless TO reader;
CREATE STATISTICS related ON t, n FROM sample; REVOKE EXECUTE ON FUNCTION touch() FROM PUBLIC;
CREATE TABLE elder (a int PRIMARY KEY); CREATE TABLE younger (PRIMARY KEY (a)) INHERITS (elder);
CREATE POLICY seen ON child TO reader USING (true);
"""
SET = "UPDATE sample SET {} WHERE id = 7"
PLANTED = {
    "a flipped byte": SET.format("b = set_byte(b, 3, get_byte(b, 3) # 1)"),
    "a truncated blob": SET.format("b = substr(b, 1, length(b) - 1)"),
    "an empty blob": SET.format("b = ''"),
    "a missing row": "DELETE FROM sample WHERE id = 3000",
    "an added row": "INSERT INTO sample (id, t) VALUES (3001, 'x')",
    "a doubled row": "INSERT INTO keyless SELECT * FROM keyless LIMIT 1",
    "a lost row of many that are the same": "DELETE FROM keyless WHERE ctid = (SELECT max(ctid) FROM keyless)",
    "one doubled, one lost": "UPDATE keyless SET a = (a + 1) % 5 WHERE ctid = (SELECT max(ctid) FROM keyless)",
    "a lost row of a partition": "DELETE FROM part WHERE v = 7",
    "a row of a partition moved": "UPDATE part SET d = '2027-01-01' WHERE v = 7",
    "a table emptied": "DELETE FROM part_2",
    "a float's last bit": SET.format("f = 0.3"),
    "a real's last bit": SET.format("r = r * (1 + 6e-8)::real + 3e-7"),
    "minus nothing": "UPDATE sample SET f = 0 WHERE id = 13",
    "not a number": "UPDATE sample SET f = NULL WHERE id = 12",
    "the end of time": "UPDATE sample SET ts = NULL WHERE id = 12",
    "NULL for an empty string": "UPDATE sample SET t = NULL WHERE id = 10",
    "an empty string for NULL": "UPDATE sample SET t = '' WHERE id = 11",
    "the text NULL for NULL": "UPDATE sample SET t = 'NULL' WHERE id = 11",
    "a time zone shift": SET.format("ts = ts + interval '9 hours'"),
    "a time zone shift without a zone": SET.format("tl = tl + interval '9 hours'"),
    "a microsecond": SET.format("ts = ts + interval '1 microsecond'"),
    "a day": SET.format("d = d + 1"),
    "24 hours for a day": SET.format("iv = '24 hours'"),
    "a blank at the end": SET.format("t = t || ' '"),
    "upper case": SET.format("t = upper(t)"),
    "a decomposed letter": SET.format("t = 'Cafe' || chr(769) || '7'"),
    "text read in another encoding": SET.format("t = 'Caf' || chr(195) || chr(169) || '7'"),
    "a cut text": SET.format("t = left(t, 3)"),
    "a padded key": SET.format("c = 'K7'"),
    "a lost zero": SET.format("n = 8.5"),
    "a cent": SET.format("n = n + 0.01"),
    "a rounded number": SET.format("n = round(n)"),
    "json without a blank": SET.format("""js = '{"a": 1}'"""),
    "a lost key of jsonb": SET.format("j = j - 'a'"),
    "1 for 1.0 in jsonb": SET.format("""j = j || '{"b": 1}'"""),
    "another order in an array": SET.format("ar = ARRAY[2, 7, 3]"),
    "NULL in an array": SET.format("ar = ARRAY[7, NULL, 3]"),
    "the other boolean": SET.format("yes = NOT yes"),
    "a digit of a uuid": SET.format("u = overlay(u::text placing '0' from 1 for 1)::uuid"),
    "another network": SET.format("ip = '10.0.0.0/9'"),
    "another word of an enum": SET.format("m = 'sad'"),
    "values of two rows exchanged": "UPDATE sample SET n = CASE id WHEN 7 THEN 9.50 ELSE 8.50 END WHERE id IN (7, 8)",
    "another key": "UPDATE sample SET id = 300007, other = 300007 WHERE id = 700",
    "a lost index": "DROP INDEX sample_t",
    "an index that is not unique": "DROP INDEX sample_u; CREATE INDEX sample_u ON sample (u)",
    "a lost unique constraint": "ALTER TABLE sample DROP CONSTRAINT sample_other_key",
    "a lost check": "ALTER TABLE sample DROP CONSTRAINT sample_id_check",
    "a lost foreign key": "ALTER TABLE child DROP CONSTRAINT child_sample_id_fkey",
    "a foreign key that is not validated": "ALTER TABLE child DROP CONSTRAINT child_sample_id_fkey, ADD CONSTRAINT "
    "child_sample_id_fkey FOREIGN KEY (sample_id) REFERENCES sample ON DELETE CASCADE NOT VALID",
    "a lost default": "ALTER TABLE sample ALTER m DROP DEFAULT",
    "a lost NOT NULL": "ALTER TABLE sample ALTER p DROP NOT NULL",
    "a wider column": "ALTER TABLE child ALTER sample_id TYPE bigint",
    "another collation": 'ALTER TABLE keyless ALTER b TYPE text COLLATE "C"',
    "an added column": "ALTER TABLE keyless ADD c int",
    "an added table": "CREATE TABLE more (a int)",
    "a lost trigger": "DROP TRIGGER touch ON sample",
    "a trigger that is off": "ALTER TABLE sample DISABLE TRIGGER touch",
    "another view": "CREATE OR REPLACE VIEW good AS SELECT id FROM sample WHERE NOT yes",
    "a lost rule": "DROP RULE quiet ON keyless",
    "another function": "CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql "
    "AS 'begin return new; end'",
    "a word more in an enum": "ALTER TYPE mood ADD VALUE 'angry'",
    "a lost grant": "REVOKE SELECT ON sample FROM reader",
    "a lost grant of a column": "REVOKE SELECT (b) ON keyless FROM reader",
    "a function for everyone": "GRANT EXECUTE ON FUNCTION touch() TO PUBLIC",
    "a partition on its own": "ALTER TABLE part DETACH PARTITION part_2",
    "a partition of other rows": "ALTER TABLE part DETACH PARTITION part_1; ALTER TABLE part ATTACH PARTITION part_1 "
    "FOR VALUES FROM ('2025-01-01') TO ('2026-06-01')",
    "a table that inherits no more": "ALTER TABLE younger NO INHERIT elder",
    "a table that is not logged": "ALTER TABLE keyless SET UNLOGGED",
    "rows that are hidden": "ALTER TABLE child ENABLE ROW LEVEL SECURITY",
    "rows that are hidden from their owner": "ALTER TABLE child FORCE ROW LEVEL SECURITY",
    "a policy for others": "ALTER POLICY seen ON child TO PUBLIC",
    "lost statistics": "DROP STATISTICS related",
    "a grant more": "GRANT INSERT ON sample TO reader",
    "a sequence that is behind": "SELECT setval('child_id_seq', 99)",
    "a sequence that is ahead": "SELECT setval('numbers', 100)",
    "a sequence not given out yet": "SELECT setval('numbers', 1, false)",
    "another step of a sequence": "ALTER SEQUENCE numbers INCREMENT 1",
    "a sequence of nobody": "ALTER SEQUENCE child_id_seq OWNED BY NONE",
}


@pytest.fixture(scope="module")
def copied(servers: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A good copy, and a template of it."""
    here, there = servers
    for one in servers:
        one.empty()
    there.psql("CREATE ROLE reader")
    here.psql(SOURCE)
    move = a_move(tmp_path_factory.mktemp("copy"), here, there)
    assert move.begin()
    move.engine.close()
    there.psql(f"DROP DATABASE IF EXISTS {GOOD}", database="postgres")
    there.psql(f"ALTER DATABASE shop RENAME TO {GOOD}", database="postgres")
    _anew(there)
    yield servers
    there.psql("DROP DATABASE shop WITH (FORCE)", database="postgres")
    there.psql(f"ALTER DATABASE {GOOD} RENAME TO shop", database="postgres")
    move.abort()
    move.engine.close()
    for one in servers:
        one.empty()
        one.psql("DROP ROLE IF EXISTS reader")


def _anew(there: Postgres) -> None:
    there.psql("DROP DATABASE IF EXISTS shop WITH (FORCE)", database="postgres")
    there.psql(f"CREATE DATABASE shop TEMPLATE {GOOD} OWNER shop", database="postgres")


def _looked(copied: Pair, folder: Path) -> Verification:
    engine = a_move(folder, *copied).engine
    assert isinstance(engine, Postgresql)
    engine.facts["how"] = "follow"
    try:
        found = engine.compared()
        found.differences += verify.sequence_values(engine.source, engine.target)[1]
        # until the switch the target's rights are others, on purpose
        found.differences = [one for one in found.differences if one.kind != "grant" or "reader" in one.name]
    finally:
        engine.close()
    return found


def test_a_good_copy_is_good(copied: Pair, tmp_path: Path) -> None:
    _anew(copied[1])
    found = _looked(copied, tmp_path)
    assert [str(one) for one in found.differences] == []
    assert found.tables["public.sample"]["source_rows"] == 3000
    assert found.objects["index"] >= 6


@pytest.mark.parametrize("what", PLANTED)
def test_is_found(copied: Pair, tmp_path: Path, what: str) -> None:
    _anew(copied[1])
    copied[1].psql(f"SET session_replication_role = replica; SET search_path = public; {PLANTED[what]}")
    found = _looked(copied, tmp_path)
    assert found.differences, f"{what} was not seen"
    print("; ".join(str(one) for one in found.differences)[:200])
