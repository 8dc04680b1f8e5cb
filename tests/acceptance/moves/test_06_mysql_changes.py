"""Issue 5, 6, MariaDB: what a move carries, and what it sees, beyond rows that an app writes one by one."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._common import wait
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.model import KEEP, USE
from ansible_collections.stairway.cloud.plugins.module_utils._moves.move import cut_over
from tests.acceptance.moves.conftest import Marias
from tests.support.maria import Maria, fill_maria
from tests.support.moving import PATIENT_SECONDS, Tap, a_move, moved, nothing_left

ROWS_OF = "SELECT COUNT(*), COALESCE(SUM(CRC32(CONCAT_WS(',', {}))), 0) FROM {}"
SHOP = """CREATE TABLE coupons (id int PRIMARY KEY, word text);
INSERT INTO coupons SELECT seq, 'old' FROM seq_1_to_20;
CREATE TABLE orders (id int PRIMARY KEY, word text, coupon_id int,
  FOREIGN KEY (coupon_id) REFERENCES coupons (id) ON DELETE {});
INSERT INTO orders SELECT seq, 'an order', 1 + seq % 10 FROM seq_1_to_300;
"""
TREE = """CREATE TABLE tree (id int PRIMARY KEY, parent int, FOREIGN KEY (parent) REFERENCES tree (id) ON DELETE {});
INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2), (4, NULL);
"""


def followed(folder: Path, pair: Marias, before: str, during: str) -> None:
    """A move; ``during`` is what root does at the source while it follows."""
    pair[0].sql(before)
    move = a_move(folder, *pair, fence_seconds=PATIENT_SECONDS)
    try:
        assert move.begin()
        pair[0].sql(during)
        cut_over([move], Tap(folder))
        move.finish()
    finally:
        move.engine.close()


def same(pair: Marias, table: str, columns: str) -> None:
    here, there = (one.sql(ROWS_OF.format(columns, table)) for one in pair)
    assert here == there


@pytest.mark.parametrize("rule", ["SET NULL", "RESTRICT", "CASCADE"])
def test_an_emptied_table_takes_nothing_along(maria_pair: Marias, tmp_path: Path, rule: str) -> None:
    """A job that reloads a table that others refer to: TRUNCATE asks no foreign key, nor does who turned them off."""
    job = """UPDATE orders SET word = 'with keys looked after' WHERE id = 1;
    SET foreign_key_checks = 0; TRUNCATE coupons; INSERT INTO coupons SELECT seq, 'new' FROM seq_1_to_20;
    DELETE FROM coupons WHERE id = 7; UPDATE coupons SET id = 77 WHERE id = 8; SET foreign_key_checks = 1;
    UPDATE orders SET word = 'with keys looked after' WHERE id = 2; DELETE FROM coupons WHERE id = 15;
    """
    followed(tmp_path, maria_pair, SHOP.format(rule), job)
    same(maria_pair, "orders", "id, word, COALESCE(coupon_id, 'none')")
    same(maria_pair, "coupons", "id, word")
    assert maria_pair[1].sql("SELECT COUNT(*) FROM orders WHERE coupon_id IN (7, 8)") == "60"


@pytest.mark.parametrize("rule", ["CASCADE", "RESTRICT"])
def test_a_child_before_its_parent(maria_pair: Marias, tmp_path: Path, rule: str) -> None:
    """In one event of the log: the target may not begin with the parent."""
    followed(tmp_path, maria_pair, TREE.format(rule), "DELETE FROM tree WHERE id < 4 ORDER BY id DESC")
    assert maria_pair[1].sql("SELECT GROUP_CONCAT(id) FROM tree") == "4"


EVENTS = """CREATE TABLE log (id int AUTO_INCREMENT PRIMARY KEY, what text);
CREATE EVENT at_work ON SCHEDULE EVERY 1 YEAR STARTS '2036-01-01' DO DELETE FROM log;
CREATE EVENT at_rest ON SCHEDULE EVERY 1 YEAR STARTS '2036-01-01' DISABLE DO DELETE FROM log"""


@pytest.mark.parametrize("how", ["dump", "follow"])
def test_events_run_on(maria_pair: Marias, tmp_path: Path, how: str) -> None:
    maria_pair[0].connect().run(EVENTS)
    moved(tmp_path, *maria_pair, Tap(tmp_path), how=how, fence_seconds=PATIENT_SECONDS)
    states = "SELECT event_name, status FROM information_schema.events WHERE event_schema = 'shop' ORDER BY 1"
    assert maria_pair[1].sql(states).split() == ["at_rest", "DISABLED", "at_work", "ENABLED"]


def test_a_target_that_would_run_no_events(maria_pair: Marias, tmp_path: Path) -> None:
    here = maria_pair[0]
    here.connect().run(EVENTS)
    here.sql("SET GLOBAL event_scheduler = ON")
    move = a_move(tmp_path, *maria_pair)
    try:
        said = [one.fix for one in move.survey().findings if "the target runs none" in one.what]
        here.sql("ALTER EVENT at_work DISABLE")
        assert not [one for one in move.survey().findings if "the target runs none" in one.what]
    finally:
        move.engine.close()
        here.sql("SET GLOBAL event_scheduler = OFF")
    assert said == ["SET GLOBAL event_scheduler = ON (on RDS in its parameter group)"]


def _purged(server: Maria) -> None:
    """MariaDB keeps a log, and says nothing, until its tables are on the disk without it."""
    server.sql("FLUSH BINARY LOGS")
    newest = server.sql("SHOW MASTER STATUS").split()[0]

    def alone() -> bool | None:
        server.sql(f"PURGE BINARY LOGS TO '{newest}'")
        return True if len(server.sql("SHOW BINARY LOGS").splitlines()) == 1 else None

    assert wait.until(alone, seconds=60)


def test_the_target_keeps_its_log(maria_pair: Marias, tmp_path: Path) -> None:
    """The run that switches is another than the one that has compared: it has to read what was written since."""
    here, there = maria_pair
    fill_maria(here, 600, tables=4)
    move = a_move(tmp_path, here, there)
    move.begin()
    move.engine.close()
    asked = "SELECT value FROM mysql.rds_configuration"
    assert there.sql(asked) == "24"
    assert move.abort()
    move.engine.close()
    assert there.sql(asked) == "NULL"
    moved(tmp_path, here, there, Tap(tmp_path), fence_seconds=PATIENT_SECONDS)
    nothing_left(here, there)


def test_the_target_keeps_its_log_on_a_way_back(maria_pair: Marias, tmp_path: Path) -> None:
    container, managed = maria_pair
    fill_maria(managed, 600, tables=4)
    moved(tmp_path, managed, container, Tap(tmp_path), way_back=KEEP, fence_seconds=PATIENT_SECONDS)
    asked = "SELECT value FROM mysql.rds_configuration"
    for _again in range(2):
        move = a_move(tmp_path, container, managed, way_back=USE)
        move.begin()
        move.engine.close()
        assert managed.sql(asked) == "24"
    tap = Tap(tmp_path / "back")
    tap.folder.mkdir()
    moved(tmp_path, container, managed, tap, way_back=USE, fence_seconds=PATIENT_SECONDS)
    nothing_left(container, managed)


def test_the_targets_log_is_gone(maria_pair: Marias, tmp_path: Path) -> None:
    """Then everything is compared again, before the fence."""
    here, there = maria_pair
    fill_maria(here, 600, tables=4)
    move = a_move(tmp_path, here, there)
    move.begin()
    move.engine.close()
    here.sql("UPDATE t2 SET word = 'carried' WHERE id = 20")
    there.sql("UPDATE t1 SET word = 'another' WHERE id = 20")
    _purged(there)
    with pytest.raises(StairwayError, match="is not what it was when all of it was compared") as caught:
        moved(tmp_path, here, there, Tap(tmp_path), fence_seconds=PATIENT_SECONDS)
    assert "t1" in str(caught.value)
    there.sql(f"UPDATE t1 SET word = '{here.sql('SELECT word FROM t1 WHERE id = 20')}', made = made WHERE id = 20")
    made = here.sql("SELECT made FROM t1 WHERE id = 20")
    there.sql(f"UPDATE t1 SET made = '{made}' WHERE id = 20")
    _purged(there)
    moved(tmp_path, here, there, Tap(tmp_path), fence_seconds=PATIENT_SECONDS)
    assert there.sql("SELECT word FROM t2 WHERE id = 20") == "carried"
    nothing_left(here, there)


def test_the_sources_log_is_gone(maria_pair: Marias, tmp_path: Path) -> None:
    here, there = maria_pair
    fill_maria(here, 600, tables=4)
    move = a_move(tmp_path, here, there)
    move.begin()
    move.engine.close()
    _purged(here)
    with pytest.raises(StairwayError, match="cannot read its binary log from there on") as caught:
        moved(tmp_path, here, there, Tap(tmp_path))
    assert "-e abort=true" in str(caught.value)
    assert move.abort()
    move.engine.close()
    nothing_left(here, there)


WORDS = {
    "LOAD DATA": "LOAD DATA INFILE '/tmp/words' INTO TABLE t0 (word)",
    "UPDATE": "UPDATE t0 SET word = 'x' WHERE id = 3",
}


@pytest.mark.parametrize("what", WORDS)
def test_changes_in_words_end_the_move(maria_pair: Marias, tmp_path: Path, what: str) -> None:
    """An administrator may have what he does written down in words: nobody could carry that to the last bit."""
    here, there = maria_pair
    fill_maria(here, 600, tables=4)
    here.sql("CREATE DATABASE IF NOT EXISTS elsewhere; CREATE OR REPLACE TABLE elsewhere.t0 LIKE t0")
    if here.sql("SELECT LOAD_FILE('/tmp/words') IS NULL") == "1":
        here.sql("SELECT 'a word' INTO OUTFILE '/tmp/words'")
    move = a_move(tmp_path, here, there, fence_seconds=PATIENT_SECONDS)
    try:
        move.begin()
        here.sql(f"SET SESSION binlog_format = 'STATEMENT'; {WORDS[what]}", database="elsewhere")
        move.engine.follow()
        here.sql(f"SET SESSION binlog_format = 'STATEMENT'; {WORDS[what]}")
        with pytest.raises(StairwayError, match="in words, and not row by row") as caught:
            cut_over([move], Tap(tmp_path))
        assert what in str(caught.value)
        assert move.abort()
    finally:
        move.engine.close()
        here.sql("DROP DATABASE elsewhere")


@pytest.mark.parametrize("which", [0, 1], ids=["source", "target"])
def test_a_packed_log_is_refused_before_anything(maria_pair: Marias, tmp_path: Path, which: int) -> None:
    """Of the target's too: it says who else has written there."""
    maria_pair[which].sql("SET GLOBAL log_bin_compress = ON")
    move = a_move(tmp_path, *maria_pair)
    try:
        with pytest.raises(StairwayError, match="its log_bin_compress is on") as caught:
            move.begin()
    finally:
        move.engine.close()
        maria_pair[which].sql("SET GLOBAL log_bin_compress = OFF")
    assert "SET GLOBAL log_bin_compress = OFF" in str(caught.value)


