#!/usr/bin/python
# Copyright: Stairway contributors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)

from __future__ import annotations

DOCUMENTATION = r"""
module: release_info
short_description: Say where an app stands on this host
version_added: 0.1.0
description:
  - Reads the record, the edge's switch and Docker, and changes nothing.
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
- name: Ask where the app stands
  stairway.cloud.release_info:
    app: chat
  register: standing
"""

RETURN = r"""
current:
  description: The release that serves, or null where nothing was released yet.
  returned: success
  type: dict
edge:
  description: The edge's C(mode) and the C(colour) that serves.
  returned: success
  type: dict
containers:
  description: Every container of the app's services.
  returned: success
  type: list
  elements: dict
releases:
  description: The releases that are kept, newest first.
  returned: success
  type: list
  elements: dict
text:
  description: The same, as lines for a terminal.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.standing import standing


def main() -> None:
    module = AnsibleModule(argument_spec={"app": {"type": "str", "required": True}}, supports_check_mode=True)
    try:
        found = standing(module.params["app"])
    except StairwayError as error:
        module.fail_json(**error.result())
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
