#!/usr/bin/python
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: prices
short_description: Read the prices of AWS anew
version_added: 0.1.0
description:
  - Asks the AWS Price List API for every price of the price books, from which plans are priced, and writes them anew.
  - A price that AWS does not answer stays as it was, with its old date. All regions are asked before a file is written,
    and each file is replaced in one step.
  - Prices that changed by more than 20 % are listed apart.
author:
  - Stairway contributors (@stairway)
options:
  regions:
    description:
      - The regions to ask for. A region that has no price book yet gets one.
      - By default, every region that has one.
    type: list
    elements: str
    default: []
  folder:
    description:
      - Where the price books are written. Books in it go before those that the collection brings.
      - By default, the collection's own folder.
    type: path
  add:
    description:
      - Patterns of SKUs to take into the books too, such as V(ec2/instance/m7i.*) or V(rds/mysql/db.r7g.large).
    type: list
    elements: str
    default: []
  profile:
    description: The profile of the AWS credentials.
    type: str
  endpoint_url:
    description: Another address of the Price List API, for tests.
    type: str
attributes:
  check_mode:
    description: Asks AWS, and writes nothing.
    support: full
  diff_mode:
    description: Shows each figure that changes.
    support: full
notes:
  - Runs on the controller; no host is asked.
  - The credentials need the permission C(pricing:GetProducts), and nothing else.
requirements:
  - boto3
"""

EXAMPLES = r"""
- name: Read the prices of the regions that have a book
  stairway.cloud.prices:

- name: Price another region, and bigger databases, in files of our own
  stairway.cloud.prices:
    regions: [ap-northeast-1]
    folder: "{{ inventory_dir }}/prices"
    add: ["rds/*/db.r7g.*"]
"""

RETURN = r"""
text:
  description: What changed, as lines for a terminal.
  returned: success
  type: list
  elements: str
jumps:
  description: The prices that changed by more than 20 %.
  returned: success
  type: list
  elements: str
kept:
  description: By region, the SKUs that AWS did not answer, or answered with several prices. They are as they were.
  returned: success
  type: dict
absent:
  description: By region, the SKUs that were asked for by name and that AWS has no price of.
  returned: success
  type: dict
files:
  description: The price books.
  returned: success
  type: list
  elements: str
"""
