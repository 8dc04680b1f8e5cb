"""Hands a finished inventory to Ansible, all variables of a host at once.

``InventoryData.set_variable`` marks every value with where it came from: at 5,000 hosts that is a million objects and
eight seconds. It is done without: what carries no mark is not trusted, so a tag that looks like a template stays text.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._inventory.finished import Finished


def fill(inventory: Any, finished: Finished) -> None:
    """Add hosts, groups and who is in which, to what ``inventory`` has already."""
    for name, variables in finished.hosts.items():
        inventory.add_host(name)
        set_variables(inventory.hosts[name], variables)
    hosts = inventory.hosts
    for group in finished.groups:
        inventory.add_group(group)
    for group, below in finished.children.items():
        for child in below:
            inventory.add_child(group, child)
    for group, names in finished.groups.items():
        add = inventory.groups[group].add_host
        for name in names:
            add(hosts[name])


def set_variables(host: Any, variables: dict[str, Any]) -> None:
    if host.vars.keys().isdisjoint(variables):
        host.vars.update(variables)
        return
    for name, value in variables.items():
        host.set_variable(name, value)  # merges dictionaries if Ansible is configured to


@contextmanager
def many_objects() -> Iterator[None]:
    """Python's collector of cycles looks again and again at what is made here, and none of it is a cycle.

    Afterwards it all counts as permanent. So worker processes also share it with the controller instead of copying it
    (https://docs.python.org/3/library/gc.html#gc.freeze).
    """
    on = gc.isenabled()
    gc.unfreeze()  # an inventory that was made before, and is refreshed now, may go
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if on:
            gc.enable()
