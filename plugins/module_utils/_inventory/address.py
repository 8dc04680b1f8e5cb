"""How Ansible reaches an instance."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

PUBLIC = ("public_ip_address", "private_ip_address", "ipv6_address")
PRIVATE = ("private_ip_address", "ipv6_address")
# https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-getting-started-enable-ssh-connections.html
SSM = (
    "aws ssm start-session --target %h --document-name AWS-StartSSHSession --parameters portNumber=%p --region {region}"
)


def variables(instance: Mapping[str, Any], address: str, profile: str | None = None) -> dict[str, Any]:
    """``ansible_host`` and what goes with it; empty when the instance has no address, such as a stopped one's public.

    ``address`` is ``public``, ``private`` or ``ssm``. Nothing of it comes from a tag.
    """
    if address == "ssm":
        command = SSM.format(region=shlex.quote(str(instance.get("region", ""))))
        if profile:
            command += f" --profile {shlex.quote(profile)}"
        return {
            "ansible_host": instance["instance_id"],
            "ansible_connection": "ssh",
            "ansible_ssh_common_args": f"-o ProxyCommand={shlex.quote(command)}",
        }
    for name in PUBLIC if address == "public" else PRIVATE:
        if instance.get(name):
            return {"ansible_host": instance[name]}
    return {}
