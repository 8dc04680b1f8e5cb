#!/usr/bin/python
# Copyright: Stairway contributors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)

from __future__ import annotations

DOCUMENTATION = r"""
module: stores
short_description: Run an app's databases and caches on this host, in a compose project of their own
version_added: 0.1.0
description:
  - Starts the stores of an app that live in containers and waits until each is healthy. A release never touches them.
  - Does nothing when all of them run and O(changed) is false.
author: Stairway contributors (@stairway)
attributes:
  check_mode:
    description: Says whether the project would be started, also on a bare host.
    support: full
  diff_mode:
    description: The project's file is shown by the task that writes it.
    support: none
options:
  app:
    description: The app's name, which is also the name of its Docker network.
    type: str
    required: true
  file:
    description: The compose file on the host.
    type: path
    required: true
  services:
    description: The names of the stores in it. With none of them the module only sees to the network.
    type: list
    elements: str
    required: true
  changed:
    description: Whether something the stores read has changed, so that Compose has to look again.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Start the stores
  stairway.cloud.stores:
    app: chat
    file: /etc/stairway/chat/stores/compose.yml
    services: [db, cache]
"""

RETURN = r"""
services:
  description: The stores that run.
  returned: success
  type: list
  elements: str
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import (
    StairwayError,
)
from ansible_collections.stairway.cloud.plugins.module_utils._docker import compose
from ansible_collections.stairway.cloud.plugins.module_utils._docker.engine import (
    Docker,
)


def converge(app: str, project: compose.Project, services: set[str], *, changed: bool) -> bool:
    """Bring network and stores up; whether anything was done."""
    created = Docker().ensure_network(app, {"stairway.app": app})
    if not services or (not changed and compose.stands(project, services)):
        return created
    compose.up(project, services)
    return True


def would_change(project: compose.Project, services: set[str], *, changed: bool) -> bool:
    """The same, asked only; on a host without Docker everything is still to be done."""
    try:
        return changed or not compose.stands(project, services)
    except StairwayError:
        return True


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "app": {"type": "str", "required": True},
            "file": {"type": "path", "required": True},
            "services": {"type": "list", "elements": "str", "required": True},
            "changed": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    app, changed = module.params["app"], module.params["changed"]
    project = compose.Project(f"{app}-stores", Path(module.params["file"]))
    services = set(module.params["services"])
    try:
        if module.check_mode:
            done = would_change(project, services, changed=changed)
        else:
            done = converge(app, project, services, changed=changed)
    except StairwayError as error:
        module.fail_json(**error.result())
    module.exit_json(changed=done, services=sorted(services))


if __name__ == "__main__":
    main()
