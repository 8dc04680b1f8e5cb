"""The configuration of HAProxy for one node of a load balancer, from what the account says about it. Pure.

A group has a fixed number of slots (servers); targets come and go in them over HAProxy's socket, without a reload.
"""

from __future__ import annotations

import re
from typing import Any

SOCKET = "/run/haproxy.sock"
EMPTY = ("127.0.0.1", 1)
_COOKIE = "AWSALB"
_GROUP_COOKIE = "AWSALBTG"


def render(model: dict[str, Any], slots: dict[str, list[dict[str, Any] | None]]) -> str:
    """``slots`` say what each group's servers are at this moment: address, port and whether it may serve."""
    idle = int(model["idle"])
    lines = [
        "global",
        "  log stdout format raw daemon info",
        f"  stats socket {SOCKET} mode 600 level admin expose-fd listeners",
        "  ssl-default-bind-options ssl-min-ver TLSv1.2",
        "  hard-stop-after 3600s",
        "  maxconn 4000",
        "defaults",
        "  log global",
        "  option httplog",
        "  option dontlog-normal",
        "  retries 0",
        "  timeout connect 10s",
        f"  timeout client {idle}s",
        f"  timeout server {idle}s",
        f"  timeout tunnel {idle}s",
        "  timeout http-request 60s",
        f"  timeout http-keep-alive {idle}s",
        "  timeout queue 5s",
    ]
    for front in model["frontends"]:
        lines += _frontend(front, int(model["keep_alive"])) if front["mode"] == "http" else _tcp_frontend(front)
    for name, group in sorted(model["groups"].items()):
        lines += _backend(name, group, slots[name])
    return "\n".join([*lines, ""])


def _frontend(front: dict[str, Any], keep_alive: int) -> list[str]:
    """A reload ends no connection between two requests, and one that has grown old goes with its next answer, as
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html says."""
    scheme = "https" if front["certificates"] else "http"
    tls = f" ssl crt-list {front['certificates']} alpn h2,http/1.1" if front["certificates"] else ""
    lines = [
        f"frontend p{front['port']}",
        "  mode http",
        f"  bind :{front['port']}{tls}",
        "  option forwardfor",
        "  option idle-close-on-response",
        "  tcp-request connection set-var(sess.began) date",
        f"  http-after-response set-header Connection close if {{ date,sub(sess.began) -m int ge {keep_alive} }}",
        f"  http-request set-header X-Forwarded-Proto {scheme}",
        f"  http-request set-header X-Forwarded-Port {front['port']}",
    ]
    rules = [*front["rules"], {"conditions": [], "action": front["default"]}]
    for number, rule in enumerate(rules):
        names = []
        for place, condition in enumerate(rule["conditions"]):
            names.append(f"r{number}c{place}")
            lines += [f"  acl {names[-1]} {one}" for one in _acl(condition)]
        first = "!{ var(txn.rule) -m found }"
        lines.append(f"  http-request set-var(txn.rule) str(r{number}) if {' '.join([first, *names])}")
    for number, rule in enumerate(rules):
        lines += _action(rule["action"], f"r{number}", front["port"], scheme)
    return lines


def _acl(condition: dict[str, Any]) -> list[str]:
    """One line for each value: HAProxy takes lines of one name as alternatives."""
    field, values = condition["field"], condition["values"]
    if field == "host-header":
        return [f"req.hdr(host),host_only,lower -m reg '{_pattern(one.lower())}'" for one in values]
    if field == "path-pattern":
        return [f"path -m reg '{_pattern(one)}'" for one in values]
    if field == "http-header":
        return [f"req.fhdr({condition['name']}) -m reg -i '{_pattern(one)}'" for one in values]
    if field == "http-request-method":
        return [f"method {one}" for one in values]
    if field == "source-ip":
        return [f"src {one}" for one in values]
    if field == "query-string":
        return [_query(one) for one in values]
    raise ValueError(f"there is no condition {field}")


def _query(value: Any) -> str:
    pair = value if isinstance(value, dict) else {"Value": value}
    if pair.get("Key"):
        return f"url_param({pair['Key']}) -m reg -i '{_pattern(str(pair.get('Value', '')))}'"
    found = _pattern(str(pair["Value"])).strip("^$")
    return f"query -m reg -i '(^|&|=){found}(&|$)'"


def _pattern(wildcards: str) -> str:
    """``*`` and ``?`` as Elastic Load Balancing means them. A quote would end HAProxy's own."""
    parts = {"*": ".*", "?": "."}
    return "^" + "".join(parts.get(one) or re.escape(one).replace("'", ".") for one in wildcards) + "$"


