"""The two ways into the app spec: ``check_files`` for what stands in files, ``parse`` for what Ansible made of it."""

from __future__ import annotations

from typing import Any

from . import rules
from .mistakes import Mistake, SpecError
from .model import App
from .reading import BAD, Report, build, read
from .schema import APP
from .secrets import clear_text
from .shapes import Problem
from .source import Document, Source, gather


def check_files(documents: list[Document]) -> Source:
    """Check the files that define ``app`` and ``app_overrides``, secrets in clear text too.

    :returns: where every value stands, for ``parse``.
    :raises SpecError: with every mistake in every file.
    """
    mistakes = find_mistakes(documents)
    if mistakes:
        raise SpecError(mistakes)
    return gather(documents)[1]


def find_mistakes(documents: list[Document]) -> list[Mistake]:
    """What ``check_files`` would raise."""
    mistakes = [mistake for document in documents for mistake in (*document.mistakes, *clear_text(document))]
    if any(mistake.path == "(file)" for mistake in mistakes):
        return mistakes
    data, source = gather(documents)
    return mistakes + _inspect(data, source)[1]


def parse(data: Any, source: Source | str = "app") -> App:
    """The spec as dataclasses. ``data`` is the variable ``app`` with ``app_overrides`` laid over it
    (``source.merged``), fully rendered;
    ``source`` says where its values stand, or how to call them.

    :raises SpecError: with every mistake.
    """
    clean, mistakes = _inspect(data, Source(source) if isinstance(source, str) else source)
    if mistakes:
        raise SpecError(mistakes)
    app: App = build(_settled(clean), APP)
    return app


def _inspect(data: Any, source: Source) -> tuple[Any, list[Mistake]]:
    report = Report(source)
    if data is None:
        report.add((), Problem("There is no app.", "the variable app, a mapping", "app:\n    name: chat"), None)
        return None, report.mistakes
    clean = read(data, APP, (), report)
    if clean is not BAD:
        rules.check(clean, report)
    return clean, report.mistakes


def _settled(clean: dict[str, Any]) -> dict[str, Any]:
    """With the defaults that depend on other values: a routed service has paths and health, an app's mappings have no
    nulls.
    """
    services = {name: _settled_service(service) for name, service in clean["services"].items()}
    stage = {aspect: choice for aspect, choice in clean["stage"].items() if choice is not None}
    return {**clean, "services": services, "stage": stage}


def _settled_service(service: dict[str, Any]) -> dict[str, Any]:
    if service["port"] is None:
        return {**service, "paths": []}
    paths = ["/"] if service["paths"] is None else service["paths"]
    health = service["health"]
    if health is None:
        health = {"path": "/health", "interval_seconds": 0.5, "timeout_seconds": 2, "start_seconds": 60}
    return {**service, "paths": paths, "health": health}
