"""Programs made small: the modules that one needs, and of them only what can be reached.

User data holds 16 KB, and the agent stands on packages that do much more than it asks of them. What is left out: whole
functions, classes, methods and constants whose names nothing that is left mentions, then comments, docstrings and
annotations. The text that stays is the source's own, so the same source always gives the same text, whatever Python
packs it. Pure but for reading the sources.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .lean import lean

_Function = (ast.FunctionDef, ast.AsyncFunctionDef)
_Span = tuple[int, int]


@dataclass
class _Module:
    """One file: its name below the root, what of it may go, and what its imports mean: a module of ours, or a name of
    one.
    """

    name: str
    source: str
    tree: ast.Module
    units: list[ast.stmt] = field(default_factory=list)
    dropped: list[ast.stmt] = field(default_factory=list)
    foreign: set[str] = field(default_factory=set)
    modules: dict[str, str] = field(default_factory=dict)
    names: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def statements(self) -> Iterator[ast.ImportFrom | ast.Import]:
        return (node for node in ast.walk(self.tree) if isinstance(node, (ast.ImportFrom, ast.Import)))


@dataclass
class _Known:
    """What is mentioned: names of modules, attributes of anything, and modules that are handed about as values."""

    names: set[tuple[str, str]] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    values: set[str] = field(default_factory=set)


def packed(root: Path, entry: str) -> dict[str, str]:
    """Source by path below ``root`` of all that the module ``entry`` (such as ``_fleet.agent.main``) needs. Its
    function ``main`` is where everything begins.
    """
    modules = _modules(root, entry)
    for module in modules.values():
        _bind(module, modules)
    _mark(list(modules.values()), entry)
    texts = {name: _text(module) for name, module in modules.items()}
    needed = _needed(texts, entry)
    return {f"{name.replace('.', '/')}.py": text for name, text in sorted(texts.items()) if name in needed}


def whole(root: Path, entry: str) -> dict[str, str]:
    """The same with every line: for a host, where somebody may want to read it, and nothing has to fit into 16 KB."""
    modules = _modules(root, entry)
    return {f"{name.replace('.', '/')}.py": module.source for name, module in sorted(modules.items())}


def _modules(root: Path, entry: str) -> dict[str, _Module]:
    found: dict[str, _Module] = {}
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        path = root / f"{name.replace('.', '/')}.py"
        if name in found or not path.is_file():
            continue
        source = path.read_text(encoding="utf-8")
        module = found[name] = _Module(name, source, ast.parse(source))
        module.units = list(_units(module.tree))
        waiting += [one for node in module.statements for one in _imported(name, node)]
    return found


def _imported(name: str, node: ast.stmt) -> Iterator[str]:
    """The modules of ours that an import may mean."""
    if isinstance(node, ast.ImportFrom) and node.level:
        base = name.split(".")[: -node.level]
        whole = ".".join([*base, *(node.module or "").split(".")]).strip(".")
        yield whole
        yield from (f"{whole}.{alias.name}".strip(".") for alias in node.names)


def _units(tree: ast.Module) -> Iterator[ast.stmt]:
    """What may be left out by itself."""
    for node in tree.body:
        if isinstance(node, (*_Function, ast.ClassDef)) or _bound(node):
            yield node
        if isinstance(node, ast.ClassDef):
            yield from (one for one in node.body if isinstance(one, _Function) and not one.name.startswith("__"))


def _bound(node: ast.stmt) -> list[str]:
    """The names that a constant has."""
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    if not isinstance(node, ast.Assign):
        return []
    names = [one for target in node.targets for one in (target.elts if isinstance(target, ast.Tuple) else [target])]
    return [one.id for one in names if isinstance(one, ast.Name)] if all(isinstance(x, ast.Name) for x in names) else []


def _names(unit: ast.stmt) -> list[str]:
    return [unit.name] if isinstance(unit, (*_Function, ast.ClassDef)) else _bound(unit)


def _bind(module: _Module, modules: dict[str, _Module]) -> None:
    for node in module.statements:
        if not (isinstance(node, ast.ImportFrom) and node.level):
            module.foreign |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
            continue
        base = next(_imported(module.name, node))
        for alias in node.names:
            whole = f"{base}.{alias.name}".strip(".")
            if whole in modules:
                module.modules[alias.asname or alias.name] = whole
            else:
                module.names[alias.asname or alias.name] = (base, alias.name)


def _mark(modules: list[_Module], entry: str) -> None:
    """Leave in ``dropped`` what no name leads to."""
    known = _Known({(entry, "main")})
    for module in modules:
        units = set(module.units)
        for node in module.tree.body:
            if node not in units:
                _mention(node, module, known)
    left = [(module, unit) for module in modules for unit in module.units]
    while now := [(module, unit) for module, unit in left if _wanted(module, unit, known)]:
        left = [pair for pair in left if pair not in now]
        for module, unit in now:
            _mention(unit, module, known)
    for module, unit in left:
        module.dropped.append(unit)


def _wanted(module: _Module, unit: ast.stmt, known: _Known) -> bool:
    names = _names(unit)
    if unit not in module.tree.body:
        return bool(known.attributes.intersection(names))
    dynamic = module.name in known.values and known.attributes.intersection(names)
    return bool(dynamic) or any((module.name, name) in known.names for name in names)


def _mention(node: ast.AST, module: _Module, known: _Known) -> None:
    """Note the names in what runs: methods of a class are units of their own, and annotations are never looked at."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return
    if isinstance(node, ast.Name):
        if node.id in module.modules:
            known.values.add(module.modules[node.id])
        known.names.add(module.names.get(node.id, (module.name, node.id)))
    if isinstance(node, ast.Attribute):
        base = node.value.id if isinstance(node.value, ast.Name) else ""
        if base in module.modules:
            known.names.add((module.modules[base], node.attr))
        if base in module.modules or base in module.foreign:
            return
        known.attributes.add(node.attr)
    for child in _running(node):
        _mention(child, module, known)


