#!/usr/bin/python
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_release
short_description: Release a version of an app to its fleet without dropping a request
version_added: 0.1.0
description:
  - Brings one version of an app into service on every machine of its Auto Scaling group, or returns to the last good
    one.
  - The order is fixed. Take the lock; find the images' digests; keep the environment as a version of its secret; note
    what begins; write the release document, which every machine reads when it starts; change the machines batch by
    batch; watch them. What the machines say of themselves stands in Parameter Store, so nobody has to reach them.
  - If a machine of a batch cannot start the release, gets ill, or an alarm fires, the document of before is put back
    and the machines go back to it; the error is the machine's own. A run that is cut off anywhere is finished or undone
    by the next one.
  - Where the app has no group of machines yet, only the environment and the document are written.
author:
  - Stairway contributors (@stairway)
attributes:
  check_mode:
    description: Says whether a release would be made, and writes nothing.
    support: full
  diff_mode:
    description: Shows the version before and after.
    support: full
options:
  state:
    description: V(present) releases O(version); V(rolled_back) returns to the last good release before the current one.
    type: str
    choices: [present, rolled_back]
    default: present
  document:
    description: The C(release) part of the C(stairway) fact, as M(stairway.cloud.app) makes it.
    type: dict
    required: true
  fleet:
    description: The C(fleet) part of that fact.
    type: dict
    required: true
  environment:
    description: For each service its variables, as the filter P(stairway.cloud.app_env#filter) makes them.
    type: dict
    default: {}
  endpoints:
    description: Where the stores are that AWS runs, as the filter P(stairway.cloud.endpoints#filter) makes it.
    type: dict
    default: {}
  version:
    description: The version to release, which is the tag of the images. Without it the version that runs now.
    type: str
    default: ""
  first_version:
    description: The version to release where none runs yet and O(version) is not given.
    type: str
    default: ""
  again:
    description: Release also when the same version with the same settings already runs.
    type: bool
    default: false
  actor:
    description: Who releases; stands in the document, the lock and the notice.
    type: str
    default: unknown
  slack_webhook:
    description: Where the notice of success, failure or rollback is sent.
    type: str
  lock_wait:
    description: How long to wait for another run to end, in seconds.
    type: int
    default: 60
  poll_seconds:
    description: How often the machines are looked at, in seconds.
    type: float
    default: 3
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
- name: Release version 2 to the fleet
  stairway.cloud.fleet_release:
    document: "{{ stairway.release }}"
    fleet: "{{ stairway.fleet }}"
    environment: "{{ app | stairway.cloud.app_env({}, 'stage4', endpoints) }}"
    endpoints: "{{ endpoints }}"
    version: "2"
    region: ap-northeast-2

- name: Go back
  stairway.cloud.fleet_release:
    state: rolled_back
    document: "{{ stairway.release }}"
    fleet: "{{ stairway.fleet }}"
    region: ap-northeast-2
"""

RETURN = r"""
version:
  description: The version that serves now.
  returned: success
  type: str
release:
  description: The name of the release that serves now; names sort by time.
  returned: success
  type: str
before:
  description: The version that served before, where there was one.
  returned: success
  type: str
seconds:
  description: How long it took.
  returned: success
  type: float
text:
  description: The same, as lines for a terminal.
  returned: success
  type: list
  elements: str
error:
  description: What went wrong, in parts; those of the machine that failed.
  returned: failure
  type: dict
"""
