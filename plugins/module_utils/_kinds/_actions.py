"""What a listener does with a request: the shape that its default action and its rules share, and the way to and from
AWS's.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Action.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._resource.types import Choice, Either, ListOf, Number, Part, Record, Ref, Text

_WEIGHTED = Record(
    {
        "target_group": Part(Ref("target_group"), "Who gets a share.", required=True),
        "weight": Part(Number(0, 999), "How large it is, beside the others' weights.", default=1),
    }
)
ACTION = Record(
    {
        "forward": Part(
            Either((Ref("target_group"), ListOf(_WEIGHTED, least=2, most=5))),
            "The target group that gets the request, or several with weights.",
        ),
        "redirect": Part(
            Record(
                {
                    "protocol": Part(Choice(("HTTP", "HTTPS", "#{protocol}")), "The new protocol.", default="HTTPS"),
                    "port": Part(
                        Text(r"\d{1,5}|#\{port\}", 'a port such as "443"'), "The new port, as a text.", default="443"
                    ),
                    "host": Part(Text(most=128), "The new host.", default="#{host}"),
                    "path": Part(Text(r"/.*", "a path", most=128), "The new path.", default="/#{path}"),
                    "query": Part(Text(most=128, least=0), "The new query.", default="#{query}"),
                    "status": Part(Number(301, 302), "301 (for ever) or 302 (for now).", default=301),
                }
            ),
            "Where the user is sent; `{}` sends to HTTPS.",
        ),
        "fixed_response": Part(
            Record(
                {
                    "status": Part(Number(200, 599), "The status code.", required=True),
                    "content_type": Part(
                        Choice(("text/plain", "text/css", "text/html", "application/javascript", "application/json")),
                        "What the body is.",
                        default="text/plain",
                    ),
                    "body": Part(Text(most=1024, least=0), "The body.", default=""),
                }
            ),
            "An answer that the load balancer gives itself.",
        ),
    },
    exactly_one=("forward", "redirect", "fixed_response"),
)
_VALUES = ListOf(Text(most=128), least=1, most=5)
RULE = Record(
    {
        "priority": Part(Number(1, 50000), "Lower numbers are asked first.", required=True),
        "hosts": Part(_VALUES, "Host names; `*` stands for any letters."),
        "paths": Part(_VALUES, "Paths; `*` stands for any letters."),
        "methods": Part(ListOf(Text(r"[A-Z_-]{1,40}", "a method such as GET"), least=1, most=5), "Methods."),
        "headers": Part(
            ListOf(
                Record(
                    {
                        "name": Part(Text(r"[\w!#$%&'*+.^`|~-]{1,40}", "a header's name"), "Which.", required=True),
                        "values": Part(_VALUES, "What it may be; `*` stands for any letters.", required=True),
                    }
                ),
                least=1,
            ),
            "Headers.",
        ),
        "queries": Part(
            ListOf(
                Record(
                    {
                        "key": Part(Text(most=128), "Which; any unless given."),
                        "value": Part(Text(most=128), "What it is; `*` stands for any letters.", required=True),
                    }
                ),
                least=1,
                most=5,
            ),
            "Parts of the query.",
        ),
        "sources": Part(
            ListOf(Text(r"[0-9a-f.:]+/\d{1,3}", "a network such as 203.0.113.0/24"), least=1, most=5), "Where from."
        ),
        "action": Part(ACTION, "What is done with a request that fits.", required=True),
    }
)

# the parts of a rule that say which requests fit, and how AWS calls them
_CONDITIONS = {
    "hosts": ("host-header", "HostHeaderConfig"),
    "paths": ("path-pattern", "PathPatternConfig"),
    "methods": ("http-request-method", "HttpRequestMethodConfig"),
    "sources": ("source-ip", "SourceIpConfig"),
}
_HEADER = ("http-header", "HttpHeaderConfig")
_QUERY = ("query-string", "QueryStringConfig")
CONDITION_PARTS = (*_CONDITIONS, "headers", "queries")


def to_aws(action: Mapping[str, Any]) -> list[dict[str, Any]]:
    """An action with everything that was left out, as AWS wants it."""
    whole = ACTION.canonical(action)
    if "forward" in whole:
        return [{"Type": "forward", **_forward(whole["forward"])}]
    if "redirect" in whole:
        return [{"Type": "redirect", "RedirectConfig": _redirect(whole["redirect"])}]
    fixed = whole["fixed_response"]
    config = {
        "StatusCode": str(int(fixed["status"])),
        "ContentType": fixed["content_type"],
        "MessageBody": fixed["body"],
    }
    return [{"Type": "fixed-response", "FixedResponseConfig": config}]


def _forward(to: Any) -> dict[str, Any]:
    if isinstance(to, str):
        return {"TargetGroupArn": to}
    groups = [{"TargetGroupArn": one["target_group"], "Weight": int(one["weight"])} for one in to]
    return {"ForwardConfig": {"TargetGroups": groups}}


def _redirect(to: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Protocol": to["protocol"],
        "Port": to["port"],
        "Host": to["host"],
        "Path": to["path"],
        "Query": to["query"],
        "StatusCode": f"HTTP_{int(to['status'])}",
    }


def from_aws(actions: list[Mapping[str, Any]]) -> dict[str, Any]:
    """What AWS does, in the words of the blueprint; empty for what those cannot say, such as a login."""
    if len(actions) != 1:
        return {}
    action = actions[0]
    if action["Type"] == "forward":
        return {"forward": _groups(action)}
    if action["Type"] == "redirect":
        config = action["RedirectConfig"]
        return {
            "redirect": {
                "protocol": config.get("Protocol", "#{protocol}"),
                "port": str(config.get("Port", "#{port}")),
                "host": config.get("Host", "#{host}"),
                "path": config.get("Path", "/#{path}"),
                "query": config.get("Query", "#{query}"),
                "status": int(config["StatusCode"].removeprefix("HTTP_")),
            }
        }
    if action["Type"] == "fixed-response":
        config = action["FixedResponseConfig"]
        fixed = {
            "status": int(config["StatusCode"]),
            "content_type": config.get("ContentType"),
            "body": config.get("MessageBody"),
        }
        return {"fixed_response": fixed}
    return {}


def _groups(action: Mapping[str, Any]) -> Any:
    several = (action.get("ForwardConfig") or {}).get("TargetGroups", [])
    if len(several) < 2:
        return action.get("TargetGroupArn") or next((one["TargetGroupArn"] for one in several), None)
    return [{"target_group": one["TargetGroupArn"], "weight": int(one.get("Weight", 1))} for one in several]


def conditions_to_aws(rule: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Which requests a rule is for."""
    result: list[dict[str, Any]] = [
        {"Field": field, config: {"Values": list(rule[part])}}
        for part, (field, config) in _CONDITIONS.items()
        if rule.get(part)
    ]
    for header in rule.get("headers") or ():
        values = {"HttpHeaderName": header["name"], "Values": list(header["values"])}
        result.append({"Field": _HEADER[0], _HEADER[1]: values})
    if rule.get("queries"):
        pairs = [{k.capitalize(): one[k] for k in ("key", "value") if one.get(k)} for one in rule["queries"]]
        result.append({"Field": _QUERY[0], _QUERY[1]: {"Values": pairs}})
    return result


def rule_from_aws(item: Mapping[str, Any]) -> dict[str, Any]:
    """A rule as ``describe_rules`` answers it."""
    rule: dict[str, Any] = {"priority": int(item["Priority"]), "action": from_aws(item["Actions"])}
    parts = {field: (part, config) for part, (field, config) in _CONDITIONS.items()}
    for condition in item["Conditions"]:
        field = condition["Field"]
        if field in parts:
            part, config = parts[field]
            rule.setdefault(part, []).extend((condition.get(config) or condition)["Values"])
        elif field == _HEADER[0]:
            header = condition[_HEADER[1]]
            rule.setdefault("headers", []).append({"name": header["HttpHeaderName"], "values": header["Values"]})
        elif field == _QUERY[0]:
            pairs = condition[_QUERY[1]]["Values"]
            rule.setdefault("queries", []).extend({k.lower(): v for k, v in one.items()} for one in pairs)
    return rule
