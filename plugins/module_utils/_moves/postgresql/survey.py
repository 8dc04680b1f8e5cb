"""The preflight: what both servers say of themselves, and what of it hinders a move."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from ..model import FOLLOW, REFUSE, SAY, Finding, Survey, Wish
from . import catalogue, extension_rows
from .catalogue import Table
from .wire import Connection, SqlError

# Seen on two cores with both servers on one disk; a guess has to be on the slow side.
COPY_BYTES_PER_SECOND = 20e6
CHECK_BYTES_PER_SECOND = 60e6
DOCKER = Path("/var/lib/docker")


@dataclass(frozen=True)
class Facts:
    """One server and its database, as texts and numbers."""

    version: int
    version_text: str
    encoding: str
    collation: str
    superuser: bool
    replicates: bool
    wal_level: str
    free_slots: int
    free_senders: int


_ASKED = """SELECT current_setting('server_version_num'), current_setting('server_version'),
  pg_encoding_to_char(d.encoding),
  concat_ws(' ', d.datcollate, d.datctype, coalesce(to_jsonb(d)->>'datlocprovider', 'c'),
    coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale')),
  r.rolsuper, r.rolreplication OR r.rolsuper OR EXISTS (SELECT FROM pg_roles g WHERE g.rolname = 'rds_replication'
    AND pg_has_role(current_user, g.oid, 'MEMBER')),
  current_setting('wal_level'),
  current_setting('max_replication_slots')::int - (SELECT count(*) FROM pg_replication_slots),
  current_setting('max_wal_senders')::int - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'walsender')
