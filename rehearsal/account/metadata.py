"""The instance metadata service, version 2: whoever asks is known by the address it asks from.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-categories.html
"""

from __future__ import annotations

import base64
import datetime
import json
import secrets
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from moto.backends import get_backend

from . import layout
from .account import Account
from .bodies.instances import instances

VERSIONS = ("1.0", "2016-09-02", "2018-09-24", "2021-03-23", "2021-07-15", "latest")
_TTL = "X-aws-ec2-metadata-token-ttl-seconds"
_TOKEN = "X-aws-ec2-metadata-token"  # noqa: S105 - the name of a header
_KEY = """-----BEGIN PKCS7-----
none: the rehearsal cannot sign for AWS
-----END PKCS7-----"""


def serve(account: Account, address: tuple[str, int]) -> ThreadingHTTPServer:
    """A server that already runs."""

    class Service(_Service):
        pass

    Service.account = account
    Service.tokens = {}
    server = ThreadingHTTPServer(address, Service)
    threading.Thread(target=server.serve_forever, name="metadata", daemon=True).start()
    return server


class _Service(BaseHTTPRequestHandler):
    account: Account
    tokens: dict[str, tuple[str, float]]  # token -> who may use it, and until when
    protocol_version = "HTTP/1.1"
    server_version = "EC2ws"

    def do_PUT(self) -> None:
        try:
            seconds = int(self.headers.get(_TTL, ""))
        except ValueError:
            return self._say(400, "")
        if self.path != "/latest/api/token" or not 1 <= seconds <= 21600 or self.headers.get("X-Forwarded-For"):
            return self._say(403 if self.headers.get("X-Forwarded-For") else 400, "")
        token = secrets.token_urlsafe(40)
        self.tokens[token] = (self.client_address[0], time.monotonic() + seconds)
        return self._say(200, token, {_TTL: str(seconds)})

    def do_GET(self) -> None:
        instance = next((one for one in _there(self.account) if one.private_ip == self.client_address[0]), None)
        if instance is None:
            return self._say(404, "no instance has this address")
        options = instance.metadata_options
        if options.http_endpoint == "disabled":
            return self._say(403, "")
        token = self.headers.get(_TOKEN)
        if (token is not None or options.http_tokens == "required") and not self._valid(token or ""):
            return self._say(401, "")
        version, _, path = self.path.partition("?")[0].strip("/").partition("/")
        if not version:
            return self._say(200, "\n".join(VERSIONS))
        if version not in VERSIONS:
            return self._say(404, "")
        found = look_up(tree(self.account, instance), path)
        return self._say(404, "") if found is None else self._say(200, found)

    def _valid(self, token: str) -> bool:
        owner, until = self.tokens.get(token, ("", 0.0))
        return owner == self.client_address[0] and time.monotonic() < until

    def _say(self, status: int, text: str | bytes, headers: dict[str, str] | None = None) -> None:
        body = text.encode() if isinstance(text, str) else text
        self.send_response(status)
        for name, value in {"Content-Type": "text/plain", "Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        """Nothing: who asks for credentials asks often."""


def _there(account: Account) -> Iterator[Any]:
    """Without those that are gone: another machine may have their address by now."""
    return (one for one in instances(account) if one._state.name != "terminated")


def look_up(found: Any, path: str) -> str | bytes | None:
    """What a path of the tree says: a text, or a list of what is below it. Pure."""
    for part in [one for one in path.split("/") if one]:
        if not isinstance(found, dict) or part not in found:
            return None
        found = found[part]
    if isinstance(found, _Keys):
        return f"0={found.name}"
    if isinstance(found, dict):
        return "\n".join(f"{name}/" if isinstance(below, dict) else name for name, below in found.items())
    return found if isinstance(found, bytes) else None if found is None else str(found)


def tree(account: Account, instance: Any) -> dict[str, Any]:
    """Everything the service says to an instance."""
    data = _without_nothing(_meta_data(account, instance))
    dynamic = {"instance-identity": {"document": json.dumps(_identity(account, instance), indent=2), "pkcs7": _KEY}}
    shown: dict[str, Any] = {"dynamic": dynamic, "meta-data": data}
    if instance.user_data:
        shown["user-data"] = _user_data(instance.user_data)
    return shown


def _user_data(given: Any) -> bytes:
    """As the machine gets it: what the API was given, decoded once."""
    return base64.b64decode(str(given))


def _meta_data(account: Account, instance: Any) -> dict[str, Any]:
    eni = instance.nics[0]
    mac = eni.mac_address
    interface = {
        "device-number": "0",
        "interface-id": eni.id,
        "local-hostname": instance.private_dns_name,
        "local-ipv4s": eni.private_ip_address,
        "mac": mac,
        "owner-id": account.number,
        "public-ipv4s": eni.public_ip,
        "security-group-ids": "\n".join(sorted(group.id for group in eni.group_set)),
        "security-groups": "\n".join(sorted(group.name for group in eni.group_set)),
        "subnet-id": eni.subnet.id,
        "subnet-ipv4-cidr-block": eni.subnet.cidr_block,
        "vpc-id": eni.subnet.vpc_id,
    }
    tags = {one["key"]: one["value"] for one in instance.get_tags() if not one["key"].startswith("aws:")}
    key = _public_key(instance)
    return {
        "ami-id": instance.image_id,
        "ami-launch-index": "0",
        "autoscaling": {"target-lifecycle-state": _lifecycle(instance)} if _lifecycle(instance) else None,
        "hostname": instance.private_dns_name,
        "iam": _iam(account, instance),
        "instance-action": "none",
        "instance-id": instance.id,
        "instance-life-cycle": instance.lifecycle or "on-demand",
        "instance-type": instance.instance_type,
        "local-hostname": instance.private_dns_name,
        "local-ipv4": eni.private_ip_address,
        "mac": mac,
        "network": {"interfaces": {"macs": {mac: interface}}},
        "placement": {
            "availability-zone": instance.placement.zone,
            "region": instance.region_name,
        },
        "public-hostname": instance.public_dns_name,
        "public-ipv4": eni.public_ip,
        "public-keys": _Keys({"0": {"openssh-key": key}}, instance.key_name) if key else None,
        "reservation-id": "r-" + instance.id[2:],
        "security-groups": "\n".join(sorted(group.name for group in eni.group_set)),
        "services": {"domain": "amazonaws.com", "partition": "aws"},
        "tags": {"instance": tags} if instance.metadata_options.instance_metadata_tags == "enabled" else None,
    }


def _lifecycle(instance: Any) -> str | None:
    return "InService" if getattr(instance, "autoscaling_group", None) is not None else None


class _Keys(dict[str, Any]):
    """The list of keys alone names them otherwise than the paths below it."""

    def __init__(self, below: dict[str, Any], name: str) -> None:
        super().__init__(below)
        self.name = name


def _without_nothing(found: Any) -> Any:
    if isinstance(found, dict) and not isinstance(found, _Keys):
        return {name: _without_nothing(below) for name, below in found.items() if below is not None}
    return found


def _public_key(instance: Any) -> str | None:
    pair = instance.ec2_backend.key_pairs.get(instance.key_name)
    return pair.public_key.strip() if pair else None


def _iam(account: Account, instance: Any) -> dict[str, Any] | None:
    profile = instance.iam_instance_profile
    if not profile:
        return None
    arn = str(profile.get("Arn") or "") if isinstance(profile, dict) else str(getattr(profile, "arn", profile))
    name = (isinstance(profile, dict) and profile.get("Name")) or arn.rpartition("/")[2]
    for _region, backend in account.backends("iam"):
        for one in list(backend.instance_profiles.values()):
            if one.name == name and one.roles:
                role = one.roles[0]
                info = {"Code": "Success", "InstanceProfileArn": one.arn, "InstanceProfileId": one.id}
                credentials = {role.name: json.dumps(_credentials(account, role, instance))}
                return {"info": json.dumps(info), "security-credentials": credentials}
    return None


_given: dict[tuple[str, str], dict[str, str]] = {}


def _credentials(account: Account, role: Any, instance: Any) -> dict[str, str]:
    """Keys of the role, good for six hours and renewed after five, and known to moto's STS."""
    now = datetime.datetime.now(datetime.timezone.utc)
    known = _given.get((instance.id, role.name))
    if known is None or known["LastUpdated"] < _stamp(now - datetime.timedelta(hours=5)):
        assumed = get_backend("sts")[account.number]["aws"].assume_role(
            region_name=instance.region_name,
            role_session_name=instance.id,
            role_arn=role.arn,
            policy="",
            duration=21600,
            external_id="",
        )
        known = {
            "Code": "Success",
            "LastUpdated": _stamp(now),
            "Type": "AWS-HMAC",
            "AccessKeyId": assumed.access_key_id,
            "SecretAccessKey": assumed.secret_access_key,
            "Token": assumed.session_token,
            "Expiration": _stamp(now + datetime.timedelta(hours=6)),
        }
        _given[instance.id, role.name] = known
    return known


def _identity(account: Account, instance: Any) -> dict[str, Any]:
    return {
        "accountId": account.number,
        "architecture": instance.architecture,
        "availabilityZone": instance.placement.zone,
        "billingProducts": None,
        "imageId": instance.image_id,
        "instanceId": instance.id,
        "instanceType": instance.instance_type,
        "kernelId": None,
        "pendingTime": instance.launch_time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "privateIp": instance.private_ip,
        "ramdiskId": None,
        "region": instance.region_name,
        "version": "2017-09-30",
    }


def _stamp(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


ADDRESS = (str(layout.GATEWAY), layout.IMDS_PORT)
