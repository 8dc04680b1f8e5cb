"""What a run waited for: a summary at its end, and folds in a log of GitHub Actions."""

from __future__ import annotations

DOCUMENTATION = r"""
name: timeline
type: aggregate
short_description: What a run waited for, and what it costs
version_added: 0.1.0
author: Stairway contributors (@stairway)
description:
  - After the recap, shows how long each play took, its longest tasks, and of tasks that tell of their parts, such as
    M(stairway.cloud.blueprint) and M(stairway.cloud.release), which part waited for which; and what a month costs.
  - In GitHub Actions (E(GITHUB_ACTIONS)) each play is a fold of the log, a failure is an annotation, and the summary
    goes to the page of the run (E(GITHUB_STEP_SUMMARY)) too.
  - Stands beside the output of any other callback.
requirements:
  - To be named in C(callbacks_enabled) of C(ansible.cfg).
options:
  least_seconds:
    description: A run that was shorter than this has no summary.
    type: float
    default: 5
    env:
      - name: STAIRWAY_TIMELINE_LEAST_SECONDS
    ini:
      - section: callback_timeline
        key: least_seconds
"""

EXAMPLES = r"""
ansible.cfg: |
  [defaults]
  callbacks_enabled = stairway.cloud.timeline
"""

import os
import time
from pathlib import Path
from typing import Any

from ansible import context
from ansible.plugins.callback import CallbackBase

from ansible_collections.stairway.cloud.plugins.plugin_utils._timeline import (
    Cost,
    PlayTime,
    TaskTime,
    month_of,
    parts_of,
    summary,
)

TITLE = "TIMELINE"


class CallbackModule(CallbackBase):
    """``stairway.cloud.timeline``."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "stairway.cloud.timeline"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self.plays: list[PlayTime] = []
        self.tasks: dict[str, TaskTime] = {}
        self.cost = Cost()
        self.in_actions = os.environ.get("GITHUB_ACTIONS") == "true"
        self.folded = False

    # -- the course of a run -------------------------------------------------------------------------------------

    def v2_playbook_on_play_start(self, play: Any) -> None:
        name = play.get_name().strip() or "a play without a name"
        now = time.monotonic()
        if self.plays:
            self.plays[-1].ended = now
        self.plays.append(PlayTime(name, now, now))
        self._unfold()
        if self.in_actions:
            self._display.display(f"::group::{name}")
            self.folded = True

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._begin(task)

    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        self._begin(task)

    def v2_playbook_on_cleanup_task_start(self, task: Any) -> None:
        self._begin(task)

    def v2_runner_on_ok(self, result: Any) -> None:
        self._end(result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._end(result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._end(result, failed=True)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._end(result, failed=not ignore_errors)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        self._unfold()
        now = time.monotonic()
        if not self.plays or now - self.plays[0].began < float(self.get_option("least_seconds")):
            return
        self.plays[-1].ended = now
        lines = summary(self.plays, self.cost, check_mode=bool(context.CLIARGS.get("check")))
        if lines:
            self._display.banner(TITLE)
            self._display.display("\n".join(lines))
            self._to_page(lines)

    # -- what is kept --------------------------------------------------------------------------------------------

    def _begin(self, task: Any) -> None:
        if not self.plays or task._uuid in self.tasks:
            return  # a task that several hosts reach at different times began with the first
        now = time.monotonic()
        timed = self.tasks[task._uuid] = TaskTime(task.get_name().strip(), now, now)
        self.plays[-1].tasks.append(timed)

    def _end(self, result: Any, *, failed: bool = False) -> None:
        task = self.tasks.get(result.task._uuid)
        if task is None:
            return
        task.ended = time.monotonic()
        host, told = result.host.get_name(), result.result
        if not told.get("skipped"):
            task.hosts[host] = task.ended
        task.parts = parts_of(told) or task.parts
        month = month_of(told)
        if month is not None:
            self.cost.add(month)
        if failed:
            task.failed = True
            self._annotate(task.name, host, str(told.get("msg", "")))

    # -- GitHub Actions ------------------------------------------------------------------------------------------
    # https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands

    def _unfold(self) -> None:
        if self.folded:
            self._display.display("::endgroup::")
            self.folded = False

    def _annotate(self, task: str, host: str, message: str) -> None:
        if self.in_actions:
            text = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
            title = task.replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
            self._display.display(f"::error title={title} ({host})::{text}")

    def _to_page(self, lines: list[str]) -> None:
        page = os.environ.get("GITHUB_STEP_SUMMARY", "")
        if self.in_actions and page:
            with Path(page).open("a", encoding="utf-8") as file:
                file.write("\n".join(["```text", *lines, "```", ""]))
