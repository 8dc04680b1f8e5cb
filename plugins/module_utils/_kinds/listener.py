"""``listener``: a port of a load balancer, with the rules that say who gets which request.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from .._aws.errors import AwsError
from .._aws.tags import as_list
from .._resource.kind import Change, Entry, Field, Found, Kind, Scope, Sight, Wanted
from .._resource.problems import Problem
from .._resource.types import AWS_ID, Choice, ListOf, Number, Ref, Text
from . import _elb
from ._actions import ACTION, CONDITION_PARTS, RULE, conditions_to_aws, from_aws, rule_from_aws, to_aws

# What AWS recommends; what it takes when nobody says is of 2016 and speaks TLS 1.0.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
_VALUES_OF_A_RULE = 5


def to_found(item: Mapping[str, Any], tags: Mapping[str, str]) -> Found:
    """Without rules and without extra certificates."""
    certificates = item.get("Certificates") or []
    return Found(
        kind="listener",
        id=item["ListenerArn"],
        attrs={
            "load_balancer": item["LoadBalancerArn"],
            "port": item["Port"],
            "protocol": item["Protocol"],
            "certificate": certificates[0]["CertificateArn"] if certificates else None,
            "tls_policy": item.get("SslPolicy"),
            "action": from_aws(item["DefaultActions"]),
        },
        tags=tags,
    )


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    for found in _elb.with_tags(aws, scope, _items(aws, scope), "ListenerArn", to_found):
        rules = list(aws.pages("elbv2", "describe_rules", "Rules", ListenerArn=found.id))
        more = {
            "rules": [rule_from_aws(rule) for rule in rules if not rule["IsDefault"]],
            "extra_certificates": _extra_certificates(aws, found),
        }
        arns = {rule["Priority"]: rule["RuleArn"] for rule in rules if not rule["IsDefault"]}
        yield replace(found, attrs={**found.attrs, **more}, detail={"rules": arns})


def _items(aws: Any, scope: Scope) -> list[Mapping[str, Any]]:
    """A listener is listed under its load balancer, so those are known already."""
    result: dict[str, Mapping[str, Any]] = {}
    if scope.ids:
        result.update((one["ListenerArn"], one) for one in _listed(aws, ListenerArns=sorted(scope.ids)))
    for parent in () if scope.only else scope.parents.get("load_balancer", ()):
        result.update((one["ListenerArn"], one) for one in _listed(aws, LoadBalancerArn=parent.id))
    return list(result.values())


def _listed(aws: Any, **which: Any) -> list[Mapping[str, Any]]:
    return _elb.none_if_missing(lambda: list(aws.pages("elbv2", "describe_listeners", "Listeners", **which)))


def _extra_certificates(aws: Any, found: Found) -> list[str]:
    if found.attrs["protocol"] != "HTTPS":
        return []
    several = aws.pages("elbv2", "describe_listener_certificates", "Certificates", ListenerArn=found.id)
    return [
        one["CertificateArn"]
        for one in several
        if not one.get("IsDefault") and one["CertificateArn"] != found.attrs["certificate"]
    ]


def parameters(wanted: Wanted) -> dict[str, Any]:
    """What creation and change have in common."""
    secure = wanted.attrs["protocol"] == "HTTPS"
    return {
        "Port": wanted.attrs["port"],
        "Protocol": wanted.attrs["protocol"],
        "SslPolicy": wanted.get("tls_policy", TLS_POLICY) if secure else None,
        "Certificates": [{"CertificateArn": wanted.attrs["certificate"]}] if secure else None,
        "DefaultActions": to_aws(wanted.attrs["action"]),
    }


def create(aws: Any, wanted: Wanted) -> str:
    answer = aws.call(
        "elbv2",
        "create_listener",
        LoadBalancerArn=wanted.attrs["load_balancer"],
        Tags=as_list(wanted.tags),
        **parameters(wanted),
    )
    arn: str = answer["Listeners"][0]["ListenerArn"]
    aws.created(arn)
    blank = Found("listener", arn, {"rules": [], "extra_certificates": []}, detail={"rules": {}})
    _set_extra_certificates(aws, blank, wanted)
    _set_rules(aws, blank, wanted)
    return arn


def _modify(aws: Any, found: Found, wanted: Wanted) -> None:
    aws.call("elbv2", "modify_listener", ListenerArn=found.id, **parameters(wanted))


def _set_extra_certificates(aws: Any, found: Found, wanted: Wanted) -> None:
    new, old = wanted.get("extra_certificates", []), found.attrs["extra_certificates"]
    for arn in new:
        if arn not in old:
            given = [{"CertificateArn": arn}]
            aws.call("elbv2", "add_listener_certificates", ListenerArn=found.id, Certificates=given)
    for arn in old:
        if arn not in new:
            given = [{"CertificateArn": arn}]
            aws.call("elbv2", "remove_listener_certificates", ListenerArn=found.id, Certificates=given)


def _set_rules(aws: Any, found: Found, wanted: Wanted) -> None:
    """Rules by priority. What is new comes before what goes, so that a rule can move without a gap."""
    new = {int(rule["priority"]): rule for rule in wanted.get("rules", [])}
    old = {int(rule["priority"]): rule for rule in found.attrs["rules"]}
    for priority, rule in sorted(new.items()):
        given = {"Conditions": conditions_to_aws(rule), "Actions": to_aws(rule["action"])}
        if priority not in old:
            tags = as_list(wanted.tags)
            aws.call("elbv2", "create_rule", ListenerArn=found.id, Priority=priority, Tags=tags, **given)
        elif RULE.canonical(rule) != RULE.canonical(old[priority]):
            aws.call("elbv2", "modify_rule", RuleArn=found.detail["rules"][str(priority)], **given)
    for priority in sorted(old):
        if priority not in new:
            aws.call("elbv2", "delete_rule", RuleArn=found.detail["rules"][str(priority)])


def delete(aws: Any, found: Found) -> None:
    aws.deleted(found.id)
    try:
        aws.call("elbv2", "delete_listener", ListenerArn=found.id)
    except AwsError as error:
        if not error.missing:
            raise


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    """What AWS refuses between fields, and between listeners."""
    attrs = entry.attrs
    if AWS_ID.match(str(attrs["load_balancer"])):
        yield Problem(
            f"{entry.key}.load_balancer", "A listener is found through an entry.", attrs["load_balancer"],
            "the name of a `load_balancer`", f"an entry load_balancer with id: {attrs['load_balancer']}",
        )  # fmt: skip
    if attrs["protocol"] == "HTTPS" and not attrs.get("certificate"):
        yield Problem(
            f"{entry.key}.certificate", "HTTPS needs a certificate.", "nothing", "the name of a `certificate`"
        )
    if attrs["protocol"] == "HTTP":
        for name in ("certificate", "extra_certificates", "tls_policy"):
            if attrs.get(name):
                yield Problem(f"{entry.key}.{name}", "HTTP has no TLS.", str(attrs[name]), "nothing", "protocol: HTTPS")
    for other in sight.all("listener"):
        same = (other.attrs["load_balancer"], other.attrs["port"]) == (attrs["load_balancer"], attrs["port"])
        if same and other.name > entry.name:
            yield Problem(
                f"{other.key}.port", f"{entry.key} has this port already.", str(attrs["port"]), "another port"
            )
    yield from _check_rules(entry)
    yield from _check_groups(entry, sight)
    yield from _check_regions(entry, sight)


def _check_regions(entry: Entry, sight: Sight) -> Iterator[Problem]:
    """A load balancer takes certificates of its own region only."""
    for name in (entry.attrs.get("certificate"), *(entry.attrs.get("extra_certificates") or ())):
        certificate = sight.get("certificate", name)
        region = certificate.attrs.get("region") if certificate else None
        if region and region != sight.region:
            yield Problem(
                f"{entry.key}.certificate", "This certificate is in another region.", f"{name} in {region}",
                f"one in {sight.region}", "a certificate of its own for the load balancer",
            )  # fmt: skip


def _check_rules(entry: Entry) -> Iterator[Problem]:
    seen: set[int] = set()
    for index, rule in enumerate(entry.attrs.get("rules") or ()):
        where = f"{entry.key}.rules[{index}]"
        if rule["priority"] in seen:
            yield Problem(
                f"{where}.priority", "Two rules have this priority.", str(rule["priority"]), "one rule of each priority"
            )
        seen.add(rule["priority"])
        count = sum(_count(rule, part) for part in CONDITION_PARTS)
        if not 1 <= count <= _VALUES_OF_A_RULE:
            yield Problem(
                where, "A rule says which requests it is for.", f"{count} values",
                f"1 to {_VALUES_OF_A_RULE} values in {', '.join(CONDITION_PARTS)}",
            )  # fmt: skip


def _count(rule: Mapping[str, Any], part: str) -> int:
    given = rule.get(part) or ()
    return sum(len(header["values"]) for header in given) if part == "headers" else len(given)


def _check_groups(entry: Entry, sight: Sight) -> Iterator[Problem]:
    """A target group belongs to one load balancer.

    Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
    """
    mine = set(_groups(entry))
    for other in sight.all("listener"):
        if other.attrs["load_balancer"] != entry.attrs["load_balancer"] and other.name > entry.name:
            for group in sorted(mine & set(_groups(other))):
                yield Problem(
                    f"{other.key}.action", f"{entry.key} of another load balancer forwards to this target group.",
                    group, "a target group of its own for each load balancer",
                )  # fmt: skip


def _groups(entry: Entry) -> Iterator[str]:
    for action in (entry.attrs["action"], *(rule["action"] for rule in entry.attrs.get("rules") or ())):
        for _ref, name in ACTION.links(action):
            yield name


KIND = Kind(
    name="listener",
    doc="A port of a load balancer, and what happens to requests that come in there.",
    fields={
        "load_balancer": Field(Ref("load_balancer"), "Whose port it is.", required=True, change="replace"),
        "port": Field(Number(1, 65535), "The port.", required=True),
        "protocol": Field(Choice(("HTTP", "HTTPS")), "What users speak there.", required=True),
        "certificate": Field(Ref("certificate"), "The certificate that users see; HTTPS needs one."),
        "extra_certificates": Field(
            ListOf(Ref("certificate"), most=25), "More certificates, for other host names (SNI).", default=[]
        ),
        "tls_policy": Field(
            Text(r"ELBSecurityPolicy-[\w-]+", f"a policy such as {TLS_POLICY}"),
            "Which versions and ciphers of TLS it speaks; a new one speaks TLS 1.2 and 1.3 unless given.",
        ),
        "action": Field(ACTION, "What happens to a request that fits no rule.", required=True),
        "rules": Field(
            ListOf(RULE, most=100), "What happens to requests for a host, a path or with a header.", default=[]
        ),
    },
    describe=describe,
    create=create,
    delete=delete,
    retag=_elb.retag,
    changes=(
        Change(frozenset({"port", "protocol", "certificate", "tls_policy", "action"}), _modify),
        Change(frozenset({"extra_certificates"}), _set_extra_certificates),
        Change(frozenset({"rules"}), _set_rules),
    ),
    check=check,
    describe_after=("load_balancer",),
    seconds=2,
)
