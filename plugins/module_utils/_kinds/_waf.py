"""Rules of AWS WAF in the words of the blueprint, and back.

Source: https://docs.aws.amazon.com/waf/latest/APIReference/API_Rule.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._resource.types import Choice, Flag, ListOf, Number, Part, Record, Text

_NAME = Text(r"[\w-]{1,128}", "letters, digits, - and _")
WINDOWS = (60, 120, 300, 600)
MANAGED = Record(
    {
        "group": Part(_NAME, "The group, such as AWSManagedRulesCommonRuleSet.", required=True),
        "count_only": Part(Flag(), "Whether it only counts what it would block.", default=False),
        "counted_rules": Part(
            ListOf(_NAME), "Rules of the group that only count, such as SizeRestrictions_BODY.", default=[]
        ),
    }
)
RATE = Record(
    {
        "name": Part(_NAME, "A name for it.", required=True),
        "requests": Part(Number(10, 2_000_000_000), "Requests of one address that are let through.", required=True),
        "seconds": Part(Number(60, 600), "In so long: 60, 120, 300 or 600.", default=300),
        "path": Part(Text(r"/.*", "a path such as /login", most=200), "Only requests whose path starts with it."),
        "method": Part(Text(r"[A-Z]+", "a method such as POST"), "Only requests of this method."),
        "action": Part(
            Choice(("block", "count", "captcha", "challenge")), "What happens to the requests above.", default="block"
        ),
        "forwarded": Part(
            Flag(),
            "Whether the user's address is taken from X-Forwarded-For: behind another proxy only.",
            default=False,
        ),
    }
)
_TRANSFORM = [{"Priority": 0, "Type": "NONE"}]
_HEADER = "X-Forwarded-For"


def visibility(name: str) -> dict[str, Any]:
    return {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}


def to_rules(rate_rules: list[Mapping[str, Any]], managed_rules: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """All rules in the order in which they are asked: a rate costs less than a managed group, so it goes first."""
    rules = [_rate(RATE.canonical(one)) for one in rate_rules] + [
        _managed(MANAGED.canonical(one)) for one in managed_rules
    ]
    return [{**rule, "Priority": priority} for priority, rule in enumerate(rules)]


def _managed(given: Mapping[str, Any]) -> dict[str, Any]:
    statement: dict[str, Any] = {"VendorName": "AWS", "Name": given["group"]}
    if given["counted_rules"]:
        counted = [{"Name": name, "ActionToUse": {"Count": {}}} for name in given["counted_rules"]]
        statement["RuleActionOverrides"] = counted
    return {
        "Name": given["group"],
        "Statement": {"ManagedRuleGroupStatement": statement},
        "OverrideAction": {"Count": {}} if given["count_only"] else {"None": {}},
        "VisibilityConfig": visibility(given["group"]),
    }


def _rate(given: Mapping[str, Any]) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Limit": int(given["requests"]),
        "EvaluationWindowSec": int(given["seconds"]),
        "AggregateKeyType": "FORWARDED_IP" if given["forwarded"] else "IP",
    }
    if given["forwarded"]:
        statement["ForwardedIPConfig"] = {"HeaderName": _HEADER, "FallbackBehavior": "MATCH"}
    only = []
    if given.get("path"):
        only.append(_match({"UriPath": {}}, given["path"], "STARTS_WITH"))
    if given.get("method"):
        only.append(_match({"Method": {}}, given["method"], "EXACTLY"))
    if only:
        statement["ScopeDownStatement"] = only[0] if len(only) == 1 else {"AndStatement": {"Statements": only}}
    return {
        "Name": given["name"],
        "Statement": {"RateBasedStatement": statement},
        "Action": {given["action"].capitalize(): {}},
        "VisibilityConfig": visibility(given["name"]),
    }


def _match(part: Mapping[str, Any], text: str, how: str) -> dict[str, Any]:
    match = {
        "FieldToMatch": dict(part),
        "SearchString": text.encode(),
        "PositionalConstraint": how,
        "TextTransformations": _TRANSFORM,
    }
    return {"ByteMatchStatement": match}


def from_rules(rules: list[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """``rate_rules`` and ``managed_rules``. What those cannot say becomes a rate rule of no requests: a difference."""
    result: dict[str, list[dict[str, Any]]] = {"rate_rules": [], "managed_rules": []}
    for rule in sorted(rules, key=lambda one: int(one["Priority"])):
        statement = rule["Statement"]
        if "ManagedRuleGroupStatement" in statement:
            result["managed_rules"].append(_from_managed(rule, statement["ManagedRuleGroupStatement"]))
        elif "RateBasedStatement" in statement:
            result["rate_rules"].append(_from_rate(rule, statement["RateBasedStatement"]))
        else:
            result["rate_rules"].append({"name": rule["Name"], "requests": 0})
    return result


def _from_managed(rule: Mapping[str, Any], statement: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "group": statement["Name"],
        "count_only": "Count" in rule.get("OverrideAction", {}),
        "counted_rules": [one["Name"] for one in statement.get("RuleActionOverrides", ())],
    }


def _from_rate(rule: Mapping[str, Any], statement: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": rule["Name"],
        "requests": statement["Limit"],
        "seconds": statement.get("EvaluationWindowSec", 300),
        "action": next(iter(rule.get("Action", {"none": {}}))).lower(),
        "forwarded": statement["AggregateKeyType"] == "FORWARDED_IP",
        **_scope_down(statement.get("ScopeDownStatement")),
    }


def _scope_down(statement: Mapping[str, Any] | None) -> dict[str, Any]:
    if not statement:
        return {}
    several = statement.get("AndStatement", {}).get("Statements") or [statement]
    result: dict[str, Any] = {}
    for one in several:
        match = one.get("ByteMatchStatement") or {"FieldToMatch": {}, "SearchString": b"?"}
        text = match["SearchString"]
        part = "method" if "Method" in match["FieldToMatch"] else "path"
        result[part] = text.decode() if isinstance(text, bytes) else text
    return result
