#!/usr/bin/python
# Copyright: the Stairway contributors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Put a set of files, packages and systemd units on a host in one call."""

from __future__ import annotations

DOCUMENTATION = r"""
module: files
short_description: Put a set of files, packages and systemd units on a host in one call
version_added: 0.1.0
author:
  - The Stairway contributors (@stairway-cloud)
description:
  - Converges many files, folders and links, then packages, then systemd units, in the time of one task.
  - The files of a call go in whole or not at all. All of them are written beside their targets first, then all
    O(entries[].validate) commands run, and only then each is renamed into place.
  - When a validator, a package or a unit fails, every file of the call is put back as it was and the units
    that had to hear of it are told again.
  - A run that was killed between the files and the units is finished by the next run.
attributes:
  check_mode:
    description: Tells exactly what would change. Validators whose program is there run too, and warn.
    support: full
  diff_mode:
    description: Shows each entry; never the content of a secret.
    support: full
  platform:
    description: Debian and Ubuntu, Python 3.10 or later.
    support: full
    platforms: debian
extends_documentation_fragment:
  - stairway.cloud.entries
  - stairway.cloud.entries.units
options:
  packages:
    description:
      - Debian packages that have to be installed, in any version. V(a|b) is content with either and installs the first.
      - Waits for another apt, and installs neither recommended packages nor anything that would remove a package.
    type: list
    elements: str
    default: []
  lock_seconds:
    description: How long to wait for another program that installs packages.
    type: int
    default: 300
"""

EXAMPLES = r"""
- name: Configure | Nginx
  stairway.cloud.files:
    entries:
      - path: /etc/nginx/nginx.conf
        content: "{{ lookup('ansible.builtin.template', 'nginx.conf.j2') }}"
        mode: "0644"
        validate: [nginx, -t, -c, "%s"]
        label: nginx
      - path: /etc/nginx/sites-enabled/default
        state: absent
      - path: /etc/nginx/htpasswd
        secret_content: "{{ nginx_htpasswd }}"
        owner: www-data
        mode: "0400"
    units:
      - name: nginx
        enabled: true
        state: started
        reload_on: [nginx]
"""

RETURN = r"""
changed_paths:
  description: The paths that changed.
  returned: success
  type: list
  elements: str
changed_labels:
  description: The labels of those entries.
  returned: success
  type: list
  elements: str
installed_packages:
  description: The packages that were missing.
  returned: success
  type: list
  elements: str
changed_units:
  description: What was done to units.
  returned: success
  type: list
  elements: dict
  sample: [{name: nginx.service, action: reload-or-restart}]
skipped_units:
  description: Units that cannot run on this machine, and why, such as time synchronisation in a container.
  returned: success
  type: list
  elements: dict
  sample: [{name: systemd-timesyncd.service, reason: "ConditionVirtualization=!container was not met"}]
error:
  description: The parts of the message.
  returned: failure
  type: dict
"""

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._common.quiet import QuietModule
from ansible_collections.stairway.cloud.plugins.module_utils._files.converge import Wish, converge
from ansible_collections.stairway.cloud.plugins.module_utils._files.model import parse_entries
from ansible_collections.stairway.cloud.plugins.module_utils._files.spec import ENTRIES, UNITS
from ansible_collections.stairway.cloud.plugins.module_utils._files.units import parse_units


def main() -> None:
    """Run the module."""
    module = QuietModule(
        argument_spec={
            "entries": ENTRIES,
            "packages": {"type": "list", "elements": "str", "default": []},
            "units": UNITS,
            "lock_seconds": {"type": "int", "default": 300},
        },
        supports_check_mode=True,
    )
    try:
        wish = Wish(
            entries=parse_entries(module.params["entries"]),
            packages=tuple(module.params["packages"]),
            units=parse_units(module.params["units"]),
            lock_seconds=module.params["lock_seconds"],
        )
        result = converge(wish, check_mode=module.check_mode)
    except StairwayError as error:
        module.fail_json(**error.result())
    for note in result.notes:
        module.warn(note)
    module.exit_json(**result.result())


if __name__ == "__main__":
    main()
