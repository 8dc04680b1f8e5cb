"""The protocol of a kind: what the engine has to know of one type of AWS resource, as a table.

The engine (``_blueprint``) reads these tables and knows no kind; a kind (one file in ``_kinds``) fills one and knows no
engine. ``aws`` is an ``_aws.account.Account`` and passes through the engine unopened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Optional

from .problems import Problem
from .types import Part

APP_TAG = "stairway:app"
NAME_TAG = "stairway:name"
# When one took the name of another, and what that other is called from then on: of two, the last one counts.
SWITCHED_TAG = "stairway:switched"
HOURS = 730  # hours of a month, as the AWS pricing calculator counts them

State = Literal["ready", "pending", "deleting", "failed"]


@dataclass(frozen=True)
class Field(Part):
    """One field of an entry.

    ``None`` in an entry leaves alone what AWS has, ``[]`` and ``{}`` make empty. ``change`` says what a difference
    leads to: a call that changes it, a new resource in place of the old one, or a refusal. ``write_only``: AWS never
    answers it, so it counts at creation only. ``secret``: never shown, neither in a plan nor in an error. ``late``: its
    references do not order creation, so that two entries can name each other; ``create`` may get None for it, and the
    engine runs its ``Change`` when all of them are there. ``fits(wanted, found)``, with the attributes of both, says
    whether what AWS has will do although it is written otherwise: ``8.0.39`` where ``8.0`` is wanted, storage that AWS
    itself has made larger.
    """

    change: Literal["in_place", "replace", "refuse"] = "in_place"
    write_only: bool = False
    secret: bool = False
    late: bool = False
    fits: Callable[[Mapping[str, Any], Mapping[str, Any]], bool] | None = None


@dataclass(frozen=True)
class Entry:
    """One entry of a blueprint, checked: ``attrs`` holds what was given and the defaults, references by name."""

    kind: str
    name: str
    attrs: Mapping[str, Any]
    adopt: str | None = None  # the AWS id of something that is there already
    protect: bool | None = None
    tags: Mapping[str, str] | None = None  # None leaves tags of others alone
    after: tuple[str, ...] = ()  # kind/name of entries it waits for without naming them in a field

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True)
class Found:
    """One resource as AWS describes it, in the words of the blueprint.

    ``id`` is what references get; ``attrs`` has the kind's fields with references as ids (or as the outputs that the
    schema's ``Ref`` asks for); ``outputs`` has what else others need (``arn``, ``endpoint``); ``detail`` is for the
    kind's own operations. ``name`` is the value of the tag ``stairway:name``, or None without one. ``asks`` is what a
    person has to do before one that is pending gets ready.
    """

    kind: str
    id: str
    attrs: Mapping[str, Any]
    tags: Mapping[str, str] = field(default_factory=dict)
    aws_name: str | None = None
    state: State = "ready"
    why: str = ""  # what AWS says of a failed one
    asks: str = ""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str | None:
        return self.tags.get(NAME_TAG)

    @property
    def app(self) -> str | None:
        return self.tags.get(APP_TAG)

    def output(self, name: str) -> Any:
        return self.id if name == "id" else self.outputs.get(name)


@dataclass(frozen=True)
class Wanted:
    """One entry on its way to AWS: references replaced by ids. ``aws_name`` is what AWS calls it, where it names."""

    kind: str
    name: str
    app: str
    attrs: Mapping[str, Any]
    tags: Mapping[str, str]
    aws_name: str
    token: str  # for APIs that take a client token: differs from run to run, not from retry to retry

    def get(self, field_name: str, default: Any = None) -> Any:
        value = self.attrs.get(field_name)
        return default if value is None else value


@dataclass(frozen=True)
class Scope:
    """What to describe: everything tagged with ``app``, everything called one of ``names``, everything with one of
    ``ids``. With ``only``, just ``names`` and ``ids``: that is how the engine waits for one resource, and the kind has
    to ask for just that one. ``parents`` has what was found of the kinds in ``describe_after``.
    """

    app: str
    names: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    only: bool = False
    parents: Mapping[str, tuple[Found, ...]] = field(default_factory=dict)

    def wants(self, found: Found) -> bool:
        """Whether ``found`` is in this scope; for kinds that have to sort on the client's side."""
        named = found.id in self.ids or (found.aws_name is not None and found.aws_name in self.names)
        return named or (not self.only and found.app == self.app)