def test_a_file_of_more_than_half_of_what_a_server_says_at_once(maria_pair: Marias, tmp_path: Path) -> None:
    """Its functions give NULL where more would come out, and of 9 MB there are 18 in HEX."""
    here, there = maria_pair
    here.sql(
        "CREATE TABLE files (id int PRIMARY KEY, b longblob, t longtext, word text, n int);"
        "INSERT INTO files VALUES (1, REPEAT(X'616200FF6364656667', 1000000), NULL, 'a', 7);"
        "INSERT INTO files VALUES (2, NULL, 'NULL', 'b', NULL), (3, X'', REPEAT('\u00fc', 4500000), 'c', 0);"
    )
    _copied(maria_pair, tmp_path)
    assert there.sql("SELECT LENGTH(b) FROM files WHERE id = 1") == "9000000"


def test_a_text_that_is_too_long_with_its_quotes(maria_pair: Marias, tmp_path: Path) -> None:
    here = maria_pair[0]
    asked = "SET GLOBAL max_allowed_packet = {} * 1024 * 1024"
    here.sql(asked.format(4))
    try:
        here.sql("CREATE TABLE files (id int PRIMARY KEY, b longblob, t longtext, word text, n int)")
        here.sql("INSERT INTO files VALUES (1, NULL, REPEAT('\\'', 2500000), 'a', 7), (2, X'00', '', NULL, 8)")
        _copied(maria_pair, tmp_path)
    finally:
        here.sql(asked.format(16))


