"""Issue 5, 6, MariaDB: what a move carries, and what it sees, beyond rows that an app writes one by one."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._moves.move import cut_over
from tests.acceptance.moves.conftest import Marias
from tests.support.moving import PATIENT_SECONDS, Tap, a_move, moved

ROWS_OF = "SELECT COUNT(*), COALESCE(SUM(CRC32(CONCAT_WS(',', {}))), 0) FROM {}"
SHOP = """CREATE TABLE coupons (id int PRIMARY KEY, word text);
INSERT INTO coupons SELECT seq, 'old' FROM seq_1_to_20;
CREATE TABLE orders (id int PRIMARY KEY, word text, coupon_id int,
  FOREIGN KEY (coupon_id) REFERENCES coupons (id) ON DELETE {});
INSERT INTO orders SELECT seq, 'an order', 1 + seq % 10 FROM seq_1_to_300;
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
