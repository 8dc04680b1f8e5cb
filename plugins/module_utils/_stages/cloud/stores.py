"""Managed stores: a database or cache, who may reach it, and the secret that opens it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..._app.engines import ENGINES
from ..._app.model import Store
from ..._common.errors import StairwayError
from .site import Entry, Part, Site, Statement, filled

SQL = ("postgresql", "mysql", "mariadb")
# Security groups that other aspects make.
TAKEN = ("alb", "app", "endpoints", "nat")
# The keys of a store's secret: who the app is, and who administers the server.
USER_KEY, ADMIN_KEY = "password", "admin_password"
# The version that AWS has for a line of an engine, where it asks for a more exact one.
CACHE_VERSIONS = {"6": "6.2", "7": "7.1"}


def databases(site: Site) -> Part:
    """:raises StairwayError: for a MongoDB that is to be managed: AWS runs none."""
    for store in site.managed("mongodb"):
        raise StairwayError(
            f"AWS runs no MongoDB, so the store {store.name} cannot be managed.",
            expected="managed.url (MongoDB Atlas), or stage.database: container",
            found="stage.database: managed",
            where=f"app.stores.{store.name}",
            fix=f'add to the store:  managed: {{url: "{{{{ vault_{store.name.replace("-", "_")}_url }}}}"}}',
        )
    entries: list[Entry] = []
    statements: dict[str, list[Statement]] = {}
    for store in site.managed(*SQL):
        entries += [_group(site, store), _database(site, store), *_replicas(site, store)]
        if store.managed.iam_login:
            login = {"database_login": store.name, "user": store.user}
            statements[f"{store.name}-login"] = [{"actions": ["rds-db:connect"], "resources": [filled(login)]}]
    return Part(tuple(entries), statements)


def caches(site: Site) -> Part:
    entries: list[Entry] = []
    for store in site.managed("redis"):
        _known_version(store)
        _fitting_password(store)
        entries += [_group(site, store), _cache(site, store)]
    return Part(tuple(entries))


def _group(site: Site, store: Store) -> Entry:
    """From the app, and from nobody else unless the app spec names them."""
    port = ENGINES[store.engine].port
    rules: list[Entry] = []
    if site.aspects["compute"] != "external":
        rules.append({"port": port, "from": "app", "description": "the app"})
    if store.managed.access_from:
        rules.append({"port": port, "from": list(store.managed.access_from), "description": "people, as the app says"})
    return {"security_group": group_name(store), "vpc": site.vpc, "ingress": rules, "egress": []}


def group_name(store: Store) -> str:
    """The store's own name, unless a group of the app is called so."""
    return f"{store.name}-store" if store.name in TAKEN else store.name


def _parameters(store: Store) -> dict[str, str]:
    """So that a move can follow the database on its way down; turning it on later would need a restart. What a slot
    keeps that nobody reads any more is half of the disk at most.
    """
    ours = {"rds.logical_replication": "1", "max_slot_wal_keep_size": str(store.managed.storage_gb * 512)}
    return {**(ours if store.engine == "postgresql" else {}), **store.managed.parameters}


def _database(site: Site, store: Store) -> Entry:
    managed = store.managed
    return filled(
        {
            "database": store.name,
            "engine": store.engine,
            "version": managed.version or store.version,
            "size": managed.size or "db.t4g.micro",
            "storage_gb": managed.storage_gb,
            "max_storage_gb": managed.storage_max_gb or 0,
            "encrypted": managed.encryption != "none",
            "require_tls": managed.encryption == "full",
            "database_name": store.database,
            "password_secret": store.name,
            "password_key": ADMIN_KEY,
            "subnets": site.public if _from_outside(site, store) else site.private,
            "security_groups": [group_name(store)],
            "public": True if _from_outside(site, store) else None,
            "multi_az": managed.multi_az,
            "parameters": _parameters(store) or None,
            "backup_keep_days": managed.backup_days,
            "backup_window": managed.backup_window,
            "maintenance_window": managed.maintenance_window,
            "auto_minor_upgrade": managed.minor_upgrades,
            "performance_insights": managed.performance_insights,
            "log_exports": list(managed.logs) or None,
            "iam_authentication": managed.iam_login,
            "protect": True,
            # RDS makes a log group that is not there yet, and then it is not ours
            "after": _log_groups(site, store) or None,
        }
    )


def _from_outside(site: Site, store: Store) -> bool:
    """An app that runs somewhere else reaches its database over the internet, from the addresses that it names."""
    return site.aspects["compute"] == "external" and bool(store.managed.access_from)


def _log_groups(site: Site, store: Store) -> list[str]:
    watched = site.aspects["watch"] in ("host", "full")
    return [f"log_group/{store.name}-{log}" for log in store.managed.logs] if watched else []


def _replicas(site: Site, store: Store) -> Iterator[Entry]:
    for number in range(1, store.managed.replicas + 1):
        yield filled(
            {
                "database": f"{store.name}-replica-{number}",
                "engine": store.engine,
                "version": store.managed.version or store.version,
                "size": store.managed.size or "db.t4g.micro",
                "replica_of": store.name,
                "encrypted": store.managed.encryption != "none",
                "require_tls": store.managed.encryption == "full",
                "security_groups": [group_name(store)],
                "auto_minor_upgrade": store.managed.minor_upgrades,
                "backup_keep_days": 0,
            }
        )


def _known_version(store: Store) -> None:
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/supported-engine-versions.html
    version = store.managed.version or store.version or "7"
    if int(version.split(".")[0]) > 7:
        raise StairwayError(
            f"ElastiCache has no Redis {version}.",
            expected="Redis 7.1 or older",
            found=version,
            where=f"app.stores.{store.name}",
            fix='write version: "7" in the store; what Redis 8 has added is missing there too',
        )


def _fitting_password(store: Store) -> None:
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html
    password = store.password or ""
    if store.managed.encryption == "full" and not re.fullmatch(r"[A-Za-z0-9!&#$^<>-]{16,128}", password):
        raise StairwayError(
            f"ElastiCache does not take the password of the store {store.name}.",
            expected="16 to 128 letters, digits and ! & # $ ^ < > -",
            found=f"a password of {len(password)} characters, or with others in it",
            where=f"app.stores.{store.name}.password",
            fix="make another one, such as the answer of: openssl rand -hex 24",
        )


def _cache(site: Site, store: Store) -> Entry:
    managed = store.managed
    tls = managed.encryption == "full"
    version = managed.version or store.version or "7"
    return filled(
        {
            "cache": store.name,
            "engine": "redis",
            "version": CACHE_VERSIONS.get(version, version),
            "size": managed.size or "cache.t4g.micro",
            "replicas": managed.replicas,
            "multi_az": managed.multi_az,
            "cluster_mode": managed.shards is not None,
            "shards": managed.shards,
            "encrypted": managed.encryption != "none",
            "tls": tls,
            # ElastiCache takes a password only over TLS
            "password_secret": store.name if tls else None,
            # a new password in the app's vault becomes the cache's too
            "password_version": store.name if tls else None,
            "password_key": USER_KEY if tls else None,
            "subnets": site.private,
            "security_groups": [group_name(store)],
            "parameters": dict(managed.parameters) or None,
            "snapshot_keep_days": managed.backup_days,
            "snapshot_window": managed.backup_window,
            "maintenance_window": managed.maintenance_window,
            "auto_minor_upgrade": managed.minor_upgrades,
            "protect": True,
        }
    )
