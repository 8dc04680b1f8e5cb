"""Load balancers: in each of its zones a node that runs HAProxy (``images/balancer``), with an address of its own.

The node checks targets itself, from its own address, so a security group that lets no check through shows as it does
at AWS; what it finds is what DescribeTargetHealth says.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeLoadBalancer, FakeTargetGroup

from ... import state
from .. import images, layout
from ..account import Account
from ..body import Interface, NotYet, Plain, Standing
from . import balancer_model
from .network import Vpc

START_SECONDS = 60
_REGISTERS = {
    "state": "initial",
    "reason": "Elb.RegistrationInProgress",
    "description": "Target registration is in progress",
}


@dataclass(frozen=True)
class Node:
    """One node. ``model`` is what its agent reads, as JSON."""

    name: str
    vpc: str
    address: str
    model: str

    @property
    def container(self) -> str:
        return layout.container("balancer", self.name)


class Balancers(Plain[Node]):
    """Keys are ``<balancer>-<begin of its id>/<zone>``."""

    name = "balancers"

    def __init__(self) -> None:
        _say_the_truth()

    def wanted(self, account: Account) -> dict[str, Node]:
        return {
            key: Node(
                key.replace("/", "-"),
                str(balancer.vpc_id),
                account.lease(subnet.id, key),
                json.dumps(balancer_model.of(account, backend, balancer), sort_keys=True),
            )
            for key, backend, balancer, subnet in _nodes(account)
        }

    def make(self, account: Account, key: str, spec: Node) -> None:
        network = Vpc(spec.vpc, "").network
        if not any(one["Name"] == network for one in account.docker.call("GET", "/networks")):
            raise NotYet(f"the network of {spec.vpc}")
        folder = account.folder("balancer", spec.name)
        self._write(account, spec)
        (folder / "health.json").unlink(missing_ok=True)
        account.docker.create(
            spec.container,
            {
                "Image": images.BALANCER.tag,
                "Hostname": spec.name[:63],
                "Labels": {layout.LABEL: account.number, layout.BODY: f"balancers/{key}"},
                "HostConfig": {
                    "Binds": [f"{folder}:/balancer"],
                    "RestartPolicy": {"Name": "unless-stopped"},
                    "NetworkMode": network,
                    "CapAdd": ["NET_BIND_SERVICE"],
                },
                "NetworkingConfig": {"EndpointsConfig": {network: {"IPAMConfig": {"IPv4Address": spec.address}}}},
            },
        )
        account.docker.start(spec.container)
        self._wait(account, spec)

    def change(self, account: Account, key: str, old: Node, new: Node) -> None:
        if old.address != new.address or old.vpc != new.vpc:
            self.remove(account, key, old)
            self.make(account, key, new)
        self._write(account, new)
        self._wait(account, new)

    def remove(self, account: Account, key: str, old: Node) -> None:
        account.docker.remove(old.container)
        account.release(key)

    def state(self, account: Account, bodies: Mapping[str, Standing[Node]]) -> None:
        seen: dict[str, list[dict[str, Any]]] = {}
        standing: dict[str, bool] = {}
        for key, _backend, balancer, subnet in _nodes(account):
            body = bodies.get(key)
            up = body is not None and body.serves
            standing[balancer.arn] = standing.get(balancer.arn, True) and up
            if body is not None and up and subnet.availability_zone not in account.dead_zones:
                for group, found in _health(account, body.spec).items():
                    seen.setdefault(group, []).append(found)
        for _region, backend in account.backends("elbv2"):
            for balancer in list(backend.load_balancers.values()):
                if balancer.state == "provisioning" and standing.get(balancer.arn):
                    balancer.state = "active"
            for group in list(backend.target_groups.values()):
                group.stairway_health = _together(seen.get(balancer_model.group_name(group), []))

    def interfaces(self, account: Account) -> Iterator[Interface]:
        for key, _backend, balancer, subnet in _nodes(account):
            inside = balancer.scheme == "internal"
            names = (str(balancer.dns_name).lower(),)
            yield Interface(
                owner=key,
                address=account.lease(subnet.id, key),
                vpc=str(balancer.vpc_id),
                subnet=subnet.id,
                zone=subnet.availability_zone,
                groups=tuple(sorted(balancer.security_groups or ())),
                public=None if inside else account.public_lease(key),
                names=names if inside else (),
                public_names=() if inside else names,
            )

    def _write(self, account: Account, spec: Node) -> None:
        folder = account.folder("balancer", spec.name)
        for name, text in balancer_model.certificates(account, json.loads(spec.model)).items():
            if not (folder / name).exists() or (folder / name).read_text() != text:
                state.write(folder / name, text)
        state.write(folder / "model.json", spec.model)

    def _wait(self, account: Account, spec: Node) -> None:
        """The agent has read this model when its word about health carries the model's stamp."""
        stamp = json.loads(spec.model)["stamp"]
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if _read(account, spec).get("stamp") == stamp:
                return
            time.sleep(0.1)
        raise TimeoutError(f"{spec.container} does not follow: docker logs {spec.container}")


