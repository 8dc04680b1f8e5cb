#!/usr/bin/python
# Copyright: Stairway contributors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)

from __future__ import annotations

DOCUMENTATION = r"""
module: atlas_cluster
short_description: Make a MongoDB Atlas cluster, let the app in, and say its URL
version_added: 0.1.0
description:
  - Makes a replica set of MongoDB Atlas in AWS by the Atlas Administration API, its project's access list or peering,
    and a user for the app; waits until it can be used. What is not named stays as it is.
  - What Atlas changes in place is changed (tier, nodes, version, a larger disk, backups, protection). What it does
    not, or only by copying all the data, is refused before anything is touched.
  - A run that was cut off is run again; a cluster that is being made is waited for and not made twice.
author: Stairway contributors (@stairway)
attributes:
  check_mode:
    description: Asks Atlas and plans; changes nothing.
    support: full
  diff_mode:
    description: Shows each attribute that changes.
    support: full
options:
  project:
    description: The project, by its name or its id. It has to exist.
    type: str
    required: true
  name:
    description: The cluster's name.
    type: str
    required: true
  state:
    description:
      - V(absent) deletes the cluster and all its data, and with it O(user) where that may use nothing else. Its
        snapshots stay for as long as their policy says. Access list and peering are the project's, and stay.
    type: str
    choices: [present, absent]
    default: present
  region:
    description: The region as AWS writes it, such as V(us-east-1). A new cluster needs it; afterwards it does not
      change.
    type: str
  tier:
    description: The size, V(M10) or larger. A new cluster needs it.
    type: str
  nodes:
    description: How many nodes, 3, 5 or 7. A new cluster has 3.
    type: int
  version:
    description: MongoDB's major version, such as V(7) or V(8.0). A new cluster has Atlas's default.
    type: str
  disk_gb:
    description:
      - The disk of each node. Without it a new cluster has what Atlas gives to the tier.
      - A smaller one is refused where the data does not fit, or where Atlas does not say how much there is.
    type: int
  backup:
    description: Snapshots by Atlas's schedule. A new cluster has them. Switching them off deletes the ones that are
      there, and so needs O(give_up).
    type: bool
  point_in_time:
    description: Continuous backup, so that a restore can choose its second.
    type: bool
  encryption:
    description: V(AWS) is a key of your own in AWS KMS, which has to be set up in the project. Disks are encrypted by
      Atlas in any case.
    type: str
    choices: [NONE, AWS]
  termination_protection:
    description: Whether Atlas refuses to delete the cluster. A new cluster is protected.
    type: bool
  access_list:
    description:
      - Who may reach the project's clusters, each an address, a network in CIDR notation or a security group of the
        VPC that is peered. Entries that are not named stay.
    type: list
    elements: str
  open_because:
    description:
      - Why O(access_list) has to hold a network as large as V(0.0.0.0/0), which is refused without this. It becomes
        the comment of the entries that are added.
    type: str
  peering:
    description: A VPC in AWS that the cluster is reached from by private addresses. Someone accepts it in AWS;
      RV(peering) says what.
    type: dict
    suboptions:
      vpc:
        description: Its id.
        type: str
        required: true
      cidr:
        description: Its addresses.
        type: str
        required: true
      account:
        description: The AWS account that it is in, in quotes.
        type: str
        required: true
      region:
        description: The region that it is in, as AWS writes it.
        type: str
        required: true
      atlas_cidr:
        description: The addresses of Atlas's own network, between /21 and /24. They can be chosen only before the
          first cluster of a region, and are 192.168.248.0/21 without this.
        type: str
  user:
    description: The app's user.
    type: dict
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      password:
        description: Its password. A new user needs one.
        type: str
      update_password:
        description: Nobody can ask Atlas for a password. V(on_create) gives it to a new user only, V(always) in each
          run, which is a change each time.
        type: str
        choices: [on_create, always]
        default: on_create
      database:
        description: The app's database. Without O(user.roles) the user has V(readWrite) and V(dbAdmin) on it.
        type: str
      roles:
        description: All roles that the user has.
        type: list
        elements: dict
        suboptions:
          role:
            description: The role.
            type: str
            required: true
          database:
            description: The database.
            type: str
            required: true
  give_up:
    description:
      - What may be lost, as with O(stairway.cloud.blueprint#module:give_up). The key is C(atlas_cluster/<name>), the
        value the time of the last verified backup, such as V(2026-11-21T02:00:00Z), at most a day old.
    type: dict
    default: {}
  wait:
    description: Wait until the cluster can be used, its user may log in and its addresses are let in; or until it is
      gone.
    type: bool
    default: true
  timeout_seconds:
    description: How long to wait for all that.
    type: int
    default: 3600
  poll_seconds:
    description: How often to look.
    type: float
    default: 15.0
  public_key:
    description: The public part of an API key. Where no login is named, the environment variables of Atlas's own
      tools are read where the module runs, E(MONGODB_ATLAS_CLIENT_ID) and E(MONGODB_ATLAS_CLIENT_SECRET), then
      E(MONGODB_ATLAS_PUBLIC_API_KEY) and E(MONGODB_ATLAS_PRIVATE_API_KEY).
    type: str
  private_key:
    description: Its private part.
    type: str
  client_id:
    description: A service account, in the place of a key.
    type: str
  client_secret:
    description: Its secret.
    type: str
  base_url:
    description: Where Atlas is. Atlas for Government is at V(https://cloud.mongodbgov.com).
    type: str
    default: https://cloud.mongodb.com
notes:
  - It runs where the API may be called from, usually the controller (C(delegate_to=localhost)). The key's own list of
    addresses is another one than O(access_list).
  - Atlas bills the cluster, so no plan or budget of Stairway has its price.
"""

