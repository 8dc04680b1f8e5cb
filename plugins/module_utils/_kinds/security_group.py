"""``security_group``: who may speak to what.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from .._aws.errors import AwsError
from .._aws.tags import specification
from .._resource.kind import APP_TAG, Change, Entry, Field, Found, Kind, Sight, Wanted
from .._resource.problems import Problem
from .._resource.types import Ref
from . import _ec2, _rules
from ._rules import Rule

Permissions = list[dict[str, Any]]
_ONCE = 100  # rules in one call


def to_found(item: Mapping[str, Any]) -> Found:
    return Found(
        kind="security_group",
        id=item["GroupId"],
        attrs={
            "vpc": item.get("VpcId"),
            "ingress": _rules.from_permissions(item.get("IpPermissions") or (), "from"),
            "egress": _rules.from_permissions(item.get("IpPermissionsEgress") or (), "to"),
        },
        tags=_ec2.tags_of(item),
    )


def create(aws: Any, wanted: Wanted) -> str:
    name = f"{wanted.app}-{wanted.name}"
    answer = aws.call(
        "ec2",
        "create_security_group",
        # a name must not look like an id
        GroupName=f"stairway-{name}" if name.startswith("sg-") else name,
        Description=f"{wanted.name} of {wanted.app}",
        VpcId=wanted.attrs["vpc"],
        TagSpecifications=specification("security-group", wanted.tags),
    )
    group_id: str = answer["GroupId"]
    aws.created(group_id)
    # AWS lets a new group speak to everybody
    attrs = {"ingress": [], "egress": _rules.EVERYWHERE}
    new = Found("security_group", group_id, attrs, wanted.tags)
    _set_ingress(aws, new, wanted)
    _set_egress(aws, new, wanted)
    return group_id


def _set_ingress(aws: Any, found: Found, wanted: Wanted) -> None:
    if wanted.attrs["ingress"] is None:
        return
    there = list(_rules.flat(found.attrs["ingress"], "from"))
    goal = list(_rules.flat(wanted.attrs["ingress"], "from"))
    add, say, take = _steps(there, goal)
    # the new before the old goes: what both allow is never cut
    _each(add, lambda some: _tolerant(aws, "authorize_security_group_ingress", found.id, some))
    for some in _batches(say):
        aws.call("ec2", "update_security_group_rule_descriptions_ingress", GroupId=found.id, IpPermissions=some)
    _each(take, lambda some: _tolerant(aws, "revoke_security_group_ingress", found.id, some))


def _set_egress(aws: Any, found: Found, wanted: Wanted) -> None:
    if wanted.attrs["egress"] is None:
        return
    there = list(_rules.flat(found.attrs["egress"], "to"))
    goal = list(_rules.flat(wanted.attrs["egress"], "to"))
    add, say, take = _steps(there, goal)
    _each(add, lambda some: _tolerant(aws, "authorize_security_group_egress", found.id, some))
    for some in _batches(say):
        aws.call("ec2", "update_security_group_rule_descriptions_egress", GroupId=found.id, IpPermissions=some)
    _each(take, lambda some: _tolerant(aws, "revoke_security_group_egress", found.id, some))


def _steps(there: Iterable[Rule], goal: Iterable[Rule]) -> tuple[list[Rule], list[Rule], list[Rule]]:
    """The rules to add, those whose description changes, and those to take away."""
    before, after = {one.what: one for one in there}, {one.what: one for one in goal}
    add = [one for what, one in after.items() if what not in before]
    say = [one for what, one in after.items() if what in before and before[what].description != one.description]
    return add, say, [one for what, one in before.items() if what not in after]


def _batches(rules: list[Rule]) -> Iterator[Permissions]:
    for start in range(0, len(rules), _ONCE):
        yield [rule.permission() for rule in rules[start : start + _ONCE]]


def _each(rules: list[Rule], run: Callable[[Permissions], None]) -> None:
    for some in _batches(rules):
        run(some)


def _tolerant(aws: Any, operation: str, group_id: str, permissions: Permissions) -> None:
    """A call that is content when a rule is there, or gone, already; AWS then does none of them, so one by one. A rule
    is gone with either of its groups, which go side by side.
    """
    fine = {"InvalidPermission.Duplicate", "InvalidPermission.NotFound"}
    if operation.startswith("revoke"):
        fine.add("InvalidGroup.NotFound")
    try:
        aws.call("ec2", operation, GroupId=group_id, IpPermissions=permissions)
    except AwsError as error:
        if error.code not in fine:
            raise
        if len(permissions) > 1:
            for one in permissions:
                _tolerant(aws, operation, group_id, [one])


def delete(aws: Any, found: Found) -> None:
    """Other groups of the app that name this one let go of it first: AWS deletes none that a rule names."""
    for other in _naming(aws, found):
        for key, operation in (
            ("ingress", "revoke_security_group_ingress"),
            ("egress", "revoke_security_group_egress"),
        ):
            peer_key = "from" if key == "ingress" else "to"
            rules = [one for one in _rules.flat(other.attrs[key], peer_key) if one.peer == found.id]
            _each(rules, lambda some, operation=operation, other=other: _tolerant(aws, operation, other.id, some))  # type: ignore[misc]
    _ec2.gone_is_fine(aws, "delete_security_group", GroupId=found.id)


def _naming(aws: Any, found: Found) -> list[Found]:
    naming: dict[str, Found] = {}
    mine = {"Name": f"tag:{APP_TAG}", "Values": [str(found.app)]}
    for name in ("ip-permission.group-id", "egress.ip-permission.group-id"):
        filters = [mine, {"Name": name, "Values": [found.id]}]
        for item in aws.pages("ec2", "describe_security_groups", "SecurityGroups", Filters=filters):
            naming[item["GroupId"]] = to_found(item)
    return [one for one in naming.values() if one.id != found.id]


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    for key, peer_key in (("ingress", "from"), ("egress", "to")):
        rules = entry.attrs[key] or []
        yield from _rules.problems(rules, peer_key, f"{entry.key}.{key}")
        for index, rule in enumerate(rules):
            for one in _rules.flat([rule], peer_key):
                other = sight.get("security_group", one.peer)
                if other is not None and other.attrs["vpc"] != entry.attrs["vpc"]:
                    yield Problem(
                        f"{entry.key}.{key}[{index}].{peer_key}", "This group is of another VPC.",
                        f"{one.peer} of {other.attrs['vpc']}", f"a group of {entry.attrs['vpc']}, or a network",
                    )  # fmt: skip


KIND = Kind(
    name="security_group",
    doc="A set of rules: who may speak to the machines that carry it, and to whom they may speak. "
    "Two groups may name each other, and a group may name itself.",
    fields={
        "vpc": Field(Ref("vpc"), "The network that it is for.", required=True, change="replace"),
        "ingress": Field(_rules.INGRESS, "What may come in. An empty list lets nobody in.", late=True),
        "egress": Field(
            _rules.EGRESS,
            "What may go out; answers to what came in always may. Left out, everything; an empty list, nothing.",
            default=_rules.EVERYWHERE,
            late=True,
        ),
    },
    describe=_ec2.describer("describe_security_groups", "SecurityGroups", "group-id", to_found),
    create=create,
    delete=delete,
    retag=_ec2.retag,
    changes=(Change(frozenset({"ingress"}), _set_ingress), Change(frozenset({"egress"}), _set_egress)),
    check=check,
    stays_in_use=True,
    seconds=3,
)
