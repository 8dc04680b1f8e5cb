"""The preflight: what both servers say of themselves, and what of it hinders a move."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from ..model import FOLLOW, REFUSE, SAY, Finding, Survey, Wish
from . import catalogue, rights
from .catalogue import NAMES, Table
from .quote import identifier, literal
from .wire import Connection

# Seen on two cores with both servers on one disk; a guess has to be on the slow side.
COPY_BYTES_PER_SECOND = 10e6
CHECK_BYTES_PER_SECOND = 40e6
# Forms of the binary log that cannot be read, and what they are where they are off.
_PACKED = {"log_bin_compress": "OFF", "binlog_transaction_compression": "OFF", "binlog_row_value_options": "''"}
DOCKER = Path("/var/lib/docker")
_VARIABLES = (
    *("version", "log_bin", "binlog_format", "binlog_row_image", "log_bin_compress", "binlog_row_value_options"),
    *("binlog_transaction_compression", "lower_case_table_names", "sql_mode", "log_bin_trust_function_creators"),
    *("max_allowed_packet", "event_scheduler"),
)


@dataclass(frozen=True)
class Facts:
    """One server: its variables by name, and the grants of its administrator as one text."""

    variables: dict[str, str]
    grants: str

    @property
    def mariadb(self) -> bool:
        return "mariadb" in self.variables["version"].lower()

    @property
    def version(self) -> tuple[int, ...]:
        return tuple(int(part) for part in re.findall(r"\d+", self.variables["version"])[:2])

    @property
    def words(self) -> str:
        numbers = ".".join(re.findall(r"\d+", self.variables["version"])[:3])
        return f"{'MariaDB' if self.mariadb else 'MySQL'} {numbers}"

    def may(self, right: str) -> bool:
        return "ALL PRIVILEGES ON *.*" in self.grants or right in self.grants


def ask(connection: Connection) -> Facts:
    listed = ", ".join(literal(one) for one in _VARIABLES)
    rows = connection.rows(f"SHOW GLOBAL VARIABLES WHERE variable_name IN ({listed})")
    found = {name: "" for name in _VARIABLES} | {row[0] or "": row[1] or "" for row in rows}
    grants = " ".join(row[0] or "" for row in connection.rows("SHOW GRANTS"))
    return Facts(found, re.sub(r"IDENTIFIED BY PASSWORD '[^']*'", "", grants))


def survey(wish: Wish, source: Connection, target: Connection, own: str, left: str = "") -> Survey:
    """Ask both sides; nothing is changed. ``left`` is ``left`` where the target may hold what an earlier move has left,
    and ``replace`` where that may be dropped.
    """
    here, there = ask(source), ask(target)
    tables = catalogue.tables(source)
    size = sum(one.size for one in tables)
    found = [
        *_versions(wish, here, there),
        *_target_is_empty(wish, target, own, left),
        *_room(wish, size),
        *_definers(wish, source, there),
        *_users(wish, source, target),
        *_collations(wish, source, target),
        *_events(wish, source, here, there),
        *can_follow(wish, here, there),
        *of_tables(wish, here, tables),
    ]
    return Survey.of(
        wish,
        (here.words, there.words),
        found,
        size=size,
        tables=len(tables),
        rows=sum(one.rows for one in tables),
        seconds=size / COPY_BYTES_PER_SECOND + size / CHECK_BYTES_PER_SECOND + 10,
        target_free=free_bytes(wish),
    )


def _versions(wish: Wish, here: Facts, there: Facts) -> list[Finding]:
    where = f"{wish.source.words}, {wish.target.words}"
    found = []
    if here.mariadb != there.mariadb:
        fix = "take a target of the same kind; the two have gone different ways"
        found.append(Finding(REFUSE, f"{here.words} does not go into {there.words}", where, fix))
    elif there.version < here.version:
        fix = f"let the target run {'.'.join(map(str, here.version))} or newer"
        found.append(Finding(REFUSE, f"{here.words} does not go into the older {there.words}", where, fix))
    if here.variables["lower_case_table_names"] != there.variables["lower_case_table_names"]:
        fix = "set lower_case_table_names of the target as the source has it (on RDS when it is created)"
        found.append(Finding(REFUSE, "one server tells T from t in names, the other does not", where, fix))
    if wish.source.admin.database != wish.target.admin.database:
        fix = f"name the target's database {wish.source.admin.database}"
        found.append(Finding(REFUSE, "the databases have different names", where, fix))
    if set(here.variables["sql_mode"].split(",")) != set(there.variables["sql_mode"].split(",")):
        what = f"sql_mode is {here.variables['sql_mode']} at the source and {there.variables['sql_mode']} at the target"
        found.append(Finding(SAY, what, where, "set it in the parameter group, if the app does not set its own"))
    if int(there.variables["max_allowed_packet"]) < int(here.variables["max_allowed_packet"]):
        found.append(
            Finding(SAY, "max_allowed_packet is smaller at the target", where, "raise it where values are large")
        )
    return found


def _target_is_empty(wish: Wish, target: Connection, own: str, left: str) -> list[Finding]:
    if left == "replace":
        return [Finding(SAY, "what an earlier move has left at the target is replaced", wish.target.words)]
    if target.one(f"SELECT 1 FROM information_schema.schemata WHERE schema_name = {literal(own)}"):
        what = f"the target has the database {own}, as a move of which the journal is gone leaves it"
        return [Finding(REFUSE, what, wish.target.words, f"DROP DATABASE {identifier(own)}; see what else it left")]
    there = [one.name for one in catalogue.tables(target)]
    for kind in NAMES:
        there += [f"{kind.lower()} {name}" for name in catalogue.names(target, kind)]
    if not there:
        return []
    fix = "see whether anyone needs it; then make the database anew (DROP DATABASE, CREATE DATABASE)"
    if left:
        fix = f"it is what an earlier move has left there: -e replace_target={wish.store} drops it"
    what = f"the target is not empty: it has {', '.join(there[:3])}{' and more' if len(there) > 3 else ''}"
    return [Finding(REFUSE, what, wish.target.words, fix)]


def free_bytes(wish: Wish) -> int | None:
    """What a container on this host could still write; None for a server elsewhere."""
    if wish.target.container is None or not DOCKER.exists():
        return None
    return shutil.disk_usage(DOCKER).free


def _room(wish: Wish, size: int) -> list[Finding]:
    free = free_bytes(wish)
    need = size * 2  # the log of the load, and what indexes are sorted in
    if free is None or free > need:
        return []
    what = f"the target's disk has {free // 1024**2} MB left, and the move may need {need // 1024**2} MB"
    return [Finding(REFUSE, what, str(DOCKER), "make room on the host: docker system df; df -h")]


_DEFINERS = """SELECT 'view', table_name, definer FROM information_schema.views WHERE table_schema = DATABASE()
UNION ALL SELECT LOWER(routine_type), routine_name, definer FROM information_schema.routines
  WHERE routine_schema = DATABASE()
