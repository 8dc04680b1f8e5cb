"""Plays the peer's stage 4 of shop (``benchmarks/peers/stage4_amazon_aws.yml``) on an account that our apply made."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._aws.account import Account
from tests.support.ansible import ROOT, Played, environment
from tests.support.aws.emulators import CREDENTIALS, Emulator
from tests.support.peers import peers_programs

PLAYBOOK = ROOT / "benchmarks" / "peers" / "stage4_amazon_aws.yml"
SECRETS = {"db": "rds/ecommerce/password", "jwt": "jwt/signing-key", "cache": "shop/cache"}


def given(aws: Account) -> dict[str, Any]:
    """The variables of the playbook that nobody can know before there is an account with these resources."""
    account = aws.account_id
    addresses = aws.call("ec2", "describe_addresses", Filters=[{"Name": "tag:stairway:app", "Values": ["shop"]}])
    template = aws.call("ec2", "describe_launch_template_versions", LaunchTemplateName="shop-app", Versions=["1"])
    alarm = aws.call("cloudwatch", "describe_alarms", AlarmNames=["shop-cache-memory-cache"])["MetricAlarms"][0]
    return {
        "account_id": account,
        "nat_address": addresses["Addresses"][0]["PublicIp"],
        "image_id": template["LaunchTemplateVersions"][0]["LaunchTemplateData"]["ImageId"],
        "certificate_arn": aws.call("acm", "list_certificates")["CertificateSummaryList"][0]["CertificateArn"],
        "cache_dimensions": {one["Name"]: one["Value"] for one in alarm["Dimensions"]},
        "secret_values": {name: _secret(aws, path) for name, path in SECRETS.items()},
        "role_policies": {
            name: _policy(aws, name)
            for name in aws.pages("iam", "list_role_policies", "PolicyNames", RoleName="shop-app")
        },
        "bucket_policies": {name: _bucket_policy(aws, f"ecommerce-{name}-{account}") for name in ("data", "static")},
        "database_host": _parameter(aws, "/ecommerce/prod/db-host"),
        "cache_host": _parameter(aws, "/ecommerce/prod/redis-host"),
    }


def play(emulator: Emulator, variables: Path, *more: str, **settings: str) -> Played:
    """One run with our ansible.cfg, as «careful users» have pipelining on."""
    argv = [str(peers_programs() / "ansible-playbook"), "-i", "localhost,", str(PLAYBOOK), "-e", f"@{variables}", *more]
    env = {**environment(), **CREDENTIALS, "AWS_ENDPOINT_URL": emulator.url, **settings}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    begun = time.time()
    done = subprocess.run(
        argv, cwd=ROOT, env=env, text=True, capture_output=True, stdin=subprocess.DEVNULL, check=False
    )
    return Played(tuple(argv), done.returncode, done.stdout + done.stderr, begun, time.time())


def verdicts(emulator: Emulator, variables: Path) -> tuple[set[str], int]:
    """What the peer would change, by the names of our entries, and how many module calls that took."""
    played = play(emulator, variables, "--check", ANSIBLE_STDOUT_CALLBACK="ansible.posix.json")
    if played.rc:
        raise AssertionError(played.tail())
    tasks = json.loads(played.output[played.output.index("{") :].rpartition("}")[0] + "}")["plays"][0]["tasks"]
    results = [(task["task"]["name"], task["hosts"]["localhost"]) for task in tasks]
    # those of info modules stand in for what a module does not tell in check mode
    real = [(name, result) for name, result in results if not result["action"].endswith("_info")]
    each = [(name, one) for name, result in real for one in result.get("results", [result])]
    return {_key(name, one) for name, one in each if one.get("changed")}, len(each)


def _key(task: str, result: Mapping[str, Any]) -> str:
    """A task called by a kind has the entry's name in its loop."""
    return task if "/" in task else f"{task}/{result['item']['name']}"


def _secret(aws: Account, path: str) -> Any:
    return json.loads(aws.call("secretsmanager", "get_secret_value", SecretId=path)["SecretString"])


def _policy(aws: Account, name: str) -> Any:
    return aws.call("iam", "get_role_policy", RoleName="shop-app", PolicyName=name)["PolicyDocument"]


def _bucket_policy(aws: Account, name: str) -> Any:
    return json.loads(aws.call("s3", "get_bucket_policy", Bucket=name)["Policy"])


def _parameter(aws: Account, path: str) -> str:
    return str(aws.call("ssm", "get_parameter", Name=path)["Parameter"]["Value"])
