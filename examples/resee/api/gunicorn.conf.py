"""Gunicorn reads this by itself. The command line may override it."""

from __future__ import annotations

import os

from resee.logs import logging_config

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
# Longer than any proxy in front keeps an idle connection: we must not close one that is about to be used.
keepalive = 65
# After SIGTERM, requests that run may finish: less than the time the platform gives before SIGKILL.
graceful_timeout = int(os.environ.get("STOP_SECONDS", "25"))
timeout = 60
# The heartbeat files of the workers must not be on a disk that may be slow.
worker_tmp_dir = "/dev/shm"  # noqa: S108 (Gunicorn makes a file with a random name there)
logconfig_dict = logging_config(os.environ.get("LOG_LEVEL", "info").upper(), os.environ.get("APP_VERSION", "1"))
# It is made in the home of the user, who has none here.
control_socket_disable = True
