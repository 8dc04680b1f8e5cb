"""Seed 002, iamvet: its cost figures, line by line. Seoul."""

from __future__ import annotations

from collections.abc import Iterator

from .seed_items import Item, Lines, Preset, Said, less

TWO, FOUR = Preset("iamvet", "stage2"), Preset("iamvet", "stage4")
FARGATE, VERCEL = Preset("iamvet_fargate", "stage4"), Preset("iamvet_vercel", "stage2")
TASKS = "One task of half a processor and 1 GB, as the preset has it; the seed names no size."


def iamvet() -> Iterator[Item]:
    def item(line: int, name: str, said: Said, *of: Lines, reason: str = "") -> Item:
        return Item("002", line, name, said, tuple(of), reason)

    more = (FOUR.lines(), less(TWO.lines()))
    tasks = FARGATE.lines("ecs_service/* *", "load_balancer/* e*")
    yield item(111, "way 2: ALB", (16, 16), FOUR.lines("load_balancer/main elb/application"))
    yield item(113, "way 2: more", (30, 50), *more)
    yield item(176, "way 3: ALB", (16, 16), FARGATE.lines("load_balancer/main elb/application"))
    yield item(177, "way 3: Fargate", (30, 50), FARGATE.lines("ecs_service/* *"), reason=TASKS)
    yield item(178, "way 3: together", (50, 70), tasks)
    # what stands at Vercel is in no account of AWS, and nothing that it replaces is left in the plan
    yield item(222, "way 4: Vercel", (0, 20))
    yield item(265, "phases: way 2", (30, 50), *more)
    yield item(270, "phases: way 3", (50, 70), tasks)
    yield item(275, "phases: way 4", (0, 20))
