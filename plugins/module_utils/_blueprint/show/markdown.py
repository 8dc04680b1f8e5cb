"""A plan as Markdown for a comment on a pull request. Pure.

The first line is a marker that no reader sees: whoever posts the comment finds the one of the last run by it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from .money import change, dollars
from .view import Row, View
from .words import SIGNS, leaf, month, reason_word, remarks, summary, usage

# GitHub refuses comments of more than 65,536 characters.
LONGEST = 65_000
CUT = "\n\n… cut here: the whole plan is in the job's log.\n"


def marker(view: View) -> str:
    """The comment's first line: the same for every plan of an app's stage in a region."""
    return f"<!-- stairway plan {view.plan.app} {view.plan.stage} {view.plan.region} -->"


def markdown(view: View) -> str:
    """The whole plan, or as much of it as fits into a comment."""
    sections = [
        "\n".join(section) for section in (_head(view), _changes(view), _prices(view), _alone(view), _notes(view))
    ]
    text = "\n\n".join(section for section in sections if section) + "\n"
    if len(text) <= LONGEST:
        return text
    # a folded section that was cut has to be closed, or GitHub folds all that follows
    cut = text[: LONGEST - 200]
    cut = cut[: cut.rfind("\n")]
    fence = "\n```" if cut.count("\n```") % 2 else ""
    return cut + fence + "\n</details>" * (cut.count("<details>") - cut.count("</details>")) + CUT


def _head(view: View) -> Iterator[str]:
    plan = view.plan
    yield marker(view)
    yield f"### Plan: {_safe(plan.app)} {_safe(plan.stage)} in {_safe(plan.region)}"
    yield ""
    sums = f"**{dollars(view.now.usd)} → {dollars(view.after.usd)}** ({change(view.difference)})"
    yield f"{summary(view)} A month: {sums}"


def _changes(view: View) -> Iterator[str]:
    rows = view.of("delete", "replace", "change", "create", "adopt")
    if not rows:
        return
    yield "```diff"
    for row in rows:
        yield from _row(row)
    yield "```"


def _row(row: Row) -> Iterator[str]:
    step = row.step
    # «diff» colours lines by their first sign, and knows ! for what changes
    sign = {"replace": "!", "change": "!", "adopt": "#"}.get(step.verb, SIGNS[step.verb])
    yield _fenced(f"{sign} {step.verb} {step.key}{f' ({step.id})' if step.id else ''}")
    for attribute in row.attributes:
        for number, one in enumerate(attribute.leaves):
            reason = "   # forces the replacement" if attribute.forces and number == 0 else ""
            yield _fenced(f"      {leaf(one)}{reason}")
    if step.why:
        yield _fenced(f"      {reason_word(step)}: {step.why}")


def _prices(view: View) -> Iterator[str]:
    rows = [row for row in view.rows if not row.free]
    if rows:
        yield "| Resource | now | after | difference |"
        yield "|---|--:|--:|--:|"
    for row in rows:
        cells = (dollars(row.now.usd), dollars(row.after.usd), change(row.difference))
        yield f"| {_code(row.step.key)} | {' | '.join(cells)} |"
    if rows:
        yield f"| **Together** | {' | '.join(f'**{value}**' for _name, value in month(view))} |"
        yield ""
    yield from (
        f"- {_safe(line)}" if not line.startswith("  ") else f"  - {_safe(line.strip())}" for line in remarks(view)
    )
    if rows:
        yield from _lines(rows)


def _lines(rows: list[Row]) -> Iterator[str]:
    yield ""
    yield "<details><summary>Every line of the bill</summary>"
    yield ""
    yield "| Resource | SKU | used in a month | difference | assumption |"
    yield "|---|---|---|--:|---|"
    for row in rows:
        for pair in row.pairs:
            usd = "unknown" if pair.difference is None else change(pair.difference)
            cells = (_code(row.step.key), _code(pair.line.sku), usage(pair), usd, _safe(pair.line.traffic or ""))
            yield f"| {' | '.join(cells)} |"
    yield ""
    yield "</details>"


def _alone(view: View) -> Iterator[str]:
    for title, rows in (("Left alone", view.of("keep")), ("Free", view.free)):
        if rows:
            yield f"<details><summary>{title}: {len(rows)}</summary>"
            yield ""
            yield from (
                f"- {_code(row.step.key)}"
                + (f": {_safe(row.step.why)}" if row.step.verb == "keep" and row.step.why else "")
                for row in rows
            )
            yield ""
            yield "</details>"
            yield ""


def _notes(view: View) -> Iterator[str]:
    yield from (f"> {_safe(note)}" for note in view.plan.notes)


def _safe(text: str) -> str:
    """Text that Markdown and GitHub leave as it is: no markup, no table cell, no mention of a person, no HTML."""
    flat = html.escape(" ".join(text.split()), quote=False)
    return re.sub(r"([\\`*_{}\[\]|])", r"\\\1", flat).replace("@", "@\u200b")


def _code(text: str) -> str:
    """A name or an SKU; neither has a sign that ends the span or the cell, whatever a file says."""
    plain = text.replace("`", "'").replace("|", "/")
    return f"`{plain}`"


def _fenced(text: str) -> str:
    """One line inside the fence, whatever it holds."""
    return " ".join(text.splitlines()).replace("```", "'''")
