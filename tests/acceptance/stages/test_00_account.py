"""The account by itself, seen only through the AWS API, SSH and HTTP."""

from __future__ import annotations

import pytest

from tests.support.bodies import wait
from tests.support.fleet import ANYONE, PATIENCE, Fleet, get, healthy, members, opens


@pytest.fixture(scope="module")
def machine(fleet: Fleet) -> dict[str, str]:
    """A machine that runs: its id, its private and its public address."""
    found = fleet.is_in(fleet.start(hops=1), "running")
    return {"id": found["InstanceId"], "private": found["PrivateIpAddress"], "public": found["PublicIpAddress"]}


def test_a_machine_is_reached_with_its_key_and_ran_its_user_data(fleet: Fleet, machine: dict[str, str]) -> None:
    said = fleet.ssh(machine["public"], "hostname; sudo cloud-init status --wait; cat /srv/web/health; ip -4 -o addr")
    assert said.returncode == 0, said.stderr
    lines = said.stdout.splitlines()
    assert lines[0] == f"ip-{machine['private'].replace('.', '-')}"
    assert "status: done" in lines
    assert "fine" in lines
    assert f"{machine['private']}/16" in said.stdout


def test_metadata_wants_a_token_and_knows_who_asks(fleet: Fleet, machine: dict[str, str]) -> None:
    url = "http://169.254.169.254/latest"
    token = f"curl -sS -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' {url}/api/token"
    without = fleet.ssh(machine["public"], f"curl -sS -o /dev/null -w '%{{http_code}}' {url}/meta-data/")
    asked = [
        f'curl -sS -H "X-aws-ec2-metadata-token: $T" {url}/meta-data/{what}; echo'
        for what in ("instance-id", "public-ipv4")
    ]
    within = fleet.ssh(machine["public"], f"T=$({token}); " + "; ".join(asked))
    assert without.stdout == "401"
    assert within.stdout.split() == [machine["id"], machine["public"]]


def test_a_forgotten_rule_blocks_and_a_written_one_opens(fleet: Fleet, machine: dict[str, str]) -> None:
    assert not opens(machine["public"], 8080)
    fleet.allow(fleet.web_group, 8080, ANYONE, None)
    wait(lambda: opens(machine["public"], 8080), True, 10)
    fleet.forbid(fleet.web_group, 8080, ANYONE, None)
    wait(lambda: opens(machine["public"], 8080), False, 10)


def test_stopped_and_started_it_keeps_its_disk_and_gets_a_new_public_address(
    fleet: Fleet, machine: dict[str, str]
) -> None:
    fleet.ssh(machine["public"], "echo kept | sudo tee /root/kept")
    fleet.ec2.stop_instances(InstanceIds=[machine["id"]])
    assert fleet.instance(machine["id"])["State"]["Name"] == "stopping"
    fleet.is_in(machine["id"], "stopped")
    fleet.ec2.start_instances(InstanceIds=[machine["id"]])
    again = fleet.is_in(machine["id"], "running")
    assert again["PrivateIpAddress"] == machine["private"]
    assert fleet.ssh(again["PublicIpAddress"], "sudo cat /root/kept").stdout == "kept\n"


def test_an_elastic_address_leads_to_the_machine_it_is_given(fleet: Fleet, machine: dict[str, str]) -> None:
    made = fleet.ec2.allocate_address(Domain="vpc")
    held = fleet.ec2.associate_address(InstanceId=machine["id"], AllocationId=made["AllocationId"])
    wait(lambda: fleet.ssh(made["PublicIp"], "hostname").returncode, 0, 20)
    fleet.ec2.disassociate_address(AssociationId=held["AssociationId"])
    wait(lambda: opens(made["PublicIp"], 22), False, 10)
    fleet.ec2.release_address(AllocationId=made["AllocationId"])


