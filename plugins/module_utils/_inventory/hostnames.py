"""Which name a host gets: the first of the ``hostnames`` preferences that an instance has a value for.

The rules are those of ``amazon.aws.aws_ec2``. What differs is said in the plugin's documentation: a filter gets the
value as a variable instead of having it written into a template, and what no file or pattern can bear becomes ``_``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._common.errors import StairwayError
from . import fields

# Applies a Jinja filter (the text after ``|``) to a value.
Apply = Callable[[str, Any], Any]
DEFAULT = ("instance-id",)
# Separators of host patterns, of paths and of shells, spaces and control characters; a dot or a hyphen in front.
UNFIT = re.compile(r"^[.\-]+|[\x00-\x20\x7f/\\{}\[\],;:&!~'\"`$|<>()*?#@]")
RESERVED = frozenset({"localhost", "127.0.0.1", "__1", "all", "ungrouped"})
NOT_IN_GROUPS = re.compile(r"[^A-Za-z0-9_]")


@dataclass(frozen=True)
class Part:
    """``tag:Name``, ``private-dns-name`` or a text of its own, and a Jinja filter that is applied to it."""

    source: str
    jinja: str = ""

    @property
    def is_tag(self) -> bool:
        return self.source.startswith("tag:")

    def value(self, instance: Mapping[str, Any], apply: Apply) -> Any:
        """A text, a list of texts, or something empty."""
        if self.is_tag:
            found: Any = _tag(self.source[4:], instance["tags"])
        elif self.source in fields.FILTERS:
            found = fields.value_of(self.source, instance)
        else:
            found = self.source
        return apply(self.jinja, found) if self.jinja and found else found


@dataclass(frozen=True)
class Preference:
    """One entry of ``hostnames``."""

    name: Part
    prefix: Part | None = None
    separator: str = "_"


def preferences(entries: Sequence[Any]) -> tuple[Preference, ...]:
    """The entries of the option, checked.

    :raises StairwayError: at an entry that is neither a text nor a dictionary with a name, or that is nearly a filter.
    """
    return tuple(_preference(entry) for entry in entries or DEFAULT)


def needed(wanted: Iterable[Preference]) -> set[str]:
    """The variables that have to be read for them."""
    parts = [part for one in wanted for part in (one.name, one.prefix) if part is not None]
    return fields.needed(part.source for part in parts)


def names(instance: Mapping[str, Any], wanted: Iterable[Preference], apply: Apply, every: bool = False) -> list[str]:
    """The first name that the instance has, or all of them with ``every``."""
    found: list[str] = []
    for one in wanted:
        values = _texts(one.name.value(instance, apply))
        if one.prefix is not None and values:
            before = _texts(one.prefix.value(instance, apply))
            if before:
                values = [safe(before[0]) + one.separator + safe(values[0])]
        found.extend(safe(value) for value in (values if every else values[:1]))
        if found and not every:
            break
    return list(dict.fromkeys(found))


def safe(name: str) -> str:
    """The name as it can stand in patterns, in paths below ``host_vars`` and in logs.

    With a colon it is treated like a group's name, as ``aws_ec2`` does.
    """
    if ":" in name:
        return NOT_IN_GROUPS.sub("_", name)
    return UNFIT.sub("_", name)


def _preference(entry: Any) -> Preference:
    if isinstance(entry, str):
        return Preference(_part(entry))
    if isinstance(entry, Mapping) and isinstance(entry.get("name"), str):
        unknown = sorted(set(entry) - {"name", "prefix", "separator"})
        if not unknown:
            prefix = entry.get("prefix")
            return Preference(_part(entry["name"]), _part(str(prefix)) if prefix else None, entry.get("separator", "_"))
    raise StairwayError(
        "An entry of hostnames cannot be read.",
        expected="a text such as tag:Name, or a dictionary with name and, if you like, prefix and separator",
        found=repr(entry),
        where="hostnames",
    )


def _part(text: str) -> Part:
    source, _bar, jinja = text.partition("|")
    source = source.strip()
    if not source.startswith("tag:") and source not in fields.FILTERS:
        close = difflib.get_close_matches(source, fields.FILTERS, n=1, cutoff=0.85)
        if close:
            raise StairwayError(
                f"hostnames names {source!r}, which EC2 does not know.",
                expected="a filter of DescribeInstances, tag:<name>, or a text of your own",
                found=source,
                where="hostnames",
                fix=f"write {close[0]}",
            )
    return Part(source, jinja.strip())


def _tag(wanted: str, tags: Mapping[str, str]) -> Any:
    """``Name``: its value. ``Name=web``: ``Name_web`` where it is that. Several with commas: a list."""
    several = wanted.split(",")
    found = []
    for one in several:
        name, equals, value = one.partition("=")
        if equals and tags.get(name) == value:
            found.append(f"{name}_{value}")
        elif not equals and tags.get(one):
            found.append(tags[one])
    return found if len(several) > 1 else "".join(found)


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [str(one) for one in values if one not in (None, "")]
