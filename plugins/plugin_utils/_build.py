"""From what EC2 answers to a finished inventory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from ansible_collections.stairway.cloud.plugins.module_utils._inventory import address, fields, groups, hostnames
from ansible_collections.stairway.cloud.plugins.module_utils._inventory.finished import Finished
from ansible_collections.stairway.cloud.plugins.module_utils._inventory.settings import Settings

from ._construct import Construct, Host


class Magic(Mapping[str, Any]):
    """What Ansible itself says of every host; ``group_names`` grow while it joins groups."""

    def __init__(self, own: Mapping[str, Any], groups_now: Callable[[], list[str]]) -> None:
        self._own = own
        self._groups_now = groups_now

    def __getitem__(self, name: str) -> Any:
        return self._groups_now() if name == "group_names" else self._own[name]

    def __iter__(self) -> Iterator[str]:
        yield from (*self._own, "group_names")

    def __len__(self) -> int:
        return len(self._own) + 1


class Build:
    """``known`` are the variables that Ansible has of hosts already; ``source`` are ``inventory_file`` and ``_dir``."""

    def __init__(
        self,
        settings: Settings,
        construct: Construct,
        apply: hostnames.Apply,
        known: Callable[[str], Mapping[str, Any] | None],
        source: Mapping[str, Any],
    ) -> None:
        self._settings = settings
        self._construct = construct
        self._apply = apply
        self._known = known
        self._source = source
        self._ids: dict[str, str] = {}
        self.finished = Finished()
        self.shared: dict[str, list[str]] = {}  # name -> ids of several instances that have it
        self.renamed: list[str] = []  # ids of instances that would have been called like this machine

    @property
    def needed(self) -> set[str] | None:
        """The variables that have to be read; ``None`` is all of them."""
        roots = self._construct.roots
        if self._settings.full or roots is None:
            return None
        return {*fields.LEAN_FIELDS, *hostnames.needed(self._settings.hostnames), *roots}

    def add(self, instances: Iterable[dict[str, Any]]) -> Finished:
        for instance in instances:
            for name in self._names(instance):
                self._host(name, instance)
        return self.finished

    def _names(self, instance: Mapping[str, Any]) -> list[str]:
        found = hostnames.names(instance, self._settings.hostnames, self._apply, self._settings.every_name)
        own = str(instance["instance_id"])
        if any(name in hostnames.RESERVED for name in found):
            # a tag would make plays for this machine run over there, or the other way round
            self.renamed.append(own)
            found = [own if name in hostnames.RESERVED else name for name in found]
        for name in found:
            if name in self._ids and self._ids[name] != own:
                self.shared.setdefault(name, [self._ids[name]]).append(own)
            self._ids[name] = own
        return found

    def _host(self, name: str, instance: dict[str, Any]) -> None:
        settings = self._settings
        variables = dict(instance) if settings.full else fields.lean(instance)
        variables.update(address.variables(instance, settings.address, settings.profile))
        known = self._known(name)
        finished = self.finished
        if name in finished.hosts:
            variables = {**finished.hosts[name], **variables}
        finished.hosts[name] = variables
        for group in groups.of(instance, settings.group_by):
            finished.add(group, name)
            if group.startswith(APP_PREFIX):
                finished.add_child(groups.ALL_APPS, group)
        if self._construct.empty:
            return
        self._constructed(Host(name, instance, variables, self._magic(name), plain=known is None), known or {})

    def _constructed(self, host: Host, known: Mapping[str, Any]) -> None:
        finished = self.finished
        self._construct.compose(host)
        if known:
            host = Host(host.name, {**known, **host.facts}, host.variables, {**known, **host.magic}, plain=False)
        for joined in self._construct.join(host):
            finished.add(joined.group, host.name)
            if joined.parent:
                finished.add_child(joined.parent, joined.group)

    def _magic(self, name: str) -> Mapping[str, Any]:
        if not self._reads_magic:
            return {}
        own = {**self._source, "inventory_hostname": name, "inventory_hostname_short": name.split(".")[0]}
        return Magic(own, lambda: self.finished.groups_of(name))

    @cached_property
    def _reads_magic(self) -> bool:
        roots = self._construct.roots
        return roots is None or not roots.isdisjoint(MAGIC)


APP_PREFIX = f"{groups.KINDS['app'][0]}_"
MAGIC = frozenset({"inventory_file", "inventory_dir", "inventory_hostname", "inventory_hostname_short", "group_names"})
