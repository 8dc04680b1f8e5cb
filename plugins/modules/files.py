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
options:
  entries:
    description: The files, folders and links, in the order in which folders have to be made.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Where it stands. Missing folders above it are made, owned by root, with mode C(0755).
        type: str
        required: true
      content:
        description: The whole text of the file.
        type: str
      secret_content:
        description: The same for a text that holds a secret. It is never shown, and the mode is C(0600) by default.
        type: str
      link:
        description: What a symbolic link points to.
        type: str
      state:
        description:
          - What stands there. By default V(file) with a content and V(link) with a link.
          - V(file) without content sets mode and owner of a file that is there.
          - V(absent) removes a file, a link or an empty folder.
        type: str
        choices: [file, link, directory, absent]
      mode:
        description: Octal digits in quotes. Without it an existing mode is kept.
        type: str
      owner:
        description: User name or number. Without it an existing owner is kept.
        type: str
      group:
        description: Group name or number. Without it an existing group is kept.
        type: str
      validate:
        description:
          - A command that has to succeed before anything is replaced. C(%s) stands for the new file,
            which has a hidden name in the folder of its target.
        type: list
        elements: str
        default: []
      label:
        description: A word that O(units[].reload_on) and O(units[].restart_on) refer to.
        type: str
      create_only:
        description: Leave whatever stands there alone.
        type: bool
        default: false
  packages:
    description:
      - Debian packages that have to be installed, in any version. V(a|b) is content with either and installs the first.
      - Waits for another apt, and installs neither recommended packages nor anything that would remove a package.
    type: list
    elements: str
    default: []
  units:
    description: systemd units, after files and packages. C(daemon-reload) is done where it is needed.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The unit. A name without a type is a service.
        type: str
        required: true
      enabled:
        description: Whether it starts at boot.
        type: bool
      state:
        description: Whether it runs.
        type: str
        choices: [started, stopped]
      reload_on:
        description: Reload it when an entry with one of these labels changed.
        type: list
        elements: str
        default: []
      restart_on:
        description: Restart it when an entry with one of these labels changed.
        type: list
        elements: str
        default: []
      probe:
        description: A command that succeeds while the unit does its work. When it fails, the unit is restarted.
        type: list
        elements: str
        default: []
      optional:
        description: Whether the unit may be missing.
        type: bool
        default: false
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

from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._common.quiet import QuietModule
from ansible_collections.stairway.cloud.plugins.module_utils._files.converge import Wish, converge
from ansible_collections.stairway.cloud.plugins.module_utils._files.model import parse_entries
from ansible_collections.stairway.cloud.plugins.module_utils._files.units import parse_units

ENTRY: dict[str, Any] = {
    "path": {"type": "str", "required": True},
    "content": {"type": "str"},
    "secret_content": {"type": "str", "no_log": True},
    "link": {"type": "str"},
    "state": {"type": "str", "choices": ["file", "link", "directory", "absent"]},
    "mode": {"type": "str"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "validate": {"type": "list", "elements": "str", "default": []},
    "label": {"type": "str"},
    "create_only": {"type": "bool", "default": False},
}
UNIT: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "enabled": {"type": "bool"},
    "state": {"type": "str", "choices": ["started", "stopped"]},
    "reload_on": {"type": "list", "elements": "str", "default": []},
    "restart_on": {"type": "list", "elements": "str", "default": []},
    "probe": {"type": "list", "elements": "str", "default": []},
    "optional": {"type": "bool", "default": False},
}


def main() -> None:
    """Run the module."""
    module = QuietModule(
        argument_spec={
            "entries": {"type": "list", "elements": "dict", "default": [], "options": ENTRY},
            "packages": {"type": "list", "elements": "str", "default": []},
            "units": {"type": "list", "elements": "dict", "default": [], "options": UNIT},
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
