# Copyright: the Stairway contributors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""From which addresses the service in front of an edge comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._edge.cloudflare import trusted

DOCUMENTATION = r"""
name: edge_trusted
short_description: The addresses that may say on whose behalf they come
version_added: 0.1.0
author: The Stairway contributors (@stairway-cloud)
description:
  - From the name of the service in front of a site to its published address ranges.
options:
  _input:
    description: The field C(behind) of a site, which is V(cloudflare) or null.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show whom the edge trusts
  ansible.builtin.debug:
    msg: "{{ 'cloudflare' | stairway.cloud.edge_trusted }}"
"""

RETURN = r"""
_value:
  description: Address ranges in CIDR notation; none when nothing stands in front.
  type: list
  elements: str
"""


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"edge_trusted": trusted}
