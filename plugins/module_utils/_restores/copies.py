"""The databases of one store: the one that the app uses, and those beside it. Pure.

Which is which, the tag ``stairway:name`` says: ``db``, ``db-restored-20261121-020000``, ``db-before-20261121-020000``;
the number is the moment that was restored. To change places takes two calls, one for each. The first one decides: it
names the new database ``db`` and writes beside that when, and what the other is to be called. Until the second call is
made there are two of the name, and the one that was switched to last counts, for the engine of blueprints too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from .._common.errors import StairwayError
from .._resource.kind import NAME_TAG, SWITCHED_TAG, Found
from .moments import again

RESTORED, BEFORE = "restored", "before"
_TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Copies:
    """``restored`` and ``before`` are by the stamp of their moment; ``displaced`` is what a run that was cut between
    its two calls left with the store's name. ``replicas`` follow the one in use.
    """

    store: str
    serving: Found
    displaced: Found | None
    restored: Mapping[str, Found]
    before: Mapping[str, Found]
    replicas: tuple[Found, ...]

    @property
    def beside(self) -> dict[str, Found]:
        """All that the app does not use, by name."""
        return {str(one.name): one for one in (*self.restored.values(), *self.before.values())}

    @property
    def displaced_name(self) -> str:
        """What the displaced one is to be called."""
        return _other(self.serving)


def copy_name(store: str, word: str, stamp: str) -> str:
    return f"{store}-{word}-{stamp}"


def sort_out(store: str, found: Iterable[Found]) -> Copies:
    """``found`` is everything of the app.

    :raises StairwayError: when none is the store's, or when two are and nothing says which.
    """
    # groups whose database is gone have no attributes
    alive = [one for one in found if one.attrs and one.state != "deleting"]
    named = sorted((one for one in alive if one.name == store), key=_switched)
    if not named:
        raise _nothing(store, [str(one.name) for one in alive])
    serving = named[-1]
    if len(named) > 2 or (len(named) == 2 and not _other(serving)):
        raise _ambiguous(store, named)
    return Copies(
        store,
        serving,
        named[0] if len(named) == 2 else None,
        _by_stamp(alive, store, RESTORED),
        _by_stamp(alive, store, BEFORE),
        tuple(one for one in alive if one.attrs.get("replica_of") == serving.id),
    )


def takes_over(app: str, copies: Copies, other: str, now: datetime) -> dict[str, str]:
    """The tags of the database that the app is led to; the one in use becomes ``other``."""
    # by a clock that runs behind, the switch before this one would be the last
    last = _switched(copies.serving)
    earliest = datetime.strptime(last, _TIME).replace(tzinfo=timezone.utc) + timedelta(seconds=1) if last else now
    return {**_called(app, copies.store), SWITCHED_TAG: f"{max(now, earliest):{_TIME}} {other}"}


def steps_aside(app: str, name: str) -> dict[str, str]:
    """The tags of the one that the app has left."""
    return _called(app, name)


def undone(copies: Copies) -> bool:
    """Whether the last switch was the way back."""
    return _other(copies.serving).startswith(f"{copies.store}-{RESTORED}-")


def was_in_use(copies: Copies, stamp: str) -> bool:
    """Whether what was restored to that moment is what the app was led back from."""
    return _other(copies.serving) == copy_name(copies.store, RESTORED, stamp)


def the_one_before(copies: Copies) -> tuple[str, Found]:
    """Where an undo leads, with its stamp.

    :raises StairwayError: when there is none.
    """
    for stamp, one in copies.before.items():
        return stamp, one
    raise StairwayError(
        f"There is nothing to go back to: {copies.store} was not switched, or the one before is gone.",
        expected=f"a database called {copies.store}-{BEFORE}-<moment>",
        found=_listing(copies.beside),
        where=f"tag {NAME_TAG}",
        fix="ansible-playbook playbooks/status.yml names all that there are",
    )


def no_other_before(copies: Copies) -> None:
    """One way back is kept, not two: of two nobody would know which.

    :raises StairwayError: when an earlier switch has left one.
    """
    for name in sorted(str(one.name) for one in copies.before.values()):
        raise StairwayError(
            f"{copies.store} was switched already, and the database before that is kept.",
            expected="none from before",
            found=name,
            where=f"tag {NAME_TAG}",
            fix=f"{again(copies.store, '-e undo=true -e confirm=<app>')} goes back to it; discard=true in place of "
            "undo=true throws it away, with a last snapshot",
        )


def no_replicas(copies: Copies) -> None:
    """A replica follows the database that it was made of, whatever that is called.

    :raises StairwayError: when there is one.
    """
    if copies.replicas:
        raise StairwayError(
            f"{copies.store} has read replicas, which would go on following the database that the app leaves.",
            expected="no replicas, or a run that gives them up: the stage then makes new ones of the other database",
            found=", ".join(sorted(str(one.name) for one in copies.replicas)),
            where=f"app.stores.{copies.store}.managed.replicas",
            fix="type the same with -e give_up_replicas=true",
        )


def to_discard(copies: Copies, stamp: str | None) -> Found | None:
    """The one that is to go; None when there is none.

    :raises StairwayError: when there are several and none was named.
    """
    beside = copies.beside
    if stamp is not None:
        beside = {name: one for name, one in beside.items() if name.endswith(f"-{stamp}")}
    if len(beside) > 1:
        raise StairwayError(
            f"There are several databases beside {copies.store}.",
            expected="the moment of one of them",
            found=_listing(beside),
            where="-e at=...",
            fix=again(copies.store, "-e discard=true -e at=<moment>"),
        )
    return next(iter(beside.values()), None)


def _by_stamp(found: Sequence[Found], store: str, word: str) -> dict[str, Found]:
    start = copy_name(store, word, "")
    named = [(one, str(one.name)) for one in found]
    return {name.removeprefix(start): one for one, name in named if name.startswith(start)}


def _switched(one: Found) -> str:
    return one.tags.get(SWITCHED_TAG, "").partition(" ")[0]


def _other(one: Found) -> str:
    return one.tags.get(SWITCHED_TAG, "").partition(" ")[2]


def _called(app: str, name: str) -> dict[str, str]:
    return {NAME_TAG: name, "Name": f"{app}-{name}"}


def _listing(beside: Mapping[str, Found]) -> str:
    return ", ".join(f"{name} ({one.id})" for name, one in sorted(beside.items())) or "none"


def _nothing(store: str, names: Sequence[str]) -> StairwayError:
    return StairwayError(
        f"AWS has no database of the store {store}.",
        expected=f"a database with the tag {NAME_TAG} = {store}",
        found=", ".join(sorted(names)) or "no database of this app",
        where="rds:DescribeDBInstances",
        fix="run the app's stage first; a database that was deleted comes back from its last snapshot: "
        "aws rds describe-db-snapshots",
    )


def _ambiguous(store: str, named: Sequence[Found]) -> StairwayError:
    return StairwayError(
        f"Several databases are called {store}, and nothing says which one the app uses.",
        expected=f"one with the tag {NAME_TAG} = {store}",
        found=", ".join(one.id for one in named),
        where=f"tag {NAME_TAG}",
        fix="give the tag another value on those that the app does not use",
    )
