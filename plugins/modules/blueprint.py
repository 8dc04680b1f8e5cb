#!/usr/bin/python
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: blueprint
short_description: Make an AWS account match a blueprint
version_added: 0.1.0
description:
  - Takes a list of AWS resources and makes them so, in parallel, each as soon as what it needs is there.
  - In check mode it shows the whole plan with its monthly price, also for what stands on something that is not there
    yet.
  - Can be cut off anywhere; the next run goes on. There is no state file, resources are known by their tags
    C(stairway:app) and C(stairway:name).
  - What carries no tag of this app is never touched, unless an entry adopts it by its id.
author:
  - Stairway contributors (@stairway)
options:
  app:
    description: The name of the app that the resources belong to.
    type: str
    required: true
  stage:
    description: The stage that they make up. It is shown with the plan and decides nothing.
    type: str
    default: ''
  region:
    description: The AWS region.
    type: str
    required: true
  resources:
    description:
      - The entries. Each starts with its kind and its name, then come the fields of that kind.
      - The kinds and their fields are described in C(docs/kinds).
    type: list
    elements: dict
    required: true
  secret_values:
    description: What entries of the kind C(secret) are to hold, by their names. Never shown.
    type: dict
    default: {}
  tags:
    description: Tags for every resource, beside those of the entries.
    type: dict
    default: {}
  prune:
    description: Take away what belongs to the app and has no entry. What holds data stays, and all that it stands on.
    type: bool
    default: false
  later:
    description:
      - Kinds that this run leaves for a later one, and with them all that names one of those. Not together with
        O(prune).
    type: list
    elements: str
    default: []
  give_up:
    description:
      - Entries that hold data or are protected and that this run may delete or replace, as C(kind/name).
      - The value is the time of the last verified backup, such as V(2026-11-21T02:00:00Z), at most a day old; or
        V(final_snapshot) for a kind that makes one itself before it goes.
    type: dict
    default: {}
  max_monthly:
    description: Refuse a plan after which a month costs more US dollars than this, before anything is made.
    type: float
  prices_folder:
    description: A folder with price books of your own, as M(stairway.cloud.prices) writes them.
    type: path
  free_tier:
    description: Count what AWS gives to every account for nothing.
    type: bool
    default: false
  show:
    description: Print the plan before anything is done. Off where it was printed a moment ago.
    type: bool
    default: true
  profile:
    description: The profile of the AWS credentials.
    type: str
  endpoint_url:
    description: Another address of AWS, for tests.
    type: str
attributes:
  check_mode:
    description: Shows the whole plan and changes nothing.
    support: full
  diff_mode:
    description: Shows each attribute before and after; never a secret.
    support: full
notes:
  - Runs on the controller; no host is asked.
requirements:
  - boto3
  - jmespath
"""

EXAMPLES = r"""
- name: Plan | Show what stage 3 would change and cost
  stairway.cloud.blueprint:
    app: shop
    region: ap-northeast-2
    resources: "{{ app | stairway.cloud.resources(stage='stage3') }}"
    prune: true
    max_monthly: 120
  check_mode: true
  register: plan

- name: Build | A network and a database in it
  stairway.cloud.blueprint:
    app: shop
    region: ap-northeast-2
    resources:
      - vpc: main
        cidr: 10.0.0.0/16
      - subnet: a
        vpc: main
        cidr: 10.0.1.0/24
        zone: ap-northeast-2a
"""

RETURN = r"""
differs:
  description: Whether the account differed from the blueprint; as C(changed), which C(changed_when) may say otherwise.
  returned: success
  type: bool
text:
  description: The plan and its prices, line by line, for a terminal.
  returned: success
  type: list
  elements: str
markdown:
  description: The same for a comment on a pull request.
  returned: success
  type: str
plan:
  description: The same as data, with C(steps), C(counts), and what a C(month) costs C(now) and C(after).
  returned: success
  type: dict
outputs:
  description:
    - The C(id) of every entry by C(kind/name), and what else its kind tells, such as C(endpoint). In check mode, of
      those that are there already.
  returned: success
  type: dict
  sample: {"vpc/main": {"id": "vpc-0123456789abcdef0"}}
timeline:
  description:
    - What took time, each with its C(name), what was done (C(does)), when it C(began) and C(ended) in seconds, and the
      one that it had C(waited_for).
  returned: when not in check mode
  type: list
  elements: dict
calls:
  description: How many calls of each AWS API operation were made.
  returned: success
  type: dict
problems:
  description: Each with C(where), C(message), C(found), C(expected) and C(suggestion).
  returned: when the blueprint has problems
  type: list
  elements: dict
failures:
  description: The error of each entry that failed; C(skipped) has those that wait for one, C(done) the others.
  returned: when AWS refused something
  type: dict
"""
