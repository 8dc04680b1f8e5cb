"""Stores that no moment can be brought back of, and what there is instead. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._common.errors import StairwayError
from .._common.suggest import listing

NEWEST = 5


def refuse(
    app: str, store: str, places: Mapping[str, str], managed: Sequence[Mapping[str, Any]], snapshots: Sequence[str]
) -> None:
    """``managed`` are the stores that AWS runs, ``snapshots`` those of a cache, the newest first.

    :raises StairwayError: unless it is a database that AWS runs.
    """
    place = places.get(store)
    if place is None:
        raise StairwayError(
            "There is no such store.",
            expected=listing(sorted(places)) if places else "an app with stores",
            found=store,
            where="-e store=...",
            fix="-e store=<name>",
        )
    if place == "container":
        raise _in_a_container(store)
    if place == "external":
        raise _external(store)
    if any(one["name"] == store and one["engine"] == "redis" for one in managed):
        raise _cache(app, store, snapshots)


def _in_a_container(store: str) -> StairwayError:
    return StairwayError(
        f"{store} is in a container, which has backups, and not every moment between them.",
        expected="a database that AWS runs",
        found="a container",
        where=f"app.stores.{store}",
        fix=f"ansible-playbook playbooks/backup.yml -e list=true; then playbooks/restore.yml -e store={store} "
        "-e backup=<name>",
    )


def _external(store: str) -> StairwayError:
    return StairwayError(
        f"{store} is run by somebody else: Stairway knows its URL, and not its backups.",
        expected="a database that AWS runs",
        found="an external store",
        where=f"app.stores.{store}",
        fix="restore it there, into a new database beside it (Atlas, Supabase and Upstash do); then write the new URL "
        "into app.yml and run the app's stage",
    )


def _cache(app: str, store: str, snapshots: Sequence[str]) -> StairwayError:
    there = ", ".join(snapshots[:NEWEST]) or "no snapshot: see managed.backup_days in app.yml"
    name = snapshots[0] if snapshots else "<snapshot>"
    return StairwayError(
        f"{store} is a cache: ElastiCache has daily snapshots, and no moment between them.",
        expected="a database of RDS",
        found=f"Redis on ElastiCache; its newest snapshots: {there}",
        where=f"app.stores.{store}",
        fix=f"aws elasticache create-replication-group --replication-group-id {app}-{store}-restored --snapshot-name "
        f"{name} ..., with the subnet group and the security groups of the one in use; then copy from it what is "
        "missing",
    )
