#!/usr/bin/python
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: names_info
short_description: See that an app's names lead to where it serves
version_added: 0.1.0
description:
  - Asks the controller's name server, and fails while a name leads somewhere else; the error says which record to make.
author:
  - Stairway contributors (@stairway)
attributes:
  check_mode:
    description: It only asks.
    support: full
  diff_mode:
    description: It changes nothing.
    support: none
options:
  names:
    description: The names.
    type: list
    elements: str
    required: true
  to:
    description: The name or the address where they are to lead.
    type: str
    required: true
  again:
    description: The command with which it goes on, for the error.
    type: str
    required: true
notes:
  - Runs on the controller.
"""

EXAMPLES = r"""
- name: See that users come to the load balancer
  stairway.cloud.names_info:
    names: [chat.example.com]
    to: chat-main-123.ap-northeast-2.elb.amazonaws.com
    again: ansible-playbook playbooks/stage4.yml
"""

RETURN = r"""
addresses:
  description: The addresses of each name.
  returned: success
  type: dict
  sample: {"chat.example.com": ["203.0.113.7"]}
"""
