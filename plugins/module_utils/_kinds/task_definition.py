"""``task_definition``: the containers of a service on ECS."""

from __future__ import annotations

from .._resource.kind import Field, Kind
from .._resource.types import Choice, Flag, ListOf, MapOf, Number, Part, Record, Ref, Text
from . import _draft
from ._names import namer

SECRET = Record(
    {
        "secret": Part(Ref("secret", "arn"), "A secret."),
        "key": Part(Text(), "With `secret`: which key of its JSON; all of it if left out."),
        "parameter": Part(Ref("parameter", "arn"), "A parameter."),
    },
    exactly_one=("secret", "parameter"),
)
CONTAINER = Record(
    {
        "name": Part(Text(r"[\w-]+", "letters, digits, - and _", most=255), "Its name.", required=True),
        "image": Part(Text(most=255), "Its image, with a tag or a digest.", required=True),
        "command": Part(ListOf(Text(), ordered=True), "What it runs instead of the image's own command.", default=[]),
        "entrypoint": Part(ListOf(Text(), ordered=True), "What it starts with instead of the image's own.", default=[]),
        "ports": Part(ListOf(Number(1, 65535)), "Ports that it serves.", default=[]),
        "environment": Part(MapOf(Text(least=0)), "Variables that are no secret.", default={}),
        "secrets": Part(MapOf(SECRET), "Variables that are: name to secret or parameter.", default={}),
        "essential": Part(Flag(), "Whether the task ends with it.", default=True),
        "health_command": Part(
            ListOf(Text(), ordered=True), "What finds out whether it is well, such as [CMD-SHELL, ...].", default=[]
        ),
        "health_seconds": Part(Number(5, 300, "seconds"), "How often that runs.", default=30),
        "health_grace_seconds": Part(Number(0, 300, "seconds"), "How long failures do not count at first.", default=0),
        "log_group": Part(Ref("log_group"), "Where its log lines go."),
        "cpu": Part(Number(0, 16384, "of 1024 a CPU"), "Its share of the task's CPU.", default=0),
        "memory_mb": Part(Number(4, 122880, "MiB"), "The most memory it gets; the task's if left out."),
        "user": Part(Text(), "Whom it runs as."),
        "read_only": Part(Flag(), "Whether it cannot write to its own file system.", default=False),
        "stop_seconds": Part(Number(0, 120, "seconds"), "How long it may take to stop; 30 if left out."),
        "waits_for": Part(
            MapOf(Choice(("START", "COMPLETE", "SUCCESS", "HEALTHY"))), "Other containers it starts after.", default={}
        ),
    }
)

KIND = Kind(
    name="task_definition",
    doc="The containers of a service on ECS. A change registers a new revision.",
    fields={
        "containers": Field(ListOf(CONTAINER, ordered=True, least=1, most=10), "What runs.", required=True),
        "cpu": Field(Number(256, 16384, "of 1024 a CPU"), "CPU of the whole task: 256 is a quarter.", required=True),
        "memory_mb": Field(Number(512, 122880, "MiB"), "Memory of the whole task.", required=True),
        "execution_role": Field(Ref("role", "arn"), "What ECS itself uses: to pull, to log, to read secrets."),
        "task_role": Field(Ref("role", "arn"), "What the containers use."),
        "architecture": Field(Choice(("x86_64", "arm64")), "The processor its images are built for.", default="x86_64"),
        "storage_gb": Field(Number(20, 200, "GiB"), "Disk of the whole task; 20 are free.", default=20),
    },
    describe=_draft.describe,
    create=_draft.create,
    delete=_draft.delete,
    retag=_draft.retag,
    outputs={"arn": "The ARN of its newest revision."},
    aws_name=namer(255),
)
