#!/usr/bin/python
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: snapshot_info
short_description: Say what AWS keeps of the stores that it runs
version_added: 0.1.0
description:
  - Reads the daily snapshots of databases and caches, how long they stay, and how far back a database can be set.
author:
  - Stairway contributors (@stairway)
options:
  stores:
    description: The stores, each with its C(name) and C(engine).
    type: list
    elements: dict
    required: true
  endpoints:
    description: Where they are, by name, each with its C(host).
    type: dict
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
attributes:
  check_mode:
    description: It only reads.
    support: full
  diff_mode:
    description: It changes nothing.
    support: none
notes:
  - Runs on the controller.
"""

EXAMPLES = r"""
- name: Ask what AWS keeps
  stairway.cloud.snapshot_info:
    stores: [{name: db, engine: postgresql}]
    endpoints: {db: {host: chat-db.abc.ap-northeast-2.rds.amazonaws.com}}
    region: ap-northeast-2
  register: snapshots
"""

RETURN = r"""
kept:
  description: By store, the days, the window, the newest snapshot and the newest moment it can be set back to.
  returned: success
  type: list
  elements: dict
text:
  description: The same and what is wrong with it, as lines for a terminal.
  returned: success
  type: list
  elements: str
"""
