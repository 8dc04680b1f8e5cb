"""One app at one stage in one account, as every aspect sees it: what was chosen, and what things are called. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._app.cloud_model import Cloud
from ..._app.model import App, Store
from ..._common.errors import StairwayError
from ..presets import aspects

Entry = dict[str, Any]
Statement = dict[str, Any]

# Two zones of a region in which the sizes of small apps can be had; a and b where nothing else is known.
ZONES = {"ap-northeast-1": "ac", "ap-northeast-2": "ac", "ca-central-1": "ab", "us-west-1": "ac"}


@dataclass(frozen=True)
class Part:
    """What an aspect adds: entries of the blueprint, and what the app's role may do because of it."""

    entries: tuple[Entry, ...] = ()
    statements: Mapping[str, list[Statement]] = field(default_factory=dict)
    policies: tuple[str, ...] = ()


def joined(parts: Iterable[Part]) -> Part:
    """Several as one, in their order."""
    given = list(parts)
    return Part(
        tuple(entry for part in given for entry in part.entries),
        {name: list(statements) for part in given for name, statements in part.statements.items()},
        tuple(dict.fromkeys(policy for part in given for policy in part.policies)),
    )


@dataclass(frozen=True)
class Site:
    """The app, its cloud, and the aspects of the stage."""

    app: App
    cloud: Cloud
    stage: str
    aspects: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.app.name

    @property
    def zones(self) -> tuple[str, ...]:
        region = self.cloud.region
        return self.cloud.zones or tuple(f"{region}{letter}" for letter in ZONES.get(region, "ab"))

    @property
    def fleet(self) -> bool:
        """Whether the app runs on several machines behind a load balancer."""
        return self.aspects["compute"] in ("fleet", "fargate")

    @property
    def outside(self) -> bool:
        """Whether a fleet stands in the public subnets, because there is no other way out."""
        return self.fleet and self.cloud.network.nat == "none"

    @property
    def vpc(self) -> str:
        return self.cloud.network.vpc or "main"

    @property
    def public(self) -> list[str]:
        """The public subnets: names of entries, or ids where the VPC was there before."""
        return self._subnets("public", self.cloud.network.public)

    @property
    def private(self) -> list[str]:
        return self._subnets("private", self.cloud.network.private)

    def _subnets(self, kind: str, given: tuple[str, ...]) -> list[str]:
        if self.cloud.network.vpc is not None:
            return list(given) or list(self.cloud.network.private)
        return [f"{kind}-{zone[-1]}" for zone in self.zones]

    @property
    def app_subnets(self) -> list[str]:
        """Where a fleet stands."""
        return self.public if self.outside else self.private

    def managed(self, *engines: str) -> tuple[Store, ...]:
        """The stores of some engines that AWS runs at this stage."""
        return tuple(store for store in self.app.stores if store.engine in engines and self.place(store) == "managed")

    def place(self, store: Store) -> str:
        """``container``, ``managed`` or ``external``."""
        chosen = self.aspects["cache" if store.engine == "redis" else "database"]
        elsewhere = store.external or (chosen == "managed" and store.managed.url is not None)
        return "external" if elsewhere else chosen


def site_of(app: App, stage: str) -> Site:
    """:raises StairwayError: when the stage is unknown, or the app says of no cloud."""
    chosen = aspects(app, stage)
    if app.cloud is None:
        raise StairwayError(
            f"The app {app.name} says nothing of a cloud, so there is nothing to make in an account.",
            expected="app.cloud with a region",
            found="no app.cloud",
            where="app.cloud",
            fix="add to app.yml:  cloud: {region: ap-northeast-2}",
        )
    if chosen["compute"] == "compose":
        raise StairwayError(
            f"The stage {stage} runs on this machine and needs no account.", expected="stage1 to stage4", found=stage
        )
    site = Site(app, app.cloud, stage, chosen)
    _nothing_is_homeless(site)
    if chosen["edge"] == "alb" and chosen["compute"] == "host":
        raise StairwayError(
            "A load balancer stands in front of a fleet, and the app runs on one machine.",
            expected="stage.compute: fleet or fargate, or no stage.edge: alb",
            found="compute: host, edge: alb",
            where="app.stage",
            fix="for one machine behind a load balancer: stage: {compute: fleet}, cloud: {compute: {min: 1, max: 1}}",
        )
    return site


def _nothing_is_homeless(site: Site) -> None:
    """A store in a container needs the one machine that has its disk."""
    for store in site.app.stores:
        if site.place(store) == "container" and site.fleet:
            raise StairwayError(
                f"The store {store.name} is to be in a container, but there is no one machine that it could stand on.",
                expected="managed, or a url",
                found=f"a container, with compute: {site.aspects['compute']}",
                where=f"app.stores.{store.name}",
                fix=f"take stage.{'cache' if store.engine == 'redis' else 'database'}: container out of app.yml",
            )


def filled(entry: Entry) -> Entry:
    """Without what is None: a field that is left out is left alone."""
    return {key: value for key, value in entry.items() if value is not None}
