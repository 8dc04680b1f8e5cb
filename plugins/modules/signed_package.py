#!/usr/bin/python
# Copyright: Stairway contributors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Install a Debian package that its publisher has signed."""

from __future__ import annotations

DOCUMENTATION = r"""
module: signed_package
short_description: Install a Debian package that its publisher has signed
version_added: 0.1.0
description:
  - Fetches a package, its detached signature and its publisher's key, and installs the package when the signature is
    that of the key with the given fingerprint. Nothing is installed before that.
  - A package of that name that is there is left alone, in any version.
author: Stairway contributors (@stairway)
attributes:
  check_mode:
    description: Says whether the package would be installed; fetches nothing.
    support: full
  diff_mode:
    description: Shows the version before and after.
    support: full
options:
  name:
    description: The name of the package.
    type: str
    required: true
  url:
    description: Where it is. C({arch}) stands for the host's architecture, such as C(amd64).
    type: str
    required: true
  signature_url:
    description: Where its signature is. By default O(url) with C(.sig) behind it.
    type: str
    default: ''
  key_url:
    description: Where the publisher's public key is. It is believed for its fingerprint only.
    type: str
    required: true
  fingerprint:
    description: The fingerprint of that key, with or without blanks.
    type: str
    required: true
  lock_seconds:
    description: How long to wait for another program that installs packages.
    type: int
    default: 300
"""

EXAMPLES = r"""
- name: Install | The agent
  stairway.cloud.signed_package:
    name: amazon-cloudwatch-agent
    url: https://amazoncloudwatch-agent.s3.amazonaws.com/debian/{arch}/latest/amazon-cloudwatch-agent.deb
    key_url: https://amazoncloudwatch-agent.s3.amazonaws.com/assets/amazon-cloudwatch-agent.gpg
    fingerprint: 9376 16F3 450B 7D80 6CBD 9725 D581 6730 3B78 9C72
"""

RETURN = r"""
version:
  description: The version that is installed.
  returned: when it is installed
  type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._signed.install import install, installed
from ansible_collections.stairway.cloud.plugins.module_utils._signed.model import Signed, plain


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "url": {"type": "str", "required": True},
            "signature_url": {"type": "str", "default": ""},
            "key_url": {"type": "str", "required": True, "no_log": False},
            "fingerprint": {"type": "str", "required": True},
            "lock_seconds": {"type": "int", "default": 300},
        },
        supports_check_mode=True,
    )
    given = module.params
    wanted = Signed(*(given[name] for name in ("name", "url", "signature_url", "key_url", "fingerprint")))
    try:
        plain(wanted.fingerprint)
        before = after = installed(wanted.name)
        if before is None and not module.check_mode:
            for note in install(wanted, lock_seconds=given["lock_seconds"]):
                module.warn(note)
            after = installed(wanted.name)
    except StairwayError as error:
        module.fail_json(**error.result())
    shown = after or (wanted.url if before is None else before)
    diff = {"before": f"{before or 'nothing'}\n", "after": f"{shown}\n"}
    module.exit_json(changed=before is None, version=after, diff=diff)


if __name__ == "__main__":
    main()