EXAMPLES = r"""
- name: See that the chat has its cluster
  stairway.cloud.atlas_cluster:
    project: chat
    name: chat-db-prod
    region: us-east-1
    tier: M10
    version: "7"
    access_list: ["{{ host_address }}"]
    user: {name: chat, password: "{{ vault_db_password }}", database: chatdb}
  delegate_to: localhost
  register: made

- name: Delete it, after a backup that was proved
  stairway.cloud.atlas_cluster:
    project: chat
    name: chat-db-prod
    state: absent
    give_up: {atlas_cluster/chat-db-prod: "2026-11-21T02:00:00Z"}
  delegate_to: localhost
"""

RETURN = r"""
url:
  description:
    - What C(managed.url) of the store takes, with the user's password, each of its characters percent-encoded.
    - Only with C(no_log=true) at the task, which keeps the result off the screen and out of logs; null otherwise.
      RV(host) and the filter P(stairway.cloud.url#filter) make the same from what the vault has.
  returned: success
  type: str
host:
  description: The name that the cluster is reached by, for C(mongodb+srv). Null until Atlas has made it.
  returned: success
  type: str
  sample: chat-db-prod.abc12.mongodb.net
state:
  description: The state that Atlas says, V(IDLE) when nothing is being done; or V(absent).
  returned: success
  type: str
  sample: IDLE
changes:
  description: What was changed, or would be, a line for each attribute.
  returned: success
  type: list
  elements: str
  sample: ["cluster.tier: M10 -> M20"]
project:
  description: The project's C(id) and C(name).
  returned: success
  type: dict
peering:
  description: With O(peering), the C(connection_id) to accept in AWS, its C(status), the C(region) where, and
    C(atlas_cidr) to route to it.
  returned: success
  type: dict
pending:
  description: What waits for somebody outside Atlas. Run again when it is done.
  returned: success
  type: list
  elements: str
notes:
  description: What was left otherwise than named, and why.
  returned: success
  type: list
  elements: str
error:
  description: What went wrong, in parts.
  returned: failure
  type: dict
"""

import os

from ansible_collections.stairway.cloud.plugins.module_utils._atlas.login import VARIABLES
from ansible_collections.stairway.cloud.plugins.module_utils._atlas.spec import SPEC
from ansible_collections.stairway.cloud.plugins.module_utils._atlas.work import run
from ansible_collections.stairway.cloud.plugins.module_utils._common.errors import StairwayError
from ansible_collections.stairway.cloud.plugins.module_utils._common.quiet import QuietModule


def main() -> None:
    """Run the module."""
    module = QuietModule(argument_spec=SPEC, supports_check_mode=True)
    module.no_log_values.update(
        os.environ[VARIABLES[name]] for name in ("private_key", "client_secret") if os.environ.get(VARIABLES[name])
    )
    try:
        outcome = run(module.params, os.environ, check_mode=module.check_mode, show_url=module.no_log)
    except StairwayError as error:
        module.fail_json(**error.result())
    for text in (*outcome.pending, *outcome.notes):
        module.warn(text)
    module.exit_json(**outcome.result())


if __name__ == "__main__":
    main()
