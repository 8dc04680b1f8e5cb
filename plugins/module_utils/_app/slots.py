"""The ports on 127.0.0.1 that a service's containers are published on: eight in a row, four for each colour."""

from __future__ import annotations

from zlib import crc32

FIRST_PORT = 20_000
SLOTS = 1250
COLOURS = {"blue": 0, "green": 4}


def slot_of(app: str, service: str, chosen: int | None = None) -> int:
    """The slot that a service gets by its name, unless its ``port_slot`` says another."""
    return crc32(f"{app}/{service}".encode()) % SLOTS if chosen is None else chosen


def port_of(slot: int, colour: str, replica: int) -> int:
    """The port of one container; ``replica`` counts from 1 to 4."""
    return FIRST_PORT + slot * 8 + COLOURS[colour] + replica - 1
