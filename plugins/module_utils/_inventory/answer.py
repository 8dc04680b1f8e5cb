"""Reads what EC2 answers to DescribeInstances straight into host variables.

botocore turns the XML into objects with names of its own, which would all be walked once more to be renamed; at 5,000
instances that is seconds. Here the same model of botocore says what each element is, and each is read once, into its
final name. A test holds the result against botocore's own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timezone
from typing import Any
from xml.etree.ElementTree import Element, XMLParser

Read = Callable[[Element], Any]
Instance = dict[str, Any]


class Reader:
    """Reads answers; ``fields`` are the variables of an instance that are wanted, ``None`` is all of them.

    ``shape`` is botocore's output shape of DescribeInstances, ``snake`` makes ``InstanceId`` into ``instance_id``.
    Texts that occur again and again are kept once.
    """

    def __init__(self, shape: Any, snake: Callable[[str], str], fields: Collection[str] | None = None) -> None:
        self._shape = shape
        self._snake = snake
        self._fields = None if fields is None else frozenset(fields)
        self._texts: dict[str, str] = {}
        self._readers: dict[str, Read] = {}

    def instances(self, body: bytes) -> tuple[list[Instance], str | None]:
        """The instances of one page, and the token of the next page.

        :raises xml.etree.ElementTree.ParseError: when the page is cut off.
        """
        # What AWS answers over TLS; botocore reads it with the same parser, and expat limits expansion of entities.
        parser = XMLParser()  # noqa: S314
        parser.feed(body)
        root = parser.close()
        page = self._reader(root.tag.partition("}")[0] + "}" if "}" in root.tag else "")(root)
        found = []
        for reservation in page.get("reservations", ()):
            own = {
                "owner_id": reservation.get("owner_id", ""),
                "requester_id": reservation.get("requester_id", ""),
                "reservation_id": reservation.get("reservation_id", ""),
            }
            if self._fields is not None:
                own = {key: value for key, value in own.items() if key in self._fields}
            for instance in reservation.get("instances", ()):
                instance.update(own)
                instance["tags"] = {tag["key"]: tag.get("value", "") for tag in instance.get("tags", ())}
                found.append(instance)
        return found, page.get("next_token") or None

    def _reader(self, namespace: str) -> Read:
        if namespace not in self._readers:
            self._readers[namespace] = self._structure(self._shape, namespace)
        return self._readers[namespace]

    def _of(self, shape: Any, namespace: str) -> Read:
        kind = shape.type_name
        if kind == "structure":
            return self._structure(shape, namespace)
        if kind == "list":
            return self._list(shape, namespace)
        if kind == "boolean":
            return lambda node: node.text == "true"
        if kind in ("integer", "long"):
            return lambda node: int(node.text or 0)
        if kind in ("float", "double"):
            return lambda node: float(node.text or 0)
        if kind == "timestamp":
            return lambda node: moment(node.text or "")
        known = self._texts
        return lambda node: known.setdefault(node.text or "", node.text or "")

    def _structure(self, shape: Any, namespace: str) -> Read:
        chosen = self._fields if shape.name == "Instance" else None
        table: dict[str, tuple[str, Read]] = {}
        for name, member in shape.members.items():
            own = self._snake(name)
            if chosen is None or own in chosen or own == "tags":
                table[namespace + str(member.serialization.get("name", name))] = (own, self._of(member, namespace))
        find = table.get

        def read(node: Element) -> dict[str, Any]:
            found = {}
            for child in node:
                entry = find(child.tag)
                if entry is not None:
                    found[entry[0]] = entry[1](child)
            return found

        return read

    def _list(self, shape: Any, namespace: str) -> Read:
        one = self._of(shape.member, namespace)
        return lambda node: [one(child) for child in node]


def moment(text: str) -> str:
    """``2026-11-21T07:29:22.000Z`` as Ansible writes a time: ``2026-11-21T07:29:22+00:00``."""
    if text[19:] in (".000Z", "Z"):
        return text[:19] + "+00:00"
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc).isoformat()
    except ValueError:
        return text
