"""What a balancer does beside spreading requests: WebSockets, weights, stickiness to a group, and its names."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from rehearsal import state
from tests.support import dns
from tests.support.bodies import NAMES, client, wait
from tests.support.fleet import PATIENCE, Fleet, get
from tests.support.websocket import ABNORMAL, Held, Target, hold_many

# Says its name to whoever asks, and answers the pings of a WebSocket.
TALK = """#!/bin/sh
cat > /srv/talk.py <<'PY'
import base64, hashlib, http.server, socket
class Talk(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        key = self.headers.get("Sec-WebSocket-Key")
        if key:
            return self.talk(key)
        name = socket.gethostname().encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(name)))
        self.end_headers()
        self.wfile.write(name)
    def talk(self, key):
        made = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(made).decode())
        self.send_header("X-App-Version", socket.gethostname())
        self.end_headers()
        self.close_connection = True
        while head := self.rfile.read(2):
            size, mask = head[1] & 127, self.rfile.read(4)
            words = bytes(one ^ mask[at % 4] for at, one in enumerate(self.rfile.read(size)))
            if head[0] & 15 == 8:
                return
            self.wfile.write(bytes([0x8A, size]) + words)
http.server.ThreadingHTTPServer(("", 8080), Talk).serve_forever()
PY
systemd-run --unit=web python3 /srv/talk.py
"""
HOST = "shop.example.com"


@pytest.fixture(scope="module")
def colours(fleet: Fleet, balancer: dict[str, str]) -> dict[str, str]:
    """Two target groups with a machine each: group -> what its machine calls itself."""
    fleet.allow(fleet.web_group, 8080, None, fleet.balancer_group)
    machines = [fleet.start(TALK), fleet.start(TALK)]
    other = fleet.elb.create_target_group(
        Name=f"{fleet.name}-other",
        Protocol="HTTP",
        Port=8080,
        VpcId=fleet.vpc,
        HealthCheckIntervalSeconds=5,
        HealthCheckTimeoutSeconds=2,
        HealthyThresholdCount=2,
        UnhealthyThresholdCount=2,
    )["TargetGroups"][0]["TargetGroupArn"]
    fleet.elb.modify_target_group(TargetGroupArn=balancer["target"], HealthCheckPath="/")
    named = {}
    for group, machine in zip((balancer["target"], other), machines, strict=True):
        found = fleet.is_in(machine, "running")
        fleet.elb.modify_target_group_attributes(
            TargetGroupArn=group, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "6"}]
        )
        fleet.elb.register_targets(TargetGroupArn=group, Targets=[{"Id": machine}])
        named[group] = f"ip-{found['PrivateIpAddress'].replace('.', '-')}"
    weigh(fleet, balancer, dict.fromkeys(named, 1))
    for group in named:
        wait(lambda group=group: health(fleet, group), ["healthy"], PATIENCE)  # type: ignore[misc]
    return named


@pytest.fixture(scope="module")
def domain(fleet: Fleet, balancer: dict[str, str]) -> Iterator[str]:
    """The app's name, an alias to the balancer in a zone of Route 53."""
    route53 = client("route53")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference=fleet.name)["HostedZone"]["Id"]
    change(zone, "UPSERT", alias(fleet, balancer))
    yield zone
    for record in route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]:
        if record["Type"] not in ("SOA", "NS"):
            change(zone, "DELETE", record)
    route53.delete_hosted_zone(Id=zone)


def alias(fleet: Fleet, balancer: dict[str, str]) -> dict[str, Any]:
    (found,) = fleet.elb.describe_load_balancers(LoadBalancerArns=[balancer["arn"]])["LoadBalancers"]
    target = {
        "HostedZoneId": found["CanonicalHostedZoneId"],
        "DNSName": f"dualstack.{found['DNSName']}",
        "EvaluateTargetHealth": False,
    }
    return {"Name": HOST, "Type": "A", "AliasTarget": target}


def change(zone: str, action: str, record: dict[str, Any]) -> None:
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)


def health(fleet: Fleet, group: str) -> list[str]:
    found = fleet.elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    return [one["TargetHealth"]["State"] for one in found]


def weigh(fleet: Fleet, balancer: dict[str, str], weights: dict[str, int], sticky: bool = False) -> None:
    forward = {
        "TargetGroups": [{"TargetGroupArn": group, "Weight": weight} for group, weight in weights.items()],
        "TargetGroupStickinessConfig": {"Enabled": sticky, **({"DurationSeconds": 60} if sticky else {})},
    }
    actions = [{"Type": "forward", "ForwardConfig": forward}]
    fleet.elb.modify_listener(ListenerArn=balancer["listener"], DefaultActions=actions)


def share(balancer: dict[str, str], count: int = 60) -> Counter[str]:
    return Counter(get(balancer["name"], host=HOST).text for _each in range(count))


