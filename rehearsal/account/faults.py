"""Faults on demand, inside the account's process; ``python3 -m rehearsal account fault`` asks for them over HTTP.

Each is what would happen at AWS without anybody's will: the API says nothing of it beforehand, and what would heal by
itself there heals here. ``clear`` ends those that last.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable
from typing import Any

from .. import run
from ..errors import RehearsalError
from . import layout
from .account import Account
from .bodies import caches, databases
from .body import NotYet
from .lives import elasticache, rds
from .registry import Registry

PATH = "/_rehearsal/fault"
_FULL = ("/var/lib/docker/tmp", "/tmp", "/var/tmp")  # noqa: S108  what a release needs room in
_S3 = {"s3", "s3-outposts"}
Environ = dict[str, Any]


class Faults:
    """An interceptor of the front: takes orders, and throttles."""

    def __init__(self, account: Account, registry: Registry) -> None:
        self._account = account
        self._registry = registry
        self._throttled: dict[str, float] = {}  # service, or * -> how many of its calls are refused
        self._stopped: list[str] = []  # containers
        self._filled: list[str] = []
        self._orders: dict[str, Callable[..., str]] = {
            "stop-instance": self.stop_instance,
            "kill-zone": self.kill_zone,
            "failover-db": self.fail_over,
            "stop-db": self.stop_database,
            "flush-cache": self.flush_cache,
            "stop-cache": self.stop_cache,
            "slow-registry": self.slow_registry,
            "throttle": self.throttle,
            "fill-disk": self.fill_disk,
            "clear": self.clear,
        }

    def __call__(self, environ: Environ, start: Any) -> Iterable[bytes] | None:
        if environ["PATH_INFO"] != PATH:
            return self._refuse(environ, start)
        try:
            size = int(environ.get("CONTENT_LENGTH") or 0)
            name, *words = json.loads(environ["wsgi.input"].read(size))
            said, status = self._orders[name](*words), "200 OK"
        except (RehearsalError, KeyError, ValueError, TypeError, LookupError, NotYet) as error:
            said, status = f"{error}", "400 Bad Request"
        text = said.encode()
        start(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
        self._account.changed.set()
        return [text]

    # -- machines and zones -------------------------------------------------------------------------------------------

    def stop_instance(self, instance: str) -> str:
        """The machine is off at once, as when its hardware dies."""
        container = layout.container("instance", self._instance(instance))
        self._account.docker.kill(container, "SIGKILL")
        return f"{container} is off"

    def kill_zone(self, zone: str) -> str:
        """Nothing gets in or out of the zone. Databases and caches with a standby elsewhere fail over by themselves."""
        self._account.dead_zones.add(zone)
        moved = [one for one in databases.databases(self._account) if one.availability_zone == zone and one.multi_az]
        for one in moved:
            rds.fail_over(one)
        groups = [group for group in self._groups() if self._primary_stands_in(group, zone)]
        for group in groups:
            for made in group.node_groups:
                elasticache.fail_over(group, made["NodeGroupId"])
        names = [one.db_instance_identifier for one in moved] + [one.replication_group_id for one in groups]
        return f"{zone} is dead; elsewhere now: {', '.join(names) or 'nothing'}"

    def fill_disk(self, instance: str, *folders: str) -> str:
        """Not one byte more fits into these folders; what is in them is out of sight until ``clear``."""
        container = layout.container("instance", self._instance(instance))
        for folder in folders or _FULL:
            script = (
                f"mkdir -p '{folder}' && mount -t tmpfs -o size=4k,mode=1777 stairway-full '{folder}' && "
                f"{{ head -c 4096 /dev/zero > '{folder}/.full' || true; }}"
            )
            run.check(["docker", "exec", container, "sh", "-c", script], what=f"Filling {folder}")
            self._filled.append(f"{container} {folder}")
        return f"full in {container}: {', '.join(folders or _FULL)}"

    # -- stores -------------------------------------------------------------------------------------------------------

    def fail_over(self, name: str) -> str:
        database = self._database(name)
        rds.fail_over(database)
        return f"{name} stands in {database.availability_zone} now"

    def stop_database(self, name: str) -> str:
        """The server is dead, and RDS does not know it yet."""
        return self._halt(databases.container(self._database(name).stairway_key))

    def flush_cache(self, name: str) -> str:
        """Every key is gone."""
        for key, spec in self._nodes(name):
            argv = caches.redis.client(spec.settings, caches.container(key))
            run.check(argv, what=f"Emptying {name}", stdin=b"FLUSHALL\n")
        return f"{name} is empty"

    def stop_cache(self, name: str) -> str:
        return "; ".join([self._halt(caches.container(key)) for key, _spec in self._nodes(name)])

    # -- AWS itself ---------------------------------------------------------------------------------------------------

    def slow_registry(self, speed: str = "65536") -> str:
        """Layers come and go at so many bytes a second."""
        self._registry.speed = float(speed)
        return f"the registry sends {speed} bytes a second"

    def throttle(self, share: str = "0.5", service: str = "*") -> str:
        """So many of the calls of a service (all: ``*``) are refused, as one's own rate limit would."""
        if not 0 <= float(share) <= 1:
            raise ValueError(f"{share} is no share between 0 and 1")
        self._throttled[service] = float(share)
        return f"{float(share):.0%} of the calls of {service} are refused"

    def clear(self) -> str:
        self._throttled.clear()
        self._registry.speed = None
        self._account.dead_zones.clear()
        for container in self._stopped:
            if self._account.docker.inspect(container) is not None:
                self._account.docker.start(container)
        for one in self._filled:
            container, folder = one.split(" ", 1)
            run.run(["docker", "exec", container, "umount", folder])
        said = f"{len(self._stopped)} servers start, {len(self._filled)} folders have room, nothing else is wrong"
        self._stopped.clear()
        self._filled.clear()
        return said

    # -- who is meant -------------------------------------------------------------------------------------------------

    def _instance(self, name: str) -> str:
        """By id, or by the tag Name. :raises LookupError: when there is none."""
        for _region, backend in self._account.backends("ec2"):
            for reservation in list(backend.reservations.values()):
                for one in list(reservation.instances):
                    tags = {tag["key"]: tag["value"] for tag in one.get_tags()}
                    if name in (one.id, tags.get("Name")) and one._state.name == "running":
                        return str(one.id)
        raise LookupError(f"no instance {name} runs")

    def _database(self, name: str) -> Any:
        for one in databases.databases(self._account):
            if one.db_instance_identifier == name:
                return one
        raise LookupError(f"there is no database {name}")

    def _groups(self) -> list[Any]:
        return [
            group
            for _region, backend in self._account.backends("elasticache")
            for group in list(backend.replication_groups.values())
            if any(len(made["NodeGroupMembers"]) > 1 for made in group.node_groups)
        ]

    def _primary_stands_in(self, group: Any, zone: str) -> bool:
        nodes = [one for one in caches.nodes(self._account) if one.group is group]
        return any(one.primary == one.node.cache_cluster_id and one.subnet.availability_zone == zone for one in nodes)

    def _nodes(self, name: str) -> list[tuple[str, caches.Cache]]:
        wanted = caches.wanted(self._account)
        named = {
            one.key
            for one in caches.nodes(self._account)
            if name in (one.node.cache_cluster_id, getattr(one.group, "replication_group_id", None))
        }
        if not named:
            raise LookupError(f"there is no cache {name}")
        return [(key, spec) for key, spec in wanted.items() if key in named]

    def _halt(self, container: str) -> str:
        self._account.docker.kill(container, "SIGKILL")
        self._stopped.append(container)
        return f"{container} is dead until: account fault clear"

    # -- throttling ---------------------------------------------------------------------------------------------------

    def _refuse(self, environ: Environ, start: Any) -> Iterable[bytes] | None:
        if not self._throttled:
            return None
        service = _service(environ)
        share = self._throttled.get(service, self._throttled.get("*", 0.0)) if service else 0.0
        if random.random() >= share:  # noqa: S311
            return None
        body, kind, status = _refusal(environ, service)
        headers = [
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("x-amzn-ErrorType", "ThrottlingException"),
        ]
        start(status, headers)
        return [body]


def _service(environ: Environ) -> str:
    """As it is signed for; empty for what is no call of the API."""
    _credential, _, scope = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")
    parts = scope.split(",")[0].split("/")
    return parts[3] if len(parts) > 3 else ""


def _refusal(environ: Environ, service: str) -> tuple[bytes, str, str]:
    """Body, type and status in the service's own form: https://docs.aws.amazon.com/general/latest/gr/api-retries.html"""
    words = "Rate exceeded"
    if service in _S3:
        text = "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
        return text.encode(), "application/xml", "503 Slow Down"
    if service == "ec2":
        text = (
            "<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>Request limit exceeded.</Message>"
            "</Error></Errors><RequestID>rehearsal</RequestID></Response>"
        )
        return text.encode(), "text/xml", "503 Service Unavailable"
    if "HTTP_X_AMZ_TARGET" in environ or "json" in environ.get("CONTENT_TYPE", ""):
        text = json.dumps({"__type": "ThrottlingException", "message": words})
        return text.encode(), "application/x-amz-json-1.1", "400 Bad Request"
    text = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>{words}</Message></Error>"
        "<RequestId>rehearsal</RequestId></ErrorResponse>"
    )
    return text.encode(), "text/xml", "400 Bad Request"
