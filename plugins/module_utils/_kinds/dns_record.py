"""``dns_record``: a record of a Route 53 zone. Whose it is says a TXT record beside it, see ``_records``.

Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from .._aws.errors import AwsError
from .._resource.kind import Change, Entry, Field, Found, Kind, Scope, Sight, Wanted
from .._resource.problems import Problem
from .._resource.types import AWS_ID, Choice, Flag, ListOf, Number, Ref, Text
from . import _route53
from ._dns import RECORD
from ._records import OWNER, Key, RecordSet, normal, owner_set, plain, tags_of, to_attrs, to_set

_TARGETS = ("values", "load_balancer", "distribution", "elastic_ip")
_CHANGED = (*_TARGETS, "seconds", "evaluate_health", "weight", "failover", "health_check")
_OWNER_LABEL = 32  # what the name of the TXT record may be longer than the record's own
_ONE_PAGE = "100"


def aws_name(app: str, name: str, attrs: Mapping[str, Any]) -> str:
    """Its name, its type, and which of several it is; and its zone, as a domain can have a private one too."""
    which = _set_identifier(app, name, attrs)
    return f"{attrs['domain']} {attrs['type']}{' ' + which if which else ''} in {attrs['zone']}"


def _set_identifier(app: str, name: str, attrs: Mapping[str, Any]) -> str:
    several = attrs.get("weight") is not None or attrs.get("failover") is not None
    return f"{app}/{name}" if several else ""


def _key(wanted: Wanted) -> Key:
    attrs = wanted.attrs
    which = _set_identifier(wanted.app, wanted.name, attrs)
    return Key(attrs["zone"], attrs["type"], attrs["domain"], which)


def to_found(key: Key, item: RecordSet | None, tags: Mapping[str, str], name: str | None) -> Found:
    """``item`` is None where only the TXT record is left that says whose it was."""
    return Found("dns_record", key.id, to_attrs(key, item), tags, name, detail={"key": key, "item": item})


def describe(aws: Any, scope: Scope) -> Iterator[Found]:
    if scope.only:
        for one in sorted(scope.ids):
            key = Key.of_id(one)
            yield from _founds(scope, key.zone, None, _neighbours(aws, key))
        return
    for zone in scope.parents.get("dns_zone", ()):
        yield from _founds(scope, zone.id, zone.name, _all(aws, zone.id))


def _all(aws: Any, zone: str) -> list[RecordSet]:
    pages = aws.pages("route53", "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone)
    return _route53.or_none(lambda: list(pages)) or []


def _neighbours(aws: Any, key: Key) -> list[RecordSet]:
    """The records of one name and type, and the TXT record beside."""
    result: list[RecordSet] = []
    for name, sort in ((key.domain, key.type), (key.owner, "TXT")):
        answer = _route53.or_none(_page, aws, key.zone, name, sort)
        for item in (answer or {}).get("ResourceRecordSets", ()):
            if (plain(item["Name"]), item["Type"]) == (name, sort):
                result.append(item)
    return result


def _page(aws: Any, zone: str, name: str, sort: str) -> Any:
    return aws.call(
        "route53",
        "list_resource_record_sets",
        HostedZoneId=zone,
        StartRecordName=name,
        StartRecordType=sort,
        MaxItems=_ONE_PAGE,
    )


def _founds(scope: Scope, zone: str, zone_name: str | None, items: Iterable[RecordSet]) -> Iterator[Found]:
    """What of a zone is in the scope."""
    records: dict[str, tuple[Key, RecordSet | None]] = {}
    owners: dict[str, RecordSet] = {}
    for item in items:
        name = plain(item["Name"])
        if item["Type"] == "TXT" and name.startswith(OWNER):
            owners[name] = item
        elif item["Type"] != "SOA":
            key = Key.of_set(zone, item)
            records[key.owner] = (key, item)
    for name, owner in owners.items():
        key_text = tags_of(owner).get(_KEY_TAG)
        if name not in records and key_text:
            records[name] = (Key.of_id(f"{zone}/{key_text}"), None)
    for name, (key, record) in records.items():
        tags = {tag: value for tag, value in tags_of(owners.get(name)).items() if tag != _KEY_TAG}
        found = to_found(key, record, tags, _known_as(scope, key, zone_name))
        if scope.wants(found):
            yield found


# in the TXT record beside the tags: type, name and set of the record that it is about
_KEY_TAG = "stairway:record"


def _known_as(scope: Scope, key: Key, zone_name: str | None) -> str | None:
    """The name under which an entry looks for it. A zone that was not adopted yet has no name of an entry."""
    for name in scope.names:
        what, _in, zone = name.rpartition(" in ")
        if what == " ".join((key.domain, key.type, key.set)).rstrip() and zone in (zone_name or zone, key.zone):
            return name
    return None


def _batch(aws: Any, key: Key, *changes: tuple[str, Mapping[str, Any]]) -> None:
    given = [{"Action": action, "ResourceRecordSet": item} for action, item in changes]
    aws.call("route53", "change_resource_record_sets", HostedZoneId=key.zone, ChangeBatch={"Changes": given})


def _owner(key: Key, tags: Mapping[str, str]) -> dict[str, Any]:
    return owner_set(key, {**tags, _KEY_TAG: key.id.partition("/")[2]})


def create(aws: Any, wanted: Wanted) -> str:
    """AWS refuses the whole batch when there is a record already, whoever made it in the meantime."""
    key = _key(wanted)
    _batch(aws, key, ("CREATE", _owner(key, wanted.tags)), ("CREATE", to_set(key, wanted.attrs)))
    return key.id


def _update(aws: Any, found: Found, wanted: Wanted) -> None:
    """The whole record; what the entry leaves out stays as it is."""
    given = {name: value for name, value in wanted.attrs.items() if value is not None}
    targets = {name for name in _TARGETS if name in given}
    kept = {name: value for name, value in found.attrs.items() if name not in _TARGETS or not targets}
    key: Key = found.detail["key"]
    _batch(aws, key, ("UPSERT", _owner(key, found.tags)), ("UPSERT", to_set(key, {**kept, **given})))


def retag(aws: Any, found: Found, add: Mapping[str, str], remove: list[str]) -> None:
    key: Key = found.detail["key"]
    tags = {name: value for name, value in {**found.tags, **add}.items() if name not in remove}
    _batch(aws, key, ("UPSERT", _owner(key, tags)))


def delete(aws: Any, found: Found) -> None:
    """What is there now: AWS wants every value of what it deletes."""
    key: Key = found.detail["key"]
    mine = [
        item for item in _neighbours(aws, key) if plain(item["Name"]) == key.owner or Key.of_set(key.zone, item) == key
    ]
    if mine:
        try:
            _batch(aws, key, *(("DELETE", item) for item in mine))
        except AwsError as error:
            if not error.missing:
                raise


def check(entry: Entry, sight: Sight) -> Iterator[Problem]:
    """What AWS refuses, and what nobody could mean."""
    attrs = entry.attrs
    given = [name for name in _TARGETS if attrs.get(name)]
    if len(given) != 1:
        yield Problem(
            f"{entry.key}.{given[1] if given else 'values'}", "A record leads to one thing.",
            ", ".join(given) or "nothing", "one of " + ", ".join(_TARGETS),
        )  # fmt: skip
    for name in ("load_balancer", "distribution"):
        if AWS_ID.match(str(attrs.get(name))):
            yield Problem(
                f"{entry.key}.{name}", "This has to be an entry: an alias needs more than an id.", attrs[name],
                f"the name of a `{name}`", f"an entry {name} with id: {attrs[name]}",
            )  # fmt: skip
        elif attrs.get(name) and attrs["type"] not in ("A", "AAAA"):
            yield Problem(f"{entry.key}.type", f"A {name} has addresses.", attrs["type"], "A or AAAA", "A")
    if attrs.get("elastic_ip") and attrs["type"] != "A":
        yield Problem(f"{entry.key}.type", "This address is an IPv4 one.", attrs["type"], "A", "A")
    yield from _check_values(entry)
    yield from _check_name(entry, sight)
    yield from _check_others(entry, sight)


def _mail(text: str) -> None:
    """:raises ValueError: when it is not a number and a host."""
    number, _host = text.split()
    int(number)


_VALUES: dict[str, tuple[Callable[[str], object], str]] = {
    "A": (ipaddress.IPv4Address, "an IPv4 address such as 192.0.2.1"),
    "AAAA": (ipaddress.IPv6Address, "an IPv6 address such as 2001:db8::1"),
    "MX": (_mail, "a number and a host such as 10 mail.example.com"),
}


def _check_values(entry: Entry) -> Iterator[Problem]:
    attrs = entry.attrs
    fits, expected = _VALUES.get(attrs["type"], (len, ""))
    for index, value in enumerate(attrs.get("values") or ()):
        try:
            fits(value)
        except ValueError:
            yield Problem(
                f"{entry.key}.values[{index}]",
                f"This is no value of a record of type {attrs['type']}.",
                value,
                expected,
            )
    if attrs["type"] == "CNAME" and len(attrs.get("values") or ()) > 1:
        yield Problem(f"{entry.key}.values", "A CNAME leads to one name.", str(attrs["values"]), "one name")
    if attrs.get("weight") is not None and attrs.get("failover"):
        yield Problem(f"{entry.key}.failover", "A record has a weight or a role.", attrs["failover"], "one of the two")


def _check_name(entry: Entry, sight: Sight) -> Iterator[Problem]:
    domain = entry.attrs["domain"]
    if len(domain) > 253 - _OWNER_LABEL:
        yield Problem(
            f"{entry.key}.domain", "This name is too long.", domain, f"at most {253 - _OWNER_LABEL} characters"
        )
    zone = sight.get("dns_zone", entry.attrs["zone"])
    if zone is None:
        return
    whole = zone.attrs["domain"]
    if domain != whole and not domain.endswith(f".{whole}"):
        yield Problem(
            f"{entry.key}.domain", f"This name is not in {zone.key}.", domain, f"{whole}, or a name that ends with it",
            f"{domain.split('.')[0]}.{whole}",
        )  # fmt: skip
    if domain == whole and entry.attrs["type"] in ("CNAME", "NS"):
        yield Problem(
            f"{entry.key}.type", "The domain of a zone itself cannot have this type.", entry.attrs["type"],
            "A, with a load_balancer or a distribution",
        )  # fmt: skip


def _check_others(entry: Entry, sight: Sight) -> Iterator[Problem]:
    mine = entry.attrs
    for other in sight.all("dns_record"):
        if other.name <= entry.name or (other.attrs["zone"], other.attrs["domain"]) != (mine["zone"], mine["domain"]):
            continue
        sorts = {mine["type"], other.attrs["type"]}
        if len(sorts) == 2 and "CNAME" in sorts:
            yield Problem(
                f"{other.key}.type", f"A CNAME stands alone, and {entry.key} has this name.", other.attrs["type"],
                "another name, or no CNAME",
            )  # fmt: skip
        if len(sorts) == 1 and not _several(mine, other.attrs):
            yield Problem(
                f"{other.key}.domain", f"{entry.key} has this name and type.", other.attrs["domain"],
                "one record of each name and type, or all with a weight, or all with a role in failover",
            )  # fmt: skip


def _several(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two records of one name and type can stand beside each other."""
    weights = [attrs.get("weight") is not None for attrs in (one, other)]
    roles = {attrs.get("failover") for attrs in (one, other)}
    return all(weights) or roles == {"PRIMARY", "SECONDARY"}


