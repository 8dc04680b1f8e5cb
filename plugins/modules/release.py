#!/usr/bin/python
# Copyright: Stairway contributors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)

from __future__ import annotations

DOCUMENTATION = r"""
module: release
short_description: Release a version of an app on this host without dropping a request
version_added: 0.1.0
description:
  - Brings one version of an app's services into service on the host it runs on, or returns to the last good one.
  - The order is fixed. Take the lock; pull by digest; run the release tasks once; start the new colour beside the old;
    wait for its health; switch the edge; watch; drain and stop the old colour; keep the newest releases.
  - If anything fails before the switch, the old colour never noticed. If health drops within C(watch_seconds) after it,
    the edge switches back. A run that is cut off anywhere is made good by the next one.
  - The environment of a service is read from C(/etc/stairway/<app>/env/<service>), so no secret passes through here.
    Each release keeps a copy of it in C(/etc/stairway/<app>/settings/<number>).
author: Stairway contributors (@stairway)
attributes:
  check_mode:
    description: Says whether a release would be made, also on a bare host.
    support: full
  diff_mode:
    description: Shows the version before and after.
    support: full
options:
  state:
    description: V(present) releases O(version); V(rolled_back) returns to the last good release before the current one,
      with the environment of the one that serves.
    type: str
    choices: [present, rolled_back]
    default: present
  document:
    description: The C(release) part of the C(stairway) fact, as M(stairway.cloud.app) makes it.
    type: dict
    required: true
  version:
    description: The version to release, which is the tag of the images. Without it the version that runs now.
    type: str
  first_version:
    description: The version to release where none runs yet and O(version) is not given.
    type: str
  again:
    description: Release also when the same version with the same settings already runs.
    type: bool
    default: false
  actor:
    description: Who releases; stands in the record, the lock and the notice.
    type: str
    default: unknown
  slack_webhook:
    description: Where the notice of success, failure or rollback is sent.
    type: str
  lock_seconds:
    description: After this time the next run takes the lock over, in seconds.
    type: int
    default: 900
  lock_wait:
    description: How long to wait for another run to end, in seconds.
    type: int
    default: 60
"""

EXAMPLES = r"""
- name: Release version 2
  stairway.cloud.release:
    document: "{{ stairway.release }}"
    version: "2"
    actor: "{{ lookup('ansible.builtin.env', 'USER') }}"

- name: Go back
  stairway.cloud.release:
    state: rolled_back
    document: "{{ stairway.release }}"
"""

RETURN = r"""
version:
  description: The version that serves now.
  returned: success
  type: str
release:
  description: The release that serves now, with its number, pinned images, who, when, how long, and the proof run.
  returned: success
  type: dict
steps:
  description: How long each step took, in seconds.
  returned: when a release was made
  type: dict
error:
  description: What went wrong, in parts.
  returned: failure
  type: dict
"""

import signal
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import (
    StairwayError,
)
from ansible_collections.stairway.cloud.plugins.module_utils._rollout.release import (
    Order,
    Releaser,
)


def _interrupted(number: int, _frame: Any) -> None:
    """Turn a signal into an error, so that a half-made colour is taken away before the process ends."""
    for other in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    raise StairwayError(
        f"The run was stopped by {signal.Signals(number).name}.",
        fix="Run the same command again.",
    )


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "state": {
                "type": "str",
                "choices": ["present", "rolled_back"],
                "default": "present",
            },
            "document": {"type": "dict", "required": True},
            "version": {"type": "str"},
            "first_version": {"type": "str"},
            "again": {"type": "bool", "default": False},
            "actor": {"type": "str", "default": "unknown"},
            "slack_webhook": {"type": "str", "no_log": True},
            "lock_seconds": {"type": "int", "default": 900},
            "lock_wait": {"type": "int", "default": 60},
        },
        supports_check_mode=True,
    )
    options = dict(module.params)
    state = options.pop("state")
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _interrupted)
    try:
        releaser = Releaser(Order(**options))
        make = releaser.present if state == "present" else releaser.rolled_back
        outcome = make(check_mode=module.check_mode)
    except StairwayError as error:
        module.fail_json(**error.result())
    for warning in outcome.warnings:
        module.warn(warning)
    module.exit_json(**outcome.result())


if __name__ == "__main__":
    main()