def test_weights_share_out_and_a_changed_weight_loses_nothing(
    fleet: Fleet, balancer: dict[str, str], colours: dict[str, str]
) -> None:
    one, other = colours
    weigh(fleet, balancer, {one: 1, other: 0})
    wait(lambda: set(share(balancer, 10)), {colours[one]}, 20)
    weigh(fleet, balancer, {one: 80, other: 20})
    found = wait(lambda: (seen := share(balancer, 100))[colours[other]] and seen, True, 20)
    assert 5 <= found[colours[other]] <= 40, found
    weigh(fleet, balancer, {one: 0, other: 1})
    wait(lambda: set(share(balancer, 10)), {colours[other]}, 20)
    weigh(fleet, balancer, {one: 1, other: 1})


def test_a_client_stays_with_its_group(fleet: Fleet, balancer: dict[str, str], colours: dict[str, str]) -> None:
    weigh(fleet, balancer, dict.fromkeys(colours, 1), sticky=True)
    first = wait(lambda: "set-cookie" in (answer := get(balancer["name"], host=HOST)).headers and answer, True, 20)
    assert first.headers["set-cookie"].startswith("AWSALBTG=")
    cookie = first.headers["set-cookie"].partition(";")[0]
    assert {get(balancer["name"], host=HOST, cookie=cookie).text for _each in range(12)} == {first.text}
    weigh(fleet, balancer, dict.fromkeys(colours, 1))


def test_websockets_live_through_a_change_and_end_when_their_target_has_drained(
    fleet: Fleet, balancer: dict[str, str], colours: dict[str, str]
) -> None:
    (address,) = dns.look_up(NAMES, balancer["name"]).addresses[:1]
    target = Target(HOST, address, 443, "/ws", ca=str(state.CA))
    kept: list[Held] = []
    thread = threading.Thread(
        target=lambda: kept.append(asyncio.run(hold_many(target, 6, 25, asyncio.Event(), again=False)))
    )
    thread.start()
    time.sleep(3)
    one, other = colours
    weigh(fleet, balancer, {one: 3, other: 1})  # HAProxy loads its configuration anew
    time.sleep(3)
    (machine,) = fleet.elb.describe_target_health(TargetGroupArn=one)["TargetHealthDescriptions"]
    begun = time.time()
    fleet.elb.deregister_targets(TargetGroupArn=one, Targets=[{"Id": machine["Target"]["Id"]}])
    thread.join()
    (held,) = kept
    assert not held.refused
    assert {socket.version for socket in held.sockets} == set(colours.values())
    for socket in held.sockets:
        if socket.version == colours[other]:
            assert socket.code == 0, "the other target's sockets stay"
            assert socket.pings - socket.pongs <= 1
        else:
            assert socket.code == ABNORMAL
            assert 4 < socket.closed - begun < 12, "open while it drains, and then no more"
    fleet.elb.register_targets(TargetGroupArn=one, Targets=[{"Id": machine["Target"]["Id"]}])
    wait(lambda: health(fleet, one), ["healthy"], 30)


def test_an_alias_leads_here_and_in_machines_to_the_balancer(
    fleet: Fleet, balancer: dict[str, str], colours: dict[str, str], domain: str
) -> None:
    addresses = wait(lambda: dns.look_up(NAMES, HOST).addresses, True, 20)
    assert dns.look_up(NAMES, HOST) == dns.Found(dns.look_up(NAMES, balancer["name"]).addresses, 60)
    machine = fleet.instance(
        client("elbv2").describe_target_health(TargetGroupArn=list(colours)[1])["TargetHealthDescriptions"][0][
            "Target"
        ]["Id"]
    )
    assert get(HOST, host=HOST).status == 200
    inside = fleet.ssh(machine["PublicIpAddress"], f"getent ahostsv4 {HOST} | cut -d' ' -f1 | sort -u")
    assert tuple(inside.stdout.split()) == addresses
    asked = fleet.ssh(machine["PublicIpAddress"], f"curl -sS -o /dev/null -w '%{{http_code}}' https://{HOST}/")
    assert asked.stdout == "200", asked.stderr

    # to a host and back, as a change of stage does; a TXT record says whose the name is
    change(domain, "UPSERT", {"Name": HOST, "Type": "TXT", "TTL": 300, "ResourceRecords": [{"Value": '"ours"'}]})
    host = {"Name": HOST, "Type": "A", "TTL": 30, "ResourceRecords": [{"Value": machine["PublicIpAddress"]}]}
    change(domain, "UPSERT", host)
    wait(lambda: dns.look_up(NAMES, HOST), dns.Found((machine["PublicIpAddress"],), 30), 10)
    change(domain, "UPSERT", alias(fleet, balancer))
    wait(lambda: dns.look_up(NAMES, HOST), dns.Found(addresses, 60), 10)
