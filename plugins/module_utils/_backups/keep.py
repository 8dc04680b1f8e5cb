"""Which backups may go. Pure.

The clock is believed only when it says «not yet»: a backup goes when it is older than it has to be *and* enough good
ones came after it. However far a clock runs ahead, the newest good ones stay; when it runs behind, nothing goes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from .model import Manifest

DAY = 86_400


def may_go(
    manifests: Sequence[Manifest], *, now: float, days: int, least: int, proven: Collection[str] = ()
) -> list[Manifest]:
    """Those of one store that may be deleted, oldest first. ``least`` is how many good ones stay whatever their age;
    ``proven`` are ids that a drill found good, of which the newest stays too.
    """
    ordered = sorted(manifests, key=lambda one: (one.sequence, one.made))
    good = [one for one in ordered if one.good]
    staying = {one.id for one in good[-max(1, least) :]}
    staying |= {one.id for one in [one for one in good if one.id in proven][-1:]}
    return [one for one in ordered if one.id not in staying and now - one.made > days * DAY]


def newest(manifests: Sequence[Manifest]) -> Manifest | None:
    """The newest good one, by its place in the order."""
    good = sorted((one for one in manifests if one.good), key=lambda one: (one.sequence, one.made))
    return good[-1] if good else None
