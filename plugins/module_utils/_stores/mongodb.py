"""MongoDB in a container: how many documents there are. Pure."""

from __future__ import annotations

_SCRIPT = (
    'const p = encodeURIComponent(require("fs").readFileSync("/stairway/password", "utf8")); '
    'const d = connect("mongodb://{user}:" + p + "@127.0.0.1/{database}"); '
    "print(d.getCollectionNames().reduce((n, c) => n + d.getCollection(c).countDocuments({{}}), 0))"
)
LOCAL = f"mongosh --quiet --nodb --eval '{_SCRIPT}'"