def refuse(found: Found, wanted: Wanted, _fields: frozenset[str]) -> Iterator[Problem]:
    """A record that is one of several is another record than the only one of its name."""
    key: Key = found.detail["key"]
    which = _set_identifier(wanted.app, wanted.name, wanted.attrs)
    if bool(which) != bool(key.set) and found.app is not None:
        yield Problem(
            f"dns_record/{wanted.name}.{'weight' if which else 'values'}",
            "A record cannot become one of several of its name, nor the other way round.",
            "one of several" if key.set else "the only one",
            "the same as before",
            "take the entry out, apply with prune, and put it in again",
        )


def _same_values(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    values = [sorted(normal(wanted["type"], one) for one in attrs.get("values") or ()) for attrs in (wanted, found)]
    return values[0] == values[1]


def _no_own_time(wanted: Mapping[str, Any], _found: Mapping[str, Any]) -> bool:
    # an alias is remembered as long as what it leads to
    return bool(wanted.get("load_balancer") or wanted.get("distribution"))


def _no_health(wanted: Mapping[str, Any], _found: Mapping[str, Any]) -> bool:
    return not wanted.get("load_balancer")


KIND = Kind(
    name="dns_record",
    doc="A name of a DNS zone, and what it leads to.",
    fields={
        "zone": Field(Ref("dns_zone"), "The zone that it is in.", required=True, change="replace"),
        "domain": Field(RECORD, "Its whole name, such as `www.example.com`.", required=True, change="replace"),
        "type": Field(
            Choice(("A", "AAAA", "CNAME", "TXT", "MX", "SRV", "CAA", "NS")), "Its type.", default="A", change="replace"
        ),
        "values": Field(
            ListOf(Text(most=4000), least=1),
            "What it says: addresses, names, texts; `10 mail.example.com` for MX.",
            fits=_same_values,
        ),
        "seconds": Field(
            Number(0, 2147483647, "seconds"), "How long others may remember it.", default=300, fits=_no_own_time
        ),
        "load_balancer": Field(
            Ref("load_balancer", "alias"), "The load balancer that it leads to, in place of `values`."
        ),
        "distribution": Field(Ref("distribution", "alias"), "The distribution that it leads to, in place of `values`."),
        "elastic_ip": Field(Ref("elastic_ip", "ip"), "The address that it leads to, in place of `values`."),
        "evaluate_health": Field(
            Flag(),
            "For a load balancer: whether the record counts as down with all its targets.",
            default=True,
            fits=_no_health,
        ),
        "weight": Field(Number(0, 255), "Its share among records of the same name and type (0: none)."),
        "failover": Field(
            Choice(("PRIMARY", "SECONDARY")), "Which one of two records of the same name and type it is."
        ),
        "health_check": Field(Ref("health_check"), "What tells Route 53 that it is down."),
    },
    describe=describe,
    create=create,
    delete=delete,
    retag=retag,
    changes=(Change(frozenset(_CHANGED), _update),),
    aws_name=aws_name,
    check=check,
    refuse=refuse,
    describe_after=("dns_zone",),
    seconds=2,
    global_=True,
)
