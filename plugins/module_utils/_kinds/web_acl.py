"""``web_acl``: a web application firewall (AWS WAF).

Source: https://docs.aws.amazon.com/waf/latest/APIReference/API_CreateWebACL.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._aws.errors import AwsError
from .._aws.tags import as_dict, as_list
from .._resource.kind import Change, Entry, Field, Found, Kind, Related, Scope, Sight, Usage, Wanted
from .._resource.problems import Problem
from .._resource.types import Choice, ListOf, Ref
from . import _names, _waf

_NAME_LENGTH = 128
_PAGE = 100
_GLOBAL_REGION = "us-east-1"  # where everything for CloudFront is kept
_BALANCER = "APPLICATION_LOAD_BALANCER"
_RULES = ("default", "rate_rules", "managed_rules")


def to_found(answer: Mapping[str, Any], tags: Mapping[str, str], balancers: list[str]) -> Found:
    """From ``get_web_acl``."""
    acl = answer["WebACL"]
    return Found(
        kind="web_acl",
        id=acl["ARN"],
        attrs={
            "scope": _scope_of(acl["ARN"]).lower(),
            "default": "allow" if "Allow" in acl["DefaultAction"] else "block",
            "load_balancers": balancers,
            **_waf.from_rules(acl.get("Rules", [])),
        },
        tags=tags,
        aws_name=acl["Name"],
        detail={"name": acl["Name"], "id": acl["Id"]},
    )


def _scope_of(arn: str) -> str:
    # arn:aws:wafv2:region:account:regional/webacl/name/id
    return "REGIONAL" if arn.split(":", 5)[5].startswith("regional/") else "CLOUDFRONT"


def _region(aws: Any, scope: str) -> str:
    return _GLOBAL_REGION if scope == "CLOUDFRONT" else str(aws.region)


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    for item in _candidates(aws, scope):
        where = _scope_of(item["ARN"])
        try:
            answer = _get(aws, where, item["Name"], item["Id"])
        except AwsError as error:
            if error.missing:
                continue
            raise
        found = to_found(answer, _tags(aws, where, item["ARN"]), _balancers(aws, where, item["ARN"]))
        if scope.wants(found):
            yield found


def _candidates(aws: Any, scope: Scope) -> Iterator[Mapping[str, str]]:
    """Lists have no tags. Names of ours start with the app; an ARN says the rest."""
    if scope.only and scope.ids:
        for arn in sorted(scope.ids):
            _start, _kind, name, acl_id = arn.split("/", 3)
            yield {"ARN": arn, "Name": name, "Id": acl_id}
        return
    for where in ("REGIONAL", "CLOUDFRONT"):
        for item in _listed(aws, where):
            if item["Name"].startswith(f"{scope.app}-"[:60]) or item["Name"] in scope.names or item["ARN"] in scope.ids:
                yield item


def _listed(aws: Any, where: str) -> Iterator[Mapping[str, str]]:
    marker = None
    while True:
        answer = aws.call(
            "wafv2", "list_web_acls", region=_region(aws, where), Scope=where, Limit=_PAGE, NextMarker=marker
        )
        yield from answer["WebACLs"]
        marker = answer.get("NextMarker")
        if not marker or not answer["WebACLs"]:
            return


def _get(aws: Any, where: str, name: str, acl_id: str) -> Mapping[str, Any]:
    answer: Mapping[str, Any] = aws.call(
        "wafv2", "get_web_acl", region=_region(aws, where), Scope=where, Name=name, Id=acl_id
    )
    return answer


def _tags(aws: Any, where: str, arn: str) -> dict[str, str]:
    answer = aws.call("wafv2", "list_tags_for_resource", region=_region(aws, where), ResourceARN=arn)
    return as_dict((answer.get("TagInfoForResource") or {}).get("TagList"))


def _balancers(aws: Any, where: str, arn: str) -> list[str]:
    if where == "CLOUDFRONT":
        return []
    answer = aws.call("wafv2", "list_resources_for_web_acl", WebACLArn=arn, ResourceType=_BALANCER)
    return list(answer.get("ResourceArns", ()))


def parameters(wanted: Wanted, name: str) -> dict[str, Any]:
    """What creation and change have in common."""
    return {
        "DefaultAction": {"Allow": {}} if wanted.get("default", "allow") == "allow" else {"Block": {}},
        "Rules": _waf.to_rules(wanted.get("rate_rules", []), wanted.get("managed_rules", [])),
        "VisibilityConfig": _waf.visibility(name),
        "Description": f"{wanted.app}: {wanted.name}",
    }


def create(aws: Any, wanted: Wanted) -> str:
    where = wanted.get("scope", "regional").upper()
    answer = aws.call(
        "wafv2",
        "create_web_acl",
        region=_region(aws, where),
        Name=wanted.aws_name,
        Scope=where,
        Tags=as_list(wanted.tags),
        **parameters(wanted, wanted.aws_name),
    )
    arn: str = answer["Summary"]["ARN"]
    aws.created(arn, answer["Summary"]["Id"])
    for balancer in wanted.get("load_balancers", []):
        _associate(aws, arn, balancer)
    return arn


def _associate(aws: Any, arn: str, balancer: str) -> None:
    aws.call("wafv2", "associate_web_acl", WebACLArn=arn, ResourceArn=balancer)


def _update(aws: Any, found: Found, wanted: Wanted) -> None:
    where, name, acl_id = _scope_of(found.id), found.detail["name"], found.detail["id"]
    lock = _get(aws, where, name, acl_id)["LockToken"]
    aws.call(
        "wafv2",
        "update_web_acl",
        region=_region(aws, where),
        Name=name,
        Scope=where,
        Id=acl_id,
        LockToken=lock,
        **parameters(wanted, name),
    )


def _set_balancers(aws: Any, found: Found, wanted: Wanted) -> None:
    new, old = wanted.attrs["load_balancers"], found.attrs["load_balancers"]
    for balancer in new:
        if balancer not in old:
            _associate(aws, found.id, balancer)
    for balancer in old:
        if balancer not in new:
            aws.call("wafv2", "disassociate_web_acl", ResourceArn=balancer)


def retag(aws: Any, found: Found, add: Mapping[str, str], remove: list[str]) -> None:
    region = _region(aws, _scope_of(found.id))
    if add:
        aws.call("wafv2", "tag_resource", region=region, ResourceARN=found.id, Tags=as_list(add))
    if remove:
        aws.call("wafv2", "untag_resource", region=region, ResourceARN=found.id, TagKeys=remove)


def delete(aws: Any, found: Found) -> None:
    """AWS deletes one only when it protects nothing any more."""
    where, name, acl_id = _scope_of(found.id), found.detail["name"], found.detail["id"]
    aws.deleted(found.id, acl_id)
    try:
        for balancer in _balancers(aws, where, found.id):
            aws.call("wafv2", "disassociate_web_acl", ResourceArn=balancer)
        lock = _get(aws, where, name, acl_id)["LockToken"]
        aws.call(
            "wafv2",
            "delete_web_acl",
            region=_region(aws, where),
            Name=name,
            Scope=where,
            Id=acl_id,
            LockToken=lock,
        )
    except AwsError as error:
        if not error.missing:
            raise


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    """What AWS refuses."""
    attrs = entry.attrs
    names: set[str] = set()
    for index, rule in enumerate(attrs.get("rate_rules") or ()):
        where = f"{entry.key}.rate_rules[{index}]"
        if rule.get("seconds", 300) not in _waf.WINDOWS:
            allowed = ", ".join(map(str, _waf.WINDOWS))
            yield Problem(f"{where}.seconds", "AWS does not count over this time.", str(rule["seconds"]), allowed, "60")
        if rule["name"] in names:
            yield Problem(f"{where}.name", "Two rules have this name.", rule["name"], "a name for each rule")
        names.add(rule["name"])
    for index, rule in enumerate(attrs.get("managed_rules") or ()):
        if rule["group"] in names:
            yield Problem(
                f"{entry.key}.managed_rules[{index}].group", "Two rules have this name.", rule["group"], "each once"
            )
        names.add(rule["group"])
    if attrs.get("scope") == "cloudfront" and attrs.get("load_balancers"):
        yield Problem(
            f"{entry.key}.load_balancers", "This one is for distributions.", "scope: cloudfront", "scope: regional",
            "web_acl at the distribution",
        )  # fmt: skip
    mine = set(attrs.get("load_balancers") or ())
    for other in sight.all("web_acl"):
        both = mine & set(other.attrs.get("load_balancers") or ()) if other.name > entry.name else set()
        for balancer in sorted(both):
            yield Problem(
                f"{other.key}.load_balancers", f"{entry.key} protects this load balancer.", balancer,
                "one web_acl for each load balancer",
            )  # fmt: skip


def price(attrs: Mapping[str, Any], _related: Related) -> Iterator[Usage]:
    """Source: https://aws.amazon.com/waf/pricing/"""
    yield Usage("wafv2/web_acl", 1)
    rules = len(attrs.get("rate_rules") or ()) + len(attrs.get("managed_rules") or ())
    if rules:
        yield Usage("wafv2/rule", rules)
    yield Usage("wafv2/requests", 1, "1 million requests")