def test_two_machines_serve_through_the_balancer_with_tls(fleet: Fleet, balancer: dict[str, str], group: str) -> None:
    said = {get(balancer["name"], host="shop.example.com").text for _each in range(8)}
    assert len(said) == 2
    assert len({one["AvailabilityZone"] for one in members(fleet)}) == 2
    sent_on = get(balancer["name"], "/a?b=1", port=80, host="shop.example.com")
    assert sent_on.status == 301
    assert sent_on.headers["location"] == "https://shop.example.com:443/a?b=1"


def test_rules_and_stickiness_are_followed(fleet: Fleet, balancer: dict[str, str], group: str) -> None:
    fixed = {"StatusCode": "418", "ContentType": "text/plain", "MessageBody": "tea"}
    rule = fleet.elb.create_rule(
        ListenerArn=balancer["listener"],
        Priority=5,
        Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/tea*"]}}],
        Actions=[{"Type": "fixed-response", "FixedResponseConfig": fixed}],
    )["Rules"][0]["RuleArn"]
    wait(lambda: get(balancer["name"], "/teapot", host="shop.example.com").status, 418, 15)
    fleet.elb.delete_rule(RuleArn=rule)
    stick = [{"Key": "stickiness.enabled", "Value": "true"}, {"Key": "stickiness.type", "Value": "lb_cookie"}]
    fleet.elb.modify_target_group_attributes(TargetGroupArn=balancer["target"], Attributes=stick)
    first = wait(lambda: _with_cookie(balancer), True, 15)
    cookie = first.headers["set-cookie"].partition(";")[0]
    said = {get(balancer["name"], host="shop.example.com", cookie=cookie).text for _each in range(6)}
    assert said == {first.text}
    off = [{"Key": "stickiness.enabled", "Value": "false"}]
    fleet.elb.modify_target_group_attributes(TargetGroupArn=balancer["target"], Attributes=off)


def _with_cookie(balancer: dict[str, str]) -> object:
    answer = get(balancer["name"], host="shop.example.com")
    return answer if "set-cookie" in answer.headers else None


def test_a_missing_rule_shows_in_the_health_of_targets(fleet: Fleet, balancer: dict[str, str], group: str) -> None:
    fleet.forbid(fleet.web_group, 8080, None, fleet.balancer_group)
    fleet.scaling.suspend_processes(AutoScalingGroupName=fleet.name, ScalingProcesses=["ReplaceUnhealthy"])

    def reasons() -> set[str]:
        found = fleet.elb.describe_target_health(TargetGroupArn=balancer["target"])["TargetHealthDescriptions"]
        return {one["TargetHealth"].get("Reason", "") for one in found}

    wait(reasons, {"Target.Timeout"}, 60)
    fleet.allow(fleet.web_group, 8080, None, fleet.balancer_group)
    wait(lambda: healthy(fleet, balancer), 2, 60)
    for one in members(fleet):
        fleet.scaling.set_instance_health(InstanceId=one["InstanceId"], HealthStatus="Healthy")
    fleet.scaling.resume_processes(AutoScalingGroupName=fleet.name, ScalingProcesses=["ReplaceUnhealthy"])


def test_a_terminated_machine_is_replaced(fleet: Fleet, balancer: dict[str, str], group: str) -> None:
    before = {one["InstanceId"] for one in members(fleet)}
    fleet.ec2.terminate_instances(InstanceIds=[sorted(before)[0]])
    fleet.is_in(sorted(before)[0], "terminated", 60)
    wait(lambda: healthy(fleet, balancer), 2, PATIENCE)
    after = {one["InstanceId"] for one in members(fleet)}
    assert len(after) == 2
    assert len(after - before) == 1
    assert get(balancer["name"], host="shop.example.com").status == 200


def test_scaling_in_drains_first(fleet: Fleet, balancer: dict[str, str], group: str) -> None:
    before = {one["InstanceId"] for one in members(fleet)}
    fleet.scaling.update_auto_scaling_group(AutoScalingGroupName=fleet.name, MinSize=1, DesiredCapacity=1)
    left = {one["InstanceId"] for one in members(fleet)}
    (leaving,) = before - left
    for _each in range(20):
        assert get(balancer["name"], host="shop.example.com").status == 200
    fleet.is_in(leaving, "terminated", 120)
