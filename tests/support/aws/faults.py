"""An account in which things go wrong: it throttles, fails, forgets, is slow, and kills whoever asks.

Throttling and server errors are given below botocore, so that its own retries are at work; the rest is done to the
answers of the emulator, as moto's and MiniStack's states are instant and their memory is perfect.
"""

from __future__ import annotations

import io
import os
import random
import re
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import botocore.session
from botocore.awsrequest import AWSResponse

from ansible_collections.stairway.cloud.plugins.module_utils._aws.account import Account
from ansible_collections.stairway.cloud.plugins.module_utils._aws.errors import AwsError
from tests.support.aws.emulators import REGION, EmulatedAccount, Emulator

MAKING = re.compile(r"^(create|run|allocate|register|request|put|import|copy)_")
ASKING = re.compile(r"^(describe|get|list|batch_get)_")
AN_ID = re.compile(r"^((?!ami-)[a-z]+-[0-9a-f]{8,}|arn:aws[\w-]*:.+)$")


@dataclass(frozen=True)
class Delay:
    """How an answer shows that something is still being made."""

    items: str  # the list, as a path
    id: str
    state: tuple[str, ...]  # the path to the state in an item
    pending: str
    seconds: float


class FaultyAccount(EmulatedAccount):
    """An account of an emulator with faults; each off until it is asked for.

    ``forgetful`` seconds long, what was just made is not found. ``expires_after`` calls the credentials are too old.
    ``die_after`` calls that change something the process kills itself, with SIGKILL, when the emulator has done the
    call and before anybody hears of it: a call that only asks leaves the account as the one before it did. ``delays``
    by operation.
    """

    def __init__(
        self,
        emulator: Emulator,
        region: str = REGION,
        *,
        throttle: float = 0.0,
        broken: float = 0.0,
        forgetful: float = 0.0,
        expires_after: int | None = None,
        die_after: int | None = None,
        delays: Mapping[str, Delay] | None = None,
        latency: float = 0.0,
        seed: int = 0,
    ) -> None:
        session = botocore.session.Session()
        session.set_credentials("AKIAREHEARSAL", "no-secret")
        super().__init__(region, endpoint_url=emulator.url, session=session)
        self.emulator = emulator.name
        self.requests = 0
        self.writes = 0
        self.faults = 0
        self._guard = threading.Lock()
        self._random = random.Random(seed)
        self._throttle, self._broken, self._forgetful = throttle, broken, forgetful
        self._expires_after, self.die_after = expires_after, die_after
        self._delays, self._latency = dict(delays or {}), latency
        self._born: dict[str, float] = {}
        if throttle or broken:
            session.register("before-send.*.*", self._before_send)

    def prepare(self, like: Account) -> None:
        """Make the clients that ``like`` has made, which takes longer than all their calls."""
        for key in like._clients:
            self.client(*key)

    def _before_send(self, request: Any, **_kwargs: Any) -> AWSResponse | None:
        with self._guard:
            roll = self._random.random()
        if roll >= self._throttle + self._broken:
            return None
        with self._guard:
            self.faults += 1
        code, status = ("Throttling", 400) if roll < self._throttle else ("InternalError", 500)
        return _answer(request, code, status)

    def _once(self, service: str, operation: str, region: str | None, parameters: Mapping[str, Any]) -> dict[str, Any]:
        with self._guard:
            self.requests += 1
            number = self.requests
        if self._expires_after is not None and number > self._expires_after:
            raise AwsError(
                f"{service}:{operation}", "ExpiredToken", "The security token has expired", region=self.region
            )
        if self._latency:
            time.sleep(self._latency)
        if self._forgetful:
            self._forget(service, operation, parameters)
        answer = super()._once(service, operation, region, parameters)
        if not ASKING.match(operation):
            with self._guard:
                self.writes += 1
                last = self.writes == self.die_after
            if last:
                os.kill(os.getpid(), signal.SIGKILL)
        if MAKING.match(operation):
            self._note(answer)
        if operation in self._delays:
            self._delayed(self._delays[operation], answer)
        if self._forgetful and ASKING.match(operation):
            answer = _without(answer, self._young(self._forgetful))
        return answer

    def _note(self, answer: Mapping[str, Any]) -> None:
        with self._guard:
            for text in _texts(answer):
                if AN_ID.match(text):
                    self._born.setdefault(text, time.monotonic())

    def _young(self, seconds: float) -> set[str]:
        now = time.monotonic()
        with self._guard:
            return {one for one, born in self._born.items() if now - born < seconds}

    def _forget(self, service: str, operation: str, parameters: Mapping[str, Any]) -> None:
        known = self._young(self._forgetful) & set(_texts(parameters))
        if known and not operation.startswith(("describe_tags",)):
            raise AwsError(
                f"{service}:{operation}", "Invalid.NotFound", f"{sorted(known)[0]} does not exist", region=self.region
            )

    def _delayed(self, delay: Delay, answer: dict[str, Any]) -> None:
        items: Any = answer
        for part in delay.items.split("."):
            items = _every(items, part)
        for item in items or ():
            key = str(item.get(delay.id))
            with self._guard:
                born = self._born.setdefault(key, time.monotonic())
            if time.monotonic() - born < delay.seconds:
                place = item
                for part in delay.state[:-1]:
                    place = place[part]
                place[delay.state[-1]] = delay.pending


def _every(value: Any, part: str) -> Any:
    if isinstance(value, list):
        return [one for item in value for one in item.get(part) or ()]
    return (value or {}).get(part)


def _answer(request: Any, code: str, status: int) -> AWSResponse:
    """An error in the shape that the request's protocol has for one."""
    kind = str(request.headers.get("Content-Type", b""))
    if "json" in kind:
        body, headers = f'{{"__type": "{code}", "message": "injected"}}', {"Content-Type": "application/x-amz-json-1.1"}
    else:
        body = (
            f"<ErrorResponse><Errors><Error><Code>{code}</Code><Message>injected</Message></Error></Errors>"
            f"<Error><Code>{code}</Code><Message>injected</Message></Error><RequestId>0</RequestId></ErrorResponse>"
        )
        headers = {"Content-Type": "text/xml"}
    return AWSResponse(request.url, status, headers, _Raw(body.encode()))


class _Raw(io.BytesIO):
    def stream(self, *_args: Any, **_kwargs: Any) -> Any:
        yield self.read()


def _texts(value: Any) -> Any:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _texts(one)


def _without(value: Any, hidden: set[str]) -> Any:
    """The answer without items of lists that are one of the hidden themselves: whose own id or ARN it is."""
    if isinstance(value, list):
        return [_without(one, hidden) for one in value if not _is(one, hidden)]
    if isinstance(value, dict):
        return {key: _without(one, hidden) for key, one in value.items()}
    return value


def _is(item: Any, hidden: set[str]) -> bool:
    own: Callable[[str], bool] = lambda key: key.endswith(("Id", "Arn", "ARN", "arn", "id"))  # noqa: E731
    if not isinstance(item, dict):
        return False
    first = [value for key, value in item.items() if own(key) and isinstance(value, str)]
    return bool(first) and first[0] in hidden
