"""EventBridge."""

from __future__ import annotations

from collections.abc import Iterator

from moto.core.resource_tagging import TaggedResource
from moto.events.models import EventsBackend

_tagged = EventsBackend.iter_tagged_resources


def tagged(self: EventsBackend) -> Iterator[TaggedResource]:
    """Rules have tags too: https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html"""
    yield from _tagged(self)
    for bus in self.event_buses.values():
        for rule in bus.rules.values():
            yield TaggedResource(rule.arn, self.tagger.get_tag_dict_for_resource(rule.arn), "events:rule")


EventsBackend.iter_tagged_resources = tagged  # type: ignore[method-assign]
