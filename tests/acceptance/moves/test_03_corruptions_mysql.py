"""Issue 5, 3, MariaDB: a verification that cannot fail is worthless. Each of these is planted in a good copy, and seen.

The copy has every type that the engine has; half of its rows came by the copy, half by the binary log.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import Verification
from ansible_collections.stairway.cloud.plugins.module_utils._moves.move import Move, cut_over
from ansible_collections.stairway.cloud.plugins.module_utils._moves.mysql.engine import Mysql
from tests.acceptance.moves.conftest import Marias
from tests.support.moving import Tap, a_move

TABLES = """
CREATE TABLE sample (id int unsigned NOT NULL PRIMARY KEY, t text, v varchar(20) CHARACTER SET latin1, c char(8),
  k varchar(20) CHARACTER SET ucs2, j8 varchar(20) CHARACTER SET sjis, n decimal(20,2), n9 decimal(30,12), f double,
  r float, b mediumblob, bf binary(6), vb varbinary(20), js json, ts timestamp(6) NULL, dt datetime(3), d date,
  tm time(6), y year,
  yes tinyint(1), s smallint, m mediumint, bg bigint unsigned, bt bit(11), e enum('sad','ok','happy')
  DEFAULT 'ok', st set('a','b','c'), u uuid, i6 inet6, i4 inet4, g point, long_text longtext,
  made timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  gen int GENERATED ALWAYS AS (s * 2) STORED, gv int GENERATED ALWAYS AS (s + 1) VIRTUAL, other int UNIQUE,
  CONSTRAINT positive CHECK (id > 0), KEY sample_t (t(20)), UNIQUE KEY sample_u (u), FULLTEXT KEY words (long_text));
CREATE TABLE child (id bigint AUTO_INCREMENT PRIMARY KEY, sample_id int unsigned NOT NULL,
  CONSTRAINT child_of FOREIGN KEY (sample_id) REFERENCES sample (id) ON DELETE CASCADE);
CREATE TABLE two (a varchar(30), b binary(4), c date, word text, PRIMARY KEY (a, b, c));
CREATE TABLE part (d date NOT NULL, v int NOT NULL, PRIMARY KEY (d, v))
  PARTITION BY RANGE (YEAR(d)) (PARTITION p1 VALUES LESS THAN (2027), PARTITION p2 VALUES LESS THAN MAXVALUE);
CREATE SEQUENCE numbers INCREMENT BY 5; CREATE SEQUENCE unused;
CREATE TABLE log (id int AUTO_INCREMENT PRIMARY KEY, what text);
"""
VIEWS = """
CREATE FUNCTION twice(a int) RETURNS int DETERMINISTIC RETURN a * 2;
CREATE PROCEDURE nothing() SELECT 1;
CREATE TRIGGER touch BEFORE INSERT ON log FOR EACH ROW SET NEW.what = TRIM(NEW.what);
CREATE VIEW better AS SELECT id FROM sample WHERE yes = 1;
CREATE VIEW a_first AS SELECT id FROM better;
CREATE EVENT later ON SCHEDULE EVERY 1 YEAR DO DELETE FROM log;
"""


def rows(first: int, last: int) -> str:
    """As the app writes them."""
    return f"""