def _copied(pair: Marias, folder: Path) -> None:
    moved(folder, *pair, Tap(folder), fence_seconds=60)
    told = "SELECT id, b IS NULL, LENGTH(b), MD5(b), MD5(t), word, n FROM files ORDER BY id"
    assert pair[1].sql(told) == pair[0].sql(told)


def test_changes_that_are_too_large_for_the_target(maria_pair: Marias, tmp_path: Path) -> None:
    """Nobody has changed the target: it is told what to raise there, and the same command goes on then. What is not too
    large by itself is not with others beside it.
    """
    here, there = maria_pair
    asked = "SET GLOBAL max_allowed_packet = {} * 1024 * 1024"
    here.sql("CREATE TABLE files (id int PRIMARY KEY, b longblob, t longtext, word text, n int)")
    move = a_move(tmp_path, here, there)
    move.begin()
    row = "INSERT INTO files VALUES ({}, REPEAT('a', {}), NULL, 'a', 7);"
    here.sql("BEGIN;" + row.format(1, 900_000) + row.format(2, 8_300_000) + row.format(3, 900_000) + "COMMIT")
    move.engine.follow()
    here.sql(row.format(4, 9_000_000))
    try:
        with pytest.raises(StairwayError, match="too large for the target") as caught:
            cut_over([move], Tap(tmp_path))
        assert "max_allowed_packet" in str(caught.value)
        assert there.sql("SELECT COUNT(*) FROM files") == "3"
        move.engine.close()
        there.sql(asked.format(64))
        _copied(maria_pair, tmp_path)
    finally:
        move.engine.close()
        there.sql(asked.format(16))
