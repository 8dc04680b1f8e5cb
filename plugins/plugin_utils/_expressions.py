"""Jinja expressions that are asked of thousands of hosts.

Ansible compiles an expression again for each host. Here it is read once: a plain lookup (``tags.Role``,
``placement['region']``) is done without Jinja, and of any other the answer is remembered for the values that it reads,
so that ``vpc_id == 'vpc-1'`` is evaluated once for each VPC. What cannot be known to depend on its values only (a
lookup, ``now()``, ``random``) is asked anew each time. The answers are those of Ansible's own templating: a test
compares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.parser import Parser

Path = tuple[Any, ...]
View = Sequence[Mapping[str, Any]]
# Evaluates with all variables merged; Ansible's.
Ask = Callable[[str, dict[str, Any]], Any]

PLAIN = (str, int, bool, float, type(None))
# Attributes that Jinja would find on the value itself, such as ``tags.items``.
METHODS = frozenset(name for kind in (dict, list, str, int, float, bool) for name in dir(kind))
# Filters and tests whose answer depends on their arguments only. Others are asked each time.
FILTERS = """
    abs attr b64decode b64encode basename batch bool capitalize center combine count d default dict2items difference
    dirname e escape extract first flatten float forceescape format from_json from_yaml groupby hash human_readable
    human_to_bytes indent int intersect items items2dict join json_query last length list lower mandatory map max
    md5 min path_join permutations product quote regex_escape regex_findall regex_replace regex_search reject
    rejectattr replace reverse round select selectattr sha1 slice sort split splitext string striptags subelements
    sum symmetric_difference ternary title to_json to_nice_json to_nice_yaml to_yaml trim truncate type_debug union
    unique upper urlencode urlsplit wordcount zip zip_longest
"""
TESTS = """
    all any boolean contains defined divisibleby eq equalto even falsy filter ge greaterthan gt in integer is_abs
    iterable le lessthan lt mapping match ne none number odd regex sameas search sequence subset superset truthy
    undefined version
"""
PURE = frozenset(FILTERS.split() + TESTS.split())
# Their first argument is the name of another one.
NAMING = frozenset({"map", "select", "reject", "selectattr", "rejectattr"})
GLOBALS = frozenset({"lookup", "query", "q", "now", "undef", "finalize", "range", "dict", "lipsum", "cycler", "joiner"})
OPAQUE = frozenset({"vars", "hostvars", "groups"})


@dataclass(frozen=True)
class Missing:
    """No value; ``steps`` of the path there were."""

    steps: int


@dataclass(frozen=True)
class Failed:
    """What an expression answered in place of a value."""

    error: Exception


class Expression:
    """One expression. ``roots`` are the variables that it reads, ``None`` when that cannot be told.

    With ``judged``, what ``ask`` answers is no value but a judgement about it, so it is always asked.
    """

    def __init__(self, text: Any, ask: Ask, errors: tuple[type[Exception], ...], judged: bool = False) -> None:
        self.text = text
        self._ask = ask
        self._errors = errors
        self._known: dict[Any, Any] = {}
        path, self.inputs = read(text)
        self.path = None if judged else path
        self.roots = None if self.inputs is None else frozenset(str(one[0]) for one in self.inputs)

    def value(self, view: View, whole: Callable[[], dict[str, Any]], plain: bool = True) -> Any:
        """The answer, or ``Failed``.

        ``view`` are the host's variables, the strongest first, and ``whole`` merges them. They have to be ``plain``, as
        read from EC2: variables of others may be templates, and those are Ansible's business.
        """
        if not plain or self.inputs is None:
            return self._asked(whole())
        if self.path is not None:
            found = follow(view, self.path)
            if type(found) is not Missing:
                return found
        key = tuple(_frozen(follow(view, path)) for path in self.inputs)
        if key not in self._known:
            self._known[key] = self._asked(whole())
        return self._known[key]

    def _asked(self, variables: dict[str, Any]) -> Any:
        try:
            return self._ask(self.text, variables)
        except self._errors as error:
            return Failed(error)


def read(text: Any) -> tuple[Path | None, tuple[Path, ...] | None]:
    """The path, if the expression is nothing but one; and the paths it depends on, if that can be told."""
    if not isinstance(text, str) or "{{" in text or "{%" in text or "\\" in text:
        return None, None  # a mistake, or something that Ansible treats in a way of its own
    try:
        parser = Parser(Environment(autoescape=False), text, state="variable")  # noqa: S701 # it only reads
        tree = parser.parse_expression()
        if not parser.stream.eos:
            return None, None
    except TemplateSyntaxError:
        return None, None
    path = _path(tree)
    try:
        inputs = tuple(dict.fromkeys(_inputs(tree)))
    except _CannotTellError:
        return None, None
    return path, inputs


def follow(view: View, path: Path) -> Any:
    """The value at ``path``, or ``Missing``."""
    for variables in view:
        if path[0] in variables:
            found = variables[path[0]]
            break
    else:
        return Missing(0)
    for number, step in enumerate(path[1:], 1):
        if not _has(found, step):
            return Missing(number)
        found = found[step]
    return found


def _has(value: Any, step: Any) -> bool:
    if type(value) is dict:
        return step in value
    return type(value) is list and type(step) is int and -len(value) <= step < len(value)


class _CannotTellError(Exception):
    """The answer may depend on more than the values that the expression names."""


def _path(node: nodes.Node) -> Path | None:
    """``a.b['c'][0]`` as steps."""
    if isinstance(node, nodes.Name):
        return None if node.name in GLOBALS | OPAQUE else (node.name,)
    if isinstance(node, nodes.Getattr):
        before = _path(node.node)
        return None if before is None or node.attr in METHODS else (*before, node.attr)
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and type(node.arg.value) in (str, int):
        before = _path(node.node)
        return None if before is None or node.arg.value in METHODS else (*before, node.arg.value)
    return None


def _inputs(node: nodes.Node) -> Iterator[Path]:
    path = _path(node)
    if path is not None:
        yield path
        return
    if isinstance(node, nodes.Name) or not _is_pure(node):
        raise _CannotTellError
    for child in node.iter_child_nodes():
        yield from _inputs(child)


def _is_pure(node: nodes.Node) -> bool:
    if isinstance(node, (nodes.Filter, nodes.Test)):
        name = node.name.removeprefix("ansible.builtin.")
        named = node.args[0] if node.args else None
        if name in NAMING and named is not None:
            return isinstance(named, nodes.Const) and (named.value in PURE or name.endswith("attr"))
        return name in PURE
    if isinstance(node, nodes.Call):
        return isinstance(node.node, nodes.Getattr)  # a method; what it is called on is read below
    return isinstance(node, (nodes.Expr, nodes.Helper, nodes.Operand))


def _frozen(value: Any) -> Any:
    """Something that can be a key, and tells 1 from True."""
    if type(value) in (str, Missing):
        return value
    return (type(value), value if type(value) in PLAIN else repr(value))
