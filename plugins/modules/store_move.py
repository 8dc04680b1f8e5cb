#!/usr/bin/python
# Copyright: Stairway contributors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)

from __future__ import annotations

DOCUMENTATION = r"""
module: store_move
short_description: Carry the data of stores to their next place while the app is in use
version_added: 0.1.0
description:
  - Copies a store, follows its changes, and at the end holds the app for seconds while the last of them are carried and
    both sides are compared. Whatever fails before the switch leaves the app where it was.
  - Every step is noted in C(/var/lib/stairway/<app>/moves/<store>.json); a run that was cut off is continued or undone
    by the next. Beside it stands a report with every figure.
author: Stairway contributors (@stairway)
attributes:
  check_mode:
    description: Looks at both sides as with O(state=surveyed), and touches nothing.
    support: full
  diff_mode:
    description: Shows where each store is.
    support: full
options:
  app:
    description: The app.
    type: str
    required: true
  state:
    description:
      - V(surveyed) only says what a move would mean. V(following) comes to where only the switch is left. V(moved) goes
        on from there with O(release), so that the app goes with its stores. V(aborted) gives up what is not switched.
    type: str
    choices: [surveyed, following, moved, aborted]
    default: following
  moves:
    description: The stores.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The store's name in the app.
        type: str
        required: true
      engine:
        description: The engine.
        type: str
        required: true
      image:
        description: The image that has the engine's tools, not older than either server.
        type: str
        required: true
      from:
        description: The place that it leaves, C(container), C(managed) or C(external).
        type: str
      to:
        description: The place that it goes to.
        type: str
      source:
        description: Where the data is, a container on this host or a server.
        type: dict
        required: true
        suboptions: &end
          container:
            description: The container; its administrator is known there.
            type: str
          host:
            description: The server's name.
            type: str
          port:
            description: Its port.
            type: int
          tls:
            description: Whether it is spoken to by TLS, its certificate compared with O(authorities).
            type: bool
            default: true
          admin_user:
            description: Who administers it.
            type: str
            default: stairway
          admin_password:
            description: That one's password. Without it the app's own user does everything.
            type: str
          user:
            description: The app's user there, where it is another.
            type: str
          password:
            description: Its password there, where it is another.
            type: str
          database:
            description: The app's database there, where it is another.
            type: str
          url:
            description: The whole address of a store that somebody else runs, in the place of all these.
            type: str
      target:
        description: Where it is to be, in the same words.
        type: dict
        required: true
        suboptions: *end
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
      how:
        description: V(follow) keeps the app running; V(dump) holds it for as long as the copy takes; V(auto) follows,
          or says what hinders.
        type: str
        choices: [auto, follow, dump]
        default: auto
      replace_target:
        description: Let go of what an earlier move away from the target has left there.
        type: bool
        default: false
      way_back:
        description: From the switch on the target keeps what is written there. The move back then carries only that,
          when it says so too. PostgreSQL, MySQL and MariaDB.
        type: bool
        default: false
  release:
    description: What is released in the moment of the switch, as with M(stairway.cloud.release).
    type: dict
    suboptions:
      document:
        description: The C(release) part of the C(stairway) fact.
        type: dict
        required: true
      version:
        description: The version. Without it the one that runs.
        type: str
      first_version:
        description: The version where none runs yet.
        type: str
      slack_webhook:
        description: Where the notice is sent.
        type: str
      lock_wait:
        description: How long to wait for another run to end, in seconds.
        type: int
        default: 60
  actor:
    description: Who moves it.
    type: str
    default: unknown
  fence_seconds:
    description: The longest time without writes. When it is over the app goes on with the source.
    type: float
    default: 5.0
  jobs:
    description: How many tables are read at once.
    type: int
    default: 2
  keep_source_days:
    description: How long the source is kept, read-only, after the switch.
    type: int
    default: 7
  authorities:
    description: The bundle that a server's certificate is compared with.
    type: path
    default: /etc/stairway/ca/stores.pem
"""

EXAMPLES = r"""
- name: Bring a database to where only the switch is left
  stairway.cloud.store_move:
    app: chat
    moves:
      - name: db
        engine: postgresql
        image: postgres:16
        source: {container: chat-db}
        target: {host: chat-db.abc.ap-northeast-2.rds.amazonaws.com, port: 5432, admin_password: "{{ admin_password }}"}
        database: chat
        user: chat
        password: "{{ vault_db_password }}"
"""

RETURN = r"""
moves:
  description: For each store its place, how far it has come, how long each step took, how long nobody could write.
  returned: success
  type: list
  elements: dict
release:
  description: What M(stairway.cloud.release) returned.
  returned: success
  type: dict
error:
  description: What went wrong, in parts.
  returned: failure
  type: dict
"""

import signal
from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._common.quiet import QuietModule
from ansible_collections.stairway.cloud.plugins.module_utils._moves.work import SPEC, Mover


def _interrupted(number: int, _frame: Any) -> None:
    """Turn a signal into an error, so that the fence is opened before the process ends."""
    for other in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    raise StairwayError(f"The run was stopped by {signal.Signals(number).name}.", fix="Run the same command again.")


def main() -> None:
    """Run the module."""
    module = QuietModule(argument_spec=SPEC, supports_check_mode=True)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _interrupted)
    try:
        outcome = Mover(module.params).run(check_mode=module.check_mode)
    except StairwayError as error:
        module.fail_json(**error.result())
    for warning in outcome.warnings:
        module.warn(warning)
    module.exit_json(**outcome.result())


if __name__ == "__main__":
    main()
