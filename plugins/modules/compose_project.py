#!/usr/bin/python
# Copyright: Stairway contributors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)

from __future__ import annotations

DOCUMENTATION = r"""
module: compose_project
short_description: Write the files of a compose project, run it, and wait until it is healthy
version_added: 0.1.0
description:
  - Starts exactly the given services of a compose file and waits until each is healthy. The stores of an app on a host
    are such a project, which a release never touches; so is a whole app on a laptop (stage 0).
  - Its files go in first, in the same call. Compose sees a new compose file by itself; a service is started again when
    another file in the folder of its name beside O(file) changed. A run that was cut off between files and services is
    made good by the next one.
  - Works with C(docker compose) and with C(docker-compose) 1.29, which is all that Debian 12 has.
author: Stairway contributors (@stairway)
attributes:
  check_mode:
    description: Says whether the project would be started, also on a bare host.
    support: full
  diff_mode:
    description: Shows each file; never the content of a secret.
    support: full
extends_documentation_fragment: stairway.cloud.entries
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
"""

EXAMPLES = r"""
- name: Start the stores
  stairway.cloud.compose_project:
    name: chat-stores
    file: /etc/stairway/chat/stores/compose.yml
    services: [db, cache]
    network: chat
    entries:
      - path: /etc/stairway/chat/stores/compose.yml
        content: "{{ lookup('ansible.builtin.template', 'compose.yml.j2') }}"
        mode: "0600"
"""

RETURN = r"""
services:
  description: The services that run.
  returned: success
  type: list
  elements: str
changed_paths:
  description: The files that changed.
  returned: success
  type: list
  elements: str
error:
  description: The parts of the message.
  returned: failure
  type: dict
"""

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._common.quiet import QuietModule
from ansible_collections.stairway.cloud.plugins.module_utils._project.arguments import SPEC, parse
from ansible_collections.stairway.cloud.plugins.module_utils._project.converge import converge


def main() -> None:
    """Run the module."""
    module = QuietModule(argument_spec=SPEC, supports_check_mode=True)
    try:
        result = converge(parse(module.params), check_mode=module.check_mode)
    except StairwayError as error:
        module.fail_json(**error.result())
    for note in result.pop("notes"):
        module.warn(note)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
