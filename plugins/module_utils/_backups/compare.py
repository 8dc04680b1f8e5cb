"""A restored store beside what its manifest says. Pure."""

from __future__ import annotations

from .._common.errors import StairwayError
from .engines.words import Facts
from .model import Manifest

SHOWN = 10


def differences(manifest: Manifest, found: Facts) -> list[str]:
    """Every figure that is not as it was written down."""
    result = []
    for name in sorted({*manifest.counts, *found.counts}):
        before, now = manifest.counts.get(name), found.counts.get(name)
        loose = name in manifest.loose or name in found.loose
        if before is None or now is None:
            result.append(f"{name}: {_words(before)}, restored {_words(now)}")
        elif before != now and not loose:
            result.append(f"{name}: {before} rows, restored {now}")
    # another version of the server may count its objects in another way
    if manifest.objects and manifest.server == found.server:
        for name in sorted({*manifest.objects, *found.objects}):
            before, now = manifest.objects.get(name, 0), found.objects.get(name, 0)
            if before != now:
                result.append(f"{before} {name}, restored {now}")
    return result


def agree(manifest: Manifest, found: Facts) -> None:
    """:raises StairwayError: when they do not."""
    wrong = differences(manifest, found)
    if wrong:
        more = [f"and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
        raise StairwayError(
            f"The backup {manifest.id} of {manifest.store} does not hold what it should.",
            expected="every count as its manifest says",
            found="; ".join([*wrong[:SHOWN], *more]),
            fix="take the backup before it: ansible-playbook playbooks/backup.yml -e list=true",
        )


def _words(count: int | None) -> str:
    return "not in the manifest" if count is None else f"{count} rows"