KIND = Kind(
    name="web_acl",
    doc="A firewall for requests in front of a load balancer or a distribution.",
    fields={
        "scope": Field(
            Choice(("regional", "cloudfront")),
            "Whether it protects load balancers, or distributions.",
            default="regional",
            change="replace",
        ),
        "default": Field(
            Choice(("allow", "block")), "What happens to a request that no rule catches.", default="allow"
        ),
        "managed_rules": Field(
            ListOf(_waf.MANAGED, ordered=True),
            "Groups of rules that AWS keeps up to date, in the order in which they are asked.",
            default=[{"group": "AWSManagedRulesCommonRuleSet"}],
        ),
        "rate_rules": Field(
            ListOf(_waf.RATE, ordered=True),
            "How many requests one address may make, in all or to one path. They are asked before the managed rules.",
            default=[],
        ),
        "load_balancers": Field(
            ListOf(Ref("load_balancer")), "What it protects. A distribution names its web_acl itself.", default=[]
        ),
    },
    describe=describe,
    create=create,
    delete=delete,
    retag=retag,
    changes=(Change(frozenset(_RULES), _update), Change(frozenset({"load_balancers"}), _set_balancers)),
    aws_name=_names.namer(_NAME_LENGTH),
    check=check,
    price=price,
    seconds=5,
)
