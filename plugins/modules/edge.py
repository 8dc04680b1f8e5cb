#!/usr/bin/python
# Copyright: the Stairway contributors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Let requests through, let them wait, or answer them with a maintenance page."""

from __future__ import annotations

DOCUMENTATION = r"""
module: edge
short_description: Let the requests of an app through, let them wait, or show a maintenance page
version_added: 0.1.0
author:
  - The Stairway contributors (@stairway-cloud)
description:
  - Sets what the edge of a host (Caddy or Nginx) does with the requests of an app. Nothing is reloaded, and no
    connection is cut.
  - A hold is bounded. It ends by itself after O(seconds), and with the host, also when nobody ends it.
attributes:
  check_mode:
    description: Tells what would change.
    support: full
  diff_mode:
    description: Shows the state before and after, and the pages that change.
    support: full
  platform:
    description: Debian and Ubuntu, Python 3.10 or later, systemd.
    support: full
    platforms: debian
options:
  app:
    description: Name of the app.
    type: str
    required: true
  state:
    description:
      - V(serving) lets every request through, and what waited too.
      - V(holding) lets every request wait, and none is lost or executed twice.
      - V(maintenance) answers 503 with C(Retry-After) and a page. It lasts until someone ends it, over a reboot too.
    type: str
    choices: [serving, holding, maintenance]
    default: serving
  seconds:
    description: How long requests wait at most with O(state=holding), 1 to 300.
    type: int
    default: 30
  text:
    description: Plain text for the maintenance page. Without it a page that is there stays as it is.
    type: str
"""

EXAMPLES = r"""
- name: Show a maintenance page
  stairway.cloud.edge:
    app: chat
    state: maintenance
    text: We move to a bigger house. Back at 04:00.

- name: Let requests wait while the data is cut over
  stairway.cloud.edge:
    app: chat
    state: holding
    seconds: 20

- name: Let them through again
  stairway.cloud.edge:
    app: chat
    state: serving
"""

RETURN = r"""
state:
  description: What the edge does now, or would do.
  returned: success
  type: str
  sample: serving
colour:
  description: The colour that serves.
  returned: success
  type: str
  sample: green
released:
  description: What became of the requests that waited.
  returned: when a hold was ended
  type: dict
  sample: {held: 50, forwarded: 50, refused: 0, dropped: 0, expired: false, held_seconds: 3.0}
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._edge.modes import Wish, converge


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "app": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["serving", "holding", "maintenance"], "default": "serving"},
            "seconds": {"type": "int", "default": 30},
            "text": {"type": "str"},
        },
        supports_check_mode=True,
    )
    params = module.params
    wish = Wish(params["app"], params["state"], params["seconds"], params["text"])
    try:
        result = converge(wish, check_mode=module.check_mode)
    except StairwayError as error:
        module.fail_json(**error.result())
    module.exit_json(**result)


if __name__ == "__main__":
    main()
