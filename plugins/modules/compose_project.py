#!/usr/bin/python
# Copyright: Stairway contributors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)

from __future__ import annotations

DOCUMENTATION = r"""
module: compose_project
short_description: Run a compose project and wait until it is healthy
version_added: 0.1.0
description:
  - Starts exactly the given services of a compose file and waits until each is healthy. The stores of an app on a host
    are such a project, which a release never touches; so is a whole app on a laptop (stage 0).
  - Works with C(docker compose) and with C(docker-compose) 1.29, which is all that Debian 12 has.
author: Stairway contributors (@stairway)
attributes:
  check_mode:
    description: Says whether the project would be started, also on a bare host.
    support: full
  diff_mode:
    description: The project's file is shown by the task that writes it.
    support: none
options:
  name:
    description: The project's name.
    type: str
    required: true
  file:
    description: The compose file.
    type: path
    required: true
  services:
    description: The services that shall run. With none of them the module only sees to O(network).
    type: list
    elements: str
    required: true
  network:
    description: A Docker network that has to be there before, because the project names it as external.
    type: str
  tasks:
    description: Services of the profile C(tasks) that run once, in this order, before the others start.
    type: list
    elements: str
    default: []
  build:
    description: Build first what has a build context.
    type: bool
    default: false
  changed_paths:
    description:
      - Files that have changed. A service is started again when one lies in the folder of its name beside O(file).
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Start the stores
  stairway.cloud.compose_project:
    name: chat-stores
    file: /etc/stairway/chat/stores/compose.yml
    services: [db, cache]
    network: chat
"""

RETURN = r"""
services:
  description: The services that run.
  returned: success
  type: list
  elements: str
"""

from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._docker import compose
from ansible_collections.stairway.cloud.plugins.module_utils._docker.engine import Docker


def converge(project: compose.Project, options: dict[str, Any]) -> bool:
    """Bring network and project up; whether anything was done."""
    network = options["network"]
    created = bool(network) and Docker().ensure_network(network, {"stairway.network": network})
    services = set(options["services"])
    if not services:
        return created
    changed = compose.converge(
        project,
        services,
        changed_paths=options["changed_paths"],
        tasks=options["tasks"],
        build=options["build"],
    )
    return created or changed


def would_change(project: compose.Project, options: dict[str, Any]) -> bool:
    """The same, asked only; on a host without Docker everything is still to be done."""
    try:
        return bool(options["changed_paths"]) or not compose.stands(project, set(options["services"]))
    except StairwayError:
        return True


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "file": {"type": "path", "required": True},
            "services": {"type": "list", "elements": "str", "required": True},
            "network": {"type": "str"},
            "tasks": {"type": "list", "elements": "str", "default": []},
            "build": {"type": "bool", "default": False},
            "changed_paths": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    project = compose.Project(module.params["name"], Path(module.params["file"]))
    act = would_change if module.check_mode else converge
    try:
        changed = act(project, module.params)
    except StairwayError as error:
        module.fail_json(**error.result())
    module.exit_json(changed=changed, services=sorted(module.params["services"]))


if __name__ == "__main__":
    main()
