#!/usr/bin/python
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: database_restore
short_description: Set a database that AWS runs back to a moment, beside the one in use, and switch to it
version_added: 0.1.0
description:
  - Restores into a new database beside the one in use, with the same size, network, parameters and protection. Nothing
    that the app uses is touched until O(state=switched).
  - A switch changes the names of the two, which are their tags C(stairway:name); the app goes to the other one when its
    stage is run. The database before stays until O(state=discarded).
  - Can be cut off anywhere; the next run goes on. There is no state file.
author:
  - Stairway contributors (@stairway)
options:
  app:
    description: The app's name.
    type: str
    required: true
  store:
    description: The store's name in the app. Stores that RDS does not run are refused, with what there is instead.
    type: str
    required: true
  at:
    description:
      - The moment, with its zone, to the second, such as V(2026-11-21T02:00:00Z). It has to be one that AWS can bring
        back.
      - With O(state=discarded), which of several is meant.
    type: str
    default: ''
  state:
    description:
      - V(prepared) restores, and waits until the new database is available. One that an earlier call has restored is
        taken as it is.
      - V(switched) does so too, and gives it the name of the store.
      - V(back) gives that to the database before the last switch again.
      - V(discarded) deletes the database that is not in use, after a last snapshot.
    type: str
    choices: [prepared, switched, back, discarded]
    default: prepared
  places:
    description: Where each store of the app is, as C(stairway.places) says.
    type: dict
    required: true
  managed:
    description: The stores that AWS runs, each with its C(name) and C(engine), as C(stairway.managed) says.
    type: list
    elements: dict
    default: []
  endpoints:
    description: Where the app last found its stores, as its journal says. What it uses there is not discarded.
    type: dict
    default: {}
  give_up_replicas:
    description:
      - Whether the read replicas of the database that the app leaves may be deleted. They hold nothing that it has not,
        and the app's stage makes new ones of the other database. Without it, V(switched) and V(back) refuse.
    type: bool
    default: false
  prices_folder:
    description: A folder with price books of your own.
    type: path
  region:
    description: The region.
    type: str
    default: ''
  profile:
    description: The AWS profile.
    type: str
  endpoint_url:
    description: Another address than that of AWS, for an emulator.
    type: str
attributes:
  check_mode:
    description: Checks the moment, shows what would be made with its price, and makes nothing.
    support: full
  diff_mode:
    description: The plan of what is made is shown before it is made.
    support: none
notes:
  - Runs on the controller.
"""

EXAMPLES = r"""
- name: Restore the database as it was at two o'clock beside the one in use
  stairway.cloud.database_restore:
    app: chat
    store: db
    at: '2026-11-21T02:00:00Z'
    places: {db: managed}
    managed: [{name: db, engine: postgresql}]
    region: ap-northeast-2

- name: Give it the name of the store
  stairway.cloud.database_restore:
    app: chat
    store: db
    at: '2026-11-21T02:00:00Z'
    state: switched
    places: {db: managed}
    managed: [{name: db, engine: postgresql}]
    region: ap-northeast-2
"""

RETURN = r"""
name:
  description: The DB instance that was restored, switched to or deleted.
  returned: success
  type: str
endpoint:
  description: Its address and port.
  returned: when it is there
  type: str
at:
  description: The moment that it was restored to, in UTC.
  returned: when it was restored
  type: str
seconds:
  description: How long it took.
  returned: success
  type: float
text:
  description: What was done, as lines for a terminal.
  returned: success
  type: list
  elements: str
"""
