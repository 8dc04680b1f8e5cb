#!/usr/bin/python
# Copyright: Stairway contributors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)

from __future__ import annotations

DOCUMENTATION = r"""
module: store_user
short_description: Let an app into its managed store
version_added: 0.1.0
description:
  - Sees from this host whether the store answers, by TLS where it has that, and whether the app's user may log in. If
    not, makes the user and its database with the engine's own client, in a container of the engine's image.
  - Says what to change where the store cannot be reached, such as the rule of a security group.
  - No password is an argument of any program.
author: Stairway contributors (@stairway)
attributes:
  check_mode:
    description: Says whether the user would be made.
    support: full
  diff_mode:
    description: Shows what would change or has changed.
    support: none
options:
  name:
    description: The store's name in the app.
    type: str
    required: true
  engine:
    description: The engine.
    type: str
    choices: [postgresql, mysql, mariadb, redis]
    required: true
  host:
    description: Where it is.
    type: str
    required: true
  port:
    description: Its port.
    type: int
    required: true
  tls:
    description: Whether it speaks TLS.
    type: bool
    default: true
  image:
    description: The image that has the engine's client.
    type: str
    required: true
  authorities:
    description: The bundle that the server's certificate is compared with.
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
  admin_user:
    description: Who may make users.
    type: str
    default: stairway
  admin_password:
    description: That one's password. Without it nothing is made, only looked at.
    type: str
"""

EXAMPLES = r"""
- name: Let chat into its database
  stairway.cloud.store_user:
    name: db
    engine: postgresql
    host: chat-db.abc.ap-northeast-2.rds.amazonaws.com
    port: 5432
    image: postgres:16
    database: chat
    user: chat
    password: "{{ vault_db_password }}"
    admin_password: "{{ administrator.value.admin_password }}"
"""

RETURN = r"""
error:
  description: The parts of the message.
  returned: failure
  type: dict
"""

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._common.quiet import QuietModule
from ansible_collections.stairway.cloud.plugins.module_utils._stores.model import Login, server_of
from ansible_collections.stairway.cloud.plugins.module_utils._stores.work import let_in


def main() -> None:
    """Run the module."""
    module = QuietModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "engine": {"type": "str", "required": True, "choices": ["postgresql", "mysql", "mariadb", "redis"]},
            "host": {"type": "str", "required": True},
            "port": {"type": "int", "required": True},
            "tls": {"type": "bool", "default": True},
            "image": {"type": "str", "required": True},
            "authorities": {"type": "path", "default": "/etc/stairway/ca/stores.pem"},
            "database": {"type": "str", "default": ""},
            "user": {"type": "str", "default": ""},
            "password": {"type": "str", "default": "", "no_log": True},
            "admin_user": {"type": "str", "default": "stairway"},
            "admin_password": {"type": "str", "no_log": True},
        },
        supports_check_mode=True,
    )
    given = module.params
    app = Login(given["user"], given["password"], given["database"])
    admin = Login(given["admin_user"], given["admin_password"], "") if given["admin_password"] else None
    try:
        changed = let_in(server_of(given), app, admin, check_mode=module.check_mode)
    except StairwayError as error:
        module.fail_json(**error.result())
    module.exit_json(changed=changed)


if __name__ == "__main__":
    main()
