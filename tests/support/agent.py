"""A fleet whose machines bring themselves to a release: its image, its store, its document; by the AWS API alone."""

from __future__ import annotations

import base64
import json
import secrets
import subprocess
import time
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._fleet import model
from ansible_collections.stairway.cloud.plugins.module_utils._fleet.user_data import user_data
from ansible_collections.stairway.cloud.plugins.module_utils._kinds import _machine
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.model import Health, Service, Task

from .bodies import REGION, client, containers, wait
from .ecr import HOST, push
from .fleet import Fleet

BASE = "registry.stairway.test:5000/resee-api:1"
TINY = Path(__file__).parent / "tiny"
LOCAL = "stairway-tiny"
MIRROR = "mirror.stairway.test:5000"
PORT = 8080
PASSWORD = "p'w \"x/1&%"  # what a URL and a shell would stumble over


@dataclass
class Shop:
    """An app of one service and one database in the VPC of ``fleet``."""

    fleet: Fleet

    @property
    def name(self) -> str:
        return self.fleet.name

    ssm = cached_property(lambda self: client("ssm"))
    rds = cached_property(lambda self: client("rds"))

    def images(self, folder: Path, *versions: str) -> None:
        """Pushed into ECR, each under its version."""
        client("ecr").create_repository(repositoryName=f"{self.name}/api")
        wait(lambda: containers("registry/"))
        for version in versions:
            words = [f"--build-arg=BASE={BASE}", f"--build-arg=VERSION={version}", f"--tag={LOCAL}:{version}"]
            _docker("build", "--quiet", *words, str(TINY))
        push(f"{self.name}/api", folder, [(f"{LOCAL}:{version}", version) for version in versions])

    @property
    def image(self) -> str:
        return f"{HOST}/{self.name}/api"

    def role(self) -> str:
        """The ARN of a profile; who may what is not looked at here."""
        iam = client("iam")
        trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=policy)
        made = iam.create_instance_profile(InstanceProfileName=self.name)["InstanceProfile"]["Arn"]
        iam.add_role_to_instance_profile(InstanceProfileName=self.name, RoleName=self.name)
        return str(made)

    def store(self) -> None:
        """A PostgreSQL that nobody but its administrator knows."""
        group = self.fleet.group("store", [(5432, None, self.fleet.web_group)])
        self.rds.create_db_subnet_group(
            DBSubnetGroupName=self.name, DBSubnetGroupDescription="two zones", SubnetIds=self.fleet.subnets
        )
        admin = secrets.token_hex(12)
        self.rds.create_db_instance(
            DBInstanceIdentifier=self.name,
            Engine="postgres",
            EngineVersion="17.5",
            DBInstanceClass="db.t4g.micro",
            AllocatedStorage=20,
            MasterUsername="stairway",
            MasterUserPassword=admin,
            DBSubnetGroupName=self.name,
            VpcSecurityGroupIds=[group],
        )
        words = json.dumps({"password": PASSWORD, "admin_password": admin})
        client("secretsmanager").create_secret(Name=f"{self.name}/db", SecretString=words)
        wait(lambda: self._instance()["DBInstanceStatus"], "available")

    def _instance(self) -> dict[str, Any]:
        found: dict[str, Any] = self.rds.describe_db_instances(DBInstanceIdentifier=self.name)["DBInstances"][0]
        return found

    @property
    def host(self) -> str:
        return str(self._instance()["Endpoint"]["Address"])

    def release(self, version: str, number: int, **other: Any) -> model.Release:
        """Its document, with a new version of the environment."""
        url = f"postgresql://shop:{_quoted(PASSWORD)}@{self.host}:5432/shop?sslmode=verify-full"
        env = {"api": {"DATABASE_URL": f"{url}&sslrootcert=/etc/stairway/ca/stores.pem", "API_TOKEN": "sesame-open"}}
        keeper, name = client("secretsmanager"), f"{self.name}/fleet/env"
        keep = keeper.create_secret if number == 1 else keeper.put_secret_value
        kept = keep(**{"Name" if number == 1 else "SecretId": name}, SecretString=json.dumps(env))
        service = Service("api", "routed", self.image, Health("/health", start_seconds=20), port=8000, memory="128m")
        made = model.Release(
            app=self.name,
            release=f"r{number}",
            version=version,
            at="2026-11-21T12:00:00Z",
            by="test",
            images={"api": f"{self.image}:{version}"},
            services=(service,),
            env=model.Secret(name, kept["VersionId"]),
            tasks=(Task("migrate", "api", ("python", "tiny.py", "migrate"), 60),),
            stores=(
                model.StoreAt(
                    "db", "postgresql", "postgres:17", self.host, 5432, True, f"{self.name}/db", "shop", "shop"
                ),
            ),
            ports={"api": PORT},
            domain="shop.example.com",
        )
        return replace(made, **other)

    def publish(self, release: model.Release) -> None:
        self.ssm.put_parameter(Name=model.release_path(self.name), Value=release.text(), Type="String", Overwrite=True)

    def template(self, profile: str) -> str:
        """What a bare machine is started from; its user data as EC2 is given it."""
        given = {"app": self.name, "region": REGION, "mirrors": [f"http://{MIRROR}"], "insecure": [MIRROR]}
        nic = {"DeviceIndex": 0, "Groups": [self.fleet.web_group], "AssociatePublicIpAddress": True}
        self.fleet.ec2.create_launch_template(
            LaunchTemplateName=self.name,
            LaunchTemplateData={
                "ImageId": self.fleet.image,
                "InstanceType": "t3.small",
                "KeyName": self.name,
                "IamInstanceProfile": {"Arn": profile},
                "UserData": base64.b64encode(_machine.user_data(user_data(given))).decode(),
                "NetworkInterfaces": [nic],
            },
        )
        return self.name

    def group(self, target: str, machines: int) -> None:
        self.fleet.allow(self.fleet.web_group, PORT, None, self.fleet.balancer_group)
        self.fleet.scaling.create_auto_scaling_group(
            AutoScalingGroupName=self.name,
            LaunchTemplate={"LaunchTemplateName": self.name, "Version": "$Latest"},
            MinSize=machines,
            MaxSize=machines + 1,
            VPCZoneIdentifier=",".join(self.fleet.subnets),
            TargetGroupARNs=[target],
            HealthCheckType="ELB",
            HealthCheckGracePeriod=300,
        )

    def machines(self) -> dict[str, model.Machine]:
        """What each machine says of itself."""
        found = self.ssm.get_parameters_by_path(Path=model.machines_path(self.name))["Parameters"]
        return {one["Name"].rpartition("/")[2]: model.machine(one["Value"]) for one in found}

    def states(self, release: str) -> list[str]:
        return sorted(one.state for one in self.machines().values() if one.release == release)

    def in_place(self, instance: str) -> str:
        """What a rollout in place asks of a machine; how that ended, and what it said."""
        words = {"commands": ["python3 /usr/local/lib/stairway/agent.pyz release"]}
        sent = self.ssm.send_command(InstanceIds=[instance], DocumentName="AWS-RunShellScript", Parameters=words)
        asked = {"CommandId": sent["Command"]["CommandId"], "InstanceId": instance}
        wait(lambda: self.ssm.get_command_invocation(**asked)["Status"] not in ("Pending", "InProgress"))
        found = self.ssm.get_command_invocation(**asked)
        return f"{found['Status']}\n{found['StandardErrorContent']}"

    def clear(self) -> None:
        """What the fleet itself does not take away."""
        self.rds.delete_db_instance(DBInstanceIdentifier=self.name, SkipFinalSnapshot=True)
        for name in ("db", "fleet/env"):
            client("secretsmanager").delete_secret(SecretId=f"{self.name}/{name}", ForceDeleteWithoutRecovery=True)
        client("ecr").delete_repository(repositoryName=f"{self.name}/api", force=True)


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def _docker(*words: str) -> None:
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr


def seconds_since(begun: float) -> float:
    return round(time.monotonic() - begun, 1)
