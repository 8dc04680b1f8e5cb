#!/usr/bin/python
# Copyright: Stairway contributors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)

from __future__ import annotations

DOCUMENTATION = r"""
module: store_leave
short_description: Refuse to leave a store behind whose data its next place does not have
version_added: 0.1.0
description:
  - Counts the rows or keys of a store where it is and where it is to be. Fails when there is something to lose, and
    says how to go on. One that is to start empty is refused where an earlier move has left what takes no writes.
    Changes nothing.
author: Stairway contributors (@stairway)
attributes:
  check_mode:
    description: It only reads.
    support: full
  diff_mode:
    description: It changes nothing.
    support: none
options:
  name:
    description: The store's name in the app.
    type: str
    required: true
  engine:
    description: The engine.
    type: str
    required: true
  image:
    description: The image that has the engine's client.
    type: str
    required: true
  source:
    description: Where the data is, either a C(container), or C(host), C(port) and C(tls). Empty where it is not known.
    type: dict
    required: true
  target:
    description: Where it is to be, in the same words.
    type: dict
    required: true
  app:
    description: The app's name, with O(start_empty).
    type: str
    default: ""
  to:
    description: Where it is to be, V(container), V(managed) or V(external), with O(start_empty).
    type: str
    default: ""
  start_empty:
    description: Whether it is known that its data stays behind.
    type: bool
    default: false
  authorities:
    description: The bundle that a server's certificate is compared with.
    type: path
    default: /etc/stairway/ca/stores.pem
  database:
    description: The app's database.
    type: str
    default: ""
  user:
    description: The app's user.
    type: str
    default: ""
  password:
    description: Its password.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: See that nothing is left behind
  stairway.cloud.store_leave:
    name: db
    engine: postgresql
    image: postgres:16
    source: {container: chat-db}
    target: {host: chat-db.abc.ap-northeast-2.rds.amazonaws.com, port: 5432, tls: true}
    database: chat
    user: chat
    password: "{{ vault_db_password }}"
"""

RETURN = r"""
source:
  description: How many rows or keys there are; null where it cannot be told.
  returned: success
  type: int
target:
  description: The same of the other side.
  returned: success
  type: int
"""

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._common.quiet import QuietModule
from ansible_collections.stairway.cloud.plugins.module_utils._moves.leave import leave


def main() -> None:
    """Run the module."""
    module = QuietModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "engine": {"type": "str", "required": True},
            "image": {"type": "str", "required": True},
            "source": {"type": "dict", "required": True},
            "target": {"type": "dict", "required": True},
            "app": {"type": "str", "default": ""},
            "to": {"type": "str", "default": ""},
            "start_empty": {"type": "bool", "default": False},
            "authorities": {"type": "path", "default": "/etc/stairway/ca/stores.pem"},
            "database": {"type": "str", "default": ""},
            "user": {"type": "str", "default": ""},
            "password": {"type": "str", "default": "", "no_log": True},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(changed=False, **leave(module.params))
    except StairwayError as error:
        module.fail_json(**error.result())


if __name__ == "__main__":
    main()
