"""The same settings, with SQLite and a cache in memory unless DATABASE_URL or REDIS_URL say otherwise."""

from __future__ import annotations

import os

os.environ.setdefault("DATABASE_URL", "sqlite:///:memory:")
os.environ.setdefault("DJANGO_SECRET_KEY", "a-key-that-protects-nothing-but-tests")
os.environ.setdefault("DJANGO_ALLOWED_HOSTS", "testserver")
os.environ["APP_VERSION"] = "2"
_HAS_REDIS = "REDIS_URL" in os.environ
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")

from .settings import *

if not _HAS_REDIS:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
