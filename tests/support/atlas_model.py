"""What the stand-in of Atlas remembers, and its rules: states that take some looks, and what it refuses.

Its pages are named in ``atlas.py``. A cluster is CREATING, UPDATING or DELETING for ``looks`` reads, then IDLE or gone.
"""

from __future__ import annotations

import copy
import ipaddress
import json
import re
from collections.abc import Callable
from typing import Any

GROUP, OTHER_GROUP, ORG = "5f0d1a2b3c4d5e6f70819202", "5f0d1a2b3c4d5e6f70819299", "5f0d1a2b3c4d5e6f70819201"
REGIONS = ("US_EAST_1", "US_WEST_2", "EU_WEST_1", "AP_NORTHEAST_2")
TIERS = {"M10": 10.0, "M20": 20.0, "M30": 40.0}
REASONS = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict"}
NODE_FIELDS = {"instanceSize", "nodeCount", "diskSizeGB", "ebsVolumeType", "diskIOPS"}


class Refused(Exception):
    """An answer in Atlas's form."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail

    def body(self) -> dict[str, Any]:
        reason = REASONS.get(self.status, "Error")
        return {"error": self.status, "errorCode": self.code, "detail": self.detail, "reason": reason, "parameters": []}

    def json(self) -> bytes:
        return json.dumps(self.body()).encode()


class Model:
    """One project called «chat» that the login may see."""

    def __init__(self) -> None:
        self.looks = 2
        self.clusters: dict[str, dict[str, Any]] = {}
        self.users: dict[str, dict[str, Any]] = {}
        self.passwords: dict[str, str] = {}
        self.entries: dict[str, dict[str, Any]] = {}
        self.containers: dict[str, dict[str, Any]] = {}
        self.peers: dict[str, dict[str, Any]] = {}
        self.used_bytes: float | None = 4e9
        self.flexible: set[str] = set()
        self.retained: list[str] = []
        self._left: dict[str, int] = {}
        self._users_left = 0
        self._numbers = iter(range(0xA000, 0xFFFF))

    def answer(self, method: str, path: list[str], query: dict[str, str], body: Any) -> tuple[int, dict[str, Any]]:
        """Status and object for one request; ``path`` in pieces below ``/api/atlas/v2``."""
        if path[:2] == ["groups", "byName"]:
            if path[2] != "chat":
                raise Refused(404, "GROUP_NAME_NOT_FOUND", f'No group with name "{path[2]}" exists.')
            return 200, self._project()
        if path[0] != "groups" or path[1] != GROUP:
            if path[1:2] == [OTHER_GROUP]:
                raise Refused(401, "USER_CANNOT_ACCESS_GROUP", "User cannot access this group.")
            raise Refused(404, "GROUP_NOT_FOUND", f"No group with ID {path[1]} exists.")
        if len(path) == 2:
            return 200, self._project()
        part: Callable[..., tuple[int, dict[str, Any]]] = getattr(self, f"_{path[2].lower()}")
        return part(method, path[3:], query, body)

    def cluster(self, name: str = "chat-db-prod", **more: Any) -> dict[str, Any]:
        """One that is there from the beginning, as somebody made it by hand."""
        node = {
            "instanceSize": "M10",
            "nodeCount": 3,
            "diskSizeGB": 10.0,
            "ebsVolumeType": "STANDARD",
            "diskIOPS": 3000,
        }
        region = {
            "providerName": "AWS",
            "regionName": "US_EAST_1",
            "priority": 7,
            "electableSpecs": node,
            "readOnlySpecs": {**node, "nodeCount": 0},
            "analyticsSpecs": {**node, "nodeCount": 0},
            "autoScaling": {"compute": {"enabled": False}, "diskGB": {"enabled": False}},
        }
        spec = {"id": self._id(), "zoneId": self._id(), "zoneName": "Zone 1", "regionConfigs": [region]}
        body = {"name": name, "clusterType": "REPLICASET", "replicationSpecs": [spec], "mongoDBMajorVersion": "7.0"}
        self._add({**body, "backupEnabled": True, "terminationProtectionEnabled": True, **more})
        self._left[name] = 0
        self._settle(self.clusters[name])
        return self.clusters[name]

    def node(self, name: str = "chat-db-prod") -> dict[str, Any]:
        found: dict[str, Any] = self.clusters[name]["replicationSpecs"][0]["regionConfigs"][0]["electableSpecs"]
        return found

    def accept(self) -> None:
        """What somebody does in AWS."""
        for peer in self.peers.values():
            peer["statusName"] = "AVAILABLE"

    def _project(self) -> dict[str, Any]:
        return {"id": GROUP, "name": "chat", "orgId": ORG, "clusterCount": len(self.clusters)}

    def _id(self) -> str:
        return f"6650{next(self._numbers):020x}"

    # clusters

    def _clusters(self, method: str, path: list[str], query: dict[str, str], body: Any) -> tuple[int, dict[str, Any]]:
        if path == ["provider", "regions"]:
            return 200, _page([_offer(query.get("tier"))], query)
        if not path:
            return self._create(body)
        if path[0] in self.flexible:
            raise Refused(
                400,
                "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API",
                f"Flex cluster {path[0]} cannot be used in the Cluster API.",
            )
        found = self.clusters.get(path[0])
        if found is None:
            raise Refused(404, "CLUSTER_NOT_FOUND", f"No cluster named {path[0]} exists in group {GROUP}.")
        if path[1:] == ["status"]:
            self._users_left -= 1
            return 200, {"changeStatus": "APPLIED" if self._users_left < 0 else "PENDING"}
        if method == "PATCH":
            return 200, self._update(found, body)
        if method == "DELETE":
            return 202, self._delete(found, query)
        answer = copy.deepcopy(found)
        self._look(found)
        return 200, answer

    def _create(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        name = body["name"]
        if name in self.clusters or name in self.flexible:
            raise Refused(400, "DUPLICATE_CLUSTER_NAME", f"A cluster named {name} is already present in group {GROUP}.")
        if any(name[:23] == other[:23] for other in self.clusters):
            raise Refused(
                400, "DUPLICATE_CLUSTER_NAME_PREFIX", f"Cluster name {name} cannot have same first 23 characters."
            )
        self._check_hardware(body)
        self._add(copy.deepcopy(body))
        return 201, copy.deepcopy(self.clusters[name])

    def _add(self, body: dict[str, Any]) -> None:
        given = {"mongoDBMajorVersion": "8.0", "backupEnabled": False, "pitEnabled": False, "paused": False,
                 "encryptionAtRestProvider": "NONE", "terminationProtectionEnabled": False,
                 "versionReleaseSystem": "LTS"}  # fmt: skip
        cluster = {
            **given,
            **body,
            "id": self._id(),
            "groupId": GROUP,
            "stateName": "CREATING",
            "connectionStrings": {},
        }
        for spec in cluster["replicationSpecs"]:
            spec.setdefault("id", self._id())
            for region in spec["regionConfigs"]:
                node = region["electableSpecs"]
                node.setdefault("diskSizeGB", TIERS.get(node["instanceSize"], 10.0))
        self.clusters[body["name"]] = cluster
        self._left[body["name"]] = self.looks
        for region in (one["regionName"] for one in cluster["replicationSpecs"][0]["regionConfigs"]):
            if not any(one["regionName"] == region for one in self.containers.values()):
                self._contain(region, "192.168.248.0/21")

    def _check_hardware(self, body: dict[str, Any]) -> None:
        for spec in body.get("replicationSpecs", []):
            for region in spec["regionConfigs"]:
                if region["regionName"] not in REGIONS:
                    raise Refused(400, "INVALID_REGION", f"No region {region['regionName']} exists for provider AWS.")
                node = region["electableSpecs"]
                if unknown := set(node) - NODE_FIELDS:
                    raise Refused(400, "INVALID_ATTRIBUTE", f"Invalid attribute {sorted(unknown)[0]} specified.")
                if self.used_bytes and node.get("diskSizeGB", 1e9) * 1e9 < self.used_bytes:
                    raise Refused(
                        400, "DISK_SIZE_GB_TOO_SMALL", "The selected disk size is smaller than the amount of data."
                    )

    def _update(self, found: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        if found["stateName"] != "IDLE":
            raise Refused(409, "CANNOT_UPDATE_CLUSTER", f"Cluster {found['name']} is {found['stateName']}.")
        ids = {spec["id"] for spec in found["replicationSpecs"]}
        if any(spec.get("id") not in ids for spec in body.get("replicationSpecs", [])):
            raise Refused(400, "MISSING_ATTRIBUTE", "The required attribute replicationSpecs.id was not specified.")
        if any("zoneId" in spec for spec in body.get("replicationSpecs", [])):
            raise Refused(400, "ATTRIBUTE_READ_ONLY", "The attribute zoneId is read-only.")
        self._check_hardware(body)
        found.update(copy.deepcopy(body))
        if set(body) != {"terminationProtectionEnabled"}:
            found["stateName"] = "UPDATING"
            self._left[found["name"]] = self.looks
        return copy.deepcopy(found)

    def _delete(self, found: dict[str, Any], query: dict[str, str]) -> dict[str, Any]:
        if found["terminationProtectionEnabled"]:
            raise Refused(400, "CANNOT_TERMINATE_CLUSTER_WHEN_TERMINATION_PROTECTION_ENABLED", "Protected.")
        if found["stateName"] == "DELETING":
            raise Refused(
                400, "CLUSTER_ALREADY_REQUESTED_DELETION", f"{found['name']} has been requested for deletion."
            )
        found["stateName"] = "DELETING"
        self._left[found["name"]] = self.looks
        if query.get("retainBackups") == "true":
            self.retained.append(found["name"])
        return {}

    def _look(self, found: dict[str, Any]) -> None:
        name = found["name"]
        self._left[name] -= 1
        if self._left[name] > 0:
            return
        if found["stateName"] == "DELETING":
            del self.clusters[name]
        elif found["stateName"] in ("CREATING", "UPDATING"):
            self._settle(found)

    def _settle(self, found: dict[str, Any]) -> None:
        found["stateName"] = "IDLE"
        name = found["name"].lower()
        shards = ",".join(f"{name}-shard-00-0{number}.abc12.mongodb.net:27017" for number in range(3))
        found["connectionStrings"] = {
            "standard": f"mongodb://{shards}/?ssl=true&authSource=admin&replicaSet=atlas-12diht-shard-0",
            "standardSrv": f"mongodb+srv://{name}.abc12.mongodb.net",
        }

    def _processes(
        self, _method: str, path: list[str], query: dict[str, str], _body: Any
    ) -> tuple[int, dict[str, Any]]:
        if not path:
            hosts = [f"{name.lower()}-shard-00-00.abc12.mongodb.net" for name in self.clusters]
            return 200, _page([{"id": f"atlas-{n}:27017", "hostname": f"atlas-{n}", "userAlias": host, "port": 27017}
                               for n, host in enumerate(hosts)], query)  # fmt: skip
        points = [] if self.used_bytes is None else [{"timestamp": "2026-11-21T02:00:00Z", "value": self.used_bytes}]
        return 200, {"measurements": [{"name": "DISK_PARTITION_SPACE_USED", "units": "BYTES", "dataPoints": points}]}

    # who may come in

    def _databaseusers(self, method: str, path: list[str], _query: Any, body: Any) -> tuple[int, dict[str, Any]]:
        name = path[1] if path else body["username"]
        if method == "POST" and name in self.users:
            raise Refused(409, "USER_ALREADY_EXISTS", f"A user named {name} already exists.")
        if method != "POST" and name not in self.users:
            raise Refused(404, "USERNAME_NOT_FOUND", f"No user with username {name} exists.")
        if method == "DELETE":
            del self.users[name]
            return 204, {}
        if method in ("POST", "PATCH"):
            kept = {key: value for key, value in body.items() if key != "password"}
            if "password" in body:
                self.passwords[name] = body["password"]
            self.users[name] = {**self.users.get(name, {}), **kept}
            self._users_left = self.looks
        return 201 if method == "POST" else 200, copy.deepcopy(self.users[name])

    def _accesslist(self, method: str, path: list[str], query: dict[str, str], body: Any) -> tuple[int, dict[str, Any]]:
        if path:
            return 200, {"STATUS": "ACTIVE" if path[0].removesuffix("/32") in self.entries else "PENDING"}
        for one in body or []:
            if "awsSecurityGroup" in one and not any(p["statusName"] == "AVAILABLE" for p in self.peers.values()):
                code = "CANNOT_USE_AWS_SECURITY_GROUP_WITHOUT_VPC_PEERING_CONNECTION"
                raise Refused(400, code, "Cannot use aws security groups without a vpc peering connection.")
            value = one.get("awsSecurityGroup") or one.get("ipAddress") or one["cidrBlock"]
            told = dict(one) if "awsSecurityGroup" in one else {**one, "cidrBlock": str(ipaddress.ip_network(value))}
            self.entries[value.removesuffix("/32")] = {**told, "groupId": GROUP}
        return 201 if method == "POST" else 200, _page(list(self.entries.values()), query)

    def _containers(self, method: str, _path: Any, query: dict[str, str], body: Any) -> tuple[int, dict[str, Any]]:
        if method == "POST":
            if any(one["regionName"] == body["regionName"] for one in self.containers.values()):
                raise Refused(409, "CONTAINER_ALREADY_EXISTS", "A container already exists for group.")
            return 201, self._contain(body["regionName"], body["atlasCidrBlock"])
        return 200, _page(list(self.containers.values()), query)

    def _contain(self, region: str, cidr: str) -> dict[str, Any]:
        made: dict[str, Any] = {
            "id": self._id(),
            "providerName": "AWS",
            "regionName": region,
            "atlasCidrBlock": cidr,
            "provisioned": True,
        }
        self.containers[made["id"]] = made
        return made

    def _peers(self, method: str, path: list[str], query: dict[str, str], body: Any) -> tuple[int, dict[str, Any]]:
        if method == "POST":
            if body["containerId"] not in self.containers:
                raise Refused(404, "CLOUD_PROVIDER_CONTAINER_NOT_FOUND", "An invalid container ID was specified.")
            if not re.fullmatch(r"[a-z]{2}-[a-z]+-\d", body["accepterRegionName"]):
                raise Refused(400, "INVALID_REGION", "No such region.")
            made = {**body, "id": self._id(), "statusName": "INITIATING", "connectionId": None, "errorStateName": None}
            self.peers[made["id"]] = made
            return 201, made
        if path and path[0] not in self.peers:
            raise Refused(404, "PEER_NOT_FOUND", f"No peer with ID {path[0]} exists in project {GROUP}.")
        if method == "DELETE":
            del self.peers[path[0]]
            return 202, {}
        if method == "PATCH":
            self.peers[path[0]].update(body, statusName="PENDING_ACCEPTANCE")
            return 200, self.peers[path[0]]
        if path:
            return 200, self.peers[path[0]]
        answer = _page(copy.deepcopy(list(self.peers.values())), query)
        for peer in self.peers.values():
            if peer["statusName"] == "INITIATING":
                peer.update(statusName="PENDING_ACCEPTANCE", connectionId="pcx-0a1b2c3d4e5f60718")
        return 200, answer


def _offer(tier: str | None) -> dict[str, Any]:
    regions = [{"name": region, "default": region == "US_EAST_1"} for region in REGIONS]
    return {
        "provider": "AWS",
        "instanceSizes": [{"name": size, "availableRegions": regions} for size in TIERS if size == tier],
    }


def _page(items: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
    size, number = int(query.get("itemsPerPage", 100)), int(query.get("pageNum", 1))
    return {"results": items[size * (number - 1) : size * number], "totalCount": len(items), "links": []}