def _nodes(account: Account) -> Iterator[tuple[str, Any, Any, Any]]:
    for _region, backend in account.backends("elbv2"):
        for balancer in list(backend.load_balancers.values()):
            if balancer.type in ("application", "network"):
                for subnet in list(balancer.subnets):
                    mark = balancer.arn.rpartition("/")[2][:6]  # another of the same name is another
                    yield f"{balancer.name}-{mark}/{subnet.availability_zone}", backend, balancer, subnet


def _read(account: Account, spec: Node) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((account.folder("balancer", spec.name) / "health.json").read_text())
    except (OSError, ValueError):
        return {}
    return found


def _health(account: Account, spec: Node) -> dict[str, Any]:
    found: dict[str, Any] = _read(account, spec).get("groups", {})
    return found


_ORDER = ("draining", "healthy", "unhealthy")


def _together(seen: list[dict[str, Any]]) -> dict[str, Any]:
    """A target is as the best of its nodes finds it, once every node has judged it: before that a request might go to
    a node that would not pass it on. Pure."""
    joined: dict[str, Any] = {}
    for target in {target for one in seen for target in one}:
        found = [one[target] for one in seen if target in one]
        states = [health["state"] for health in found]
        if "draining" not in states and ("initial" in states or len(found) < len(seen)):
            joined[target] = next((health for health in found if health["state"] == "initial"), dict(_REGISTERS))
        else:
            known = [health for health in found if health["state"] in _ORDER]
            joined[target] = min(known, key=lambda health: _ORDER.index(health["state"]))
    return joined


def _say_the_truth() -> None:
    """DescribeTargetHealth answers what nodes found; a balancer is active when its nodes stand."""
    FakeTargetGroup.stairway_health = {}  # type: ignore[attr-defined]
    FakeLoadBalancer.activate = lambda self: None  # type: ignore[method-assign]
    FakeTargetGroup.register = _register  # type: ignore[method-assign]
    ELBv2Backend.describe_target_health = _describe  # type: ignore[method-assign]


_moto_register = FakeTargetGroup.register


def _register(self: Any, targets: list[dict[str, Any]]) -> None:
    """Machines that Auto Scaling has just started are registered while they are pending."""
    pending = [self.ec2_backend.get_instance_by_id(one["Id"]) for one in targets]
    known = {one.id for one in pending if one is not None and one.state == "pending"}
    for one in targets:
        if one["Id"] in known:
            self.targets[one["Id"]] = {"Id": one["Id"], "Port": one.get("Port", self.port)}
            self.deregistered_targets.pop(one["Id"], None)
    _moto_register(self, [one for one in targets if one["Id"] not in known])


def _describe(self: Any, target_group_arn: str, targets: list[dict[str, Any]]) -> list[FakeHealthStatus]:
    group = self.target_groups.get(target_group_arn)
    if group is None:
        return _moto_describe(self, target_group_arn, targets)
    if not targets:
        leaving = [
            {"Id": key.rpartition(":")[0], "Port": key.rpartition(":")[2]}
            for key, health in group.stairway_health.items()
            if health["state"] == "draining" and key.rpartition(":")[0] not in group.targets
        ]
        targets = [*group.targets.values(), *leaving]
    return [_status(self, group, one) for one in targets]


_moto_describe = ELBv2Backend.describe_target_health


def _status(backend: Any, group: Any, target: dict[str, Any]) -> FakeHealthStatus:
    held = group.targets.get(target["Id"])
    port = str((held or target).get("Port") or group.port)
    found = group.stairway_health.get(f"{target['Id']}:{port}")
    check = group.health_check_port
    shown = port if check in (None, "traffic-port") else check
    if found is not None and (held is not None or found["state"] == "draining"):
        reason, text = found["reason"] or None, found["description"] or None
        return FakeHealthStatus(target["Id"], port, shown, found["state"], reason, text)
    answer: FakeHealthStatus = group.health_for(target, backend.ec2_backend)
    if answer.status != "healthy":
        return answer
    if not balancer_model.is_used(backend, group):
        text = "Target group is not configured to receive traffic from the load balancer"
        return FakeHealthStatus(target["Id"], port, shown, "unused", "Target.NotInUse", text)
    text = "Target registration is in progress"
    return FakeHealthStatus(target["Id"], port, shown, "initial", "Elb.RegistrationInProgress", text)
