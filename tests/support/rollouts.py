"""An app that stands on a fleet, with just what its releases touch, and everything a test does to it."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.stairway.cloud.plugins.module_utils._fleet import model
from ansible_collections.stairway.cloud.plugins.module_utils._fleet.user_data import user_data
from ansible_collections.stairway.cloud.plugins.module_utils._kinds import _machine
from rehearsal import state

from .ansible import ROOT, Played, Running
from .bodies import REGION, URL, client, containers, resolve, wait
from .ecr import push
from .fleet import Fleet, healthy
from .report import Report

IMAGE = Path(__file__).parent / "fleet_image"
BASE = "registry.stairway.test:5000/resee-api:1"
MIRROR = "mirror.stairway.test:5000"
LOCAL = "stairway-fleet-image"
NAME = "shop.example.com"
VERSIONS = ("1", "2", "3", "broken-boot", "broken-health", "broken-later")
PORT = 8080
MACHINES = int(os.environ.get("STAIRWAY_FLEET_MACHINES", "4"))


@dataclass
class Rolled:
    """The app ``fleet.name`` behind ``balancer``; its group of machines is called as its blueprint calls it."""

    fleet: Fleet
    balancer: dict[str, str]
    release: dict[str, Any] = field(default_factory=dict)

    @property
    def app(self) -> str:
        return self.fleet.name

    @property
    def group(self) -> str:
        return f"{self.app}-app"

    @property
    def folder(self) -> Path:
        return self.fleet.folder

    # -- what there is before the first release ------------------------------------------------------------------------

    def images(self) -> None:
        client("ecr").create_repository(repositoryName=f"{self.app}/api")
        wait(lambda: containers("registry/"))
        for version in VERSIONS:
            words = [f"--build-arg=BASE={BASE}", f"--build-arg=VERSION={version}", f"--tag={LOCAL}:{version}"]
            _docker("build", "--quiet", *words, str(IMAGE))
        push(f"{self.app}/api", self.folder, [(f"{LOCAL}:{version}", version) for version in VERSIONS])

    def start(self, machines: int) -> None:
        """Machines that wait for their first release, and a journal that says where the app stands."""
        given = {"app": self.app, "region": REGION, "mirrors": [f"http://{MIRROR}"], "insecure": [MIRROR]}
        nic = {"DeviceIndex": 0, "Groups": [self.fleet.web_group], "AssociatePublicIpAddress": True}
        self.fleet.allow(self.fleet.web_group, PORT, None, self.fleet.balancer_group)
        self.fleet.ec2.create_launch_template(
            LaunchTemplateName=self.group,
            LaunchTemplateData={
                "ImageId": self.fleet.image,
                "InstanceType": "t3.small",
                "KeyName": self.fleet.name,
                "IamInstanceProfile": {"Arn": self._profile()},
                "UserData": base64.b64encode(_machine.user_data(user_data(given))).decode(),
                "NetworkInterfaces": [nic],
            },
        )
        self.fleet.scaling.create_auto_scaling_group(
            AutoScalingGroupName=self.group,
            LaunchTemplate={"LaunchTemplateName": self.group, "Version": "$Latest"},
            MinSize=machines,
            MaxSize=2 * machines,
            VPCZoneIdentifier=",".join(self.fleet.subnets),
            TargetGroupARNs=[self.balancer["target"]],
            HealthCheckType="ELB",
            HealthCheckGracePeriod=300,
        )
        record = {"schema": 1, "app": self.app, "stage": "stage4", "places": {}, "endpoints": {}}
        self.put("record", json.dumps(record))

    def _profile(self) -> str:
        iam = client("iam")
        trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        iam.create_role(RoleName=self.group, AssumeRolePolicyDocument=policy)
        made = iam.create_instance_profile(InstanceProfileName=self.group)["InstanceProfile"]["Arn"]
        iam.add_role_to_instance_profile(InstanceProfileName=self.group, RoleName=self.group)
        return str(made)

    def clear(self) -> None:
        """What the fleet itself does not take away."""
        self.fleet.scaling.delete_auto_scaling_group(AutoScalingGroupName=self.group, ForceDelete=True)
        self.fleet.ec2.delete_launch_template(LaunchTemplateName=self.group)
        client("secretsmanager").delete_secret(SecretId=f"{self.app}/fleet/env", ForceDeleteWithoutRecovery=True)
        client("ecr").delete_repository(repositoryName=f"{self.app}/api", force=True)

    # -- parameters ----------------------------------------------------------------------------------------------------

    def put(self, name: str, value: str) -> None:
        client("ssm").put_parameter(Name=f"/stairway/{self.app}/{name}", Value=value, Type="String", Overwrite=True)

    def parameter(self, name: str) -> Any:
        """As JSON; None where nothing is."""
        ssm = client("ssm")
        try:
            return json.loads(ssm.get_parameter(Name=f"/stairway/{self.app}/{name}")["Parameter"]["Value"])
        except ssm.exceptions.ParameterNotFound:
            return None

    def machines(self) -> dict[str, model.Machine]:
        """What each machine that is there says of itself."""
        here = self.here()
        path = model.machines_path(self.app)
        pages = client("ssm").get_paginator("get_parameters_by_path").paginate(Path=path)
        found = {
            one["Name"].rpartition("/")[2]: model.machine(one["Value"]) for page in pages for one in page["Parameters"]
        }
        return {name: one for name, one in found.items() if name in here}

    def here(self) -> set[str]:
        group = self.fleet.scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[self.group])
        return {one["InstanceId"] for one in group["AutoScalingGroups"][0]["Instances"]}

    def versions(self) -> list[str | None]:
        """What the machines that serve say they serve."""
        return sorted(one.version or "" for one in self.machines().values() if one.state == "serving")  # type: ignore[return-value]

    def healthy(self) -> int:
        """As many as the balancer finds healthy."""
        return healthy(self.fleet, self.balancer)

    # -- playbooks -----------------------------------------------------------------------------------------------------

    def inventory(self, **fleet: Any) -> Path:
        """The app's description; ``fleet`` is ``app.release.fleet``."""
        folder = self.folder / "inventory"
        (folder / "group_vars" / "all").mkdir(parents=True, exist_ok=True)
        (folder / "hosts.yml").write_text("all: {}\n")
        service = {"image": f"registry.example.com/{self.app}-api", "port": PORT, "memory": "128m", "stop_seconds": 5}
        app = {
            "name": self.app,
            "domains": [NAME],
            "services": {"api": {**service, "health": {"path": "/health", "start_seconds": 15}}},
            "tasks": [{"name": "migrate", "service": "api", "command": ["python", "serve.py", "migrate"]}],
            "env": {"COLOUR": "blue"},
            "release": {
                "watch_seconds": 5,
                "drain_seconds": 5,
                **self.release,
                "fleet": {"timeout_seconds": 240, **fleet},
            },
            "cloud": {"region": REGION},
        }
        text = yaml.safe_dump({"app": app, "aws_endpoint_url": URL})
        (folder / "group_vars" / "all" / "app.yml").write_text(text)
        return folder

    def begin(self, playbook: str, *more: str, **fleet: Any) -> Running:
        folder = self.inventory(**fleet)
        ansible = str(ROOT / ".venv" / "bin" / "ansible-playbook")
        return Running(["nice", "-n", "5", ansible, f"playbooks/{playbook}", "-i", str(folder), *more])

    def play(self, playbook: str, *more: str, seconds: float = 1200, **fleet: Any) -> Played:
        return self.begin(playbook, *more, **fleet).wait(seconds)

    def good(self, version: str, **fleet: Any) -> Played:
        played = self.play("release.yml", "-e", f"version={version}", **fleet)
        assert played.rc == 0, played.tail()
        assert set(self.versions()) == {version}, played.tail()
        return played

    # -- load ----------------------------------------------------------------------------------------------------------

    @contextmanager
    def load(self, rate: float, seconds: float = 1800) -> Iterator[Loaded]:
        out = self.folder / f"load-{time.monotonic_ns()}.json"
        words = ["--ip", resolve(self.balancer["name"])[0], "--rate", f"{rate:g}", "--seconds", f"{seconds:g}"]
        argv = [sys.executable, "-m", "tests.support.load", f"https://{NAME}/", *words, "--mix", "GET /:1"]
        process = subprocess.Popen([*argv, "--ca", str(state.CA), "--json", str(out)], cwd=ROOT, text=True)
        loaded = Loaded()
        try:
            yield loaded
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
            loaded.report = Report.load(out)
        finally:
            process.kill()


@dataclass
class Loaded:
    """A load's report, once it is over."""

    report: Report = field(default_factory=lambda: Report(()))


def _docker(*words: str) -> None:
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