def _running(node: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            own = isinstance(node, ast.ClassDef) and isinstance(child, _Function) and not child.name.startswith("__")
            if isinstance(child, ast.AST) and not own:
                yield child


class _Lines:
    """Places of the syntax tree, which count bytes of UTF-8, as offsets."""

    def __init__(self, source: str) -> None:
        self.lines = source.encode().splitlines(keepends=True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))

    def whole(self, node: ast.stmt) -> _Span:
        first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])
        return self.starts[first - 1], self.starts[node.end_lineno or first]

    def at(self, line: int, column: int) -> int:
        return self.starts[line - 1] + column


def _text(module: _Module) -> str:
    lines = _Lines(module.source)
    gone = {id(inner) for unit in module.dropped for inner in ast.walk(unit)}
    alive = [node for node in ast.walk(module.tree) if id(node) not in gone]
    used = {name for node in module.tree.body if id(node) not in gone for name in _in_use(node, gone)}
    cuts: list[tuple[int, int, str]] = [(*lines.whole(unit), "") for unit in module.dropped]
    for node in alive:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            cuts.append((lines.at(node.lineno, node.col_offset), _end(lines, node), _import(node, used)))
        elif isinstance(node, (*_Function, ast.ClassDef, ast.Module)):
            cuts += _docstring(lines, node, gone)
        elif isinstance(node, ast.AnnAssign):
            # a field of a dataclass has to have one, whatever it says
            cuts.append(
                (lines.at(node.annotation.lineno, node.annotation.col_offset), _end(lines, node.annotation), "0")
            )
        if isinstance(node, _Function):
            cuts += _annotations(lines, node)
    return lean(_cut(module.source.encode(), cuts).decode())


def _in_use(node: ast.AST, gone: set[int]) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    for name, value in ast.iter_fields(node):
        if name not in ("annotation", "returns"):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and id(child) not in gone:
                    yield from _in_use(child, gone)


def _end(lines: _Lines, node: ast.AST) -> int:
    return lines.at(node.end_lineno or 0, node.end_col_offset or 0)  # type: ignore[attr-defined]


def _import(node: ast.Import | ast.ImportFrom, used: set[str]) -> str:
    """The same import with what is used of it; without annotations there is no future to ask for either."""
    names = [one for one in node.names if (one.asname or one.name.split(".")[0]) in used]
    if not names:
        return "pass" if node.col_offset else ""
    what = ",".join(f"{one.name} as {one.asname}" if one.asname else one.name for one in names)
    if isinstance(node, ast.Import):
        return f"import {what}"
    return f"from {'.' * node.level}{node.module or ''} import {what}"


def _docstring(
    lines: _Lines, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module, gone: set[int]
) -> Iterator[tuple[int, int, str]]:
    first = node.body[0] if node.body else None
    if not (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    ):
        return
    alone = all(id(one) in gone for one in node.body[1:]) and not isinstance(node, ast.Module)
    yield lines.at(first.lineno, first.col_offset), _end(lines, first), "pass" if alone else ""


def _annotations(lines: _Lines, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[int, int, str]]:
    given = node.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    for one in every:
        if one is not None and one.annotation is not None:
            yield lines.at(one.lineno, one.col_offset) + len(one.arg.encode()), _end(lines, one.annotation), ""
    if node.returns is not None:
        start = lines.at(node.returns.lineno, node.returns.col_offset)
        source = b"".join(lines.lines)
        yield source.rindex(b"->", 0, start), _end(lines, node.returns), ""


def _cut(source: bytes, cuts: list[tuple[int, int, str]]) -> bytes:
    """Without the spans, the outer ones first."""
    done, result = 0, b""
    for start, end, text in sorted(cuts, key=lambda cut: (cut[0], -cut[1])):
        if start < done:
            continue
        result += source[done:start] + text.encode()
        done = end
    return result + source[done:]


def _needed(texts: dict[str, str], entry: str) -> set[str]:
    """The modules that what is left still imports."""
    found: set[str] = set()
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        if name in found or name not in texts:
            continue
        found.add(name)
        waiting += [one for node in ast.walk(ast.parse(texts[name])) for one in _imported(name, node)]  # type: ignore[arg-type]
    return found
