# Copyright: the Stairway contributors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The switch of each site of an edge, as files for a host, and the ranges of Cloudflare."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._edge.site import state_files

DOCUMENTATION = r"""
name: edge_state_files
short_description: The files of the switch of each site of an edge
version_added: 0.1.0
author: The Stairway contributors (@stairway-cloud)
description:
  - From the sites that a role serves to entries for M(stairway.cloud.files), which are the state folder of each site,
    its C(routes.json) for the gate, and its first maintenance pages.
options:
  _input:
    description: The sites, as the roles C(caddy) and C(nginx) take them.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Configure | Write the switch
  stairway.cloud.files:
    entries: "{{ caddy_sites | stairway.cloud.edge_state_files }}"
"""

RETURN = r"""
_value:
  description: The entries.
  type: list
  elements: dict
"""


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"edge_state_files": state_files}
