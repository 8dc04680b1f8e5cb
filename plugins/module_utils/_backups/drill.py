"""The proof: the newest backup, restored where nobody sees it, compared, asked, timed and thrown away."""

from __future__ import annotations

import re
import time
from typing import Any

from .._common.errors import StairwayError
from . import catalogue
from .engines.registry import ENGINES
from .engines.words import told
from .keep import DAY
from .keys import Ring
from .model import Drill, Probe, Settings, Store
from .target import Target
from .throwaway import remove, restored

# A drill that is due at four in the morning is due at a minute to four too.
EARLY = 3600


def drill(settings: Settings, store: Store, target: Target, ring: Ring, wanted: str = "latest") -> dict[str, Any]:
    """What was proven: the backup's id, when, and how many seconds it took until the store could be asked.

    :raises StairwayError: when there is no backup, or it is not good.
    """
    manifest = catalogue.read(target, store.name).find(wanted)
    name = f"{store.container}-drill"
    with restored(settings.app, store, manifest, target, ring, name=name, volume=name) as found:
        for probe in settings.drill.probes if settings.drill else ():
            if probe.store == store.name:
                _probe(store, found.container, probe)
    remove(name, name)
    return {
        "id": manifest.id,
        "made": manifest.made,
        "at": time.time(),
        "seconds": round(found.seconds, 1),
        "rows": sum(found.facts.counts.values()),
    }


def due(plan: Drill, last: float | None, now: float) -> bool:
    """Whether it is time for another. A clock that went back makes it time too."""
    return last is None or now < last or now - last > plan.every_days * DAY - EARLY


def overdue(plan: Drill, last: float | None, since: float | None, now: float) -> int | None:
    """For how many days there was no good drill, when that is too long. ``since`` is when backups began. Pure."""
    start = last if last is not None else since
    if start is None or now - start <= plan.alarm_days * DAY:
        return None
    return int((now - start) // DAY)


def _probe(store: Store, container: str, probe: Probe) -> None:
    answer = told(
        container, ENGINES[store.engine].ask(store), probe.query.rstrip("\n") + "\n", what="The probe"
    ).strip()
    if re.search(probe.expect, answer) is None:
        raise StairwayError(
            f"The restored {store.name} gives another answer than it should.",
            where=f"app.backups.drill.probes, {probe.query}",
            expected=probe.expect,
            found=answer[:200] or "nothing",
        )