UNION ALL SELECT 'trigger', trigger_name, definer FROM information_schema.triggers WHERE trigger_schema = DATABASE()
UNION ALL SELECT 'event', event_name, definer FROM information_schema.events WHERE event_schema = DATABASE()"""


def _definers(wish: Wish, source: Connection, there: Facts) -> list[Finding]:
    """No administrator without SUPER may make something in another's name, so the app's user makes all of it."""
    user = wish.source.app.user
    found = []
    rows = source.rows(_DEFINERS)
    for kind, name, definer in rows:
        if definer != f"{user}@%":
            fix = f"make it again as {user} (SHOW CREATE {str(kind).upper()} {name} without its DEFINER)"
            what = f"the {kind} {name} acts as {definer}, and the target's administrator may give that to nobody"
            found.append(Finding(REFUSE, what, wish.source.words, fix))
    logged = there.variables["log_bin"] == "ON" and there.variables["log_bin_trust_function_creators"] != "ON"
    if logged and any(row[0] in ("trigger", "function") for row in rows):
        what = "the target lets nobody but a SUPER make triggers and functions"
        fix = "log_bin_trust_function_creators = 1 (on RDS in its parameter group, without a restart)"
        found.append(Finding(REFUSE, what, wish.target.words, fix))
    return found


def _users(wish: Wish, source: Connection, target: Connection) -> list[Finding]:
    known = {row[0] for row in target.rows("SELECT DISTINCT grantee FROM information_schema.user_privileges")}
    found = []
    for who in sorted({name.split(" on ")[0] for name in rights.others(source, wish.source.app.user)}):
        if who not in known:
            fix = f"CREATE USER {who} on the target, or REVOKE what he has on the source"
            found.append(
                Finding(REFUSE, f"{who} has rights, and the target knows no such user", wish.target.words, fix)
            )
    return found


def _collations(wish: Wish, source: Connection, target: Connection) -> list[Finding]:
    used = (
        "SELECT collation_name FROM information_schema.columns WHERE table_schema = DATABASE() UNION "
        "SELECT table_collation FROM information_schema.tables WHERE table_schema = DATABASE() UNION "
        "SELECT @@collation_database"
    )
    found = []
    for row in source.rows(used):
        if row[0] and not target.rows(f"SHOW COLLATION WHERE `Collation` = {literal(row[0])}"):
            short = re.sub(r"^[a-z0-9]+_(?=uca)", "", row[0])
            if not target.rows(f"SHOW COLLATION WHERE `Collation` = {literal(short)}"):
                fix = f"ALTER TABLE ... CONVERT TO ... with a collation that both have, or a newer target than {row[0]}"
                what = f"the target does not know the collation {row[0]}"
                found.append(Finding(REFUSE, what, wish.target.words, fix))
    return found


def _events(wish: Wish, source: Connection, here: Facts, there: Facts) -> list[Finding]:
    works, would = (one.variables["event_scheduler"] == "ON" for one in (here, there))
    if not works or would or "ENABLED" not in catalogue.state_of_events(source).values():
        return []
    fix = "SET GLOBAL event_scheduler = ON (on RDS in its parameter group)"
    return [Finding(SAY, "events run at the source, and the target runs none", wish.target.words, fix)]


def tells_changes(server: Facts, at: str, hinders: str = FOLLOW) -> list[Finding]:
    """Whether a server's binary log has what can be carried."""
    asked = (
        ("log_bin", "ON", "on RDS: backups for at least a day; elsewhere log_bin, and a restart"),
        ("binlog_format", "ROW", "binlog_format = ROW (on RDS in its parameter group), and let the app connect anew"),
        ("binlog_row_image", "FULL", "binlog_row_image = FULL"),
    )
    found = []
    for name, wanted, fix in asked:
        if server.variables[name] != wanted:
            what = f"its {name} is {server.variables[name] or 'not there'} and not {wanted}"
            found.append(Finding(REFUSE, what, at, fix, hinders))
    return found + _readable(server, at, hinders)


