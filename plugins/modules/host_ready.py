#!/usr/bin/python
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_ready
short_description: Wait until a host lets us in
version_added: 0.1.0
description:
  - As M(ansible.builtin.wait_for_connection), and ends at once where the host shows another key than it had. The error
    says what to look at.
author:
  - Stairway contributors (@stairway)
attributes:
  check_mode:
    description: It is skipped.
    support: partial
  diff_mode:
    description: It changes nothing.
    support: none
options:
  timeout:
    description: How long to wait, in seconds.
    type: int
    default: 600
  sleep:
    description: How long to rest between two attempts, in seconds.
    type: int
    default: 1
  known_hosts:
    description: The file that keeps the keys of hosts, for the error.
    type: str
    default: ~/.ssh/known_hosts
notes:
  - Runs on the controller.
"""

EXAMPLES = r"""
- name: Wait for the host
  stairway.cloud.host_ready:
    timeout: 300
"""

RETURN = r"""
elapsed:
  description: How long it took, in seconds.
  returned: success
  type: int
"""
