"""A dashboard's body: widgets as the blueprint has them, and the JSON that CloudWatch draws. Pure.

CloudWatch lays widgets on 24 columns; here they follow each other like words, so that nobody counts coordinates. The
last widget says who made the page: dashboards have had no tags for most of CloudWatch's life, and the library that
speaks to AWS may be older than they are. Somebody who only moves widgets in the console changes nothing here; another
order, another size or another content is a difference.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote

COLUMNS = 24
VIEWS = {
    "lines": "timeSeries",
    "number": "singleValue",
    "bars": "bar",
    "pie": "pie",
    "gauge": "gauge",
    "table": "table",
}
MADE_BY = "Made by Stairway, which undoes what is changed here by hand."
_MARK = re.compile(r'\[stairway\]: # "([^"]*)"')
# these have their metrics in one region, wherever they serve
_VIRGINIA = ("AWS/CloudFront", "AWS/Route53", "AWS/Billing")


def body(widgets: Iterable[Mapping[str, Any]], past: str, region: str, tags: Mapping[str, str]) -> str:
    """The JSON of one page; ``tags`` go into its last widget."""
    drawn = [{**_draw(one, region), **place} for one, place in _placed(list(widgets))]
    bottom = max((one["y"] + one["height"] for one in drawn), default=0)
    mark = {"type": "text", "x": 0, "y": bottom, "width": COLUMNS, "height": 1}
    text = f'{MADE_BY}\n\n[stairway]: # "{quote(json.dumps(dict(tags), sort_keys=True))}"'
    return json.dumps({"start": past, "widgets": [*drawn, {**mark, "properties": {"markdown": text}}]})


def read(text: str) -> tuple[list[dict[str, Any]], str, dict[str, str]]:
    """Widgets, how far back it looks, and the tags, of a body that anybody may have written."""
    page = json.loads(text)
    widgets = sorted(page.get("widgets", []), key=lambda one: (one.get("y", 0), one.get("x", 0)))
    tags: dict[str, str] = {}
    found = []
    for one in widgets:
        mark = _MARK.search(str(one.get("properties", {}).get("markdown", "")))
        if mark:
            tags = json.loads(unquote(mark.group(1)))
        else:
            found.append(_read(one))
    return found, str(page.get("start", "-PT3H")), tags


def _placed(widgets: list[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], dict[str, int]]]:
    x = y = row = 0
    for one in widgets:
        width, height = int(one.get("width") or 12), int(one.get("height") or 6)
        if x + width > COLUMNS:
            x, y, row = 0, y + row, 0
        yield one, {"x": x, "y": y, "width": width, "height": height}
        x, row = x + width, max(row, height)


# -- ours to CloudWatch's ---------------------------------------------------------------------------------------------


def _draw(one: Mapping[str, Any], region: str) -> dict[str, Any]:
    title = {"title": one["title"]} if one.get("title") else {}
    if one.get("text") is not None:
        return {"type": "text", "properties": {"markdown": one["text"]}}
    if one.get("alarms") is not None:
        return {"type": "alarm", "properties": {**title, "alarms": list(one["alarms"])}}
    if one.get("log_query") is not None:
        sources = "".join(f"SOURCE '{group}' | " for group in one.get("log_groups") or [])
        view = one.get("view") or "lines"
        shown = {"view": "table" if view == "lines" else VIEWS[view], "query": sources + one["log_query"]}
        return {"type": "log", "properties": {**title, "region": region, **shown}}
    return {"type": "metric", "properties": {**title, "region": region, **_graph(one)}}


def _graph(one: Mapping[str, Any]) -> dict[str, Any]:
    view = one.get("view") or "lines"
    axis = {ours: one[name] for name, ours in (("least", "min"), ("most", "max")) if one.get(name) is not None}
    graph = {
        "view": VIEWS["lines" if view == "stacked" else view],
        "stacked": view == "stacked",
        "stat": one.get("statistic") or "Average",
        "period": int(one.get("period_seconds") or 300),
        "metrics": [_line(line) for line in one["lines"]],
    }
    if axis:
        graph["yAxis"] = {"left": axis}
    if one.get("mark") is not None:
        graph["annotations"] = {"horizontal": [{"value": one["mark"]}]}
    return graph


def _line(line: Mapping[str, Any]) -> list[Any]:
    options = {
        "id": line.get("key"),
        "label": line.get("label"),
        "stat": line.get("statistic"),
        "color": line.get("color"),
        "yAxis": "right" if line.get("right_axis") else None,
        "visible": False if line.get("hidden") else None,
        "region": "us-east-1" if line.get("namespace") in _VIRGINIA else None,
    }
    given = {key: value for key, value in options.items() if value is not None}
    if line.get("expression") is not None:
        return [{"expression": line["expression"], **given}]
    of = line.get("of") or {}
    dimensions = [text for name in sorted(of) for text in (name, of[name])]
    return [line["namespace"], line["metric"], *dimensions, *([given] if given else [])]


# -- CloudWatch's to ours ---------------------------------------------------------------------------------------------


def _read(one: Mapping[str, Any]) -> dict[str, Any]:
    properties = one.get("properties", {})
    size = {"width": one.get("width", 6), "height": one.get("height", 6)}
    if properties.get("title"):
        size["title"] = properties["title"]
    if one.get("type") == "text":
        return {**size, "text": properties.get("markdown", "")}
    if one.get("type") == "alarm":
        return {**size, "alarms": list(properties.get("alarms", []))}
    if one.get("type") == "log":
        return {**size, **_read_query(properties)}
    return {**size, **_read_graph(properties)}


def _read_query(properties: Mapping[str, Any]) -> dict[str, Any]:
    query = str(properties.get("query", ""))
    groups = re.findall(r"SOURCE '([^']+)' \| ", query)
    view = _view(properties.get("view", "table"))
    shown = {"log_query": re.sub(r"SOURCE '[^']+' \| ", "", query), "view": "lines" if view == "table" else view}
    return {**shown, "log_groups": groups} if groups else shown


def _view(theirs: str) -> str:
    return next((ours for ours, word in VIEWS.items() if word == theirs), theirs)


def _read_graph(properties: Mapping[str, Any]) -> dict[str, Any]:
    axis = (properties.get("yAxis") or {}).get("left") or {}
    marks = (properties.get("annotations") or {}).get("horizontal") or []
    view = _view(properties.get("view", "timeSeries"))
    found = {
        "view": "stacked" if view == "lines" and properties.get("stacked") else view,
        "statistic": properties.get("stat", "Average"),
        "period_seconds": properties.get("period", 300),
        "lines": [_read_line(line) for line in properties.get("metrics", [])],
        "least": axis.get("min"),
        "most": axis.get("max"),
        "mark": marks[0].get("value") if marks else None,
    }
    return {key: value for key, value in found.items() if value is not None}


def _read_line(line: list[Any]) -> dict[str, Any]:
    options = line[-1] if line and isinstance(line[-1], Mapping) else {}
    words = [str(one) for one in line if not isinstance(one, Mapping)]
    found = {
        "expression": options.get("expression"),
        "key": options.get("id"),
        "label": options.get("label"),
        "statistic": options.get("stat"),
        "color": options.get("color"),
        "right_axis": options.get("yAxis") == "right",
        "hidden": options.get("visible") is False,
    }
    if len(words) >= 2:
        dimensions = dict(zip(words[2::2], words[3::2], strict=False))
        found.update({"namespace": words[0], "metric": words[1], "of": dimensions})
    return {key: value for key, value in found.items() if value is not None}
