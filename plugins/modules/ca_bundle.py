#!/usr/bin/python
# Copyright: Stairway contributors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)

from __future__ import annotations

DOCUMENTATION = r"""
module: ca_bundle
short_description: Bring the authorities that sign for managed stores to a host
version_added: 0.1.0
description:
  - Writes C(stores.pem), and beside it C(stores.jks) for JVMs, into a folder that containers see at the same path.
  - A bundle that is there is left alone until it is as old as O(max_age_days); AWS adds authorities years ahead.
author: Stairway contributors (@stairway)
attributes:
  check_mode:
    description: Says whether the bundle would be written.
    support: full
  diff_mode:
    description: Shows what would change or has changed.
    support: none
options:
  url:
    description: Where the bundle is.
    type: str
    default: https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem
  content:
    description: The bundle itself, in the place of O(url).
    type: str
  folder:
    description: The folder.
    type: path
    default: /etc/stairway/ca
  max_age_days:
    description: How old the bundle may get.
    type: int
    default: 90
"""

EXAMPLES = r"""
- name: Bring the authorities
  stairway.cloud.ca_bundle:
"""

RETURN = r"""
path:
  description: The bundle.
  returned: success
  type: str
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._stores.authorities import bring


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "url": {"type": "str", "default": "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem"},
            "content": {"type": "str"},
            "folder": {"type": "path", "default": "/etc/stairway/ca"},
            "max_age_days": {"type": "int", "default": 90},
        },
        supports_check_mode=True,
    )
    given = module.params
    folder = Path(given["folder"])
    try:
        changed = bring(
            folder,
            url=given["url"],
            content=given["content"],
            max_age_seconds=given["max_age_days"] * 86400,
            check_mode=module.check_mode,
        )
    except StairwayError as error:
        module.fail_json(**error.result())
    module.exit_json(changed=changed, path=str(folder / "stores.pem"))


if __name__ == "__main__":
    main()
