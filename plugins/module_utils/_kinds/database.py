"""``database``: a MySQL, PostgreSQL or MariaDB server that AWS runs (RDS).

Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
"""

from __future__ import annotations

from .._resource.kind import Field, Kind, Part
from .._resource.types import Choice, Flag, ListOf, MapOf, Number, Record, Ref, Text
from . import _rds, _rds_calls, _rds_rules
from ._stores import DAILY, WEEKLY, Setting, same_version

KIND = Kind(
    name="database",
    doc="A MySQL, PostgreSQL or MariaDB server that AWS runs (RDS).",
    fields={
        "engine": Field(Choice(tuple(_rds.ENGINES)), "What it speaks.", required=True, change="refuse"),
        "version": Field(
            Text(r"\d+(\.\d+){0,2}(-rds\.\d+)?", 'a version such as "16" or "8.0"'),
            "Its version. Name only the first part (`16`, `8.0`) and AWS keeps the rest up to date.",
            required=True,
            fits=same_version,
        ),
        "allow_major_upgrade": Field(
            Flag(),
            "Whether a higher `version` may be a major upgrade. There is no way back but a snapshot.",
            default=False,
            write_only=True,
        ),
        "size": Field(Text(r"db\.[a-z0-9]+\.[a-z0-9]+", "a size such as db.t4g.medium"), "How large.", required=True),
        "storage_gb": Field(
            Number(20, 65536, "GB"),
            "Its storage. It can grow, never shrink. Left out for a replica or a restore: as the source has it.",
            fits=_rds.storage_fits,
        ),
        "max_storage_gb": Field(
            Number(0, 65536, "GB"), "How far AWS may make the storage larger by itself; 0 for not at all."
        ),
        "storage_type": Field(Choice(("gp3", "gp2", "io1", "io2")), "What it is stored on.", default="gp3"),
        "iops": Field(Number(1000, 256000), "Reads and writes a second, where the storage type lets one choose."),
        "throughput_mibps": Field(Number(125, 4000, "MiB/s"), "Throughput of gp3 storage, from 400 GB on."),
        "encrypted": Field(Flag(), "Whether the storage is encrypted.", default=True, change="refuse"),
        "kms_key": Field(
            Text(r"arn:.+", "the ARN of a key"), "The key that encrypts it, in place of AWS's own.", change="refuse"
        ),
        "database_name": Field(
            Text(r"[A-Za-z][A-Za-z0-9_]*", "letters, digits and underscores", most=63),
            "The database that is made in it at once.",
            change="refuse",
            fits=_rds.name_untold,
        ),
        "username": Field(
            Text(r"[A-Za-z][A-Za-z0-9_]*", "letters, digits and underscores", most=32),
            "Its administrator; `stairway` when left out.",
            change="refuse",
        ),
        "password_secret": Field(
            Ref("secret"), "The secret that holds the administrator's password. Another secret sets another password."
        ),
        "password_key": Field(
            Text(), "Where the password is in a secret that is a dictionary.", default="password", write_only=True
        ),
        "managed_password": Field(
            Flag(), "Whether RDS makes, keeps and rotates the password itself, in place of `password_secret`."
        ),
        "subnets": Field(
            ListOf(Ref("subnet"), least=2), "Where it may stand: subnets in at least two zones; private ones."
        ),
        "security_groups": Field(ListOf(Ref("security_group"), least=1), "Who may reach it."),
        "public": Field(Flag(), "Whether it has a public address.", default=False),
        "port": Field(Number(1150, 65535), "Where it listens. Changing it restarts it."),
        "zone": Field(
            Text(r"[a-z]{2}(-[a-z]+)+-\d[a-z]", "a zone such as ap-northeast-2a"),
            "The zone of a server without a standby.",
            change="refuse",
        ),
        "multi_az": Field(Flag(), "Whether a standby in another zone takes over when it fails.", default=False),
        "replica_of": Field(Ref("database"), "The database that this one follows, read-only.", change="refuse"),
        "restore": Field(
            Record(
                {
                    "snapshot": Part(Text(), "The name or ARN of a snapshot."),
                    "database": Part(Text(), "The AWS name of a database with automatic backups."),
                    "at": Part(
                        Text(
                            r"latest|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "latest, or a time such as 2026-11-21T02:00:00Z"
                        ),
                        "The point in time, with `database`.",
                        default="latest",
                    ),
                },
                exactly_one=("snapshot", "database"),
            ),
            "What it is made from, in place of an empty one. Counts at creation only.",
            write_only=True,
        ),
        "parameters": Field(
            MapOf(Setting(), key=r"[a-z][a-z0-9_.]*"),
            "Parameters of the engine, in a parameter group of its own. What is not named has AWS's default.",
        ),
        "require_tls": Field(Flag(), "Whether connections without TLS are refused.", default=True),
        "backup_keep_days": Field(
            Number(0, 35, "days"),
            "How long daily backups stay, and how far back one can restore to any point in time; 0 for none.",
            default=7,
        ),
        "backup_window": Field(DAILY, "When the daily backup is made; AWS chooses when left out."),
        "maintenance_window": Field(WEEKLY, "When AWS may patch it; AWS chooses when left out."),
        "auto_minor_upgrade": Field(Flag(), "Whether AWS applies minor versions, in that window.", default=True),
        "apply": Field(
            Choice(("now", "window")),
            "When a change that restarts it happens: at once, or in the maintenance window.",
            default="window",
            fits=_rds.nothing_waits,
        ),
        "performance_insights": Field(Flag(), "Whether AWS keeps what its queries wait for.", default=False),
        "performance_insights_days": Field(Number(7, 731, "days"), "How long; 7 days cost nothing.", default=None),
        "log_exports": Field(
            ListOf(Choice(("audit", "error", "general", "slowquery", "postgresql", "upgrade"))),
            "Which of its logs go to CloudWatch.",
        ),
        "iam_authentication": Field(Flag(), "Whether IAM roles may log in without a password.", default=False),
        "certificate_authority": Field(
            Text(r"rds-ca-[a-z0-9-]+", "such as rds-ca-rsa2048-g1"), "Who signs its TLS certificate."
        ),
        "deletion_protection": Field(
            Flag(), "Whether AWS itself refuses to delete it. As `protect` says, when left out."
        ),
    },
    describe=_rds_calls.describe,
    create=_rds_calls.create,
    delete=_rds_calls.delete,
    retag=_rds_calls.retag,
    changes=_rds_calls.CHANGES,
    outputs={
        "arn": "Its ARN.",
        "endpoint": "The name to connect to.",
        "port": "The port to connect to.",
        "resource_id": "The id in IAM policies for `rds-db:connect`, and of its metrics.",
        "managed_secret": "The ARN of the secret that RDS manages, with `managed_password`.",
    },
    aws_name=_rds.aws_name,
    check=_rds_rules.check,
    refuse=_rds_rules.refuse,
    price=_rds_rules.price,
    data=True,
    snapshot=_rds_calls.snapshot,
    seconds=600,
    timeout_seconds=5400,
    follows_protect="deletion_protection",
)