FROM pg_database d, pg_roles r WHERE d.datname = current_database() AND r.rolname = current_user"""


def ask(connection: Connection) -> Facts:
    row = connection.rows(_ASKED)[0]
    return Facts(
        version=int(row[0] or 0) // 10000,
        version_text=(row[1] or "").split(" ")[0],
        encoding=row[2] or "",
        collation=_collation(row[3] or ""),
        superuser=row[4] == "t",
        replicates=row[5] == "t",
        wal_level=row[6] or "",
        free_slots=int(row[7] or 0),
        free_senders=int(row[8] or 0),
    )


def _collation(text: str) -> str:
    """``en_US.utf8`` and ``en_US.UTF-8`` are one."""
    return text.lower().replace("utf-8", "utf8")


def survey(wish: Wish, source: Connection, target: Connection, left: str = "") -> Survey:
    """Ask both sides; nothing is changed. ``left`` is ``left`` where the target may hold what an earlier move has left,
    and ``replace`` where that may be dropped.
    """
    here, there = ask(source), ask(target)
    tables = catalogue.tables(source)
    size = sum(one.size for one in tables)
    found = [
        *_versions(wish, here, there),
        *_target_is_empty(wish, target, left),
        *_room(wish, size),
        *_roles(wish, source, target),
        *_extensions(wish, source, target),
        *extension_rows.findings(wish, source, target, replaced=left == "replace"),
        *can_follow(wish, here, source, target),
        *of_tables(wish, tables),
        *_unfinished(wish, source),
    ]
    return Survey.of(
        wish,
        (here.version_text, there.version_text),
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
    if there.version < here.version:
        found.append(
            Finding(
                REFUSE,
                f"version {here.version_text} does not go into the older {there.version_text}",
                where,
                f"let the target run {here.version} or newer",
            )
        )
    image = wish.target.server.image
    tools = re.search(r":(\d+)", image)
    if tools and int(tools.group(1)) < there.version:
        what = f"the tools in {image} are older than the target, which has {there.version_text}"
        found.append(Finding(REFUSE, what, where, f'say version: "{there.version}" in the store'))
    if here.encoding != there.encoding:
        what = f"the databases write text differently: {here.encoding} and {there.encoding}"
        found.append(Finding(REFUSE, what, where, f"make the target's database with ENCODING '{here.encoding}'"))
    if here.collation != there.collation:
        what = f"the databases sort text differently: {here.collation} and {there.collation}"
        fix = (
            f"make the target's database anew while it is empty: DROP DATABASE {wish.target.app.database}; CREATE "
            "DATABASE ... TEMPLATE template0 with the LC_COLLATE and LC_CTYPE of the source"
        )
        found.append(Finding(REFUSE, what, where, fix))
    return found


def _target_is_empty(wish: Wish, target: Connection, left: str) -> list[Finding]:
    if left == "replace":
        return [Finding(SAY, "what an earlier move has left at the target is replaced", wish.target.words)]
    there = target.rows(catalogue.INHABITANTS)
    if target.one(f"SELECT 1 FROM pg_namespace WHERE nspname = '{catalogue.OWN_SCHEMA}'"):
        what = f"the target has the schema {catalogue.OWN_SCHEMA}, as a move of which the journal is gone leaves it"
        fix = "make the target's database anew (DROP DATABASE, CREATE DATABASE)"
        return [Finding(REFUSE, what, wish.target.words, fix)]
    if not there:
        return []
    fix = "see whether anyone needs it; then make the database anew (DROP DATABASE, CREATE DATABASE)"
    if left:
        fix = f"it is what an earlier move has left there: -e replace_target={wish.store} drops it"
    names = ", ".join(str(row[0]).replace(" IF EXISTS", "").lower() for row in there[:3])
    return [
        Finding(
            REFUSE,
            f"the target is not empty: it has {names}{' and more' if len(there) > 3 else ''}",
            wish.target.words,
            fix,
        )
    ]


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


def _roles(wish: Wish, source: Connection, target: Connection) -> list[Finding]:
    owners = {row[0] for row in source.rows(catalogue.ROLES)} - {wish.source.app.user, None}
    others = {row[0] for row in source.rows(catalogue.GRANTEES)} - {wish.source.app.user, None}
    known = {row[0] for row in target.rows("SELECT rolname FROM pg_roles")}
    found = []
    for role in sorted(str(one) for one in owners):
        fix = f'REASSIGN OWNED BY "{role}" TO "{wish.source.app.user}" on the source, or ALTER ... OWNER TO for each'
        found.append(Finding(REFUSE, f"{role} owns tables, and not the app's user", wish.source.words, fix))
    for role in sorted(str(one) for one in others - known - owners):
        fix = f'CREATE ROLE "{role}" on the target, or REVOKE what it has on the source'
        found.append(Finding(REFUSE, f"{role} has rights, and the target knows no such role", wish.target.words, fix))
    return found


def _extensions(wish: Wish, source: Connection, target: Connection) -> list[Finding]:
    offered = {row[0]: row[1] for row in target.rows("SELECT name, default_version FROM pg_available_extensions")}
    found = []
    for name, _schema, version in catalogue.extensions(source):
        if name not in offered:
            fix = f"do without it (DROP EXTENSION {name}), or take a target that has it"
            found.append(Finding(REFUSE, f"the target does not offer the extension {name}", wish.target.words, fix))
        elif offered[name] != version:
            found.append(Finding(SAY, f"extension {name} goes from version {version} to {offered[name]}"))
    return found


def _unfinished(wish: Wish, source: Connection) -> list[Finding]:
    return [
        Finding(
            SAY,
            f"the index {row[0]} was never finished (CREATE INDEX CONCURRENTLY) and is not moved",
            wish.source.words,
            f"DROP INDEX {row[0]}, or REINDEX INDEX CONCURRENTLY {row[0]}",
        )
        for row in source.rows(catalogue.UNFINISHED)
    ]


def tells_changes(server: Facts, at: str, user: str, hinders: str = FOLLOW) -> list[Finding]:
    """Whether a server tells ``user`` of its changes."""
    found = []
    if server.wal_level != "logical":
        fix = "on RDS: rds.logical_replication = 1 in its parameter group, and a restart; elsewhere wal_level = logical"
        found.append(Finding(REFUSE, f"its log is {server.wal_level} and not logical", at, fix, hinders))
    if not server.replicates:
        fix = f'ALTER ROLE "{user}" REPLICATION, or on RDS: GRANT rds_replication TO it'
        found.append(Finding(REFUSE, f"{user} may not replicate", at, fix, hinders))
    if server.free_slots < 1 or server.free_senders < 2:
        fix = "raise max_replication_slots and max_wal_senders, or drop the slots that nobody reads"
        found.append(Finding(REFUSE, "no replication slot is left", at, fix, hinders))
    return found


def can_follow(wish: Wish, here: Facts, source: Connection, target: Connection) -> list[Finding]:
    """Whether changes can be carried."""
    at = wish.source.words
    found = tells_changes(here, at, wish.source.admin.user)
    if source.one("SELECT 1 FROM pg_largeobject_metadata LIMIT 1"):
        fix = "move the objects into a bytea column, or hold the app for as long: -e move_how=dump"
        found.append(Finding(REFUSE, "it has large objects, whose changes no server tells", at, fix, FOLLOW))
    if source.one("SELECT 1 FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('A', 'R') LIMIT 1"):
        fix = "ALTER TABLE ... ENABLE TRIGGER without ALWAYS or REPLICA, or -e move_how=dump"
        found.append(Finding(REFUSE, "a trigger would fire a second time on the target", at, fix, FOLLOW))
    if wish.target.admin.user == wish.target.app.user:
        what = "the app's own user administers the target, so that the app could write there before the switch"
        found.append(Finding(SAY, what, wish.target.words, "name an administrator: admin_user, admin_password"))
    try:
        target.run("BEGIN; SET LOCAL session_replication_role = replica; ROLLBACK")
    except SqlError:
        target.run("ROLLBACK")
        user = wish.target.admin.user
        fix = f'GRANT SET ON PARAMETER session_replication_role TO "{user}" (RDS gives it to rds_superuser)'
        found.append(Finding(REFUSE, f"{user} may not leave out triggers", wish.target.words, fix, FOLLOW))
    return found


def of_tables(wish: Wish, tables: list[Table]) -> list[Finding]:
    found = []
    for one in tables:
        if not one.logged:
            fix = f"ALTER TABLE {one.sql} SET LOGGED, or -e move_how=dump"
            found.append(
                Finding(REFUSE, f"{one.label} is unlogged: its changes are told nowhere", fix=fix, hinders=FOLLOW)
            )
        elif not one.followed:
            found.append(_tells_no_row(wish, one))
        if one.guarded:
            fix = f"ALTER TABLE {one.sql} DISABLE ROW LEVEL SECURITY for the time of the move"
            found.append(Finding(REFUSE, f"{one.label} hides rows by row level security", wish.source.words, fix))
    return found


def _tells_no_row(wish: Wish, table: Table) -> Finding:
    """Why no change of a table says which row it is about."""
    what, first = "has no primary key", f"ALTER TABLE {table.sql} ADD PRIMARY KEY (...)"
    if table.identity != "d":
        what = "does not say which row a change is about: so its REPLICA IDENTITY is set"
        first = f"ALTER TABLE {table.sql} REPLICA IDENTITY DEFAULT, with a primary key"
    elif table.deferrable:
        what = "has a primary key that is DEFERRABLE, and by such a key no server tells a row"
        first = f"ALTER TABLE {table.sql} DROP CONSTRAINT ..., ADD PRIMARY KEY (...)"
    fix = f"{first}, or, where it is small, ALTER TABLE {table.sql} REPLICA IDENTITY FULL, or -e move_how=dump"
    return Finding(REFUSE, f"{table.label} {what}", wish.source.words, fix, FOLLOW)
