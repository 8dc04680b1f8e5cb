"""A node of a load balancer: HAProxy's configuration, and how a target's health is judged."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from rehearsal import state

sys.path.insert(0, str(state.IMAGES / "balancer"))
import agent  # type: ignore[import-not-found]
import checks  # type: ignore[import-not-found]
import config  # type: ignore[import-not-found]

BAD = checks.Health("unhealthy", "Target.Timeout", "Request timed out")
FORWARD = {"type": "forward", "groups": [["tg_a", 1]], "sticky": 0}
GROUP: dict[str, Any] = {"protocol": "http", "algorithm": "roundrobin", "sticky": None, "slow_start": 0}


def rendered(rules: list[dict[str, Any]], default: dict[str, Any] = FORWARD, **group: Any) -> list[str]:
    front = {"port": 80, "mode": "http", "certificates": "", "rules": rules, "default": default}
    model = {"idle": 60, "keep_alive": 60, "frontends": [front], "groups": {"tg_a": {**GROUP, **group}}}
    slots: list[dict[str, Any] | None] = [{"address": "10.0.1.4", "port": 8080, "serves": True}, None]
    return [line.strip() for line in config.render(model, {"tg_a": slots}).splitlines()]


def test_slots_are_servers_and_empty_ones_are_off() -> None:
    lines = rendered([])
    assert "server s0 10.0.1.4:8080" in lines
    assert "server s1 127.0.0.1:1 disabled" in lines


def test_old_connections_end_with_an_answer() -> None:
    assert "http-after-response set-header Connection close if { date,sub(sess.began) -m int ge 60 }" in rendered([])


def test_conditions_are_all_needed_and_their_values_are_alternatives() -> None:
    conditions = [
        {"field": "host-header", "values": ["*.Example.com"]},
        {"field": "path-pattern", "values": ["/a/*", "/b?"]},
    ]
    lines = rendered([{"conditions": conditions, "action": FORWARD}])
    assert r"acl r0c0 req.hdr(host),host_only,lower -m reg '^.*\.example\.com$'" in lines
    assert "acl r0c1 path -m reg '^/a/.*$'" in lines
    assert "acl r0c1 path -m reg '^/b.$'" in lines
    assert "http-request set-var(txn.rule) str(r0) if !{ var(txn.rule) -m found } r0c0 r0c1" in lines


def test_a_redirect_keeps_what_it_does_not_name() -> None:
    action = {"type": "redirect", "protocol": "HTTPS", "host": "#{host}", "port": "443", "status": "301"}
    lines = rendered([], {**action, "path": "/#{path}", "query": "#{query}"})
    place = "https://%[req.hdr(host),host_only]:443%[pathq]"
    assert f"http-request redirect location {place} code 301 if {{ var(txn.rule) -m str r0 }}" in lines


def test_weights_are_dice() -> None:
    lines = rendered([], {"type": "forward", "groups": [["tg_a", 9], ["tg_b", 1], ["tg_c", 0]], "sticky": 0})
    assert "http-request set-var(txn.dice) rand(10) if { var(txn.rule) -m str r0 }" in lines
    assert not any("tg_c" in line for line in lines)


def test_a_cookie_of_the_balancer() -> None:
    lines = rendered([], sticky={"type": "lb_cookie", "seconds": 60, "cookie": ""})
    assert "cookie AWSALB insert indirect nocache dynamic maxlife 60s attr Max-Age=60" in lines


@pytest.mark.parametrize(
    ("results", "state"),
    [
        ([], "initial"),
        ([None], "healthy"),
        ([BAD], "initial"),
        ([BAD, BAD], "unhealthy"),
        ([None, BAD], "healthy"),
        ([None, BAD, BAD], "unhealthy"),
        ([None, BAD, BAD, None, None], "unhealthy"),
        ([None, BAD, BAD, None, None, None], "healthy"),
    ],
    ids=str,
)
def test_health(results: list[Any], state: str) -> None:
    judge = checks.Judge(rise=3, fall=2)
    for one in results:
        judge.take(one)
    assert judge.health.state == state


@pytest.mark.parametrize(("status", "well"), [(200, True), (204, False), (301, True), (399, True), (400, False)])
def test_codes(status: int, well: bool) -> None:
    assert checks.matches(status, "200,301-399") is well


def test_a_worker_of_before_a_reload_knows_a_target_by_its_address() -> None:
    said = "# pxname,svname,scur,addr\ntg_a,s0,3,10.0.1.4:8080\ntg_a,s1,0,127.0.0.1:1\ntg_b,s0,1,10.0.1.4:8080\n\n"
    worker = agent.Worker.of(7, said)
    target = agent.Target.__new__(agent.Target)  # no thread that checks it
    target.spec = {"address": "10.0.1.4", "port": 8080}
    assert worker.at("tg_a", target) == ["tg_a/s0"]
    assert worker.connections["tg_a/s0"] == 3
    assert agent.Worker.of(0, "").at("tg_a", target) == []
