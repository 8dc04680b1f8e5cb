"""The example apps of the rehearsal."""

from __future__ import annotations

from rehearsal import apps

PRINTED = """\
registry.stairway.test:5000/resee-api:1 ... built in 4.0 s
registry.stairway.test:5000/resee-web:1 ... built in 0.1 s
"""


def test_what_was_built_is_read_from_what_was_printed() -> None:
    assert apps.built(PRINTED) == ["registry.stairway.test:5000/resee-api:1", "registry.stairway.test:5000/resee-web:1"]
    assert apps.built("registry.stairway.test:5000/resee-api:1 ... FAILED in 1 s\n") == []


def test_bases_are_those_that_the_rehearsal_makes() -> None:
    dockerfiles = iter(["FROM node:20 AS build\nRUN x\nFROM nginx:1\n", "from python:3\nFROM scratch\nFROM\n"])
    assert [image.tag for image in apps.bases(dockerfiles)] == ["nginx:1", "node:20", "python:3"]