def _readable(server: Facts, at: str, hinders: str) -> list[Finding]:
    how = "(on RDS in its parameter group), and let whoever writes there connect anew"
    return [
        Finding(REFUSE, f"its {name} is on", at, f"SET GLOBAL {name} = {off} {how}", hinders)
        for name, off in _PACKED.items()
        if server.variables[name] not in ("", "OFF")
    ]


def can_follow(wish: Wish, here: Facts, there: Facts) -> list[Finding]:
    """Whether changes can be carried, and seen on the target."""
    to = wish.target.words
    found = tells_changes(here, wish.source.words)
    if there.variables["log_bin"] != "ON":
        what = "the target writes no binary log, so nobody could say whether others have written to it"
        fix = "on RDS: keep backups for at least a day; elsewhere log_bin, and a restart"
        found.append(Finding(REFUSE, what, to, fix, FOLLOW))
    found += _readable(there, to, FOLLOW)
    for facts, side in ((here, wish.source), (there, wish.target)):
        if not facts.may("REPLICATION SLAVE"):
            fix = f"GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO {identifier(side.admin.user)}"
            found.append(Finding(REFUSE, f"{side.admin.user} may not replicate", side.words, fix, FOLLOW))
    return found


def of_tables(wish: Wish, here: Facts, tables: list[Table]) -> list[Finding]:
    found = []
    at = wish.source.words
    for one in tables:
        if one.kind != "BASE TABLE":
            fix = f"ALTER TABLE {one.sql} DROP SYSTEM VERSIONING, after the history was kept elsewhere"
            found.append(Finding(REFUSE, f"{one.name} keeps its history, which cannot be written", at, fix))
        elif one.engine.lower() != "innodb":
            fix = f"ALTER TABLE {one.sql} ENGINE = InnoDB, or -e move_how=dump"
            what = f"{one.name} is {one.engine}, which knows no transactions"
            found.append(Finding(REFUSE, what, at, fix, FOLLOW))
        elif not one.keys:
            fix = f"ALTER TABLE {one.sql} ADD PRIMARY KEY (...), or -e move_how=dump"
            found.append(Finding(REFUSE, f"{one.name} has no primary key", at, fix, FOLLOW))
        elif not here.mariadb and any(column.type == "json" for column in one.columns):
            what = f"{one.name} has a JSON column, whose changes MySQL writes in a form of its own"
            found.append(Finding(REFUSE, what, at, "-e move_how=dump moves it while the app is held", FOLLOW))
    return found
