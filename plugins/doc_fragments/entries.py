# Copyright: the Stairway contributors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The options of every module that puts files and units on a host."""

from __future__ import annotations


class ModuleDocFragment:
    """``stairway.cloud.entries`` has the files, ``stairway.cloud.entries.units`` the units.

    The argument specs are in ``module_utils/_files/spec.py``.
    """

    DOCUMENTATION = r"""
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
        description: A word that C(reload_on) and C(restart_on) of a unit refer to.
        type: str
      create_only:
        description: Leave whatever stands there alone.
        type: bool
        default: false
"""

    UNITS = r"""
options:
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
"""