def _action(action: dict[str, Any], rule: str, port: int, scheme: str) -> list[str]:
    chosen = f"{{ var(txn.rule) -m str {rule} }}"
    if action["type"] == "redirect":
        target = _location(action, port, scheme)
        return [f"  http-request redirect location {target} code {action['status']} if {chosen}"]
    if action["type"] == "fixed-response":
        body = re.sub(r"['\n\r%]", " ", str(action.get("body") or ""))
        text = f"content-type '{action.get('content_type') or 'text/plain'}' string '{body}'"
        return [f"  http-request return status {action['status']} {text} if {chosen}"]
    return _forward(action, rule, chosen)


def _forward(action: dict[str, Any], rule: str, chosen: str) -> list[str]:
    groups = [(name, int(weight)) for name, weight in action["groups"] if int(weight) > 0]
    if not groups:
        return [f"  http-request return status 503 if {chosen}"]
    if len(groups) == 1:
        return [f"  use_backend {groups[0][0]} if {chosen}"]
    whole = sum(weight for _name, weight in groups)
    lines = [f"  http-request set-var(txn.dice) rand({whole}) if {chosen}"]
    below = 0
    for name, weight in groups:
        below += weight
        free = "!{ var(txn.group) -m found }"
        if action.get("sticky"):
            lines.insert(
                1, f"  http-request set-var(txn.group) str({name}) if {chosen} {{ req.cook({_GROUP_COOKIE}) {name} }}"
            )
        lines.append(
            f"  http-request set-var(txn.group) str({name}) if {chosen} {free} {{ var(txn.dice) -m int lt {below} }}"
        )
    if action.get("sticky"):
        value = f"{_GROUP_COOKIE}=%[var(txn.group)]; Max-Age={int(action['sticky'])}; Path=/"
        lines.append(f'  http-response add-header Set-Cookie "{value}" if {chosen}')
    lines += [f"  use_backend {name} if {chosen} {{ var(txn.group) -m str {name} }}" for name, _weight in groups]
    return lines


def _location(action: dict[str, Any], port: int, scheme: str) -> str:
    def filled(text: str) -> str:
        text = text.replace("#{host}", "%[req.hdr(host),host_only]").replace("#{port}", str(port))
        text = text.replace("#{protocol}", scheme).replace("/#{path}", "%[path]").replace("#{query}", "%[query]")
        return text.replace("#{path}", "%[path,regsub(^/,)]")

    head = f"{filled(action['protocol']).lower()}://{filled(action['host'])}:{filled(action['port'])}"
    if action["path"] == "/#{path}" and action["query"] == "#{query}":
        return f"{head}%[pathq]"
    query = filled(action["query"])
    return f"{head}{filled(action['path'])}{'?' + query if query else ''}"


def _tcp_frontend(front: dict[str, Any]) -> list[str]:
    tls = f" ssl crt-list {front['certificates']}" if front["certificates"] else ""
    groups = front["default"]["groups"]
    lines = [f"frontend p{front['port']}", "  mode tcp", f"  bind :{front['port']}{tls}"]
    return [*lines, f"  default_backend {groups[0][0]}"] if groups else lines


def _backend(name: str, group: dict[str, Any], slots: list[dict[str, Any] | None]) -> list[str]:
    tcp = group["protocol"] == "tcp"
    lines = [f"backend {name}", f"  mode {'tcp' if tcp else 'http'}", f"  balance {group['algorithm']}"]
    sticky = group.get("sticky")
    cookie = ""
    if sticky and sticky["type"] == "lb_cookie" and not tcp:
        seconds = int(sticky["seconds"])
        lines.append(f"  cookie {_COOKIE} insert indirect nocache dynamic maxlife {seconds}s attr Max-Age={seconds}")
        lines.append(f"  dynamic-cookie-key {name}")
    elif sticky and sticky["type"] == "app_cookie" and not tcp:
        lines.append(f"  stick-table type string len 128 size 100k expire {int(sticky['seconds'])}s")
        lines += [f"  stick store-response res.cook({sticky['cookie']})", f"  stick match req.cook({sticky['cookie']})"]
    if not tcp:
        lines.append("  http-reuse safe")
    secure = " ssl verify none" if group["protocol"] == "https" else ""
    slow = f" slowstart {int(group['slow_start'])}s" if group.get("slow_start") else ""
    for number, slot in enumerate(slots):
        address, port = (slot["address"], slot["port"]) if slot else EMPTY
        off = "" if slot and slot["serves"] else " disabled"
        lines.append(f"  server s{number} {address}:{port}{cookie}{secure}{slow}{off}")
    return lines
