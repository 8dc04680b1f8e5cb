#!/usr/bin/python
# Copyright: Stairway contributors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)

from __future__ import annotations

DOCUMENTATION = r"""
module: move_info
short_description: Say which stores of an app are on their way, or have moved
version_added: 0.1.0
description:
  - Reads the journals of moves on this host, and changes nothing.
author: Stairway contributors (@stairway)
attributes:
  check_mode:
    description: It only reads.
    support: full
  diff_mode:
    description: It changes nothing.
    support: none
options:
  app:
    description: The app's name.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Ask which stores are on their way
  stairway.cloud.move_info:
    app: chat
  register: moves
"""

RETURN = r"""
moves:
  description: For each store its last move, C(state), C(source), C(target), the C(step) that it has come to, whether a
    C(way_back) is kept, until when the source is, and the place that was C(left) with what takes no writes.
  returned: success
  type: list
  elements: dict
text:
  description: The same, as lines for a terminal, with what to type next.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._moves.standing import standing


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec={"app": {"type": "str", "required": True}}, supports_check_mode=True)
    try:
        found = standing(module.params["app"])
    except StairwayError as error:
        module.fail_json(**error.result())
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
