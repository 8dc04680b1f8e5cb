"""``cache``: Redis or Valkey that AWS runs (ElastiCache).

Source: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html
"""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import Choice, Flag, ListOf, MapOf, Number, Ref, Text
from . import _elasticache, _elasticache_calls, _elasticache_rules
from ._stores import DAILY, WEEKLY, Setting, same_version

KIND = Kind(
    name="cache",
    doc="Redis or Valkey that AWS runs (ElastiCache).",
    fields={
        "engine": Field(Choice(("redis", "valkey")), "What it speaks.", default="redis"),
        "version": Field(
            Text(r"\d+\.\d+(\.\d+)?", 'a version such as "7.0"'), "Its version.", required=True, fits=same_version
        ),
        "size": Field(
            Text(r"cache\.[a-z0-9]+\.[a-z0-9]+", "a size such as cache.t4g.small"),
            "How large each node is.",
            required=True,
        ),
        "shape": Field(
            Choice(("group", "node")),
            "`group`: a replication group, of one node or more; it can grow. `node`: a single Redis node on its own, "
            "as older accounts have it; without encryption at rest, and it stays single.",
            default="group",
            change="replace",
        ),
        "replicas": Field(Number(0, 5), "Copies of each shard that can take over and answer reads.", default=0),
        "cluster_mode": Field(
            Flag(), "Whether the keys are spread over shards. Clients have to know it.", default=False, change="replace"
        ),
        "shards": Field(Number(1, 500), "How many shards, with `cluster_mode`.", default=1),
        "failover": Field(
            Flag(), "Whether a replica takes over by itself. As `replicas` and `cluster_mode` allow, when left out."
        ),
        "multi_az": Field(Flag(), "Whether the replicas stand in other zones.", default=False),
        "subnets": Field(ListOf(Ref("subnet"), least=1), "Where it may stand; private ones."),
        "security_groups": Field(ListOf(Ref("security_group"), least=1), "Who may reach it."),
        "port": Field(Number(1150, 65535), "Where it listens.", default=6379, change="replace"),
        "parameters": Field(
            MapOf(Setting("yes", "no"), key=r"[a-z][a-z0-9-]*"),
            "Parameters of the engine, in a parameter group of its own. What is not named has AWS's default.",
        ),
        "encrypted": Field(
            Flag(), "Whether what it writes to disk is encrypted. On in a group when left out.", change="replace"
        ),
        "kms_key": Field(
            Text(r"arn:.+", "the ARN of a key"), "The key that encrypts it, in place of AWS's own.", change="replace"
        ),
        "tls": Field(Flag(), "Whether connections are encrypted. On in a group when left out.", change="replace"),
        "password_secret": Field(
            Ref("secret"), "The secret that holds its password (16 to 128 characters). Needs `tls`."
        ),
        "password_version": Field(
            Ref("secret", "version"),
            "The same secret, where a new value of it is to become the cache's password. The one before is taken until "
            "the next.",
        ),
        "password_key": Field(
            Text(), "Where the password is in a secret that is a dictionary.", default="password", write_only=True
        ),
        "snapshot_keep_days": Field(Number(0, 35, "days"), "How long daily snapshots stay; 0 for none.", default=0),
        "snapshot_window": Field(DAILY, "When the daily snapshot is made; AWS chooses when left out."),
        "restore_snapshot": Field(
            Text(), "The snapshot that it is filled from. Counts at creation only.", write_only=True
        ),
        "maintenance_window": Field(WEEKLY, "When AWS may patch it; AWS chooses when left out."),
        "auto_minor_upgrade": Field(Flag(), "Whether AWS applies minor versions, in that window.", default=True),
        "apply": Field(
            Choice(("now", "window")),
            "When a change of size or version happens: at once, or in the maintenance window.",
            default="window",
            fits=_elasticache.nothing_waits,
        ),
    },
    describe=_elasticache_calls.describe,
    create=_elasticache_calls.create,
    delete=_elasticache_calls.delete,
    retag=_elasticache_calls.retag,
    changes=_elasticache_calls.CHANGES,
    outputs={
        "arn": "Its ARN.",
        "endpoint": "The name to connect to; with `cluster_mode` that of the whole cluster.",
        "reader_endpoint": "The name for reads, which replicas answer; with `cluster_mode` that of the whole cluster.",
        "port": "The port to connect to.",
    },
    aws_name=_elasticache.aws_name,
    check=_elasticache_rules.check,
    refuse=_elasticache_rules.refuse,
    price=_elasticache_rules.price,
    data=True,
    snapshot=_elasticache_calls.snapshot,
    seconds=420,
    timeout_seconds=3600,
)
