"""What stands on the host: whether a release is whole, and making sense of what a cut-off run left behind."""

from __future__ import annotations

import contextlib

from .._common.errors import StairwayError
from .._edge.switch import MOVE, Colour
from . import model, record
from .layout import LABEL, Candidate, candidates
from .record import Records, Release
from .rollout import Host
from .vigil import Vigil


class Standing:
    """Compares the record with the edge's switch and with Docker. The switch says what users see; it is believed."""

    def __init__(self, host: Host, records: Records) -> None:
        self.host = host
        self.records = records

    def recover(self) -> None:
        """Bring a cut-off run to one side or the other, users first; nothing is done after a run that ended."""
        self.host.edge.prepare()
        current = self.records.current()
        self.records.close_unfinished()
        if current is not None:
            self._to_one_side(current)
        # Last, so that nobody is let in before there is somebody to answer.
        self.host.edge.end_maintenance(MOVE)

    def _to_one_side(self, current: Release) -> None:
        confirmed = self._confirmed_colour()
        serving = self.host.edge.colour()
        if confirmed == serving:
            self._alone(current, confirmed)
        elif not self._serves(current, serving) and self._serves(current, confirmed):
            # The switch was thrown, never confirmed, and what it was thrown to is not well.
            self.host.edge.switch(confirmed)
            self._alone(current, confirmed)

    def answers(self) -> bool:
        """Whether what users are on answers well now; so does a host where nothing was released yet.

        :raises StairwayError: when the record or Docker cannot be read.
        """
        current = self.records.current()
        return current is None or self._serves(current, self.host.edge.colour())

    def serving(self, current: Release) -> Release:
        """The release that users are on: ``current``, but where a run was cut off, or failed, behind its switch."""
        colour, kept = self.host.edge.colour(), {str(one.number): one for one in self.records.all()}
        ours = [one.labels for one in self.host.containers() if one.labels.get(f"{LABEL}.colour") == colour]
        numbers = (labels.get(f"{LABEL}.release", "") for labels in ours)
        return next((kept[number] for number in numbers if number in kept), current)

    def whole(self, current: Release, *, version: str, mark: str) -> bool:
        """Whether nothing is to do: the same version, document and environment, every container there and well."""
        if (current.state, current.version, current.mark) != (record.GOOD, version, mark):
            return False
        if self._confirmed_colour() != self.host.edge.colour():
            return False
        wanted = self._wanted(current, self.host.edge.colour())
        found = {one.name: one for one in self.host.containers()}
        return (
            {one.name for one in wanted} == found.keys()
            and all(one.running and one.restart == "unless-stopped" for one in found.values())
            and all(one.labels.get(f"{LABEL}.release") == str(current.number) for one in found.values())
            and self._well(current, wanted)
        )

    def _alone(self, current: Release, colour: Colour) -> None:
        """Nothing but ``current``, and all of it: Docker starts nothing again that a run had stopped. What does not
        start now hinders no release: the next one takes its place.
        """
        self._sweep(current)
        wanted = {one.name for one in self._wanted(current, colour)}
        for one in self.host.containers():
            if one.name in wanted and one.status == "exited":
                with contextlib.suppress(StairwayError):
                    self.host.docker.start_again([one.id])

    def _sweep(self, current: Release) -> None:
        """Remove what is of no release that serves: a half-made colour, a release task, an old colour not yet gone."""
        number = str(current.number)
        left = [one.id for one in self.host.containers() if one.labels.get(f"{LABEL}.release") != number]
        self.host.docker.remove(left)

    def _serves(self, release: Release, colour: Colour) -> bool:
        """Whether every routed container runs in ``colour``, of whatever release, and answers well."""
        routed = [one for one in self._wanted(release, colour) if one.service.routed]
        running = {one.name for one in self.host.containers() if one.running}
        return {one.name for one in routed} <= running and self._well(release, routed)

    def _well(self, release: Release, group: list[Candidate]) -> bool:
        return Vigil(self.host.docker, model.document(release.document), group).well_now(group)

    def _confirmed_colour(self) -> Colour:
        colour: Colour = (self.records.record() or {}).get("colour", "blue")
        return colour

    def _wanted(self, release: Release, colour: Colour) -> list[Candidate]:
        return candidates(
            model.document(release.document),
            self.host.layout,
            colour=colour,
            number=release.number,
            version=release.version,
            images=dict(release.images),
            mark=release.mark,
        )
