#!/usr/bin/python
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: app
short_description: Check the description of an app and make its facts
version_added: 0.1.0
description:
  - Reads the variables C(app) and C(app_overrides), checks them, and returns what the roles and playbooks need.
  - Every mistake is reported at once, with its file, line and path, what was found, what was expected, and what to try.
  - Also finds secrets that stand in clear text in the files of the inventory.
  - The facts hold no secret.
author:
  - Stairway contributors (@stairway)
options:
  stage:
    description:
      - The stage to make the facts for.
    type: str
    default: stage1
    choices: [local, stage1, stage2, stage3, stage4]
attributes:
  check_mode:
    description: Can run in check mode and return what it would return without it.
    support: full
  diff_mode:
    description: Shows what would change or has changed.
    support: none
    details: Nothing ever changes.
notes:
  - Runs on the controller; no host is asked.
  - C(app_overrides) is laid over C(app) key by key. Lists are replaced, and a null takes a key out.
"""

EXAMPLES = r"""
- name: Preflight | Check the app
  stairway.cloud.app:
    stage: stage1

- name: Preflight | Show where the app is reached
  ansible.builtin.debug:
    var: ansible_facts.stairway.domains
"""

RETURN = r"""
ansible_facts:
  description: The fact C(stairway).
  returned: success
  type: dict
  contains:
    stairway:
      description: Everything about the app that is no secret.
      type: dict
      contains:
        app:
          description: The name of the app.
          type: str
          sample: chat
        stage:
          description: The stage.
          type: str
          sample: stage1
        actor:
          description: Who runs this, from E(STAIRWAY_ACTOR), E(GITHUB_ACTOR) or the login name.
          type: str
        aspects:
          description: What each aspect is at this stage.
          type: dict
        domains:
          description: The names that users type.
          type: list
          elements: str
        edge:
          description: The reverse proxy and its site.
          type: dict
        stores:
          description: The stores that run in containers on the host, without their passwords.
          type: list
          elements: dict
        managed:
          description: The stores that AWS runs, without their passwords.
          type: list
          elements: dict
        places:
          description: Where each store is, C(container), C(managed) or C(external).
          type: dict
        own_hosts:
          description: Whether this host is one that Stairway did not make.
          type: bool
        account:
          description: Whether the stage makes anything in an account.
          type: bool
        agent:
          description: Whether machines that Stairway makes have the CloudWatch agent.
          type: bool
        release:
          description: The document that M(stairway.cloud.release) takes, without the version.
          type: dict
mistakes:
  description: Each mistake with C(file), C(line), C(path), C(message), C(found), C(expected) and C(suggestion).
  returned: when the spec has mistakes
  type: list
  elements: dict
"""
