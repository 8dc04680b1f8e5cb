"""``task_definition``: the containers of a service on ECS.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._aws.errors import AwsError
from .._resource.kind import Change, Entry, Field, Found, Kind, Scope, Sight, Wanted
from .._resource.problems import Problem
from .._resource.types import Choice, Flag, ListOf, MapOf, Number, Part, Record, Ref, Text
from . import _ecs, _tasks
from ._gone import unless_gone
from ._names import namer

SECRET = Record(
    {
        "secret": Part(Ref("secret"), "A secret."),
        "key": Part(Text(), "With `secret`: which key of its JSON; all of it if left out."),
        "parameter": Part(Ref("parameter", "arn"), "A parameter."),
    },
    exactly_one=("secret", "parameter"),
)
CONTAINER = Record(
    {
        "name": Part(Text(r"[\w-]+", "letters, digits, - and _", most=255), "Its name.", required=True),
        "image": Part(Text(most=255), "Its image, with a tag or a digest.", required=True),
        "released": Part(
            Flag(), "Whether releases choose the image later; then `image` counts at first only.", default=False
        ),
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


def to_found(item: Mapping[str, Any], tags: Mapping[str, str]) -> Found:
    platform = item.get("runtimePlatform") or {}
    return Found(
        kind="task_definition",
        id=item["family"],
        attrs={
            "containers": [_tasks.words(one) for one in item["containerDefinitions"]],
            "cpu": int(item["cpu"]) if item.get("cpu") else None,
            "memory_mb": int(item["memory"]) if item.get("memory") else None,
            "execution_role": item.get("executionRoleArn"),
            "task_role": item.get("taskRoleArn"),
            "architecture": str(platform.get("cpuArchitecture") or "X86_64").lower(),
            "storage_gb": (item.get("ephemeralStorage") or {}).get("sizeInGiB", _tasks.FREE_STORAGE_GB),
        },
        tags=tags,
        aws_name=item["family"],
        outputs={"arn": item["taskDefinitionArn"]},
    )


def fits(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """The same containers but for images that releases choose."""
    shape = ListOf(CONTAINER, ordered=True)
    ours = [{**one, "released": False} for one in _tasks.images_of_releases(wanted, found)]
    return bool(shape.canonical(ours) == shape.canonical(found.get("containers")))


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    """Families come in pages by the start of their name; ECS describes task definitions one by one."""
    families = set(scope.names | scope.ids)
    if not scope.only:
        prefix = f"{scope.app}-"
        pages = aws.pages(
            "ecs", "list_task_definition_families", "families", familyPrefix=prefix, status="ACTIVE", maxResults=100
        )
        families = set(pages) | {one for one in families if not one.startswith(prefix)}
    for family in sorted(families):
        try:
            answer = aws.call("ecs", "describe_task_definition", taskDefinition=family, include=["TAGS"])
        except AwsError as error:
            # «Unable to describe task definition.» is all that ECS says of one that is not there
            if error.missing or error.code == "ClientException":
                continue
            raise
        item = answer["taskDefinition"]
        found = to_found(item, _ecs.tags_of(answer))
        if item.get("status", "ACTIVE") == "ACTIVE" and scope.wants(found):
            yield found


def register(aws: Any, wanted: Wanted, tags: Mapping[str, str], before: Mapping[str, Any]) -> str:
    """A new revision; it is whole from its first moment on. What the entry leaves alone is as the revision before."""
    given = {**before, **{key: value for key, value in wanted.attrs.items() if value is not None}}
    storage = int(given["storage_gb"])
    answer = aws.call(
        "ecs",
        "register_task_definition",
        family=wanted.aws_name,
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu=str(int(given["cpu"])),
        memory=str(int(given["memory_mb"])),
        executionRoleArn=given.get("execution_role"),
        taskRoleArn=given.get("task_role"),
        runtimePlatform={"cpuArchitecture": given["architecture"].upper(), "operatingSystemFamily": "LINUX"},
        ephemeralStorage={"sizeInGiB": storage} if storage > _tasks.FREE_STORAGE_GB else None,
        containerDefinitions=[
            _tasks.container(one, aws.region) for one in _tasks.images_of_releases(wanted.attrs, before)
        ],
        tags=_ecs.tag_list(tags),
    )
    aws.created(wanted.aws_name, answer["taskDefinition"]["taskDefinitionArn"])
    return wanted.aws_name


def create(aws: Any, wanted: Wanted) -> str:
    return register(aws, wanted, wanted.tags, {})


def change(aws: Any, found: Found, wanted: Wanted) -> None:
    register(aws, wanted, {**found.tags, **wanted.tags}, found.attrs)


def delete(aws: Any, found: Found) -> None:
    """Every revision, the newest last: it is the one that the next run finds when this one is cut."""
    pages = aws.pages(
        "ecs", "list_task_definitions", "taskDefinitionArns", familyPrefix=found.id, status="ACTIVE", maxResults=100
    )
    revisions = [arn for arn in pages if _ecs.last(arn).rpartition(":")[0] == found.id]
    aws.deleted(found.id, *revisions)
    for arn in sorted(revisions, key=lambda one: int(one.rpartition(":")[2])):
        unless_gone(aws, "ecs", "deregister_task_definition", taskDefinition=arn)


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    """A size that Fargate has, containers that fit together, a role where ECS itself has to read or write."""
    attrs = entry.attrs
    memory = _tasks.SIZES.get(attrs["cpu"])
    if memory is None:
        expected = ", ".join(map(str, _tasks.SIZES))
        nearest = str(min(_tasks.SIZES, key=lambda one: abs(one - attrs["cpu"])))
        yield Problem(f"{entry.key}.cpu", "Fargate does not have this size.", str(attrs["cpu"]), expected, nearest)
    elif attrs["memory_mb"] not in memory:
        nearest = str(min(memory, key=lambda one: abs(one - attrs["memory_mb"])))
        expected = f"one of {', '.join(map(str, memory))}, with {attrs['cpu']} of CPU"
        where = f"{entry.key}.memory_mb"
        yield Problem(where, "Fargate does not have this size.", str(attrs["memory_mb"]), expected, nearest)
    names = [one["name"] for one in attrs["containers"]]
    if not any(one.get("essential") is not False for one in attrs["containers"]):
        where = f"{entry.key}.containers"
        yield Problem(where, "A task needs an essential container.", "none", "essential: true for one of them")
    for index, one in enumerate(attrs["containers"]):
        where = f"{entry.key}.containers[{index}]"
        if one["name"] in names[:index]:
            yield Problem(f"{where}.name", "This name is there twice.", one["name"], "a name of its own")
        for other in one.get("waits_for") or {}:
            if other not in names or other == one["name"]:
                expected = ", ".join(name for name in names if name != one["name"]) or "another container"
                yield Problem(f"{where}.waits_for", "There is no such container to wait for.", other, expected)
        if (one.get("secrets") or one.get("log_group")) and not attrs.get("execution_role"):
            found = "secrets" if one.get("secrets") else "a log group"
            yield Problem(f"{entry.key}.execution_role", "ECS needs a role for this.", found, "`execution_role`")


KIND = Kind(
    name="task_definition",
    doc="The containers of a service on ECS. A change registers a new revision.",
    fields={
        "containers": Field(ListOf(CONTAINER, ordered=True, least=1, most=10), "What runs.", required=True, fits=fits),
        "cpu": Field(Number(256, 16384, "of 1024 a CPU"), "CPU of the whole task: 256 is a quarter.", required=True),
        "memory_mb": Field(Number(512, 122880, "MiB"), "Memory of the whole task.", required=True),
        "execution_role": Field(Ref("role", "arn"), "What ECS itself uses: to pull, to log, to read secrets."),
        "task_role": Field(Ref("role", "arn"), "What the containers use."),
        "architecture": Field(Choice(("x86_64", "arm64")), "The processor its images are built for.", default="x86_64"),
        "storage_gb": Field(Number(20, 200, "GiB"), "Disk of the whole task; 20 are free.", default=20),
    },
    describe=describe,
    create=create,
    delete=delete,
    retag=_ecs.retag,
    changes=(
        Change(
            frozenset({"containers", "cpu", "memory_mb", "execution_role", "task_role", "architecture", "storage_gb"}),
            change,
        ),
    ),
    outputs={"arn": "The ARN of its newest revision."},
    aws_name=namer(255),
    check=check,
    seconds=1,
    renews={"arn": frozenset()},
)
