"""First boot: the app's own user, in the app's own database. FerretDB 1.24 has users and passwords, but no roles."""

from __future__ import annotations

import os

import pymongo
from pymongo.errors import OperationFailure

ALREADY_EXISTS = 51003

client: pymongo.MongoClient[dict[str, object]] = pymongo.MongoClient(
    "127.0.0.1",
    username=os.environ["MONGO_INITDB_ROOT_USERNAME"],
    password=os.environ["MONGO_INITDB_ROOT_PASSWORD"],
    authSource="admin",
    serverSelectionTimeoutMS=30_000,
)
client.admin.command("ping")
user, password = os.environ.get("STAIRWAY_USER"), os.environ.get("STAIRWAY_PASSWORD")
if user and password:
    database = client[os.environ.get("STAIRWAY_DATABASE") or os.environ.get("MONGO_INITDB_DATABASE") or "test"]
    try:
        database.command("createUser", user, pwd=password, roles=[])
    except OperationFailure as failure:
        if failure.code != ALREADY_EXISTS:
            raise
