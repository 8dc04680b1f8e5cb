#!/usr/bin/python
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_info
short_description: Say which machine of a fleet serves which version
version_added: 0.1.0
description:
  - Reads the release document, what the machines say of themselves, and how their Auto Scaling group and target groups
    find them.
author:
  - Stairway contributors (@stairway)
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
  group:
    description: The name of its Auto Scaling group.
    type: str
    required: true
  region:
    description: The region.
    type: str
    required: true
  profile:
    description: The AWS profile.
    type: str
  endpoint_url:
    description: Another address than that of AWS, for an emulator.
    type: str
notes:
  - Runs on the controller.
"""

EXAMPLES = r"""
- name: Ask the fleet
  stairway.cloud.fleet_info:
    app: shop
    group: "{{ stairway.fleet.group }}"
    region: ap-northeast-2
  register: standing
"""

RETURN = r"""
current:
  description: The release that machines start, with its version, when and by whom it was released.
  returned: success
  type: dict
complete:
  description: Whether as many machines as are wanted serve it, and none serves anything else.
  returned: success
  type: bool
desired:
  description: How many machines the group wants.
  returned: success
  type: int
outdated:
  description: The machines that were started from an older launch template; the next stage4.yml replaces them.
  returned: success
  type: list
  elements: str
unable:
  description: Why the last machines could not be started, in AWS's words; empty where nothing is in the way.
  returned: success
  type: str
machines:
  description: Each machine with the version that it runs, whether it is healthy, and why not.
  returned: success
  type: list
  elements: dict
releases:
  description: The releases that a rollback can return to, the newest first.
  returned: success
  type: list
  elements: dict
rollout:
  description: A rollout that has not come to its end.
  returned: success
  type: dict
lock:
  description: Who releases now.
  returned: success
  type: dict
refresh:
  description: The instance refresh that goes on.
  returned: success
  type: dict
text:
  description: The same, as lines for a terminal.
  returned: success
  type: list
  elements: str
"""