INSERT INTO sample (id, t, v, c, k, j8, n, n9, f, r, b, bf, vb, js, ts, dt, d, tm, y, yes, s, m, bg, bt, e, st, u, i6,
  i4, g, long_text, made, other)
  SELECT seq, CONCAT('Caf\u00e9 \U0001f600 ', seq), CONCAT('\u00fc', seq), CONCAT('k', seq), '\ud55c\uae00', '\u65e5',
  seq + 1.50 - 500, -seq / 7, 0.1e0 + 0.2e0, seq / 3.0, UNHEX(REPEAT(MD5(seq), 4)), LEFT(UNHEX(MD5(seq)), 4),
  CONCAT('\\0', seq, '\\n\\'\\\\'), JSON_OBJECT('a', seq), '2026-03-29 00:30:00.123456' + INTERVAL seq HOUR,
  '2026-03-01 02:30:00.125' + INTERVAL seq HOUR, '2026-03-01' + INTERVAL seq DAY, SEC_TO_TIME(seq * 97 - 30000.25),
  1990 + seq % 60, seq % 2, seq - 1500, -seq, 18446744073709551615 - seq, seq % 2048, 1 + seq % 3, seq % 8,
  CONCAT(LPAD(HEX(seq), 8, '0'), IF(seq % 2, '-1122-4344-8566-77889900aabb', '-1122-1344-8566-77889900aabb')),
  CONCAT('2001:db8::', HEX(seq)), '10.0.0.1', POINT(seq, 0.1), REPEAT(MD5(seq), 40), '2026-01-01', seq
  FROM (SELECT CAST(seq AS SIGNED) AS seq FROM seq_{first}_to_{last}) s;
UPDATE sample SET t = '', f = -0e0, b = '', st = '', tm = '-00:00:00.500000' WHERE id = {first + 10};
UPDATE sample SET t = NULL, f = NULL, ts = NULL, b = NULL, js = NULL, u = NULL, n = NULL WHERE id = {first + 11};
UPDATE sample SET r = 1e38, f = 1.7976931348623157e308, n9 = -0.000000000001, tm = '-838:59:59' WHERE id = {first + 12};
UPDATE sample SET b = REPEAT(X'00FF27', 70000), bf = X'000000000000' WHERE id = {first + 13};
INSERT INTO child (sample_id) SELECT seq FROM seq_{first}_to_{first + 99};
INSERT INTO two SELECT CONCAT('\u00e9 ', seq), LEFT(UNHEX(MD5(seq)), 2), '2026-01-01' + INTERVAL seq DAY, seq
  FROM seq_{first}_to_{first + 50};
UPDATE two SET word = CONCAT(word, '!'), b = X'41000000' WHERE c > '2026-01-20';
INSERT INTO part SELECT '2026-10-01' + INTERVAL seq DAY, seq FROM seq_{first}_to_{first + 300};
UPDATE sample SET yes = 1, made = made WHERE id BETWEEN {first} AND {first + 5};
UPDATE sample SET id = id + 500000, other = NULL WHERE id = {first + 20};
DELETE FROM sample WHERE id BETWEEN {first + 30} AND {first + 39};
SELECT NEXTVAL(numbers);
INSERT INTO log (what) VALUES (' x ');
"""


SET = "UPDATE sample SET made = made, {} WHERE id = 7"
PLANTED = {
    "a flipped byte": SET.format("b = INSERT(b, 4, 1, CHAR(ASCII(SUBSTR(b, 4, 1)) ^ 1))"),
    "a truncated blob": SET.format("b = LEFT(b, LENGTH(b) - 1)"),
    "an empty blob": SET.format("b = ''"),
    "a zero at the end of a blob": SET.format("b = CONCAT(b, '\\0')"),
    "a large blob cut": "UPDATE sample SET made = made, b = LEFT(b, 209999) WHERE id = 14",
    "a missing row": "DELETE FROM sample WHERE id = 800",
    "an added row": "INSERT INTO sample (id, t) VALUES (3001, 'x')",
    "a lost row of a partition": "DELETE FROM part WHERE v = 7",
    "a row of a partition moved": "UPDATE part SET d = '2028-01-01' WHERE v = 7",
    "a table emptied": "DELETE FROM child",
    "a float's last bit": SET.format("f = 0.3"),
    "a real's last bit": SET.format("r = r * (1 + 1.2e-7)"),
    "minus nothing": "UPDATE sample SET made = made, f = 0 WHERE id = 11",
    "nothing for no number": "UPDATE sample SET made = made, f = 0 WHERE id = 12",
    "NULL for an empty string": "UPDATE sample SET made = made, t = NULL WHERE id = 11",
    "an empty string for NULL": "UPDATE sample SET made = made, t = '' WHERE id = 12",
    "the text NULL for NULL": "UPDATE sample SET made = made, t = 'NULL' WHERE id = 12",
    "the mark of NULL for NULL": "UPDATE sample SET made = made, t = '~' WHERE id = 12",
    "a time zone shift": SET.format("ts = ts + INTERVAL 9 HOUR"),
    "a time zone shift without a zone": SET.format("dt = dt + INTERVAL 9 HOUR"),
    "a microsecond": SET.format("ts = ts + INTERVAL 1 MICROSECOND"),
    "a day": SET.format("d = d + INTERVAL 1 DAY"),
    "a time without its sign": SET.format("tm = ABS(tm)"),
    "another year": SET.format("y = y + 1"),
    "the moment of the copy": "UPDATE sample SET made = CURRENT_TIMESTAMP WHERE id = 7",
    "a blank at the end": SET.format("t = CONCAT(t, ' ')"),
    "upper case": SET.format("t = UPPER(t)"),
    "a decomposed letter": SET.format("t = CONCAT('Cafe', _utf8mb4 X'CC81', ' 7')"),
    "a letter of four bytes lost": SET.format("t = REPLACE(t, _utf8mb4 X'F09F9880', '?')"),
    "text read in another encoding": SET.format("v = _latin1 X'C3BC37'"),
    "a question mark in another encoding": SET.format("k = '?'"),
    "a cut text": SET.format("t = LEFT(t, 3)"),
    "a cent": SET.format("n = n + 0.01"),
    "a rounded number": "UPDATE sample SET made = made, n9 = ROUND(n9, 6) WHERE id = 8",
    "a sign lost": SET.format("m = -m"),
    "the largest number": SET.format("bg = 9223372036854775807"),
    "json with a blank": SET.format("js = '{\"a\":  7}'"),
    "a bit": SET.format("bt = bt ^ 1"),
    "another word of an enum": SET.format("e = 'happy'"),
    "a word less of a set": SET.format("st = 'a'"),
    "a digit of a uuid": SET.format("u = INSERT(CAST(u AS char), 1, 1, 'b')"),
    "another network": SET.format("i6 = '2001:db8::1:7'"),
    "another point": SET.format("g = POINT(7, 0.10000001)"),
    "values of two rows exchanged": "UPDATE sample SET n = IF(id = 7, -490.50, -491.50) WHERE id IN (7, 8)",
    "another key": "UPDATE sample SET made = made, id = 300007 WHERE id = 700",
    "a lost index": "DROP INDEX sample_t ON sample",
    "an index that is not unique": "ALTER TABLE sample DROP INDEX sample_u, ADD INDEX sample_u (u)",
    "a shorter index": "ALTER TABLE sample DROP INDEX sample_t, ADD INDEX sample_t (t(10))",
    "a lost unique constraint": "ALTER TABLE sample DROP INDEX other",
    "a lost check": "ALTER TABLE sample DROP CONSTRAINT positive",
    "a lost foreign key": "ALTER TABLE child DROP FOREIGN KEY child_of",
    "a foreign key that takes nothing along": "ALTER TABLE child DROP FOREIGN KEY child_of; ALTER TABLE child ADD "
    "CONSTRAINT child_of FOREIGN KEY (sample_id) REFERENCES sample (id)",
    "a lost default": "ALTER TABLE sample ALTER e DROP DEFAULT",
    "a wider column": "ALTER TABLE child MODIFY sample_id bigint unsigned NOT NULL, DROP FOREIGN KEY child_of",
    "another collation": "ALTER TABLE two MODIFY word text COLLATE utf8mb4_bin",
    "another collation of the database": "ALTER DATABASE shop COLLATE utf8mb4_bin",
    "an added column": "ALTER TABLE two ADD more int",
    "a column at another place": "ALTER TABLE two MODIFY word text FIRST",
    "an added table": "CREATE TABLE more (a int)",
    "another engine": "ALTER TABLE part ENGINE = Aria TRANSACTIONAL = 0",
    "a lost trigger": "DROP TRIGGER touch",
    "another view": "CREATE OR REPLACE DEFINER = shop@`%` VIEW better AS SELECT id FROM sample WHERE yes = 0",
    "another function": "CREATE OR REPLACE DEFINER = shop@`%` FUNCTION twice(a int) RETURNS int DETERMINISTIC RETURN a",
    "a lost procedure": "DROP PROCEDURE nothing",
    "a lost event": "DROP EVENT later",
    "another definer": "CREATE OR REPLACE DEFINER = root@localhost VIEW better AS SELECT id FROM sample WHERE yes = 1",
    "a lost grant": "REVOKE SELECT ON shop.sample FROM reader@'%'",
    "a grant more": "GRANT INSERT ON shop.sample TO reader@'%'",
    "a sequence that is behind": "ALTER SEQUENCE numbers RESTART 1",
    "a sequence that is ahead": "ALTER SEQUENCE unused RESTART 9000",
    "another step of a sequence": "ALTER SEQUENCE numbers INCREMENT BY 1",
    "a counter that is ahead": "ALTER TABLE child AUTO_INCREMENT = 99999",
}
GRANTS = "GRANT SELECT ON shop.sample TO reader@'%';"


@pytest.fixture(scope="module")
def copied(marias: Marias, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marias]:
    """A good copy, and a dump of it."""
    here, there = marias
    folder = tmp_path_factory.mktemp("copy")
    for one in marias:
        one.empty()
        one.sql("DROP USER IF EXISTS reader@'%'; CREATE USER reader@'%' IDENTIFIED BY 'x'", database="")
    app = here.connect()
    for part in (TABLES, VIEWS, rows(1, 1500)):
        app.run(part.strip().rstrip(";"))
    here.sql(GRANTS)
    move = a_move(folder, here, there, fence_seconds=60)
    assert move.begin()
    app.run(rows(1501, 3000).strip().rstrip(";"))
    app.run("BEGIN; INSERT INTO log (what) VALUES ('rolled back'); ROLLBACK; TRUNCATE TABLE log")
    app.run("INSERT INTO log (what) VALUES ('after')")
    app.close()
    time.sleep(0.5)
    cut_over([move], Tap(folder))
    move.finish()
    move.engine.close()
    there.dump()
    # a dump writes six digits of a float
    there.sql("CREATE DATABASE kept; CREATE TABLE kept.reals AS SELECT id, r, f FROM sample")
    yield marias
    there.sql("DROP DATABASE kept")
    for one in marias:
        one.empty()
        one.sql("DROP USER IF EXISTS reader@'%'", database="")


def _looked(move: Move) -> Verification:
    engine = move.engine
    assert isinstance(engine, Mysql)
    engine.facts["how"] = "follow"
    try:
        return engine.compared()
    finally:
        engine.close()


def _anew(copied: Marias) -> None:
    copied[1].load()
    copied[1].sql("UPDATE sample s JOIN kept.reals k ON k.id = s.id SET s.r = k.r, s.f = k.f, s.made = s.made")
    both = "GRANT SELECT, INSERT ON shop.sample TO reader@'%'; REVOKE INSERT ON shop.sample FROM reader@'%'"
    copied[1].sql(both)


def test_a_good_copy_is_good(copied: Marias, tmp_path: Path) -> None:
    _anew(copied)
    found = _looked(a_move(tmp_path, *copied))
    assert [str(one) for one in found.differences] == []
    assert found.tables["sample"]["source_rows"] == 2980
    assert found.objects["index"] >= 8


@pytest.mark.parametrize("what", PLANTED)
def test_is_found(copied: Marias, tmp_path: Path, what: str) -> None:
    _anew(copied)
    copied[1].sql(f"SET foreign_key_checks = 0, time_zone = '+00:00', sql_mode = ''; {PLANTED[what]}")
    found = _looked(a_move(tmp_path, *copied))
    assert found.differences, f"{what} was not seen"
    print("; ".join(str(one) for one in found.differences)[:200])
