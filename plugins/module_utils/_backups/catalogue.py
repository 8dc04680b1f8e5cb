"""What backups there are. One counts when its manifest is whole and what it names is there in its full size."""

from __future__ import annotations

from dataclasses import dataclass

from .._common.errors import StairwayError
from . import manifest as manifests
from .manifest import FILE
from .model import Manifest
from .target import Gone, Item, Target, Unreadable

# An upload that takes longer has been given up.
UNFINISHED_SECONDS = 86_400


@dataclass(frozen=True)
class Bad:
    """A backup that is none: its id, and why."""

    id: str
    why: str


@dataclass(frozen=True)
class Catalogue:
    """The backups of one store, oldest first, and what only looks like one."""

    store: str
    whole: tuple[Manifest, ...]
    bad: tuple[Bad, ...]
    last: int

    @property
    def good(self) -> list[Manifest]:
        return [one for one in self.whole if one.good]

    def find(self, wanted: str) -> Manifest:
        """The backup called ``wanted``, or the newest good one for ``latest``.

        :raises StairwayError: when there is none, or it is damaged.
        """
        if wanted == "latest":
            if self.good:
                return self.good[-1]
            raise StairwayError(
                f"There is no good backup of {self.store}.",
                found=", ".join(f"{one.id}: {one.why}" for one in self.bad) or "none at all",
                fix="ansible-playbook playbooks/backup.yml",
            )
        for one in self.whole:
            if one.id == wanted:
                return one
        for bad in self.bad:
            if bad.id == wanted:
                raise StairwayError("This backup is damaged.", where=f"{self.store}/{wanted}", found=bad.why)
        raise StairwayError(
            "There is no backup of this name.",
            found=wanted,
            expected=f"latest, or one of: {', '.join(one.id for one in self.whole[-10:]) or 'there is none'}",
        )


def read(target: Target, store: str) -> Catalogue:
    """:raises StairwayError: when the place cannot be read."""
    items = {item.name: item for item in target.items(f"{store}/")}
    whole, bad, last = [], [], 0
    for name in items:
        found = manifests.sequence_of(name.split("/")[1]) if name.count("/") == 2 else None
        last = max(last, found or 0)
        if found is None or not name.endswith(f"/{FILE}"):
            continue
        try:
            one = manifests.read(target.get(name).decode(errors="replace"), f"{target.where}/{name}")
        except Gone:  # a run that is under way has just let it go
            continue
        except Unreadable as error:  # and no other: a place that fails must not make an older backup the latest
            bad.append(Bad(name.split("/")[1], error.found or error.message))
            continue
        why = _missing(one, items.get(f"{store}/{one.id}/{one.file}"))
        if why is None:
            whole.append(one)
        else:
            bad.append(Bad(one.id, why))
    ordered = sorted(whole, key=lambda one: (one.sequence, one.made))
    return Catalogue(store, tuple(ordered), tuple(sorted(bad, key=lambda one: one.id)), last)


def _missing(one: Manifest, item: Item | None) -> str | None:
    if item is None:
        return f"{one.file} is missing"
    if item.bytes != one.bytes:
        return f"{one.file} has {item.bytes} bytes in place of {one.bytes}"
    return None


def remove(target: Target, one: Manifest) -> None:
    """The manifest first: what is left of a removal that was cut off is no backup."""
    target.delete(f"{one.store}/{one.id}/{FILE}")
    target.delete(f"{one.store}/{one.id}/{one.file}")


def sweep(target: Target, store: str, now: float) -> list[str]:
    """Take away what runs that were cut off have left: uploads, and files without a manifest."""
    gone = target.sweep(f"{store}/", UNFINISHED_SECONDS)
    items = target.items(f"{store}/")
    named = {item.name.rpartition("/")[0] for item in items if item.name.endswith(f"/{FILE}")}
    for item in items:
        folder = item.name.rpartition("/")[0]
        known = manifests.sequence_of(folder.rpartition("/")[2]) is not None
        if known and folder not in named and now - item.written > UNFINISHED_SECONDS:
            target.delete(item.name)
            gone.append(item.name)
    return gone
