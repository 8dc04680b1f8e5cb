"""Ways between machines: private subnets, NAT, references between groups, and a target that drains."""

from __future__ import annotations

import threading
import time

import pytest

from rehearsal.account import layout
from tests.support.bodies import REGION, wait
from tests.support.fleet import ANYONE, Answer, Fleet, get

SLOW = """#!/bin/sh
cat > /srv/slow.py <<'PY'
import http.server, time
class Slow(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(8 if self.path == "/slow" else 0)
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"done\\n")
http.server.ThreadingHTTPServer(("", 8080), Slow).serve_forever()
PY
systemd-run --unit=web python3 /srv/slow.py
"""


@pytest.fixture(scope="module")
def outside(fleet: Fleet) -> dict[str, str]:
    """A machine that anyone reaches."""
    found = fleet.is_in(fleet.start(SLOW), "running")
    return {"id": found["InstanceId"], "private": found["PrivateIpAddress"], "public": found["PublicIpAddress"]}


@pytest.fixture(scope="module")
def inside(fleet: Fleet, outside: dict[str, str]) -> dict[str, str]:
    """A machine in a subnet without a way out, which takes SSH from the other's group only."""
    zone = {"VpcId": fleet.vpc, "CidrBlock": f"10.{fleet.number}.9.0/24", "AvailabilityZone": f"{REGION}a"}
    subnet = fleet.ec2.create_subnet(**zone)["Subnet"]["SubnetId"]
    table = fleet.ec2.create_route_table(VpcId=fleet.vpc)["RouteTable"]["RouteTableId"]
    fleet.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    group = fleet.group("inside", [(22, None, fleet.web_group)])
    made = fleet.ec2.run_instances(
        ImageId=fleet.image,
        InstanceType="t3.small",
        MinCount=1,
        MaxCount=1,
        KeyName=fleet.name,
        SubnetId=subnet,
        SecurityGroupIds=[group],
    )["Instances"][0]
    found = fleet.is_in(made["InstanceId"], "running")
    assert "PublicIpAddress" not in found
    fleet.ssh(outside["public"], f"cat > key <<'KEY'\n{fleet.key.read_text()}KEY\nchmod 600 key")
    return {"id": made["InstanceId"], "private": found["PrivateIpAddress"], "table": table, "group": group}


def within(fleet: Fleet, outside: dict[str, str], inside: dict[str, str], command: str) -> str:
    options = "-oStrictHostKeyChecking=no -oUserKnownHostsFile=/dev/null -oLogLevel=ERROR -oConnectTimeout=5"
    return fleet.ssh(outside["public"], f"ssh -i key {options} admin@{inside['private']} '{command}'").stdout.strip()


def test_a_reference_lets_in_whoever_is_in_the_group(
    fleet: Fleet, outside: dict[str, str], inside: dict[str, str]
) -> None:
    assert within(fleet, outside, inside, "hostname") == f"ip-{inside['private'].replace('.', '-')}"
    fleet.forbid(inside["group"], 22, None, fleet.web_group)
    wait(lambda: within(fleet, outside, inside, "hostname"), "", 30)
    fleet.allow(inside["group"], 22, None, fleet.web_group)
    wait(lambda: within(fleet, outside, inside, "hostname"), True, 30)


def test_without_a_route_there_is_no_way_out_and_with_nat_there_is(
    fleet: Fleet, outside: dict[str, str], inside: dict[str, str]
) -> None:
    ask = "curl -sS -m 10 -o /dev/null -w %{http_code} https://sts.ap-northeast-2.amazonaws.com/ 2>/dev/null"
    assert within(fleet, outside, inside, ask) == "000"
    assert within(fleet, outside, inside, "getent hosts sts.ap-northeast-2.amazonaws.com").startswith(
        f"{layout.FRONT} "
    )
    address = fleet.ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = fleet.ec2.create_nat_gateway(SubnetId=fleet.subnets[0], AllocationId=address)["NatGateway"]["NatGatewayId"]
    fleet.ec2.create_route(RouteTableId=inside["table"], DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
    wait(lambda: within(fleet, outside, inside, ask), "200", 20)


def test_machines_reach_each_other_by_public_addresses(
    fleet: Fleet, outside: dict[str, str], inside: dict[str, str]
) -> None:
    assert (
        "SSH-2.0"
        in fleet.ssh(outside["public"], f"timeout 5 bash -c 'head -1 < /dev/tcp/{outside['public']}/22'").stdout
    )
    fleet.allow(fleet.web_group, 8080, ANYONE, None)
    ask = f"curl -sS -m 5 http://{outside['public']}:8080/"
    assert wait(lambda: within(fleet, outside, inside, ask), "done", 20)
    fleet.forbid(fleet.web_group, 8080, ANYONE, None)


def test_a_request_under_way_is_answered_while_its_target_drains(
    fleet: Fleet, balancer: dict[str, str], outside: dict[str, str]
) -> None:
    fleet.allow(fleet.web_group, 8080, None, fleet.balancer_group)
    delay = [{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}]
    fleet.elb.modify_target_group_attributes(TargetGroupArn=balancer["target"], Attributes=delay)
    target = [{"Id": outside["id"]}]
    fleet.elb.register_targets(TargetGroupArn=balancer["target"], Targets=target)

    def state() -> str:
        found = fleet.elb.describe_target_health(TargetGroupArn=balancer["target"], Targets=target)
        return str(found["TargetHealthDescriptions"][0]["TargetHealth"]["State"])

    wait(state, "healthy", 60)
    answers: list[Answer] = []
    slow = threading.Thread(target=lambda: answers.append(get(balancer["name"], "/slow", host="shop.example.com")))
    slow.start()
    time.sleep(1.5)
    fleet.elb.deregister_targets(TargetGroupArn=balancer["target"], Targets=target)
    wait(state, "draining", 8)
    assert get(balancer["name"], host="shop.example.com").status == 503
    slow.join()
    assert [one.status for one in answers] == [200]
    wait(state, "unused", 30)
