#!/usr/bin/python
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: secret_info
short_description: Read a secret of Secrets Manager
version_added: 0.1.0
description:
  - Reads the value, which is a JSON object, on the controller. Register it where C(no_log=true) stands.
author:
  - Stairway contributors (@stairway)
options:
  secret:
    description: Its ARN or name. Empty answers with nothing.
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
- name: Learn how the database is administered
  stairway.cloud.secret_info:
    secret: chat/db
    region: ap-northeast-2
  no_log: true
  register: administrator
"""

RETURN = r"""
value:
  description: The keys and values.
  returned: success
  type: dict
"""
