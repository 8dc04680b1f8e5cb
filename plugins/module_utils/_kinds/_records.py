"""Records of Route 53 in the words of the blueprint and back, and the record beside each one that says whose it is.

A record has no tags. Beside each one of ours stands a TXT record (``_stairway-a.www.example.com`` for the A record
of ``www.example.com``) that holds the tags, made, changed and deleted in the same change batch, of which AWS does all
or nothing. A record without one is somebody else's.

Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

OWNER = "_stairway-"
_OWNER_SECONDS = 300
_STRING = 255
_DUALSTACK = "dualstack."
_CLOUDFRONT = ".cloudfront.net"
_NAMES = ("CNAME", "NS", "MX", "SRV")

RecordSet = Mapping[str, Any]


@dataclass(frozen=True)
class Key:
    """What makes a record set one: zone, type, name, and a set identifier where there are several of one name."""

    zone: str
    type: str
    domain: str
    set: str = ""

    @property
    def id(self) -> str:
        return "/".join((self.zone, self.type, self.domain)) + (f"/{self.set}" if self.set else "")

    @classmethod
    def of_id(cls, text: str) -> Key:
        zone, sort, domain, *rest = (*text.split("/", 3), "", "")[:4]
        return cls(zone, sort, domain, rest[0] if rest else "")

    @classmethod
    def of_set(cls, zone: str, item: RecordSet) -> Key:
        return cls(zone, item["Type"], plain(item["Name"]), item.get("SetIdentifier", ""))

    @property
    def owner(self) -> str:
        """The name of the TXT record that says whose it is."""
        wild, domain = (True, self.domain[2:]) if self.domain.startswith("*.") else (False, self.domain)
        digest = f"-{hashlib.sha256(self.set.encode()).hexdigest()[:8]}" if self.set else ""
        return f"{OWNER}{self.type.lower()}{'-wild' if wild else ''}{digest}.{domain}"


def plain(name: str) -> str:
    """A name as people write it: ``\\\\052.example.com.`` is ``*.example.com``."""
    return re.sub(r"\\(\d{3})", lambda found: chr(int(found[1], 8)), name).rstrip(".").lower()


def owner_set(key: Key, tags: Mapping[str, str]) -> dict[str, Any]:
    """The TXT record that says whose ``key`` is."""
    text = urlencode(sorted(tags.items()))
    return {"Name": key.owner, "Type": "TXT", "TTL": _OWNER_SECONDS, "ResourceRecords": [{"Value": quoted(text)}]}


def tags_of(owner: RecordSet | None) -> dict[str, str]:
    if owner is None:
        return {}
    return dict(parse_qsl("".join(unquoted(one["Value"]) for one in owner.get("ResourceRecords", ()))))


def quoted(text: str) -> str:
    """A text as Route 53 wants it: in strings of at most 255 bytes, what is not ASCII in octal digits.

    Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html#TXTFormat
    """
    data = text.encode()
    parts = [data[start : start + _STRING] for start in range(0, len(data), _STRING)] or [b""]
    return " ".join('"' + "".join(map(_escaped, part)) + '"' for part in parts)


def _escaped(byte: int) -> str:
    if byte in b'"\\':
        return "\\" + chr(byte)
    return chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}"


def unquoted(value: str) -> str:
    """The way back."""
    inside = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', value, re.DOTALL))

    def one(found: re.Match[str]) -> bytes:
        text = found[0]
        if text[0] != "\\":
            return text.encode()
        return bytes([int(text[1:], 8)]) if len(text) == 4 else text[1:].encode()

    return b"".join(map(one, re.finditer(r"\\[0-7]{3}|\\.|[^\\]", inside, re.DOTALL))).decode(errors="replace")


def normal(sort: str, value: str) -> str:
    """A value in the form in which two are compared."""
    if sort in _NAMES:
        return " ".join(value.split()).rstrip(".").lower()
    return value.lower() if sort == "AAAA" else value


def to_attrs(key: Key, item: RecordSet | None) -> dict[str, Any]:
    """A record set in the words of the blueprint; nothing but its key where it is gone."""
    attrs: dict[str, Any] = {"zone": key.zone, "domain": key.domain, "type": key.type}
    if item is None:
        return attrs
    attrs.update(weight=item.get("Weight"), failover=item.get("Failover"), health_check=item.get("HealthCheckId"))
    alias = item.get("AliasTarget")
    if alias:
        host = alias["DNSName"].rstrip(".").lower().removeprefix(_DUALSTACK)
        kind = "distribution" if host.endswith(_CLOUDFRONT) else "load_balancer"
        return {**attrs, kind: f"{alias['HostedZoneId']}/{host}", "evaluate_health": alias["EvaluateTargetHealth"]}
    texts = [one["Value"] for one in item.get("ResourceRecords", ())]
    values = [unquoted(text) if key.type == "TXT" else normal(key.type, text) for text in texts]
    address = values[0] if key.type == "A" and len(values) == 1 else None
    return {**attrs, "values": values, "seconds": item.get("TTL"), "elastic_ip": address}


def to_set(key: Key, attrs: Mapping[str, Any]) -> dict[str, Any]:
    """The way back."""
    item: dict[str, Any] = {"Name": key.domain, "Type": key.type, "SetIdentifier": key.set or None}
    item.update(Weight=attrs.get("weight"), Failover=attrs.get("failover"), HealthCheckId=attrs.get("health_check"))
    target = attrs.get("load_balancer") or attrs.get("distribution")
    if target:
        zone, _slash, host = target.partition("/")
        # CloudFront cannot be asked for its health
        healthy = attrs.get("evaluate_health") is not False and bool(attrs.get("load_balancer"))
        prefix = _DUALSTACK if attrs.get("load_balancer") else ""
        item["AliasTarget"] = {"HostedZoneId": zone, "DNSName": prefix + host, "EvaluateTargetHealth": healthy}
    else:
        values = [attrs["elastic_ip"]] if attrs.get("elastic_ip") else attrs["values"]
        texts = [quoted(one) if key.type == "TXT" else one for one in values]
        item.update(TTL=attrs.get("seconds"), ResourceRecords=[{"Value": one} for one in texts])
    return {name: value for name, value in item.items() if value is not None}
