"""An app with one of everything, whose passwords are as nasty as they get."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.stairway.cloud.plugins.module_utils._app.model import App
from ansible_collections.stairway.cloud.plugins.module_utils._app.parse import parse

NASTY = "q'\"$\\üñ@:/?# %&{{x}}`!"


@pytest.fixture
def data() -> dict[str, Any]:
    return {
        "name": "resee",
        "domains": ["resee.example.com", "www.resee.example.com"],
        "services": {
            "api": {
                "image": "ghcr.io/acme/api",
                "port": 8000,
                "paths": ["/api", "/admin"],
                "replicas": 2,
                "volumes": [{"name": "static", "path": "/app/static"}],
                "env": {"MODE": "api", "BROKER": "${cache.base_url}/1", "PRICE": "$5 $${db.url}"},
                "build": "../api",
            },
            "web": {"image": "ghcr.io/acme/web", "port": 80},
            "worker": {"image": "ghcr.io/acme/api", "command": ["run", "$HOME"]},
            "beat": {"image": "ghcr.io/acme/api", "singleton": True},
        },
        "tasks": [{"name": "migrate", "service": "api", "command": ["migrate"]}],
        "env": {"MODE": "production", "JWT_SECRET": NASTY, "COUNT": 3},
        "stores": {
            "db": {
                "engine": "postgresql",
                "version": "16",
                "database": "resee",
                "user": "app",
                "password": NASTY,
                "env": {"DATABASE_URL": "url", "DB_HOST": "host", "JDBC": "jdbc", "DB_PASSWORD": "password"},
            },
            "cache": {"engine": "redis", "version": "7", "password": NASTY, "env": {"REDIS_URL": "url"}},
        },
        "edge": {
            "server": "nginx",
            "rate_limit": {"requests": 100},
            "static": [{"path": "/static/", "volume": "static"}],
        },
        "release": {"proof": {"path": "/api/health"}},
        "alerts": {"slack_webhook": "https://hooks.example.com/NASTY"},
    }


@pytest.fixture
def app(data: dict[str, Any]) -> App:
    return parse(data)
