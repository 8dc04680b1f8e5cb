#!/usr/bin/python
# Copyright: the Stairway contributors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_info
short_description: Learn what a role decides by, in one round trip
version_added: 0.1.0
author:
  - The Stairway contributors (@stairway-cloud)
description:
  - Tells which distribution a host runs and which of a set of packages and files it does not have yet, so that a role
    leaves out the steps that have nothing to do.
  - Fails on a distribution that the caller does not support, and names those that it does.
  - Asks the host anew each time. Nothing becomes a fact, so nothing can be out of date.
  - One line of shell, no module. It costs a tenth of what C(ansible.builtin.setup) costs, and needs no Python.
attributes:
  check_mode:
    description: Asks, which changes nothing.
    support: full
  diff_mode:
    description: Shows what would change or has changed.
    support: none
    details: Nothing ever changes.
options:
  platforms:
    description:
      - What differs between the distributions that are supported. A name and version such as V(Debian 12) leads to a
        dictionary, which comes back as RV(here).
      - The key C(packages) in it lists packages that are needed on that distribution, beside O(packages).
    type: dict
    required: true
  packages:
    description: Packages that are needed on each of them. V(a|b) is content with either.
    type: list
    elements: str
    default: []
  paths:
    description: Files, folders or links to look for.
    type: list
    elements: str
    default: []
  advice:
    description: What to do on a distribution that is not supported; stands in the error.
    type: str
notes:
  - Runs on the controller.
"""

EXAMPLES = r"""
- name: Preflight | What stands here
  stairway.cloud.host_info:
    platforms:
      Debian 12: {}
      Debian 13: {}
    packages: [nginx]
  register: found

- name: Install | Nginx
  when: not found.complete
  stairway.cloud.files:
    packages: [nginx]
"""

RETURN = r"""
platform:
  description: The distribution and its version.
  returned: success
  type: str
  sample: Debian 13
here:
  description: What O(platforms) says about it.
  returned: success
  type: dict
missing_packages:
  description: Those that are not installed.
  returned: success
  type: list
  elements: str
missing_paths:
  description: Those of O(paths) that are not there.
  returned: success
  type: list
  elements: str
complete:
  description: Whether nothing is missing.
  returned: success
  type: bool
error:
  description: The parts of the message.
  returned: failure
  type: dict
"""