@dataclass(frozen=True)
class Change:
    """One operation that changes ``fields`` of what is there: ``run(aws, found, wanted)``, called once however many of
    its fields differ. They run in the order of the table.
    """

    fields: frozenset[str]
    run: Callable[[Any, Found, Wanted], None]


@dataclass(frozen=True)
class Usage:
    """So much of one line of the price book in a month. ``traffic`` names the assumption, where it is one."""

    sku: str
    quantity: float
    traffic: str | None = None


# Gives the entry or the found resource's attributes behind a reference, None for what nobody knows.
Related = Callable[[str, str], Optional[Mapping[str, Any]]]  # noqa: UP045 - evaluated by Pythons that know no «|»


@dataclass(frozen=True)
class Sight:
    """The whole blueprint, for checks between entries."""

    entries: Mapping[str, Entry]  # by key
    region: str

    def get(self, kind: str, name: Any) -> Entry | None:
        return self.entries.get(f"{kind}/{name}")

    def all(self, kind: str) -> list[Entry]:
        return self._by_kind.get(kind, [])

    @cached_property
    def _by_kind(self) -> dict[str, list[Entry]]:
        result: dict[str, list[Entry]] = {}
        for entry in self.entries.values():
            result.setdefault(entry.kind, []).append(entry)
        return result


def _nothing(*_arguments: Any) -> tuple[()]:
    return ()


def _silent(*_arguments: Any) -> str:
    return ""


@dataclass(frozen=True)
class Kind:
    """One type of AWS resource.

    ``describe(aws, scope)`` answers every resource in the scope, in as few pages as AWS allows.
    ``create(aws, wanted)`` makes it whole and answers its id; killed anywhere in it, the next run has to find and
    finish what is there, so the tags go with the first call. ``delete(aws, found)`` takes it away, and what belongs to
    it. ``retag(aws, found, add, remove)`` sets tags. ``snapshot(aws, wanted_name, found)`` makes the last snapshot of
    a data kind and answers its name, or None where deleting keeps the data or refuses to lose it.
    ``check(entry, sight)`` finds what is wrong between fields and entries, ``refuse(found, wanted, fields)`` what AWS
    (or good sense) does not allow as a change; ``fields`` are the names of those that differ. All three are pure.
    ``says(wanted, found)`` puts a change into words that the attributes do not say, with both sides' attributes, or a
    creation, with nothing found.
    ``price(attrs, related)`` says what a month uses, with references in ``attrs`` by name or id.
    """

    name: str
    doc: str
    fields: Mapping[str, Field]
    describe: Callable[[Any, Scope], Iterable[Found]]
    create: Callable[[Any, Wanted], str]
    delete: Callable[[Any, Found], None]
    retag: Callable[[Any, Found, Mapping[str, str], list[str]], None] | None
    changes: tuple[Change, ...] = ()
    outputs: Mapping[str, str] = field(default_factory=dict)  # name -> what it is
    # (app, name, attrs) -> the name in AWS; None where AWS gives ids and the tag is the only name
    aws_name: Callable[[str, str, Mapping[str, Any]], str] | None = None
    check: Callable[[Entry, Sight], Iterable[Problem]] = _nothing
    refuse: Callable[[Found, Wanted, frozenset[str]], Iterable[Problem]] = _nothing
    says: Callable[[Mapping[str, Any], Mapping[str, Any]], str] = _silent
    price: Callable[[Mapping[str, Any], Related], Iterable[Usage]] = _nothing
    data: bool = False
    snapshot: Callable[[Any, str, Found], str | None] | None = None
    waits_for: tuple[
        str, ...
    ] = ()  # kinds of the same blueprint that have to be there first although no field names them
    leaves_after: tuple[str, ...] = ()  # kinds that lead users to it: where both go, theirs goes first
    describe_after: tuple[str, ...] = ()  # kinds whose findings its describe needs
    stays_in_use: bool = False  # AWS does not delete it while another uses it
    create_first: bool = False  # a replacement can stand beside the old one (its AWS name then has to differ)
    seconds: float = 5  # what creation takes on AWS, for the plan's estimate
    timeout_seconds: float = 600  # when waiting is given up
    changes_while_pending: bool = False  # a change may be what it waits for
    global_: bool = False  # the service has one endpoint for all regions
    # outputs that a change in place gives anew (a revision, a version), each with the fields whose change does that,
    # or with none where any does: whoever uses one changes with it
    renews: Mapping[str, frozenset[str]] = field(default_factory=dict)
    follows_protect: str | None = None  # the field (a Flag) that ``protect`` sets where the entry leaves it out
