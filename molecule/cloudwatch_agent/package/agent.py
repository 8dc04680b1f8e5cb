#!/usr/bin/python3
"""A stand-in for the programs of the CloudWatch agent, under their names and with their arguments.

``config-translator`` refuses what the agent's schema refuses (all that is JSON, where the schema was not at hand when
the package was made). ``start-amazon-cloudwatch-agent`` translates as that does, then follows the newest file of each
entry, and writes down what it would have sent: nothing of AWS is asked.
"""

from __future__ import annotations

import argparse
import glob
import json
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HOME = Path("/opt/aws/amazon-cloudwatch-agent")
TYPES: dict[str, Any] = {
    "object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float),
}  # fmt: skip


def problems(schema: Any, rule: dict[str, Any], value: Any, path: str = "") -> Iterator[str]:
    """What a schema (draft 4) finds wrong."""
    if "$ref" in rule:
        target = schema
        for part in rule["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        yield from problems(schema, target, value, path)
        return
    kind = rule.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        yield f"{path}: {json.dumps(value)[:60]} is no {kind}"
        return
    if "enum" in rule and value not in rule["enum"]:
        yield f"{path}: {value} is none of {rule['enum']}"
    for word, several in (("allOf", all), ("anyOf", any), ("oneOf", any)):
        found = [list(problems(schema, one, value, path)) for one in rule.get(word, ())]
        if found and not several(not one for one in found):
            yield from next(one for one in found if one)
    if "not" in rule and not list(problems(schema, rule["not"], value, path)):
        yield f"{path}: may not be {value}"
    yield from sizes(rule, value, path)
    yield from parts(schema, rule, value, path)


def sizes(rule: dict[str, Any], value: Any, path: str) -> Iterator[str]:
    for word, kind in (("Length", str), ("Items", list), ("Properties", dict)):
        if isinstance(value, kind) and not (
            rule.get(f"min{word}", 0) <= len(value) <= rule.get(f"max{word}", sys.maxsize)
        ):
            yield f"{path}: wrong size"
    if isinstance(value, (int, float)) and not (rule.get("minimum", value) <= value <= rule.get("maximum", value)):
        yield f"{path}: {value} is too small or too large"
    if "pattern" in rule and isinstance(value, str) and not re.search(rule["pattern"], value):
        yield f"{path}: {value} is not {rule['pattern']}"


def parts(schema: Any, rule: dict[str, Any], value: Any, path: str) -> Iterator[str]:
    if isinstance(value, list) and "items" in rule:
        for number, one in enumerate(value):
            yield from problems(schema, rule["items"], one, f"{path}/{number}")
    if not isinstance(value, dict):
        return
    yield from (f"{path}: {name} is required" for name in rule.get("required", ()) if name not in value)
    known, more = rule.get("properties", {}), rule.get("additionalProperties", True)
    for name, one in value.items():
        if name in known:
            yield from problems(schema, known[name], one, f"{path}/{name}")
        elif more is False:
            yield f"{path}: Additional property {name} is not allowed"
        elif isinstance(more, dict):
            yield from problems(schema, more, one, f"{path}/{name}")


def translate(arguments: argparse.Namespace) -> dict[str, Any]:
    """All configurations as one; the end of the program where one is wrong."""
    schema = json.loads((HOME / "bin/schema.json").read_text())
    files = [Path(arguments.input), *sorted(Path(arguments.input_dir).glob("*"))]
    found = [path for path in files if path.is_file() and path.suffix != ".tmp"]
    whole: dict[str, Any] = {}
    for path in found:
        try:
            given = json.loads(path.read_text())
        except ValueError as error:
            sys.exit(f"E! {path}: {error}")
        wrong = list(problems(schema, schema, given))
        if wrong or not isinstance(given, dict):
            print("\n".join(wrong), "\nE! Invalid Json input schema.", file=sys.stderr)
            sys.exit(1)
        whole.update(given)
    if not found:
        sys.exit(99)
    Path(arguments.output).write_text(f"# {json.dumps(whole)}\n")
    return whole


def written(path: str) -> float | None:
    """When; None of a link that leads nowhere, as after its container has gone."""
    try:
        return os.stat(path).st_mtime
    except FileNotFoundError:
        return None


def last_lines(path: str) -> list[str] | None:
    try:
        return Path(path).read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return None


def follow(whole: dict[str, Any]) -> None:
    """One line for each stream, with the newest file that it has found and its last line."""
    entries = whole["logs"]["logs_collected"]["files"]["collect_list"]
    while True:
        seen = {}
        for entry in entries:
            files = {path: written(path) for path in glob.glob(entry["file_path"])}
            newest = max(files, key=lambda path: files[path] or 0, default=None)
            lines = last_lines(newest) if newest and files[newest] else None
            if lines is not None:
                stream = entry["log_stream_name"].replace("{instance_id}", "i-0")
                seen[stream] = {"group": entry["log_group_name"], "last": lines[-1] if lines else ""}
        (HOME / "var/seen.json.new").write_text(json.dumps(seen))
        os.replace(HOME / "var/seen.json.new", HOME / "var/seen.json")
        time.sleep(1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--input", default=str(HOME / "etc/amazon-cloudwatch-agent.json"))
    parser.add_argument("--input-dir", default=str(HOME / "etc/amazon-cloudwatch-agent.d"))
    parser.add_argument("--output", default=str(HOME / "etc/amazon-cloudwatch-agent.toml"))
    for name in ("--mode", "--config", "--multi-config"):
        parser.add_argument(name)
    whole = translate(parser.parse_args())
    if Path(sys.argv[0]).name == "start-amazon-cloudwatch-agent":
        follow(whole)


main()
