"""What only two values together can break, about stores and the variables that tell services of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from .._common.suggest import nearest
from .engines import ENGINES, Engine
from .mistakes import Path
from .reading import BAD, Report, known
from .references import references_in
from .scalars import identifier, size_bytes, words
from .shapes import Problem

Spec = dict[str, Any]


def stores_of(spec: Spec) -> Iterator[tuple[str, Spec, Engine]]:
    """The stores whose engine is known."""
    stores = spec["stores"] if known(spec["stores"]) else {}
    for name, store in stores.items():
        if known(store) and known(store["engine"]):
            yield name, store, ENGINES[store["engine"]]


def _what_a_container_needs(spec: Spec, report: Report) -> None:
    for name, store, engine in stores_of(spec):
        if store["url"] is not None:
            continue
        needed = ("version", "password") if engine.name == "redis" else ("version", "database", "user", "password")
        for key in needed:
            if store[key] is None:
                message = f"A store of {engine.name} needs a {key}."
                report.add(("stores", name, key), Problem(message, f"a {key}", _example(key, name, engine)), None)


def _example(key: str, name: str, engine: Engine) -> str:
    example = {
        "version": f'"{engine.versions[-1]}"',
        "password": f'"{{{{ vault_{name.replace("-", "_")}_password }}}}"',
    }
    return f"{key}: {example.get(key, name.replace('-', '_'))}"


def _external_is_a_url(spec: Spec, report: Report) -> None:
    for name, store, engine in stores_of(spec):
        if store["url"] is None:
            continue
        for key in ("version", "database", "user", "password"):
            if store[key] is not None:
                problem = Problem(
                    "A store with a url is run by somebody else.", f"url without {key}", f"take out {key}"
                )
                report.add(("stores", name, key), problem, None, found=f"url and {key}")
        scheme = urlsplit(store["url"]).scheme.split("+")[0] if known(store["url"]) else engine.scheme
        if scheme not in (
            engine.scheme,
            f"{engine.scheme}s",
            "postgres" if engine.scheme == "postgresql" else engine.scheme,
        ):
            problem = Problem("The url is not of this engine.", f"a URL that starts with {engine.scheme}://")
            report.add(("stores", name, "url"), problem, None, found=f"a URL that starts with {scheme}://")


def _versions_are_supported(spec: Spec, report: Report) -> None:
    for name, store, engine in stores_of(spec):
        version = store["version"]
        if not known(version) or engine.line_of(version):
            continue
        closest = [line for line in engine.versions if line.split(".")[0] == version.split(".")[0]]
        newest = (closest or list(engine.versions))[-1]
        problem = Problem(
            f"This version of {engine.name} is not supported.", f"one of {', '.join(engine.versions)}", f'"{newest}"'
        )
        report.add(("stores", name, "version"), problem, version)


def _names_are_free(spec: Spec, report: Report) -> None:
    for name, store, engine in stores_of(spec):
        if known(store["user"]) and store["user"] in engine.administrators:
            problem = Problem(
                "This user administers the whole server.",
                "a user of the app's own",
                spec["name"] if known(spec["name"]) else None,
            )
            report.add(("stores", name, "user"), problem, store["user"])
        if known(store["database"]):
            _database(("stores", name, "database"), store["database"], engine, report)


def _database(path: Path, database: str, engine: Engine, report: Report) -> None:
    if engine.name == "redis":
        if not (database.isdigit() and int(database) < 16):
            report.add(
                path, Problem("Redis numbers its databases.", 'a number in quotes from "0" to "15"', '"0"'), database
            )
    elif database in engine.system_databases:
        report.add(
            path, Problem(f"This database belongs to {engine.name} itself.", "a database of the app's own"), database
        )
    else:
        problem = identifier(database)
        if problem is not None:
            report.add(path, problem, database)


def _memory_suffices(spec: Spec, report: Report) -> None:
    for name, store, engine in stores_of(spec):
        memory = store["memory"]
        if known(memory) and size_bytes(memory) < size_bytes(engine.least_memory):
            problem = Problem(
                f"{engine.name} does not start in so little memory.",
                f"at least {engine.least_memory}",
                engine.least_memory,
            )
            report.add(("stores", name, "memory"), problem, memory)


def _forms_exist(spec: Spec, report: Report) -> None:
    for name, store, engine in stores_of(spec):
        for variable, form in (store["env"] if known(store["env"]) else {}).items():
            if known(form) and form not in engine.forms:
                problem = Problem(f"{engine.name} has no {form}.", f"one of {', '.join(engine.forms)}", "url")
                report.add(("stores", name, "env", variable), problem, form)


def _variables_are_set_once(spec: Spec, report: Report) -> None:
    owners = {variable: "app.env" for variable in (spec["env"] if known(spec["env"]) else {})}
    for name, store, _engine in stores_of(spec):
        for variable in store["env"] if known(store["env"]) else {}:
            if variable in owners:
                expected = f"a variable that is set once; {owners[variable]} sets it too"
                report.add(
                    ("stores", name, "env", variable),
                    Problem("This variable is set twice.", expected),
                    variable,
                    found=variable,
                )
            owners.setdefault(variable, f"stores.{name}")


def _variables(spec: Spec) -> Iterator[tuple[Path, str]]:
    """Every env value that is a text, references of Jinja too."""
    tables: list[tuple[Path, Any]] = [(("env",), spec["env"])]
    for name, service in (spec["services"] if known(spec["services"]) else {}).items():
        if known(service):
            tables.append((("services", name, "env"), service["env"]))
    for path, table in tables:
        for variable, value in (table if known(table) else {}).items():
            if isinstance(value, str):
                yield (*path, variable), value


def _references_resolve(spec: Spec, report: Report) -> None:
    if spec["stores"] is BAD:
        return
    names = list(spec["stores"] or {})
    engines = {name: engine for name, _other, engine in stores_of(spec)}
    for path, value in _variables(spec):
        for reference in references_in(value):
            if reference.store not in names:
                expected = f"one of {words(names)}" if names else "a store of this app, and it has none"
                problem = Problem("There is no such store.", expected, nearest(reference.store, names))
                report.add(path, problem, None, found=str(reference))
            elif reference.store in engines and reference.form not in engines[reference.store].forms:
                forms = engines[reference.store].forms
                problem = Problem(
                    "A store tells no such thing.", f"one of {', '.join(forms)}", nearest(reference.form, forms)
                )
                report.add(path, problem, None, found=str(reference))


RULES: tuple[Callable[[Spec, Report], None], ...] = (
    _what_a_container_needs,
    _external_is_a_url,
    _versions_are_supported,
    _names_are_free,
    _memory_suffices,
    _forms_exist,
    _variables_are_set_once,
    _references_resolve,
)
